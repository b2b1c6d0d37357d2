"""What a dissuader sees beside a call: talking points by scam type, from one YAML file a language.

```yaml
language: en
general:                # for a scam type that has none of its own, or is not known
  ask: [Who is with you now?]
  told: [They were told to keep it secret.]
  convinces: [Ring the number on your card.]
  act: [End the other call.]
  never: ["Never promise that the money comes back."]
types:
  fake police: {ask: [...], told: [...], convinces: [...], act: [...], never: [...]}
```
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from scripts.loader import POINTS_FOLDER
from scripts.yaml_lines import Lines, Problem, ScriptError, read_yaml

POINTS = Path(__file__).parent / POINTS_FOLDER
"""The talking points that come with the program."""

FEWEST, MOST = 5, 7
LONGEST = {"zh": 80, "en": 190}
"""Characters of one point, by language; any other as in English. A point is read while somebody waits."""

Point = Annotated[str, Field(min_length=2)]
Points = Annotated[tuple[Point, ...], Field(min_length=1)]


class TalkingPoints(BaseModel):
    """What to say, and what not, to somebody who is being defrauded in one way."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    ask: Points
    """What to ask first."""
    told: Points
    """What the fraudster has most likely said."""
    convinces: Points
    act: Points
    """What to do in the next ten minutes."""
    never: Points
    """What never to say."""

    @property
    def all(self) -> tuple[str, ...]:
        """Every point, in order."""
        return (*self.ask, *self.told, *self.convinces, *self.act, *self.never)


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    language: Annotated[str, Field(min_length=2)]
    general: TalkingPoints | None = None
    types: dict[str, TalkingPoints] = {}


class PointsLibrary:
    """The talking points of a centre, in all languages."""

    def __init__(self, points: Mapping[tuple[str, str], TalkingPoints]) -> None:
        """``points`` by language, as in its file, and scam type; an empty one is the general."""
        self._points = dict(points)
        self._languages = tuple(dict.fromkeys(language for language, _ in points))

    @classmethod
    def load(cls, *folders: Path) -> PointsLibrary:
        """What the ``.yaml`` files of these folders say together; where two speak of a scam type in one language, the
        later folder goes before. Folders that do not exist say nothing. Raises `ScriptError` with all that is wrong.
        """
        points: dict[tuple[str, str], TalkingPoints] = {}
        problems: list[Problem] = []
        for folder in folders:
            for path in sorted(folder.glob("*.yaml")):
                try:
                    points |= load_points(path)
                except ScriptError as error:
                    problems += error.problems
        if problems:
            raise ScriptError(problems)
        return cls(points)

    def types(self, language: str) -> tuple[str, ...]:
        """Scam types with points of their own in a language."""
        return tuple(type_ for known, type_ in self._points if known == language and type_)

    def choose(self, language: str, scam_type: str) -> TalkingPoints | None:
        """The points in the language of a case (``en-GB`` may use those in ``en``), else in any that knows the type:
        the scam type's own, else the general ones. ``None`` if there are none at all.
        """
        primary = language.lower().partition("-")[0]
        near = sorted(self._languages, key=lambda each: (each != language, each.lower().partition("-")[0] != primary))
        own = [known for known in near if known.lower().partition("-")[0] == primary]
        wanted = [(known, scam_type) for known in own] + [(known, "") for known in own]
        wanted += [(known, scam_type) for known in near] + [(known, "") for known in near]
        return next((self._points[each] for each in wanted if each in self._points), None)


def load_points(path: Path) -> dict[tuple[str, str], TalkingPoints]:
    """The points in one file, by language and scam type; raises `ScriptError` with file, line and reason of all that is
    wrong.
    """
    data, lines = read_yaml(path)
    try:
        file = _File.model_validate(data)
    except ValidationError as error:
        raise ScriptError([_problem(path, lines, dict(detail)) for detail in error.errors()]) from None
    named: Iterable[tuple[str, TalkingPoints]] = file.types.items()
    problems = [problem for name, each in named for problem in _check(each, path, lines, file.language, "types", name)]
    found = {(file.language, name): each for name, each in file.types.items()}
    if file.general is not None:
        problems += _check(file.general, path, lines, file.language, "general")
        found[file.language, ""] = file.general
    if problems:
        raise ScriptError(problems)
    return found


def _check(points: TalkingPoints, path: Path, lines: Lines, language: str, *keys: str) -> Iterator[Problem]:
    name = keys[-1]
    if not FEWEST <= len(points.all) <= MOST:
        reason = f"{name} has {len(points.all)} points; {FEWEST} to {MOST} can be read before the first word"
        yield Problem(str(path), lines.get(keys, 1), reason)
    longest = LONGEST.get(language.lower().partition("-")[0], LONGEST["en"])
    for part in TalkingPoints.model_fields:
        for number, point in enumerate(getattr(points, part)):
            if len(point) > longest:
                line = lines.get((*keys, part, str(number)), lines.get(keys, 1))
                yield Problem(str(path), line, f"{name}: a point of {len(point)} characters; {longest} at most")


def _problem(path: Path, lines: Lines, detail: dict[str, Any]) -> Problem:
    keys = tuple(map(str, detail["loc"]))
    near = keys
    while near and near not in lines:
        near = near[:-1]
    key = ".".join(keys)
    told = {"missing": f"{key} is missing", "extra_forbidden": f"{key} is not a key of talking points"}
    reason = told.get(detail["type"], f"{key}: {str(detail['msg'])[:1].lower()}{str(detail['msg'])[1:]}")
    return Problem(str(path), lines.get(near, 1), reason)
