"""A case and its calls as lines in order, whatever they are shown on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from string import Formatter
from typing import NamedTuple
from zoneinfo import ZoneInfo

from campaigns.case_file.reading import CaseFile
from campaigns.delivery.wording import Language, word
from campaigns.model import Attempt, EscalationRecord, Event, Speaker

ROBOT, SUBJECT, DISSUADER, RELATIVE = "robot", "person", "dissuader", "relative"
SIGNAL, MENTION = "signal", "mention"
_WHO = {Speaker.ROBOT: ROBOT, Speaker.SUBJECT: SUBJECT, Speaker.DISSUADER: DISSUADER, Speaker.RELATIVE: RELATIVE}


class Heard(NamedTuple):
    """One line of a call."""

    at_s: float
    """Seconds into the recording."""
    who: str
    """``robot``, ``person``, ``dissuader``, ``relative``; or ``signal``, ``mention``: what the line before showed."""
    text: str
    name: str = ""
    """Of the dissuader who speaks, if it is known."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened to a case: a line, or a call with all that was heard on it."""

    at: float
    what: str
    why: str = ""
    note: str = ""
    """What a person or a receiver said about it."""
    call: Attempt | None = None
    is_alarm: bool = False


def heard(attempt: Attempt, language: Language = "en") -> list[Heard]:
    """What was said and noticed on a call, in order."""
    lines = [Heard(turn.start_s, _WHO[turn.speaker], turn.text or "…", turn.name) for turn in attempt.turns]
    lines += [
        Heard(each.at_s, SIGNAL, f"{word(language, 'signals', each.name)}: “{each.words}” ({each.rule})")
        for each in attempt.signals
    ]
    lines += [
        Heard(each.at_s, MENTION, f"{word(language, 'mentions', each.kind.value)} {each.value}: “{each.words}”")
        for each in attempt.mentions
    ]
    return sorted(lines, key=lambda line: line.at_s)


def offered(record: EscalationRecord, language: Language = "en") -> str:
    """How offering a call to the dissuaders went."""
    steps = [
        f"{word(language, 'signals', record.reason)} “{record.words}”",
        _PHRASES[f"escalation.{record.state}"][language],
    ]
    if record.dissuader:
        steps.append(record.dissuader)
    if record.first_ring_s is not None:
        steps.append(_PHRASES["rang"][language].format(since_s=record.first_ring_s))
    if record.joined_s is not None:
        steps.append(_PHRASES["joined"][language].format(since_s=record.joined_s))
    return ", ".join(steps) if language == "en" else "，".join(steps)


def ended(attempt: Attempt, language: Language = "en") -> str:
    """How a call ended."""
    result = attempt.result
    if result is None:
        return _PHRASES["in_progress"][language]
    told = word(language, "outcomes", result.outcome.value)
    heard_it = _PHRASES["warning_heard" if result.key_warning_heard else "warning_not_heard"][language]
    reason = f" ({result.reason}" + (f", SIP {result.sip_code})" if result.sip_code else ")") if result.reason else ""
    return f"{told}{reason}; {heard_it}" if language == "en" else f"{told}{reason}；{heard_it}"


def entries(file: CaseFile, language: Language, zone: ZoneInfo) -> list[Entry]:
    """The whole case in order: leads, decisions and why, calls, orders and what became of them, judgements."""
    calls = [
        Entry(
            attempt.dialled_at or attempt.claimed_at,
            _PHRASES["call" if attempt.dialled_at else "never_dialled"][language].format(id=attempt.id),
            call=attempt,
        )
        for attempt in file.attempts
    ]
    notes = iter([each.note for each in file.history.dispositions])
    lines = [entry for event in file.events for entry in _told(event, language, zone, notes)]
    return sorted([*lines, *calls], key=lambda entry: entry.at)


def _told(event: Event, language: Language, zone: ZoneInfo, notes: Iterator[str]) -> Iterator[Entry]:
    sentence = _EVENTS.get(event.kind)
    if sentence is None:
        return  # heard on a call, which is told as one
    data = {**event.data}
    note = str(data.get("error") or data.get("note") or "")
    if event.kind == "disposition.recorded":
        note = next(notes, "")
    fields = {name: _value(name, value, language, zone) for name, value in data.items()}
    what = _filled(sentence[language], fields)
    yield Entry(event.at, what, str(data.get("why") or ""), note, is_alarm=event.kind in _ALARMS)


def _filled(sentence: str, fields: Mapping[str, str]) -> str:
    """The sentence with its fields; of what ``|`` cuts off, only parts for which there is something to say."""
    first, *more = sentence.split("|")
    parts = [part for part in more if any(fields.get(name or "") for _, name, _, _ in Formatter().parse(part))]
    return "".join((first, *parts)).format_map(_Absent(fields)).strip(" ,，;；:：")


class _Absent(dict[str, str]):
    """What an event of an older version does not say is left out."""

    def __missing__(self, key: str) -> str:
        return ""


def _value(name: str, value: object, language: Language, zone: ZoneInfo) -> str:
    if value is None or value in ("", []):
        return ""
    if name.endswith("_at") and isinstance(value, int | float):
        return clock(float(value), zone)
    if isinstance(value, float) and value.is_integer():
        return f"{value:,.0f}"
    if isinstance(value, list):
        return ", ".join(str(each) for each in value)
    if name in {"reason", "conviction"} and (known := _ENDS.get(str(value))):
        return known[language]
    kind = {"order": "kinds", "grade": "grades", "before": "grades", "result": "results"}
    kind |= {"reason": "outcomes", "conviction": "results"}
    return word(language, kind[name], str(value)) if name in kind else str(value)


def closed_for(reason: str, language: Language) -> str:
    """Why a case closed."""
    return _value("reason", reason, language, ZoneInfo("UTC"))


