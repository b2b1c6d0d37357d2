"""An ear for one side of a call: audio in, events of `speech.heard` out.

Pure and synchronous, with no clock but the audio itself. Recognition runs only while somebody speaks, from a little
before the voice was noticed (the pre-roll, so that no beginning of a word is lost) until the silence that ends the
turn. The end of a turn is told by our own voice activity, not by Vosk's endpointer, which waits longer and cannot be
set; how much silence it takes depends on the words so far (`speech.finished`), if the ear knows their language.

An ear that is told what the robot says also tells whether somebody breaks in (`speech.interrupting`), and does not hear
the robot's own echo (`speech.echo`).
"""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass, field, replace

from speech.activity import FRAME_BYTES, FRAME_S, ActivitySettings, VoiceActivity, VoiceBegan, VoiceChange
from speech.echo import LATE_S, Echo, Played
from speech.finished import Finish, Silences, finish, only_listens, pause_words
from speech.heard import BrokeIn, Heard, Partial, SpeechStarted, SpeechStopped, Utterance, Word
from speech.interrupting import Interrupting, InterruptingSettings
from speech.recognition import Recogniser

_WORD = re.compile(r"[\u3400-\u9fff]|[^\W\u3400-\u9fff]+")
"""A character of Mandarin, or a word."""

_TOGETHER_S = 0.24
"""Audio of a turn is recognised in such pieces, two chunks of the bundled models. Where a hundred calls take turns,
each finds the caches full of others: in pieces twice as long, the same audio takes three quarters of the time."""
_BESIDE_S = 0.12
"""While the robot speaks, in such: a chunk, before which the models tell nothing. Words may break in, too."""

