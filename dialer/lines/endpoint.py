# ruff: noqa: D102, N802 - the names and the meaning of callbacks are pjsua2's
"""The one pjsua2 endpoint of a line process: transports, codecs, account. Every method belongs to the SIP thread."""

from __future__ import annotations

import ctypes
import functools
import socket
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import pjsua2 as pj

from dialer.lines.errors import LineError
from dialer.lines.messages import Registered
from dialer.lines.settings import BRIDGE_MS, LineSettings
from dialer.lines.siptext import over_tcp

_RATE = 8000
_LOOPBACK = "127.0.0.1"
_native = ctypes.CDLL(pj._pjsua2.__file__)
_Callback = TypeVar("_Callback", bound=Callable[..., Any])


def guarded(callback: _Callback) -> _Callback:
    """Keep an exception inside a callback: pjsua2 would abort, and the traceback would keep its objects alive."""

    @functools.wraps(callback)
    def wrapper(*args: Any) -> Any:
        try:
            return callback(*args)
        except pj.Error as error:
            print(f"{callback.__qualname__}: {error.status} {error.reason}", file=sys.stderr, flush=True)  # noqa: T201
        except Exception:
            traceback.print_exc()
        return None

    return wrapper  # type: ignore[return-value]


def calls_in_use() -> int:
    """Count the call slots that pjsip has not given back yet; more than the calls that we know of."""
    return int(_native.pjsua_call_get_count())


def most_calls() -> int:
    """Count the call slots that pjsua2 was built with."""
    return int(_native.pjsua_call_get_max_count())


class LineAccount(pj.Account):  # type: ignore[misc]
    """Our identity on the trunk; tells about registration and incoming calls."""

    def __init__(self, on_registered: Callable[[Registered], None], on_call: Callable[[Any], None]) -> None:
        super().__init__()
        self._on_registered = on_registered
        self._on_call = on_call

    @guarded
    def onRegState(self, prm: Any) -> None:
        active = bool(self.getInfo().regIsActive)
        self._on_registered(Registered(active, int(prm.code), str(prm.reason)))

    @guarded
    def onIncomingCall(self, prm: Any) -> None:
        self._on_call(prm)


