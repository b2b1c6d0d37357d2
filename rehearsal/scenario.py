"""A rehearsal: who is called, what they do and say when the phone rings, and what must come of it.

```yaml
rehearsal: two-people
title: One is on the other line with the "officer", one was never contacted
language: zh-CN
lines: 2                          # of the dialer under test
time_limit_s: 90                  # the campaign must be over by then
crowd: false                      # true: hundreds of phones on plain sockets, each packet timed; nobody transfers them
dialer:                           # laid over that dialer's configuration
  lines:
    ring_timeout_s: 15
policy:                           # laid over its campaign's policy, which calls at any hour: nobody is woken here
  long_busy: {attempts: 2}
phones:
  - number: "+8611100000011"      # the last digit chooses the behaviour (1: in contact now)
    voice: {variant: f4, rate_wpm: 160}
    lead: {name: 张三, scam_type: 冒充公检法, grade: high}
    expect:                       # instead of what the behaviour expects
      - outcome: escalated
      - signal: in_contact_now
      - escalation: rings
        within_s: 6               # from this phone's critical word
      - escalation: joined
  - number: "+8611100000020"
    behaviour: not_contacted      # by name: what the digit 0 would choose, too
    lead: {name: 李四, grade: low}
    rings_s: 2
    lines:                        # instead of the behaviour's
      - say: 喂，你好
      - say: 没有
        delay_s: 0.4              # on top of a human pause
      - say: 好的
        interrupts_after_s: 1.5   # said into the robot's prompt, so long after the prompt began
    afterwards: silence           # after the last line; or: repeat, hang_up
    expect:
      - outcome: [acknowledged, warned]
      - escalation: rings
        absent: true
dissuaders:
  - user: "8001"
    name: 陈警官
    does: accepts                 # declines, busy, never_answers
    answer_after_s: 2
    talks_s: 8
    says: [您好，我是民警，请不要转账。]
```

Behaviours by digit live in ``behaviours/<language>.yaml``: 0 was not contacted, 1 in contact now, 2 has sent money,
3 busy (486), 4 rings out, 5 voicemail, 6 powered off (183 with an announcement, then 480), 7 another person, 8 denies,
9 hangs up in the first seconds. ``unassigned`` (by name only) is a number that the carrier does not know (404).

People do not know the robot's script: they say their first line when they have answered and one more line each time
the other side has fallen silent. ``critical: 转了`` marks the word of a line from whose end escalation is timed.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from campaigns.model import Grade, Outcome
from rehearsal.errors import ScenarioError
from rehearsal.yaml_file import line_of, load
from speech.assessment import SIGNALS

BEHAVIOURS = Path(__file__).parent / "behaviours"
LIBRARY = Path(__file__).parent / "library"

LONGEST_CALL_S = 60.0
"""No simulated person stays on the line for longer."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _as_text(value: object) -> object:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


Number = Annotated[str, Field(pattern=r"^\+[0-9]{6,15}$", description="E.164")]
Seconds = Annotated[float, Field(ge=0, le=LONGEST_CALL_S)]


class Voice(_Strict):
    """An espeak-ng voice that the bundled model was not trained on."""

    variant: str = "f4"
    rate_wpm: int = Field(default=160, ge=80, le=260)
    """Words a minute."""
    pitch: int = Field(default=50, ge=10, le=92)


class Line(_Strict):
    """One thing that a person says."""

    say: str = Field(min_length=1)
    delay_s: Seconds = 0.0
    """On top of the pause that everybody makes."""
    interrupts_after_s: Seconds | None = None
    """Said into the robot's next prompt, so long after the prompt began."""
    critical: str | None = None
    """The word from whose end escalation is timed."""
    beep: bool = False
    """A recorder's tone follows."""

    @property
    def after_critical(self) -> str:
        """What follows the critical word."""
        return self.say.partition(self.critical)[2] if self.critical else ""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.critical is not None and self.critical not in self.say:
            raise ValueError(f"critical: {self.critical!r} is not in what is said: {self.say!r}")
        return self


