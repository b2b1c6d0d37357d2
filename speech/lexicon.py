"""The rules by which a reply is understood, read from ``lexicons/<language>.yaml`` and checked.

Each file explains its own keys in its head. Everything is compiled when it is loaded, so that a fault is said with file
and line before the first call, and a reply costs well under a millisecond.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from speech.assessment import SIGNALS
from speech.homophones import Homophones
from speech.patterns import BOUNDARY, Alphabet, PatternError, alphabet, expression, term
from speech.reply import Grammar
from speech.required import Needs, Pieces, Required, any_required, required

FOLDER = Path(__file__).parent / "lexicons"
"""The lexicons that come with the program."""

Regex = re.Pattern[str]
Ways = tuple[tuple[int, Regex], ...]
"""Ways of saying something, longer ones first, each with what a reply must hold for it: see `Lexicon.needs`."""


class LexiconError(Exception):
    """A lexicon cannot be used; the message says file, line and reason."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One way of saying a signal."""

    name: str
    says: Ways
    unless: Regex | None
    """Found in the same clause, it takes the rule back."""
    asks: frozenset[str]
    """The rule is for replies to these questions only; empty for any."""
    needs: Regex | None = None
    """Must be found somewhere in the reply."""
    unless_anywhere: Regex | None = None
    """Found somewhere in the reply, it takes the rule back."""
    escalate: bool = False
    """The rule escalates though its signal does not."""
    sure: bool = False
    """The rule's signal is heard whatever the trained judgement says."""


@dataclass(frozen=True, slots=True)
class SignalRules:
    """All rules of one signal."""

    name: str
    label: str
    weight: float
    """Share in the risk, 0 to 1."""
    rules: tuple[Rule, ...]
    own: Regex | None
    """The verb that the subject must have done; somebody else doing it does not count."""
    negatable: bool
    past: bool
    """Said of long ago, it is ``past_incident``; only supposed, it does not count."""
    unless: Regex | None
    """Found in the same or a neighbouring clause, it takes every rule back..."""
    despite: Regex | None
    """...but not if this is found there too."""
    waits: bool
    """In a partial result, a match at the very end waits for the next word."""
    denied_by: Ways
    """Says no to a question for this signal."""
    means_no: Regex | None
    """Named in reply to a question for this signal, and nothing heard that would be one, it means no."""
    undone_by: Regex | None
    """Said after a match, it takes the match back ("I sent it, but the bank stopped it")."""
    cancels: frozenset[str]
    """Signals that do not count when this one was heard."""


@dataclass(frozen=True, slots=True)
class AnswerWords:
    """How one says yes and no."""

    yes: Regex
    no: Regex
    agree: Regex
    """A yes where the question asks for agreement."""
    agreement: frozenset[str]
    unsure: Regex
    leads_yes: Regex
    correction: Regex
    """A clause that takes back what was said before."""


@dataclass(frozen=True, slots=True)
class Lexicon:
    """One language."""

    language: str
    grammar: Grammar
    scope_ends: Regex
    """Words at which a negation's reach ends."""
    hypothetical: Regex
    long_ago: Regex
    lately: Regex
    third_person: Regex
    """Matches the end of a stretch in which somebody else is the doer."""
    relative: Regex
    """The same for a member of the family."""
    answers: AnswerWords
    signals: Mapping[str, SignalRules]
    """Heaviest first."""
    needs: Needs
    """Of all their ways of saying something."""
    kinds: Mapping[str, str]
    """Words to the kind that the trained judgement takes them for."""
    fillers: frozenset[str]
    """Characters or words that mean nothing, however many are said."""
    longest_kind: int
    """Tokens of the longest of those words."""


def load_lexicon(path: Path) -> Lexicon:
    """Read and check one lexicon; raises `LexiconError`."""
    try:
        data = YAML().load(path.read_text(encoding="utf-8-sig"))
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise LexiconError(f"{path}:{line}: is not valid YAML: {error.problem}") from error
    except (YAMLError, UnicodeDecodeError, OSError) as error:
        raise LexiconError(f"{path}: cannot be read: {error}") from error
    if not isinstance(data, CommentedMap):
        raise LexiconError(f"{path}:1: must be a mapping")
    return _Builder(path, data).build()


_own: list[Path] = []
_loaded: dict[str, Lexicon] = {}


