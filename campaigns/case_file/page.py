"""A case as one HTML page for paper, which needs nothing beside itself."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

import jinja2

from campaigns.case_file.reading import CaseFile
from campaigns.case_file.telling import MENTION, SIGNAL, Heard, clock, closed_for, ended, entries, heard, offered
from campaigns.delivery.wording import Language, word
from campaigns.model import Attempt, Lead, Mention

_WORDS: dict[str, dict[Language, str]] = {
    "title": {"zh": "案件 {id}", "en": "Case {id}"},
    "campaign": {"zh": "任务", "en": "campaign"},
    "printed": {"zh": "打印于", "en": "printed"},
    "subject": {"zh": "预警对象", "en": "Subject"},
    "number": {"zh": "电话", "en": "number"},
    "name": {"zh": "姓名", "en": "name"},
    "person": {"zh": "性别、年龄、人群", "en": "sex, age, group"},
    "scam_type": {"zh": "诈骗类型", "en": "scam type"},
    "grade": {"zh": "风险等级", "en": "grade"},
    "amount": {"zh": "涉险金额", "en": "amount at risk"},
    "address": {"zh": "住址", "en": "address"},
    "precinct": {"zh": "辖区", "en": "precinct"},
    "source": {"zh": "预警来源", "en": "source"},
    "warned_at": {"zh": "预警时间", "en": "time of the warning"},
    "accounts": {"zh": "已知涉案账户", "en": "suspect accounts known"},
    "relatives": {"zh": "关系人", "en": "relatives"},
    "note": {"zh": "备注", "en": "note"},
    "state": {"zh": "状态", "en": "state"},
    "queued": {"zh": "待拨打", "en": "queued"},
    "calling": {"zh": "通话中", "en": "being called"},
    "waiting": {"zh": "等待工单办结", "en": "waits for what is ordered"},
    "closed": {"zh": "已办结", "en": "closed"},
    "mentions": {
        "zh": "通话中提到的号码、账户、金额、应用、网址",
        "en": "Numbers, accounts, sums, apps and sites heard",
    },
    "kind": {"zh": "类别", "en": "kind"},
    "value": {"zh": "内容", "en": "value"},
    "words": {"zh": "原话", "en": "as it was said"},
    "call": {"zh": "通话", "en": "call"},
    "timeline": {"zh": "经过", "en": "What happened"},
    "why": {"zh": "依据", "en": "why"},
    "offered": {"zh": "转人工", "en": "Dissuaders"},
    "recording": {"zh": "录音", "en": "recording"},
    "relative": {"zh": "关系人电话（{relation}），案件 {id}", "en": "Call to a relative ({relation}), case {id}"},
    "robot": {"zh": "机器人", "en": "robot"},
    "subject_said": {"zh": "对方", "en": "person"},
    "dissuader": {"zh": "劝阻员", "en": "dissuader"},
    "relative_said": {"zh": "关系人", "en": "relative"},
    "signal": {"zh": "风险信号", "en": "signal"},
    "mention": {"zh": "提到", "en": "heard"},
    "confidential": {
        "zh": "含个人信息，用后妥善保管或销毁。",
        "en": "Personal data: lock it away, or destroy it.",
    },
}


@dataclass(frozen=True, slots=True)
class _Line:
    at: str
    who: str
    text: str
    mark: str


@dataclass(frozen=True, slots=True)
class _Call:
    lines: tuple[_Line, ...]
    offers: tuple[str, ...]
    end: str
    recording: str


@dataclass(frozen=True, slots=True)
class _Entry:
    at: str
    what: str
    why: str
    note: str
    is_alarm: bool
    call: _Call | None


@dataclass(frozen=True, slots=True)
class _Mentioned:
    kind: str
    value: str
    words: str
    call: int


def to_html(file: CaseFile, language: Language, zone: ZoneInfo, *, centre: str, printed_at: float) -> str:
    """The page, in ``zh`` or ``en``, with times of that zone."""
    words = {name: each[language] for name, each in _WORDS.items()}
    return _template().render(
        css=files("campaigns.case_file").joinpath("page.css").read_text(encoding="utf-8"),
        language="zh-CN" if language == "zh" else "en",
        words=words,
        title=words["title"].format(id=file.case.id),
        centre=centre,
        campaign=file.history.campaign.name,
        printed=clock(printed_at, zone),
        grade=file.case.lead.grade.value,
        facts=_facts(file, language, zone, words),
        mentions=_mentions(file, language),
        parts=[
            (words["timeline"], _entries(file, language, zone, words)),
            *(
                (words["relative"].format(relation=each.case.relation or "–", id=each.case.id), told)
                for each in file.relatives
                for told in [_entries(each, language, zone, words)]
            ),
        ],
    )


@cache
def _template() -> jinja2.Template:
    text = files("campaigns.case_file").joinpath("page.html.j2").read_text(encoding="utf-8")
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string(text)


def _facts(file: CaseFile, language: Language, zone: ZoneInfo, words: dict[str, str]) -> list[tuple[str, str]]:
    case, lead = file.case, file.case.lead
    state = words[case.state.value]
    if case.closed_reason:
        state += f": {closed_for(case.closed_reason, language)}"
    found = {
        "name": lead.name,
        "number": lead.number,
        "person": _person(lead, language),
        "scam_type": lead.scam_type,
        "grade": word(language, "grades", lead.grade.value),
        "state": state,
        "amount": "" if lead.amount is None else f"{lead.amount:,.0f}",
        "precinct": lead.precinct,
        "address": lead.address,
        "source": lead.source,
        "warned_at": clock(case.created_at if lead.warned_at is None else lead.warned_at, zone),
        "accounts": ", ".join(lead.accounts),
        "relatives": "; ".join(f"{each.relation} {each.name} {each.number}".strip() for each in lead.relatives),
        "note": lead.note,
    }
    return [(words[name], value) for name, value in found.items() if value]


def _person(lead: Lead, language: Language) -> str:
    age = "" if lead.age is None else str(lead.age)
    return ", ".join(part for part in (word(language, "sexes", lead.sex), age, lead.group) if part)


def _mentions(file: CaseFile, language: Language) -> list[_Mentioned]:
    def told(mention: Mention, attempt: Attempt) -> _Mentioned:
        kind = word(language, "mentions", mention.kind.value)
        return _Mentioned(kind, mention.value, mention.words, attempt.id)

    files_ = (file, *file.relatives)
    return [told(each, attempt) for own in files_ for attempt in own.attempts for each in attempt.mentions]


def _entries(file: CaseFile, language: Language, zone: ZoneInfo, words: dict[str, str]) -> list[_Entry]:
    return [
        _Entry(
            at=clock(each.at, zone),
            what=each.what,
            why=each.why,
            note=each.note,
            is_alarm=each.is_alarm,
            call=None if each.call is None else _call(each.call, language, words),
        )
        for each in entries(file, language, zone)
    ]


def _call(attempt: Attempt, language: Language, words: dict[str, str]) -> _Call:
    return _Call(
        lines=tuple(_line(line, words) for line in heard(attempt, language)),
        offers=tuple(offered(record, language) for record in attempt.escalations),
        end=ended(attempt, language),
        recording=attempt.result.recording if attempt.result else "",
    )


def _line(line: Heard, words: dict[str, str]) -> _Line:
    names = {"person": "subject_said", "relative": "relative_said"}
    mark = line.who if line.who in {SIGNAL, MENTION} else ""
    return _Line(f"{line.at_s:.1f}", line.name or words[names.get(line.who, line.who)], line.text, mark)
