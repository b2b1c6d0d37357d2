"""No script speaks to anyone that could hang, mislead, or ask what only fraudsters ask."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from scripts.checks import check, check_file
from scripts.loader import LIBRARY, load_library
from scripts.model import ENDINGS, Script, fill
from scripts.outline import outline
from scripts.requests import asked_for
from speech.assessment import SIGNALS

pytestmark = pytest.mark.unit

GOOD = (LIBRARY / "zh-CN" / "fake-police.yaml").read_text(encoding="utf-8")
LIBRARY_FILES = sorted(LIBRARY.rglob("*.yaml"))


def problems(tmp_path: Path, text: str) -> list[str]:
    path = tmp_path / "script.yaml"
    path.write_text(text, encoding="utf-8")
    return [f"{problem.line}: {problem.reason}" for problem in check_file(path, SIGNALS, ENDINGS)]


@pytest.mark.parametrize("path", LIBRARY_FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_every_script_of_the_library_passes(path: Path) -> None:
    assert check_file(path, SIGNALS, ENDINGS) == []


FAULTS = [
    ("next: advice", "next: advise", "warning.next: there is no step 'advise'"),
    ("start: opening", "start: hello", "start: there is no step 'hello'"),
    ("wrong_person: not-them", "wrong_person: nobody", "hears.wrong_person: there is no step 'nobody'"),
    ("distress: comfort", "sadness: comfort", "there is no signal 'sadness'"),
    ("asks: money_sent", "asks: money_gone", "ask-money.asks: there is no signal 'money_gone'"),
    ("end: acknowledged", "end: happy", "thanks.end: there is no outcome 'happy'"),
    ("    asks: money_sent\n", "", "ask-money: 'yes' without 'asks'"),
    ("  distress: comfort\n", "", "comfort: cannot be reached"),
    ("    next: denied-goodbye\n", "", "denied: never ends"),
    ("    next: advice\n", "    next: ask-contact\n", "warning.next: goes round to 'ask-contact' for ever"),
    ("    next: advice\n", "    next: warning\n", "warning.next: leads to itself for ever"),
    ("    or_else: goodbye\n", "    or_else: ask-understood\n", "ask-understood: leads to itself"),
    ("    no: ask-money\n", "", "ask-now: a question needs 'no'"),
    ("    next: ask-understood\n", "    next: back\n", "advice: 'next: back' is for steps that only 'hears' leads to"),
    ("民警跟您说几句", "{officer}跟您说几句", "contradiction.say: unknown placeholder {officer}"),
    ("本次通话录音", "本次通话很短", "the opening does not say that the call is recorded"),
    (
        "马上挂断，拨打{callback_number}",
        "马上挂断",
        "thanks: ends as 'acknowledged', but on one way to it no call-back",
    ),
    ("有疑问请打{callback_number}。", "", "goodbye: ends as 'warned', but on one way to it no call-back number"),
    (
        "    say: 警察不会在电话里办案，更不会让您转账到安全账户。\n    key_warning: true\n",
        "    say: 警察不会在电话里办案。\n",
        "thanks: ends as 'acknowledged', but on one way to it the key warning is not said",
    ),
    (
        "    key_warning: true\n    next: advice",
        "    key_warning: true\n    interruptible: true\n    next: advice",
        "warning: a key warning cannot be interruptible",
    ),
    (
        "    escalate: true\n    next: until-called\n",
        "    escalate: true\n    end: callback_due\n",
        "connect: 'escalate' needs",
    ),
    (
        "谢谢您，再见。",
        "请把验证码告诉我。",
        "thanks.say: asks for a code, password, transfer, link or app ('验证码告诉",
    ),
    ("  hold: 请不要挂断", "  hold: 请下载反诈软件", "hold: asks for a code, password, transfer, link or app"),
    ("您好，{name}。我是反诈中心语音助手，本次通话录音。", '"{name}，录音。{case_number}"', None),
    ("谢谢您，再见。", "谢谢{name}。", "thanks.say: nothing is left to say when the case has no"),
]


@pytest.mark.parametrize(("old", "new", "reason"), FAULTS, ids=[str(fault[2])[:50] for fault in FAULTS])
def test_a_fault_is_refused_at_its_line(tmp_path: Path, old: str, new: str, reason: str | None) -> None:
    assert old in GOOD
    text = GOOD.replace(old, new, 1)
    found = problems(tmp_path, text)
    if reason is None:
        assert found == []
        return
    (line,) = {int(problem.partition(":")[0]) for problem in found if reason in problem} or {0}
    assert line, f"{reason!r} is not among {found}"
    step = re.match(r"(?:hears\.|hold)?([a-z-]*)", reason)
    assert step is not None
    near = "\n".join(text.splitlines()[max(0, line - 8) : line])
    assert step[1] in near or new.split("\n", maxsplit=1)[0].strip() in near


def test_a_script_without_a_key_warning_is_refused(tmp_path: Path) -> None:
    assert any(
        "no step is the key warning" in problem
        for problem in problems(tmp_path, GOOD.replace("    key_warning: true\n", ""))
    )


def test_problems_come_in_the_order_of_their_lines(tmp_path: Path) -> None:
    text = GOOD.replace("asks: money_sent", "asks: x").replace("本次通话录音", "很短").replace("谢谢您", "谢谢{y}")
    lines = [int(problem.partition(":")[0]) for problem in problems(tmp_path, text)]
    assert len(lines) >= 3
    assert lines == sorted(lines)


def test_a_fault_of_shape_is_told_by_the_same_function(tmp_path: Path) -> None:
    assert problems(tmp_path, "name: x\n")[0].endswith("is missing")


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("请把验证码告诉我。", "zh-CN"),
        ("您的银行卡密码是多少？", "zh-CN"),
        ("能告诉我验证码吗？", "zh-CN"),
        ("请您转账到这个账户。", "zh-CN"),
        ("请点击短信里的链接。", "zh-CN"),
        ("请下载国家反诈中心APP。", "zh-CN"),
        ("请打开屏幕共享。", "zh-CN"),
        ("请告诉我其他验证码。", "zh-CN"),
        ("Please tell me the code.", "en"),
        ("What is your password?", "en"),
        ("You should transfer the money first.", "en"),
        ("Click the link we sent.", "en"),
        ("Please install our app.", "en"),
    ],
)
def test_asking_for_what_only_fraudsters_ask_is_found(text: str, language: str) -> None:
    assert asked_for(text, language)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("不要告诉任何人验证码。", "zh-CN"),
        ("请不要转账。", "zh-CN"),
        ("您给对方转过钱吗？", "zh-CN"),
        ("他有没有让您下载软件？", "zh-CN"),
        ("凡是要您转账的警察，都是骗子。", "zh-CN"),
        ("转账之前，先打96110问一问。", "zh-CN"),
        ("先关掉共享屏幕。", "zh-CN"),
        ("Never tell anyone the code.", "en"),
        ("Have you sent them any money?", "en"),
        ("Police who want you to move money are frauds.", "en"),
        ("Do not click any link.", "en"),
    ],
)
def test_warning_of_it_is_no_asking(text: str, language: str) -> None:
    assert asked_for(text, language) is None


@pytest.mark.parametrize("script", load_library().values(), ids=lambda script: script.name)
def test_the_first_question_begins_within_nine_seconds(script: Script) -> None:
    assert _seconds(script, "opening") < 9


@pytest.mark.parametrize("script", load_library().values(), ids=lambda script: script.name)
def test_who_was_not_contacted_hears_at_most_thirty_seconds_of_robot(script: Script) -> None:
    way = ("opening", "ask-contact", "warning", "advice", "ask-understood", "thanks")
    assert sum(_seconds(script, name) for name in way) < 30


def _seconds(script: Script, step: str) -> float:
    """At 3 Mandarin syllables or 2.6 English words a second; a call-back number is five of them."""
    text = fill(script.steps[step].say, {"name": "王建国", "callback_number": "九六一一零"})
    units = len(re.findall(r"[\u4e00-\u9fff]", text)) + len(re.findall(r"[a-zA-Z]+", text))
    return units / (2.6 if script.language == "en" else 3.0)


@pytest.mark.parametrize("script", load_library().values(), ids=lambda script: script.name)
def test_every_script_routes_the_signals_that_a_conversation_needs(script: Script) -> None:
    assert {"wrong_person", "trusts_fraudster", "did_not_hear", "who_is_calling", "busy_now"} <= script.hears.keys()
    assert {step.end for step in script.steps.values()} >= {"warned", "acknowledged", "denies", "wrong_person"}
    assert 3 <= len(script.talking_points) <= 5
    assert not any(
        {"name", "case_number"} & set(re.findall(r"\{(\w+)\}", script.steps[name].say))
        for name in ("not-them", "who-we-are")
    )


def test_an_outline_names_every_step_and_every_way_on() -> None:
    script = load_library()["fake-police.zh-CN"]
    text = outline(script)
    assert all(re.search(rf"^[?!+=>] {name} ", text, re.MULTILINE) for name in script.steps)
    assert "contacted?  yes -> ask-now, no -> warning" in text
    assert "ends: callback_due" in text
    assert "trusts_fraudster -> contradiction" in text


def test_a_script_made_in_code_is_checked_too() -> None:
    script = load_library()["general.en"]
    broken = script.model_copy(update={"start": "nowhere"})
    assert [problem.reason for problem in check(broken, signals=SIGNALS, endings=ENDINGS)] == [
        "start: there is no step 'nowhere'"
    ]
