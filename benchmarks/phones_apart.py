"""What it costs that a dissuader's phone is on another line process: ``python -m benchmarks.phones_apart [CALLS]``.

So many subjects (a multiple of four) are each joined to a dissuader, first by the bridge of their line process, then by
the floor between two. All phones emit short tones at odd times, and record what they emit and hear. From these
recordings: how long a tone takes from one mouth to the other ear, and what is lost; and what floor and line processes
take of a core. Two recordings of a call have no clock in common: what both directions take is halved.
"""

from __future__ import annotations

import asyncio
import itertools
import random
import sys
import tempfile
import time
import wave
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil
from numpy.typing import NDArray

from dialer.beside import Means
from dialer.conference import Conference
from dialer.lines import Leg, LinePool, LineSettings
from dialer.live import Part
from dialer.phone import PhoneLeg
from speech.ear import Ear
from speech.prompts import Prompt

LASTS_S = 40.0
_SETTLES_S = 3.0
_WAIT_S = 30.0
_RATE = 8000
_TONE_MS = 20
_PAUSES_MS = (500, 1000)
_LOUD = 1500
_BIN_MS = 40.0


@dataclass(frozen=True, slots=True)
class Cost:
    """What one way to join them takes."""

    delays_ms: list[float]
    lost: int
    floor: float
    """Cores."""
    lines: float


class _Joined:
    """A subject and a dissuader, their phones, and what these record."""

    def __init__(self, legs: tuple[Leg, Leg], phones: tuple[Leg, Leg], folder: Path) -> None:
        self._legs = legs
        self._phones = phones
        self._folder = folder
        self._conference = Conference(legs[0])
        self._talking: list[asyncio.Task[object]] = []

    async def begin(self, executor: ThreadPoolExecutor) -> None:
        self._folder.mkdir(parents=True)
        for number, phone in enumerate(self._phones):
            await phone.record(self._folder / f"{number}.wav")
        party = PhoneLeg(self._legs[1], Means(lambda: 0.0, _no_prompt, _no_ear, executor))
        await self._conference.seat(party, Part.SPEAKS)
        for number, phone in enumerate(self._phones):
            tones = _tones(self._folder / f"tones-{number}.wav", seed=str(self._folder) + str(number))
            self._talking.append(asyncio.create_task(phone.play(tones)))

    async def end(self) -> tuple[list[float], int]:
        """How long each tone took, in ms, and how many were never heard."""
        for leg in self._legs:
            await leg.hang_up()
        await asyncio.gather(*self._talking, *(phone.ended.wait() for phone in self._phones))
        await self._conference.close()
        (heard_0, said_0), (heard_1, said_1) = (_onsets(self._folder / f"{number}.wav") for number in (0, 1))
        there, lost_there = _took(said_0, heard_1)
        back, lost_back = _took(said_1, heard_0)
        between = (np.median(there) - np.median(back)) / 2
        return [*(there - between), *(back + between)], lost_there + lost_back


async def _no_prompt(text: str) -> Prompt:
    raise NotImplementedError


def _no_ear() -> Ear:
    raise NotImplementedError


