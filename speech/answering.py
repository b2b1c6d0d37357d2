"""Who or what is at the other end: told from tones, music, talk and words while a call rings and after its answer.

`Answering` is fed all frames and what an ear made of them, and says what it takes the far end for, as soon as that can
be told. Only words, tones and a recorder's beep make a machine (`Verdict.certain`); a person is what remains, and stays
possible: whoever cannot be told is spoken with.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from speech.activity import FRAME_BYTES, FRAME_S
from speech.announcements import AnnouncementKind, classify, greeting
from speech.heard import Heard, Partial, SpeechStarted, SpeechStopped, Utterance
from speech.music import Music
from speech.tones import Tone, ToneKind, Tones


class Answerer(StrEnum):
    """Who or what is on the line."""

    UNKNOWN = "unknown"
    SILENCE = "silence"
    RINGING = "ringing"
    """The ringing tone, before the answer or, where a company's telephone system answers first, behind it."""
    MUSIC = "music"
    TALK = "talk"
    """Talk that does not pause: a machine's, as it seems, until it says so or pauses."""
    PERSON = "person"
    BUSY = "busy"
    CONGESTION = "congestion"
    UNOBTAINABLE = "unobtainable"
    SPECIAL = "special"
    """The special information tone and no known announcement behind it yet."""
    ANNOUNCEMENT = "announcement"
    ASSISTANT = "assistant"
    MENU = "menu"
    VOICEMAIL = "voicemail"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the far end is taken for. Seconds are since the first frame."""

    kind: Answerer
    confidence: float
    """0 to 1, by the kind of evidence; no measured probability."""
    at_s: float
    evidence: str
    announcement: AnnouncementKind | None = None
    """Set when words told it."""

    @property
    def certain(self) -> bool:
        """Whether it is a machine, for certain enough to end the call or to tell an assistant who calls."""
        return _RANK.get(self.kind, 0) > 1


_RANK = {
    Answerer.SPECIAL: 1,
    Answerer.CONGESTION: 2,
    Answerer.BUSY: 2,
    Answerer.UNOBTAINABLE: 2,
    Answerer.VOICEMAIL: 3,
    Answerer.ANNOUNCEMENT: 3,
    Answerer.MENU: 3,
    Answerer.ASSISTANT: 3,
}
"""Machines; none is replaced by a lower one. The special tone alone ends no call: words follow it."""
_WORDS = re.compile(r"[\u3400-\u9fff]|[a-z0-9']+")

_TONED = 0.35
"""Share of tones in what the ear takes for talk, from which on it is none."""
_WORDS_COUNT = frozenset({Answerer.UNKNOWN, Answerer.RINGING, Answerer.ANNOUNCEMENT, Answerer.VOICEMAIL})
"""Before the answer only a network speaks; but from music and cadences the recogniser makes words, too."""
_NETWORK_WORDS = 5
"""Before music is known for what it is the recogniser has made a word or two of it, such as "busy": an announcement
says more."""
_RING_FRAMES = 10
"""A tone of the ringing frequency as long as this behind the answer is taken for ringing before its pause has come."""
_OPEN = frozenset({Answerer.UNKNOWN, Answerer.SILENCE, Answerer.RINGING, Answerer.TALK})
"""What talk without a pause may still turn into a machine."""

_OF_TONE = {
    ToneKind.RINGING: Answerer.RINGING,
    ToneKind.BUSY: Answerer.BUSY,
    ToneKind.CONGESTION: Answerer.CONGESTION,
    ToneKind.UNOBTAINABLE: Answerer.UNOBTAINABLE,
    ToneKind.SPECIAL: Answerer.SPECIAL,
}
_OF_WORDS = {
    AnnouncementKind.ASSISTANT: Answerer.ASSISTANT,
    AnnouncementKind.MENU: Answerer.MENU,
    AnnouncementKind.VOICEMAIL: Answerer.VOICEMAIL,
}


@dataclass(frozen=True, slots=True)
class AnsweringSettings:
    """When talk is a person's. All spans in seconds."""

    silence_s: float = 1.2
    """Nobody has said a word this long after the answer."""
    pause_s: float = 0.55
    """Talk pauses when it is silent for this long."""
    short_s: float = 2.2
    """Talk that is over within this time is how a person answers."""
    unbroken_s: float = 2.5
    """After the answer; talk that has gone on for `talk_s` by then is a machine's, as it seems."""
    talk_s: float = 1.4
    wordless_s: float = 0.9
    """Words that came to an end this long ago have ended, also where noise sounds on like a voice."""
    long_s: float = 10.0
    """Talk without a pause as long as this is a recorded greeting, if words are recognised in it."""
    long_words: int = 8
    """So many words or syllables."""
    beep_after_s: float = 2.5
    """Talk as long as this, and a beep behind it, are a recorder."""
    beep_within_s: float = 2.5
    """From the end of that talk."""


