"""The doctor, on real parts: mosquitto, Kamailio as registrar and as plain trunk, and what is not there."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from dissuade.config import Config
from dissuade.doctor import Verdict, network
from rehearsal.broker import Broker
from rehearsal.carrier import Carrier, Subscriber

pytestmark = pytest.mark.wire


def configured(tmp_path: Path, **sections: dict[str, object]) -> Config:
    return Config(node={"home": tmp_path}, **sections)  # type: ignore[arg-type]


@pytest.fixture
async def carrier(tmp_path: Path) -> AsyncIterator[Carrier]:
    carrier = Carrier(tmp_path, {}, Subscriber(password="right"))
    await carrier.start()
    yield carrier
    await carrier.stop()


def trunk(carrier: Carrier, password: str) -> dict[str, object]:
    return {
        "host": carrier.host,
        "port": carrier.port,
        "register": True,
        "username": carrier.subscriber.username,
        "password": password,
    }


async def test_a_registration_that_stands_is_ok(carrier: Carrier, tmp_path: Path) -> None:
    (finding,) = await network.trunk(configured(tmp_path, trunk=trunk(carrier, "right")))
    assert finding.verdict is Verdict.OK


async def test_a_wrong_password_is_found_and_not_shown(carrier: Carrier, tmp_path: Path) -> None:
    (finding,) = await network.trunk(configured(tmp_path, trunk=trunk(carrier, "wrong-secret")))
    assert finding.verdict is Verdict.FAIL
    assert finding.mend
    assert "wrong-secret" not in finding.said + finding.mend


@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_a_plain_trunk_answers_an_options(carrier: Carrier, tmp_path: Path, transport: str) -> None:
    plain = {"host": carrier.host, "port": carrier.port, "transport": transport}
    (finding,) = await network.trunk(configured(tmp_path, trunk=plain))
    assert finding.verdict is Verdict.OK
    assert "200" in finding.said


async def test_a_plain_trunk_that_refuses_connections_fails(free_port: Callable[[], int], tmp_path: Path) -> None:
    plain = {"host": "127.0.0.1", "port": free_port(), "transport": "tcp"}
    (finding,) = await network.trunk(configured(tmp_path, trunk=plain))
    assert finding.verdict is Verdict.FAIL


async def test_a_plain_trunk_that_is_silent_is_a_warning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network, "WAIT_S", 0.7)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        plain = {"host": "127.0.0.1", "port": silent.getsockname()[1]}
        (finding,) = await network.trunk(configured(tmp_path, trunk=plain))
    assert finding.verdict is Verdict.WARN


async def test_the_broker_is_connected_to(tmp_path: Path, free_port: Callable[[], int]) -> None:
    broker = Broker(tmp_path)
    await broker.start()
    try:
        (finding,) = await network.broker(configured(tmp_path, mqtt={"host": broker.host, "port": broker.port}))
    finally:
        await broker.stop()
    assert finding.verdict is Verdict.OK
    (finding,) = await network.broker(configured(tmp_path, mqtt={"host": "127.0.0.1", "port": free_port()}))
    assert finding.verdict is Verdict.FAIL
