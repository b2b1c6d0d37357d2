"""Calls that SIPp answers, ends or makes."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from dialer.lines import LinePool
from tests.dialer.lines.conftest import StartPool, StartSipp
from tests.dialer.lines.peers import WAIT_S, Listener, tone, until

pytestmark = pytest.mark.wire

_EVENTS_101 = "a=rtpmap:101 telephone-event/8000"


async def test_what_is_played_comes_back_from_an_rtp_echo(lines: LinePool, sipp: StartSipp, tmp_path: Path) -> None:
    peer = sipp("answer", "-rtp_echo", audio="[media_port]", formats="8", event="a=ptime:20")
    leg = lines.take()
    await leg.invite(peer.uri)
    assert await leg.wait("answered", WAIT_S)
    listener = Listener(leg)
    played = await leg.play(tone(tmp_path / "prompt.wav", 1.0, 700))
    assert played.complete
    assert played.position_s == pytest.approx(1.0)
    await listener.until_heard(700, 0.8)
    await leg.hang_up()
    await listener.task
    await peer.finished()


async def test_the_reason_of_a_bye_is_kept(lines: LinePool, sipp: StartSipp) -> None:
    peer = sipp("answer_and_leave", extra='Reason: Q.850;cause=16;text="Normal call clearing"')
    leg = lines.take()
    await leg.invite(peer.uri)
    await asyncio.wait_for(leg.ended.wait(), WAIT_S)
    assert leg.answered.is_set()
    assert leg.end is not None
    assert (leg.end.sip_code, leg.end.q850, leg.end.q850_text) == (200, 16, "Normal call clearing")
    assert leg.end.by_far_end
    await peer.finished()


async def test_the_reason_of_a_cancel_is_kept(phones: LinePool, sipp: StartSipp) -> None:
    target = phones.contacts[0].removeprefix("sip:")
    peer = sipp("call_and_cancel", "-s", "12025550101", target, extra="Reason: Q.850;cause=102")
    leg = await asyncio.wait_for(anext(phones.incoming()), WAIT_S)
    assert (leg.called_number, leg.calling_number) == ("12025550101", "12025550199")
    await leg.send_ringing()
    await asyncio.wait_for(leg.ended.wait(), WAIT_S)
    assert leg.end is not None
    assert (leg.end.sip_code, leg.end.q850, leg.end.by_far_end) == (487, 102, True)
    await peer.finished()


async def test_a_slot_is_free_again_only_when_pjsip_gave_it_back(lines: LinePool, sipp: StartSipp) -> None:
    peer = sipp("silent")
    leg = lines.take()
    await leg.invite(peer.uri)
    await leg.hang_up()
    assert leg.end is not None
    assert not leg.end.by_far_end
    # pjsip waits 32 s for an answer to this INVITE: the leg is over, but its slot is not to be had for the next call.
    answered = sipp("answer_and_leave", extra="X-None: 0")
    other = lines.take()
    await other.invite(answered.uri)
    await asyncio.wait_for(other.ended.wait(), WAIT_S)
    await until(lambda: lines.free_slots >= lines.capacity - 1)
    assert lines.free_slots == lines.capacity - 1


async def test_nothing_listens_there(lines: LinePool, free_port: Callable[[], int]) -> None:
    leg = lines.take()
    await leg.invite(f"sip:12025550101@127.0.0.1:{free_port()};transport=tcp")
    await asyncio.wait_for(leg.ended.wait(), WAIT_S)
    assert leg.end is not None
    assert not leg.end.by_far_end


async def test_digits_come_from_a_peer_that_uses_payload_type_101(lines: LinePool, sipp: StartSipp) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as rtp:
        rtp.bind(("127.0.0.1", 0))
        rtp.settimeout(WAIT_S)
        peer = sipp("answer", audio=str(rtp.getsockname()[1]), formats="8 101", event=_EVENTS_101)
        leg = lines.take()
        await leg.invite(peer.uri)
        assert await leg.wait("answered", WAIT_S)
        _, ours = await asyncio.to_thread(rtp.recvfrom, 2048)
        for number, digit in enumerate("19#"):
            for packet in _event_packets(101, "0123456789*#".index(digit), 100 + number * 20, 160 * 100 * (number + 1)):
                rtp.sendto(packet, ours)
                await asyncio.sleep(0.02)
        assert [await asyncio.wait_for(leg.digits.get(), WAIT_S) for _ in range(3)] == ["1", "9", "#"]
        assert await leg.send_digits("5") == "rfc4733"
        sent = await asyncio.wait_for(asyncio.to_thread(_next_event, rtp), WAIT_S)
        assert sent == (101, 5)
        await leg.hang_up()
        await peer.finished()


async def test_digits_go_by_info_to_a_peer_without_telephone_event(lines: LinePool, sipp: StartSipp) -> None:
    peer = sipp("answer", audio="[media_port]", formats="8", event="a=ptime:20")
    leg = lines.take()
    await leg.invite(peer.uri)
    assert await leg.wait("answered", WAIT_S)
    assert await leg.send_digits("5") == "info"
    await leg.hang_up()
    await peer.finished()


async def test_tcp_carries_a_call(start_pool: StartPool, sipp: StartSipp) -> None:
    lines = await start_pool(transport="tcp")
    peer = sipp("answer", "-t", "t1", audio="[media_port]", formats="8", event="a=ptime:20")
    leg = lines.take()
    await leg.invite(peer.uri)
    assert await leg.wait("answered", WAIT_S)
    await leg.hang_up()
    await peer.finished()


def _event_packets(payload_type: int, event: int, sequence: int, timestamp: int) -> list[bytes]:
    """RFC 4733: one key held for 80 ms."""
    packets = []
    for part in range(7):
        ending, duration = part >= 4, 160 * min(part + 1, 5)
        head = struct.pack(">BBHII", 0x80, payload_type | (0x80 if part == 0 else 0), sequence + part, timestamp, 7)
        packets.append(head + struct.pack(">BBH", event, 0x8A if ending else 0x0A, duration))
    return packets


def _next_event(rtp: socket.socket) -> tuple[int, int]:
    """Payload type and key of the next telephone-event that comes."""
    while True:
        packet = rtp.recv(2048)
        if len(packet) == 16:
            return packet[1] & 0x7F, packet[12]
