"""Delivers what was ordered, for ever: claims orders, finds each one's receiver, tries again what failed.

An order is leased while it is tried. One left by a node that died is delivered again, under the same key; but a
receiver that cannot tell a repetition gets nothing twice: such an order ends as failed and says why.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import structlog

from campaigns.async_store import AsyncStore
from campaigns.delivery.back_off import BackOff
from campaigns.delivery.channel import Channel, DeliveryError, DoubtfulError, Parcel, Receipt, UnavailableError
from campaigns.delivery.document import Writer
from campaigns.delivery.feedback import TELLS, apply_feedback
from campaigns.delivery.routes import Routes
from campaigns.follow_up import FollowUp, FollowUpKind
from campaigns.model import History
from campaigns.store import Decide, Store, StoreError

LOOK_S = 1.0
"""Seconds after which the store is looked at for what other processes ordered."""
_GAP_S = 0.1
"""Between two claims: the store is written often while calls go on."""
_PROBED_S = 2.0
"""How long orders wait while one of them tries whether a receiver is back."""
_RECORD_AGAIN_S = 1.0
_LAST_WORD_S = 2.0
_DIED = "it is not known whether it was sent: the node that was at it died; order it again if it is still needed"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class DispatchSettings:
    """How much at once, and how patiently."""

    in_flight: int = 64
    """Orders claimed at once."""
    per_channel: int = 8
    """Of them tried at once at one receiver."""
    timeout_s: float = 60.0
    """For one delivery; channels have shorter limits of their own."""
    leave_s: float = 10.0
    """How long deliveries under way may go on when the node leaves."""
    unserved_s: float = 600.0
    """How long an order that nobody takes is left alone before its sheet is printed anew."""
    back_off: BackOff = field(default_factory=lambda: BackOff(limit_s=60.0))
    """Of a receiver that is down, and of an order that it does not take yet."""

    @property
    def lease_s(self) -> float:
        """How long a claimed order is this node's."""
        return 3 * self.timeout_s


class Printer(Protocol):
    """Prints the sheet of an order."""

    @property
    def kinds(self) -> frozenset[FollowUpKind]:
        """Kinds that have a sheet."""
        ...

    def write(self, parcel: Parcel) -> object:
        """Write it; raises `OSError`."""
        ...


@dataclass(slots=True)
class _Line:
    """What is known of one receiver."""

    slots: asyncio.Semaphore
    failures: int = 0
    """In a row."""
    rests_until: float = 0.0
    probing: bool = False


