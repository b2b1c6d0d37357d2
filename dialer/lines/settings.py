"""How the lines are set up."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from dialer.lines.errors import LineError

BRIDGE_MS = 20
"""Clock of the audio bridge in milliseconds: every frame handed up is a multiple of it."""
_FIRST_PORT = 1024
_PORTS = 65536
_PORTS_PER_SLOT = 4
"""RTP and RTCP, and those of the call before, which stay open for half a second."""


@dataclass(frozen=True, slots=True)
class SipAccount:
    """Who we are on the trunk. Without a registrar it is a plain trunk that trusts our address."""

    id_uri: str
    registrar_uri: str = ""
    proxy_uri: str = ""
    username: str = ""
    password: str = field(default="", repr=False)
    realm: str = "*"
    """Realm of the digest challenge that the credentials answer; ``*`` answers any."""


@dataclass(frozen=True, slots=True)
class LineSettings:
    """A pool of line processes."""

    processes: int = 2
    slots_per_process: int = 4
    """The PyPI wheel of pjsua2 carries at most 4 calls in one process."""
    host: str = "127.0.0.1"
    """Address to bind SIP and RTP to."""
    transport: Literal["udp", "tcp"] = "udp"
    first_port: int = 0
    """SIP port of the first process, the others follow; 0: any free port."""
    first_rtp_port: int = 0
    """Even UDP port from which the ports of sound are taken; 0: any free port.

    pjsip sends the first ten packets of a call to whoever sends to its port before the callee does. Ports that nothing
    else takes, and that come round again late, keep such strays away, as those of a call that has just ended.
    """
    rtp_ports: int = 16384
    """How many from there on, shared out among the processes; a call needs two."""
    account: SipAccount | None = None
    frame_ms: int = 60
    """Milliseconds of audio in one frame handed up."""
    codecs: tuple[str, ...] = ("PCMA", "PCMU")
    """In the order in which they are offered; no other codec is."""
    user_agent: str = "dissuade/0.1"
    log_path: Path | None = None
    """One file for each process, ``-0``, ``-1``, ... before the suffix; SIP messages with their numbers are in them."""
    calls_per_s: float = 20.0
    """INVITEs a second in one process at most: about 80 a second abort it (closed RTP sockets linger 0.5 s)."""
    start_timeout_s: float = 30.0
    """Seconds that a process may take until it is ready and registered."""

    def __post_init__(self) -> None:
        if self.processes < 1 or self.slots_per_process < 1:
            raise LineError("At least one line process with one call slot is needed: raise the number of lines.")
        if self.frame_ms < BRIDGE_MS or self.frame_ms % BRIDGE_MS:
            raise LineError(f"frame_ms is {self.frame_ms}: use a multiple of {BRIDGE_MS}, e.g. 60.")
        if self.transport not in ("udp", "tcp"):
            raise LineError(f"The SIP transport {self.transport!r} is unknown: use udp or tcp.")
        if self.first_rtp_port:
            self._check_rtp_ports()

    def _check_rtp_ports(self) -> None:
        needed = _PORTS_PER_SLOT * self.slots_per_process * self.processes
        if self.rtp_ports < needed:
            raise LineError(
                f"rtp_ports is {self.rtp_ports}, and {self.processes * self.slots_per_process} calls at once need"
                f" {needed} ports: raise rtp_ports."
            )
        if self.first_rtp_port % 2 or self.first_rtp_port < _FIRST_PORT:
            raise LineError(f"first_rtp_port is {self.first_rtp_port}: use an even port from {_FIRST_PORT} on, or 0.")
        if self.first_rtp_port + self.rtp_ports > _PORTS:
            raise LineError(
                f"{self.rtp_ports} RTP ports from {self.first_rtp_port} on end behind {_PORTS - 1}, the last there is:"
                " lower first_rtp_port or rtp_ports."
            )

    def rtp_ports_of(self, index: int) -> tuple[int, int] | None:
        """First and last port for the sound of the process ``index``; ``None``: any free ones."""
        if not self.first_rtp_port:
            return None
        share = self.rtp_ports // self.processes // 2 * 2
        first = self.first_rtp_port + index * share
        return first, first + share - 1

    @property
    def frame_bytes(self) -> int:
        """Bytes in one frame: 16 bits, mono, 8 kHz."""
        return self.frame_ms * 16
