"""A policy as people look at it: a table of rungs, and a picture (Mermaid)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from campaigns.delivery.wording import word
from campaigns.follow_up import FollowUpKind
from campaigns.model import Grade, Outcome
from campaigns.policy.durations import written
from campaigns.policy.model import NOT_REACHED, NOT_WARNED, OURS, ByGrade, Kinds, Policy, Retry

GRADES = (Grade.HIGH, Grade.MEDIUM, Grade.LOW)
KINDS = {
    FollowUpKind.SMS: "短信",
    FollowUpKind.RELATIVE: "关系人电话",
    FollowUpKind.VISIT: "上门",
    FollowUpKind.STOP_PAYMENT: "止付",
    FollowUpKind.BLOCK: "封堵",
}
OUTCOMES = (
    Outcome.BUSY,
    Outcome.NO_ANSWER,
    Outcome.REJECTED,
    Outcome.VOICEMAIL,
    Outcome.POWERED_OFF,
    Outcome.UNREACHABLE,
    Outcome.FORWARDED,
    Outcome.INVALID_NUMBER,
    Outcome.WRONG_PERSON,
    Outcome.ANSWERED_INCOMPLETE,
    Outcome.CALLBACK_DUE,
    Outcome.TRUNK_FAILURE,
    Outcome.LINE_FAILURE,
    Outcome.WARNED,
    Outcome.ACKNOWLEDGED,
    Outcome.DENIES,
    Outcome.ESCALATED,
)
"""In the order in which they are shown."""


@dataclass(frozen=True, slots=True)
class Rung:
    """What follows one outcome."""

    outcome: Outcome
    label: str
    again: str
    """When it is called again; empty: not."""
    raise_to: str
    at_once: str
    in_the_end: str
    """With what the telephone is given up."""


def rungs(policy: Policy) -> list[Rung]:
    """All outcomes: those that did not reach, those that did not warn, our own failures, results."""
    order = sorted(Outcome, key=lambda each: (_group(each), OUTCOMES.index(each)))
    return [_rung(policy, outcome) for outcome in order]


def settings(policy: Policy) -> list[tuple[str, str]]:
    """Everything else that a policy says, in a line each."""
    return [
        ("time zone 时区", policy.time_zone),
        *((f"hours 呼叫时段 {grade}", policy.hours[grade].text) for grade in GRADES),
        ("first call within 首呼时限", _each(policy.first_call_within_s)),
        ("goes before a new high case after 防积压", _each(policy.goes_before_new_high_after_s)),
        ("leads expire after 线索有效期", written(policy.expires_after_s)),
        ("before calling 呼前先办", _table(policy.before_calling) or "-"),
        ("calls 通话次数上限", f"{policy.calls.not_reached} not reached, {policy.calls.not_warned} not warned"),
        (
            "long busy 长时间占线",
            f"{policy.long_busy.attempts} within {written(policy.long_busy.within_s)}: {policy.long_busy.raise_to}, "
            + _kinds(policy.long_busy.orders),
        ),
        ("convinced by 视为已劝阻", ", ".join(policy.convinced_by) or "a human alone"),
        ("opt-out 要求不再来电", f"suppressed for {written(policy.opt_out_s)}"),
        ("relatives 关系人", _relatives(policy)),
        ("recorded 人工记录", _recorded(policy)),
        ("visits 上门", f"{policy.visits.tries} tries; not met: {_kinds(policy.visits.not_met)} too"),
        *((f"deadline 时限 {KINDS[kind]}", _each(policy.deadlines_s[kind])) for kind in KINDS),
    ]


def mermaid(policy: Policy) -> str:
    """The ladder as a Mermaid flowchart."""
    return "\n".join(_chart(policy)) + "\n"


def _chart(policy: Policy) -> Iterator[str]:
    yield "flowchart TD"
    yield '  lead(["线索 lead"])'
    first = "<br>".join(
        f"{_grade(grade)}: {policy.hours[grade].text}, ≤ {written(policy.first_call_within_s[grade])}"
        for grade in GRADES
    )
    yield f'  phone["呼叫 call<br>{first}"]'
    before = _table(policy.before_calling)
    yield f'  lead -->|"{before}"| phone' if before else "  lead --> phone"
    yield f'  given_up["电话无效 telephone given up<br>{_table(policy.in_the_end)}"]'
    for rung in rungs(policy):
        node = rung.outcome.value
        yield f'  {node}["{rung.label} {node}{_line(rung.at_once)}"]'
        yield f"  phone --> {node}"
        if rung.again:
            yield f'  {node} -->|"{rung.again}"| phone'
        own = policy.rule(rung.outcome).in_the_end
        if rung.outcome in policy.convinced_by:
            yield f"  {node} --> closed"
        elif own is None:
            yield f"  {node} --> given_up"
        else:
            yield f'  {node} -->|"{_table(own) or "-"}"| wait'
    busy = policy.long_busy
    yield (
        f'  busy -->|"{busy.attempts}x / {written(busy.within_s)}"| '
        f'long_busy["长时间占线 long busy<br>→ {_grade(busy.raise_to)}: {_labels(busy.orders)}"]'
    )
    yield "  long_busy --> phone"
    yield '  given_up --> wait["等待反馈 waits for what is ordered"]'
    yield f'  wait -->|"未见到人 not met, {policy.visits.tries}x: {_labels(policy.visits.not_met)}"| wait'
    yield '  wait --> closed(["结案 closed"])'


def _relatives(policy: Policy) -> str:
    rule = policy.relatives
    who = ", ".join(rule.only) or "all"
    told = "told" if rule.tell_name else "not told"
    return f"{who}; {rule.limit} calls within {written(rule.within_s)}; {told} the name; none reached: visit"


def _recorded(policy: Policy) -> str:
    rule = policy.recorded
    again = f"call again: in {written(rule.call_again.delay_s)}, {rule.call_again.limit} times"
    sent, not_convinced = _kinds(rule.money_sent), _kinds(rule.not_convinced)
    return f"within {written(rule.within_s)}; money sent: {sent}; not convinced: {not_convinced}; {again}"


def _group(outcome: Outcome) -> int:
    groups = (NOT_REACHED - {Outcome.INVALID_NUMBER, Outcome.WRONG_PERSON}, NOT_WARNED, OURS)
    return next((place for place, group in enumerate(groups) if outcome in group), len(groups))


def _rung(policy: Policy, outcome: Outcome) -> Rung:
    rule = policy.rule(outcome)
    in_the_end = policy.in_the_end if rule.in_the_end is None else rule.in_the_end
    convinced = outcome in policy.convinced_by
    grades = [rule.raise_to] if rule.raise_to else list(GRADES)
    return Rung(
        outcome,
        word("zh", "outcomes", outcome.value),
        _again(rule),
        "" if rule.raise_to is None else rule.raise_to.value,
        _table(rule.at_once),
        "" if convinced else _table({grade: _with_must(grade, in_the_end.get(grade, ())) for grade in grades}),
    )


def _with_must(grade: Grade, kinds: Kinds) -> Kinds:
    """What a high-grade case gets, whatever a policy says."""
    must = (FollowUpKind.VISIT, FollowUpKind.STOP_PAYMENT) if grade is Grade.HIGH else ()
    return tuple(dict.fromkeys((*kinds, *must)))


def _again(rule: Retry) -> str:
    if rule.delay_s is None:
        return ""
    text = written(rule.delay_s)
    if rule.factor > 1:
        text += f" ×{rule.factor:g}"
    if rule.at_most_s is not None and rule.factor > 1:
        text += f" ≤ {written(rule.at_most_s)}"
    return text + (f", {rule.limit} calls" if rule.limit is not None else "")


def _grade(grade: Grade) -> str:
    return word("zh", "grades", grade.value)


def _table(table: ByGrade) -> str:
    """``高: 上门 止付; 低: 短信``."""
    return "; ".join(f"{_grade(grade)}: {_labels(table[grade])}" for grade in GRADES if table.get(grade))


def _labels(kinds: Kinds) -> str:
    return " ".join(KINDS[kind] for kind in kinds)


def _kinds(kinds: Kinds) -> str:
    return ", ".join(kind.value for kind in kinds) or "nothing"


def _each(spans: object) -> str:
    assert isinstance(spans, dict)
    if len(spans) == len(GRADES) and len(set(spans.values())) == 1:
        return written(next(iter(spans.values())))
    return ", ".join(f"{grade.value} {written(spans[grade])}" for grade in GRADES if grade in spans)


def _line(text: str) -> str:
    return f"<br>{text}" if text else ""
