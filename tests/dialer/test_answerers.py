"""What the robot does with who or what answers, on virtual time."""

from __future__ import annotations

import pytest

from campaigns.model import Outcome
from dialer.announced import OUTCOME_OF_TONE, judged
from dialer.seam import CallEvent
from speech.answering import Answerer, Verdict
from speech.heard import Partial, SpeechStarted, SpeechStopped, Utterance
from tests.dialer.people import Person
from tests.dialer.test_conversation import ASKED, UNDERSTOOD, WARNING, converse

pytestmark = pytest.mark.virtual

OPENING = "这里是反诈中心"


def told(me: Person, kind: Answerer, evidence: str = "450 Hz") -> None:
    """The call's sound shows what is at the other end."""
    event: CallEvent = Verdict(kind, 0.9, me.call.clock_s, evidence)
    me.call.emit(event)


@pytest.mark.parametrize(
    ("kind", "outcome"),
    [
        (Answerer.BUSY, Outcome.BUSY),
        (Answerer.CONGESTION, Outcome.TRUNK_FAILURE),
        (Answerer.UNOBTAINABLE, Outcome.UNREACHABLE),
        (Answerer.VOICEMAIL, Outcome.VOICEMAIL),
    ],
)
async def test_a_tone_behind_the_answer_ends_the_call(kind: Answerer, outcome: Outcome) -> None:
    async def exchange(me: Person) -> None:
        await me.waits(0.8)
        told(me, kind)
        await me.waits(60)

    done = await converse(exchange)
    assert done.outcome is outcome
    assert done.call.lines == []
    assert "450 Hz" in done.result.reason


async def test_a_beep_while_the_opening_plays_is_voicemail() -> None:
    async def mailbox(me: Person) -> None:
        await me.says("天气真好啊", lasts_s=2)
        await me.hears(OPENING)
        told(me, Answerer.VOICEMAIL)
        await me.waits(60)

    done = await converse(mailbox)
    assert done.outcome is Outcome.VOICEMAIL
    assert not done.call.lines[0].complete


async def test_a_beep_after_the_person_has_replied_ends_nothing() -> None:
    async def calm(me: Person) -> None:
        await me.says("喂")
        await me.hears_out(ASKED)
        await me.says("没有")
        await me.hears(WARNING)
        told(me, Answerer.VOICEMAIL)
        await me.hears_out(UNDERSTOOD)
        await me.says("听明白了")
        await me.waits(60)

    assert (await converse(calm)).outcome is Outcome.ACKNOWLEDGED


@pytest.mark.parametrize("kind", [Answerer.SILENCE, Answerer.PERSON, Answerer.MUSIC, Answerer.TALK])
async def test_what_is_no_machine_for_certain_is_spoken_with(kind: Answerer) -> None:
    async def someone(me: Person) -> None:
        told(me, kind)
        await me.hears_out(WARNING)
        me.hangs_up()

    assert (await converse(someone)).outcome is Outcome.WARNED


async def test_a_person_who_greets_and_talks_on_is_not_hung_up_on() -> None:
    async def talker(me: Person) -> None:
        me.call.spawn(me.says("喂你好哪位啊我跟你说" + "天气真好" * 10, lasts_s=20))
        await me.waits(1.5)
        told(me, Answerer.PERSON, "哪位")
        await me.hears_out(WARNING)
        me.hangs_up()

    assert (await converse(talker)).outcome is Outcome.WARNED


async def test_a_person_in_a_loud_street_is_spoken_with_when_the_words_have_ended() -> None:
    async def street(me: Person) -> None:
        me.call.emit(SpeechStarted(0.3))
        await me.waits(0.8)
        me.call.emit(Partial("喂", 0.8))
        await me.waits(60)

    done = await converse(street)
    assert done.outcome is not Outcome.VOICEMAIL
    assert done.call.lines[0].started_s == pytest.approx(0.8 + 2)