class Expectation(_Strict):
    """One thing that must come true, or with ``absent`` must not. Exactly one of the first three is set."""

    outcome: Annotated[tuple[Outcome, ...], BeforeValidator(_as_list)] = ()
    """Any of these."""
    signal: str | None = None
    escalation: Literal["rings", "joined"] | None = None
    """A dissuader's phone rings for this call; both ends heard each other."""
    within_s: float | None = Field(default=None, gt=0)
    """Of an escalation: seconds from the end of this phone's critical word."""
    absent: bool = False

    @model_validator(mode="after")
    def _check(self) -> Self:
        subjects = [bool(self.outcome), self.signal is not None, self.escalation is not None]
        if subjects.count(True) != 1:
            raise ValueError("each expectation names exactly one of outcome, signal, escalation")
        if self.signal is not None and self.signal not in SIGNALS:
            raise ValueError(f"no such signal: {self.signal}; there are {', '.join(sorted(SIGNALS))}")
        if self.within_s is not None and (self.escalation is None or self.absent):
            raise ValueError("within_s goes with an escalation that must come")
        return self


class Behaviour(_Strict):
    """What happens at a number when it is called."""

    digit: int | None = Field(default=None, ge=0, le=9)
    """Numbers that end so behave so unless the rehearsal says otherwise."""
    does: Literal["answers", "rings_out", "refuses", "announces", "unassigned"] = "answers"
    """``announces``: 183, the lines as early media, then ``code``."""
    rings_s: Seconds = 1.0
    """Rings so long before it is answered, refused or announced."""
    code: int = Field(default=486, ge=400, le=699)
    """SIP status of ``refuses`` and ``announces``."""
    q850: int | None = Field(default=None, ge=1, le=127)
    """Cause in a ``Reason`` header beside the code."""
    voice: Voice | None = None
    """Instead of the phone's: a recorder's, a carrier's."""
    lines: tuple[Line, ...] = ()
    afterwards: Literal["silence", "repeat", "hang_up"] = "silence"
    """Once all lines are said: nothing more; the last one again after each prompt; hang up at the next silence."""
    hangs_up_after_s: Seconds | None = None
    """From the answer, whoever is speaking."""
    expect: tuple[Expectation, ...] = ()

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.does == "announces" and not self.lines:
            raise ValueError("announces: there must be a line to announce")
        if self.does in {"rings_out", "refuses", "unassigned"} and self.lines:
            raise ValueError(f"{self.does}: nobody is there to say the lines")
        return self


class BehaviourBook(_Strict):
    """The behaviours of one language."""

    language: str
    behaviours: dict[str, Behaviour]

    @field_validator("behaviours")
    @classmethod
    def _digits_once(cls, behaviours: dict[str, Behaviour]) -> dict[str, Behaviour]:
        digits = [each.digit for each in behaviours.values() if each.digit is not None]
        twice = sorted({digit for digit in digits if digits.count(digit) > 1})
        if twice:
            raise ValueError(f"digit {twice[0]} is given to more than one behaviour")
        return behaviours

    def by_digit(self, digit: int) -> str | None:
        """Name of the behaviour of numbers that end so."""
        return next((name for name, each in self.behaviours.items() if each.digit == digit), None)


class LeadEntry(_Strict):
    """What the warning says about the person; the number is the phone's."""

    name: str = ""
    scam_type: str = ""
    grade: Grade = Grade.MEDIUM
    language: str | None = None
    """BCP 47; the rehearsal's own if absent."""
    sex: str = ""
    age: int | None = Field(default=None, ge=0, le=120)
    note: str = ""


class PhoneEntry(_Strict):
    """A phone as the file has it; what is absent comes from its behaviour."""

    number: Number
    lead: LeadEntry = LeadEntry()
    behaviour: str | None = None
    voice: Voice = Voice()
    rings_s: Seconds | None = None
    lines: tuple[Line, ...] | None = Field(default=None, min_length=1)
    afterwards: Literal["silence", "repeat", "hang_up"] | None = None
    hangs_up_after_s: Seconds | None = None
    expect: tuple[Expectation, ...] | None = Field(default=None, min_length=1)


class Dissuader(_Strict):
    """A human who takes escalated calls at ``sip:<user>@<carrier>``."""

    user: Annotated[str, BeforeValidator(_as_text), Field(pattern=r"^[A-Za-z0-9._-]+$")]
    name: str = ""
    does: Literal["accepts", "declines", "busy", "never_answers"] = "accepts"
    answer_after_s: Seconds = 2.0
    talks_s: Seconds = 8.0
    """From the first word until this phone hangs up."""
    says: tuple[Line, ...] = ()
    voice: Voice = Voice(variant="Michael", rate_wpm=165)

    @field_validator("says", mode="before")
    @classmethod
    def _short_lines(cls, value: object) -> object:
        if not isinstance(value, list):
            return value
        return [{"say": line} if isinstance(line, str) else line for line in value]

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.does == "accepts" and not self.says:
            raise ValueError("a dissuader who accepts must have something to say")
        return self


