"""One SMPP 3.4 connection to a message centre (SMSC): bound, kept alive, answers matched to requests.

The PDUs are smpplib's. Its client blocks and carries one request at a time, so the connection is our own, on asyncio.
SMPP 3.4 numbers in comments are sections of "SMPP Protocol Specification v3.4", issue 1.2.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import struct
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import structlog
from smpplib import consts, smpp

_HEADER = struct.Struct(">LLLL")
_MAX_PDU_BYTES = 70_000
"""A message_payload may hold 64 KiB (5.3.2.32)."""
_LAST_SEQUENCE = 0x7FFFFFFF

log = structlog.get_logger(__name__)


class SmppError(Exception):
    """The message centre cannot be reached, or does not let us in."""


class SmppStatusError(Exception):
    """The message centre answered a request with an error."""

    def __init__(self, status: int) -> None:
        super().__init__(f"{consts.DESCRIPTIONS.get(status, 'unknown error')} (0x{status:08X})")
        self.status = status


class SmppLostError(Exception):
    """The connection broke, or no answer came in time, after a request had left: whether it took effect is unknown."""


@dataclass(frozen=True, slots=True)
class SmppSettings:
    """How the message centre is reached."""

    host: str
    port: int
    system_id: str
    password: str = field(repr=False)
    system_type: str = ""
    tls: ssl.SSLContext | None = None
    timeout_s: float = 10.0
    """For connecting, binding and one answer."""
    enquire_s: float = 30.0
    """Silence after which the connection is tried (enquire_link)."""


Deliver = Callable[[Any], Awaitable[bool]]
"""Takes a deliver_sm; whether it could be kept. If not, the message centre sends it again."""


class SmppSession:
    """A bound transceiver. ``await SmppSession.open(...)``; it ends by itself when the connection breaks."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, settings: SmppSettings, deliver: Deliver
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._settings = settings
        self._deliver = deliver
        self._sequence = 0
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._delivered: asyncio.Queue[Any] = asyncio.Queue()
        self._heard_at = 0.0
        self._tasks: list[asyncio.Task[None]] = []
        self.ended = asyncio.Event()
        self.why_ended = ""

    @classmethod
    async def open(cls, settings: SmppSettings, deliver: Deliver) -> SmppSession:
        """Connect and bind; raises `SmppError`."""
        where = f"{settings.host}:{settings.port}"
        try:
            async with asyncio.timeout(settings.timeout_s):
                reader, writer = await asyncio.open_connection(settings.host, settings.port, ssl=settings.tls)
        except (OSError, TimeoutError) as error:
            raise SmppError(f"{where} cannot be reached: {str(error) or 'no answer'}") from None
        session = cls(reader, writer, settings, deliver)
        session._tasks = [asyncio.create_task(session._read(), name="smpp")]
        try:
            await session._bind()
        except (SmppStatusError, SmppLostError) as error:
            await session.close()
            raise SmppError(f"{where} does not let us in: {error}") from None
        except BaseException:
            await session.close()
            raise
        session._tasks.append(asyncio.create_task(session._keep_alive(), name="smpp alive"))
        session._tasks.append(asyncio.create_task(session._keep_delivered(), name="smpp delivered"))
        return session

    async def submit(self, **fields: object) -> str:
        """Submit one message (4.4.1); returns the centre's name for it. Raises `SmppStatusError`, `SmppLostError`, and
        `SmppError` if it cannot have left.
        """
        if self.ended.is_set():
            raise SmppError(self.why_ended)
        answer = await self._request("submit_sm", **fields)
        return _text(answer.message_id)

    async def close(self) -> None:
        """Unbind, as far as the connection still stands."""
        if not self.ended.is_set() and len(self._tasks) > 1:
            with contextlib.suppress(SmppStatusError, SmppLostError, TimeoutError):
                async with asyncio.timeout(1.0):
                    await self._request("unbind")
        self._end("closed")
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _bind(self) -> None:
        settings = self._settings
        await self._request(
            "bind_transceiver",
            system_id=settings.system_id,
            password=settings.password,
            system_type=settings.system_type,
        )

    async def _request(self, command: str, **fields: object) -> Any:
        """Send a request and wait for its answer."""
        pdu = self._made(command, **fields)
        answered: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting[pdu.sequence] = answered
        try:
            await self._send(pdu)
            async with asyncio.timeout(self._settings.timeout_s):
                answer = await answered
        except TimeoutError:
            raise SmppLostError(f"no answer within {self._settings.timeout_s:g} s") from None
        finally:
            self._waiting.pop(pdu.sequence, None)
        if answer.status != consts.SMPP_ESME_ROK:
            raise SmppStatusError(answer.status)
        return answer

    def _made(self, command: str, **fields: object) -> Any:
        self._sequence = self._sequence % _LAST_SEQUENCE + 1
        pdu = smpp.make_pdu(command, client=_Numbers, **fields)
        pdu.sequence = self._sequence
        return pdu

    async def _answer(self, command: str, sequence: int, status: int = consts.SMPP_ESME_ROK) -> None:
        pdu = smpp.make_pdu(command, client=_Numbers, status=status)
        pdu.sequence = sequence
        await self._send(pdu)

    async def _send(self, pdu: Any) -> None:
        try:
            self._writer.write(pdu.generate())
            async with asyncio.timeout(self._settings.timeout_s):
                await self._writer.drain()
        except (OSError, TimeoutError) as error:
            self._end(f"the connection broke: {error}")
            raise SmppLostError(self.why_ended) from None

    async def _read(self) -> None:
        """Everything that comes, until the connection ends."""
        why = "the message centre ended the connection"
        try:
            while await self._take(await self._next()):
                pass
        except asyncio.IncompleteReadError:
            pass
        except (OSError, SmppLostError) as error:
            why = f"the connection broke: {error}"
        except _GarbageError as error:
            why = str(error)
        except Exception as error:
            log.exception("SMPP failed by our own fault")
            why = f"internal error: {error}"
        finally:
            self._end(why)

    async def _next(self) -> tuple[bytes, int, int, int]:
        head = await self._reader.readexactly(_HEADER.size)
        length, command, status, sequence = _HEADER.unpack(head)
        if not _HEADER.size <= length <= _MAX_PDU_BYTES:
            raise _GarbageError(f"what came is no SMPP: a PDU of {length} bytes")
        body = await self._reader.readexactly(length - _HEADER.size)
        self._heard_at = asyncio.get_running_loop().time()
        return head + body, command, status, sequence

    async def _take(self, received: tuple[bytes, int, int, int]) -> bool:
        """Handle one PDU; False when the session ends with it."""
        raw, command, _, sequence = received
        try:
            pdu = smpp.parse_pdu(raw, client=_Numbers, allow_unknown_opt_params=True)
        except Exception as error:  # smpplib raises whatever it stumbles over
            log.warning("a PDU cannot be read", command=f"0x{command:08X}", error=type(error).__name__)
            if not command & 0x80000000:
                await self._answer("generic_nack", sequence, consts.SMPP_ESME_RINVCMDID)
            elif waiting := self._waiting.get(sequence):
                _set(waiting, SmppLostError("the answer cannot be read"))
            return True
        if command & 0x80000000:
            if waiting := self._waiting.get(sequence):
                _set(waiting, pdu)
            return True
        match pdu.command:
            case "enquire_link":
                await self._answer("enquire_link_resp", sequence)
            case "deliver_sm":
                self._delivered.put_nowait(pdu)
            case "unbind":
                await self._answer("unbind_resp", sequence)
                return False
            case "alert_notification":
                pass
            case _:
                await self._answer("generic_nack", sequence, consts.SMPP_ESME_RINVCMDID)
        return True

    async def _keep_delivered(self) -> None:
        """Messages to us, one after the other: keeping them must not hold up the answers to our own requests."""
        with contextlib.suppress(SmppLostError):
            while True:
                pdu = await self._delivered.get()
                kept = await self._deliver(pdu)
                status = consts.SMPP_ESME_ROK if kept else consts.SMPP_ESME_RX_T_APPN
                await self._answer("deliver_sm_resp", pdu.sequence, status)

    async def _keep_alive(self) -> None:
        """After a while of silence the other side must answer."""
        loop = asyncio.get_running_loop()
        while not self.ended.is_set():
            silent_s = loop.time() - self._heard_at
            if silent_s < self._settings.enquire_s:
                await asyncio.sleep(self._settings.enquire_s - silent_s)
                continue
            try:
                await self._request("enquire_link")
            except SmppStatusError:
                continue
            except SmppLostError as error:
                self._end(f"the message centre does not answer: {error}")

    def _end(self, why: str) -> None:
        if self.ended.is_set():
            return
        self.why_ended = why
        self.ended.set()
        self._writer.close()
        for waiting in self._waiting.values():
            _set(waiting, SmppLostError(why))


class _GarbageError(Exception):
    pass


class _Numbers:
    """smpplib asks its client for sequence numbers; ours are set afterwards."""

    sequence = 0

    @staticmethod
    def next_sequence() -> int:
        return 0


def _set(waiting: asyncio.Future[Any], outcome: Any) -> None:
    if waiting.done():
        return
    if isinstance(outcome, Exception):
        waiting.set_exception(outcome)
    else:
        waiting.set_result(outcome)


def _text(value: bytes | str | None) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value or ""