class Dispatcher:
    """Carries orders to their receivers until it is cancelled: ``await dispatcher.run()``."""

    def __init__(
        self,
        store: AsyncStore,
        routes: Routes,
        writer: Writer,
        *,
        decide_at: Callable[[float], Decide],
        printer: Printer | None = None,
        settings: DispatchSettings | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """``decide_at``: what decides on a case at a time. ``printer``: of orders that nobody takes."""
        self._store = store
        self._routes = routes
        self._writer = writer
        self._decide_at = decide_at
        self._printer = printer
        self._settings = settings or DispatchSettings()
        self._clock = clock
        self._lines: dict[str, _Line] = {}
        self._going: set[asyncio.Task[None]] = set()
        self._told: set[tuple[FollowUpKind, str]] = set()
        self._kinds = routes.kinds | (printer.kinds if printer else frozenset())

    async def run(self) -> None:
        """Deliver for ever; cancel to leave: what is under way may end first."""
        if nobody := [kind.value for kind in FollowUpKind if kind not in self._routes.kinds]:
            log.warning("nobody takes these orders: they stay ordered", kinds=", ".join(nobody))
        listener = self._store.listen()
        try:
            while True:
                if not await self._round():
                    await listener.wait(timeout_s=LOOK_S)
                await asyncio.sleep(_GAP_S)
        finally:
            self._store.stop_listening(listener)
            await self._leave()

    async def _round(self) -> bool:
        """Claim as much as there is room for; whether there may be more."""
        room = self._settings.in_flight - len(self._going)
        if room <= 0:
            await asyncio.wait(self._going, return_when=asyncio.FIRST_COMPLETED)
            return True
        try:
            claimed = await self._store.call(
                lambda s: s.claim_deliveries(
                    now=self._clock(), lease_s=self._settings.lease_s, limit=room, kinds=tuple(self._kinds)
                ),
                wake=False,
            )
        except Exception as error:
            log.warning("orders cannot be claimed, trying again", error=str(error))
            return False
        for order in claimed:
            going = asyncio.create_task(self._handle(order), name=f"order {order.id}")
            self._going.add(going)
            going.add_done_callback(self._going.discard)
        return len(claimed) == room

    async def _leave(self) -> None:
        if not self._going:
            return
        going = list(self._going)
        await asyncio.wait(going, timeout=self._settings.leave_s)
        for each in going:
            each.cancel()
        await asyncio.gather(*going, return_exceptions=True)

    async def _handle(self, order: FollowUp) -> None:
        """One claimed order, whatever happens."""
        try:
            history = await self._store.call(lambda s: s.history(order.case_id, now=self._clock()), wake=False)
            channel = self._routes.channel(order.kind, history.case.lead.precinct)
            if channel is None:
                await self._nobody_takes(order, history)
            else:
                await self._try(channel, order, history)
        except Exception:
            # Its lease runs out, and it is tried again.
            log.exception("an order failed by our own fault", order=order.id)

    async def _nobody_takes(self, order: FollowUp, history: History) -> None:
        """It stays ordered; a person can work from its sheet."""
        self._tell_once(order.kind, history.case.lead.precinct)
        await self._put_off(order, self._clock() + self._settings.unserved_s)
        if self._printer is not None and order.kind in self._printer.kinds:
            await self._print(self._printer, self._writer.parcel(order, history))

    async def _print(self, printer: Printer, parcel: Parcel) -> None:
        try:
            await asyncio.to_thread(printer.write, parcel)
        except OSError as error:
            log.warning("an order sheet could not be written", order=parcel.order.id, error=str(error))

    def _tell_once(self, kind: FollowUpKind, precinct: str) -> None:
        """Say that orders of a kind are taken elsewhere, but not there."""
        if kind in self._routes.kinds and (kind, precinct) not in self._told:
            self._told.add((kind, precinct))
            log.warning("nobody takes these orders there: they stay ordered", kind=kind.value, precinct=precinct)

    async def _try(self, channel: Channel, order: FollowUp, history: History) -> None:
        """Deliver, unless the receiver is known to be down."""
        if order.begun_at is not None and not channel.tells_repetitions:
            await self._failed(order, _DIED, None)
            return
        line = self._lines.setdefault(channel.name, _Line(asyncio.Semaphore(self._settings.per_channel)))
        async with line.slots:
            now = self._clock()
            if line.rests_until > now:
                await self._put_off(order, line.rests_until)
            elif line.probing:
                await self._put_off(order, now + _PROBED_S)
            else:
                line.probing = line.failures > 0
                try:
                    await self._deliver(channel, line, self._writer.parcel(order, history))
                finally:
                    line.probing = False

    async def _deliver(self, channel: Channel, line: _Line, parcel: Parcel) -> None:
        order = parcel.order
        try:
            async with asyncio.timeout(self._settings.timeout_s):
                receipt = await channel.deliver(parcel)
        except UnavailableError as error:
            await self._later(channel, line, order, error)
        except TimeoutError:
            said = f"no end within {self._settings.timeout_s:g} s"
            if await self._has_begun(order):
                await self._failed(order, _doubt(said), None)
            else:
                await self._later(channel, line, order, UnavailableError(said))
        except DoubtfulError as error:
            await self._failed(order, _doubt(str(error)), None)
        except DeliveryError as error:
            line.failures = 0
            log.warning("an order was refused", order=order.id, kind=order.kind.value, channel=channel.name)
            await self._failed(order, str(error), None)
        else:
            line.failures = 0
            await self._write_down(channel, order, receipt)

    async def _write_down(self, channel: Channel, order: FollowUp, receipt: Receipt) -> None:
        """What was delivered is recorded even if the node leaves in this moment."""
        recording = asyncio.ensure_future(self._delivered(channel, order, receipt))
        try:
            await asyncio.shield(recording)
        except asyncio.CancelledError:
            await asyncio.wait([recording], timeout=_LAST_WORD_S)
            recording.cancel()
            raise

    async def _later(self, channel: Channel, line: _Line, order: FollowUp, error: UnavailableError) -> None:
        now = self._clock()
        if not error.down:
            await self._failed(order, str(error), self._own_delay_s(order, error.retry_after_s))
            return
        if line.rests_until <= now:
            line.failures += 1
            rest_s = self._settings.back_off.delay_s(line.failures, asked_s=error.retry_after_s)
            line.rests_until = now + rest_s
            log.warning("a receiver takes no orders now", channel=channel.name, error=str(error), again_in_s=rest_s)
        await self._failed(order, str(error), line.rests_until - now)

    def _own_delay_s(self, order: FollowUp, asked_s: float | None = None) -> float:
        return self._settings.back_off.delay_s(order.tries, asked_s=asked_s)

    async def _has_begun(self, order: FollowUp) -> bool:
        """Whether something may have left for a receiver that cannot tell repetitions."""
        return (await self._store.call(lambda s: s.follow_up(order.id), wake=False)).begun_at is not None

    async def _put_off(self, order: FollowUp, until_at: float) -> None:
        await self._store.call(lambda s: s.put_off(order.id, until_at=until_at), wake=False)

    async def _failed(self, order: FollowUp, error: str, again_in_s: float | None) -> None:
        """Try again after a while, or, with ``None``, give up and decide on the case anew."""
        now = self._clock()

        def write(store: Store) -> None:
            next_try_at = None if again_in_s is None else now + again_in_s
            store.delivery_failed(order.id, error=error, next_try_at=next_try_at, now=now)
            if again_in_s is None:
                store.revise(order.case_id, self._decide_at(now), now=now)

        await self._store.call(write)

    async def _delivered(self, channel: Channel, order: FollowUp, receipt: Receipt) -> None:
        """Write down that the receiver has it, and what it answered; a store that is busy is asked again."""
        give_up_at = self._clock() + self._settings.lease_s / 3
        while True:
            now = self._clock()
            try:
                await self._store.call(
                    lambda s: s.delivered(order.id, channel=channel.name, reference=receipt.reference, now=now)  # noqa: B023
                )
                break
            except Exception as error:
                if now >= give_up_at:
                    raise
                log.warning("a delivery could not be written, trying again", order=order.id, error=str(error))
                await asyncio.sleep(_RECORD_AGAIN_S)
        log.info("an order was delivered", order=order.id, kind=order.kind.value, channel=channel.name)
        if receipt.state in TELLS:
            await self._answered(channel, order, receipt)

    async def _answered(self, channel: Channel, order: FollowUp, receipt: Receipt) -> None:
        now = self._clock()
        try:
            await self._store.call(
                lambda s: apply_feedback(
                    s,
                    order.id,
                    receipt.state,
                    result=receipt.result,
                    note=receipt.note,
                    by=channel.name,
                    now=now,
                    decide=self._decide_at(now),
                )
            )
        except StoreError as error:
            log.warning("a receiver's answer cannot be used", order=order.id, channel=channel.name, error=str(error))


def _doubt(what: str) -> str:
    return f"it is not known whether it was sent: {what}; order it again if it is still needed"
