"""Which ports the sound of calls takes: those of the range, one after the other, each process its own."""

from __future__ import annotations

import asyncio
import re
import socket

import pytest

from dialer.lines import LineError, LineSettings
from rehearsal.crowd import sip
from tests.dialer.lines.conftest import StartPool
from tests.dialer.lines.peers import WAIT_S

_FIRST = 10_000
"""Nothing else takes ports from here on: neither the system nor another test."""


@pytest.mark.unit
def test_each_process_has_ports_of_its_own() -> None:
    settings = LineSettings(processes=3, first_rtp_port=_FIRST, rtp_ports=100)
    assert [settings.rtp_ports_of(index) for index in range(3)] == [(10000, 10031), (10032, 10063), (10064, 10095)]


@pytest.mark.unit
def test_without_a_first_port_any_will_do() -> None:
    assert LineSettings(first_rtp_port=0, rtp_ports=0).rtp_ports_of(0) is None


@pytest.mark.unit
@pytest.mark.parametrize(
    ("first", "ports", "mend"),
    [
        (10_001, 100, "use an even port from 1024 on"),
        (80, 100, "use an even port from 1024 on"),
        (65_500, 100, "lower first_rtp_port or rtp_ports"),
        (10_000, 31, "8 calls at once need 32 ports: raise rtp_ports"),
    ],
)
def test_ports_that_there_are_not_are_refused_with_the_mend(first: int, ports: int, mend: str) -> None:
    with pytest.raises(LineError, match=mend):
        LineSettings(processes=2, first_rtp_port=first, rtp_ports=ports)


@pytest.mark.wire
async def test_a_port_does_not_come_again_before_all_others_did(start_pool: StartPool) -> None:
    pool = await start_pool(first_rtp_port=_FIRST, rtp_ports=16)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as busy:
        busy.bind(("127.0.0.1", 0))
        busy.setblocking(False)
        offered = []
        for _ in range(8):
            leg = pool.take()
            await leg.invite(f"sip:12025550101@127.0.0.1:{busy.getsockname()[1]}")
            offered.append(await _refused(busy))
            await asyncio.wait_for(leg.ended.wait(), WAIT_S)
    assert sorted(offered) == list(range(_FIRST, _FIRST + 16, 2))


async def _refused(busy: socket.socket) -> int:
    """Refuse a call; returns the port of sound that it offered."""
    loop = asyncio.get_running_loop()
    while True:
        data, caller = await asyncio.wait_for(loop.sock_recvfrom(busy, 4096), WAIT_S)
        message = sip.parse(data)
        assert message is not None
        if message.method == "INVITE":
            await loop.sock_sendto(busy, sip.response(message, 486, "busy"), caller)
            port = re.search(rb"m=audio (\d+)", data)
            assert port is not None
            return int(port[1])
