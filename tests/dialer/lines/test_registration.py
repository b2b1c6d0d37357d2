"""Registration with digest authentication, at SIPp."""

from __future__ import annotations

import pytest

from dialer.lines import LineError, LinePool, LineSettings, SipAccount
from tests.dialer.lines.conftest import StartPool, StartSipp

pytestmark = pytest.mark.wire


def _account(port: int, password: str) -> SipAccount:
    return SipAccount(
        "sip:96110@carrier.test", f"sip:127.0.0.1:{port}", username="96110", password=password, realm="carrier.test"
    )


@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_the_right_password_registers(start_pool: StartPool, sipp: StartSipp, transport: str) -> None:
    registrar = sipp("registrar", *(("-t", "t1") if transport == "tcp" else ()))
    pool = await start_pool(account=_account(registrar.port, "correct"), transport=transport)
    assert [(told.active, told.code) for told in pool.registration if told] == [(True, 200)]
    await registrar.finished()


async def test_a_wrong_password_is_told_with_its_mend(sipp: StartSipp) -> None:
    registrar = sipp("registrar")
    pool = LinePool(LineSettings(processes=1, account=_account(registrar.port, "wrong")))
    with pytest.raises(LineError, match=r"403 Forbidden.*user name and password"):
        await pool.start()
    assert pool.pids == [0]
    await registrar.finished()


async def test_a_registrar_that_says_nothing_is_told(sipp: StartSipp) -> None:
    registrar = sipp("silent")
    pool = LinePool(LineSettings(processes=1, account=_account(registrar.port, "correct"), start_timeout_s=1.0))
    with pytest.raises(LineError, match="does not answer"):
        await pool.start()


async def test_lines_can_be_had_before_they_are_registered(sipp: StartSipp) -> None:
    registrar = sipp("silent")
    pool = LinePool(LineSettings(processes=1, account=_account(registrar.port, "correct")))
    await pool.start(wait_registered=False)
    assert pool.registration == [None]
    assert pool.free_slots == pool.capacity
    await pool.stop()
