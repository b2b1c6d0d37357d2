"""The floors: bare pjsua2 calls to the same phones, and Vosk alone on the same audio."""

from __future__ import annotations

import asyncio
import os
import sys
import time
import wave
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import vosk

from benchmarks.live.machine import Cost, Watch, part_of
from rehearsal.phones_process import PhonesProcess
from speech.models import find

CALLS = 4
"""One process of the pjsua2 wheel carries so many."""
_SETTLE_S = 3.0
_PIECE = 2 * 8000 * 60 // 1000


async def bare(phones: PhonesProcess, prompt: Path, numbers: Sequence[str], for_s: float) -> Cost:
    """What bare calls to these numbers cost, in cores; raises `RuntimeError` when a call does not come about."""
    ready = await phones.start()
    processes: list[asyncio.subprocess.Process] = []
    watch = Watch(part_of)
    watching = asyncio.create_task(watch.run())
    try:
        for at in range(0, len(numbers), CALLS):
            uris = [ready.contacts[each].replace("sip:", f"sip:{each}@") for each in numbers[at : at + CALLS]]
            processes.append(
                await asyncio.create_subprocess_exec(
                    sys.executable,
                    "-m",
                    "benchmarks.live.bare",
                    str(prompt),
                    str(for_s + 30),
                    *uris,
                    stdout=asyncio.subprocess.PIPE,
                )
            )
        async with asyncio.timeout(60):
            for process in processes:
                await _up(process)
        await asyncio.sleep(_SETTLE_S)
        began = time.monotonic()
        await asyncio.sleep(for_s)
        return watch.between(began, time.monotonic())
    finally:
        watching.cancel()
        for process in processes:
            if process.returncode is None:
                process.kill()
                await process.wait()
        await phones.stop()


async def _up(process: asyncio.subprocess.Process) -> None:
    """pjlib says a few things before; then its pipe is left alone, as it says no more."""
    assert process.stdout is not None
    async for line in process.stdout:
        if line == b"up\n":
            return
    raise RuntimeError("a bare call did not come about")


@dataclass(frozen=True, slots=True)
class Decoded:
    """Vosk alone on some audio."""

    audio_s: float
    cpu_s: float


def vosk_alone(model: str, pieces: Sequence[tuple[Path, float, float]]) -> Decoded:
    """Decode spans of two-channel recordings (file, from, to; seconds; the left channel), with a partial every 60 ms
    as on a call, on as many threads as there are cores: where two share one, both are slower, as in the run.
    """
    vosk.SetLogLevel(-1)
    found = find(model)
    loaded = vosk.Model(str(found.path))
    threads = os.cpu_count() or 1
    with ThreadPoolExecutor(threads) as executor:
        parts = executor.map(lambda at: _decoded(loaded, found.sample_rate_hz, pieces[at::threads]), range(threads))
        done = list(parts)
    return Decoded(sum(each.audio_s for each in done), sum(each.cpu_s for each in done))


def _decoded(loaded: vosk.Model, rate_hz: int, pieces: Sequence[tuple[Path, float, float]]) -> Decoded:
    recogniser = vosk.KaldiRecognizer(loaded, rate_hz)
    recogniser.SetWords(True)
    audio_s = cpu_s = 0.0
    for path, start_s, end_s in pieces:
        with wave.open(str(path), "rb") as file:
            file.setpos(min(round(start_s * 8000), file.getnframes()))
            both = file.readframes(round((end_s - start_s) * 8000))
        left = np.frombuffer(both, "<i2")[::2].tobytes()
        began = time.thread_time()
        for at in range(0, len(left), _PIECE):
            recogniser.AcceptWaveform(left[at : at + _PIECE])
            recogniser.PartialResult()
        recogniser.FinalResult()
        recogniser.Reset()
        cpu_s += time.thread_time() - began
        audio_s += len(left) / 16000
    return Decoded(audio_s, cpu_s)
