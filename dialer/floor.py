"""The floor: takes due cases from the store, carries one task a call, and writes back how each ended."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, field
from typing import Protocol

import structlog

from campaigns.async_store import AsyncStore
from campaigns.model import Attempt, AttemptResult, CampaignState, Claim, Grade, Outcome
from campaigns.policy import Policy, decider, standard, urgency
from campaigns.store import LeaseLostError, Store
from dialer.breaker import Breaker, BreakerSettings, Change, Opened
from dialer.pacing import Desk, Pacer, PacingSettings, Reserve
from dialer.pressure import Level, Pressure, Turned

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class FloorSettings:
    """How a node works through the queue."""

    node: str
    lines: int = 8
    """Robot calls at once."""
    calls_per_second: float = 5.0
    """New INVITEs a second that the trunk bears."""
    lease_s: float = 60.0
    """A case is taken back by others this long after its node was last heard of."""
    poll_s: float = 1.0
    """Longest wait before the queue is looked at again."""
    policy: Policy = field(default_factory=standard)
    """Of campaigns that have none of their own."""
    breaker: BreakerSettings = field(default_factory=BreakerSettings)
    pacing: PacingSettings = field(default_factory=PacingSettings)


class NoLineError(Exception):
    """Every line is taken just now."""


class PlacedCall(Protocol):
    """A line taken for a call that has not begun: `run` uses it once, `release` gives it back."""

    async def run(self, claim: Claim) -> AttemptResult:
        """Carry the whole call; does not raise for what a person or the network does."""
        ...

    async def release(self) -> None:
        """Give the line back, used or not."""
        ...

    async def hang_up(self) -> None:
        """End the call from outside."""
        ...


Place = Callable[[], PlacedCall]
"""Takes a line for one call; raises `NoLineError`."""


class Floor:
    """The work of one node. `run` goes on until it is stopped, or until nothing is due."""

    def __init__(
        self,
        store: AsyncStore,
        place: Place,
        settings: FloorSettings,
        *,
        clock: Callable[[], float] = time.time,
        pressure: Pressure | None = None,
        desk: Desk | None = None,
    ) -> None:
        """``pressure`` tells how well the machine keeps up, ``desk`` who takes live calls; without either, neither
        keeps calls from being started.
        """
        self._store = store
        self._place = place
        self._settings = settings
        self._clock = clock
        self._pacer = Pacer(settings.calls_per_second)
        self._breaker = Breaker(settings.breaker)
        self._pressure = pressure
        self._reserve = Reserve(desk, settings.pacing)
        self._calls: dict[int, tuple[PlacedCall, asyncio.Task[None]]] = {}
        self._wake = asyncio.Event()
        self._stopping = False
        self._paused = False

    @property
    def calls_in_progress(self) -> int:
        """How many calls this node carries now."""
        return len(self._calls)

    @property
    def lines(self) -> int:
        """How many robot calls may go on at once."""
        return self._settings.lines

    @property
    def paused(self) -> bool:
        """Whether this node starts no calls because somebody said so."""
        return self._paused

    @property
    def breaker_open(self) -> bool:
        """Whether no calls are started because the trunk fails."""
        return self._breaker.is_open

    @property
    def pressure(self) -> Level:
        """How well the machine keeps up."""
        return Level.FREE if self._pressure is None else self._pressure.level

    def wake(self) -> None:
        """Look at the queue now: something was imported, or a campaign resumed."""
        self._wake.set()

    def pause(self) -> None:
        """Start no further calls on this node; those in progress go on."""
        self._paused = True

    def resume(self) -> None:
        """Start calls again."""
        self._paused = False
        self.wake()

    def stop(self) -> None:
        """Start no further calls; `run` returns when those in progress have ended."""
        self._stopping = True
        self.wake()

    async def hang_up(self, attempt_id: int) -> bool:
        """End one call in progress; whether there was one."""
        entry = self._calls.get(attempt_id)
        if entry is None:
            return False
        await entry[0].hang_up()
        return True

    async def run(self, *, until_idle: bool = False) -> None:
        """Work through the queue. With ``until_idle``, return when nothing is due and no call is in progress."""
        settings = self._settings
        taken_back = await self._store.call(lambda s: self._recover(s, node=settings.node))
        if taken_back:
            log.warning("attempts of an earlier run taken back", count=len(taken_back))
        keeper = asyncio.create_task(self._keep_leases(), name="leases")
        try:
            while not self._stopping:
                started = await self._may_start() and await self._start_due()
                if until_idle and not self._calls and not started and not await self._anything_due():
                    return
                if not started:
                    await self._rest()
            await self._drain()
        finally:
            keeper.cancel()
            await asyncio.gather(keeper, return_exceptions=True)
            await self.end_calls()

    async def _may_start(self) -> bool:
        """Whether calls may be started: not while this node is paused, nor while trunk or machine cannot carry them."""
        await self._tell(self._breaker.look(self._clock()))
        for turned in self._pressure.turned() if self._pressure is not None else ():
            await self._tell_pressure(turned)
        return not self._paused and self.pressure is not Level.SHORT and self._breaker.may_start(self._clock())

    async def _tell_pressure(self, turned: Turned) -> None:
        """Say on every channel how well the machine keeps up from now on."""
        now = self._clock()
        told: dict[str, object] = {"node": self._settings.node, "level": turned.level.value}
        if turned.rose:
            kind = "pressure.rose"
            told |= {
                "late_s": round(turned.late_s, 3),
                "busy": round(turned.busy, 3),
                "lost_frames": turned.lost_frames,
            }
            log.warning("the machine does not keep up: fewer calls are started", calls=len(self._calls), **told)
        else:
            kind = "pressure.fell"
            told |= {"lasted_s": round(turned.lasted_s, 3)}
            log.warning("the machine keeps up again", calls=len(self._calls), **told)
        await self._survive(self._store.call(lambda s: s.note(kind, told, now=now)))

    async def _tell(self, change: Change | None) -> None:
        """Say on every channel that the trunk fails, or carries calls again."""
        if change is None:
            return
        node, now = self._settings.node, self._clock()
        kind, told = "breaker.closed", {"node": node, **asdict(change)}
        if isinstance(change, Opened):
            kind = "breaker.opened"
            log.warning("the trunk fails: no calls are started until a probe gets through", **told)
        else:
            log.warning("the trunk carries calls again", **told)
        await self._survive(self._store.call(lambda s: s.note(kind, told, now=now)))

    async def _anything_due(self) -> bool:
        due_at = await self._store.call(lambda s: s.next_due_at())
        return due_at is not None and due_at <= self._clock()

    async def _rest(self) -> None:
        """Until a call ends, somebody wakes us, or the poll interval is over."""
        self._wake.clear()
        try:
            async with asyncio.timeout(self._settings.poll_s):
                await self._wake.wait()
        except TimeoutError:
            return

    async def _start_due(self) -> bool:
        """Start at most one call; whether one was started."""
        if len(self._calls) >= self._settings.lines:
            return False
        slower = self._pressure.settings.slower if self._pressure and self.pressure is Level.TIGHT else 1.0
        await self._pacer.wait(slower)
        if self._stopping or self._paused or self.pressure is Level.SHORT:
            return False
        try:
            placed = self._place()
        except NoLineError:
            return False
        now = self._clock()
        # As urgent as a high case that comes in now: so is whoever has waited long enough for one.
        least = urgency(Grade.HIGH, now, self._settings.policy) if self._reserve.only_urgent(len(self._calls)) else 0
        claims = await self._store.call(
            lambda s: s.claim(
                self._settings.node, now=now, lease_s=self._settings.lease_s, limit=1, least_urgency=least
            )
        )
        if not claims:
            await placed.release()
            return False
        self._pacer.count()
        claim = claims[0]
        self._breaker.started(claim.attempt_id, now)
        task = asyncio.create_task(self._carry(claim, placed), name=f"call-{claim.attempt_id}")
        self._calls[claim.attempt_id] = (placed, task)
        return True

    async def _carry(self, claim: Claim, placed: PlacedCall) -> None:
        """One call from claim to next step."""
        attempt_id = claim.attempt_id
        try:
            result = await self._result(claim, placed)
            now = self._clock()
            decide = decider(now, self._settings.policy)
            await self._store.call(lambda s: s.finish(attempt_id, result, decide, now=now))
            log.info("call ended", attempt=attempt_id, case=claim.case.id, outcome=result.outcome.value)
            self._reserve.ended(result.outcome)
            await self._tell(self._breaker.ended(attempt_id, result.outcome, now))
        except LeaseLostError:
            log.warning("another node took the case back", attempt=attempt_id, case=claim.case.id)
        finally:
            self._breaker.abandoned(attempt_id)
            await placed.release()
            self._calls.pop(attempt_id, None)
            self._wake.set()

    async def _result(self, claim: Claim, placed: PlacedCall) -> AttemptResult:
        try:
            return await placed.run(claim)
        except LeaseLostError:
            raise
        except Exception as error:
            # A bug in one conversation must neither lose its case nor stop the floor.
            log.exception("a call failed by our own fault", attempt=claim.attempt_id)
            return AttemptResult(Outcome.LINE_FAILURE, ended_at=self._clock(), reason=f"internal: {error!r}")

    async def _keep_leases(self) -> None:
        """Renew our leases and take back those of nodes that died."""
        while True:
            await asyncio.sleep(self._settings.lease_s / 3)
            await self._survive(self._store.call(self._renew))
            await self._survive(self._store.call(self._recover))

    def _renew(self, store: Store) -> None:
        store.renew(self._settings.node, list(self._calls), now=self._clock(), lease_s=self._settings.lease_s)

    def _recover(self, store: Store, *, node: str | None = None) -> list[Attempt]:
        now = self._clock()
        return store.recover(now=now, decide=decider(now, self._settings.policy), node=node)

    async def _survive(self, work: Awaitable[object]) -> None:
        """A store that fails for a moment must not end the keeping of leases."""
        try:
            await work
        except Exception:
            log.exception("the store failed; trying again")

    async def _drain(self) -> None:
        """Wait for the calls in progress."""
        tasks = [task for _, task in self._calls.values()]
        if tasks:
            await asyncio.gather(*tasks, return_exceptions=True)

    async def end_calls(self) -> None:
        """Hang up every call in progress and wait until each is recorded."""
        for placed, _ in list(self._calls.values()):
            await placed.hang_up()
        await self._drain()


class Commands:
    """What a duty officer, or a neighbouring system by MQTT, may order of a running node."""

    def __init__(self, floor: Floor, store: AsyncStore, *, clock: Callable[[], float] = time.time) -> None:
        self._floor = floor
        self._store = store
        self._clock = clock

    async def pause(self, campaign: str | None, *, by: str) -> None:
        """Pause a campaign on all nodes, or this node's floor when none is named."""
        if campaign is None:
            self._floor.pause()
        else:
            await self._set(campaign, CampaignState.PAUSED, by)

    async def resume(self, campaign: str | None, *, by: str) -> None:
        """Resume what `pause` paused."""
        if campaign is None:
            self._floor.resume()
        else:
            await self._set(campaign, CampaignState.RUNNING, by)
            self._floor.wake()

    async def hang_up(self, attempt_id: int) -> bool:
        """End one call in progress."""
        return await self._floor.hang_up(attempt_id)

    async def _set(self, campaign: str, state: CampaignState, by: str) -> None:
        now = self._clock()
        await self._store.call(lambda s: s.set_campaign_state(campaign, state, now=now, by=by))