def use_own(folder: Path | None) -> None:
    """Let a centre's own lexicons in ``folder`` go before the built-in ones of the same language; ``None``: no more.

    Raises `LexiconError` if there is no such folder; a faulty file is told when its language is first used.
    """
    if folder is not None and not folder.is_dir():
        raise LexiconError(f"{folder}: there is no such folder of lexicons")
    _own[:] = [folder] if folder else []
    _loaded.clear()


def files_in_use() -> list[Path]:
    """The files that replies are understood by, one a language: the centre's own, else the built-in one."""
    found = {path.stem.lower(): path for folder in (FOLDER, *_own) for path in folder.glob("*.yaml")}
    return sorted(found.values(), key=lambda path: path.stem)


def lexicon(language: str) -> Lexicon:
    """The lexicon of a language (``en-GB`` may use ``en``), loaded once; raises `LexiconError`."""
    found = _loaded.get(language)
    if found is None:
        found = _loaded[language] = load_lexicon(_file(language))
    return found


def reload() -> list[Path]:
    """Read the lexicons anew that are loaded; if one is faulty, raises `LexiconError` and keeps all as they were.

    Returns the files that were read.
    """
    files = {language: _file(language) for language in list(_loaded)}
    _loaded.update({language: load_lexicon(path) for language, path in files.items()})
    return list(dict.fromkeys(files.values()))


def label(signal: str, language: str) -> str:
    """A signal's name as a dissuader of that language reads and hears it."""
    rules = lexicon(language).signals.get(signal)
    return rules.label if rules else signal


def _file(language: str) -> Path:
    primary = language.partition("-")[0].lower()
    files = files_in_use()
    for path in files:
        if path.stem.lower() == language.lower():
            return path
    for path in files:
        if path.stem.partition("-")[0].lower() == primary:
            return path
    have = ", ".join(path.stem for path in files)
    raise LexiconError(f"there is no lexicon for {language!r}; there are {have}")


_SIGNAL_KEYS = {
    "label", "weight", "own", "negatable", "past", "unless", "despite", "denied_by", "means_no", "undone_by", "cancels",
    "rules", "waits",
}  # fmt: skip
_RULE_KEYS = {"name", "says", "unless", "asks", "needs", "unless_anywhere", "escalate", "sure"}
_ANSWER_KEYS = {"yes", "no", "agree", "agreement", "unsure", "leads_yes", "corrections", "particles"}
_WORD_LISTS = (
    "apart", "before", "negators", "negators_whole", "not_negators", "scope_ends", "hypothetical", "long_ago", "lately",
    "somebody", "relatives", "receiving", "doer_ends",
)  # fmt: skip
_OPTIONAL = {"homophones", "everyday", "variants", "double_negatives", "kinds", "fillers"}
_KEYS = {"language", "terms", "after_lead", "answers", "signals", *_WORD_LISTS, *_OPTIONAL}
_DOER_REACH = {False: 6, True: 30}
"""How many characters may stand between a doer and the verb, by whether the language has spaces."""


