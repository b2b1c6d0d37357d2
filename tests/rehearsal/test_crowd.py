"""Phones on plain sockets: their codec, their SIP, and what they know of each packet."""

from __future__ import annotations

import asyncio
import socket
import struct
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from rehearsal.crowd import sip
from rehearsal.crowd.media import Clock, Sound, note_times, noted_at
from speech.g711 import PCMA, PCMU, decoded, encoded
from speech.telephone import Speech, write_wav

pytestmark = pytest.mark.unit

INVITE = "\r\n".join(
    [
        "INVITE sip:%2B12025550110@127.0.0.1:7000 SIP/2.0",
        "Via: SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bKproxy",
        "v: SIP/2.0/UDP 127.0.0.1:6000;branch=z9hG4bKcaller",
        "Record-Route: <sip:127.0.0.1:5060;lr>",
        'From: "Centre" <sip:96110@centre.test>;tag=them',
        "To: <sip:+12025550110@centre.test>",
        "Call-ID: one",
        "CSeq: 7 INVITE",
        "Contact: <sip:robot@127.0.0.1:6000>",
        "Content-Length: 0",
        "",
        "",
    ]
).encode()
OFFER = "v=0\r\nc=IN IP4 127.0.0.9\r\nm=audio 4000 RTP/AVP 0 8 101\r\na=rtpmap:101 telephone-event/8000\r\n"


def invite() -> sip.Message:
    message = sip.parse(INVITE)
    assert message is not None
    return message


@pytest.mark.parametrize(
    ("law", "code", "level"),
    [
        (PCMA, 0xD5, 8),
        (PCMA, 0x55, -8),
        (PCMA, 0xAA, 32256),
        (PCMU, 0xFF, 0),
        (PCMU, 0x80, 32124),
        (PCMU, 0x00, -32124),
    ],
)
def test_codes_have_the_levels_of_g711(law: int, code: int, level: int) -> None:
    assert np.frombuffer(decoded(bytes((code,)), law), "<i2")[0] == level


@pytest.mark.parametrize("law", [PCMA, PCMU])
def test_every_level_gets_the_code_that_is_nearest(law: int) -> None:
    all_codes = np.frombuffer(decoded(bytes(range(256)), law), "<i2").astype(int)
    samples = np.arange(-32768, 32768, 7, dtype=np.int16)
    heard = np.frombuffer(decoded(encoded(samples.tobytes(), law), law), "<i2").astype(int)
    nearest = np.abs(samples.astype(int)[:, None] - all_codes[None, :]).min(axis=1)
    assert (np.abs(heard - samples) == nearest).all()


def test_a_response_goes_back_the_way_that_the_request_came() -> None:
    answer = sip.parse(sip.response(invite(), 200, "us", contact="sip:me@127.0.0.1:7000", sdp="v=0\r\n"))
    assert answer is not None
    assert [via.rpartition("=")[2] for via in answer.all("via")] == ["z9hG4bKproxy", "z9hG4bKcaller"]
    assert answer.all("record-route") == ["<sip:127.0.0.1:5060;lr>"]
    assert answer.one("to") == "<sip:+12025550110@centre.test>;tag=us"
    assert (answer.one("cseq"), answer.one("call-id"), answer.body) == ("7 INVITE", "one", "v=0\r\n")


def test_a_request_within_the_dialog_goes_to_the_contact_by_the_routes() -> None:
    packet, to = sip.Dialog(invite(), "us").request("BYE", "127.0.0.1", 7000)
    bye = sip.parse(packet)
    assert bye is not None
    assert to == ("127.0.0.1", 5060)
    assert bye.uri == "sip:robot@127.0.0.1:6000"
    assert bye.one("route") == "<sip:127.0.0.1:5060;lr>"
    assert bye.one("from").endswith(";tag=us")
    assert bye.one("to").endswith(";tag=them")


def test_the_called_number_is_read_as_it_is_meant() -> None:
    assert invite().user == "+12025550110"


@pytest.mark.parametrize("packet", [b"\r\n\r\n", b"", b"\xff\xfe\x00", b"GET / HTTP/1.1\r\n\r\n"])
def test_what_is_no_sip_is_left_alone(packet: bytes) -> None:
    assert sip.parse(packet) is None


def test_an_offer_tells_where_the_sound_goes() -> None:
    assert sip.offered(OFFER) == sip.Media("127.0.0.9", 4000, (0, 8, 101), 101)
    assert sip.offered("v=0\r\n") is None
    assert sip.offered(sip.answered("127.0.0.1", 4002, PCMA, "PCMA", 101)) == sip.Media(
        "127.0.0.1", 4002, (PCMA, 101), 101
    )