class Answering:
    """Follows one call from its first frame on."""

    def __init__(self, language: str, settings: AnsweringSettings | None = None) -> None:
        """``language`` is a BCP 47 tag; its first part chooses the announcements that are known."""
        self._language = language
        self._settings = settings or AnsweringSettings()
        self._tones = Tones()
        self._music = Music()
        self._rest = b""
        self._frames = 0
        self._answered_s: float | None = None
        self._talk_since_s: float | None = None
        self._talk_until_s = 0.0
        self._talking = False
        self._told = False
        self._greeted = False
        self._length = 0
        self._words_at_s = 0.0
        self._loud_frames = 0
        self._tone_frames = 0
        self._ring_frames = 0
        self._before = ""
        self.verdict = Verdict(Answerer.UNKNOWN, 0.0, 0.0, "")
        """What the far end is taken for now."""

    @property
    def clock_s(self) -> float:
        """Seconds of audio so far."""
        return self._frames * FRAME_S

    def answer(self, at_s: float) -> None:
        """The call was answered: what was heard before says nothing of who did."""
        self._answered_s = at_s
        self._talk_since_s = at_s if self._talking else None
        self._told = False
        self._before = ""
        self.verdict = Verdict(Answerer.UNKNOWN, 0.0, at_s, "answered")

    def feed(self, pcm: bytes) -> Verdict | None:
        """Hear more 16-bit mono audio at 8 kHz, in pieces of any length; the verdict, if that changed it."""
        before = self.verdict
        audio = self._rest + pcm
        whole = len(audio) - len(audio) % FRAME_BYTES
        self._rest = audio[whole:]
        for start in range(0, whole, FRAME_BYTES):
            self._frame(audio[start : start + FRAME_BYTES])
        return self.verdict if self.verdict is not before else None

    def heard(self, event: Heard) -> Verdict | None:
        """Take in what the ear made of the frames fed so far; the verdict, if that changed it."""
        before = self.verdict
        match event:
            case SpeechStarted(at_s):
                if self._talk_since_s is None or at_s - self._talk_until_s > self._settings.pause_s:
                    self._talk_since_s, self._told, self._length = at_s, False, 0
                    self._loud_frames = self._tone_frames = 0
                self._talking = True
            case SpeechStopped(at_s):
                self._talking, self._talk_until_s = False, at_s
            case Partial(text):
                self._words(text)
            case Utterance(text):
                self._words(text, whole=True)
                self._before = f"{self._before} {text}"[-200:]
        return self.verdict if self.verdict is not before else None

    @property
    def _toned(self) -> bool:
        """Whether what seems to be talk is tones."""
        return self._tone_frames >= _TONED * max(1, self._loud_frames)

    def _frame(self, frame: bytes) -> None:
        self._frames += 1
        tone = self._tones.feed(frame)
        music = self._music.feed(self._tones.power, loud=self._tones.loud)
        self._loud_frames += self._tones.loud
        self._tone_frames += self._tones.loud and self._tones.rings
        if tone is not None:
            self._tone(tone)
        if music and self.verdict.kind is not Answerer.PERSON:
            self._take(Answerer.MUSIC, 0.7, "notes that keep their pitch")
        if self._answered_s is not None:
            self._talk(self._answered_s)

    def _tone(self, tone: Tone) -> None:
        kind = _OF_TONE.get(tone.kind)
        if kind is not None:
            self._take(kind, 0.95, tone.evidence)
        elif self._answered_s is not None and self._talk_since_s is not None and not self._greeted:
            # A beep: of a recorder if a greeting came before it.
            talked_s = min(self._talk_until_s, tone.since_s) - self._talk_since_s
            gap_s = tone.since_s - self._talk_until_s
            if talked_s >= self._settings.beep_after_s and gap_s <= self._settings.beep_within_s:
                self._take(Answerer.VOICEMAIL, 0.9, f"a beep of {tone.evidence} after {talked_s:.1f} s of talk")

    def _talk(self, answered_s: float) -> None:
        """What the rhythm of talk alone says, after the answer."""
        settings, since_s = self._settings, self._talk_since_s
        if since_s is None:
            self._ring_frames = self._ring_frames + 1 if self._tones.rings else 0
            if self._ring_frames:
                if self._ring_frames >= _RING_FRAMES and self.verdict.kind is Answerer.UNKNOWN:
                    self._take(Answerer.RINGING, 0.5, "a tone of the ringing frequency")
            elif self.clock_s - answered_s >= settings.silence_s and self.verdict.kind is Answerer.UNKNOWN:
                self._take(Answerer.SILENCE, 0.6, f"{settings.silence_s:g} s without a voice")
        elif self._toned:
            return
        elif self._talking:
            open_s, talked_s = self.clock_s - answered_s, self.clock_s - since_s
            if self.verdict.kind not in _OPEN or since_s - answered_s > settings.unbroken_s:
                return
            if self._length and self.clock_s - self._words_at_s >= settings.wordless_s:
                self._told = True
                self._take(Answerer.PERSON, 0.7, f"{self._length} words, then none")
            elif talked_s >= settings.long_s and self._length >= settings.long_words:
                self._take(Answerer.VOICEMAIL, 0.7, f"{settings.long_s:g} s of talk without a pause")
            elif talked_s >= settings.talk_s and open_s >= settings.unbroken_s:
                self._take(Answerer.TALK, 0.5, "talk that does not pause")
        elif not self._told and self.clock_s - self._talk_until_s >= settings.pause_s:
            self._told = True
            talked_s = self._talk_until_s - since_s
            short = talked_s <= settings.short_s
            self._take(Answerer.PERSON, 0.9 if short else 0.6, f"{talked_s:.1f} s of talk, then silence")

    def _words(self, text: str, *, whole: bool = False) -> None:
        if not text.strip() or self._toned:
            return
        early = self._answered_s is None
        self._length = len(_WORDS.findall(text))
        self._words_at_s = self.clock_s
        spoken = early and self.verdict.kind in _WORDS_COUNT and self._length >= _NETWORK_WORDS
        network = self.verdict.kind is Answerer.SPECIAL or spoken
        match = classify(text, self._language, network=network, whole=whole)
        if match is None and self._before:
            match = classify(f"{self._before} {text}", self._language, whole=whole)
        if match is not None:
            kind = _OF_WORDS.get(match.kind, Answerer.ANNOUNCEMENT)
            self._take(kind, 0.9, match.words, match.kind)
        elif not early and self.verdict.kind in (Answerer.UNKNOWN, Answerer.TALK):
            words = greeting(text, self._language)
            if words is not None:
                self._told = self._greeted = True
                self._take(Answerer.PERSON, 0.8, words)

    def _take(
        self, kind: Answerer, confidence: float, evidence: str, announcement: AnnouncementKind | None = None
    ) -> None:
        now = self.verdict
        rank, known = _RANK.get(kind, 0), _RANK.get(now.kind, 0)
        if kind is now.kind and announcement is now.announcement:
            return
        # Words take back what words said: a partial result is revised by the next.
        if rank < known or (rank == known > 0 and announcement is None):
            return
        self.verdict = Verdict(kind, confidence, self.clock_s, evidence, announcement)