class ScenarioFile(_Strict):
    """The file as written."""

    rehearsal: str = Field(pattern=r"^[A-Za-z0-9._-]+$")
    title: str = ""
    language: str = "zh-CN"
    lines: int = Field(default=4, ge=1, le=200)
    time_limit_s: float = Field(default=170.0, gt=0)
    crowd: bool = False
    """Phones on plain sockets: hundreds of them, measured packet by packet; nobody transfers them, and what subjects
    heard is not kept."""
    dialer: dict[str, object] = {}
    policy: dict[str, object] = {}
    phones: tuple[PhoneEntry, ...] = Field(min_length=1)
    dissuaders: tuple[Dissuader, ...] = ()

    @model_validator(mode="after")
    def _check(self) -> Self:
        names = [phone.number for phone in self.phones] + [each.user for each in self.dissuaders]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"{twice[0]} is there more than once")
        return self


class Person(_Strict):
    """A number with everything decided: who is called and what happens then."""

    number: Number
    lead: LeadEntry
    behaviour_name: str
    behaviour: Behaviour
    voice: Voice
    """Of the lines: the behaviour's own (a recorder's, a carrier's) before the phone's."""

    @property
    def expect(self) -> tuple[Expectation, ...]:
        """What must come of it."""
        return self.behaviour.expect


class Scenario(_Strict):
    """A rehearsal, complete and checked."""

    name: str
    title: str
    language: str
    lines: int
    time_limit_s: float
    crowd: bool = False
    dialer: dict[str, object]
    policy: dict[str, object] = {}
    people: tuple[Person, ...]
    dissuaders: tuple[Dissuader, ...]

    @classmethod
    def load(cls, path: Path) -> Scenario:
        """Read a rehearsal; raises `ScenarioError` with file, line and reason."""
        entry, lines = load(path, ScenarioFile)
        book = load_behaviours(entry.language, f"{path}:{line_of(lines, 'language')}")
        people = []
        for index, phone in enumerate(entry.phones):
            name = phone.behaviour or book.by_digit(int(phone.number[-1]))
            if name is None or name not in book.behaviours:
                line = line_of(lines, "phones", index, "behaviour" if phone.behaviour else "number")
                known = ", ".join(book.behaviours)
                raise ScenarioError(f"{path}:{line}: no behaviour {name or phone.number[-1]}; there are {known}")
            people.append(_person(phone, entry.language, name, book.behaviours[name]))
        return cls(
            name=entry.rehearsal,
            title=entry.title,
            language=entry.language,
            lines=entry.lines,
            time_limit_s=entry.time_limit_s,
            crowd=entry.crowd,
            dialer=entry.dialer,
            policy=entry.policy,
            people=tuple(people),
            dissuaders=entry.dissuaders,
        )


def load_behaviours(language: str, asked_at: str = "") -> BehaviourBook:
    """The built-in behaviours of a language (``en-GB`` falls back to ``en``); raises `ScenarioError`.

    ``asked_at`` is the file and line of whoever asks, for the message.
    """
    for tag in (language, language.partition("-")[0]):
        file = BEHAVIOURS / f"{tag}.yaml"
        if file.is_file():
            return load(file, BehaviourBook)[0]
    known = ", ".join(sorted(file.stem for file in BEHAVIOURS.glob("*.yaml")))
    raise ScenarioError(f"{asked_at}: language: nobody here speaks {language}; there are {known}")


def _person(phone: PhoneEntry, language: str, name: str, behaviour: Behaviour) -> Person:
    changed = {
        key: value
        for key in ("rings_s", "lines", "afterwards", "hangs_up_after_s", "expect")
        if (value := getattr(phone, key)) is not None
    }
    return Person(
        number=phone.number,
        lead=phone.lead.model_copy(update={"language": phone.lead.language or language}),
        behaviour_name=name,
        behaviour=behaviour.model_copy(update=changed),
        voice=behaviour.voice or phone.voice,
    )
