"""What goes on now, for the floor's pages: read as often as any page asks, but not more often than it is worth."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from campaigns.async_store import AsyncStore
from campaigns.counts import Board, CallSeen, CampaignCount
from campaigns.model import EscalationState, Event
from campaigns.staff import Presence
from campaigns.store import Store
from console.desk.alarms import Alarm, Alarms, Facts
from console.desk.people import Person, people_of
from console.desk.seats import floor_of
from dialer.live import FloorState, LiveCall, LiveDesk, OnCall, Part, Phase, Said

SPACING_S = 0.7
"""The queue is counted no more often than this, however many pages look at it."""
DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class Work:
    """What is to be done, as it was at a moment."""

    at: float
    counts: list[CampaignCount]
    board: Board
    breakers: list[Event]


@dataclass(frozen=True, slots=True)
class Now:
    """The floor at a moment."""

    at: float
    state: FloorState | None
    """Of the nodes in reach; ``None`` when calls go on elsewhere."""
    calls: tuple[LiveCall, ...]
    """Over all nodes; those that wait for a human first, the longest wait first."""
    people: tuple[Person, ...]
    work: Work
    alarms: tuple[Alarm, ...]

    @property
    def lines(self) -> int | None:
        """Robot calls that may go on at once here."""
        return None if self.state is None else self.state.lines

    @property
    def free(self) -> int | None:
        """Lines that are free here."""
        return None if self.state is None else max(0, self.state.lines - len(self.state.calls))

    @property
    def waiting(self) -> tuple[LiveCall, ...]:
        """Calls that wait for a human."""
        return tuple(each for each in self.calls if each.phase is Phase.OFFERED)

    @property
    def names(self) -> dict[str, str]:
        """What dissuaders are called, by log-in."""
        return {each.login: each.name for each in self.people}

    @property
    def ready(self) -> int:
        """Dissuaders who would take a call."""
        return sum(each.takes_calls for each in self.people)


class Watch:
    """Looks at the floor for all pages of a process."""

    def __init__(self, store: AsyncStore, live: LiveDesk | None, home: Path, clock: Callable[[], float]) -> None:
        self._store = store
        self._live = live
        self._home = home
        self._clock = clock
        self._alarms = Alarms(clock)
        self._work: Work | None = None
        self._counted_at = -SPACING_S
        self._counting = asyncio.Lock()

    async def now(self, *, fresh: bool = False) -> Now:
        """The floor. With ``fresh`` the queue is as it was when this was called or later; that may take `SPACING_S`."""
        work = await self.work(fresh=fresh)
        seen, presences = await self._store.call(_seen, wake=False)
        state = floor_of(self._live)
        calls = list(state.calls) if state is not None else []
        own = {call.attempt_id for call in calls}
        calls += [as_live(each) for each in seen if each.attempt.id not in own and self._is_elsewhere(each, state)]
        calls.sort(key=lambda each: (each.phase is not Phase.OFFERED, each.phase_since_at, each.attempt_id))
        people = people_of(state, presences)
        disk = shutil.disk_usage(self._existing(self._home))
        facts = Facts(
            work.counts,
            work.board,
            work.breakers,
            disk.free,
            disk.total,
            state=state,
            ready=sum(each.takes_calls for each in people),
            waiting_since_at=[each.phase_since_at for each in calls if each.phase is Phase.OFFERED],
        )
        return Now(self._clock(), state, tuple(calls), people, work, tuple(self._alarms.look(facts)))

    async def work(self, *, fresh: bool = False) -> Work:
        """What is to be done; without ``fresh`` it may be `SPACING_S` old."""
        loop = asyncio.get_running_loop()
        asked_at = loop.time()
        async with self._counting:
            if self._work is not None and self._counted_at >= asked_at - (0 if fresh else SPACING_S):
                return self._work
            await asyncio.sleep(max(0.0, self._counted_at + SPACING_S - loop.time()) if fresh else 0)
            self._counted_at = loop.time()
            at = self._clock()
            self._work = await self._store.apart(lambda s: _work(s, at), wake=False)
            return self._work

    @staticmethod
    def _is_elsewhere(seen: CallSeen, state: FloorState | None) -> bool:
        """Whether a node out of reach carries a call: what one in reach has just ended or not yet begun is left out."""
        return state is None or seen.attempt.node not in state.names

    @staticmethod
    def _existing(path: Path) -> Path:
        return next((each for each in (path, *path.absolute().parents) if each.exists()), Path("/"))


def _work(store: Store, now: float) -> Work:
    return Work(
        now,
        store.queue_counts(now=now, closed_since_at=now - DAY_S),
        store.board(now=now, ended_since_at=now, limit=0),
        store.breakers(),
    )


def _seen(store: Store) -> tuple[list[CallSeen], list[Presence]]:
    return store.calls_in_progress(), store.presences()


def as_live(seen: CallSeen) -> LiveCall:
    """A call of another process, as far as the store knows it: not who has left it to others."""
    attempt, case = seen.attempt, seen.case
    offers = [each for each in attempt.escalations if not each.beside]
    offer = offers[-1] if offers else None
    started_at = attempt.dialled_at or attempt.claimed_at
    phase, since_at = Phase.DIALLING, started_at
    on_call: tuple[OnCall, ...] = ()
    if seen.answered_at is not None:
        phase, since_at = Phase.ROBOT, seen.answered_at
    if offer is not None and offer.state is EscalationState.OFFERED:
        phase, since_at = Phase.OFFERED, offer.offered_at
    elif offer is not None and offer.state is EscalationState.JOINED:
        phase, since_at = Phase.JOINED, offer.offered_at + (offer.joined_s or 0.0)
        on_call = tuple(
            OnCall(each.dissuader, Part.SPEAKS, phone=True, joined_at=each.offered_at + (each.joined_s or 0.0))
            for each in attempt.escalations
            if each.state is EscalationState.JOINED and each.id >= offer.id
        )
    return LiveCall(
        attempt_id=attempt.id,
        case_id=case.id,
        campaign=seen.campaign,
        lead=case.lead,
        phase=phase,
        started_at=started_at,
        phase_since_at=since_at,
        transcript=tuple(Said(turn.speaker, turn.text, turn.start_s, name=turn.name) for turn in attempt.turns),
        signals=attempt.signals,
        reason=offer.reason if offer is not None else "",
        words=offer.words if offer is not None else "",
        offered_at=offer.offered_at if offer is not None else None,
        tried=offer.tried if offer is not None else (),
        on_call=on_call,
        node=attempt.node,
    )
