"""No script speaks to anyone that could hang, mislead, or ask what only fraudsters ask."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from scripts.checks import check, check_file
from scripts.loader import LIBRARY, load_library, script_files
from scripts.model import CALLBACK, ELDERLY, ENDINGS, VERSIONS, Script
from scripts.outline import mermaid, outline
from scripts.requests import asked_for
from scripts.timing import before_first_question, step_s
from speech.assess import assess
from speech.assessment import SIGNALS

pytestmark = pytest.mark.unit

GOOD = (Path(__file__).parent / "whole.yaml").read_text(encoding="utf-8")
LIBRARY_FILES = script_files(LIBRARY)


TYPES = {
    "zh-CN": [
        *("", "刷单返利", "冒充电商物流客服", "虚假投资理财", "虚假贷款", "虚假征信", "虚假购物服务", "冒充公检法"),
        *("冒充领导熟人", "网络游戏虚假交易", "网络婚恋交友", "冒充军警购物", "网黑裸聊", "机票退改签"),
    ],
    "en": ["", "fake police", "fake customer service", "investment", "loan", "romance", "boss"],
}
"""The police label set."""


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
    (
        "    next: ask-contact\n\n",
        "    next: preamble\n  preamble:\n    say: " + "这里先说很长很长的一段话，" * 9 + "\n    next: ask-contact\n\n",
        "ask-contact: about 39 s of speech before the first question; at most 25",
    ),
    ("    asks: money_sent\n", "    asks: money_sent\n    replies: {'yes': []}\n", "ask-money.replies.yes: a list"),
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


every_script = pytest.mark.parametrize("script", load_library().values(), ids=lambda script: script.name)


@every_script
def test_the_first_question_begins_within_nine_seconds(script: Script) -> None:
    assert before_first_question(script)[1] < 9


@every_script
def test_who_was_not_contacted_hears_at_most_thirty_seconds_of_robot(script: Script) -> None:
    way = [script.start]
    while (step := script.steps[way[-1]]).end is None:
        way.append(step.yes if step.asks == "acknowledges" else step.no or step.next)
    if script.version != CALLBACK:
        assert sum(step_s(script, name) for name in way) < 30


@every_script
def test_every_script_routes_the_signals_that_a_conversation_needs(script: Script) -> None:
    assert {"wrong_person", "trusts_fraudster", "did_not_hear", "who_is_calling", "busy_now"} <= script.hears.keys()
    assert {step.end for step in script.steps.values()} >= {"warned", "acknowledged", "denies", "wrong_person"}
    assert 3 <= len(script.talking_points) <= 5


@every_script
def test_every_script_asks_warns_says_what_to_do_and_asks_again_in_other_words(script: Script) -> None:
    asked = {step.asks for step in script.steps.values() if step.is_question}
    assert asked >= {"in_contact_now", "money_sent", "acknowledges", "asks_for_human"}
    assert ("contacted" in asked) == (script.version != CALLBACK)
    assert script.steps["warning"].key_warning
    assert script.steps["warning"].next == "advice"
    assert any(step.again for step in script.steps.values())


@every_script
def test_persistent_denial_leads_by_contradiction_and_case_to_a_human(script: Script) -> None:
    assert script.hears["trusts_fraudster"] == "contradiction"
    assert script.steps["contradiction"].next == "case"
    offer = script.steps[script.steps["case"].next or ""]
    assert offer.asks == "asks_for_human"
    assert offer.yes is not None
    assert script.steps[offer.yes].escalate


@every_script
def test_nothing_of_the_case_is_said_to_who_speaks_for_the_subject(script: Script) -> None:
    own = set(re.findall(r"[\u4e00-\u9fff]{2}", script.scam_type)) | set(script.scam_type.split())
    for name in ("not-them", "someone-else", "family-there", "who-we-are"):
        if name in script.steps:
            text = script.steps[name].say
            assert not {"name", "surname", "case_number"} & set(re.findall(r"\{(\w+)\}", text))
            assert not any(word in text for word in own - {""})


def test_the_elderly_are_spoken_to_more_slowly_in_fewer_words_and_waited_for_longer() -> None:
    scripts = load_library()
    for script in (each for each in scripts.values() if each.version == ELDERLY):
        standard = scripts[script.name.replace("-elderly", "")]
        assert script.rate < standard.rate
        assert script.patience > standard.patience
        for name in ("ask-contact", "warning"):
            assert len(script.steps[name].say) < len(standard.steps[name].say), (script.name, name)


def test_there_is_a_script_for_every_scam_type_in_every_version() -> None:
    scripts = {(s.language, s.scam_type, s.version) for s in load_library().values()}
    assert scripts == {
        (language, scam_type, version)
        for language, types in TYPES.items()
        for scam_type in types
        for version in VERSIONS
    }


def test_a_tale_of_somebody_else_is_no_asking_until_it_turns_to_the_subject() -> None:
    assert asked_for("有人说出了验证码，钱全没了。", "zh-CN") is None
    assert asked_for("有人说出了验证码，请您也说出验证码。", "zh-CN")
    assert asked_for("您把钱转过来可以吗？", "zh-CN")
    assert asked_for("您把验证码告诉我了吗？", "zh-CN")


@every_script
def test_expected_replies_are_understood_as_the_answer_that_the_script_says(script: Script) -> None:
    for name, step in script.steps.items():
        for answer, texts in step.replies.items():
            for text in texts:
                understood = assess(text, language=script.language, asks=step.asks)
                assert (understood.answer.value, text) == (answer, text), name
                assert not {signal.name for signal in understood.signals} & script.hears.keys(), (name, text)


@every_script
def test_a_drawing_shows_every_step_once_and_every_way_on(script: Script) -> None:
    drawn = outline(script)
    for name in script.steps:
        assert len(re.findall(rf"(?:^|[ :])[?!+=>] {name}  ", drawn, re.MULTILINE)) == 1, name
    assert all(signal in drawn for signal in script.hears)
    assert "ends as callback_due" in drawn
    assert "nobody free: ! until-called" in drawn


def test_a_drawing_leads_from_reply_to_step() -> None:
    lines = outline(load_library()["fake-police.zh-CN"]).splitlines()
    asked = next(number for number, line in enumerate(lines) if line.startswith("? ask-contact"))
    assert lines[asked + 1 : asked + 4] == [
        "│  again: 有没有警察打电话，说您涉案？",
        "├─ yes: ? ask-now  您现在是不是正在和他通话？  (3.6 s, a yes asserts in_contact_now)",
        "│  │  again: 他现在还在线上吗？",
    ]
    assert "└─ no, twice no reply: -> warning" in lines


@every_script
def test_a_flowchart_has_a_node_for_every_step_and_an_arrow_for_every_way_on(script: Script) -> None:
    lines = mermaid(script).splitlines()
    assert lines[0] == "flowchart TD"
    assert sum("<b>" in line for line in lines) == len(script.steps)
    nodes = set(re.findall(r"^  (s_\w+)[\[({]", "\n".join(lines), re.MULTILINE))
    led_to = {line.rsplit(maxsplit=1)[1] for line in lines if "-->" in line or "-.->" in line}
    assert len(nodes) == len(script.steps)
    assert led_to | {"s_opening"} == nodes


def test_a_script_made_in_code_is_checked_too() -> None:
    script = load_library()["general.en"]
    broken = script.model_copy(update={"start": "nowhere"})
    assert [problem.reason for problem in check(broken, signals=SIGNALS, endings=ENDINGS)] == [
        "start: there is no step 'nowhere'"
    ]