def _tones(path: Path, seed: str) -> Path:
    """Short tones with pauses that no other file has."""
    drawn = random.Random(seed)
    tone = (8000 * np.sin(2 * np.pi * 1000 / _RATE * np.arange(_RATE * _TONE_MS // 1000))).astype("<i2")
    pieces: list[NDArray[np.int16]] = []
    length = 0
    while length < _RATE * (LASTS_S + 2 * _SETTLES_S):
        pieces += [tone, np.zeros(_RATE * drawn.randint(*_PAUSES_MS) // 1000, "<i2")]
        length += len(pieces[-2]) + len(pieces[-1])
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, _RATE, 0, "NONE", ""))
        file.writeframes(np.concatenate(pieces).tobytes())
    return path


def _onsets(recording: Path) -> list[NDArray[np.float64]]:
    """When a tone begins on either channel: what was heard, then what was said; in ms."""
    with wave.open(str(recording), "rb") as file:
        both = np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, 2)
    found = []
    for channel in range(2):
        loud = np.flatnonzero(np.abs(both[:, channel].astype(int)) > _LOUD) * 1000.0 / _RATE
        found.append(loud[np.diff(loud, prepend=-1000.0) > _PAUSES_MS[0] / 2])
    return found


def _took(said: NDArray[np.float64], heard: NDArray[np.float64]) -> tuple[NDArray[np.float64], int]:
    """How long each tone took by the clocks of both recordings, and how many that must have been heard were not."""
    bins, counts = np.unique(np.round((heard[None, :] - said[:, None]) / _BIN_MS), return_counts=True)
    about = _BIN_MS * bins[np.argmax(counts)]
    found, lost = [], 0
    first, last = heard[0], heard[-1]
    for at in said:
        near = heard[np.abs(heard - at - about) < _PAUSES_MS[0] / 2]
        if len(near):
            found.append(near[np.argmin(np.abs(near - at - about))] - at)
        elif first < at + about < last:
            lost += 1
    return np.array(found), lost


async def measure(*, relayed: bool, calls: int, executor: ThreadPoolExecutor, folder: Path) -> Cost:
    """Join them one way for `LASTS_S`. Raises LineError, TimeoutError."""
    half = LineSettings(processes=calls // 4, user_agent="apart")
    pools = one, two = LinePool(half), LinePool(half)
    phones = LinePool(LineSettings(processes=calls // 2, user_agent="apart"), incoming=True)
    contacts = itertools.cycle(range(calls // 2))
    await asyncio.gather(*(pool.start() for pool in (*pools, phones)))

    async def ring(leg: Leg) -> Leg:
        await leg.invite(phones.contacts[next(contacts)])
        phone = await asyncio.wait_for(anext(phones.incoming()), _WAIT_S)
        await phone.answer()
        async with asyncio.timeout(_WAIT_S):
            await leg.answered.wait()
        return phone

    try:
        joined = []
        for number in range(calls):
            subject = one.take() if relayed or number % 2 else two.take()
            legs = subject, two.take() if relayed else (one if number % 2 else two).beside(subject)
            joined.append(_Joined(legs, (await ring(legs[0]), await ring(legs[1])), folder / str(number)))
        await asyncio.gather(*(each.begin(executor) for each in joined))
        await asyncio.sleep(_SETTLES_S)
        line_pids = [pid for pool in pools for pid in pool.pids]
        floor, lines = time.process_time(), sum(map(_used_s, line_pids))
        await asyncio.sleep(LASTS_S)
        floor, lines = time.process_time() - floor, sum(map(_used_s, line_pids)) - lines
        told = await asyncio.gather(*(each.end() for each in joined))
    finally:
        await asyncio.gather(*(pool.stop() for pool in (*pools, phones)))
    delays = [delay for each, _ in told for delay in each]
    return Cost(delays, sum(lost for _, lost in told), floor / LASTS_S, lines / LASTS_S)


def _used_s(pid: int) -> float:
    """Seconds of a core that a process has had."""
    times = psutil.Process(pid).cpu_times()
    return float(times.user + times.system)


def main() -> None:
    """Print the figures."""
    calls = int(sys.argv[1]) if len(sys.argv) > 1 else 4
    costs = {}
    with ThreadPoolExecutor(1) as executor, tempfile.TemporaryDirectory() as folder:
        for way in ("bridged", "relayed"):
            cost = costs[way] = asyncio.run(
                measure(relayed=way == "relayed", calls=calls, executor=executor, folder=Path(folder) / way)
            )
            half, most = np.percentile(cost.delays_ms, (50, 95))
            print(
                f"{way}: mouth to ear median {half:.0f} ms, p95 {most:.0f} ms, {cost.lost} of"
                f" {len(cost.delays_ms) + cost.lost} tones lost; of a core, a call: floor"
                f" {100 * cost.floor / calls:.2f} %, lines {100 * cost.lines / calls:.2f} %",
                flush=True,
            )


if __name__ == "__main__":
    main()
