"""Sound that comes from, and goes to, others than the phones of one process."""

from __future__ import annotations

import array
import asyncio
import itertools
import math
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

import pytest

from dialer.lines import Leg, LineError, LinePool
from tests.dialer.lines.conftest import StartPool
from tests.dialer.lines.peers import WAIT_S, Listener, channels, heard_s, pieces, tone, until

pytestmark = pytest.mark.wire


class Taps(Listener):
    """Collects what a leg's tap gives."""

    async def _collect(self, leg: Leg) -> None:
        async with aclosing(leg.tap()) as frames:
            await self._take(frames)

    async def _take(self, frames: AsyncIterator[bytes]) -> None:
        async for frame in frames:
            self.frames.append(frame)
            self._more.set()
        self._more.set()


class TapsWithPrompts(Taps):
    """So, with what is played to the far end."""

    async def _collect(self, leg: Leg) -> None:
        async with aclosing(leg.tap(prompts=True)) as frames:
            await self._take(frames)


async def _talk(lines: LinePool, phones: LinePool, leg: Leg | None = None) -> tuple[Leg, Leg]:
    leg = leg or lines.take()
    await leg.invite(phones.contacts[0])
    phone = await asyncio.wait_for(anext(phones.incoming()), WAIT_S)
    await phone.answer()
    assert await leg.wait("answered", WAIT_S)
    return leg, phone


async def _speak(leg: Leg, hertz: int, seconds: float, source: int = 0) -> None:
    """Feed a tone in pieces of 20 ms that come as unevenly as timers do."""
    loop = asyncio.get_running_loop()
    begun = loop.time()
    for number in range(int(seconds * 50)):
        await asyncio.sleep(begun + number * 0.02 - loop.time())
        start = number * 160
        samples = (int(8000 * math.sin(2 * math.pi * hertz * i / 8000)) for i in range(start, start + 160))
        leg.feed(array.array("h", samples).tobytes(), source)


async def test_what_is_fed_is_heard_whole_and_recorded(lines: LinePool, phones: LinePool, tmp_path: Path) -> None:
    leg = lines.take()
    await leg.record(tmp_path / "call.wav")
    leg, phone = await _talk(lines, phones, leg)
    at_phone = Listener(phone)
    await asyncio.gather(_speak(leg, 700, 2.0, 1), _speak(leg, 1500, 1.0, 2))
    await at_phone.until_heard(700, 1.8)
    await leg.hang_up()
    await at_phone.task
    _, right = channels(tmp_path / "call.wav")
    for heard in (at_phone.frames, pieces(right)):
        assert 1.8 < heard_s(heard, 700, 4000) < 2.2
        assert 0.8 < heard_s(heard, 1500, 4000) < 1.2
    # No gap: the frames with the tone are one block.
    sounding = [heard_s([frame], 700, 6000) > 0 for frame in pieces(right)]
    assert sounding.count(True) >= len(sounding) - sounding[::-1].index(True) - sounding.index(True) - 1


async def test_a_slot_that_was_fed_and_tapped_carries_a_later_call_as_before(
    lines: LinePool, start_pool: StartPool, tmp_path: Path
) -> None:
    lines = await start_pool(slots_per_process=1)
    phones = await start_pool(incoming=True)
    for hertz in (500, 700, 900):
        leg, phone = await _talk(lines, phones)
        at_phone, at_line = Listener(phone), Taps(leg)
        speaking = asyncio.create_task(_speak(leg, hertz, 10.0))
        answering = asyncio.create_task(phone.play(tone(tmp_path / f"{hertz}.wav", 10.0, hertz + 50)))
        await at_phone.until_heard(hertz, 0.3)
        await at_line.until_heard(hertz + 50, 0.3)
        await leg.hang_up()
        await answering
        await at_line.task
        speaking.cancel()
        await at_phone.task
        assert heard_s(at_phone.frames, hertz - 200) == 0
        assert heard_s(at_line.frames, hertz - 150) == 0
        assert {len(frame) for frame in at_line.frames} == {320}
        await until(lambda: lines.free_slots == 1)
    assert lines.restarts == 0