class _Builder:
    """Turns one YAML mapping into a `Lexicon`, with the line of every fault."""

    def __init__(self, path: Path, data: CommentedMap) -> None:
        self._path = path
        self._data = data
        self._check_keys(data, _KEYS, required=_KEYS - _OPTIONAL)
        self._negators = self._words(data, "negators") + self._words(data, "negators_whole")
        self._letters: Alphabet = alphabet(str(data["language"]), self._negators)
        self._terms: dict[str, str] = {}
        self._required: dict[str, Pieces | None] = {}
        self._needs = Needs()

    def build(self) -> Lexicon:
        data = self._data
        self._read_terms()
        lists = {name: self._any(data, name) for name in _WORD_LISTS if name not in {"receiving", "negators"}}
        signals = [self._signal(name, self._map(data["signals"], name)) for name in self._map(data, "signals")]
        if missing := SIGNALS - {signal.name for signal in signals}:
            raise self._error(data, "signals", f"no rules for {', '.join(sorted(missing))}")
        space = " " if self._letters.words else ""
        kinds = self._kinds()
        not_to = "".join(f"(?<!{re.escape(word)}{space})" for word in self._words(data, "receiving"))
        reach = f"(?:(?!{lists['doer_ends']})[^{BOUNDARY}]){{0,{_DOER_REACH[self._letters.words]}}}$"
        return Lexicon(
            language=str(data["language"]),
            grammar=self._grammar(lists),
            scope_ends=re.compile(lists["scope_ends"]),
            hypothetical=re.compile(lists["hypothetical"]),
            long_ago=re.compile(lists["long_ago"]),
            lately=re.compile(lists["lately"]),
            third_person=re.compile(f"{not_to}(?:{lists['somebody']}){reach}"),
            relative=re.compile(f"{not_to}(?:{lists['relatives']}){reach}"),
            answers=self._answers(self._map(data, "answers")),
            signals={signal.name: signal for signal in sorted(signals, key=lambda signal: -signal.weight)},
            needs=self._needs,
            kinds=kinds,
            fillers=frozenset(self._words(data, "fillers")),
            longest_kind=max((len(word.split()) if space else len(word) for word in kinds), default=0),
        )

    def _grammar(self, lists: Mapping[str, str]) -> Grammar:
        data = self._data
        homophones = self._words(data, "homophones")
        variants = self._map(data, "variants") if "variants" in data else {}
        lead = self._map(data, "after_lead")
        self._check_keys(lead, {"answers", "followers"}, required={"answers", "followers"})
        negators = dict.fromkeys(self._words(data, "negators"), False)
        negators |= dict.fromkeys(self._words(data, "negators_whole"), True)
        lookalikes = self._words(data, "not_negators")
        spelled = (re.escape(word) for word in sorted({*negators, *lookalikes}, key=len, reverse=True))
        edge = r"\b" if self._letters.words else ""
        return Grammar(
            letters=self._letters,
            variants=str.maketrans({str(old): str(new) for old, new in variants.items()}),
            homophones=Homophones(homophones, self._words(data, "everyday")) if homophones else None,
            apart=re.compile(lists["apart"]),
            before=re.compile(f"(?:{lists['before']})"),
            after_lead=re.compile(
                rf"(?<![^{BOUNDARY}])({self._any(lead, 'answers')})\s*(?={self._any(lead, 'followers')})"
            ),
            negation=re.compile(f"{edge}(?:{'|'.join(spelled)}){edge}"),
            negators=negators,
            double_negative=self._optional(data, "double_negatives"),
        )

    def _read_terms(self) -> None:
        terms = self._map(self._data, "terms")
        for name, node in terms.items():
            words, not_in = self._words(terms, name), []
            if isinstance(node, CommentedMap):
                self._check_keys(node, {"words", "not_in"}, required={"words"})
                words, not_in = self._words(node, "words"), self._words(node, "not_in")
            try:
                self._terms[name] = term(words, not_in, self._terms, self._letters)
                self._required[name] = any_required(words, self._required, self._letters)
            except PatternError as error:
                raise self._error(terms, name, str(error)) from error

    def _kinds(self) -> dict[str, str]:
        node = self._map(self._data, "kinds") if "kinds" in self._data else CommentedMap()
        found: dict[str, str] = {}
        for kind in node:
            for word in self._words(node, kind):
                if word in found:
                    raise self._error(node, kind, f"{word!r} is of the kind {found[word]!r} already")
                found[word] = str(kind)
        return found

    def _signal(self, name: str, node: CommentedMap) -> SignalRules:
        if name not in SIGNALS:
            raise self._error(self._data["signals"], name, f"there is no signal {name!r}")
        self._check_keys(node, _SIGNAL_KEYS, required={"label", "weight", "rules"})
        weight = node["weight"]
        if not isinstance(weight, int | float) or not 0 <= weight <= 1:
            raise self._error(node, "weight", f"weight of {name} must be from 0 to 1")
        cancels = frozenset(self._words(node, "cancels"))
        if unknown := cancels - SIGNALS:
            raise self._error(node, "cancels", f"there is no signal {', '.join(sorted(unknown))}")
        if not isinstance(node["rules"], CommentedSeq):
            raise self._error(node, "rules", "must be a list")
        return SignalRules(
            name=name,
            label=str(node["label"]),
            weight=float(weight),
            rules=tuple(self._rule(node["rules"], index) for index in range(len(node["rules"]))),
            own=self._optional(node, "own"),
            negatable=bool(node.get("negatable", True)),
            past=bool(node.get("past", True)),
            waits=bool(node.get("waits", False)),
            unless=self._optional(node, "unless"),
            despite=self._optional(node, "despite"),
            denied_by=self._ways(node, "denied_by") if "denied_by" in node else (),
            means_no=self._optional(node, "means_no"),
            undone_by=self._optional(node, "undone_by"),
            cancels=cancels,
        )

    def _rule(self, rules: CommentedSeq, index: int) -> Rule:
        node = rules[index]
        if not isinstance(node, CommentedMap):
            raise LexiconError(f"{self._path}:{rules.lc.item(index)[0] + 1}: a rule has a name and what it says")
        self._check_keys(node, _RULE_KEYS, required={"name", "says"})
        asks = frozenset(self._words(node, "asks"))
        if unknown := asks - SIGNALS:
            raise self._error(node, "asks", f"there is no signal {', '.join(sorted(unknown))}")
        for key in ("escalate", "sure"):
            if not isinstance(node.get(key, False), bool):
                raise self._error(node, key, "must be true or false")
        return Rule(
            name=str(node["name"]),
            says=self._ways(node, "says"),
            unless=self._optional(node, "unless"),
            asks=asks,
            needs=self._optional(node, "needs"),
            unless_anywhere=self._optional(node, "unless_anywhere"),
            escalate=bool(node.get("escalate", False)),
            sure=bool(node.get("sure", False)),
        )

    def _answers(self, node: CommentedMap) -> AnswerWords:
        self._check_keys(node, _ANSWER_KEYS, required=_ANSWER_KEYS)
        words = {key: self._any(node, key) for key in _ANSWER_KEYS - {"agreement"}}
        agreement = frozenset(self._words(node, "agreement"))
        if unknown := agreement - SIGNALS:
            raise self._error(node, "agreement", f"there is no signal {', '.join(sorted(unknown))}")

        connectives = self._any(self._data, "before")

        def whole(key: str) -> Regex:
            # Possessive, so that a long row of yeses cannot be read in ever new ways.
            return re.compile(rf"\s*(?:{connectives}\s*)?(?:(?>{words[key]})\s*(?:(?>{words['particles']})\s*)*+)++")

        return AnswerWords(
            yes=whole("yes"),
            no=whole("no"),
            agree=whole("agree"),
            agreement=agreement,
            unsure=whole("unsure"),
            leads_yes=re.compile(rf"\s*(?:{words['leads_yes']})"),
            correction=whole("corrections"),
        )

    def _optional(self, node: CommentedMap, key: str) -> Regex | None:
        return re.compile(self._any(node, key)) if key in node else None

    def _any(self, node: CommentedMap, key: str) -> str:
        """The patterns under a key as one regular expression, longer ones first."""
        return f"(?:{'|'.join(says for _, says in self._each(node, key))})"

    def _ways(self, node: CommentedMap, key: str) -> Ways:
        return tuple((self._needs.of(needed), re.compile(says)) for needed, says in self._each(node, key))

    def _each(self, node: CommentedMap, key: str) -> list[tuple[Required, str]]:
        """The patterns under a key, longer ones first, each with what it requires."""
        found = []
        for index, pattern in sorted(enumerate(self._words(node, key)), key=lambda item: -len(item[1])):
            try:
                says = expression(pattern, self._terms, self._letters)
                found.append((required(pattern, self._required, self._letters), says))
            except PatternError as error:
                inner = node[key]
                line = inner.lc.item(index)[0] + 1 if isinstance(inner, CommentedSeq) else node.lc.key(key)[0] + 1
                raise LexiconError(f"{self._path}:{line}: {error}") from error
        if not found:
            raise self._error(node, key, f"{key} must not be empty")
        return found

    def _words(self, node: CommentedMap, key: str) -> list[str]:
        value = node.get(key, [])
        if isinstance(value, str):
            return [value]
        if not isinstance(value, list) or not all(isinstance(word, str) and word for word in value):
            if isinstance(value, CommentedMap):
                return []
            raise self._error(node, key, f"{key} must be a list of words")
        return [str(word) for word in value]

    def _map(self, node: CommentedMap, key: str) -> CommentedMap:
        value = node[key]
        if not isinstance(value, CommentedMap):
            raise self._error(node, key, f"{key} must be a mapping")
        return value

    def _check_keys(self, node: CommentedMap, known: set[str], *, required: set[str]) -> None:
        for key in node:
            if key not in known:
                raise self._error(node, key, f"unknown key {key!r}; known are {', '.join(sorted(known))}")
        if missing := sorted(required - set(node)):
            line = node.lc.line + 1
            raise LexiconError(f"{self._path}:{line}: {', '.join(missing)} missing")

    def _error(self, node: CommentedMap, key: Any, reason: str) -> LexiconError:
        return LexiconError(f"{self._path}:{node.lc.key(key)[0] + 1}: {reason}")
