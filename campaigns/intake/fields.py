"""A lead from what a row says: every cell checked, in any usual way of writing."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Any, TypeVar

from campaigns.intake.amounts import parse_amount
from campaigns.intake.errors import CellError
from campaigns.intake.headings import Slot
from campaigns.intake.moments import DAY_S, parse_moment, parse_span, parse_zone
from campaigns.intake.places import LEVELS, join_precinct, parse_precinct
from campaigns.intake.relatives import distinct, parse_relatives, relative
from campaigns.intake.scam_types import Proposer, ScamTypes
from campaigns.intake.words import GRADES, GROUPS, LANGUAGES, NOTHING, RELATIONS, SEXES, lookup
from campaigns.messages import said
from campaigns.model import Grade, Lead, Relative
from campaigns.numbers import NumberError, normalise

T = TypeVar("T")

LONGEST = {
    "name": 100, "scam_type": 50, "note": 2000, "group": 50, "source": 100, "address": 300, "precinct": 200, "city": 50,
    "district": 50, "station": 50, "community": 50, "relative_name": 50, "relation": 50, "relative_number": 50,
}  # fmt: skip
"""Characters."""
MOST_ACCOUNTS = 50
_GRADE, _SEX, _LANGUAGE, _GROUP = lookup(GRADES), lookup(SEXES), lookup(LANGUAGES), lookup(GROUPS)
_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_ACCOUNT = re.compile(r"[A-Za-z0-9][A-Za-z0-9@._*+:-]{2,99}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_MARKED = frozenset("#'")
_ERRORS = re.compile(r"#(?:N/A|REF!|VALUE!|NAME\?|DIV/0!|NULL!|NUM!|SPILL!|CALC!)")
_MONTH_FIRST = frozenset({"US", "PH", "CA"})
_EXACT = 1e15
"""Spreadsheets keep 15 digits of a number."""


@dataclass(frozen=True, slots=True)
class LeadDefaults:
    """What a row is taken to say where it says nothing."""

    scam_type: str = ""
    grade: Grade = Grade.MEDIUM
    language: str = "zh-CN"
    region: str = "CN"
    """Country of numbers written without one, ISO 3166."""
    time_zone: str = "Asia/Shanghai"
    """IANA name of the zone in which times without one are meant."""
    source: str = ""


@dataclass(frozen=True, slots=True)
class _Reading:
    """The surroundings in which a row is read."""

    defaults: LeadDefaults
    now: float


class LeadForm:
    """Makes leads of rows that were given together; what many of them say alike is read once."""

    def __init__(self, defaults: LeadDefaults, *, now: float, proposer: Proposer | None = None) -> None:
        """``proposer`` gives a lead without a scam type the one that its free text speaks for."""
        self.proposed = 0
        """Leads whose scam type was proposed."""
        self._proposer = proposer
        self._reading = _Reading(defaults, now)
        self._blank = {
            "scam_type": defaults.scam_type,
            "grade": defaults.grade,
            "language": defaults.language,
            "source": defaults.source,
        }
        self._known: dict[tuple[Slot, str], object] = {}

    def lead(self, values: Mapping[Slot, object]) -> Lead:
        """The lead in a row's cells, blank ones left out; raises `CellError` for the first that is wrong."""
        known: dict[str, Any] = dict(self._blank)
        levels: dict[str, str] = {}
        contacts: dict[int, dict[str, str]] = {}
        expires: tuple[object, Slot] | None = None
        for slot, value in values.items():
            name = slot.field
            if name == "expires_at":
                expires = value, slot
                continue
            parsed = self._parsed(slot, value)
            if name in LEVELS:
                levels[name] = parsed
            elif name in _CONTACT:
                contacts.setdefault(slot.which, {})[name] = parsed
            elif parsed not in _EMPTY or name not in known:
                known[name] = parsed
        if "number" not in known:
            raise CellError("number", said("number.empty"))
        if levels and not known.get("precinct"):
            known["precinct"] = join_precinct([levels.get(level, "") for level in LEVELS])
        if contacts:
            region = self._reading.defaults.region
            more = tuple(found for parts in contacts.values() for found in _contact(parts, region))
            known["relatives"] = distinct((*known.get("relatives", ()), *more))
        lead = Lead(**known)
        if self._proposer is not None:
            lead = self._with_type(lead, self._proposer.of(lead.language))
        return _until(lead, *expires, self._reading) if expires else lead

    def _with_type(self, lead: Lead, types: ScamTypes) -> Lead:
        named = types.label(lead.scam_type) if lead.scam_type else ""
        if not named and lead.note and (named := types.propose(lead.note)):
            self.proposed += 1
        return lead if named == lead.scam_type else replace(lead, scam_type=named)

    def _parsed(self, slot: Slot, value: object) -> Any:
        parser = PARSERS[slot.field]
        if slot.field in _DISTINCT or type(value) is not str:
            return parser(value, self._reading, slot)
        key = (slot, value)
        found = self._known.get(key, self)
        if found is self:
            found = parser(value, self._reading, slot)
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            self._known[key] = found
        return found


