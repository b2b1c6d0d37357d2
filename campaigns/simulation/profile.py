"""What a simulated day is like: `profile.yaml` beside this file says what each figure means, and whence it is."""

from __future__ import annotations

import math
from collections.abc import Container, Iterable, Mapping, Sequence
from datetime import date
from enum import StrEnum
from functools import cache
from io import StringIO
from pathlib import Path
from typing import Annotated, Self

from pydantic import AfterValidator, Field, ValidationError, model_validator
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from campaigns.model import Grade, Outcome
from campaigns.policy.durations import Duration
from campaigns.simulation.draws import Settings, Share, Shares, Span

STANDARD_FILE = Path(__file__).with_name("profile.yaml")
ANSWERED = frozenset(
    {Outcome.ANSWERED_INCOMPLETE, Outcome.ACKNOWLEDGED, Outcome.WARNED, Outcome.DENIES, Outcome.ESCALATED}
)
"""How a talk with the subject may end."""
NOT_TAKEN = frozenset(
    {
        Outcome.NO_ANSWER,
        Outcome.REJECTED,
        Outcome.VOICEMAIL,
        Outcome.FORWARDED,
        Outcome.UNREACHABLE,
    }
)
"""What becomes of a call to a phone that rings and is not taken."""
ENDS = NOT_TAKEN | {Outcome.BUSY, Outcome.POWERED_OFF, Outcome.INVALID_NUMBER, Outcome.TRUNK_FAILURE}
LENGTHS = ANSWERED | {Outcome.WRONG_PERSON}


class ProfileError(Exception):
    """A profile cannot be used; the message says where and why."""


def _one_each_hour(given: tuple[float, ...]) -> tuple[float, ...]:
    if len(given) != 24 or min(given) < 0 or not sum(given):
        raise ValueError("write 24 figures, one for each hour of the day from 0 on, not all of them 0")
    return given


Hourly = Annotated[tuple[float, ...], AfterValidator(_one_each_hour)]


class Amounts(Settings):
    """Money at risk."""

    known: Share
    median: float = Field(gt=0)
    p95: float = Field(gt=0)


class GradeShare(Settings):
    """Leads of one grade."""

    share: Share
    in_danger: Share


class ScamType(Settings):
    """Leads of one type."""

    share: Share
    by_phone: Share


class Group(Settings):
    """People of one group."""

    share: Share
    ages: tuple[int, int]
    talks_longer: float = Field(gt=0, le=10)
    picks_up: float = Field(gt=0, lt=1)


class Telephone(Settings):
    """Before anybody answers."""

    people_differ: float = Field(gt=0)
    at_night: Share
    invalid_number: Share
    wrong_person: Share
    off: Share
    off_for: Span
    off_at_night: Share
    engaged: Share
    trunk_failure: Share
    not_taken: Shares[Outcome]
    ring: Span = Field(alias="rings_for")
    ends_after: Mapping[Outcome, Span]


class Talk(Settings):
    """From the answer on."""

    safe: Shares[Outcome]
    in_danger: Shares[Outcome]
    opts_out: Share
    length: Mapping[Outcome, Span]
    signals: Shares[str]
    names_account: Share
    names_phone: Share
    heeds_warning: Share


class Danger(Settings):
    """People who are being defrauded."""

    held_for: Span
    held_since: Span
    held_and_reached: Share
    loses_money_after: Span


class Dissuaders(Settings):
    """Those who take live calls."""

    per_1000_leads: float = Field(gt=0)
    on_duty: Hourly
    answers_in: Span
    misses: Share
    whisper_s: Duration = Field(alias="whisper")
    waits_s: Duration = Field(alias="waits")
    rings_for_s: Duration = Field(alias="rings_for")
    set_aside_s: Duration = Field(alias="set_aside")
    subject_waits: Span
    talk: Span
    wrap_up: Span
    convinces: Share
    no_record: Share


class Lines(Settings):
    """What calls are made on."""

    per_1000_leads: float = Field(gt=0)
    calls_per_second_per_100: float = Field(gt=0)


class RelativeCalls(Settings):
    """Calls to relatives."""

    picks_up: Share
    passes_it_on: Share
    passes_on_after: Span


