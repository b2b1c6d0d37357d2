"""Line processes die; calls of the others go on."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from dialer.lines import LinePool
from tests.dialer.lines.conftest import StartPool
from tests.dialer.lines.peers import WAIT_S, Listener, channels, heard_s, is_gone, pieces, tone, until

pytestmark = pytest.mark.wire


async def _answer_all(phones: LinePool) -> None:
    async for phone in phones.incoming():
        await phone.answer()


async def test_a_killed_process_ends_its_legs_alone_and_is_started_again(
    start_pool: StartPool, phones: LinePool, tmp_path: Path
) -> None:
    lines = await start_pool(processes=2)
    answering = asyncio.create_task(_answer_all(phones))
    doomed, spared = lines.take(), lines.take()
    for leg in (doomed, spared):
        await leg.invite(phones.contacts[0])
        assert await leg.wait("answered", WAIT_S)
    contacts = lines.contacts
    playing = asyncio.create_task(doomed.play(tone(tmp_path / "prompt.wav", 30.0)))
    victim = lines.pids[0]
    os.kill(victim, signal.SIGKILL)
    await asyncio.wait_for(doomed.ended.wait(), WAIT_S)
    assert doomed.end is not None
    assert doomed.end.line_died
    assert not (await asyncio.wait_for(playing, WAIT_S)).complete
    await doomed.hang_up()
    await until(lambda: lines.restarts == 1 and lines.free_slots == 7)
    assert lines.contacts == contacts
    assert lines.pids[0] not in (0, victim)
    assert not spared.ended.is_set()
    listener = Listener(spared)
    again = lines.take()
    await again.invite(phones.contacts[0])
    assert await again.wait("answered", WAIT_S)
    await again.hang_up()
    await spared.hang_up()
    await listener.task
    assert listener.frames
    answering.cancel()


async def test_a_process_that_hangs_is_killed(start_pool: StartPool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dialer.lines.line._SILENT_S", 2.0)
    lines = await start_pool()
    leg = lines.take()
    os.kill(lines.pids[0], signal.SIGSTOP)
    await asyncio.wait_for(leg.ended.wait(), WAIT_S)
    assert leg.end is not None
    assert leg.end.line_died
    await until(lambda: lines.free_slots > 0)


async def test_a_crash_is_logged_with_the_line_that_it_happened_in(
    lines: LinePool, caplog: pytest.LogCaptureFixture
) -> None:
    os.kill(lines.pids[0], signal.SIGSEGV)
    await until(lambda: lines.restarts == 1)
    assert re.search(r'status -11: Fatal Python error: Segmentation fault, File ".+", line \d+ in \w+', caplog.text)


async def test_line_processes_end_with_the_process_that_started_them(phones: LinePool, tmp_path: Path) -> None:
    """The owner is killed in mid-call: the far end gets BYE, and the recording is whole."""
    recording = tmp_path / "recording.wav"
    program = f"""
import asyncio
from dialer.lines import LinePool, LineSettings

async def main():
    pool = LinePool(LineSettings(processes=2))
    await pool.start()
    leg = pool.take()
    await leg.record({str(recording)!r})
    await leg.invite({phones.contacts[0]!r})
    await leg.wait("answered", 20)
    print(*pool.pids, flush=True)
    await leg.ended.wait()

asyncio.run(main())
"""
    owner = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    try:
        phone = await asyncio.wait_for(anext(phones.incoming()), WAIT_S)
        await phone.answer()
        assert owner.stdout is not None
        pids = [int(pid) for pid in (await asyncio.to_thread(owner.stdout.readline)).split()]
        assert len(pids) == 2
        await phone.play(tone(tmp_path / "voice.wav", 1.0, 500))
    finally:
        owner.kill()
        owner.wait()
    await asyncio.wait_for(phone.ended.wait(), WAIT_S)
    assert phone.end is not None
    assert phone.end.by_far_end
    await until(lambda: all(map(is_gone, pids)))
    assert heard_s(pieces(channels(recording)[0]), 500) > 0.7


async def test_ctrl_c_in_the_terminal_is_left_to_the_owner(lines: LinePool, phones: LinePool) -> None:
    pid = lines.pids[0]
    assert os.getpgid(pid) != os.getpgid(0)
    os.kill(pid, signal.SIGINT)
    answering = asyncio.create_task(_answer_all(phones))
    leg = lines.take()
    await leg.invite(phones.contacts[0])
    assert await leg.wait("answered", WAIT_S)
    await leg.hang_up()
    assert lines.pids == [pid]
    answering.cancel()


async def test_a_stopped_pool_leaves_nothing_behind(start_pool: StartPool, phones: LinePool) -> None:
    lines = await start_pool(processes=2)
    answering = asyncio.create_task(_answer_all(phones))
    leg = lines.take()
    await leg.invite(phones.contacts[0])
    assert await leg.wait("answered", WAIT_S)
    pids = lines.pids
    await lines.stop()
    assert leg.ended.is_set()
    assert leg.end is not None
    assert not leg.end.line_died
    assert all(map(is_gone, pids))
    answering.cancel()