_ECHO_FRAMES = 5
"""Frames for which a sound that was found to be an echo is not looked at again."""


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
    interrupting: InterruptingSettings = field(default_factory=InterruptingSettings)


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
        self._robot: Played | None = None
        self._listening_to: Played | None = None
        self._interrupting = Interrupting(self._settings.interrupting)
        self._echo: Echo | None = None
        self._robot_until_s = 0.0
        self._broke_in = False
        self._echo_until = 0
        its = self._settings
        self._silences = Silences(its.complete_s, its.end_of_turn_s, its.unfinished_s)
        if its.language:
            pause_words(its.language)

    @property
    def clock_s(self) -> float:
        """Seconds of audio heard so far."""
        return self._activity.clock_s

    def robot_says(self, played: Played | None) -> None:
        """The robot speaks from now on, or with ``None`` no more. May be called from any thread."""
        self._robot = played

    def somebody_else(self) -> None:
        """Whoever speaks from now on is not who spoke before. From the thread that feeds."""
        self._interrupting.loudness.forget()

    def silent(self, pcm: bytes) -> bool:
        """Whether nobody speaks and this is silence, too: it may be fed with what follows, which then is no work."""
        return self._nobody_speaks and self._activity.silent(pcm)

    def may_wait(self, pcm: bytes) -> bool:
        """Whether nothing comes of audio of a turn for now: while the robot is silent, a little that cannot end it."""
        if self._turn_began_s is None or self._robot is not None:
            return False
        waits_s = (len(self._rest) + len(pcm)) / FRAME_BYTES * FRAME_S
        if waits_s >= _TOGETHER_S:
            return False
        return self._activity.active or self._silent_s + waits_s < self._looked_at_s

    def feed(self, pcm: bytes) -> list[Heard]:
        """Hear more 16-bit mono audio at 8 kHz, in pieces of any length; returns what that brought, in order."""
        events: list[Heard] = []
        audio = self._rest + pcm
        whole = len(audio) - len(audio) % FRAME_BYTES
        self._rest = audio[whole:]
        first = self._still(audio[:whole]) if self._nobody_speaks else 0
        for start in range(first, whole, FRAME_BYTES):
            self._frame(audio[start : start + FRAME_BYTES], events)
        if self._pending_s >= (_TOGETHER_S if self._robot is None else _BESIDE_S):
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

    @property
    def _nobody_speaks(self) -> bool:
        return self._turn_began_s is None and not self._activity.active and not self._activity.voiced

    def _still(self, audio: bytes) -> int:
        """Hear silence; returns how many bytes of it were that."""
        frames = self._activity.still(audio)
        end = frames * FRAME_BYTES
        if frames:
            self._recent.extend(audio[at : at + FRAME_BYTES] for at in range(0, end, FRAME_BYTES))
            if self._robot is not None:
                self._heard_beside(self._robot)
                self._interrupting.still(frames, audio[end - FRAME_BYTES : end])
        return end

    def _frame(self, frame: bytes, events: list[Heard]) -> None:
        change = self._activity.feed(frame)
        self._recent.append(frame)
        if self._turn_began_s is not None:
            self._pending += frame
        robot = self._robot
        if isinstance(change, VoiceBegan) and self._is_echo():
            self._activity.dismiss()
            change = None
        if change is not None:
            self._changed(change, events)
        if robot is not None:
            self._beside(robot, frame, events)
        elif self._activity.active and self._activity.voiced:
            self._interrupting.loudness.hear(self._activity.rms)
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

    def _beside(self, robot: Played, frame: bytes, events: list[Heard]) -> None:
        """Whether somebody breaks in, by the sound alone."""
        self._heard_beside(robot)
        if self._broke_in:
            return
        activity = self._activity
        speaks_up = self._interrupting.feed(frame, voiced=activity.voiced, rms=activity.rms)
        if speaks_up and activity.active and not self._is_echo():
            self._break_in(events)

    def _heard_beside(self, robot: Played) -> None:
        """What was just heard was heard while the robot said this."""
        if robot is not self._listening_to:
            self._listening_to = robot
            self._echo = Echo(robot)
            self._broke_in = False
            self._interrupting.begin()
        self._robot_until_s = self.clock_s

    def _break_in(self, events: list[Heard]) -> None:
        self._broke_in = True
        events.append(BrokeIn(self.clock_s))

    def _is_echo(self) -> bool:
        """Whether what sounds is the robot's own voice, also what comes back when it has just fallen silent."""
        if self._echo is None or self.clock_s - self._robot_until_s > LATE_S:
            return False
        if self._activity.frames >= self._echo_until:
            if not self._echo.sounds(b"".join(self._recent), self.clock_s):
                return False
            self._echo_until = self._activity.frames + _ECHO_FRAMES
        return True

    def _words_break_in(self, text: str) -> bool:
        """Whether words do, that were not taken for speech by their sound: not those of somebody far away."""
        if self._robot is None or self._robot is not self._listening_to or self._broke_in:
            return False
        language = self._settings.language
        if language and only_listens(text, language):
            return False
        lasts_s = self.clock_s - self._turn_began_s if self._turn_began_s is not None else 0.0
        return self._interrupting.words(len(_WORD.findall(text)), lasts_s)

    def _is_over(self, events: list[Heard]) -> bool:
        if self._activity.active or self._activity.rising or self._silent_s < self._looked_at_s:
            return False
        self._recognise(events)
        return self._silent_s >= self._needed_s

    @property
    def _all_recognised(self) -> bool:
        """Whether the recogniser has heard so much silence that it needs no more to know what was said."""
        return not self._activity.voiced and self._silent_s - self._pending_s >= self._recogniser.behind_s

    @property
    def _pending_s(self) -> float:
        return len(self._pending) / FRAME_BYTES * FRAME_S

    @property
    def _silent_s(self) -> float:
        return self.clock_s - self._activity.last_voice_s

    @property
    def _looked_at_s(self) -> float:
        """Silence after which it must be known whether the turn is over: words that wait may make it a short answer."""
        if self._all_recognised or not self._settings.language:
            return self._needed_s
        return self._silence_after(Finish.COMPLETE)

    @property
    def _needed_s(self) -> float:
        """Silence that ends the turn, by its words so far."""
        language = self._settings.language
        return self._silence_after(finish(self._last_partial, language) if language else Finish.OPEN)

    def _silence_after(self, said: Finish) -> float:
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
        self._interrupting.turn()

    def _recognise(self, events: list[Heard]) -> None:
        if self._turn_began_s is None or not self._pending or self._all_recognised:
            return
        self._recogniser.feed(bytes(self._pending))
        self._pending.clear()
        partial = self._recogniser.partial()
        if partial and partial != self._last_partial:
            self._last_partial = partial
            if self._words_break_in(partial):
                self._break_in(events)
            events.append(Partial(partial, self.clock_s))

    def _end_turn(self, end_s: float, events: list[Heard]) -> None:
        began_s = self._turn_began_s
        if began_s is None:
            return
        recognised = self._recogniser.finish()
        self._interrupting.loudness.turn_over(words=bool(recognised.text))
        words = tuple(self._on_clock(word) for word in recognised.words)
        events.append(Utterance(recognised.text, began_s, max(began_s, end_s), words))
        self._turn_began_s = None
        self._recent.clear()

    def _on_clock(self, word: Word) -> Word:
        return replace(word, start_s=word.start_s + self._audio_from_s, end_s=word.end_s + self._audio_from_s)