_CONTACT = frozenset({"relative_name", "relative_number", "relation"})
_EMPTY: tuple[object, ...] = (None, "", ())
_DISTINCT = frozenset({"number", "note", "address", "accounts", "relatives", "relative_number"})
"""Fields that hardly two rows have alike."""
_REMEMBERED = 20_000


def lead_of(values: Mapping[Slot, object], defaults: LeadDefaults, *, now: float) -> Lead:
    """One lead by itself, as `LeadForm.lead` makes it."""
    return LeadForm(defaults, now=now).lead(values)


def _until(lead: Lead, value: object, slot: Slot, reading: _Reading) -> Lead:
    """A span counts from the warning."""
    text = value if isinstance(value, str) else ""
    if text and _plain(text) in NOTHING:
        return lead
    since = lead.warned_at if lead.warned_at is not None else reading.now
    span_s = parse_span(text)
    at = since + span_s if span_s is not None else _moment(value, reading, slot, end_of_day=True)
    if at is not None and lead.warned_at is not None and at <= lead.warned_at:
        raise CellError("expires_at", said("cell.order"))
    return replace(lead, expires_at=at)


def _contact(parts: Mapping[str, str], region: str) -> tuple[Relative, ...]:
    """A relative told in columns of its own; without a number there is nobody to call."""
    number, name, relation = (parts.get(key, "") for key in ("relative_number", "relative_name", "relation"))
    if number.lower() in NOTHING:
        if re.search(r"\d{5}", name):
            return parse_relatives(name if not relation else f"{relation}:{name}", region=region)
        return ()
    if not relation and name.lower() in RELATIONS:
        name, relation = "", name
    return (relative(number, relation=relation, name=name, region=region),)


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().lower()


def written(value: object, column: str) -> str:
    """A cell as text, on one line and without control characters; raises `CellError`."""
    if isinstance(value, str):
        if value.isprintable() and value[:1] not in _MARKED and "  " not in value:
            return value.strip(" ")
        text = value
    elif isinstance(value, bool):
        text = "true" if value else "false"
    elif isinstance(value, int):
        text = str(value) if abs(value) < 10**40 else "1e40"
    elif isinstance(value, float):
        if not math.isfinite(value):
            raise CellError(column, said("cell.kind"))
        text = str(int(value)) if value.is_integer() and abs(value) < _EXACT else repr(value)
    elif isinstance(value, datetime | date | time):
        text = value.isoformat(" ") if isinstance(value, datetime) else value.isoformat()
    else:
        raise CellError(column, said("cell.kind"))
    if _CONTROL.search(text):
        text = _CONTROL.sub(" ", text)
    if text.startswith("#") and _ERRORS.fullmatch(text):
        raise CellError(column, said("cell.formula", cell=text))
    if text.startswith("'") and text[1:2] in {"=", "+", "-", "@"}:
        text = text[1:]
    return " ".join(text.split())


def _shown(text: str) -> str:
    return repr(text[:20])


def _text(value: object, reading: _Reading, slot: Slot) -> str:
    text = written(value, slot.field)
    if len(text) > LONGEST[slot.field]:
        raise CellError(slot.field, said("cell.long", limit=LONGEST[slot.field]))
    return text


def _number(value: object, reading: _Reading, slot: Slot) -> str:
    try:
        return normalise(value if isinstance(value, str) else written(value, "number"), region=reading.defaults.region)
    except NumberError as error:
        raise CellError("number", error.said) from error


def _word(known: Mapping[str, T], choices: str) -> Callable[[object, _Reading, Slot], T | None]:
    def parse(value: object, reading: _Reading, slot: Slot) -> T | None:
        text = written(value, slot.field)
        found = known.get(text)
        if found is None:
            plain = _plain(text)
            if plain in NOTHING:
                return None
            found = known.get(plain)
        if found is None:
            raise CellError(slot.field, said("cell.word", cell=_shown(text), choices=choices))
        return found

    return parse


def _group(value: object, reading: _Reading, slot: Slot) -> str:
    text = _text(value, reading, slot)
    plain = _plain(text)
    return "" if plain in NOTHING else _GROUP.get(plain, text)


