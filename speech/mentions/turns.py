"""Mentions of a whole call, turn by turn: each one once, and numbers that are dictated in several breaths."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from speech.heard import Utterance
from speech.mentions import BREATH, Mention, MentionKind, Owner, goes_on, mentions, open_end, prepare

BREATH_S = 12.0
"""Longest silence in which a number still goes on; in between the robot may ask for the rest."""

_WHOLE_PHONE = 10
"""Digits of a telephone number that nothing goes on."""

MAX_TURNS = 12
"""Turns that one number may be spread over."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A mention and when it was said."""

    mention: Mention
    at_s: float
    """On the call's clock: where its first word begins, as far as the recogniser told."""


class MentionListener:
    """Listens to one call. Numbers of the subject's own are left out, and so are those in ``own``."""

    def __init__(self, language: str, *, region: str = "CN", own: Sequence[str] = ()) -> None:
        """``own``: numbers never to be told, in any form that ends alike: the subject's, the relatives', our own."""
        prepare()
        self._language = language
        self._region = region
        self._own = tuple(filter(None, (_ending(number) for number in own)))
        self._told: set[tuple[MentionKind, str]] = set()
        self._open: list[Utterance] = []
        """Turns whose last digits may go on in the next one."""
        self._held: list[Heard] = []
        """Numbers at their end, which the next turn may lengthen."""

    def turn(self, utterance: Utterance) -> tuple[Heard, ...]:
        """What can be told now that a turn has ended. Turns come in the order in which they are spoken."""
        told: list[Heard] = []
        if self._goes_on(utterance):
            turns = [*self._open, utterance]
        else:
            told, turns = self._held, [utterance]
        self._held = []
        text = _joined(turns)
        is_open = open_end(text, self._language)
        for heard in self._found(turns):
            last = heard.mention
            number = last.kind is MentionKind.ACCOUNT or (
                last.kind is MentionKind.PHONE and len(last.value) < _WHOLE_PHONE
            )
            if is_open and number and not any(char.isalnum() for char in text[last.end :]):
                self._held.append(heard)
            else:
                told.append(heard)
        self._open = turns[-MAX_TURNS:] if is_open else []
        return self._new(told)

    def rest(self) -> tuple[Heard, ...]:
        """What was held back for a further turn; the call has ended."""
        held, self._held, self._open = self._held, [], []
        return self._new(held)

    def _goes_on(self, utterance: Utterance) -> bool:
        if not self._open or utterance.start_s - self._open[-1].end_s > BREATH_S:
            return False
        return goes_on(_joined(self._open), utterance.text.strip(), self._language)

    def _found(self, turns: Sequence[Utterance]) -> Iterator[Heard]:
        for mention in mentions(_joined(turns), self._language, region=self._region):
            yield Heard(mention, _at(turns, mention.start))

    def _new(self, found: Sequence[Heard]) -> tuple[Heard, ...]:
        new = []
        for heard in found:
            mention = heard.mention
            key = (mention.kind, mention.value)
            if key not in self._told and not self._is_own(mention):
                self._told.add(key)
                new.append(heard)
        return tuple(new)

    def _is_own(self, mention: Mention) -> bool:
        if mention.owner is Owner.SUBJECT:
            return True
        return mention.kind is MentionKind.PHONE and _ending(mention.value) in self._own


def _joined(turns: Sequence[Utterance]) -> str:
    return BREATH.join(turn.text.strip() for turn in turns)


def _at(turns: Sequence[Utterance], place: int) -> float:
    """When the character at ``place`` of the joined text was said."""
    for turn in turns:
        text = turn.text.strip()
        if place < len(text) + len(BREATH):
            at = 0
            for word in turn.words:
                at = text.find(word.text, at) + len(word.text)
                if at > place:
                    return word.start_s
            return turn.start_s
        place -= len(text) + len(BREATH)
    return turns[-1].start_s


def _ending(number: str) -> str:
    """The digits that a number has in every way of writing it, whether with country code or trunk prefix."""
    return "".join(filter(str.isdigit, number))[-9:]
