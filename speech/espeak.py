"""The program espeak-ng: what it is given, and the engine that runs it once a text."""

from __future__ import annotations

import asyncio
import contextlib

import numpy as np

from speech.pinyin import to_pinyin
from speech.reading import ReadingError, read_aloud
from speech.telephone import Samples, SoundError, Speech, for_line
from speech.voice import SynthesisError, VoiceSettings, check_voice, espeak_program

ESPEAK_RATE_HZ = 22050
ESPEAK_AMPLITUDE = 80
"""espeak-ng's default of 100 reaches full scale, and resampling would clip it."""
_WAV_HEADER_BYTES = 44
_ATTEMPTS = 3


def phonetics(text: str, voice: VoiceSettings) -> str:
    """Return what espeak-ng is to be given for a text: pinyin for Mandarin, plain words for English.

    Raises:
        SynthesisError: nothing in the text can be said, or the language is unknown.
    """
    try:
        reading = read_aloud(text, voice.language)
    except ReadingError as error:
        raise SynthesisError(str(error)) from error
    spoken = to_pinyin(reading) if voice.is_mandarin else reading
    if not any(character.isalnum() for character in spoken):
        raise SynthesisError(f"there is nothing to say in {text!r}: give the prompt some words")
    return spoken


class EspeakEngine:
    """Speaks through the program espeak-ng, one process a text.

    Args:
        voice: which voice.
        workers: how many texts at a time.
        timeout_s: longest time for one text, seconds.

    Raises:
        SynthesisError: espeak-ng is missing, or the voice is unknown.
    """

    def __init__(self, voice: VoiceSettings, workers: int = 2, *, timeout_s: float = 20.0) -> None:
        check_voice(voice)
        self.voice = voice
        self._timeout_s = timeout_s
        self._turn = asyncio.Semaphore(workers)

    async def speak(self, text: str) -> Speech:
        """See `speech.synthesis.Engine.speak`."""
        spoken = phonetics(text, self.voice)
        reason = ""
        for _ in range(_ATTEMPTS):
            try:
                async with self._turn:
                    samples = await espeak(spoken, self.voice, timeout_s=self._timeout_s)
                return for_line(samples, ESPEAK_RATE_HZ, self.voice.volume)
            except (SynthesisError, SoundError) as error:
                reason = str(error)
        raise SynthesisError(f"espeak-ng failed {_ATTEMPTS} times, at last because: {reason}")

    async def close(self) -> None:
        """Nothing is left running between texts."""


async def espeak(spoken: str, voice: VoiceSettings, *, timeout_s: float) -> Samples:
    """Run espeak-ng once over phonetics and return its sound at `ESPEAK_RATE_HZ`.

    Raises:
        SynthesisError: it is missing, failed, or did not end in time.
    """
    process = await asyncio.create_subprocess_exec(
        espeak_program(),
        "-v", voice.espeak_voice, "-s", str(voice.rate_wpm), "-p", str(voice.pitch), "-a", str(ESPEAK_AMPLITUDE),
        "-b", "1", "--stdin", "--stdout",
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        async with asyncio.timeout(timeout_s):
            sound, complaint = await process.communicate(spoken.encode())
    except TimeoutError:
        raise SynthesisError(f"espeak-ng did not end within {timeout_s:g} s") from None
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    if process.returncode != 0:
        raise SynthesisError(f"espeak-ng ended with {process.returncode}: {complaint.decode(errors='replace').strip()}")
    # the sizes in the header are invented, since a pipe cannot be rewound
    pcm = sound[_WAV_HEADER_BYTES:]
    return np.frombuffer(pcm[: len(pcm) // 2 * 2], "<i2").astype(np.float32) / np.float32(32768)
