"""pyttsx3, guarded: every sound is checked before anyone may hear it, and a process that fails is replaced."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from speech.espeak import ESPEAK_AMPLITUDE, ESPEAK_RATE_HZ, espeak, phonetics
from speech.telephone import Samples, SoundError, Speech, for_line, read_wav
from speech.voice import SynthesisError, VoiceSettings, check_voice

_PIECE_CHARACTERS = 500
"""pyttsx3 is not reliable beyond."""
_ATTEMPTS = 4
_START_TIMEOUT_S = 30.0
_RATE_TOLERANCE = 0.04
"""Of 808 processes 16 spoke at pyttsx3's own 200 words a minute, whatever was asked; the sound ones were within 2 %
of espeak-ng, but for +f2 at 240 words a minute (2.7 %)."""
_PLAUSIBLE = (0.5, 2.0)
"""Real length to expected length. Over texts of 1 to 80 syllables at 120 to 220 words a minute it was 0.61 to 1.52."""
_MANDARIN_SAMPLE = "您好，这里是反诈中心，请不要转账。"
_ENGLISH_SAMPLE = "Hello, this is the anti-fraud centre. Please do not send money."


class Pyttsx3Engine:
    """Speaks through pyttsx3's espeak driver, in worker processes with one voice and one rate each.

    Every worker first speaks a sample, whose length must be what espeak-ng itself takes at the rate asked for.

    Args:
        voice: which voice.
        workers: how many processes, hence texts at a time. They start when first needed.
        timeout_s: longest time for one piece of text, seconds; then the worker is killed.

    Raises:
        SynthesisError: espeak-ng is missing, or the voice is unknown.
    """

    def __init__(self, voice: VoiceSettings, workers: int = 1, *, timeout_s: float = 10.0) -> None:
        check_voice(voice)
        self.voice = voice
        self._timeout_s = timeout_s
        self._folder = tempfile.TemporaryDirectory(prefix="dissuade-speech-")
        self._sample = phonetics(_MANDARIN_SAMPLE if voice.is_mandarin else _ENGLISH_SAMPLE, voice)
        self._sample_s: float | None = None
        self._idle: asyncio.Queue[_Worker] = asyncio.Queue()
        self._workers = [_Worker(Path(self._folder.name) / f"{number}.wav") for number in range(workers)]
        for worker in self._workers:
            self._idle.put_nowait(worker)

    async def speak(self, text: str) -> Speech:
        """See `speech.synthesis.Engine.speak`."""
        pieces = split(phonetics(text, self.voice), _PIECE_CHARACTERS)
        worker = await self._idle.get()
        try:
            samples = np.concatenate([await self._piece(worker, piece) for piece in pieces])
        finally:
            self._idle.put_nowait(worker)
        try:
            return for_line(samples, ESPEAK_RATE_HZ, self.voice.volume)
        except SoundError as error:
            raise SynthesisError(f"pyttsx3 gave no sound for {text!r}: {error}") from error

    async def close(self) -> None:
        """End the workers."""
        await asyncio.gather(*(worker.end() for worker in self._workers))
        self._folder.cleanup()

    async def _piece(self, worker: _Worker, spoken: str) -> Samples:
        reason = ""
        for attempt in range(_ATTEMPTS):
            try:
                await self._ready(worker)
                samples = await worker.save(spoken, self._timeout_s)
                self._check_length(spoken, len(samples) / ESPEAK_RATE_HZ)
            except SoundError as error:
                reason = str(error)
                if attempt:  # an empty file now and then is no reason to replace the process; twice is
                    await worker.end()
            except BaseException:
                await worker.end()
                raise
            else:
                return samples
        raise SynthesisError(
            f'pyttsx3 failed {_ATTEMPTS} times, at last because {reason}: set engine = "espeak-ng" for this voice'
        )

    async def _ready(self, worker: _Worker) -> None:
        if worker.running:
            return
        if self._sample_s is None:
            reference = await espeak(self._sample, self.voice, timeout_s=_START_TIMEOUT_S)
            self._sample_s = len(reference) / ESPEAK_RATE_HZ
        await worker.start(
            {
                "voice": self.voice.espeak_voice,
                "rate": self.voice.rate_wpm,
                "pitch": self.voice.pitch,
                "volume": ESPEAK_AMPLITUDE / 100,
            }
        )
        heard_s = len(await worker.save(self._sample, self._timeout_s)) / ESPEAK_RATE_HZ
        if abs(heard_s / self._sample_s - 1) > _RATE_TOLERANCE:
            await worker.end()
            raise SoundError(f"the rate was lost: {heard_s:.2f} s instead of {self._sample_s:.2f} s")

    def _check_length(self, spoken: str, seconds: float) -> None:
        assert self._sample_s is not None
        expected_s = _weight(spoken) / _weight(self._sample) * self._sample_s
        if not _PLAUSIBLE[0] <= seconds / expected_s <= _PLAUSIBLE[1]:
            raise SoundError(f"it took {seconds:.2f} s where about {expected_s:.2f} s were to be expected")


@dataclass(slots=True)
class _Worker:
    """One process, and the file it writes to."""

    path: Path
    _process: asyncio.subprocess.Process | None = field(default=None)

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.returncode is None

    async def start(self, settings: dict[str, object]) -> None:
        await self.end()
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "speech.pyttsx3_worker",
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        await self._ask(settings, _START_TIMEOUT_S)

    async def save(self, spoken: str, timeout_s: float) -> Samples:
        self.path.unlink(missing_ok=True)
        await self._ask({"text": spoken, "path": str(self.path)}, timeout_s)
        samples, rate = read_wav(self.path)
        if rate != ESPEAK_RATE_HZ:
            raise SoundError(f"it came at {rate} Hz instead of {ESPEAK_RATE_HZ} Hz")
        return samples

    async def end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
        await process.wait()

    async def _ask(self, request: dict[str, object], timeout_s: float) -> None:
        process = self._process
        assert process is not None
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            async with asyncio.timeout(timeout_s):
                process.stdin.write(json.dumps(request).encode() + b"\n")
                await process.stdin.drain()
                line = await process.stdout.readline()
        except TimeoutError:
            await self.end()
            raise SoundError(f"the process did not answer within {timeout_s:g} s") from None
        except ConnectionError:
            line = b""
        if not line:
            await self.end()
            raise SoundError("the process died")
        if error := json.loads(line).get("error"):
            await self.end()
            raise SoundError(str(error))


def split(spoken: str, longest: int) -> list[str]:
    """Cut phonetics into pieces of at most ``longest`` characters: after a sentence, else a clause, else a word."""
    pieces = []
    while len(spoken) > longest:
        window = spoken[:longest]
        cuts = [[m.end() for m in re.finditer(mark, window)] for mark in (r"[.?!] ", r", ", r" ")]
        cut = next((ends[-1] for ends in cuts if ends and ends[-1] > longest // 3), longest)
        pieces.append(spoken[:cut].strip())
        spoken = spoken[cut:]
    return [*pieces, spoken.strip()] if spoken.strip() else pieces


def _weight(spoken: str) -> float:
    """Length by syllables or letters, and pauses: seconds at 160 words a minute, fitted to espeak-ng."""
    pauses = len(re.findall(r"[,.?!:]", spoken))
    if syllables := len(re.findall(r"[a-z][1-5]", spoken)):
        return 0.27 * syllables + 0.38 * pauses + 0.18
    return 0.063 * len(re.findall(r"\w", spoken)) + 0.37 * pauses + 0.56
