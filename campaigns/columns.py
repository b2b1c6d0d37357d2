"""The columns of a file of leads, and what their cells may hold, in Chinese or English."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from campaigns.model import Grade, Lead
from campaigns.numbers import NumberError, normalise

T = TypeVar("T")

_NAMES = {
    "number": (
        "number",
        "phone",
        "phone number",
        "mobile",
        "telephone",
        "手机号",
        "手机号码",
        "手机",
        "电话",
        "电话号码",
        "联系电话",
        "号码",
    ),
    "name": ("name", "姓名", "名字", "潜在受害人", "事主"),
    "scam_type": ("scam_type", "scam type", "诈骗类型", "类型", "案件类型", "预警类型"),
    "grade": ("grade", "risk", "risk grade", "风险等级", "等级", "风险", "预警等级"),
    "language": ("language", "语言", "语种"),
    "sex": ("sex", "gender", "性别"),
    "age": ("age", "年龄"),
    "note": ("note", "notes", "remark", "备注", "说明"),
}
_GRADES = {
    Grade.HIGH: ("high", "高", "高危", "高风险", "高级"),
    Grade.MEDIUM: ("medium", "中", "中危", "中风险", "中级"),
    Grade.LOW: ("low", "低", "低危", "低风险", "低级"),
}
_SEXES = {
    "male": ("male", "m", "男", "男性"),
    "female": ("female", "f", "女", "女性"),
    "": ("unknown", "未知", "不详", "-"),
}
_LANGUAGES = {
    "zh-CN": ("zh", "zh-cn", "中文", "汉语", "普通话", "国语", "chinese", "mandarin"),
    "en-US": ("en", "en-us", "英文", "英语", "english"),
}
_LONGEST = {"name": 100, "scam_type": 50, "note": 2000}
_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")


def _lookup(table: Mapping[T, Sequence[str]]) -> dict[str, T]:
    return {word: key for key, words in table.items() for word in words}


_COLUMN, _GRADE, _SEX, _LANGUAGE = _lookup(_NAMES), _lookup(_GRADES), _lookup(_SEXES), _lookup(_LANGUAGES)


class CellError(ValueError):
    """A cell cannot be taken over."""

    def __init__(self, column: str, reason: str, mend: str) -> None:
        super().__init__(f"{column}: {reason}; {mend}")
        self.column = column
        self.reason = reason
        self.mend = mend


@dataclass(frozen=True, slots=True)
class LeadDefaults:
    """What a row is taken to say where it says nothing."""

    scam_type: str = ""
    grade: Grade = Grade.MEDIUM
    language: str = "zh-CN"
    region: str = "CN"
    """Country of numbers written without one, ISO 3166."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Which cell of a row holds what."""

    places: Mapping[str, int]
    """Field of a lead to the index of its cell."""
    ignored: tuple[str, ...]
    """Headings that are not a lead's."""

    def lead(self, cells: Sequence[str], defaults: LeadDefaults) -> Lead:
        """The lead in a row; raises `CellError` for the first cell that is wrong."""

        def cell(field: str) -> str:
            place = self.places.get(field)
            return "" if place is None or place >= len(cells) else cells[place].strip()

        try:
            number = normalise(cell("number"), region=defaults.region)
        except NumberError as error:
            raise CellError("number", error.reason, error.mend) from error
        return Lead(
            number=number,
            name=_text("name", cell("name")),
            scam_type=_text("scam_type", cell("scam_type")) or defaults.scam_type,
            grade=_word("grade", cell("grade"), _GRADE, "高, 中, 低 or high, medium, low") or defaults.grade,
            language=_language(cell("language")) or defaults.language,
            sex=_word("sex", cell("sex"), _SEX, "男, 女 or male, female") or "",
            age=_age(cell("age")),
            note=_text("note", cell("note")),
        )


def find_columns(header: Sequence[str]) -> Columns | None:
    """Which columns a header names; ``None`` when none of them holds the number."""
    places: dict[str, int] = {}
    ignored: list[str] = []
    for place, heading in enumerate(header):
        field = _COLUMN.get(_plain(heading).replace("_", " ")) or _COLUMN.get(_plain(heading))
        if field is None or field in places:
            if heading.strip():
                ignored.append(heading.strip())
        else:
            places[field] = place
    return Columns(places, tuple(ignored)) if "number" in places else None


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().lower()


def _text(column: str, cell: str) -> str:
    """Free text on one line, without control characters."""
    text = " ".join("".join(" " if unicodedata.category(c) in {"Cc", "Zl", "Zp"} else c for c in cell).split())
    if len(text) > _LONGEST[column]:
        raise CellError(column, f"longer than {_LONGEST[column]} characters", "shorten it")
    return text


def _word(column: str, cell: str, known: Mapping[str, T], choices: str) -> T | None:
    if not cell:
        return None
    value = known.get(_plain(cell))
    if value is None:
        raise CellError(column, f"{cell[:20]!r} is not known", f"write {choices}, or leave it empty")
    return value


def _language(cell: str) -> str | None:
    known = _LANGUAGE.get(_plain(cell))
    if not cell or known:
        return known
    if not _TAG.fullmatch(cell):
        raise CellError("language", f"{cell[:20]!r} is not known", "write a tag such as zh-CN or en-US")
    language, *rest = cell.split("-")
    return "-".join([language.lower(), *(part.upper() if len(part) == 2 else part for part in rest)])


def _age(cell: str) -> int | None:
    if not cell:
        return None
    plain = _plain(cell).removesuffix("岁").removesuffix(".0").strip()
    if not re.fullmatch(r"[0-9]{1,3}", plain) or int(plain) > 130:
        raise CellError("age", f"{cell[:20]!r} is not an age", "write years as a number from 0 to 130")
    return int(plain)
