"""A message centre (SMSC) on a free port of 127.0.0.1, from smpplib's PDUs: takes messages, or fails at it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from smpplib import consts, smpp

from tests.campaigns.delivery.peer import Peer

PASSWORD = "secret"
LONG_S = 3600.0


class _Numbers:
    sequence = 0

    @staticmethod
    def next_sequence() -> int:
        return 0


@dataclass
class Phone:
    """What arrived at one number."""

    messages: list[Any] = field(default_factory=list)

    def texts(self) -> list[str]:
        """Whole texts, parts put together by their headers."""
        whole: list[str] = []
        parts: dict[tuple[int, int], dict[int, bytes]] = {}
        for pdu in self.messages:
            data = bytes(pdu.short_message or pdu.message_payload or b"")
            if pdu.esm_class & 0x40:
                assert data[:3] == b"\x05\x00\x03"
                reference, total, number = data[3:6]
                known = parts.setdefault((reference, total), {})
                known[number] = data[6:]
                if len(known) == total:
                    whole.append(decoded(b"".join(known[n] for n in sorted(known)), pdu.data_coding))
            else:
                whole.append(decoded(data, pdu.data_coding))
        return whole


def decoded(data: bytes, data_coding: int) -> str:
    if data_coding & 0x0F == 0x08:
        return data.decode("utf-16-be")
    table = {0x00: "@", 0x02: "$", 0x1B65: "€", 0x1B3C: "[", 0x1B3E: "]"}
    out, position = "", 0
    while position < len(data):
        code = data[position]
        if code == 0x1B:
            code = code << 8 | data[position + 1]
            position += 1
        out += table.get(code) or chr(code)
        position += 1
    return out


class Smsc(Peer):
    def __init__(self) -> None:
        super().__init__()
        self.phones: dict[str, Phone] = {}
        self.binds = 0
        self.enquired = 0
        self.answers: list[Any] = []
        """What the node answered to our requests."""
        self.statuses: list[int | str] = []
        """What becomes of the next messages: a status, or silence, gone (the connection ends unanswered)."""
        self.next_id: Callable[[int], str] = lambda n: f"m{n}"
        self.mute = False
        """Answers nothing any more, enquire_link included."""
        self._count = 0
        self._writers: set[asyncio.StreamWriter] = set()

    @property
    def bound(self) -> int:
        return len(self._writers)

    async def start(self) -> None:
        self.mute = False
        await super().start()

    async def receipt(self, message_id: str, state: str, error: str = "000", *, tlv: bool = False) -> None:
        """Tell what became of a message, as appendix B of the specification writes it."""
        dates = "submit date:2611220700 done date:2611220701"
        text = f"id:{message_id} sub:001 dlvrd:001 {dates} stat:{state} err:{error} text:"
        more: dict[str, Any] = {"receipted_message_id": message_id, "message_state": 2} if tlv else {}
        await self.request(
            "deliver_sm",
            esm_class=4,
            source_addr="86111",
            destination_addr="96110",
            short_message=b"" if tlv else text.encode(),
            **more,
        )

    async def request(self, command: str, **fields: Any) -> None:
        pdu = smpp.make_pdu(command, client=_Numbers, **fields)
        pdu.sequence = 4242
        for writer in self._writers:
            writer.write(pdu.generate())
            await writer.drain()

    async def babble(self) -> None:
        for writer in self._writers:
            writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            await writer.drain()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readexactly(4)
                raw = head + await reader.readexactly(int.from_bytes(head) - 4)
                await self._serve(smpp.parse_pdu(raw, client=_Numbers, allow_unknown_opt_params=True), writer)
        except _GoneError:
            pass
        finally:
            self._writers.discard(writer)
            with contextlib.suppress(RuntimeError):
                async with self._changed:
                    self._changed.notify_all()

    async def _serve(self, pdu: Any, writer: asyncio.StreamWriter) -> None:
        async with self._changed:
            status, fields = await self._decide(pdu)
            self._changed.notify_all()
        if pdu.command == "generic_nack" or pdu.command.endswith("_resp") or self.mute or status == "silence":
            return
        if status == "gone":
            raise _GoneError
        answer = smpp.make_pdu(f"{pdu.command}_resp", client=_Numbers, status=status, **fields)
        answer.sequence = pdu.sequence
        raw = answer.generate()
        if status and pdu.command == "submit_sm":
            raw = (16).to_bytes(4) + raw[4:16]  # an error has no body (4.4.2)
        writer.write(raw)
        await writer.drain()
        if pdu.command == "bind_transceiver" and not status:
            self._writers.add(writer)
            async with self._changed:
                self.binds += 1
                self._changed.notify_all()

    async def _decide(self, pdu: Any) -> tuple[int | str, dict[str, Any]]:
        match pdu.command:
            case "bind_transceiver":
                good = pdu.password == PASSWORD.encode()
                return (0 if good else consts.SMPP_ESME_RINVPASWD), {"system_id": "test"}
            case "enquire_link":
                self.enquired += 1
            case "submit_sm":
                status = self.statuses.pop(0) if self.statuses else 0
                if status in {0, "silence", "gone"}:
                    number = pdu.destination_addr.decode()
                    self.phones.setdefault(number, Phone()).messages.append(pdu)
                self._count += 1
                return status, {"message_id": self.next_id(self._count)}
            case command if command.endswith("_resp") or command == "generic_nack":
                self.answers.append(pdu)
        return 0, {}


class _GoneError(Exception):
    pass