async def test_ringing_behind_the_answer_is_waited_out() -> None:
    async def switchboard(me: Person) -> None:
        await me.waits(0.6)
        told(me, Answerer.RINGING)
        await me.waits(12)
        await me.says("喂")
        await me.hears_out(WARNING)
        me.hangs_up()

    done = await converse(switchboard)
    assert done.outcome is Outcome.WARNED
    assert done.call.lines[0].started_s > 12.6


async def test_ringing_that_never_ends_is_spoken_into_at_last() -> None:
    async def switchboard(me: Person) -> None:
        await me.waits(0.6)
        told(me, Answerer.RINGING)
        await me.waits(300)

    assert (await converse(switchboard)).call.lines[0].started_s == pytest.approx(25.6)


async def test_a_menu_is_left_alone_and_the_case_stays_open() -> None:
    async def company(me: Person) -> None:
        await me.says("欢迎致电客户服务中心普通话请按一人工服务请按零", lasts_s=5)
        await me.waits(60)

    done = await converse(company)
    assert done.outcome is Outcome.FORWARDED
    assert done.call.lines == []


# A call assistant


ASSISTANT = "您好我是机主的智能助理请问您是哪位"


async def test_an_assistant_is_told_who_calls_and_the_person_whom_it_fetches_is_warned() -> None:
    async def screened(me: Person) -> None:
        await me.says(ASSISTANT)
        await me.hears_out(OPENING)
        await me.waits(8)
        await me.says("喂你好")
        await me.hears_out(ASKED)
        await me.says("没有")
        await me.hears_out(UNDERSTOOD)
        await me.says("听明白了")
        await me.waits(60)

    done = await converse(screened)
    assert done.outcome is Outcome.ACKNOWLEDGED
    first, again = done.call.said(OPENING)
    assert first.started_s > 0.2 * len(ASSISTANT)
    assert again.started_s > (first.ended_s or 0) + 8


async def test_an_assistant_is_heard_out_before_it_is_told() -> None:
    async def screened(me: Person) -> None:
        await me.says(ASSISTANT + "您可以说一下来电的目的", lasts_s=9)
        await me.waits(60)

    done = await converse(screened)
    assert done.call.lines[0].started_s >= 9


async def test_an_assistant_that_asks_again_and_fetches_nobody_leaves_the_case_open() -> None:
    async def screened(me: Person) -> None:
        await me.says(ASSISTANT)
        await me.waits(60)

    done = await converse(screened)
    assert done.outcome is Outcome.FORWARDED
    assert len(done.call.lines) == 1
    assert done.span_s < 40


async def test_an_assistant_that_takes_a_message_in_the_end_is_voicemail() -> None:
    async def screened(me: Person) -> None:
        await me.says(ASSISTANT)
        await me.hears_out(OPENING)
        await me.says("机主不方便接听请在提示音后留言")
        await me.waits(60)

    assert (await converse(screened)).outcome is Outcome.VOICEMAIL


async def test_who_leaves_an_assistants_call_was_not_warned() -> None:
    async def screened(me: Person) -> None:
        await me.says(ASSISTANT)
        await me.hears_out(OPENING)
        me.hangs_up()

    assert (await converse(screened)).outcome is Outcome.ANSWERED_INCOMPLETE


async def test_an_assistant_that_is_known_only_at_the_end_of_its_turn_is_not_waited_for() -> None:
    async def screened(me: Person) -> None:
        me.call.emit(SpeechStarted(0.2))
        await me.waits(2)
        me.call.emit(SpeechStopped(2.0))
        await me.waits(0.55)
        me.call.emit(Utterance(ASSISTANT, 0.2, 2.0))
        await me.waits(60)

    assert (await converse(screened)).call.lines[0].started_s < 3.5


def test_every_machine_without_words_has_an_outcome() -> None:
    machines = {Answerer.BUSY, Answerer.CONGESTION, Answerer.UNOBTAINABLE, Answerer.SPECIAL, Answerer.VOICEMAIL}
    assert set(OUTCOME_OF_TONE) == machines
    assert all(judged(Verdict(kind, 0.9, 1, "")) is not None for kind in machines)
    assert judged(Verdict(Answerer.PERSON, 0.9, 1, "")) is None
