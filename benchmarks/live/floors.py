"""The floors: bare pjsua2 calls to the same phones, and Vosk alone on the same audio."""

from __future__ import annotations

import asyncio
import heapq
import os
import sys
import time
import wave
from collections import defaultdict
from collections.abc import Iterator, Sequence
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
_PIECE = 2 * 8000 * 240 // 1000
"""As an ear gives them (`speech.ear`)."""


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
class Spoken:
    """A turn that was recognised: where it stands in a two-channel recording, and when it was said."""

    path: Path
    start_s: float
    end_s: float
    at: float
    """Monotonic."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """Vosk alone on some audio."""

    audio_s: float
    cpu_s: float


def vosk_alone(model: str, turns: Sequence[Spoken]) -> Decoded:
    """Decode turns (the left channel) as they came: a recogniser for each call, a piece of every turn that was going on
    just then after the other, a partial result each, on as many threads as there are cores. Where a hundred calls take
    turns, each piece finds caches full of others: one turn after the other takes 0.75 of that time.
    """
    vosk.SetLogLevel(-1)
    found = find(model)
    loaded = vosk.Model(str(found.path))
    calls: defaultdict[Path, list[Spoken]] = defaultdict(list)
    for turn in sorted(turns, key=lambda turn: turn.at):
        calls[turn.path].append(turn)
    threads = os.cpu_count() or 1
    with ThreadPoolExecutor(threads) as executor:
        parts = [list(calls.values())[at::threads] for at in range(threads)]
        done = list(executor.map(lambda part: _decoded(loaded, found.sample_rate_hz, part), parts))
    return Decoded(sum(each.audio_s for each in done), sum(each.cpu_s for each in done))


def _decoded(loaded: vosk.Model, rate_hz: int, calls: Sequence[Sequence[Spoken]]) -> Decoded:
    """The turns of each call, in their order, while those of other calls go on."""
    audio_s = cpu_s = 0.0
    waiting = [(turns[0].at, at) for at, turns in enumerate(calls)]
    heapq.heapify(waiting)
    decoding: dict[int, Iterator[float]] = {}
    while waiting:
        now, at = heapq.heappop(waiting)
        if at not in decoding:
            audio_s += sum(turn.end_s - turn.start_s for turn in calls[at])
            decoding[at] = _pieces(loaded, rate_hz, calls[at])
            next(decoding[at], None)
        began = time.thread_time()
        following = next(decoding[at], None)
        cpu_s += time.thread_time() - began
        if following is None:
            del decoding[at]
        else:
            heapq.heappush(waiting, (max(now, following), at))
    return Decoded(audio_s, cpu_s)


def _pieces(loaded: vosk.Model, rate_hz: int, turns: Sequence[Spoken]) -> Iterator[float]:
    """Decode the turns of a call; yields, before each piece, when it came."""
    sounds = [_left(turn) for turn in turns]
    recogniser = vosk.KaldiRecognizer(loaded, rate_hz)
    recogniser.SetWords(True)
    for turn, sound in zip(turns, sounds, strict=True):
        for at in range(0, len(sound), _PIECE):
            yield turn.at + at / 16000
            recogniser.AcceptWaveform(sound[at : at + _PIECE])
            recogniser.PartialResult()
        recogniser.FinalResult()
        recogniser.Reset()


def _left(turn: Spoken) -> bytes:
    with wave.open(str(turn.path), "rb") as file:
        file.setpos(min(round(turn.start_s * 8000), file.getnframes()))
        both = file.readframes(round((turn.end_s - turn.start_s) * 8000))
    return np.frombuffer(both, "<i2")[::2].tobytes()
