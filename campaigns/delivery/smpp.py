"""Text messages through a message centre over SMPP 3.4; its delivery receipts end the order."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Literal, Self

import structlog
from smpplib import consts

from campaigns.async_store import AsyncStore
from campaigns.delivery.back_off import BackOff
from campaigns.delivery.channel import DoubtfulError, Parcel, Receipt, RefusedError, UnavailableError
from campaigns.delivery.feedback import apply_feedback
from campaigns.delivery.smpp_receipts import DeliveryReceipt, Fate, read_receipt
from campaigns.delivery.smpp_session import SmppError, SmppLostError, SmppSession, SmppSettings, SmppStatusError
from campaigns.delivery.sms_coding import Alphabet, TextTooLongError, encode, with_header
from campaigns.follow_up import FollowUp, FollowUpKind, FollowUpState
from campaigns.store import Decide, Store, StoreError

_BOUND_S = 3.0
"""How long an order waits for a connection that is being made."""
_LOOK_AGAIN_S = (1.0, 5.0, 30.0)
"""When an unknown message is looked for again: its receipt was quicker than the record of its delivery."""
_MAX_UNKNOWN = 1000
_MESSAGE_CLASS_0 = 0x10
"""data_coding of a flash message (SMPP 3.4, 5.2.19; 3GPP TS 23.038, 4)."""
_UCS2 = 0x08
_UDH = 0x40
_MOBILE_DISPLAY = 1
_RECEIPT_WANTED = 1

_BUSY = frozenset({consts.SMPP_ESME_RTHROTTLED, consts.SMPP_ESME_RMSGQFUL, consts.SMPP_ESME_RSYSERR})
"""It takes no message now."""
_LATER = frozenset({consts.SMPP_ESME_RX_T_APPN, consts.SMPP_ESME_RSUBMITFAIL})
"""It does not take this message now."""
_OUR_MISTAKE = frozenset(
    {
        consts.SMPP_ESME_RINVSRCADR,
        consts.SMPP_ESME_RINVSRCTON,
        consts.SMPP_ESME_RINVSRCNPI,
        consts.SMPP_ESME_RINVSERTYP,
        consts.SMPP_ESME_RINVBNDSTS,
    }
)
"""The sender or the connection is set up wrongly, not the message."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class SmsSettings:
    """What the messages look like to the message centre."""

    sender: str
    """Short code, number or, with letters, a name."""
    sender_ton: int = 0
    sender_npi: int = 1
    flash: Literal["data_coding", "subunit", "never"] = "data_coding"
    """How the network is asked to show a message at once."""
    long: Literal["parts", "payload"] = "parts"
    """A long text: cut into parts by us, or whole in message_payload and cut by the centre."""


