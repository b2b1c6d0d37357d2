"""From histories to figures: a pure function.

A figure tells the span as it stood at its end: what happened later is not looked at, so a bulletin that is made again
says the same. What follows is counted on the day on which it happened, and all that a call led to on the day of its
dialling, so that shares of calls are shares of the same calls.
"""

from __future__ import annotations

import bisect
import math
import statistics
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from campaigns.bulletin.figures import Counts, Dimension, Figures, Missed, Part, Reach, Wait
from campaigns.bulletin.spans import Span, day_of
from campaigns.follow_up import FollowUp, FollowUpKind, FollowUpState
from campaigns.model import Attempt, Case, Conviction, EscalationState, Grade, History, Outcome

WORST = 10
"""Missed deadlines that are named one by one."""
MINUTE_S = 60.0

REACHED = frozenset(
    {
        Outcome.ANSWERED_INCOMPLETE,
        Outcome.WARNED,
        Outcome.ACKNOWLEDGED,
        Outcome.DENIES,
        Outcome.ESCALATED,
        Outcome.CALLBACK_DUE,
    }
)
"""Outcomes of calls on which a person spoke who did not turn out to be somebody else."""
FAILED = frozenset({Outcome.TRUNK_FAILURE, Outcome.LINE_FAILURE})
_OF_OUTCOME = {
    Outcome.ACKNOWLEDGED: "acknowledged",
    Outcome.DENIES: "denied",
    Outcome.WRONG_PERSON: "wrong_person",
    Outcome.CALLBACK_DUE: "callbacks",
}
_ORDERED = {
    FollowUpKind.VISIT: "visits_ordered",
    FollowUpKind.STOP_PAYMENT: "stop_payments_ordered",
    FollowUpKind.BLOCK: "block_reports",
}
_MET = frozenset({"convinced", "met", "money_sent", "no_fraud"})
_RELATIVE_REACHED = frozenset({"warned", "acknowledged", "refused"})
_BARRED = frozenset({"opt_out", "suppressed"})
_JOINED = frozenset({EscalationState.JOINED, EscalationState.TRANSFERRED})


@dataclass(slots=True)
class _Sum:
    """A part while it is counted."""

    counts: Counter[str] = field(default_factory=Counter)
    first_call_s: list[float] = field(default_factory=list)
    human_s: list[float] = field(default_factory=list)

    def part(self) -> Part:
        return Part(Counts(**self.counts), _wait(self.first_call_s), _wait(self.human_s))


def count(histories: Iterable[History], span: Span, *, as_of_at: float) -> Figures:
    """The figures of a span from the histories of all cases that may have something in it.

    ``as_of_at``: the time of counting, which matters while the span is not over.
    """
    counting = _Counting(span, min(as_of_at, span.until_at))
    for history in histories:
        counting.take(history)
    return counting.figures()


