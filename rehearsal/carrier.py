"""The carrier between dialer and phones: Kamailio on loopback, with a configuration written for one rehearsal.

It challenges the dialer (digest, REGISTER and INVITE), brings every number to the phone that serves it, answers 404
for the others, and stays in the way of the whole dialogue (Record-Route), so that REFER, BYE and early media pass it
as they would pass a carrier's border. Phones are known by their address and are not challenged.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import secrets
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from string import Template

from rehearsal.errors import CarrierError
from rehearsal.ports import free_port
from rehearsal.server import Server

REALM = "carrier.invalid"
_SINGLE = 100
"""More numbers than these at one address, a crowd's, are not told apart here: it says itself whom it does not know."""
_TEMPLATE = Path(__file__).parent / "kamailio.cfg"
_MEND = "apt-get install kamailio (make setup does it)"


@dataclass(frozen=True, slots=True)
class Subscriber:
    """The dialer's account."""

    username: str = "dissuade"
    password: str = field(default_factory=lambda: secrets.token_urlsafe(12), repr=False)


class _Template(Template):
    """``@{name}``: Kamailio's own variables begin with a dollar."""

    delimiter = "@"


class Carrier:
    """One Kamailio. ``routes``: number or user to the SIP URI of the process that serves it."""

    def __init__(self, folder: Path, routes: Mapping[str, str], subscriber: Subscriber | None = None) -> None:
        self.folder = folder
        self.subscriber = subscriber or Subscriber()
        self.port = 0
        self._routes = dict(routes)
        self._server = Server("kamailio", mend=_MEND, error=CarrierError)

    @property
    def host(self) -> str:
        """Where it listens, UDP and TCP."""
        return "127.0.0.1"

    @property
    def log(self) -> Path:
        """What Kamailio said."""
        return self.folder / "kamailio.log"

    def uri(self, user: str) -> str:
        """The address of a user at this carrier."""
        return f"sip:{user}@{self.host}:{self.port}"

    async def start(self) -> None:
        """Listen; raises `CarrierError`."""
        self._server.find()
        runtime = self.folder / "kamailio"
        runtime.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        config = self.folder / "kamailio.cfg"
        config.write_text(configuration(self.port, self._routes, self.subscriber, modules_folder()), encoding="utf-8")
        config.chmod(0o600)
        arguments = ("-f", str(config), "-DD", "-E", "-m", "32", "-M", "4", "-w", str(runtime), "-Y", str(runtime))
        await self._server.start(
            arguments, self.log, answers=functools.partial(_answers, self.port), complaint=self._complaint
        )

    async def stop(self) -> None:
        """End it and its children."""
        await self._server.stop()

    def _complaint(self) -> str:
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        bad = [line for line in lines if "ERROR" in line or "CRITICAL" in line]
        return (bad or lines or ["it said nothing"])[-1].strip() + "; "


def modules_folder() -> Path:
    """Where Debian keeps Kamailio's modules on this machine; raises `CarrierError`."""
    for folder in sorted(Path("/usr/lib").glob("*/kamailio/modules")):
        if (folder / "tm.so").is_file():
            return folder
    raise CarrierError(f"Kamailio's modules are not in /usr/lib/*/kamailio/modules: {_MEND}.")


def configuration(port: int, routes: Mapping[str, str], subscriber: Subscriber, modules: Path) -> str:
    """Kamailio's configuration for these phones."""
    hosts = sorted({uri.partition(":")[2] for uri in routes.values()})
    addresses = [host.rpartition(":") for host in hosts]
    trusted = " || ".join(f'($si == "{address}" && $sp == {number})' for address, _, number in addresses)
    if len(hosts) == 1 and len(routes) > _SINGLE:
        cases = f'\t$ru = "sip:" + $rU + "@{hosts[0]}";\n\troute(RELAY);'
    else:
        cases = "\n".join(
            f'\tif ($rU == "{user}") {{\n\t\t$ru = "sip:{user}@{uri.partition(":")[2]}";\n\t\troute(RELAY);\n\t}}'
            for user, uri in routes.items()
        )
    return _Template(_TEMPLATE.read_text(encoding="utf-8")).substitute(
        port=port,
        modules=modules,
        realm=REALM,
        username=subscriber.username,
        password=subscriber.password,
        trusted=trusted or "1 == 0",
        cases=cases,
    )


async def _answers(port: int) -> bool:
    """Whether an OPTIONS to the UDP port is answered."""
    loop = asyncio.get_running_loop()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.setblocking(False)
        probe.bind(("127.0.0.1", 0))
        own = probe.getsockname()[1]
        branch = secrets.token_hex(8)
        request = (
            f"OPTIONS sip:ping@127.0.0.1:{port} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:{own};branch=z9hG4bK{branch}\r\n"
            f"From: <sip:ping@127.0.0.1>;tag={branch}\r\nTo: <sip:ping@127.0.0.1:{port}>\r\nCall-ID: {branch}\r\n"
            "CSeq: 1 OPTIONS\r\nMax-Forwards: 5\r\nContent-Length: 0\r\n\r\n"
        )
        with contextlib.suppress(OSError, TimeoutError):
            async with asyncio.timeout(0.5):
                await loop.sock_sendto(probe, request.encode(), ("127.0.0.1", port))
                return (await loop.sock_recv(probe, 2048)).startswith(b"SIP/2.0 200")
    return False