class Messages(Settings):
    """SMS."""

    done_after: Span
    fails: Share


class Visits(Settings):
    """Officers at the door."""

    acknowledged_after: Span
    done_after: Span
    longer: Mapping[Grade, float]
    open_from: int = Field(ge=0, le=24)
    open_until: int = Field(ge=0, le=24)
    not_met: Share
    convinces: Share
    no_answer: Share


class StopPayments(Settings):
    """The banks."""

    acknowledged_after: Span
    done_after: Span
    refused: Share
    too_late_after_s: Duration = Field(alias="too_late_after")
    no_answer: Share


class Blocks(Settings):
    """The block lists."""

    done_after: Span
    refused: Share


class FollowUps(Settings):
    """What is ordered beside the telephone."""

    relative: RelativeCalls
    sms: Messages
    visit: Visits
    stop_payment: StopPayments
    block: Blocks


class Profile(Settings):
    """A day."""

    day: date
    leads: int = Field(ge=1)
    warm_up_h: int = Field(ge=0, le=24)
    by_hour: Hourly
    again: Share
    amount: Amounts
    relatives: Share
    precincts: Shares[str]
    grades: Mapping[Grade, GradeShare]
    scam_types: Mapping[str, ScamType]
    groups: Mapping[str, Group]
    telephone: Telephone
    talk: Talk
    danger: Danger
    dissuaders: Dissuaders
    lines: Lines
    follow_ups: FollowUps

    @model_validator(mode="after")
    def _check(self) -> Self:
        _whole("grades", [each.share for each in self.grades.values()])
        _whole("scam_types", [each.share for each in self.scam_types.values()])
        _whole("groups", [each.share for each in self.groups.values()])
        _outcomes("talk.safe", self.talk.safe, ANSWERED)
        _outcomes("talk.in_danger", self.talk.in_danger, ANSWERED)
        _outcomes("telephone.not_taken", self.telephone.not_taken, NOT_TAKEN)
        _outcomes("telephone.ends_after", self.telephone.ends_after, ENDS)
        _outcomes("talk.length", self.talk.length, LENGTHS)
        _each("telephone.ends_after", self.telephone.ends_after, sorted(ENDS))
        _each("talk.length", self.talk.length, sorted(LENGTHS))
        _each("grades", self.grades, Grade)
        _each("follow_ups.visit.longer", self.follow_ups.visit.longer, Grade)
        if self.follow_ups.visit.open_from >= self.follow_ups.visit.open_until:
            raise ValueError("follow_ups.visit: open_from must be before open_until")
        return self


def _whole(where: str, shares: Sequence[float]) -> None:
    if not math.isclose(sum(shares), 1.0, abs_tol=1e-6):
        raise ValueError(f"{where}: the shares come to {sum(shares):g}; make them come to 1")


def _outcomes(where: str, given: Iterable[Outcome], known: frozenset[Outcome]) -> None:
    if wrong := [outcome for outcome in given if outcome not in known]:
        raise ValueError(f"{where}: {wrong[0]} does not belong here")


def _each(where: str, given: Container[StrEnum], wanted: Iterable[StrEnum]) -> None:
    if missing := [one for one in wanted if one not in given]:
        raise ValueError(f"{where}: nothing is said for {missing[0]}")


@cache
def standard() -> Profile:
    """The built-in profile."""
    return read(STANDARD_FILE.read_text(encoding="utf-8"), where="the built-in profile")


def load(path: Path) -> Profile:
    """The profile in a file; raises `ProfileError`."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ProfileError(f"cannot read {path}: {error}") from error
    return read(text, where=str(path))


def read(text: str, *, where: str) -> Profile:
    """A profile from its YAML; raises `ProfileError`."""
    try:
        data = YAML(typ="safe", pure=True).load(StringIO(text))
    except YAMLError as error:
        raise ProfileError(f"{where} is not YAML: {error}") from error
    try:
        return Profile.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        reason = first["msg"].removeprefix("Value error, ")
        raise ProfileError(f"{where}: {f'{place}: ' if place else ''}{reason}") from error
