"""Ways through a script, without a call."""

from __future__ import annotations

import pytest

from campaigns.model import Outcome
from dialer.dialogue import MAX_STEPS, Dialogue
from speech.assessment import Answer
from tests.dialer.test_conversation import DETAILS, SCRIPT

pytestmark = pytest.mark.unit


def at(step: str) -> Dialogue:
    return Dialogue(SCRIPT.model_copy(update={"start": step}), DETAILS)


@pytest.mark.parametrize(
    ("answers", "step"),
    [
        ([Answer.YES], "ask-now"),
        ([Answer.NO], "warning"),
        ([Answer.UNCLEAR], "ask-contact"),
        ([Answer.NONE], "ask-contact"),
        ([Answer.UNCLEAR, Answer.YES], "ask-now"),
        ([Answer.UNCLEAR, Answer.NONE], "warning"),
        ([Answer.NONE, Answer.NONE], "warning"),
    ],
)
def test_answers_lead_where_the_script_says(answers: list[Answer], step: str) -> None:
    dialogue = at("ask-contact")
    for answer in answers:
        dialogue.answered(answer)
    assert dialogue.name == step


def test_the_second_asking_has_its_own_wording() -> None:
    dialogue = at("ask-contact")
    dialogue.answered(Answer.UNCLEAR)
    assert dialogue.text == "有没有自称警察的人找过您？"


def test_back_leads_to_the_question_in_its_first_wording_without_asking_more_often() -> None:
    dialogue = at("ask-contact")
    dialogue.answered(Answer.UNCLEAR)
    dialogue.steer("repeat")
    dialogue.go_on()
    assert dialogue.text == "请问最近有没有自称警察的人给您打过电话？"
    dialogue.answered(Answer.UNCLEAR)
    assert dialogue.name == "warning"


def test_a_detour_from_a_detour_leads_back_to_where_the_first_began() -> None:
    dialogue = at("ask-contact")
    dialogue.steer("repeat")
    dialogue.steer("who-we-are")
    dialogue.go_on()
    assert dialogue.name == "ask-contact"


def test_a_later_detour_leads_back_to_its_own_place() -> None:
    dialogue = at("ask-contact")
    dialogue.steer("repeat")
    dialogue.go_on()
    dialogue.answered(Answer.YES)
    dialogue.steer("who-we-are")
    dialogue.go_on()
    assert dialogue.name == "ask-now"


@pytest.mark.parametrize(
    ("step", "outcome"),
    [
        ("not-them", Outcome.WRONG_PERSON),
        ("contradiction", Outcome.DENIES),
        ("thanks", Outcome.ACKNOWLEDGED),
        ("warning", None),
        ("connect", None),
        ("repeat", None),
    ],
)
def test_a_foregone_end_is_one_that_no_reply_can_change(step: str, outcome: Outcome | None) -> None:
    assert at(step).foregone() is outcome


def test_a_script_in_a_circle_ends() -> None:
    warning = SCRIPT.steps["warning"].model_copy(update={"next": "warning"})
    dialogue = Dialogue(SCRIPT.model_copy(update={"start": "warning", "steps": {"warning": warning}}), DETAILS)
    for _ in range(MAX_STEPS):
        dialogue.go_on()
    assert dialogue.name is None
    assert len(dialogue.visited) == MAX_STEPS


def test_all_prompts_can_be_rendered_ahead_the_first_first() -> None:
    prompts = at("ask-contact").prompts()
    assert prompts[:2] == ["请问最近有没有自称警察的人给您打过电话？", "有没有自称警察的人找过您？"]
    assert SCRIPT.phrases.hold in prompts
    assert not any("{" in prompt for prompt in prompts)
    assert len(prompts) == len(set(prompts))