class _Counting:
    def __init__(self, span: Span, until_at: float) -> None:
        self._span = span
        self._from_at, self._until_at = span.from_at, until_at
        self._whole = _Sum()
        self._parts: dict[Dimension, dict[str, _Sum]] = {dimension: {} for dimension in Dimension}
        self._days = [_Sum() for _ in span.days]
        self._midnights = [day_of(day, span.zone).until_at for day in span.days]
        self._hours = [[0, 0] for _ in range(24)]
        self._outcomes: Counter[str] = Counter()
        self._missed: list[Missed] = []

    def take(self, history: History) -> None:
        """Count what happened to one case within the span."""
        happened = list(self._happened(history))
        first_call, human = self._waited(history)
        if not happened and first_call is None and human is None:
            return
        sums = [self._whole]
        for dimension, value in _values(history.case):
            sums.append(self._parts[dimension].setdefault(value, _Sum()))
        for at, name, amount in happened:
            for each in (*sums, self._days[self._day(at)]):
                each.counts[name] += amount  # type: ignore[assignment]
        for ready_at, name in ((first_call, "first_call_s"), (human, "human_s")):
            if ready_at is not None:
                for each in (*sums, self._days[self._day(ready_at)]):
                    getattr(each, name).append(ready_at - history.case.created_at)

    def figures(self) -> Figures:
        """What was counted."""
        worst = sorted(self._missed, key=lambda each: (-each.late_s, each.case_id, each.what))
        return Figures(
            span=self._span,
            as_of_at=self._until_at,
            whole=self._whole.part(),
            parts={dimension: _in_order(dimension, sums) for dimension, sums in self._parts.items()},
            hours=tuple(Reach(calls, reached) for calls, reached in self._hours),
            days=tuple(day.part() for day in self._days),
            outcomes=dict(sorted(self._outcomes.items(), key=lambda each: (-each[1], each[0]))),
            missed=tuple(worst[:WORST]),
        )

    def _within(self, at: float | None) -> bool:
        return at is not None and self._from_at <= at < self._until_at

    def _day(self, at: float) -> int:
        return bisect.bisect_right(self._midnights, at)

    def _happened(self, history: History) -> Iterator[tuple[float, str, float]]:
        """When, which figure, how much of it."""
        case = history.case
        is_relative = case.linked_case_id is not None
        if self._within(case.created_at) and not is_relative:
            yield case.created_at, "leads", 1
        if self._within(case.closed_at) and not is_relative:
            assert case.closed_at is not None
            yield case.closed_at, "closed", 1
            if case.closed_reason in _BARRED:
                yield case.closed_at, "suppressed", 1
        for attempt in history.attempts:
            if attempt.dialled_at is not None and self._within(attempt.dialled_at):
                if is_relative:
                    yield attempt.dialled_at, "relative_calls", 1
                else:
                    yield from ((attempt.dialled_at, name, 1) for name in self._called(attempt, attempt.dialled_at))
        for ordered in history.follow_ups:
            yield from self._followed(ordered)
        yield from self._judged(history)
        for missed in self._late(history):
            self._missed.append(missed)
            yield missed.deadline_at, "deadlines_missed", 1

    def _called(self, attempt: Attempt, dialled_at: float) -> Iterator[str]:
        result = attempt.result
        hour = self._hours[datetime.fromtimestamp(dialled_at, self._span.zone).hour]
        yield "calls"
        hour[0] += 1
        if any(signal.name == "opt_out" for signal in attempt.signals):
            yield "opt_outs"
        if attempt.escalations:
            yield "offered"
            if any(each.state in _JOINED for each in attempt.escalations):
                yield "escalated"
        if result is None:
            return
        self._outcomes[result.outcome.value] += 1
        if result.answered_at is not None:
            yield "answered"
        if result.outcome in REACHED:
            yield "reached"
            hour[1] += 1
        if result.key_warning_heard:
            yield "warned"
        if result.outcome in FAILED:
            yield "failed_calls"
        if name := _OF_OUTCOME.get(result.outcome):
            yield name

    def _followed(self, ordered: FollowUp) -> Iterator[tuple[float, str, float]]:
        name = _ORDERED.get(ordered.kind)
        if name is not None and self._within(ordered.ordered_at):
            yield ordered.ordered_at, name, 1
        if ordered.kind is FollowUpKind.SMS and ordered.sent_at is not None and self._within(ordered.sent_at):
            yield ordered.sent_at, "sms", 1
        if ordered.state is not FollowUpState.DONE or ordered.ended_at is None or not self._within(ordered.ended_at):
            return
        if ordered.kind is FollowUpKind.VISIT and ordered.result in _MET:
            yield ordered.ended_at, "visits_met", 1
        elif ordered.kind is FollowUpKind.STOP_PAYMENT and ordered.result == "held":
            yield ordered.ended_at, "stop_payments_held", 1
        elif ordered.kind is FollowUpKind.RELATIVE and ordered.result in _RELATIVE_REACHED:
            yield ordered.ended_at, "relatives_reached", 1

    def _judged(self, history: History) -> Iterator[tuple[float, str, float]]:
        """The latest judgement of a human within the span."""
        judged = [each for each in history.dispositions if self._within(each.at)]
        if not judged:
            return
        latest = judged[-1]
        yield latest.at, "judged", 1
        if latest.conviction is Conviction.CONVINCED:
            yield latest.at, "convinced", 1
        elif latest.conviction is Conviction.MONEY_SENT:
            yield latest.at, "money_sent", 1
        yield latest.at, "amount_at_risk", latest.amount_at_risk or 0.0
        yield latest.at, "amount_saved", latest.amount_saved or 0.0

    def _waited(self, history: History) -> tuple[float | None, float | None]:
        """When a subject was first called, and first had a human, if that was within the span."""
        if history.case.linked_case_id is not None:
            return None, None
        first, human = _first_dialled(history.attempts), _first_human(history)
        return first if self._within(first) else None, human if self._within(human) else None

    def _late(self, history: History) -> Iterator[Missed]:
        case = history.case
        if case.first_call_by_at is not None and self._within(case.first_call_by_at):
            # A case that was closed uncalled no longer needed the call.
            ended = [at for at in (_first_dialled(history.attempts), case.closed_at) if at is not None]
            yield from self._missed_by(case, "first_call", case.first_call_by_at, min(ended, default=None))
        for ordered in history.follow_ups:
            if self._within(ordered.deadline_at):
                yield from self._missed_by(case, ordered.kind.value, ordered.deadline_at, ordered.ended_at)

    def _missed_by(self, case: Case, what: str, deadline_at: float, ended_at: float | None) -> Iterator[Missed]:
        still_open = ended_at is None or ended_at >= self._until_at
        late_s = (self._until_at if ended_at is None or still_open else ended_at) - deadline_at
        if late_s > 0:
            yield Missed(case.id, what, deadline_at, late_s, still_open, case.lead.grade.value)