def _language(value: object, reading: _Reading, slot: Slot) -> str:
    text = written(value, "language")
    known = _LANGUAGE.get(_plain(text))
    if known or not text or _plain(text) in NOTHING - {"na"}:
        return known or ""
    if not _TAG.fullmatch(text):
        raise CellError("language", said("cell.language", cell=_shown(text)))
    language, *rest = text.split("-")
    return "-".join([language.lower(), *(part.upper() if len(part) == 2 else part for part in rest)])


def _age(value: object, reading: _Reading, slot: Slot) -> int | None:
    text = written(value, "age")
    plain = _plain(text)
    if plain in NOTHING:
        return None
    plain = plain.removesuffix("岁").removesuffix("周").removesuffix(".0").strip()
    if not re.fullmatch(r"[0-9]{1,3}", plain) or int(plain) > 130:
        raise CellError("age", said("cell.age", cell=_shown(text)))
    return int(plain)


def _amount(value: object, reading: _Reading, slot: Slot) -> float | None:
    text = written(value, "amount")
    if _plain(text) in NOTHING:
        return None
    found = parse_amount(text, unit=slot.unit)
    if found is None:
        raise CellError("amount", said("cell.amount", cell=_shown(text)))
    return found


def _moment(value: object, reading: _Reading, slot: Slot, *, end_of_day: bool = False) -> float | None:
    text = written(value, slot.field)
    if _plain(text) in NOTHING:
        return None
    at = parse_moment(
        text if isinstance(value, str) else value,
        zone=reading.defaults.time_zone,
        now=reading.now,
        month_first=reading.defaults.region in _MONTH_FIRST,
        end_of_day=end_of_day,
    )
    if at is None:
        raise CellError(slot.field, said("cell.time", cell=_shown(text)))
    return at


def _warned_at(value: object, reading: _Reading, slot: Slot) -> float | None:
    at = _moment(value, reading, slot)
    if at is not None and at > reading.now + DAY_S:
        raise CellError("warned_at", said("cell.future", cell=_shown(written(value, "warned_at"))))
    return at


def _zone(value: object, reading: _Reading, slot: Slot) -> str:
    text = written(value, "time_zone")
    found = parse_zone(text)
    if found is None and _plain(text) not in NOTHING:
        raise CellError("time_zone", said("cell.zone", cell=_shown(text)))
    return found or ""


def _precinct(value: object, reading: _Reading, slot: Slot) -> str:
    return parse_precinct(_text(value, reading, slot))


def _accounts(value: object, reading: _Reading, slot: Slot) -> tuple[str, ...]:
    found: list[str] = []
    for each in value if isinstance(value, list) else [value]:
        if isinstance(each, float) and abs(each) >= _EXACT:
            raise CellError("accounts", said("cell.account_digits"))
        for part in re.split(r"[;；,，、|\n]+", each) if isinstance(each, str) else [written(each, "accounts")]:
            text = written(part, "accounts")
            if _plain(text) in NOTHING:
                continue
            account = re.sub(r"(?<=[0-9])[ -](?=[0-9])", "", unicodedata.normalize("NFKC", text))
            if re.fullmatch(r"[0-9](?:\.[0-9]+)?[eE]\+?[0-9]+", account):
                raise CellError("accounts", said("cell.account_digits"))
            if not _ACCOUNT.fullmatch(account):
                raise CellError("accounts", said("cell.account", cell=_shown(text)))
            found.append(account)
    if len(found) > MOST_ACCOUNTS:
        raise CellError("accounts", said("cell.many", limit=MOST_ACCOUNTS))
    return tuple(dict.fromkeys(found))


def _relatives(value: object, reading: _Reading, slot: Slot) -> tuple[Relative, ...]:
    if isinstance(value, str) and _plain(value) in NOTHING:
        return ()
    return parse_relatives(value, region=reading.defaults.region)


PARSERS: Mapping[str, Callable[[object, _Reading, Slot], object]] = {
    **dict.fromkeys((*LEVELS, *_CONTACT), _text),
    "number": _number,
    "name": _text,
    "scam_type": _text,
    "grade": _word(_GRADE, "高 / 中 / 低 (high / medium / low)"),
    "language": _language,
    "sex": _word(_SEX, "男 / 女 (male / female)"),
    "age": _age,
    "note": _text,
    "group": _group,
    "amount": _amount,
    "source": _text,
    "warned_at": _warned_at,
    "address": _text,
    "precinct": _precinct,
    "time_zone": _zone,
    "accounts": _accounts,
    "relatives": _relatives,
}
