"""What the duty officer must hear of at once: each alarm with since when, and what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from campaigns.counts import Board, CampaignCount
from campaigns.model import CampaignState, Event
from console.desk.texts import N_
from dialer.live import FloorState

LOW_DISK_BYTES = 5 * 2**30
LOW_DISK_SHARE = 0.05
"""The disk is low below either."""
LONG_WAIT_S = 15.0
"""A subject who waits longer for a human is an alarm."""
BREAKER_TOLD_S = 7200.0
"""A node that said no more for so long has ended: its breaker is forgotten."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong now."""

    kind: str
    said: str
    """What is wrong: marked for translation, with ``%(count)s`` and ``%(name)s``."""
    mend: str
    """What to do."""
    grave: bool = True
    """Heard as a sound, too; else only seen."""
    name: str = ""
    count: int = 0
    since_at: float | None = None
    """If it is known; else the moment at which it was seen first counts."""
    link: str = ""

    @property
    def key(self) -> str:
        """The same as long as it is the same alarm."""
        return f"{self.kind} {self.name}".strip()


@dataclass(frozen=True, slots=True)
class Alarm:
    """A finding, and since when it is one."""

    finding: Finding
    since_at: float


@dataclass(frozen=True, slots=True)
class Facts:
    """What alarms are told from."""

    counts: Sequence[CampaignCount]
    board: Board
    breakers: Sequence[Event]
    disk_free: int
    disk_total: int
    state: FloorState | None = None
    ready: int | None = None
    """Dissuaders who would take a call now; ``None`` if that is not known."""
    waiting_since_at: Sequence[float] = ()
    """Of each subject who waits for a human."""


@dataclass
class Alarms:
    """Remembers since when something is wrong."""

    clock: Callable[[], float]
    _seen: dict[str, float] = field(default_factory=dict)

    def look(self, facts: Facts) -> list[Alarm]:
        """Everything that is wrong now, grave things first, then the oldest."""
        now = self.clock()
        found = {each.key: each for each in findings(facts, now)}
        self._seen = {key: self._seen.get(key, now) for key in found}
        alarms = [
            Alarm(each, self._seen[key] if each.since_at is None else each.since_at) for key, each in found.items()
        ]
        return sorted(alarms, key=lambda each: (not each.finding.grave, each.since_at))


def findings(facts: Facts, now: float) -> Iterator[Finding]:
    """What is wrong."""
    if long := [at for at in facts.waiting_since_at if now - at > LONG_WAIT_S]:
        yield Finding(
            "waiting",
            N_("%(count)s subjects in danger wait for a human"),
            N_("Ask somebody to take the call, or take it over yourself."),
            count=len(long),
            since_at=min(long),
        )
    yield from _trunks(facts, now)
    yield from _deadlines(facts)
    state = facts.state
    for node in state.nodes if state is not None else ():
        yield from _node(node)
    running = any(each.campaign.state is CampaignState.RUNNING and each.queued for each in facts.counts)
    if facts.ready == 0 and (running or (state is not None and state.calls)):
        yield Finding(
            "nobody_ready",
            N_("No dissuader is ready"),
            N_("Ask somebody to be ready: a subject in danger would find nobody to talk to."),
            grave=False,
        )
    if facts.board.undelivered:
        yield Finding(
            "undelivered",
            N_("%(count)s orders could not be delivered"),
            N_("See why on the board; check the receiver, or print the sheets and telephone."),
            count=facts.board.undelivered,
            since_at=facts.board.undelivered_since_at,
            link="/follow-ups?state=ordered",
        )
    if facts.disk_free < LOW_DISK_BYTES or facts.disk_free < LOW_DISK_SHARE * facts.disk_total:
        yield Finding(
            "disk",
            N_("The disk is nearly full: %(count)s MB are left"),
            N_("Make room, or shorten how long recordings are kept. When it is full, no calls are made."),
            count=facts.disk_free // 2**20,
        )


def _node(node: FloorState) -> Iterator[Finding]:
    if node.broker_up is False:
        yield Finding(
            "broker",
            N_("The connection to the message broker is down"),
            N_("Neighbouring systems hear nothing. Check the broker and the network; what is due is sent afterwards."),
            name=node.node,
        )
    if node.paused:
        yield Finding(
            "paused",
            N_("Node %(name)s starts no calls: it is paused"),
            N_("Resume it when the reason is gone."),
            grave=False,
            name=node.node,
        )
    if node.pressure == "short":
        yield Finding(
            "short",
            N_("Node %(name)s starts no calls: the machine does not keep up"),
            N_("Live calls go on, and it starts calls again by itself. If this lasts, set fewer lines."),
            name=node.node,
        )
    elif node.pressure == "tight":
        yield Finding(
            "tight",
            N_("Node %(name)s starts fewer calls: the machine hardly keeps up"),
            N_("Nothing need be done now. If it often happens, set fewer lines or take a stronger machine."),
            grave=False,
            name=node.node,
        )
    if not node.trunk_up:
        yield Finding(
            "trunk",
            N_("The trunk of node %(name)s is down"),
            N_("No call gets out. Check the gateway and the network, then call the carrier."),
            name=node.node,
        )


def _trunks(facts: Facts, now: float) -> Iterator[Finding]:
    opened: dict[str, float | None] = {
        str(event.data.get("node", "")): event.at
        for event in facts.breakers
        if event.kind == "breaker.opened" and event.at > now - BREAKER_TOLD_S
    }
    for seen in facts.state.nodes if facts.state is not None else ():
        opened.pop(seen.node, None)
        if seen.breaker_open:
            own = [e.at for e in facts.breakers if e.kind == "breaker.opened" and e.data.get("node") == seen.node]
            opened[seen.node] = own[-1] if own else None
    for node, at in opened.items():
        yield Finding(
            "breaker",
            N_("Node %(name)s holds calls back: most of them fail at the trunk"),
            N_("It tries by itself whether the trunk is back. If this lasts, call the carrier."),
            name=node,
            since_at=at,
        )


def _deadlines(facts: Facts) -> Iterator[Finding]:
    for each in facts.counts:
        late = sum(grade.overdue for grade in each.queued)
        if not late:
            continue
        yield Finding(
            "first_call",
            N_("%(count)s first calls of %(name)s are late"),
            N_("Start or resume the campaign, pause less urgent ones, or add lines."),
            name=each.campaign.name,
            count=late,
            since_at=min(grade.overdue_since_at for grade in each.queued if grade.overdue_since_at is not None),
            link=f"/campaigns/{each.campaign.id}",
        )
    if late := sum(facts.board.late.values()):
        yield Finding(
            "order_late",
            N_("%(count)s orders are beyond their deadline"),
            N_("Telephone the receivers, the oldest first, and note what they say."),
            count=late,
            since_at=facts.board.late_since_at,
            link="/follow-ups",
        )
