"""The trunk, the dissuaders and the broker: reached for real."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import socket
from typing import TYPE_CHECKING

from dissuade.doctor.finding import Finding, fail, ok, warn

if TYPE_CHECKING:
    from dialer.trunk import Trunk
    from dissuade.config import Config

WAIT_S = 5.0


async def trunk(config: Config) -> list[Finding]:
    """The registrar takes us; a plain trunk answers an OPTIONS."""
    from dissuade.node import make_trunk

    if not config.trunk.host:
        return [warn("trunk", "none is configured: nobody can be called", "set trunk.host; dissuade demo needs none")]
    made = make_trunk(config)
    return [await _register(config, made) if config.trunk.register_ else await _ask(made)]


async def _register(config: Config, trunk: Trunk) -> Finding:
    from dialer.lines import LineError, LinePool
    from dissuade.node import line_settings

    where = f"{trunk.username} at {trunk.host}:{trunk.port} over {trunk.transport.upper()}"
    try:
        pool = LinePool(line_settings(config, trunk, processes=1))
        await pool.start()
    except LineError as error:
        return fail("trunk", f"cannot register {where}: {error}", "correct [trunk], or ask the carrier")
    await pool.stop()
    return ok("trunk", f"registered {where}")


async def _ask(trunk: Trunk) -> Finding:
    """Send an OPTIONS; any answer shows that a SIP server is there."""
    where = f"{trunk.host}:{trunk.port} over {trunk.transport.upper()}"
    try:
        async with asyncio.timeout(WAIT_S):
            status = await (options_udp(trunk.host, trunk.port) if trunk.transport == "udp" else _options_tcp(trunk))
    except TimeoutError:
        return warn(
            "trunk",
            f"{where} did not answer an OPTIONS within {WAIT_S:g} s",
            "check host, port and firewall; some carriers answer INVITEs alone",
        )
    except OSError as error:
        return fail(
            "trunk", f"{where} cannot be reached: {error.strerror or error}", "correct trunk.host and trunk.port"
        )
    return ok("trunk", f"{where} answers: {status}")


def _request(transport: str, host: str, port: int, own: tuple[str, int]) -> bytes:
    tag = secrets.token_hex(8)
    lines = [
        f"OPTIONS sip:{host}:{port} SIP/2.0",
        f"Via: SIP/2.0/{transport} {own[0]}:{own[1]};rport;branch=z9hG4bK{tag}",
        f"From: <sip:doctor@{own[0]}>;tag={tag}",
        f"To: <sip:{host}:{port}>",
        f"Call-ID: {tag}",
        "CSeq: 1 OPTIONS",
        f"Contact: <sip:doctor@{own[0]}:{own[1]}>",
        "Max-Forwards: 70",
        "Content-Length: 0",
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def _status(answer: bytes) -> str:
    return answer.split(b"\r\n", 1)[0].decode(errors="replace").removeprefix("SIP/2.0 ")


async def options_udp(host: str, port: int) -> str:
    """Status of the answer to an OPTIONS over UDP; sent again every half second. Raises `OSError`."""
    loop = asyncio.get_running_loop()
    family, kind, protocol, _, address = (await loop.getaddrinfo(host, port, type=socket.SOCK_DGRAM))[0]
    with socket.socket(family, kind, protocol) as probe:
        probe.setblocking(False)
        await loop.sock_connect(probe, address)
        request = _request("UDP", host, port, probe.getsockname()[:2])
        while True:
            with contextlib.suppress(ConnectionRefusedError, TimeoutError):
                await loop.sock_sendall(probe, request)
                async with asyncio.timeout(0.5):
                    return _status(await loop.sock_recv(probe, 4096))
            await asyncio.sleep(0.1)


async def _options_tcp(trunk: Trunk) -> str:
    reader, writer = await asyncio.open_connection(trunk.host, trunk.port)
    try:
        writer.write(_request("TCP", trunk.host, trunk.port, writer.get_extra_info("sockname")[:2]))
        return _status(await reader.readline())
    finally:
        writer.close()


async def dissuaders(config: Config) -> list[Finding]:
    """Somebody is there to take a live call."""
    if not config.dissuaders:
        return [
            warn(
                "dissuaders",
                "none are configured: every escalation ends with the promise to call back",
                "add [[dissuaders]] with name and uri",
            )
        ]
    return [ok("dissuaders", ", ".join(each.name for each in config.dissuaders))]


async def broker(config: Config) -> list[Finding]:
    """The broker takes us."""
    section = config.mqtt
    if not section.host:
        return [ok("broker", "none is configured: events stay in the store")]
    import aiomqtt

    where = f"{section.host}:{section.port}"
    authorities = str(section.ca_file) if section.ca_file else None
    try:
        async with asyncio.timeout(WAIT_S):
            async with aiomqtt.Client(
                section.host,
                section.port,
                username=section.username or None,
                password=section.password.get_secret_value() or None,
                tls_params=aiomqtt.TLSParameters(ca_certs=authorities) if section.tls else None,
                protocol=aiomqtt.ProtocolVersion.V5,
            ):
                return [ok("broker", f"{where} accepts")]
    except (aiomqtt.MqttError, OSError, TimeoutError) as error:
        said = f"{where}: {str(error) or 'no answer'}"
        return [
            fail("broker", said, "start it, or correct [mqtt]; calls go on without it and events wait in the store")
        ]
