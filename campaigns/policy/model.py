"""What a campaign's policy may say. `standard.yaml` beside this file says what each setting means."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from campaigns.follow_up import FollowUpKind
from campaigns.model import Grade, Outcome
from campaigns.policy.durations import Duration
from campaigns.policy.hours import Hours, parse_hours, zone

OURS = frozenset({Outcome.TRUNK_FAILURE, Outcome.LINE_FAILURE})
"""Outcomes that say nothing about the subject: they use up none of the subject's calls."""
NOT_WARNED = frozenset({Outcome.ANSWERED_INCOMPLETE, Outcome.CALLBACK_DUE})
"""The subject was reached, and the key warning was not heard or not enough."""
NOT_REACHED = frozenset(
    {
        Outcome.BUSY,
        Outcome.NO_ANSWER,
        Outcome.REJECTED,
        Outcome.POWERED_OFF,
        Outcome.UNREACHABLE,
        Outcome.INVALID_NUMBER,
        Outcome.VOICEMAIL,
        Outcome.FORWARDED,
        Outcome.WRONG_PERSON,
    }
)
"""The subject was not spoken with."""

Kinds = tuple[FollowUpKind, ...]
ByGrade = Mapping[Grade, Kinds]


class _Settings(BaseModel):
    """Unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


def _each_grade(value: object) -> object:
    """One value stands for all grades."""
    return value if isinstance(value, Mapping) else dict.fromkeys(Grade, value)


GradeHours = Mapping[Grade, Annotated[Hours, BeforeValidator(parse_hours)]]
Spans = Annotated[Mapping[Grade, Duration], BeforeValidator(_each_grade)]


class Retry(_Settings):
    """When to call again, and how often."""

    delay_s: Duration | None = Field(default=None, alias="delay")
    """From the end of one call to the next; ``None``: the telephone has done what it can."""
    factor: float = Field(default=1.0, ge=1, le=10)
    at_most_s: Duration | None = Field(default=None, alias="at_most")
    limit: int | None = Field(default=None, ge=1, le=100)
    """Calls of a case that may end so; ``None``: until the lead expires."""

    def delay(self, times: int) -> float:
        """Seconds until the next call when this happened so many times."""
        # The power is bounded, so that no number of calls makes a float overflow.
        delay_s = (self.delay_s or 0.0) * self.factor ** min(times - 1, 100)
        return delay_s if self.at_most_s is None else min(delay_s, self.at_most_s)


class After(Retry):
    """What follows an outcome."""

    raise_to: Grade | None = None
    at_once: ByGrade = {}
    in_the_end: ByGrade | None = None
    """When the telephone is given up after this outcome; ``None``: what `Policy.in_the_end` says."""


class Calls(_Settings):
    """Calls of a case before the telephone is given up."""

    not_reached: int = Field(ge=1, le=100)
    not_warned: int = Field(ge=1, le=100)


class LongBusy(_Settings):
    """When an engaged line is a sign of danger."""

    attempts: int = Field(ge=1, le=100)
    within_s: Duration = Field(alias="within")
    raise_to: Grade
    orders: Kinds


class Relatives(_Settings):
    """How relatives are called."""

    only: tuple[str, ...] = ()
    """Relations that may be called; empty: all."""
    tell_name: bool
    within_s: Duration = Field(alias="within")
    """They are given up as not reached when their calling hours have been open for so long."""
    delay_s: Duration = Field(alias="delay")
    limit: int = Field(ge=1, le=20)


class CallAgain(_Settings):
    """A call that a human asks for."""

    delay_s: Duration = Field(alias="delay")
    limit: int = Field(ge=1, le=20)


class Recorded(_Settings):
    """What a human's record of a talk leads to."""

    within_s: Duration = Field(alias="within")
    money_sent: Kinds
    not_convinced: Kinds
    call_again: CallAgain


class Visits(_Settings):
    """What follows when officers met nobody."""

    tries: int = Field(ge=1, le=10)
    not_met: Kinds


class Policy(_Settings):
    """The ladder of a campaign."""

    time_zone: str
    hours: GradeHours
    first_call_within_s: Spans = Field(alias="first_call_within")
    goes_before_new_high_after_s: Mapping[Grade, Duration] = Field(alias="goes_before_new_high_after")
    expires_after_s: Duration = Field(alias="expires_after")
    before_calling: ByGrade
    after: Mapping[Outcome, After]
    calls: Calls
    long_busy: LongBusy
    in_the_end: ByGrade
    convinced_by: tuple[Outcome, ...]
    opt_out_s: Duration = Field(alias="opt_out")
    relatives: Relatives
    recorded: Recorded
    visits: Visits
    stop_payment_tries: int = Field(ge=1, le=10)
    report_heard: bool
    deadlines_s: Mapping[FollowUpKind, Spans] = Field(alias="deadlines")

    @field_validator("time_zone")
    @classmethod
    def _exists(cls, name: str) -> str:
        if zone(name) is None:
            raise ValueError(f"there is no time zone {name!r}; write an IANA name such as Asia/Shanghai")
        return name

    @field_validator("hours", "first_call_within_s")
    @classmethod
    def _every_grade(cls, given: Mapping[Grade, Any]) -> Mapping[Grade, Any]:
        if missing := [grade.value for grade in Grade if grade not in given]:
            raise ValueError(f"nothing is said for {', '.join(missing)}")
        return given

    @field_validator("convinced_by")
    @classmethod
    def _heard_the_warning(cls, outcomes: tuple[Outcome, ...]) -> tuple[Outcome, ...]:
        if wrong := [each.value for each in outcomes if each not in {Outcome.ACKNOWLEDGED, Outcome.WARNED}]:
            raise ValueError(f"{wrong[0]} convinces nobody; acknowledged and warned may")
        return outcomes

    @field_validator("expires_after_s")
    @classmethod
    def _not_at_once(cls, span_s: float) -> float:
        if not 3600 <= span_s <= 90 * 86_400:
            raise ValueError("leads live for 1h at least and 90d at most")
        return span_s

    @model_validator(mode="after")
    def _check(self) -> Self:
        medium_s, low_s = (self.goes_before_new_high_after_s.get(grade, 0.0) for grade in (Grade.MEDIUM, Grade.LOW))
        if not 0 < medium_s <= low_s:
            raise ValueError("goes_before_new_high_after: medium needs a span, and low one that is no shorter")
        for outcome, rule in self.after.items():
            if rule.limit is None and rule.delay_s is not None and outcome is not Outcome.TRUNK_FAILURE:
                raise ValueError(f"after.{outcome}: a call again needs a limit")
            if rule.delay_s is not None and rule.limit is None and rule.delay_s < 1:
                raise ValueError(f"after.{outcome}.delay: 1s at least")
            if rule.delay_s is not None and outcome in {*self.convinced_by, Outcome.ESCALATED}:
                raise ValueError(f"after.{outcome}.delay: nobody is called again after this outcome")
        if missing := [kind.value for kind in FollowUpKind if kind not in self.deadlines_s]:
            raise ValueError(f"deadlines: nothing is said for {', '.join(missing)}")
        return self

    def rule(self, outcome: Outcome) -> After:
        """What follows an outcome."""
        return self.after.get(outcome) or _NOTHING

    def finally_(self, outcome: Outcome | None, grade: Grade) -> Kinds:
        """What is ordered when the telephone is given up after an outcome."""
        table = self.rule(outcome).in_the_end if outcome is not None else None
        return (self.in_the_end if table is None else table).get(grade, ())


_NOTHING = After()