@pytest.fixture
def far() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as made:
        made.bind(("127.0.0.1", 0))
        made.settimeout(5)
        yield made


def packet(number: int, law: int = PCMA) -> bytes:
    return struct.pack("!BBHII", 0x80, law, number & 0xFFFF, 160 * number, 1) + encoded(bytes(320), law)


async def test_lost_packets_are_counted_and_heard_as_silence(far: socket.socket) -> None:
    sound = Sound("127.0.0.1")
    sound.open(far.getsockname(), PCMA)
    for number in (65534, 65535, 2, 1, 3):
        far.sendto(packet(number), ("127.0.0.1", sound.port))
    sound.tick(0.0)
    sound.close()
    heard = [frame async for frame in sound.frames()]
    assert sound.clock_s == pytest.approx(0.12)
    assert len(heard) == 6
    assert (sound.wire.packets, sound.wire.lost) == (5, 2)


@pytest.fixture
def stamped() -> Iterator[None]:
    """The kernel notes when packets come: it begins a moment after the first socket asks it to."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        note_times(asking)
        asking.bind(("127.0.0.1", 0))
        asking.settimeout(5)
        for _ in range(200):
            asking.sendto(b"now", asking.getsockname())
            time.sleep(0.01)
            read_at = time.time()
            _, ancillary, _, _ = asking.recvmsg(16, 64)
            if noted_at(ancillary) < read_at:
                break
        else:
            pytest.fail("the kernel does not note when packets come")
        yield


@pytest.mark.usefixtures("stamped")
async def test_the_longest_gap_is_known_by_when_packets_came_not_by_when_they_were_read(far: socket.socket) -> None:
    sound = Sound("127.0.0.1")
    sound.open(far.getsockname(), PCMA)
    for number in range(3):
        far.sendto(packet(number), ("127.0.0.1", sound.port))
    await asyncio.sleep(0.3)
    sound.tick(0.0)
    assert sound.wire.longest_gap_s < 0.25
    far.sendto(packet(3), ("127.0.0.1", sound.port))
    sound.close()
    assert sound.wire.longest_gap_s > 0.25


async def test_a_file_is_sent_packet_by_packet_and_then_silence(far: socket.socket, tmp_path: Path) -> None:
    path = tmp_path / "tone.wav"
    write_wav(path, Speech((np.ones(400) * 5000).astype("<i2").tobytes()))
    sound = Sound("127.0.0.1")
    sound.open(far.getsockname(), PCMA)
    playing = asyncio.create_task(sound.play(path, 0.0))
    await asyncio.sleep(0)
    levels = []
    for tick in range(4):
        sound.tick(0.01 * tick)
        levels.append(int(np.abs(np.frombuffer(decoded(far.recv(400)[12:], PCMA), "<i2").astype(int)).max()))
    played = await playing
    sound.close()
    assert [level > 4000 for level in levels] == [True, True, True, False]
    assert (played.position_s, played.complete) == (pytest.approx(0.06), True)
    assert sound.wire.sent_late_s == pytest.approx(0.03)


async def test_a_call_that_ends_ends_what_it_was_playing(far: socket.socket, tmp_path: Path) -> None:
    path = tmp_path / "long.wav"
    write_wav(path, Speech(bytes(16000)))
    sound = Sound("127.0.0.1")
    sound.open(far.getsockname(), PCMA)
    playing = asyncio.create_task(sound.play(path, 0.0))
    await asyncio.sleep(0)
    sound.tick(0.0)
    sound.close()
    played = await playing
    assert not played.complete
    assert played.position_s == pytest.approx(0.02)


async def test_the_clock_calls_everybody_fifty_times_a_second_until_told_otherwise() -> None:
    clock = Clock()
    counts = [0] * 10

    def count(index: int) -> None:
        counts[index] += 1

    undo = [clock.add(lambda _late, index=index: count(index)) for index in range(10)]  # type: ignore[misc]
    running = asyncio.create_task(clock.run())
    began = asyncio.get_running_loop().time()
    while min(counts) < 25:
        await asyncio.sleep(0.01)
    undo[0]()
    before, elapsed_s = counts[0], asyncio.get_running_loop().time() - began
    while counts[1] < 40:
        await asyncio.sleep(0.01)
    running.cancel()
    assert counts[0] == before
    assert elapsed_s > 0.4
