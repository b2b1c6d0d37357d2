"""Every script of the library, in every version, with people on virtual time: real understanding, no sound."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import pytest

from campaigns.model import Outcome, Speaker
from dialer.conversation import Conversation, ConversationResult
from dialer.dissuaders import Dissuader
from dialer.escalation import EscalationDesk
from scripts.loader import load_library
from scripts.model import CALLBACK, RELATIVE, Script, fill
from scripts.timing import TYPICAL, step_s
from tests.dialer.people import Behaviour, Line, Notes, Person, Phone, ScriptedCall

pytestmark = pytest.mark.virtual

SCRIPTS = load_library()
DETAILS = {"name": "", "callback_number": "96110", "centre": "反诈中心"}

WORDS = {
    "zh": {
        "hello": "喂你好",
        "denial": "我没有被骗，我是按规定流程操作的",
        "no": "没有",
        "not wanted": "不用了",
        "understood": "听明白了",
        "yes": "有",
        "sent": "已经转了五万块",
        "another": "他不在，我是他老公",
        "wrong": "你打错了",
    },
    "en": {
        "hello": "hello",
        "denial": "i am not being defrauded i am following the procedure",
        "no": "no",
        "not wanted": "no thank you",
        "understood": "i understand",
        "yes": "yes",
        "sent": "i already sent five thousand dollars",
        "another": "i am her husband",
        "wrong": "you have the wrong number",
    },
}

every_script = pytest.mark.parametrize("script", SCRIPTS.values(), ids=SCRIPTS.keys())


def words(script: Script) -> Mapping[str, str]:
    return WORDS[script.language[:2]]


def answers(script: Script, replies: Mapping[str, str], *, otherwise: str = "") -> Behaviour:
    """A person who hears each question out and answers it by what it asks for; silent where nothing is given."""
    questions = {
        fill(text, {**DETAILS, "surname": "", "case_number": ""}): step.asks or ""
        for step in script.steps.values()
        if step.is_question
        for text in (step.say, step.again)
        if text
    }

    async def person(me: Person) -> None:
        await me.says(words(script)["hello"])
        answered = 0
        while True:
            asked = await nth_heard_out(me, set(questions), answered)
            answered += 1
            if said := replies.get(questions[asked.text], otherwise):
                await me.waits(0.3)
                await me.says(said)

    return person


async def nth_heard_out(me: Person, texts: set[str], number: int) -> Line:
    """The prompt of that number, from 0, that is one of the texts and was said to its end; waits for it."""

    def heard() -> list[Line]:
        return [line for line in me.call.lines if line.complete and line.text in texts]

    async with me.call.changed:
        await me.call.changed.wait_for(lambda: len(heard()) > number)
    return heard()[number]


async def call(
    script: Script, person: Behaviour | None, *phones: Phone
) -> tuple[ConversationResult, ScriptedCall, Notes]:
    by_uri = {f"sip:{number}@desk": phone for number, phone in enumerate(phones, start=1)}
    desk = EscalationDesk([Dissuader(f"d{n}", uri) for n, uri in enumerate(by_uri, start=1)])
    live, notes = ScriptedCall(person, phones=by_uri), Notes()
    async with asyncio.timeout(600):
        result = await Conversation(live, script, DETAILS, log=notes, escalate=desk).run()
    return result, live, notes


@every_script
async def test_who_has_nothing_to_do_with_it_is_warned_and_says_so_within_forty_seconds(script: Script) -> None:
    said = words(script)
    person = answers(
        script, {"acknowledges": said["understood"], "asks_for_human": said["not wanted"]}, otherwise=said["no"]
    )
    result, _, notes = await call(script, person)
    assert result.outcome is Outcome.ACKNOWLEDGED
    assert result.key_warning_heard
    assert notes.offers == []
    replies = sum(turn.speaker is Speaker.SUBJECT for turn in notes.turns)
    # A reply takes about a second, and the robot begins within 0.9 s of its end. A call-back, to somebody in whom fraud
    # in progress was heard, asks everything again.
    limit_s = 50 if script.version == CALLBACK else 40 / script.rate
    assert sum(step_s(script, name) for name in result.steps) + 1.9 * replies < limit_s


@every_script
async def test_who_insists_hears_the_contradiction_a_case_and_an_offer_and_denies(script: Script) -> None:
    said = words(script)
    person = answers(script, {"asks_for_human": said["not wanted"]}, otherwise=said["denial"])
    result, _, notes = await call(script, person)
    assert result.outcome is Outcome.DENIES
    start = result.steps.index("contradiction")
    assert result.steps[start:] == ("contradiction", "case", "offer-officer", "denied", "denied-goodbye")
    assert result.key_warning_heard
    assert notes.offers == []


@every_script
async def test_who_says_nothing_is_asked_again_and_still_warned(script: Script) -> None:
    result, _, notes = await call(script, None)
    assert result.outcome is Outcome.ANSWERED_INCOMPLETE
    assert result.key_warning_heard
    first = next(name for name in result.steps if script.steps[name].is_question)
    assert result.steps.count(first) == 2
    assert notes.signals == []


@every_script
async def test_who_has_sent_money_is_handed_over(script: Script) -> None:
    said = words(script)
    replies = {"contacted": said["yes"], "money_sent": said["sent"], "asks_for_human": said["not wanted"]}
    phone = Phone(talks_s=5)
    result, live, notes = await call(script, answers(script, replies, otherwise=said["no"]), phone)
    assert result.outcome is Outcome.ESCALATED
    assert notes.offers[0][0] == "money_sent"
    assert live.said(fill(script.steps["connect"].say, DETAILS))
    assert phone.whispers


@every_script
async def test_when_nobody_is_free_the_subject_is_told_not_to_pay_and_called_back(script: Script) -> None:
    said = words(script)
    replies = {"contacted": said["yes"], "money_sent": said["sent"], "asks_for_human": said["not wanted"]}
    result, live, _ = await call(script, answers(script, replies, otherwise=said["no"]))
    assert result.outcome is Outcome.CALLBACK_DUE
    assert live.lines[-1].text == fill(script.steps["until-called"].say, DETAILS)
    assert result.key_warning_heard


@every_script
async def test_who_speaks_for_the_subject_hears_nothing_of_the_case(script: Script) -> None:
    said = words(script)

    async def another(me: Person) -> None:
        await me.says(said["hello"])
        await me.hears_out(first_question(script))
        await me.says(said["another"])

    result, live, _ = await call(script, another)
    told = [line.text for line in live.lines[2:]]
    if script.version == RELATIVE:
        assert told[0] == script.steps["family-there"].say
        assert result.key_warning_heard
    else:
        assert told == [fill(script.steps["someone-else"].say, DETAILS)]
        assert result.outcome is Outcome.FORWARDED
        assert "{name}" not in script.steps["someone-else"].say


@every_script
async def test_a_wrong_number_is_left_in_peace(script: Script) -> None:
    said = words(script)

    async def stranger(me: Person) -> None:
        await me.says(said["hello"])
        await me.hears_out(first_question(script))
        await me.says(said["wrong"])

    result, live, _ = await call(script, stranger)
    assert result.outcome is Outcome.WRONG_PERSON
    assert [line.text for line in live.lines[2:]] == [script.steps["not-them"].say]


def first_question(script: Script) -> str:
    step = next(step for name in ("ask-officer", "ask-contact") if (step := script.steps.get(name)))
    return fill(step.say, TYPICAL[script.language[:2]])


@pytest.mark.parametrize(("version", "asked"), [("loan.zh-CN", 2), ("loan-elderly.zh-CN", 1)])
async def test_the_elderly_are_given_more_time_to_answer(version: str, asked: int) -> None:
    script = SCRIPTS[version]

    async def slow(me: Person) -> None:
        await me.says("喂你好")
        await me.hears_out(first_question(script))
        await me.waits(5)
        await me.says("没有")

    result, _, _ = await call(script, slow)
    assert result.steps.count("ask-contact") == asked


async def test_a_case_stays_open_when_who_speaks_for_the_subject_hangs_up_on_the_message() -> None:
    script = SCRIPTS["romance.zh-CN"]

    async def another(me: Person) -> None:
        await me.says("喂你好")
        await me.hears_out(first_question(script))
        await me.says("我是他老公")
        await me.hears("请本人")
        me.hangs_up()

    result, _, _ = await call(script, another)
    assert result.outcome is Outcome.FORWARDED
