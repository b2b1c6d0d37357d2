"""What was said on a call as lines of a page, with the signals and mentions beside the words that showed them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from campaigns.model import Attempt, HeardSignal, Mention, Speaker
from dialer.live import LiveCall, Said

URGENT = frozenset(
    {
        "in_contact_now",
        "about_to_send",
        "money_sent",
        "credentials_shared",
        "remote_access",
        "coached",
        "asks_for_human",
    }
)
"""Signals for which a human is called: `speech.assessment.CRITICAL`."""
_WARNINGS = frozenset({"trusts_fraudster", "distress", "recovery_request", "opt_out", "hostile"})

_SLACK_S = 0.5
"""A signal may be heard while its utterance is still being recognised."""


def gravity(signal: str) -> str:
    """How a signal is shown: ``bad``, ``warn`` or ``plain``."""
    return "bad" if signal in URGENT else "warn" if signal in _WARNINGS else "plain"


@dataclass(frozen=True, slots=True)
class Line:
    """One utterance."""

    key: str
    """Names the line as long as the call is looked at."""
    speaker: Speaker
    name: str
    pieces: tuple[tuple[str, str], ...]
    """The text cut up: words, and the gravity of what they showed; empty if nothing."""
    start_s: float
    end_s: float | None
    """``None`` while it is not known."""
    final: bool
    signals: tuple[HeardSignal, ...] = ()
    mentions: tuple[Mention, ...] = ()


def live_lines(call: LiveCall) -> list[Line]:
    """Of a call in progress."""
    spoken = [(each, None) for each in call.transcript]
    return _lines(spoken, call.signals, call.mentions)


def stored_lines(attempt: Attempt) -> list[Line]:
    """Of a call as the store knows it."""
    spoken = [
        (Said(turn.speaker, turn.text or "…", turn.start_s, name=turn.name), turn.end_s) for turn in attempt.turns
    ]
    return _lines(spoken, attempt.signals, attempt.mentions)


def _lines(
    spoken: Iterable[tuple[Said, float | None]], signals: Sequence[HeardSignal], mentions: Sequence[Mention]
) -> list[Line]:
    ordered = sorted(spoken, key=lambda each: each[0].start_s)
    of_signals: dict[int, list[HeardSignal]] = {}
    of_mentions: dict[int, list[Mention]] = {}
    for signal in signals:
        of_signals.setdefault(_place(ordered, signal.at_s), []).append(signal)
    for mention in mentions:
        of_mentions.setdefault(_place(ordered, mention.at_s), []).append(mention)
    lines = []
    keys: set[str] = set()
    for at, (said, end_s) in enumerate(ordered):
        key = f"said-{said.speaker.value}-{round(said.start_s * 1000)}"
        while key in keys:
            key += "-"
        keys.add(key)
        found, named = of_signals.get(at, []), of_mentions.get(at, [])
        words = [*((each.words, "plain") for each in named), *((each.words, gravity(each.name)) for each in found)]
        lines.append(
            Line(
                key,
                said.speaker,
                said.name,
                pieces(said.text, words),
                said.start_s,
                end_s,
                said.final,
                tuple(found),
                tuple(named),
            )
        )
    return lines


def _place(spoken: Sequence[tuple[Said, float | None]], at_s: float) -> int:
    """The subject's utterance in which something was heard; the first one if it was heard before all."""
    place = 0
    for at, (said, _) in enumerate(spoken):
        if said.start_s > at_s + _SLACK_S:
            break
        if said.speaker is Speaker.SUBJECT:
            place = at
    return place


def pieces(text: str, words: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """A text cut up where the given words, with their gravity, stand; the graver ones win where they overlap."""
    marked = [""] * len(text)
    plain = text.casefold()
    if len(plain) != len(text):
        plain = text
    for each, grave in sorted(words, key=lambda each: _ORDER[each[1]]):
        needle = each.strip().casefold()
        at = plain.find(needle) if needle else -1
        if at >= 0:
            marked[at : at + len(needle)] = [grave] * len(needle)
    found: list[tuple[str, str]] = []
    begin = 0
    for at in range(1, len(text) + 1):
        if at == len(text) or marked[at] != marked[begin]:
            found.append((text[begin:at], marked[begin]))
            begin = at
    return tuple(found)


_ORDER = {"plain": 0, "warn": 1, "bad": 2}
