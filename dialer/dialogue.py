"""Where a conversation stands in its script. Pure: no call, no time."""

from __future__ import annotations

from collections.abc import Mapping

from campaigns.model import Outcome
from scripts.model import BACK, MAX_ASKS, PLACEHOLDERS, Script, Step, fill
from speech.assessment import Answer

MAX_STEPS = 60
"""Prompts a call; a checked script stays far below, since only ``hears`` and second askings repeat anything."""


class Dialogue:
    """Walks through a script."""

    def __init__(self, script: Script, details: Mapping[str, str]) -> None:
        """``details`` are the values of `scripts.model.PLACEHOLDERS`; one that is missing is left unsaid."""
        self.script = script
        self.visited: list[str] = []
        self._values = {**dict.fromkeys(PLACEHOLDERS, ""), **details}
        self._asked = 0
        self._again = False
        self._name: str | None = None
        self._back: str | None = None
        self._back_asked = 0
        self._go(script.start)

    @property
    def name(self) -> str | None:
        """Name of the current step; ``None`` when the script has nothing more to say."""
        return self._name

    @property
    def step(self) -> Step:
        """The current step."""
        assert self._name is not None
        return self.script.steps[self._name]

    @property
    def text(self) -> str:
        """What the robot says now."""
        step = self.step
        return self.fill(step.again if self._again and step.again else step.say)

    def fill(self, text: str, **more: str) -> str:
        """A prompt with its placeholders filled."""
        return fill(text, {**self._values, **more})

    def prompts(self) -> list[str]:
        """All that may be said, the likely first, so that it can be rendered before it is needed."""
        script = self.script
        ordered = [script.start, *(name for name in script.steps if name != script.start)]
        steps = [script.steps[name] for name in ordered]
        texts = [text for step in steps for text in (step.say, step.again) if text]
        phrases = script.phrases
        said = (phrases.hold, phrases.still_holding, phrases.nobody_free, phrases.farewell, phrases.not_followed)
        texts += [text for text in said if text]
        return list(dict.fromkeys(map(self.fill, texts)))

    def answered(self, answer: Answer) -> None:
        """Go where a reply to the current question leads, or ask again."""
        following = self.step.follow(answer.value, asked=self._asked)
        if following is None and answer in (Answer.UNCLEAR, Answer.NONE) and self._asked < MAX_ASKS:
            self._asked += 1
            self._again = True
            self._count()
        else:
            self._go(following)

    def go_on(self) -> None:
        """Go to the step after a prompt that asks nothing."""
        following = self.step.next
        if following == BACK:
            self._go_back()
        else:
            self._go(following)

    def steer(self, target: str) -> None:
        """Leave the current step for one that a signal leads to."""
        if self._back is None or not self.returns(self._name):
            self._back, self._back_asked = self._name, self._asked
        self._go(target)

    def to_escalation(self) -> None:
        """Go to the script's first step that hands over to a human, or, if it has none, to the script's end."""
        self._go(next((name for name, step in self.script.steps.items() if step.escalate), None))

    def returns(self, name: str | None) -> bool:
        """Whether the steps from ``name`` on lead back to where they were entered from."""
        seen = set[str]()
        while name is not None and name not in seen:
            if name == BACK:
                return True
            seen.add(name)
            name = self.script.steps[name].next
        return False

    def warning(self) -> str | None:
        """Name of the script's first key warning."""
        return next((name for name, step in self.script.steps.items() if step.key_warning), None)

    def foregone(self) -> Outcome | None:
        """The outcome to which the current step can only lead, whatever the subject does."""
        name, seen = self._name, set[str]()
        while name is not None and name not in seen:
            seen.add(name)
            step = self.script.steps.get(name)
            if step is None or step.is_question or step.escalate:
                return None
            if step.end is not None:
                return Outcome(step.end)
            name = step.next
        return None

    def _go(self, name: str | None) -> None:
        self._name = name
        self._asked = 1
        self._again = False
        self._count()

    def _go_back(self) -> None:
        self._name, self._back = self._back, None
        self._again = False
        self._asked = self._back_asked
        self._count()

    def _count(self) -> None:
        if len(self.visited) >= MAX_STEPS:
            self._name = None
        if self._name is not None:
            self.visited.append(self._name)
