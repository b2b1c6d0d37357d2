"""Relatives as people list them: 女儿:王芳:11100000012; 女婿 李强 11100000013."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping

from campaigns.intake.errors import CellError
from campaigns.intake.words import RELATIONS
from campaigns.messages import said
from campaigns.model import Relative
from campaigns.numbers import NumberError, normalise

MOST = 20
LONGEST = 50
_BETWEEN = re.compile(r"[;；、\n|]+")
_WITHIN = re.compile(r"[:：,，/()]|\s+|(?<=[^\d\s+()（）-])(?=[+(（]?\d)")
_NUMBER = re.compile(r"[+(（]?\d[\d\s()（）+-]{2,}")


def parse_relatives(value: object, *, region: str) -> tuple[Relative, ...]:
    """Those named in a text, or in a list of texts or of ``{"relation", "name", "number"}``; raises `CellError`."""
    found = tuple(_each(value, region))
    if len(found) > MOST:
        raise CellError("relatives", said("cell.many", limit=MOST))
    return distinct(found)


def relative(number: str, *, relation: str, name: str, region: str, cell: str = "") -> Relative:
    """One, checked; raises `CellError`."""
    try:
        e164 = normalise(number, region=region)
    except NumberError as error:
        raise CellError("relatives", said("cell.relative", cell=repr((cell or number)[:40]), why=error.said)) from error
    for text in (relation, name):
        if len(text) > LONGEST:
            raise CellError("relatives", said("cell.long", limit=LONGEST))
    return Relative(e164, _line(relation), _line(name))


def distinct(relatives: tuple[Relative, ...]) -> tuple[Relative, ...]:
    """One for each number; the first holds."""
    found: dict[str, Relative] = {}
    for each in relatives:
        found.setdefault(each.number, each)
    return tuple(found.values())


def _each(value: object, region: str) -> Iterator[Relative]:
    if isinstance(value, str):
        for part in _BETWEEN.split(value):
            if part.strip():
                yield _written(part.strip(), region)
    elif isinstance(value, list):
        for each in value:
            yield from _each(each, region)
    elif isinstance(value, Mapping):
        parts = {str(key): each for key, each in value.items() if each is not None}
        if set(parts) - {"number", "relation", "name"} or not all(isinstance(p, str | int) for p in parts.values()):
            raise CellError("relatives", said("cell.kind"))
        number, relation, name = (str(parts.get(key, "")).strip() for key in ("number", "relation", "name"))
        yield relative(number, relation=relation, name=name, region=region)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield _written(str(int(value)), region)
    else:
        raise CellError("relatives", said("cell.kind"))


def _written(text: str, region: str) -> Relative:
    """One in a text: the part that is a number, and before or after it relation and name."""
    plain = unicodedata.normalize("NFKC", text).strip(" \t()")
    found = max(_NUMBER.finditer(plain), key=lambda each: len(each[0]), default=None)
    if found is None:
        return relative(plain, relation="", name="", region=region, cell=text)
    rest = f"{plain[: found.start()]}:{plain[found.end() :]}"
    words = [word.strip(" ()") for word in _WITHIN.split(rest)]
    words = [word for word in words if word]
    if ":" not in plain and len(words) > 2:  # an English name in words of its own
        words = [words[0], " ".join(words[1:])] if words[0].lower() in RELATIONS else [" ".join(words)]
    elif len(words) > 2:
        words = [words[0], " ".join(words[1:])]
    relation, name = "", ""
    if len(words) == 2:
        relation, name = words
        if name.lower() in RELATIONS and relation.lower() not in RELATIONS:
            relation, name = name, relation
    elif len(words) == 1:
        if words[0].lower() in RELATIONS or ":" in plain:
            relation = words[0]
        else:
            name = words[0]
    return relative(found[0], relation=relation, name=name, region=region, cell=text)


def _line(text: str) -> str:
    return " ".join("".join(" " if unicodedata.category(c) in {"Cc", "Zl", "Zp"} else c for c in text).split())