class LineEndpoint:
    """pjsua2, started. ``contact`` is where it is reached."""

    def __init__(
        self,
        settings: LineSettings,
        index: int,
        port: int,
        on_registered: Callable[[Registered], None],
        on_call: Callable[[Any], None],
    ) -> None:
        """Start it. Raises LineError with the mend."""
        self._settings = settings
        self._waker = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.pj = pj.Endpoint()
        self.pj.libCreate()
        try:
            self.pj.libInit(self._config(index))
            if settings.slots_per_process > most_calls():
                raise LineError(
                    f"This pjsua2 carries at most {most_calls()} calls in one process: set slots_per_process to that"
                    " and raise the number of processes."
                )
            self.contact, transport = self._bind(port)
            self.pj.audDevManager().setNullDev()
            self.pj.libStart()
            self._choose_codecs()
            self.account = LineAccount(on_registered, on_call)
            self.account.create(self._account_config(transport, index))
        except pj.Error as error:
            raise LineError(f"pjsua2 cannot start: {error.reason} ({error.title}).") from None

    def handle_events(self, timeout_ms: int) -> None:
        """Let pjsip work, at most so long when there is nothing to do."""
        self.pj.libHandleEvents(timeout_ms)

    def wake(self) -> None:
        """Make a waiting `handle_events` return; from any thread."""
        self._waker.send(b"\r\n\r\n")

    def unregister(self) -> None:
        """Tell the registrar that we leave."""
        if self._settings.account and self._settings.account.registrar_uri:
            self.account.setRegistration(False)

    def _config(self, index: int) -> Any:
        config = pj.EpConfig()
        config.uaConfig.threadCnt = 0
        config.uaConfig.maxCalls = self._settings.slots_per_process
        config.uaConfig.userAgent = self._settings.user_agent
        config.logConfig.consoleLevel = 0
        config.logConfig.level = 0
        if self._settings.log_path:
            path = Path(self._settings.log_path)
            config.logConfig.level = 4
            config.logConfig.filename = str(path.with_name(f"{path.stem}-{index}{path.suffix}"))
        media = config.medConfig
        media.clockRate = media.sndClockRate = _RATE
        media.ecTailLen = 0
        media.noVad = True
        media.quality = 4
        media.ptime = media.audioFramePtime = BRIDGE_MS
        media.threadCnt = 1
        media.sndAutoCloseTime = -1
        return config

    def _bind(self, port: int) -> tuple[str, int]:
        """Open the SIP transport; pjsip's wait is woken by a datagram, so TCP gets a UDP port beside it."""
        host = self._settings.host
        if self._settings.transport == "udp":
            transport, name = self._transport(pj.PJSIP_TRANSPORT_UDP, port, host)
            self._waker.connect((_LOOPBACK if host == "0.0.0.0" else host, _port_of(name)))  # noqa: S104
            return f"sip:{name}", transport
        _, waker = self._transport(pj.PJSIP_TRANSPORT_UDP, 0, _LOOPBACK)
        self._waker.connect((_LOOPBACK, _port_of(waker)))
        transport, name = self._transport(pj.PJSIP_TRANSPORT_TCP, port, host)
        return f"sip:{name};transport=tcp", transport

    def _transport(self, kind: int, port: int, host: str) -> tuple[int, str]:
        config = pj.TransportConfig()
        config.port = port
        config.boundAddress = host
        try:
            transport = int(self.pj.transportCreate(kind, config))
        except pj.Error as error:
            raise LineError(
                f"SIP port {port or '(any)'} on {host} cannot be bound: {error.reason}."
                " Set host to an address of this machine and first_port to free ports, or 0 for any."
            ) from None
        return transport, str(self.pj.transportGetInfo(transport).localName)

    def _choose_codecs(self) -> None:
        for codec in self.pj.codecEnum2():
            self.pj.codecSetPriority(codec.codecId, 0)
        for rank, name in enumerate(self._settings.codecs):
            try:
                self.pj.codecSetPriority(f"{name}/8000", 255 - rank)
            except pj.Error:
                raise LineError(f"The codec {name} is unknown: use PCMA, PCMU or GSM.") from None

    def _account_config(self, transport: int, index: int) -> Any:
        settings, account = self._settings, self._settings.account
        config = pj.AccountConfig()
        config.idUri = account.id_uri if account else self.contact
        config.sipConfig.transportId = transport
        media = config.mediaConfig.transportConfig
        media.boundAddress = settings.host
        media.port = 0
        if ports := settings.rtp_ports_of(index):
            media.port, media.portRange = ports[0], ports[1] - ports[0]
            media.randomizePort = True  # only where it begins; from there one after the other, so that none comes soon
        config.regConfig.registerOnAdd = False
        # Keep our own contact: a registrar on loopback or behind the same NAT needs no rewriting.
        config.natConfig.contactRewriteUse = 0
        config.natConfig.viaRewriteUse = 0
        config.natConfig.sdpNatRewriteUse = 0
        config.callConfig.timerUse = pj.PJSUA_SIP_TIMER_INACTIVE
        if account is None:
            return config
        if account.registrar_uri:
            config.regConfig.registrarUri = self.routed(account.registrar_uri)
            config.regConfig.registerOnAdd = True
            config.regConfig.firstRetryIntervalSec = 5
            config.regConfig.retryIntervalSec = 30
        if account.proxy_uri:
            config.sipConfig.proxies.append(self.routed(account.proxy_uri))
        if account.username:
            credentials = pj.AuthCredInfo("digest", account.realm, account.username, 0, account.password)
            config.sipConfig.authCreds.append(credentials)
        return config

    def routed(self, uri: str) -> str:
        """Return a URI that is reached over our transport."""
        return over_tcp(uri) if self._settings.transport == "tcp" else uri


def _port_of(name: str) -> int:
    return int(name.rpartition(":")[2])
