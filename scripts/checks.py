"""What a script must be before it may speak to anyone: every fault with its file, line and reason."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from pathlib import Path

from scripts.loader import POINTS_FOLDER, load_library, load_versions, script_files
from scripts.model import AGAIN, BACK, GUESSED, PLACEHOLDERS, STANDARD, WHISPER_PLACEHOLDERS, Script, Step
from scripts.points import load_points
from scripts.requests import asked_for
from scripts.timing import before_first_question
from scripts.yaml_lines import Problem, ScriptError

_RECORDED = re.compile(r"录音|\brecord", re.IGNORECASE)
_CALLBACK = re.compile(r"\{callback_number\}|96110")
_BRACES = re.compile(r"\{([^{}]*)\}")
_OFTEN_EMPTY = frozenset({"name", "surname", "subject", "case_number"})
_CONVINCED = ("warned", "acknowledged")
_ROUTES = ("yes", "no", "unclear", "silence", "or_else", "next")

LONGEST_LEAD_IN_S = 25.0
"""Speech before the first question, seconds: who is not asked anything hangs up."""

_Fault = tuple[tuple[str, ...], str]
"""Path of keys in the script, and what is wrong there."""
_Finder = Callable[[Script], Iterator[_Fault]]

Rules = Callable[[str], Collection[str]]
"""The rules of a language, as a script names them: ``signal/rule``."""


def _any_rule(_language: str) -> Collection[str]:
    return ()


def check_files(
    places: Iterable[Path], signals: Collection[str], endings: Collection[str], *, rules: Rules = _any_rule
) -> tuple[int, list[Problem]]:
    """How many scripts there are in files and folders, versions counted, and all that is wrong with them and with the
    talking points among them.

    A fault of a frame is told once, with the scripts that suffer from it.
    """
    checked = 0
    suffering: dict[Problem, list[Script]] = {}
    for place in places:
        points = _points_files(place)
        for problem in (each for file in points for each in _faults_of_points(file)):
            suffering.setdefault(problem, [])
        for file in script_files(place) if place.is_dir() else [] if points else [place]:
            try:
                scripts = load_versions(file)
            except ScriptError as error:
                checked += 1
                for problem in error.problems:
                    suffering.setdefault(problem, [])
                continue
            checked += len(scripts)
            for script in scripts:
                for problem in check(script, signals=signals, endings=endings, rules=rules):
                    suffering.setdefault(problem, []).append(script)
        if place.is_dir():
            try:
                load_library(place)
            except ScriptError as error:
                for problem in error.problems:
                    suffering.setdefault(problem, [])
    return checked, [_told(problem, scripts) for problem, scripts in suffering.items()]


def _points_files(place: Path) -> list[Path]:
    """The files of talking points in a folder of scripts; or the place itself, if it is one."""
    if place.is_dir():
        return sorted((place / POINTS_FOLDER).glob("*.yaml"))
    return [place] if place.parent.name == POINTS_FOLDER else []


def _faults_of_points(file: Path) -> list[Problem]:
    try:
        load_points(file)
    except ScriptError as error:
        return error.problems
    return []


def check_file(path: Path, signals: Collection[str], endings: Collection[str]) -> list[Problem]:
    """All that is wrong with the scripts in one file, by line; an empty list means that they may be used."""
    return sorted(check_files([path], signals, endings)[1], key=lambda problem: (problem.file, problem.line))


def _told(problem: Problem, suffering: list[Script]) -> Problem:
    """The problem, with the scripts that have it where its place does not say so."""
    if not suffering or any(s.file == problem.file and s.version == STANDARD for s in suffering):
        return problem
    more = f" and {len(suffering) - 1} more" if len(suffering) > 1 else ""
    return Problem(problem.file, problem.line, f"{problem.reason} (in {suffering[0].name}{more})")


def check(
    script: Script, *, signals: Collection[str], endings: Collection[str], rules: Rules = _any_rule
) -> list[Problem]:
    """All that is wrong with a script, in the order of its lines.

    ``signals`` and ``endings`` are the names that exist: `speech.assessment.SIGNALS` and `scripts.model.ENDINGS`.
    ``rules`` gives those of a language; where it gives none, a rule that ``hears`` names is not checked.
    """
    finders: tuple[_Finder, ...] = (
        _names,
        lambda script: _known(script, signals, endings, rules(script.language)),
        _shapes,
        _placeholders,
        _requests,
        _key_warning,
        _replies,
    )
    found = [item for finder in finders for item in finder(script)]
    if not any(_names(script)):
        # The ways through the dialogue can only be followed when every name leads somewhere.
        found += [
            item for finder in (_reach, _circles, _opening, _ways_to_the_end, _lead_in) for item in finder(script)
        ]
    problems = [Problem(*script.place(*path), reason) for path, reason in dict.fromkeys(found)]
    return sorted(problems, key=lambda problem: problem.line)


def routes(step: Step) -> dict[str, str]:
    """Where a step leads, by the key that says so; without `BACK`."""
    named = {key: getattr(step, key) for key in _ROUTES}
    return {key: target for key, target in named.items() if target is not None and target != BACK}


def _names(script: Script) -> Iterator[_Fault]:
    if script.start not in script.steps:
        yield ("start",), f"start: there is no step {script.start!r}"
    if BACK in script.steps:
        yield ("steps", BACK), f"{BACK!r} is a word of the script language; name the step otherwise"
    for name, step in script.steps.items():
        for key, target in routes(step).items():
            if target not in script.steps:
                yield ("steps", name, key), f"{name}.{key}: there is no step {target!r}"
    for signal, target in script.hears.items():
        if target not in script.steps:
            yield ("hears", signal), f"hears.{signal}: there is no step {target!r}"


def _known(
    script: Script, signals: Collection[str], endings: Collection[str], rules: Collection[str]
) -> Iterator[_Fault]:
    for name, step in script.steps.items():
        if step.asks is not None and step.asks not in signals:
            yield ("steps", name, "asks"), f"{name}.asks: there is no signal {step.asks!r}; one of {_list(signals)}"
        if step.end is not None and step.end not in endings:
            yield ("steps", name, "end"), f"{name}.end: there is no outcome {step.end!r}; one of {_list(endings)}"
    for heard in script.hears:
        first = heard.removesuffix(f"/{AGAIN}")
        signal, _, rule = first.partition("/")
        if signal not in signals:
            yield ("hears", heard), f"hears: there is no signal {signal!r}; one of {_list(signals)}"
        elif first != heard and not (rule and first in script.hears):
            yield ("hears", heard), f"hears: {heard!r} is for the second time; say what {first!r} leads to at first"
        elif rule and rules and first not in rules and rule != GUESSED:
            named = [each.partition("/")[2] for each in rules if each.startswith(f"{signal}/")]
            yield ("hears", heard), f"hears: the signal {signal!r} has no rule {rule!r}; one of {_list(named)}"


def _shapes(script: Script) -> Iterator[_Fault]:
    for name, step in script.steps.items():
        place = ("steps", name)
        if step.is_question:
            for key in ("yes", "no"):
                if getattr(step, key) is None:
                    yield place, f"{name}: a question needs {key!r}: the step after that answer"
            for key in ("next", "end"):
                if getattr(step, key) is not None:
                    yield (*place, key), f"{name}: a question cannot have {key!r}; its answers lead on"
            if step.escalate:
                yield (
                    (*place, "escalate"),
                    f"{name}: a question cannot escalate; let an answer lead to a step that does",
                )
            if name in routes(step).values():
                yield place, f"{name}: leads to itself; leave the key out, a question is asked again once by itself"
            if step.expects_acknowledgement and step.asks != "acknowledges":
                yield place, f"{name}: expects_acknowledgement needs 'asks: acknowledges'"
            continue
        for key in ("yes", "no", "unclear", "silence", "or_else", "again", "replies"):
            if getattr(step, key):
                yield (*place, key), f"{name}: {key!r} without 'asks'; say which signal a yes asserts"
        if step.next is None and step.end is None:
            yield place, f"{name}: never ends; it needs 'next', 'end' or 'asks'"
        if step.next is not None and step.end is not None:
            yield (*place, "end"), f"{name}: has both 'next' and 'end'"
        if step.escalate and step.end is not None:
            yield (*place, "escalate"), f"{name}: 'escalate' needs 'next': where to go on if nobody is free"


def _placeholders(script: Script) -> Iterator[_Fault]:
    for place, text in _spoken(script):
        known = WHISPER_PLACEHOLDERS if place == ("phrases", "whisper") else PLACEHOLDERS
        where = ".".join(place[1:])
        for word in _BRACES.findall(text):
            if word not in known:
                yield place, f"{where}: unknown placeholder {{{word}}}; one of {_list(known)}"
        if "{" in _BRACES.sub("", text) or "}" in _BRACES.sub("", text):
            yield place, f"{where}: a brace without its partner"
        sentences = [part for part in re.split(r"[，。？！；、,.?!;\n]+", text) if part.strip()]
        if place[0] == "steps" and all(_OFTEN_EMPTY & set(_BRACES.findall(part)) for part in sentences):
            yield place, f"{where}: nothing is left to say when the case has no {_list(_OFTEN_EMPTY)}"


def _requests(script: Script) -> Iterator[_Fault]:
    for place, text in _spoken(script):
        if place != ("phrases", "whisper") and (words := asked_for(text, script.language)):
            reason = f"asks for a code, password, transfer, link or app ({words!r}); only fraudsters do"
            yield place, f"{'.'.join(place[1:])}: {reason}"


def _spoken(script: Script) -> Iterator[tuple[tuple[str, ...], str]]:
    for name, step in script.steps.items():
        yield ("steps", name, "say"), step.say
        if step.again is not None:
            yield ("steps", name, "again"), step.again
    for key, text in script.phrases.model_dump().items():
        yield ("phrases", key), text


def _key_warning(script: Script) -> Iterator[_Fault]:
    warnings = {name: step for name, step in script.steps.items() if step.key_warning}
    if not warnings:
        yield ("steps",), "no step is the key warning; mark it with 'key_warning: true'"
    for name, step in warnings.items():
        if step.interruptible:
            yield ("steps", name, "interruptible"), f"{name}: a key warning cannot be interruptible; leave the key out"
        if step.is_question:
            yield ("steps", name, "asks"), f"{name}: a key warning cannot be a question; ask in the next step"


def _replies(script: Script) -> Iterator[_Fault]:
    for name, step in script.steps.items():
        for answer, texts in step.replies.items():
            if not texts or not all(text.strip() for text in texts):
                yield ("steps", name, "replies"), f"{name}.replies.{answer}: a list of replies, each of some words"


def _lead_in(script: Script) -> Iterator[_Fault]:
    name, span_s = before_first_question(script)
    if span_s > LONGEST_LEAD_IN_S:
        reason = f"about {span_s:.0f} s of speech before the first question; at most {LONGEST_LEAD_IN_S:g}"
        yield ("steps", name, "say"), f"{name}: {reason}"


def _reach(script: Script) -> Iterator[_Fault]:
    from_start, heard = _reachable(script, [script.start]), _reachable(script, list(script.hears.values()))
    for name, step in script.steps.items():
        if name not in from_start | heard:
            yield ("steps", name), f"{name}: cannot be reached; no step and no 'hears' leads to it"
        elif step.next == BACK and name in from_start:
            yield ("steps", name, "next"), f"{name}: 'next: {BACK}' is for steps that only 'hears' leads to"


def _reachable(script: Script, roots: list[str]) -> set[str]:
    reached: set[str] = set()
    while roots:
        name = roots.pop()
        if name not in reached:
            reached.add(name)
            roots += routes(script.steps[name]).values()
    return reached


def _circles(script: Script) -> Iterator[_Fault]:
    done: set[str] = set()
    for root in script.steps:
        trail: list[str] = []
        work = [(root, False)]
        while work:
            name, leaving = work.pop()
            if leaving:
                done.add(trail.pop())
                continue
            if name in done or name in trail:
                continue
            trail.append(name)
            work.append((name, True))
            for key, target in routes(script.steps[name]).items():
                if target in trail and target != name:
                    yield ("steps", name, key), f"{name}.{key}: goes round to {target!r} for ever; lead on to an end"
                else:
                    work.append((target, False))
                if target == name and not script.steps[name].is_question:
                    yield ("steps", name, key), f"{name}.{key}: leads to itself for ever; lead on to an end"


def _opening(script: Script) -> Iterator[_Fault]:
    name, said = script.start, ""
    seen: set[str] = set()
    while name not in seen:
        seen.add(name)
        step = script.steps[name]
        said += step.say
        if step.is_question or step.next is None or step.next == BACK:
            break
        name = step.next
    if not _RECORDED.search(said):
        yield ("steps", script.start, "say"), "the opening does not say that the call is recorded (录音, recorded)"


def _ways_to_the_end(script: Script) -> Iterator[_Fault]:
    for end in _CONVINCED:
        for wanted, reason in (
            (lambda step: bool(_CALLBACK.search(step.say)), "no call-back number ({callback_number} or 96110) is said"),
            (lambda step: step.key_warning, "the key warning is not said"),
        ):
            for name in _ends_without(script, end, wanted):
                yield ("steps", name, "end"), f"{name}: ends as {end!r}, but on one way to it {reason}"


def _ends_without(script: Script, end: str, wanted: Callable[[Step], bool]) -> list[str]:
    """Ends that can be reached without a prompt of the wanted kind; ``hears`` may lead there before any was said."""
    reached: set[str] = set()
    roots = [script.start, *script.hears.values()]
    while roots:
        name = roots.pop()
        if name in reached or wanted(script.steps[name]):
            continue
        reached.add(name)
        roots += routes(script.steps[name]).values()
    return [name for name in script.steps if name in reached and script.steps[name].end == end]


def _list(names: Collection[str]) -> str:
    return ", ".join(sorted(names))