def clock(at: float, zone: ZoneInfo) -> str:
    """A time there."""
    return f"{datetime.fromtimestamp(at, zone):%Y-%m-%d %H:%M:%S}"


_ALARMS = frozenset({"case.overdue", "follow_up.overdue", "follow_up.failed", "case.graded"})

_EVENTS: Mapping[str, Mapping[Language, str]] = {
    "lead.accepted": {"zh": "预警到达：{scam_type}，风险等级{grade}", "en": "lead in: {scam_type}, grade {grade}"},
    "lead.merged": {"zh": "新预警并入：{changed}", "en": "another lead merged into it: {changed}"},
    "case.queued": {"zh": "待拨打，{due_at} 起", "en": "to be called from {due_at}"},
    "case.waiting": {"zh": "等待工单办结", "en": "waits for what is ordered"},
    "case.closed": {"zh": "办结：{reason}", "en": "closed: {reason}"},
    "case.graded": {"zh": "风险等级由{before}升为{grade}", "en": "grade raised from {before} to {grade}"},
    "case.overdue": {"zh": "首次拨打逾期，期限 {deadline_at}", "en": "first call overdue since {deadline_at}"},
    "attempt.given_back": {"zh": "未拨出，退回队列：{reason}", "en": "not dialled, given back: {reason}"},
    "call.held": {"zh": "{by} 让事主等候", "en": "{by} put the subject on hold"},
    "call.resumed": {"zh": "{by} 结束等候", "en": "{by} ended the hold"},
    "call.listened": {"zh": "{by} 旁听", "en": "{by} listened in"},
    "call.whispered": {"zh": "{by} 耳语指导", "en": "{by} came to whisper"},
    "call.taken_over": {"zh": "{by} 接管通话", "en": "{by} took the call over"},
    "follow_up.ordered": {
        "zh": "派发{order}，期限 {deadline_at} {by}",
        "en": "{order} ordered, due {deadline_at} {by}",
    },
    "follow_up.sent": {"zh": "{order}已送出：{channel} {reference}", "en": "{order} sent: {channel} {reference}"},
    "follow_up.delayed": {
        "zh": "{order}送出失败，{next_try_at} 再试",
        "en": "{order} could not be sent, again at {next_try_at}",
    },
    "follow_up.acknowledged": {"zh": "{order}已签收：{by}", "en": "{order} acknowledged: {by}"},
    "follow_up.done": {"zh": "{order}办结：{result} {by}", "en": "{order} done: {result} {by}"},
    "follow_up.failed": {"zh": "{order}失败：{result} {by}", "en": "{order} failed: {result} {by}"},
    "follow_up.overdue": {"zh": "{order}逾期，期限 {deadline_at}", "en": "{order} overdue since {deadline_at}"},
    "disposition.recorded": {
        "zh": "{by} 登记：{conviction}|，涉险 {amount_at_risk}|，挽回 {amount_saved}",
        "en": "{by} recorded: {conviction}|, at risk {amount_at_risk}|, saved {amount_saved}",
    },
    "suppression.added": {
        "zh": "号码列入免拨名单：{reason}，至 {until_at}",
        "en": "number not to be called: {reason}, until {until_at}",
    },
    "suppression.lifted": {"zh": "号码移出免拨名单：{by}", "en": "number may be called again: {by}"},
}
"""What an event says; what was heard on a call is absent, for a call is told as one."""

_ENDS: Mapping[str, Mapping[Language, str]] = {
    "convinced": {"zh": "已劝阻", "en": "convinced"},
    "not_convinced": {"zh": "未能劝阻", "en": "not convinced"},
    "money_sent": {"zh": "已转账", "en": "money sent"},
    "no_fraud": {"zh": "未涉诈", "en": "no fraud"},
    "call_again": {"zh": "需再次拨打", "en": "call again"},
    "met": {"zh": "已见面", "en": "met"},
    "not_met": {"zh": "上门未见到", "en": "officers met nobody"},
    "visit_failed": {"zh": "上门未能完成", "en": "the visit could not be carried out"},
    "relative_warned": {"zh": "已预警关系人", "en": "a relative was warned"},
    "not_reached": {"zh": "未联系上", "en": "not reached"},
    "not_warned": {"zh": "未听完提醒", "en": "reached, not warned"},
    "opt_out": {"zh": "要求不再来电", "en": "asked not to be called again"},
    "suppressed": {"zh": "号码在免拨名单", "en": "the number is not to be called"},
    "expired": {"zh": "预警已过期", "en": "the warning expired"},
}
"""Judgements, and why a case closed; outcomes of calls have words of their own."""

_PHRASES: Mapping[str, Mapping[Language, str]] = {
    "call": {"zh": "通话 {id}", "en": "call {id}"},
    "never_dialled": {"zh": "通话 {id}，未拨出", "en": "call {id}, never dialled"},
    "in_progress": {"zh": "通话中", "en": "in progress"},
    "warning_heard": {"zh": "关键提醒已听完", "en": "key warning heard"},
    "warning_not_heard": {"zh": "关键提醒未听完", "en": "key warning not heard"},
    "rang": {"zh": "{since_s:.1f} 秒后振铃", "en": "first phone rang after {since_s:.1f} s"},
    "joined": {"zh": "{since_s:.1f} 秒后接入", "en": "joined after {since_s:.1f} s"},
    "escalation.offered": {"zh": "正在转人工", "en": "offered to the dissuaders"},
    "escalation.joined": {"zh": "劝阻员接入", "en": "joined"},
    "escalation.transferred": {"zh": "已转接", "en": "transferred"},
    "escalation.nobody_free": {"zh": "无人空闲", "en": "nobody free"},
    "escalation.subject_left": {"zh": "事主先挂断", "en": "the subject left"},
}