async def test_a_tap_is_for_many_and_holds_prompts_on_request(
    lines: LinePool, phones: LinePool, tmp_path: Path
) -> None:
    leg, phone = await _talk(lines, phones)
    playing = asyncio.create_task(leg.play(tone(tmp_path / "robot.wav", 20.0, 700)))
    speaking = asyncio.create_task(phone.play(tone(tmp_path / "subject.wav", 20.0, 500)))
    one, two = Taps(leg), Taps(leg)
    await one.until_heard(500, 0.5)
    await two.until_heard(500, 0.5)
    assert heard_s(one.frames, 700) == heard_s(two.frames, 700) == 0
    for reader in (one, two):
        reader.task.cancel()
        await asyncio.wait({reader.task})
    with_prompts = TapsWithPrompts(leg)
    await with_prompts.until_heard(700, 0.5)
    assert heard_s(with_prompts.frames, 500) > 0.3
    await leg.stop_playing()
    await playing
    again = asyncio.create_task(leg.play(tone(tmp_path / "again.wav", 20.0, 1100)))
    await with_prompts.until_heard(1100, 0.5)
    await leg.hang_up()
    await asyncio.gather(with_prompts.task, again, speaking)


async def test_one_may_listen_unheard(lines: LinePool, phones: LinePool, tmp_path: Path) -> None:
    subject, subject_phone = await _talk(lines, phones)
    officer, officer_phone = await _talk(lines, phones, lines.beside(subject))
    at_subject, at_officer = Listener(subject_phone), Listener(officer_phone)
    robot = asyncio.create_task(subject.play(tone(tmp_path / "robot.wav", 30.0, 700)))
    talking = asyncio.create_task(subject_phone.play(tone(tmp_path / "subject.wav", 30.0, 500)))
    meddling = asyncio.create_task(officer_phone.play(tone(tmp_path / "officer.wav", 30.0, 900)))
    await officer.connect(subject, hears=True, speaks=False, prompts=True)
    await at_officer.until_heard(500, 0.5)
    await at_officer.until_heard(700, 0.5)
    assert heard_s(at_subject.frames, 900) == 0
    await officer.connect(subject, hears=False, speaks=True)
    await at_subject.until_heard(900, 0.5)
    before = len(at_officer.frames)
    await until(
        lambda: (
            len(at_officer.frames) >= before + 15
            and not heard_s(at_officer.frames[-15:], 500)
            and not heard_s(at_officer.frames[-15:], 700)
        )
    )
    await officer.hang_up()
    with pytest.raises(LineError, match="no call"):
        await subject.connect(officer, hears=True, speaks=True)
    await subject.part(officer)
    await subject.hang_up()
    await asyncio.gather(robot, talking, meddling)


@pytest.mark.parametrize("parted_first", [False, True])
async def test_the_end_of_one_silences_nobody_else(
    lines: LinePool, phones: LinePool, tmp_path: Path, *, parted_first: bool
) -> None:
    subject, subject_phone = await _talk(lines, phones)
    dissuader, dissuader_phone = await _talk(lines, phones, lines.beside(subject))
    officer, officer_phone = await _talk(lines, phones, lines.beside(subject))
    playing = []
    for hertz, phone in zip((500, 900, 1300), (subject_phone, dissuader_phone, officer_phone), strict=True):
        playing.append(asyncio.create_task(phone.play(tone(tmp_path / f"{hertz}.wav", 60.0, hertz))))
    for one, two in itertools.combinations((subject, dissuader, officer), 2):
        await one.connect(two, hears=True, speaks=True)
    at_subject, at_officer, on_line = Listener(subject_phone), Listener(officer_phone), Listener(subject)
    await at_officer.until_heard(900, 0.3)
    if parted_first:
        parting = [dissuader.part(subject), dissuader.part(officer)]
        await asyncio.gather(*parting, dissuader.hang_up())
    else:
        await dissuader_phone.hang_up()
        await asyncio.wait_for(dissuader.ended.wait(), WAIT_S)
    for listener in (at_subject, at_officer, on_line):
        listener.frames.clear()
    await at_subject.until_heard(1300, 0.5)
    await at_officer.until_heard(500, 0.5)
    await on_line.until_heard(500, 0.5)
    await asyncio.gather(subject.hang_up(), officer.hang_up())
    await asyncio.gather(*playing)
