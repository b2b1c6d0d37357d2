"""A script: a dialogue of steps. Every step either speaks and goes on, asks, hands over to a human, or ends the call.

```yaml
name: fake-police.zh-CN
language: zh-CN
scam_type: 冒充公检法
title: 冒充公检法
start: opening
steps:
  opening:
    say: 您好，这里是反诈中心，本次通话会录音。
    next: ask-contact
  ask-contact:
    say: 请问，最近有没有自称警察的人给您打过电话？
    asks: contacted            # the signal that a yes asserts
    yes: ask-now
    no: warning
    unclear: ask-contact-again # after the second unclear answer: `or_else`
    silence: ask-contact-again
  warning:
    say: 真正的警察不会在电话里办案，也不会让您转账。
    key_warning: true          # never interruptible; whether it was heard decides the outcome
    next: closing
  closing:
    say: 再见。
    end: warned
hears:                         # signals that lead elsewhere, whenever they are heard
  wrong_person: not-them
phrases:                       # what the floor needs in this language, outside the dialogue
  hold: 请不要挂断，正在为您接通民警。
```

Placeholders in ``say`` are written ``{name}``; those that exist are in `PLACEHOLDERS`.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

PLACEHOLDERS = frozenset({"name", "surname", "centre", "callback_number", "case_number"})
"""What a prompt may name; the floor fills them from the case and the configuration."""


class Step(BaseModel):
    """One prompt and what follows it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    say: str = Field(min_length=1)
    interruptible: bool = True
    """Whether speech of the subject stops the prompt. A key warning never is."""
    key_warning: bool = False

    asks: str | None = None
    """Name of the signal that a yes asserts; makes this step a question."""
    expects_acknowledgement: bool = False
    """A question whose yes means "I have understood" (``asks: acknowledges``)."""
    yes: str | None = None
    no: str | None = None
    unclear: str | None = None
    silence: str | None = None

    next: str | None = None
    """The step after a prompt that asks nothing."""
    escalate: bool = False
    """Offer the call to a human after this prompt; ``next`` is where to go on if nobody is free."""
    end: str | None = None
    """The outcome with which the script ends here: see `ENDINGS`."""

    @property
    def is_question(self) -> bool:
        """Whether the robot waits for a reply after this step."""
        return self.asks is not None


ENDINGS = frozenset({"warned", "acknowledged", "denies", "wrong_person", "answered_incomplete", "callback_due"})
"""Outcomes that a script may end with; the rest are the network's or the floor's to say."""


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


class Script(BaseModel):
    """A checked dialogue in one language for one scam type."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    language: str
    scam_type: str = ""
    """Label of the police set; empty for the general script."""
    title: str
    start: str
    steps: dict[str, Step]
    hears: dict[str, str] = {}
    """Signal name to the step that it leads to, from anywhere, once a call."""
    phrases: Phrases
    talking_points: tuple[str, ...] = ()
    """For the dissuader's screen."""
