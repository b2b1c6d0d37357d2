"""A script: a dialogue of steps. Every step either speaks and goes on, asks, hands over to a human, or ends the call.

```yaml
name: fake-police.zh-CN
language: zh-CN
scam_type: 冒充公检法
title: 冒充公检法
start: opening
steps:
  opening:
    say: 您好，{name}。这里是反诈中心，本次通话录音。
    next: ask-contact
  ask-contact:
    say: 最近有没有自称警察的人给您打过电话？
    again: 有没有自称警察的人找过您？  # wording of the second asking; `say` once more if left out
    asks: contacted            # the signal that a yes asserts
    yes: ask-now
    no: warning
    or_else: warning           # after the second unclear or silent reply; `no` if left out
  warning:
    say: 真正的警察不会在电话里办案，也不会让您转账。
    key_warning: true          # never interruptible; whether it was heard decides the outcome
    next: closing
  closing:
    say: 有疑问请拨打{callback_number}。再见。
    end: warned
  not-them:
    say: 对不起，打扰了。再见。
    end: wrong_person
  repeat:
    say: 我再说一遍。
    next: back                 # to the step that was speaking or asking when the signal was heard
hears:                         # signals that lead elsewhere, whenever they are heard
  wrong_person: not-them
  did_not_hear: repeat
phrases:                       # what the floor needs in this language, outside the dialogue
  hold: 请不要挂断，正在为您接通民警。
```

A question is asked at most `MAX_ASKS` times: a reply that is unclear or silent is asked again once, a second one goes
to ``or_else`` (or ``no``). ``unclear`` or ``silence`` may name a step instead; then that reply leads there at once.
`Step.follow` is this rule. A signal in ``hears`` leads to its step once a call and goes before the answer of the same
reply; heard during a prompt that cannot be interrupted, it acts after it. ``signal/rule`` is for one rule of the
lexicon, ``signal/rule/again`` for the second time that it is heard. Nothing else may go in a circle, so every
call ends.

Placeholders in ``say`` are written ``{name}``; those that exist are in `PLACEHOLDERS`. `fill` puts the values in.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, model_validator

PLACEHOLDERS = frozenset({"name", "surname", "subject", "centre", "callback_number", "case_number"})
"""What a prompt may name; the floor fills them from the case and the configuration. ``subject`` is for relatives: who
is at risk, empty where the campaign's policy does not let them be told."""

WHISPER_PLACEHOLDERS = frozenset({"name", "scam_type", "signal", "words"})
"""What the whisper to a dissuader may name."""

MAX_ASKS = 2
"""How often a question is asked before ``or_else``."""

STANDARD = "standard"
ELDERLY = "elderly"
RELATIVE = "relative"
CALLBACK = "callback"

VERSIONS = (STANDARD, ELDERLY, RELATIVE, CALLBACK)
"""A script for the subject, for an elderly subject, for a relative of the subject, and for the call-back to a subject
whose fraud in progress was heard when no dissuader was free."""

Place = tuple[str, int]
"""File and line."""
Places = dict[tuple[str, ...], Place]
"""Path of keys to where it is written; a script may come from more than one file."""

BACK = "back"
"""As ``next``: to the step that was speaking or asking when the signal was heard."""


AGAIN = "again"
"""Behind a key of ``hears`` that names a rule: from the second time on that it is heard."""


GUESSED = "model"
"""As the rule in a key of ``hears``: the trained judgement alone, no rule of the lexicon."""


