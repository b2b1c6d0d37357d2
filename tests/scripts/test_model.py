"""What a script says with the values of a case, and where a reply leads."""

from __future__ import annotations

import pytest

from scripts.model import MAX_ASKS, Step, fill

pytestmark = pytest.mark.unit

VALUES = {"name": "王建国", "centre": "反诈中心", "callback_number": "96110"}


def test_placeholders_are_filled() -> None:
    assert fill("您好，{name}。请打{callback_number}。", VALUES) == "您好，王建国。请打96110。"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("您好，{name}。我是{centre}语音助手，通话录音。", "您好。我是反诈中心语音助手，通话录音。"),
        ("{name}，您好。", "您好。"),
        ("Hello, {name}. This call is recorded.", "Hello. This call is recorded."),
        ("Version 1.5, {name}, is here.", "Version 1.5, is here."),
        ("{name}", ""),
    ],
)
def test_a_clause_without_its_value_is_left_unsaid(text: str, said: str) -> None:
    assert fill(text, {**VALUES, "name": ""}) == said


def test_a_value_that_nobody_gave_is_a_fault() -> None:
    with pytest.raises(KeyError):
        fill("{case_number}", VALUES)


def test_a_key_warning_is_not_interruptible_by_itself() -> None:
    assert not Step(say="不要转账。", key_warning=True, end="warned").interruptible
    assert Step(say="您好。", next="x").interruptible


QUESTION = Step(say="有吗？", asks="contacted", yes="y", no="n", or_else="e")


@pytest.mark.parametrize(("answer", "target"), [("yes", "y"), ("no", "n"), ("unclear", None), ("none", None)])
def test_an_unclear_or_silent_reply_is_asked_again(answer: str, target: str | None) -> None:
    assert QUESTION.follow(answer, asked=1) == target


@pytest.mark.parametrize("answer", ["unclear", "none"])
def test_asking_ends(answer: str) -> None:
    assert QUESTION.follow(answer, asked=MAX_ASKS) == "e"
    assert QUESTION.model_copy(update={"or_else": None}).follow(answer, asked=MAX_ASKS) == "n"


def test_a_named_step_for_silence_is_taken_at_once() -> None:
    quiet = QUESTION.model_copy(update={"silence": "hello"})
    assert quiet.follow("none", asked=1) == "hello"
    assert quiet.follow("unclear", asked=1) is None
