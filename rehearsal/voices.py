"""What the simulated people say, as sound: rendered once, kept by content, with the times that the measures need."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rehearsal.errors import RehearsalError
from rehearsal.hearing import AUDIBLE, FRAME_S, rms
from rehearsal.scenario import Line, Voice
from speech.synthesis import EspeakEngine
from speech.telephone import LINE_RATE_HZ, SoundError, Speech, line_seconds, read_wav, write_wav
from speech.voice import SynthesisError, VoiceSettings

BEEP_HZ = 1000
BEEP_S = 0.5
_BEEP_AFTER_S = 0.4
_FRAME_BYTES = round(FRAME_S * LINE_RATE_HZ) * 2


class VoiceError(RehearsalError):
    """A line cannot be spoken."""


@dataclass(frozen=True, slots=True)
class Sound:
    """A line as a WAV file for the wire. Seconds are from the file's first sample."""

    path: Path
    text: str
    first_s: float
    """Where the first audible frame begins."""
    last_s: float
    """Where the last audible frame ends."""
    critical_s: float | None = None
    """Where the critical word ends: the length of what follows it before the line's end.

    What stands before the word will not do: at the end of a phrase espeak-ng draws the word out by up to 0.2 s. So
    measured, the word's end is within 0.06 s of where Vosk's own alignment has it.
    """


class Voices:
    """Renders lines below a folder; files that are there already are used again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._rendered: dict[tuple[Line, Voice, str], Sound] = {}

    async def render(self, line: Line, voice: Voice, language: str) -> Sound:
        """The line in this voice; raises `VoiceError`."""
        key = (line, voice, language)
        if key not in self._rendered:
            self._rendered[key] = await self._render(line, voice, language)
        return self._rendered[key]

    async def _render(self, line: Line, voice: Voice, language: str) -> Sound:
        path = await self._file(line.say, voice, language, beep=line.beep)
        first_s, last_s = audible_span(_pcm(path))
        critical_s = None
        if line.critical is not None:
            critical_s = last_s - await self._length(line.after_critical, voice, language, beep=line.beep)
        return Sound(path, line.say, first_s, last_s, critical_s)

    async def _length(self, text: str, voice: Voice, language: str, *, beep: bool) -> float:
        """Audible seconds of a part of a line."""
        if not any(character.isalnum() for character in text):
            return (_BEEP_AFTER_S + BEEP_S) if beep else 0.0
        first_s, last_s = audible_span(_pcm(await self._file(text, voice, language, beep=beep)))
        return last_s - first_s

    async def _file(self, text: str, voice: Voice, language: str, *, beep: bool = False) -> Path:
        key = hashlib.sha256(repr((text, voice, language, beep)).encode()).hexdigest()[:24]
        path = self._folder / f"{key}.wav"
        if line_seconds(path) is not None:
            return path
        try:
            settings = VoiceSettings(
                language=language,
                engine="espeak-ng",
                variant=voice.variant,
                rate_wpm=voice.rate_wpm,
                pitch=voice.pitch,
            )
            speech = await EspeakEngine(settings).speak(text)
        except (SynthesisError, ValueError) as error:
            raise VoiceError(f"{text!r} cannot be said with the voice {voice.variant}: {error}") from None
        write_wav(path, Speech(speech.pcm + _beep()) if beep else speech)
        return path


def audible_span(pcm: bytes) -> tuple[float, float]:
    """Where the first audible frame begins and the last one ends, in seconds; (0, 0) of silence."""
    frames = [pcm[at : at + _FRAME_BYTES] for at in range(0, len(pcm), _FRAME_BYTES)]
    loud = [index for index, frame in enumerate(frames) if rms(frame) >= AUDIBLE]
    return (loud[0] * FRAME_S, (loud[-1] + 1) * FRAME_S) if loud else (0.0, 0.0)


def _pcm(path: Path) -> bytes:
    try:
        samples, _ = read_wav(path)
    except SoundError as error:
        raise VoiceError(f"{error}; remove it and try again") from None
    return (samples * 32768).round().astype("<i2").tobytes()


def _beep() -> bytes:
    """A recorder's tone, after a moment of silence."""
    times = np.arange(round(BEEP_S * LINE_RATE_HZ)) / LINE_RATE_HZ
    tone = (8000 * np.sin(2 * np.pi * BEEP_HZ * times)).astype("<i2")
    return bytes(round(_BEEP_AFTER_S * LINE_RATE_HZ) * 2) + tone.tobytes()
