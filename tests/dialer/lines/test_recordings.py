"""Two-channel recordings of real calls."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

import pytest

from dialer.lines import LineError, LinePool
from tests.dialer.lines.peers import WAIT_S, Listener, channels, heard_s, level, pieces, tone

pytestmark = pytest.mark.wire


async def test_far_end_is_left_and_what_we_send_is_right(lines: LinePool, phones: LinePool, tmp_path: Path) -> None:
    leg = lines.take()
    await leg.record(tmp_path / "call.wav")
    await leg.invite(phones.contacts[0])
    phone = await asyncio.wait_for(anext(phones.incoming()), WAIT_S)
    await phone.answer()
    assert await leg.wait("answered", WAIT_S)
    beside = lines.beside(leg)
    await beside.invite(phones.contacts[0])
    dissuader = await asyncio.wait_for(anext(phones.incoming()), WAIT_S)
    await dissuader.answer()
    listener = Listener(leg)
    first = await leg.play(tone(tmp_path / "robot.wav", 1.0, 700))
    await phone.play(tone(tmp_path / "subject.wav", 1.0, 500))
    await leg.join(beside)
    await dissuader.play(tone(tmp_path / "dissuader.wav", 1.0, 900))
    await phone.play(tone(tmp_path / "subject.wav", 0.5, 500))
    await listener.until_heard(500, 1.3)
    await leg.hang_up()
    await listener.task
    await beside.hang_up()

    left, right = channels(tmp_path / "call.wav")
    assert len(left) == len(right)
    # The recording's time is the leg's clock.
    assert len(left) / 16000 == pytest.approx(leg.clock_s, abs=0.13)
    assert 1.3 < heard_s(pieces(left), 500) < 1.7
    assert heard_s(pieces(left), 700) == heard_s(pieces(left), 900) == 0
    assert 0.85 < heard_s(pieces(right), 700) < 1.15
    assert 0.8 < heard_s(pieces(right), 900) < 1.2
    assert heard_s(pieces(right), 500) == 0
    starts = [i * 0.06 for i, piece in enumerate(pieces(right)) if level(piece, 700) > 2000]
    assert starts[0] == pytest.approx(first.started_s, abs=0.2)


async def test_it_is_readable_after_the_process_was_killed(lines: LinePool, phones: LinePool, tmp_path: Path) -> None:
    leg = lines.take()
    await leg.record(tmp_path / "call.wav")
    await leg.invite(phones.contacts[0])
    phone = await asyncio.wait_for(anext(phones.incoming()), WAIT_S)
    await phone.answer()
    playing = asyncio.create_task(leg.play(tone(tmp_path / "robot.wav", 30.0, 700)))
    await Listener(phone).until_heard(700, 2.0)
    os.kill(lines.pids[0], signal.SIGKILL)
    await asyncio.wait_for(leg.ended.wait(), WAIT_S)
    await playing
    left, right = channels(tmp_path / "call.wav")
    assert len(left) == len(right)
    assert heard_s(pieces(right), 700) > 0.9


async def test_a_recording_that_cannot_be_written_is_told(lines: LinePool, phones: LinePool, tmp_path: Path) -> None:
    leg = lines.take()
    await leg.record(tmp_path / "no such folder" / "call.wav")
    with pytest.raises(LineError, match=r"call\.wav cannot be written"):
        await leg.invite(phones.contacts[0])
    assert lines.free_slots == lines.capacity
