"""An ear for one side of a call: audio in, events of `speech.heard` out.

Pure and synchronous, with no clock but the audio itself. Recognition runs only while somebody speaks, from a little
before the voice was noticed (the pre-roll, so that no beginning of a word is lost) until the silence that ends the
turn. The end of a turn is told by our own voice activity, not by Vosk's endpointer, which waits longer and cannot be
set; how much silence it takes depends on the words so far (`speech.finished`), if the ear knows their language.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field, replace

from speech.activity import FRAME_BYTES, FRAME_S, ActivitySettings, VoiceActivity, VoiceBegan, VoiceChange
from speech.finished import Finish, Silences, finish, pause_words
from speech.heard import Heard, Partial, SpeechStarted, SpeechStopped, Utterance, Word
from speech.recognition import Recogniser


@dataclass(frozen=True, slots=True)
class EarSettings:
    """When a turn begins and ends."""

    end_of_turn_s: float = 0.55
    """Silence after speech that ends a turn."""
    language: str = ""
    """BCP 47 tag. By its words a short answer ends a turn sooner and a sentence that is not over later; if it is empty,
    every turn ends after the same silence."""
    complete_s: float = 0.32
    """Silence after a short answer that is whole."""
    unfinished_s: float = 1.2
    """Silence after words that more must follow."""
    patience: float = 1.0
    """A factor on these silences; give the elderly more."""
    max_turn_s: float = 20.0
    """A turn that lasts longer is cut; what follows is the next one."""
    pre_roll_s: float = 0.3
    """Audio before the first voiced frame that the recogniser gets too."""
    activity: ActivitySettings = field(default_factory=ActivitySettings)


class Ear:
    """Listens to one side of one call, also while the robot speaks. Feed it from one thread at a time."""

    def __init__(self, recogniser: Recogniser, settings: EarSettings | None = None) -> None:
        self._settings = settings or EarSettings()
        self._recogniser = recogniser
        self._activity = VoiceActivity(self._settings.activity)
        kept_s = self._settings.pre_roll_s + self._settings.activity.window_s
        self._recent: deque[bytes] = deque(maxlen=max(1, round(kept_s / FRAME_S)))
        self._rest = b""
        self._turn_began_s: float | None = None
        self._audio_from_s = 0.0
        self._pending = bytearray()
        self._last_partial = ""
        its = self._settings
        self._silences = Silences(its.complete_s, its.end_of_turn_s, its.unfinished_s)
        if its.language:
            pause_words(its.language)

    @property
    def clock_s(self) -> float:
        """Seconds of audio heard so far."""
        return self._activity.clock_s

    def feed(self, pcm: bytes) -> list[Heard]:
        """Hear more 16-bit mono audio at 8 kHz, in pieces of any length; returns what that brought, in order."""
        events: list[Heard] = []
        audio = self._rest + pcm
        whole = len(audio) - len(audio) % FRAME_BYTES
        self._rest = audio[whole:]
        for start in range(0, whole, FRAME_BYTES):
            self._frame(audio[start : start + FRAME_BYTES], events)
        self._recognise(events)
        return events

    def flush(self) -> list[Heard]:
        """End the turn that is going on, if any: the call is over."""
        events: list[Heard] = []
        if self._activity.active:
            events.append(SpeechStopped(self._activity.last_voice_s))
        if self._turn_began_s is not None:
            self._recognise(events)
            self._end_turn(self._activity.last_voice_s, events)
        self._activity = VoiceActivity(self._settings.activity, from_frame=self._activity.frames)
        self._recent.clear()
        return events

    def _frame(self, frame: bytes, events: list[Heard]) -> None:
        change = self._activity.feed(frame)
        self._recent.append(frame)
        if self._turn_began_s is not None:
            self._pending += frame
        if change is not None:
            self._changed(change, events)
        if self._turn_began_s is None:
            return
        if self._is_over(events):
            self._recognise(events)
            self._end_turn(self._activity.last_voice_s, events)
        elif self.clock_s - self._turn_began_s >= self._settings.max_turn_s:
            self._recognise(events)
            self._end_turn(self.clock_s, events)
            if self._activity.active:
                self._begin_turn(self.clock_s, b"")

    def _is_over(self, events: list[Heard]) -> bool:
        if self._activity.active or self._activity.rising or self._silent_s < self._needed_s:
            return False
        self._recognise(events)  # what came last may be no longer what it seemed to be
        return self._silent_s >= self._needed_s

    @property
    def _silent_s(self) -> float:
        return self.clock_s - self._activity.last_voice_s

    @property
    def _needed_s(self) -> float:
        """Silence that ends the turn, by its words so far."""
        language = self._settings.language
        said = finish(self._last_partial, language) if language else Finish.OPEN
        return self._silences.after(said, patience=self._settings.patience, least_s=self._recogniser.behind_s)

    def _changed(self, change: VoiceChange, events: list[Heard]) -> None:
        if not isinstance(change, VoiceBegan):
            events.append(SpeechStopped(change.at_s))
            return
        events.append(SpeechStarted(change.at_s))
        if self._turn_began_s is None:
            since = max(0.0, change.at_s - self._settings.pre_roll_s)
            frames = min(len(self._recent), round((self.clock_s - since) / FRAME_S))
            self._begin_turn(change.at_s, b"".join(list(self._recent)[-frames:]))

    def _begin_turn(self, at_s: float, pre_roll: bytes) -> None:
        self._recogniser.start()
        self._turn_began_s = at_s
        self._audio_from_s = self.clock_s - len(pre_roll) / FRAME_BYTES * FRAME_S
        self._pending = bytearray(pre_roll)
        self._last_partial = ""

    def _recognise(self, events: list[Heard]) -> None:
        if self._turn_began_s is None or not self._pending:
            return
        self._recogniser.feed(bytes(self._pending))
        self._pending.clear()
        partial = self._recogniser.partial()
        if partial and partial != self._last_partial:
            self._last_partial = partial
            events.append(Partial(partial, self.clock_s))

    def _end_turn(self, end_s: float, events: list[Heard]) -> None:
        began_s = self._turn_began_s
        if began_s is None:
            return
        recognised = self._recogniser.finish()
        words = tuple(self._on_clock(word) for word in recognised.words)
        events.append(Utterance(recognised.text, began_s, max(began_s, end_s), words))
        self._turn_began_s = None
        self._recent.clear()

    def _on_clock(self, word: Word) -> Word:
        return replace(word, start_s=word.start_s + self._audio_from_s, end_s=word.end_s + self._audio_from_s)
