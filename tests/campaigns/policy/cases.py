"""Cases on a simulated clock, without a store: what was decided is carried out as the store would."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from campaigns.follow_up import OPEN, FollowUp, FollowUpKind, FollowUpState, Order
from campaigns.model import (
    Attempt,
    AttemptResult,
    Campaign,
    CampaignState,
    Case,
    CaseState,
    Conviction,
    Disposition,
    EscalationRecord,
    EscalationState,
    Grade,
    HeardSignal,
    History,
    Lead,
    Mention,
    NextStep,
    Outcome,
    Suppression,
)
from campaigns.policy import Policy, decide, standard

MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0
NOON = datetime(2027, 1, 13, 12, 0, tzinfo=ZoneInfo("Asia/Shanghai")).timestamp()
"""A Wednesday."""
NUMBER = "+8611100000011"
HIGH, MEDIUM, LOW = Grade.HIGH, Grade.MEDIUM, Grade.LOW


def at(text: str, zone: str = "Asia/Shanghai") -> float:
    """The moment at which clocks there show this."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp()


class Life:
    """One case from its lead to its end."""

    def __init__(
        self,
        grade: Grade = MEDIUM,
        *,
        policy: Policy | None = None,
        begins_at: float = NOON,
        cool_down_s: float = 120.0,
        daily_limit: int = 8,
        linked: bool = False,
        **lead: object,
    ) -> None:
        self.policy = policy or standard()
        self.now = begins_at
        self.cool_down_s, self.daily_limit = cool_down_s, daily_limit
        self.campaign = Campaign(1, "spring", CampaignState.RUNNING, begins_at)
        self.case = Case(
            1,
            1,
            Lead(NUMBER, grade=grade, **lead),  # type: ignore[arg-type]
            CaseState.QUEUED,
            0,
            begins_at,
            0,
            None,
            created_at=begins_at,
            linked_case_id=7 if linked else None,
        )
        self.attempts: list[Attempt] = []
        self.follow_ups: list[FollowUp] = []
        self.dispositions: list[Disposition] = []
        self.suppressed: Suppression | None = None
        self.dials: list[float] = []
        self.step = NextStep(waits=True)

    @property
    def history(self) -> History:
        suppressed = self.suppressed
        if suppressed is not None and suppressed.until_at is not None and suppressed.until_at <= self.now:
            suppressed = None
        return History(
            self.case,
            self.campaign,
            tuple(self.attempts),
            tuple(self.follow_ups),
            tuple(self.dispositions),
            suppressed,
            self.free_at,
        )

    @property
    def free_at(self) -> float:
        last = sorted(self.dials)[-self.daily_limit :]
        if not last:
            return 0.0
        cooled = last[-1] + self.cool_down_s
        return max(cooled, last[0] + DAY) if len(last) == self.daily_limit else cooled

    def decide(self, now: float | None = None) -> NextStep:
        """Decide, and carry it out."""
        self.now = self.now if now is None else now
        self.step = step = decide(self.history, now=self.now, policy=self.policy)
        if step.grade is not None:
            self.case = replace(self.case, lead=replace(self.case.lead, grade=step.grade))
        if step.suppress is not None:
            self.suppressed = step.suppress
        state = CaseState.QUEUED if step.due_at is not None else CaseState.WAITING if step.waits else CaseState.CLOSED
        self.case = replace(
            self.case,
            state=state,
            due_at=step.due_at,
            call_until_at=step.call_until_at,
            urgency=step.urgency,
            closed_reason=step.close_reason,
            first_call_by_at=self.case.first_call_by_at or step.first_call_by_at,
        )
        for order in step.orders:
            self.order(order)
        return step

    def order(self, order: Order, by: str = "") -> None:
        if any(each.kind is order.kind and each.state in OPEN for each in self.follow_ups):
            return
        self.follow_ups.append(
            FollowUp(
                len(self.follow_ups) + 1,
                1,
                None,
                order.kind,
                FollowUpState.ORDERED,
                self.now,
                order.deadline_at,
                by,
                dict(order.data),
            )
        )

    def call(
        self,
        outcome: Outcome,
        *,
        signals: Iterable[str] = (),
        mentions: Iterable[Mention] = (),
        offered: EscalationState | None = None,
        after_s: float = 0.0,
        takes_s: float = 0.0,
    ) -> NextStep:
        """Make the call that is due, which ends so; returns what follows."""
        assert self.case.due_at is not None, f"no call is due: {self.step}"
        began = max(self.now, self.case.due_at) + after_s
        self.dials.append(began)
        number = len(self.attempts) + 1
        escalations = () if offered is None else (EscalationRecord(1, "money_sent", "转了", began, offered),)
        self.attempts.append(
            Attempt(
                number,
                1,
                "n1",
                began,
                began,
                AttemptResult(outcome, began + takes_s),
                signals=tuple(HeardSignal(name, "words", "rule", 1.0) for name in signals),
                escalations=escalations,
                mentions=tuple(mentions),
            )
        )
        self.case = replace(self.case, attempts=number, last_outcome=outcome)
        return self.decide(began + takes_s)

    def calls(self, *outcomes: Outcome) -> NextStep:
        for outcome in outcomes:
            self.call(outcome)
        return self.step

    def ends(self, kind: FollowUpKind, result: str, *, failed: bool = False, after_s: float = MINUTE) -> NextStep:
        """The open order of a kind has come to its end; returns what follows."""
        place = next(place for place, each in enumerate(self.follow_ups) if each.kind is kind and each.is_open)
        self.now += after_s
        state = FollowUpState.FAILED if failed else FollowUpState.DONE
        self.follow_ups[place] = replace(self.follow_ups[place], state=state, result=result, ended_at=self.now)
        return self.decide()

    def records(self, conviction: Conviction, *, after_s: float = MINUTE) -> NextStep:
        """A human writes down what became of the talk; returns what follows."""
        self.now += after_s
        self.dispositions.append(Disposition(1, None, conviction, "陈警官", self.now))
        return self.decide()

    @property
    def ordered(self) -> list[str]:
        """What was ordered, in order."""
        return [each.kind.value for each in self.follow_ups]

    @property
    def open(self) -> set[str]:
        return {each.kind.value for each in self.follow_ups if each.is_open}


def begun(grade: Grade = MEDIUM, **more: object) -> Life:
    """A case that was decided on for the first time."""
    life = Life(grade, **more)  # type: ignore[arg-type]
    life.decide()
    return life
