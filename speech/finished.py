"""Whether somebody who pauses has finished, by the words so far, and how much silence ends the turn.

``speech/pausing/<language>.yaml`` lists short answers that are a whole turn, and what a turn that is not over ends
with. Of all else nobody can say; such a turn ends after the ordinary silence.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

FOLDER = Path(__file__).parent / "pausing"
LONGEST_S = 1.5
"""No patience waits for longer, but for an ordinary silence that is set to more: who has settled a reply waits a little
longer than that after a voice."""

_LEAST_DIGITS = 3
_LISTS = ("complete", "leads", "particles", "unfinished", "but", "listening", "digits")
_PATTERN = re.compile(r"\^?[\u3400-\u9fffa-z' |()?^]+")
_NOT_WORDS = re.compile(r"[^\w']+")
_HANZI = re.compile(r"[\u3400-\u9fff]")
_BESIDE_HANZI = re.compile(r"(?<=[\u3400-\u9fff]) | (?=[\u3400-\u9fff])")


class Finish(StrEnum):
    """What the words say of a turn that pauses."""

    COMPLETE = "complete"
    """A short answer, whole."""
    UNFINISHED = "unfinished"
    """More must come."""
    OPEN = "open"
    """It may be either."""


class PausingError(Exception):
    """A list of words cannot be used; the message names the file, what is wrong and the mend."""


@dataclass(frozen=True, slots=True)
class Silences:
    """How much silence ends a turn, in seconds."""

    complete_s: float = 0.32
    """After a short answer that is whole; never more than the ordinary silence."""
    open_s: float = 0.55
    """The ordinary silence."""
    unfinished_s: float = 1.2
    """After words that more must follow; never less than the ordinary silence."""

    def after(self, finish: Finish, *, patience: float = 1.0, least_s: float = 0.0) -> float:
        """The silence that ends a turn.

        Args:
            finish: what its words say.
            patience: a factor; the elderly are given more than 1.
            least_s: how old a recogniser's words may be. Where it is more than `complete_s`, it ends a short answer.
        """
        match finish:
            case Finish.COMPLETE:
                wanted = min(max(self.complete_s, least_s), self.open_s)
            case Finish.UNFINISHED:
                wanted = max(self.unfinished_s, self.open_s)
            case Finish.OPEN:
                wanted = self.open_s
        least, most = min(max(self.complete_s, least_s), self.open_s), max(self.open_s, LONGEST_S)
        return min(max(wanted * patience, least), most)


@dataclass(frozen=True, slots=True)
class PauseWords:
    """The lists of one language, compiled."""

    complete: re.Pattern[str]
    """Matches a whole turn."""
    unfinished: re.Pattern[str]
    """Matches at the end of a turn."""
    but: re.Pattern[str]
    """Matches at the end of a turn that nothing is known of, whatever it ends with."""
    listening: re.Pattern[str]
    """Matches a whole turn of somebody who only shows that they listen."""
    digits: re.Pattern[str]
    digit: re.Pattern[str]
    lengths: frozenset[int]
    """How many digits a whole number has."""

    def finish(self, text: str) -> Finish:
        """What the words of a turn, lower case, without punctuation, say of it."""
        if not text:
            return Finish.OPEN
        if self.complete.fullmatch(text):
            return Finish.COMPLETE
        if self.but.search(text):
            return Finish.OPEN
        if (number := self.digits.search(text)) is not None:
            whole = len(self.digit.findall(number[0])) in self.lengths
            return Finish.OPEN if whole else Finish.UNFINISHED
        return Finish.UNFINISHED if self.unfinished.search(text) else Finish.OPEN


def finish(partial: str, language: str) -> Finish:
    """What the words of a turn that pauses say of it.

    Args:
        partial: what has been recognised of the turn; the last result.
        language: BCP 47 tag; its first part chooses the lists.

    Raises:
        PausingError: there are no lists for the language, or their file is bad.
    """
    return pause_words(language).finish(_plain(partial))


def only_listens(text: str, language: str) -> bool:
    """Whether who says this, or nothing, into another's words does not want to speak but shows that they listen.

    Args:
        text: what has been recognised of the turn, all of it or the last result.
        language: BCP 47 tag; its first part chooses the lists.

    Raises:
        PausingError: there are no lists for the language, or their file is bad.
    """
    plain = _plain(text)
    return not plain or pause_words(language).listening.fullmatch(plain) is not None


@cache
def pause_words(language: str) -> PauseWords:
    """The lists that come with the program, by the first part of a BCP 47 tag; raises `PausingError`."""
    return load_pause_words(FOLDER / f"{language.partition('-')[0].lower()}.yaml")


def load_pause_words(path: Path) -> PauseWords:
    """Read, check and compile a file of lists.

    Raises:
        PausingError: it is not there, not YAML, or an entry is not written as its head says.
    """
    try:
        content = YAML(typ="safe").load(path.read_text("utf-8"))
    except FileNotFoundError:
        known = ", ".join(sorted(file.stem for file in FOLDER.glob("*.yaml")))
        raise PausingError(f"there are no pause words in {path.stem!r}; known: {known}; mend: write {path}") from None
    except (YAMLError, UnicodeDecodeError) as error:
        raise PausingError(f"{path} is not YAML: {error}") from None
    if not isinstance(content, dict) or set(content) != {*_LISTS, "lengths"}:
        raise PausingError(f"{path}: write the lists {', '.join(_LISTS)} and lengths, each once, and nothing else")
    lists = {name: _entries(path, name, content[name]) for name in _LISTS}
    lengths = content["lengths"]
    if not isinstance(lengths, list) or not all(type(length) is int and length > 0 for length in lengths):
        raise PausingError(f"{path}: lengths must be a list of numbers of digits, such as 11")
    return _compiled(lists, frozenset(lengths))


def _entries(path: Path, name: str, listed: Any) -> list[str]:
    if not isinstance(listed, list) or not listed or not all(isinstance(entry, str) for entry in listed):
        raise PausingError(f"{path}: {name} must be a list of words; put yes and no in quotes")
    for entry in listed:
        try:
            if not _PATTERN.fullmatch(entry) or re.compile(entry).fullmatch(""):
                raise re.error("")
        except re.error:
            raise PausingError(
                f"{path}: {name}: {entry!r} is not written as the head of the file says; mend: words, (a|b), (a|b)?, ^"
            ) from None
    return listed


def _compiled(lists: dict[str, list[str]], lengths: frozenset[int]) -> PauseWords:
    spaced = not any(_HANZI.search(entry) for entry in lists["complete"])
    gap, edge, space = (" ", r"\b", " ?") if spaced else ("", "", "")
    either = {name: f"(?:{'|'.join(entries)})" for name, entries in lists.items()}
    answer = f"{either['complete']}(?:{gap}{either['particles']}){{0,3}}"
    digit = f"{edge}{either['digits']}{edge}"
    return PauseWords(
        complete=re.compile(f"(?:{either['leads']}{gap}){{0,3}}{answer}(?:{gap}{answer}){{0,3}}"),
        unfinished=re.compile(f"{edge}{either['unfinished']}$"),
        but=re.compile(f"{edge}{either['but']}$"),
        listening=re.compile(f"{either['listening']}(?:{gap}{either['listening']})*"),
        digits=re.compile(f"(?:{digit}{space}){{{_LEAST_DIGITS},}}$"),
        digit=re.compile(digit),
        lengths=lengths,
    )


def _plain(text: str) -> str:
    """Lower case, without punctuation; spaces stand between words of letters alone."""
    words = _NOT_WORDS.sub(" ", text.lower().replace("’", "'")).strip()
    return _BESIDE_HANZI.sub("", words)
