"""How a call that nobody answers ends, said by SIPp."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from dialer.lines import LinePool
from tests.dialer.lines.conftest import StartSipp
from tests.dialer.lines.peers import WAIT_S, Listener, heard_s

pytestmark = pytest.mark.wire


@pytest.mark.parametrize(
    ("code", "phrase", "extra", "q850"),
    [
        (486, "Busy Here", 'Reason: Q.850;cause=17;text="User busy"', (17, "User busy")),
        (480, "Temporarily Unavailable", "Reason: Q.850 ;cause=20", (20, "")),
        (
            404,
            "Not Found",
            'Reason: SIP;cause=404, Q.850;cause=1;text="Unallocated (unassigned) number"',
            (1, "Unallocated (unassigned) number"),
        ),
        (603, "Decline", "Reason: q.850; cause=21", (21, "")),
        (503, "Service Unavailable", "Retry-After: 5", (None, "")),
        (408, "Request Timeout", "X-None: 0", (None, "")),
        (600, "Busy Everywhere", "X-None: 0", (None, "")),
        (302, "Moved Temporarily", "Contact: <sip:12025550102@127.0.0.1:9>", (None, "")),
    ],
)
async def test_a_refusal_arrives_with_its_code_and_cause(
    lines: LinePool, sipp: StartSipp, code: int, phrase: str, extra: str, q850: tuple[int | None, str]
) -> None:
    peer = sipp("refuse", code=str(code), phrase=phrase, extra=extra)
    leg = lines.take()
    await leg.invite(peer.uri)
    assert not await leg.wait("answered", WAIT_S)
    await asyncio.wait_for(leg.ended.wait(), WAIT_S)
    assert leg.end is not None
    assert (leg.end.sip_code, leg.end.phrase) == (code, phrase)
    assert (leg.end.q850, leg.end.q850_text) == q850
    assert leg.end.by_far_end
    assert leg.ringing.is_set()
    await peer.finished()


async def test_an_announcement_in_early_media_is_heard_before_the_refusal(
    lines: LinePool, sipp: StartSipp, tmp_path: Path
) -> None:
    # A-law of a square wave of 500 Hz: eight samples up, eight down.
    (tmp_path / "announcement.alaw").write_bytes((bytes((0xA5,)) * 8 + bytes((0x25,)) * 8) * 500)
    peer = sipp("early", code="480", phrase="Temporarily Unavailable", extra="Reason: Q.850;cause=20")
    leg = lines.take()
    await leg.record(tmp_path / "early.wav")
    await leg.invite(peer.uri)
    listener = Listener(leg)
    assert await leg.wait("early_media", WAIT_S)
    assert not leg.answered.is_set()
    await asyncio.wait_for(leg.ended.wait(), WAIT_S)
    await listener.task
    assert 0.8 < heard_s(listener.frames, 500) < 1.3
    assert leg.end is not None
    assert (leg.end.sip_code, leg.end.q850) == (480, 20)
