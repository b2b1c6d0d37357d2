"""Kamailio between two sides that know nothing of each other: digest, routes, refusals, and what passes through."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from dialer.lines import Leg, LineError, LinePool, LineSettings, SipAccount
from rehearsal.carrier import REALM, Carrier, Subscriber, configuration
from rehearsal.errors import CarrierError
from rehearsal.ports import free_port

pytestmark = pytest.mark.wire

NUMBER, OFFICER, NOBODY = "+8611100000011", "8001", "+8611100000099"
PATIENCE_S = 30.0


@dataclass
class Net:
    """A carrier, the phones behind it, and what the dialer needs to use it."""

    carrier: Carrier
    phones: LinePool

    def settings(self, **changes: object) -> LineSettings:
        carrier, subscriber = self.carrier, self.carrier.subscriber
        account = SipAccount(
            id_uri=carrier.uri(subscriber.username),
            registrar_uri=f"sip:{carrier.host}:{carrier.port}",
            username=subscriber.username,
            password=subscriber.password,
            realm=REALM,
        )
        return replace(LineSettings(processes=1, frame_ms=20, account=account), **changes)

    async def called(self) -> Leg:
        """The next call that reaches a phone."""
        async with asyncio.timeout(PATIENCE_S):
            return await anext(self.phones.incoming())


@asynccontextmanager
async def net(folder: Path) -> AsyncIterator[Net]:
    phones = LinePool(LineSettings(processes=1, frame_ms=20), incoming=True)
    await phones.start()
    contact = phones.contacts[0]
    carrier = Carrier(folder, {NUMBER: contact, OFFICER: contact})
    try:
        await carrier.start()
        yield Net(carrier, phones)
    finally:
        await carrier.stop()
        await phones.stop()


@asynccontextmanager
async def dialer(settings: LineSettings) -> AsyncIterator[LinePool]:
    pool = LinePool(settings)
    await pool.start()
    try:
        yield pool
    finally:
        await pool.stop()


async def ended(leg: Leg) -> int:
    async with asyncio.timeout(PATIENCE_S):
        await leg.ended.wait()
    assert leg.end
    return leg.end.sip_code


async def test_a_call_with_the_right_password_reaches_the_phone_of_that_number(tmp_path: Path) -> None:
    async with net(tmp_path) as there, dialer(there.settings()) as pool:
        assert pool.registration[0] is not None
        leg = pool.take()
        await leg.invite(there.carrier.uri(NUMBER), asserted_identity="<sip:96110@carrier.invalid>")
        phone = await there.called()
        assert phone.called_number == NUMBER
        assert "96110" in phone.headers["P-Asserted-Identity"]
        await phone.answer()
        assert await leg.wait("answered", PATIENCE_S)
        await leg.hang_up()
        await ended(phone)


async def test_a_wrong_password_is_refused_at_registration(tmp_path: Path) -> None:
    async with net(tmp_path) as there:
        settings = there.settings()
        assert settings.account
        wrong = replace(settings, account=replace(settings.account, password="wrong"))
        with pytest.raises(LineError, match=r"40[13]"):
            async with dialer(wrong):
                pass


async def test_a_caller_without_credentials_is_challenged(tmp_path: Path) -> None:
    async with net(tmp_path) as there, dialer(there.settings(account=None)) as pool:
        leg = pool.take()
        await leg.invite(there.carrier.uri(NUMBER))
        assert await ended(leg) == 407


async def test_a_number_that_no_phone_serves_is_not_found(tmp_path: Path) -> None:
    async with net(tmp_path) as there, dialer(there.settings()) as pool:
        leg = pool.take()
        await leg.invite(there.carrier.uri(NOBODY))
        assert await ended(leg) == 404


async def test_refusals_pass_with_code_and_cause(tmp_path: Path) -> None:
    async with net(tmp_path) as there, dialer(there.settings()) as pool:
        for code, cause in ((486, 17), (480, 20), (603, 21)):
            leg = pool.take()
            await leg.invite(there.carrier.uri(NUMBER))
            await (await there.called()).reject(code, cause)
            assert await ended(leg) == code
            assert leg.end
            assert leg.end.q850 == cause


async def test_ringing_and_early_media_pass_before_a_refusal(tmp_path: Path) -> None:
    async with net(tmp_path) as there, dialer(there.settings()) as pool:
        leg = pool.take()
        await leg.invite(there.carrier.uri(NUMBER))
        phone = await there.called()
        await phone.send_ringing()
        assert await leg.wait("ringing", PATIENCE_S)
        await phone.send_progress()
        assert await leg.wait("early_media", PATIENCE_S)
        async with asyncio.timeout(PATIENCE_S):
            assert len(await anext(leg.frames())) == 320
        await phone.reject(480)
        assert await ended(leg) == 480


async def test_a_caller_who_gives_up_stops_the_ringing(tmp_path: Path) -> None:
    async with net(tmp_path) as there, dialer(there.settings()) as pool:
        leg = pool.take()
        await leg.invite(there.carrier.uri(NUMBER))
        phone = await there.called()
        await phone.send_ringing()
        assert await leg.wait("ringing", PATIENCE_S)
        await leg.hang_up()
        await ended(phone)
        assert not phone.answered.is_set()


async def test_a_call_over_tcp_reaches_a_phone_on_udp(tmp_path: Path) -> None:
    async with net(tmp_path) as there, dialer(there.settings(transport="tcp")) as pool:
        leg = pool.take()
        await leg.invite(there.carrier.uri(NUMBER) + ";transport=tcp")
        phone = await there.called()
        await phone.answer()
        assert await leg.wait("answered", PATIENCE_S)
        await phone.hang_up()
        assert await ended(leg) == 200


async def test_a_transfer_inside_the_call_brings_the_phone_to_another_without_a_password(tmp_path: Path) -> None:
    async with net(tmp_path) as there, dialer(there.settings()) as pool:
        leg = pool.take()
        await leg.invite(there.carrier.uri(NUMBER))
        phone = await there.called()
        await phone.answer()
        assert await leg.wait("answered", PATIENCE_S)
        accepted = asyncio.create_task(leg.refer(there.carrier.uri(OFFICER)))
        officer = await there.called()
        assert officer.called_number == OFFICER
        await officer.answer()
        async with asyncio.timeout(PATIENCE_S):
            assert await accepted


async def test_a_carrier_that_cannot_start_says_why(tmp_path: Path) -> None:
    carrier = Carrier(tmp_path, {NUMBER: "sip:127.0.0.1:5060"}, Subscriber(password='broken"\n}'))
    with pytest.raises(CarrierError, match="kamailio did not start"):
        await carrier.start()


async def test_a_stopped_carrier_leaves_its_port(tmp_path: Path) -> None:
    carrier = Carrier(tmp_path, {})
    await carrier.start()
    await carrier.stop()
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection(carrier.host, carrier.port)


def test_the_configuration_trusts_the_phones_alone() -> None:
    routes: Mapping[str, str] = {NUMBER: "sip:127.0.0.1:1111", OFFICER: "sip:127.0.0.1:2222"}
    text = configuration(free_port(), routes, Subscriber(), Path("/modules"))
    assert '($si == "127.0.0.1" && $sp == 1111) || ($si == "127.0.0.1" && $sp == 2222)' in text
    assert f'$ru = "sip:{NUMBER}@127.0.0.1:1111";' in text
