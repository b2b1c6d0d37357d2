"""A rehearsal file: what it means, and how its mistakes are told."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import rehearsal.scenario as module
from campaigns.model import Grade, Outcome
from rehearsal.errors import ScenarioError
from rehearsal.scenario import LIBRARY, Scenario, load_behaviours
from speech.assessment import SIGNALS

pytestmark = pytest.mark.unit

HEAD = """\
rehearsal: small
language: zh-CN
phones:
"""


def scenario(folder: Path, text: str) -> Scenario:
    file = folder / "small.yaml"
    file.write_text(text, encoding="utf-8")
    return Scenario.load(file)


def complaint(folder: Path, text: str) -> str:
    with pytest.raises(ScenarioError) as caught:
        scenario(folder, text)
    return str(caught.value).replace(str(folder) + "/", "")


def test_the_fragment_in_the_docstring_is_a_rehearsal(tmp_path: Path) -> None:
    fragment = re.search(r"```yaml\n(.*?)```", module.__doc__ or "", re.DOTALL)
    assert fragment
    loaded = scenario(tmp_path, fragment[1])
    assert [person.behaviour_name for person in loaded.people] == ["in_contact_now", "not_contacted"]
    assert loaded.dialer == {"lines": {"ring_timeout_s": 15}}


@pytest.mark.parametrize("file", sorted(LIBRARY.glob("demo-*.yaml")), ids=lambda file: file.stem)
def test_the_demo_has_twelve_leads_eight_lines_and_every_digit(file: Path) -> None:
    demo = Scenario.load(file)
    assert len(demo.people) == 12
    assert demo.lines == 8
    assert {person.number[-1] for person in demo.people} == set("0123456789")
    assert [each.user for each in demo.dissuaders] == ["8001"]


@pytest.mark.parametrize("file", sorted(LIBRARY.glob("*.yaml")), ids=lambda file: file.stem)
def test_a_rehearsal_calls_only_numbers_that_are_assigned_to_nobody(file: Path) -> None:
    for person in Scenario.load(file).people:
        assert re.fullmatch(r"\+86111000000\d\d|\+120255501\d\d", person.number)


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_the_last_digit_chooses_what_happens(language: str) -> None:
    book = load_behaviours(language)
    expected = {digit: book.behaviours[book.by_digit(digit) or ""].expect[0].outcome for digit in range(10)}
    assert expected == {
        0: (Outcome.ACKNOWLEDGED, Outcome.WARNED),
        1: (Outcome.ESCALATED,),
        2: (Outcome.ESCALATED,),
        3: (Outcome.BUSY,),
        4: (Outcome.NO_ANSWER,),
        5: (Outcome.VOICEMAIL,),
        6: (Outcome.POWERED_OFF,),
        7: (Outcome.WRONG_PERSON,),
        8: (Outcome.DENIES,),
        9: (Outcome.ANSWERED_INCOMPLETE,),
    }


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_every_signal_that_a_behaviour_expects_exists(language: str) -> None:
    book = load_behaviours(language)
    named = {each.signal for behaviour in book.behaviours.values() for each in behaviour.expect if each.signal}
    assert named <= SIGNALS


def test_a_phone_may_behave_otherwise_than_its_digit_says(tmp_path: Path) -> None:
    text = HEAD + '  - number: "+8611100000013"\n    behaviour: denies\n    rings_s: 3\n'
    (person,) = scenario(tmp_path, text).people
    assert person.behaviour_name == "denies"
    assert person.behaviour.rings_s == 3


def test_a_phone_may_say_lines_of_its_own(tmp_path: Path) -> None:
    text = HEAD + (
        '  - number: "+8611100000010"\n    lines:\n      - say: 喂\n      - say: 我转了\n'
        "        critical: 转\n        interrupts_after_s: 1.5\n    expect:\n      - outcome: escalated\n"
    )
    (person,) = scenario(tmp_path, text).people
    assert [line.say for line in person.behaviour.lines] == ["喂", "我转了"]
    assert person.behaviour.lines[1].interrupts_after_s == 1.5
    assert person.expect[0].outcome == (Outcome.ESCALATED,)


def test_a_recorder_speaks_with_its_own_voice_not_with_the_phone_s(tmp_path: Path) -> None:
    text = HEAD + '  - number: "+8611100000015"\n    voice: {variant: m5}\n'
    assert scenario(tmp_path, text).people[0].voice.variant == "Andrea"


def test_a_lead_without_a_language_speaks_the_rehearsal_s(tmp_path: Path) -> None:
    text = HEAD + '  - number: "+8611100000010"\n    lead: {name: 张三, grade: high}\n'
    lead = scenario(tmp_path, text).people[0].lead
    assert (lead.language, lead.grade) == ("zh-CN", Grade.HIGH)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (HEAD + '  - number: "+8611100000010"\n    colour: red\n', "small.yaml:5: phones.0.colour: unknown key"),
        (HEAD + "  - number: +8611100000010\n", "small.yaml:4: phones.0.number: Input should be a valid string"),
        (HEAD + '  - number: "12345"\n', "small.yaml:4: phones.0.number: String should match pattern"),
        (
            HEAD + '  - number: "+8611100000010"\n    voice:\n      rate_wpm: 900\n',
            "small.yaml:6: phones.0.voice.rate_wpm: Input should be less than or equal to 260",
        ),
        (
            HEAD + '  - number: "+8611100000010"\n    lines:\n      - say: 喂\n      - say: 好\n        critical: 转\n',
            "small.yaml:7: phones.0.lines.1: critical: '转' is not in what is said: '好'",
        ),
        (
            HEAD + '  - number: "+8611100000010"\n    expect:\n      - outcome: happy\n',
            "small.yaml:6: phones.0.expect.0.outcome.0: Input should be 'busy'",
        ),
        (
            HEAD + '  - number: "+8611100000010"\n    expect:\n      - signal: sent_it\n',
            "small.yaml:6: phones.0.expect.0: no such signal: sent_it",
        ),
        (
            HEAD + '  - number: "+8611100000010"\n    expect:\n      - outcome: busy\n        signal: distress\n',
            "small.yaml:6: phones.0.expect.0: each expectation names exactly one of outcome, signal, escalation",
        ),
        (
            HEAD + '  - number: "+8611100000010"\n    expect:\n      - outcome: busy\n        within_s: 3\n',
            "small.yaml:6: phones.0.expect.0: within_s goes with an escalation that must come",
        ),
        (
            HEAD + '  - number: "+8611100000010"\n  - number: "+8611100000010"\n',
            "small.yaml:1: +8611100000010 is there more than once",
        ),
        (
            HEAD + '  - number: "+8611100000010"\n    behaviour: sleeps\n',
            "small.yaml:5: no behaviour sleeps; there are not_contacted, ",
        ),
        (
            HEAD + '  - number: "+8611100000010"\ndissuaders:\n  - user: 8001\n',
            "small.yaml:6: dissuaders.0: a dissuader who accepts must have something to say",
        ),
        (
            "rehearsal: small\nlanguage: fr\nphones:\n  - number: '+331'\n",
            "small.yaml:4: phones.0.number: String should match pattern",
        ),
        (
            "rehearsal: small\nlanguage: fr\nphones:\n  - number: '+8611100000010'\n",
            "small.yaml:2: language: nobody here speaks fr; there are en, zh-CN",
        ),
        ("rehearsal: small\n  phones: 3\n", "small.yaml:2: is not valid YAML"),
        ("- a\n", "small.yaml:1: must be a mapping"),
    ],
)
def test_a_mistake_is_told_with_file_line_and_reason(tmp_path: Path, text: str, told: str) -> None:
    assert complaint(tmp_path, text).startswith(told)


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    text = HEAD + '  - number: "+8611100000010"\n    colour: red\n    size: 3\n'
    assert [line.partition(": ")[0] for line in complaint(tmp_path, text).splitlines()] == [
        "small.yaml:5",
        "small.yaml:6",
    ]


def test_a_file_that_is_not_there_is_told_by_name(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match=r"nowhere\.yaml: cannot be read"):
        Scenario.load(tmp_path / "nowhere.yaml")