def _first_dialled(attempts: Sequence[Attempt]) -> float | None:
    return min((each.dialled_at for each in attempts if each.dialled_at is not None), default=None)


def _first_human(history: History) -> float | None:
    """When a dissuader was first on the line, or officers had met the subject."""
    joined = [
        record.offered_at + (record.joined_s or 0.0)
        for attempt in history.attempts
        for record in attempt.escalations
        if record.state in _JOINED
    ]
    met = [
        each.ended_at
        for each in history.follow_ups
        if each.kind is FollowUpKind.VISIT and each.ended_at is not None and each.result in _MET
    ]
    return min([*joined, *met], default=None)


def _values(case: Case) -> Iterator[tuple[Dimension, str]]:
    """Where a case belongs; of the call to a relative no more is known than the subject's scam type and grade."""
    lead = case.lead
    yield Dimension.SCAM_TYPE, lead.scam_type
    yield Dimension.GRADE, lead.grade.value
    if case.linked_case_id is None:
        yield Dimension.DISTRICT, "/".join(lead.precinct.split("/")[:2])
        yield Dimension.GROUP, lead.group
        yield Dimension.SOURCE, lead.source


def _in_order(dimension: Dimension, sums: dict[str, _Sum]) -> dict[str, Part]:
    if dimension is Dimension.GRADE:
        return {grade.value: sums[grade.value].part() for grade in Grade if grade.value in sums}
    most_first = sorted(sums.items(), key=lambda each: (-each[1].counts["leads"], each[0]))
    return {value: own.part() for value, own in most_first}


def _wait(waited_s: list[float]) -> Wait:
    if not waited_s:
        return Wait()
    in_order = sorted(waited_s)
    nine_of_ten = in_order[math.ceil(len(in_order) * 0.9) - 1]
    return Wait(len(in_order), statistics.median(in_order) / MINUTE_S, nine_of_ten / MINUTE_S)