class Step(BaseModel):
    """One prompt and what follows it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    say: str = Field(min_length=1)
    interruptible: bool = True
    """Whether speech of the subject stops the prompt. A key warning never is."""
    key_warning: bool = False

    asks: str | None = None
    """Name of the signal that a yes asserts; makes this step a question."""
    again: str | None = None
    """Wording of the second asking; ``None`` repeats ``say``."""
    expects_acknowledgement: bool = False
    """A question whose yes means "I have understood" (``asks: acknowledges``)."""
    yes: str | None = None
    no: str | None = None
    unclear: str | None = None
    """The step after an unclear reply; ``None`` asks again."""
    silence: str | None = None
    """The step after no reply; ``None`` asks again."""
    or_else: str | None = None
    """The step when asking again brought nothing either; ``None`` is ``no``."""

    next: str | None = None
    """The step after a prompt that asks nothing; `BACK` after a prompt that ``hears`` leads to."""
    escalate: bool = False
    """Offer the call to a human after this prompt; ``next`` is where to go on if nobody is free."""
    end: str | None = None
    """The outcome with which the script ends here: see `ENDINGS`."""
    replies: Mapping[Literal["yes", "no"], tuple[str, ...]] = {}
    """What people are expected to say to this question, as examples: the speech model must know these words, and they
    must be understood as this answer."""

    @model_validator(mode="before")
    @classmethod
    def _key_warning_is_heard_out(cls, data: Any) -> Any:
        if isinstance(data, Mapping) and data.get("key_warning") is True and "interruptible" not in data:
            return {**data, "interruptible": False}
        return data

    @property
    def is_question(self) -> bool:
        """Whether the robot waits for a reply after this step."""
        return self.asks is not None

    def follow(self, answer: str, *, asked: int) -> str | None:
        """Name of the step after a reply to this question; ``None`` means: ask again, with ``again``.

        ``answer`` is ``yes``, ``no``, ``unclear`` or ``none`` (silence); ``asked`` is how often the question has been
        asked in this visit, this time included.
        """
        if answer == "yes":
            return self.yes
        if answer == "no":
            return self.no
        named = self.silence if answer == "none" else self.unclear
        if named is not None:
            return named
        if asked < MAX_ASKS:
            return None
        return self.or_else or self.no


ENDINGS = frozenset(
    {"warned", "acknowledged", "denies", "wrong_person", "forwarded", "answered_incomplete", "callback_due"}
)
"""Outcomes that a script may end with; the rest are the network's or the floor's to say. ``forwarded`` is for somebody
else who speaks for the subject: the case stays open, as it does when a line is forwarded."""


class Phrases(BaseModel):
    """What the floor says outside the dialogue."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    hold: str
    """Keeps the subject on the line while a dissuader's phone rings."""
    still_holding: str
    """Repeated while it takes longer."""
    nobody_free: str
    """An officer will call back at once."""
    whisper: str
    """Told to the dissuader alone before joining: ``{name}``, ``{scam_type}``, ``{signal}``, ``{words}``."""
    farewell: str = ""
    not_followed: str = ""
    """Said last to those who do not seem to follow: another language, people who talk to each other, a television."""


class Script(BaseModel):
    """A checked dialogue in one language for one scam type."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    language: str
    scam_type: str = ""
    """Label of the police set; empty for the general script."""
    title: str
    version: str = STANDARD
    """Whom it is for: see `VERSIONS`."""
    rate: float = Field(default=1.0, ge=0.6, le=1.0)
    """Factor on the configured speed of the voice."""
    patience: float = Field(default=1.0, ge=0.5, le=3.0)
    """Factor on how long a reply is waited for, and on the silence that ends one."""
    start: str
    steps: dict[str, Step]
    hears: dict[str, str] = {}
    """Signal name to the step that it leads to, from anywhere, once a call; ``signal/rule`` is for one rule alone and
    goes before, ``signal/rule/again`` is for its second time, ``signal/model`` for what no rule knows."""
    phrases: Phrases
    talking_points: tuple[str, ...] = ()
    """For the dissuader's screen."""

    _file: str = PrivateAttr(default="")
    _places: Places = PrivateAttr(default_factory=dict)

    @property
    def file(self) -> str:
        """The file that it was loaded from; empty if it was made in code."""
        return self._file

    def place(self, *path: str) -> Place:
        """File and line of ``steps, opening, say`` or of the nearest key above it; line 0 if it was made in code."""
        while path and path not in self._places:
            path = path[:-1]
        return self._places.get(path, (self._file or self.name, 0))

    def located(self, file: str, places: Places) -> Script:
        """The same script, knowing its place; for the loader."""
        copy = self.model_copy()
        copy._file, copy._places = file, places
        return copy


_CLAUSE = re.compile(r"((?:[^，。？！；、,.?!;\n]|[,.?!;](?!\s|$))*)([，。？！；、\n]|[,.?!;])?\s*")
_PLACEHOLDER = re.compile(r"\{(\w*)\}")


def fill(text: str, values: Mapping[str, str]) -> str:
    """A prompt with its placeholders filled.

    A clause whose placeholder has an empty value is left unsaid: ``您好，{name}。`` without a name is ``您好。``, so
    that no prompt needs a second version. Raises `KeyError` for a placeholder that ``values`` lacks.
    """
    said: list[tuple[str, str]] = []
    for clause, mark in _CLAUSE.findall(text):
        if not clause.strip() and not mark:
            continue
        if all(values[name] for name in _PLACEHOLDER.findall(clause)):
            said.append((_PLACEHOLDER.sub(lambda found: values[found[1]], clause), mark))
        elif said and mark and mark not in "，、,;；":
            said[-1] = (said[-1][0], "。" if mark in "。？！\n" else ".")
    wide = any("\u4e00" <= char <= "\u9fff" for char in text)
    return ("" if wide else " ").join(clause.strip() + mark for clause, mark in said)
