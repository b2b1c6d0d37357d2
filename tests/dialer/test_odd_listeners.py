"""Who does not answer as a subject does: silence, music, another language, talk in the room, a child, noise.

Every script of the library, in every version, on virtual time: each call ends soon, says nothing for ever, and leaves
the case where it belongs.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns.model import Outcome
from dialer.conversation import ConversationResult
from scripts.loader import load_library
from scripts.model import GUESSED, RELATIVE, Script, fill
from speech.heard import Partial, SpeechStarted, SpeechStopped, Utterance, Word
from tests.dialer import people
from tests.dialer.people import END_OF_TURN_S, Behaviour, Person, ScriptedCall
from tests.dialer.test_library_scripts import DETAILS, answers, call, every_script, words
from tests.virtual_time import run_virtual

pytestmark = [pytest.mark.virtual, pytest.mark.filterwarnings("ignore:delta is less than resolution")]

SCRIPTS = load_library()
LONGEST_S = 120.0
"""Longest call with somebody who never follows."""
MOST_TIMES = 4
"""One listener is asked a question twice, and once more after each of two requests to say it again or who calls."""
LONGEST_TURN_S = 20.0
"""The ear cuts a turn that lasts longer."""

UNRELATED = {
    "zh": ["盐放多了吧", "葱呢", "这花真香", "窗帘颜色深", "蓝色好看"],
    "en": ["the window faces south", "a lovely colour", "the green curtains", "birds in the tree", "a slice of bread"],
}
"""In which nothing is heard that is an answer or a sign."""
GIBBERISH = ["哎头提猫四次信的", "牌子字呢的分", "的擦头呢在你女百", "用对统统屁"]
"""What the Mandarin model hears in English; the English one hears no word in Mandarin."""
CHILD = {
    "zh": ["我是小朋友", "我今年八岁", "爸爸妈妈不在家", "家里没有大人"],
    "en": ["i'm just a kid", "i'm eight years old", "my parents aren't home", "there's no grown up here"],
}
OVER_AND_OVER = {
    "zh": ["你谁啊", "喂", "你说什么", "你是谁", "听不清", "喂喂"],
    "en": ["who is this", "hello", "what did you say", "who are you", "i can't hear you", "what"],
}


@pytest.fixture(autouse=True)
def spoken_at_a_true_pace(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    script = getattr(request.node, "callspec", None)
    if script is not None and isinstance(given_script := script.params.get("script"), Script):
        monkeypatch.setattr(people, "SYLLABLE_S", pace(given_script))


def pace(script: Script) -> float:
    """Seconds a character."""
    return (0.3 if script.language.startswith("zh") else 0.07) / script.rate


def language(script: Script) -> str:
    return script.language[:2]


async def says(me: Person, text: str, *, sure: float, lasts_s: float) -> None:
    """A turn with words of which the recogniser is so sure."""
    started_s = me.call.clock_s
    me.call.emit(SpeechStarted(started_s))
    await asyncio.sleep(lasts_s / 2)
    if text:
        me.call.emit(Partial(text, me.call.clock_s))
    await asyncio.sleep(lasts_s / 2)
    me.call.emit(SpeechStopped(me.call.clock_s))
    ended_s = me.call.clock_s
    await asyncio.sleep(END_OF_TURN_S)
    units = text.split() if " " in text else list(text)
    me.call.emit(Utterance(text, started_s, ended_s, tuple(Word(each, started_s, ended_s, sure) for each in units)))


async def goes_on(me: Person, texts: Callable[[], str], *, sure: float) -> None:
    """A voice that never pauses: the ear cuts it into turns."""
    me.call.emit(SpeechStarted(me.call.clock_s))
    while True:
        started_s, text = me.call.clock_s, texts()
        for part in range(1, 5):
            await asyncio.sleep(LONGEST_TURN_S / 4)
            if text:
                me.call.emit(Partial(text[: len(text) * part // 4], me.call.clock_s))
        units = text.split() if " " in text else list(text)
        heard = tuple(Word(each, started_s, me.call.clock_s, sure) for each in units)
        me.call.emit(Utterance(text, started_s, me.call.clock_s, heard))


async def prompts(me: Person) -> AsyncIterator[int]:
    """Each time that the robot has fallen silent after a prompt."""
    heard = 0

    def one_more() -> bool:
        return len(me.call.lines) > heard and me.call.lines[-1].ended_s is not None

    while True:
        async with me.call.changed:
            await me.call.changed.wait_for(one_more)
        heard = len(me.call.lines)
        yield heard


def silent(script: Script, draw: random.Random) -> Behaviour | None:
    return None


def music(script: Script, draw: random.Random) -> Behaviour:
    async def plays(me: Person) -> None:
        await goes_on(me, lambda: "", sure=1.0)

    return plays


def television(script: Script, draw: random.Random) -> Behaviour:
    async def runs(me: Person) -> None:
        await goes_on(me, lambda: " ".join(draw.choice(UNRELATED[language(script)]) for _ in range(4)), sure=0.6)

    return runs


def foreigner(script: Script, draw: random.Random) -> Behaviour:
    async def replies(me: Person) -> None:
        async for _ in prompts(me):
            await asyncio.sleep(0.3)
            text = draw.choice(GIBBERISH) if language(script) == "zh" else ""
            await says(me, text, sure=draw.uniform(0.45, 0.64), lasts_s=1.8)

    return replies


def company(script: Script, draw: random.Random) -> Behaviour:
    async def talks(me: Person) -> None:
        while True:
            await says(me, draw.choice(UNRELATED[language(script)]), sure=0.9, lasts_s=draw.uniform(0.8, 3))
            await asyncio.sleep(draw.uniform(0, 1.5))

    return talks


def child(script: Script, draw: random.Random) -> Behaviour:
    async def answers_as_children_do(me: Person) -> None:
        async for _ in prompts(me):
            await asyncio.sleep(0.3)
            await says(me, draw.choice(CHILD[language(script)]), sure=0.9, lasts_s=1.2)

    return answers_as_children_do


def questioner(script: Script, draw: random.Random) -> Behaviour:
    return asks_for_ever(draw.choice(OVER_AND_OVER[language(script)]))


def asks_for_ever(always: str) -> Behaviour:
    async def asks_back(me: Person) -> None:
        async for _ in prompts(me):
            await asyncio.sleep(0.3)
            await says(me, always, sure=0.9, lasts_s=0.7)

    return asks_back


def noise(script: Script, draw: random.Random) -> Behaviour:
    async def rattles(me: Person) -> None:
        while True:
            await says(me, "", sure=1.0, lasts_s=draw.choice([0.1, 0.3, 0.7, 2.0, 6.0]))
            await asyncio.sleep(draw.uniform(0.1, 4))

    return rattles


Kind = Callable[[Script, random.Random], Behaviour | None]

SAID_OF: dict[Kind, str] = {
    silent: "nobody",
    music: "music that never ends",
    television: "a television: words that are no language of the script, without a pause",
    foreigner: "another language or a dialect",
    company: "people who talk to each other",
    child: "a child who says nothing else",
    questioner: "“who is this?”, “hello?”, “what?” for ever",
    noise: "noise, now and then",
}
KINDS = tuple(SAID_OF)


def begun(live: ScriptedCall) -> Counter[str]:
    """How often each prompt was said from its beginning."""
    return Counter(line.text for line in live.lines if line.from_s == 0)


def most_often(script: Script, live: ScriptedCall) -> int:
    """How often one listener heard the same prompt from its beginning: who is fetched by a child hears all anew."""
    waits = script.steps.get("wait-grown-up")
    fetched = fill(waits.say, DETAILS) if waits else None
    listeners: list[Counter[str]] = [Counter()]
    for line in live.lines:
        if line.from_s == 0:
            if line.text == fetched:
                listeners.append(Counter())
            listeners[-1][line.text] += 1
    return max((len(listeners) - 1, *(max(each.values()) for each in listeners if each)))


def lasted(live: ScriptedCall) -> float:
    assert live.hung_up_at is not None
    return live.hung_up_at - live.answered_at


async def meets(script: Script, behaviour: Behaviour | None) -> tuple[ConversationResult, ScriptedCall]:
    result, live, _ = await call(script, behaviour)
    assert lasted(live) <= LONGEST_S / script.rate
    assert most_often(script, live) <= MOST_TIMES
    return result, live


@every_script
async def test_a_line_on_which_nobody_says_a_word_is_warned_into_and_called_again(script: Script) -> None:
    result, _ = await meets(script, None)
    assert result.outcome is Outcome.ANSWERED_INCOMPLETE
    assert result.key_warning_heard
    assert "nobody said a word" in result.reason


@every_script
@pytest.mark.parametrize("kind", [music, foreigner, company, noise])
async def test_who_does_not_follow_hears_the_key_warning_once_and_is_called_again(script: Script, kind: Kind) -> None:
    result, live = await meets(script, kind(script, random.Random(3)))
    assert result.outcome is Outcome.ANSWERED_INCOMPLETE
    assert result.key_warning_heard
    warnings = {fill(step.say, DETAILS) for step in script.steps.values() if step.key_warning}
    assert sum(begun(live)[warning] for warning in warnings) == 1


@every_script
async def test_a_television_closes_no_case_though_its_words_may_call_a_human(script: Script) -> None:
    result, _ = await meets(script, television(script, random.Random(3)))
    assert result.outcome in {Outcome.ANSWERED_INCOMPLETE, Outcome.CALLBACK_DUE}
    assert result.key_warning_heard


@every_script
async def test_another_language_is_left_with_where_to_turn(script: Script) -> None:
    result, live = await meets(script, foreigner(script, random.Random(5)))
    assert live.lines[-1].text == fill(script.phrases.not_followed, DETAILS)
    assert "no language of the script" in result.reason


@every_script
async def test_a_child_is_asked_for_a_grown_up_and_told_nothing_of_the_case(script: Script) -> None:
    result, _ = await meets(script, child(script, random.Random(1)))
    assert result.outcome is Outcome.FORWARDED
    assert not result.key_warning_heard
    asked = next(name for name in result.steps if script.steps[name].is_question)
    assert result.steps[-1] == "grown-up-later"
    assert set(result.steps) <= {"opening", asked, "ask-grown-up", "wait-grown-up", "grown-up-later"}


@every_script
async def test_a_grown_up_whom_a_child_fetches_is_greeted_and_warned(script: Script) -> None:
    said = words(script)
    adult = answers(
        script, {"acknowledges": said["understood"], "asks_for_human": said["not wanted"]}, otherwise=said["no"]
    )

    async def family(me: Person) -> None:
        await me.says(said["hello"])
        async for number in prompts(me):
            if number == 2:
                await says(me, CHILD[language(script)][0], sure=0.9, lasts_s=1.2)
            if live_says(me, "wait-grown-up"):
                break
        await asyncio.sleep(2)
        await adult(me)

    def live_says(me: Person, step: str) -> bool:
        return any(line.text == fill(script.steps[step].say, DETAILS) and line.complete for line in me.call.lines)

    result, _ = await meets(script, family)
    assert result.steps.count("opening") == 2
    assert result.key_warning_heard
    assert result.outcome is Outcome.ACKNOWLEDGED


@every_script
@pytest.mark.parametrize("hears_out", ["ask-grown-up", "wait-grown-up"])
async def test_a_child_who_hangs_up_closes_no_case(script: Script, hears_out: str) -> None:
    async def hangs_up(me: Person) -> None:
        await me.hears_out(fill(script.steps[script.start].say, {**DETAILS, "subject": ""}))
        await me.waits(0.5)
        async for _ in prompts(me):
            await says(me, CHILD[language(script)][0], sure=0.9, lasts_s=1.2)
            break
        await me.hears_out(fill(script.steps[hears_out].say, DETAILS))
        me.hangs_up()

    result, _ = await meets(script, hangs_up)
    assert result.outcome is Outcome.FORWARDED


@every_script
@pytest.mark.parametrize("number", range(6))
async def test_who_asks_the_same_for_ever_is_answered_once_and_warned(script: Script, number: int) -> None:
    result, _ = await meets(script, asks_for_ever(OVER_AND_OVER[language(script)][number]))
    assert result.key_warning_heard
    assert result.outcome in {Outcome.WARNED, Outcome.ANSWERED_INCOMPLETE}


@given(
    script=st.sampled_from(list(SCRIPTS.values())),
    kinds=st.lists(st.tuples(st.sampled_from(KINDS), st.floats(0.5, 40)), min_size=1, max_size=4),
    seed=st.integers(0, 2**16),
)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_mixture_of_odd_listeners_makes_a_call_long_or_a_prompt_come_round(
    script: Script, kinds: list[tuple[Kind, float]], seed: int
) -> None:
    draw = random.Random(seed)

    async def one_after_the_other(me: Person) -> None:
        while True:
            for kind, span_s in kinds:
                behaviour = kind(script, draw) or (lambda me: me.waits(1000))
                try:
                    async with asyncio.timeout(span_s):
                        await behaviour(me)
                except TimeoutError:
                    continue

    async def carry() -> None:
        result, live, _ = await call(script, one_after_the_other)
        assert live.faults == []
        assert lasted(live) <= 2 * LONGEST_S
        assert most_often(script, live) <= MOST_TIMES
        if result.outcome in {Outcome.WARNED, Outcome.ACKNOWLEDGED}:
            assert result.key_warning_heard
        assert result.outcome is not Outcome.ESCALATED

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(people, "SYLLABLE_S", pace(script))
        run_virtual(carry())


def test_the_versions_for_relatives_have_what_a_child_needs() -> None:
    relatives = [script for script in SCRIPTS.values() if script.version == RELATIVE]
    assert relatives
    assert all(script.steps["grown-up-later"].end == "forwarded" for script in relatives)


@pytest.mark.parametrize("name", ["loan.zh-CN", "loan.en"])
async def test_a_guess_at_a_wrong_person_closes_no_case(name: str) -> None:
    script = SCRIPTS[name]
    guessed = {"zh": "爷爷在睡觉", "en": "i am her carer"}[language(script)]

    async def somebody(me: Person) -> None:
        async for number in prompts(me):
            if number == 2:
                await says(me, guessed, sure=0.9, lasts_s=1.0)

    result, _ = await meets(script, somebody)
    assert [(each.name, each.rule) for each in result.signals if each.name == "wrong_person"] == [
        ("wrong_person", GUESSED)
    ]
    assert result.outcome is Outcome.FORWARDED