class SmppChannel:
    """See `campaigns.delivery.channel.Channel`. ``async with`` keeps the connection."""

    name = "smpp"
    kinds = frozenset({FollowUpKind.SMS})
    tells_repetitions = False

    def __init__(
        self,
        store: AsyncStore,
        settings: SmppSettings,
        sms: SmsSettings,
        *,
        decide_at: Callable[[float], Decide],
        back_off: BackOff | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._store = store
        self._settings = settings
        self._sms = sms
        self._decide_at = decide_at
        self._back_off = back_off or BackOff(first_s=1.0, limit_s=60.0)
        self._clock = clock
        self._session: SmppSession | None = None
        self._bound = asyncio.Event()
        self._why_not = "not connected yet"
        self._taken: dict[str, int] = {}
        """Parts that the centre took, of orders that it has not taken whole."""
        self._looking: set[asyncio.Task[None]] = set()
        self._keeping: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._keeping = asyncio.create_task(self._keep(), name="smpp connection")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        tasks = [task for task in (self._keeping, *self._looking) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def deliver(self, parcel: Parcel) -> Receipt:
        """See `Channel`."""
        details = parcel.document["details"]
        assert isinstance(details, dict)
        try:
            messages = list(self._messages(parcel.order, str(details["text"]), flash=bool(details["flash"])))
        except TextTooLongError as error:
            raise RefusedError(str(error)) from None
        session = await self._connected()
        await self._store.call(lambda s: s.delivery_begun(parcel.order.id, now=self._clock()), wake=False)
        to = str(details["to"]).removeprefix("+")
        taken = self._taken.pop(parcel.key, 0)
        message_id = ""
        try:
            for fields in messages[taken:]:
                message_id = await self._submit(session, destination_addr=to, **fields)
                taken += 1
        except UnavailableError:
            self._taken[parcel.key] = taken
            raise
        return Receipt(reference=message_id)

    def _messages(self, order: FollowUp, text: str, *, flash: bool) -> Iterator[dict[str, object]]:
        """The submissions of one text. A receipt is asked for the last part: one order has one fate."""
        coded = encode(text)
        flashed = flash and self._sms.flash == "data_coding"
        fields: dict[str, object] = {
            **self._sender(),
            "dest_addr_ton": consts.SMPP_TON_INTL,
            "dest_addr_npi": consts.SMPP_NPI_ISDN,
            "data_coding": (_UCS2 if coded.alphabet is Alphabet.UCS2 else 0) | (_MESSAGE_CLASS_0 if flashed else 0),
        }
        if flash and self._sms.flash == "subunit":
            fields["dest_addr_subunit"] = _MOBILE_DISPLAY
        total = len(coded.parts)
        if total > 1 and self._sms.long == "payload":
            yield {**fields, "message_payload": b"".join(coded.parts), "registered_delivery": _RECEIPT_WANTED}
            return
        for number, part in enumerate(coded.parts, start=1):
            cut: dict[str, object] = {"short_message": part}
            if total > 1:
                whole = with_header(part, reference=order.id, total=total, number=number)
                cut = {"short_message": whole, "esm_class": _UDH}
            yield {**fields, **cut, "registered_delivery": _RECEIPT_WANTED if number == total else 0}

    def _sender(self) -> dict[str, object]:
        sms = self._sms
        if not sms.sender.lstrip("+").isdecimal():
            return {"source_addr": sms.sender, "source_addr_ton": consts.SMPP_TON_ALNUM, "source_addr_npi": 0}
        return {
            "source_addr": sms.sender.lstrip("+"),
            "source_addr_ton": sms.sender_ton,
            "source_addr_npi": sms.sender_npi,
        }

    async def _connected(self) -> SmppSession:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_BOUND_S):
                await self._bound.wait()
        if self._session is None or self._session.ended.is_set():
            raise UnavailableError(self._why_not)
        return self._session

    async def _submit(self, session: SmppSession, **fields: object) -> str:
        try:
            return await session.submit(**fields)
        except SmppError as error:
            raise UnavailableError(str(error)) from None
        except SmppLostError as error:
            raise DoubtfulError(str(error)) from None
        except SmppStatusError as error:
            if error.status in _BUSY:
                raise UnavailableError(str(error)) from None
            if error.status in _LATER:
                raise UnavailableError(str(error), down=False) from None
            if error.status in _OUR_MISTAKE:
                raise UnavailableError(f"{error}: correct [sms]") from None
            raise RefusedError(str(error)) from None

    async def _keep(self) -> None:
        """Connect, and connect again, for ever."""
        failures = 0
        while True:
            try:
                session = await SmppSession.open(self._settings, self._deliver_sm)
            except SmppError as error:
                self._why_not = str(error)
                failures += 1
                delay_s = self._back_off.delay_s(failures)
                log.warning("no connection to the message centre, trying again", error=str(error), after_s=delay_s)
                await asyncio.sleep(delay_s)
                continue
            failures = 0
            self._session = session
            self._bound.set()
            log.info("bound to the message centre", host=self._settings.host, port=self._settings.port)
            try:
                await session.ended.wait()
                self._why_not = session.why_ended
                log.warning("the message centre is gone", why=session.why_ended)
            finally:
                self._bound.clear()
                self._session = None
                await session.close()
            await asyncio.sleep(self._back_off.delay_s(1))

    async def _deliver_sm(self, pdu: Any) -> bool:
        receipt = read_receipt(pdu)
        if receipt is None or receipt.fate is Fate.UNDER_WAY:
            return True
        try:
            if not await self._apply(receipt) and len(self._looking) < _MAX_UNKNOWN:
                looking = asyncio.create_task(self._look_again(receipt), name="smpp receipt")
                self._looking.add(looking)
                looking.add_done_callback(self._looking.discard)
        except Exception as error:
            log.warning("a delivery receipt could not be written; it will come again", error=str(error))
            return False
        return True

    async def _look_again(self, receipt: DeliveryReceipt) -> None:
        for delay_s in _LOOK_AGAIN_S:
            await asyncio.sleep(delay_s)
            with contextlib.suppress(StoreError):
                if await self._apply(receipt):
                    return
        log.info("a delivery receipt is for no message of ours")

    async def _apply(self, receipt: DeliveryReceipt) -> bool:
        """End the order; whether there is one."""
        now = self._clock()

        def apply(store: Store) -> bool:
            for name in receipt.names():
                if (order := store.follow_up_by_reference(self.name, name)) is not None:
                    break
            else:
                return False
            if order.is_open:
                done = receipt.fate is Fate.DELIVERED
                apply_feedback(
                    store,
                    order.id,
                    FollowUpState.DONE if done else FollowUpState.FAILED,
                    result="delivered" if done else receipt.said,
                    by=self.name,
                    now=now,
                    decide=self._decide_at(now),
                )
            return True

        return await self._store.call(apply)
