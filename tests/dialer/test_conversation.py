"""Whole conversations with scripted people, on virtual time."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

import pytest

from campaigns.model import EscalationState, HeardSignal, Outcome, Speaker
from dialer.announced import OUTCOME_OF_ANNOUNCEMENT
from dialer.conversation import Conversation, ConversationResult, ConversationSettings
from dialer.dissuaders import Dissuader
from dialer.escalation import EscalationDesk
from dialer.seam import Ended
from scripts.loader import load_script
from scripts.model import Script
from speech.announcements import AnnouncementKind
from speech.heard import Partial, SpeechStarted, SpeechStopped, Utterance
from speech.lexicon import label
from tests.dialer.people import BREAKS_IN_S, Behaviour, Notes, Person, Phone, ScriptedCall

pytestmark = pytest.mark.virtual

SCRIPT = load_script(Path(__file__).parent / "dialogue.yaml")
DETAILS = {"name": "张三", "callback_number": "96110"}
ASKED, NOW, WARNING, UNDERSTOOD = "最近有没有自称警察", "您现在是不是", "真正的警察不会", "您听明白了吗"
HOLD, NOBODY = "正在为您接通", "民警几分钟内给您回电话"


@dataclass
class Done:
    """A conversation that is over."""

    result: ConversationResult
    call: ScriptedCall
    notes: Notes
    span_s: float
    """From the answer to the robot's hang-up."""

    @property
    def outcome(self) -> Outcome:
        return self.result.outcome

    @property
    def signals(self) -> list[str]:
        return [signal.name for signal in self.notes.signals]

    def said_once(self, text: str) -> bool:
        return sum(line.complete for line in self.call.said(text)) == 1


async def converse(
    person: Behaviour | None,
    *phones: Phone,
    dialled: Ended | None = None,
    settings: ConversationSettings | None = None,
    notes: Notes | None = None,
    script: Script = SCRIPT,
    render_s: float = 0.0,
) -> Done:
    by_uri = {f"sip:{number}@desk": phone for number, phone in enumerate(phones, start=1)}
    desk = EscalationDesk([Dissuader(f"d{n}", uri) for n, uri in enumerate(by_uri, start=1)])
    call = ScriptedCall(person, phones=by_uri, dialled=dialled, render_s=render_s)
    notes = notes or Notes()
    began = asyncio.get_running_loop().time() + 3
    result = await Conversation(call, script, DETAILS, log=notes, escalate=desk, settings=settings).run()
    assert call.hung_up_at is not None, "the robot always hangs up"
    return Done(result, call, notes, call.hung_up_at - began)


def with_steps(**steps: dict[str, str]) -> Script:
    """The script with some keys of some steps changed."""
    changed = {name.replace("_", "-"): keys for name, keys in steps.items()}
    return SCRIPT.model_copy(
        update={"steps": {name: step.model_copy(update=changed.get(name, {})) for name, step in SCRIPT.steps.items()}}
    )


# Before anybody speaks


@pytest.mark.parametrize("outcome", [Outcome.BUSY, Outcome.NO_ANSWER, Outcome.REJECTED, Outcome.POWERED_OFF])
async def test_what_the_network_says_is_the_outcome(outcome: Outcome) -> None:
    done = await converse(None, dialled=Ended(outcome, by_far_end=True, sip_code=486, reason="Busy Here"))
    assert done.result == ConversationResult(outcome, sip_code=486, reason="Busy Here")
    assert done.notes == Notes()


async def test_the_robot_speaks_first_when_nobody_says_a_word() -> None:
    done = await converse(None)
    assert done.call.lines[0].started_s == pytest.approx(1.2)
    assert done.call.lines[0].text == "您好，张三。这里是反诈中心，本次通话会录音。"


async def test_the_robot_waits_for_the_greeting_to_end() -> None:
    async def slow(me: Person) -> None:
        await me.waits(0.6)
        await me.says("喂你好", lasts_s=2)

    done = await converse(slow)
    assert done.call.lines[0].started_s == pytest.approx(0.6 + 2 + 0.55)


async def test_sound_without_words_does_not_hold_the_robot_up_for_long() -> None:
    async def street(me: Person) -> None:
        await me.makes_noise(60)

    done = await converse(street)
    assert done.call.lines[0].started_s == pytest.approx(3)


async def test_a_voicemail_greeting_ends_the_call() -> None:
    async def mailbox(me: Person) -> None:
        await me.says("您好我现在不方便接听电话请在滴声后留言", lasts_s=5)

    done = await converse(mailbox)
    assert done.outcome is Outcome.VOICEMAIL
    assert done.call.lines == []
    assert done.result.answered
    assert done.signals == []


async def test_a_voicemail_greeting_is_recognised_while_the_opening_plays() -> None:
    async def mailbox(me: Person) -> None:
        await me.says("您好")
        await me.waits(0.3)
        await me.says("请在滴声后留言", lasts_s=3)
        await me.waits(60)

    done = await converse(mailbox)
    assert done.outcome is Outcome.VOICEMAIL
    assert len(done.call.lines) == 1


async def test_a_carriers_announcement_after_the_answer_is_its_outcome() -> None:
    async def carrier(me: Person) -> None:
        await me.says("您拨打的电话已关机", lasts_s=3)

    done = await converse(carrier)
    assert done.outcome is Outcome.POWERED_OFF
    assert done.signals == []


def test_every_announcement_has_an_outcome() -> None:
    assert set(OUTCOME_OF_ANNOUNCEMENT) == set(AnnouncementKind)


async def test_a_greeting_without_a_pause_is_a_machines() -> None:
    async def mailbox(me: Person) -> None:
        await me.says("天气真好" * 10, lasts_s=20)

    done = await converse(mailbox)
    assert done.outcome is Outcome.VOICEMAIL
    assert done.span_s < 9


# The script


async def test_someone_who_was_not_contacted_is_warned_and_acknowledges() -> None:
    async def calm(me: Person) -> None:
        await me.says("喂")
        await me.hears_out(ASKED)
        await me.says("没有")
        await me.hears_out(UNDERSTOOD)
        await me.says("听明白了")
        await me.waits(60)

    done = await converse(calm)
    assert done.outcome is Outcome.ACKNOWLEDGED
    assert done.result.steps == ("opening", "ask-contact", "warning", "ask-understood", "thanks")
    assert done.result.key_warning_heard
    assert done.notes.answers == 1
    assert [turn.text for turn in done.notes.turns if turn.speaker is Speaker.SUBJECT] == ["喂", "没有", "听明白了"]
    assert [turn.step for turn in done.notes.turns] == [
        "opening",  # 喂
        "opening",
        "ask-contact",
        "ask-contact",
        "warning",
        "ask-understood",
        "ask-understood",
        "thanks",
    ]


async def test_a_reply_is_answered_as_soon_as_the_turn_is_over() -> None:
    async def calm(me: Person) -> None:
        await me.hears_out(ASKED)
        await me.waits(1)
        await me.says("没有")

    done = await converse(calm)
    turn = next(turn for turn in done.notes.turns if turn.text == "没有")
    assert done.call.said(WARNING)[0].started_s == pytest.approx(turn.end_s + 0.55)


async def test_silence_is_asked_again_once_in_other_words_and_still_warned() -> None:
    done = await converse(None)
    assert done.outcome is Outcome.ANSWERED_INCOMPLETE
    assert done.result.key_warning_heard
    assert done.said_once("请问最近有没有自称警察的人给您打过电话？")
    assert done.said_once("有没有自称警察的人找过您？")
    again = done.call.said("找过您")[0]
    assert again.started_s == pytest.approx((done.call.said(ASKED)[0].ended_s or 0) + 4)


@pytest.mark.parametrize("speaks_after_s", [3.5, 3.9])
async def test_a_reply_that_begins_in_time_may_end_later(speaks_after_s: float) -> None:
    async def slow(me: Person) -> None:
        await me.hears_out(ASKED)
        await me.waits(speaks_after_s)
        await me.says("没有")

    done = await converse(slow)
    assert not done.call.said("找过您")
    assert done.result.steps[:3] == ("opening", "ask-contact", "warning")


async def test_a_turn_that_is_only_recognised_at_its_end_is_waited_for() -> None:
    async def late(me: Person) -> None:
        await me.hears_out(ASKED)
        await me.waits(3.5)
        started_s = me.call.clock_s
        me.call.emit(SpeechStarted(started_s))
        await me.waits(0.4)
        me.call.emit(SpeechStopped(me.call.clock_s))
        await me.waits(0.55)
        me.call.emit(Utterance("没有", started_s, started_s + 0.4))

    done = await converse(late)
    assert not done.call.said("找过您")


async def test_the_elderly_get_more_time() -> None:
    async def slow(me: Person) -> None:
        await me.hears_out(ASKED)
        await me.waits(6)
        await me.says("没有")

    done = await converse(slow, settings=ConversationSettings(reply_wait_s=8))
    assert not done.call.said("找过您")


async def test_two_unclear_replies_lead_on() -> None:
    async def vague(me: Person) -> None:
        await me.hears_out(ASKED)
        await me.says("天气真好啊")
        await me.hears_out("找过您")
        await me.says("天气真好啊")

    done = await converse(vague)
    assert done.result.steps[:4] == ("opening", "ask-contact", "ask-contact", "warning")


async def test_sound_without_words_is_an_unclear_reply() -> None:
    async def mumbles(me: Person) -> None:
        await me.hears_out(ASKED)
        await me.makes_noise(1)

    done = await converse(mumbles)
    noise_ended = (done.call.said(ASKED)[0].ended_s or 0) + 1
    assert done.call.said("找过您")[0].started_s == pytest.approx(noise_ended + 0.55)


async def test_a_speaker_without_end_is_taken_at_what_was_understood() -> None:
    async def rambles(me: Person) -> None:
        await me.hears_out(ASKED)
        await me.says("没有没有" + "天气真好" * 40, lasts_s=100)

    done = await converse(rambles)
    warning = done.call.said(WARNING)[0]
    assert warning.started_s < (done.call.said(ASKED)[0].ended_s or 0) + 20
    assert warning.complete


async def test_a_yes_in_a_turn_without_end_brings_a_human_all_the_same() -> None:
    async def rambles(me: Person) -> None:
        await me.hears_out(ASKED)
        await me.says("有")
        await me.hears_out(NOW)
        await me.says("是的" * 80, lasts_s=100)

    done = await converse(rambles, Phone(talks_s=10))
    assert done.outcome is Outcome.ESCALATED
    assert done.notes.offers[0][0] == "in_contact_now"


async def test_a_wrong_person_is_left_in_peace() -> None:
    async def stranger(me: Person) -> None:
        await me.says("喂")
        await me.hears_out(ASKED)
        await me.says("你打错了")

    done = await converse(stranger)
    assert done.outcome is Outcome.WRONG_PERSON
    assert done.said_once("打扰了")
    assert not done.call.said(WARNING)


async def test_a_denier_is_shown_the_contradiction_and_denies() -> None:
    async def denier(me: Person) -> None:
        await me.says("喂")
        await me.hears_out(ASKED)
        await me.says("我没有被骗我是按流程办事")

    done = await converse(denier)
    assert done.outcome is Outcome.DENIES
    assert "trusts_fraudster" in done.signals
    assert done.said_once("真正的办案流程")
    assert done.result.key_warning_heard


async def test_who_did_not_hear_is_asked_the_same_again_once_a_call() -> None:
    async def deaf(me: Person) -> None:
        await me.hears_out(ASKED)
        await me.says("你说什么听不清")
        await me.hears_out("再说一遍")
        await me.waits(6)
        await me.says("没有")

    done = await converse(deaf)
    assert done.result.steps[:4] == ("opening", "ask-contact", "repeat", "ask-contact")
    assert len(done.call.said(ASKED)) == 2


async def test_who_is_this_as_a_greeting_is_answered_by_the_opening() -> None:
    async def curt(me: Person) -> None:
        await me.says("喂你是谁")

    done = await converse(curt)
    assert "who_is_calling" in done.signals
    assert "who-we-are" not in done.result.steps


async def test_a_signal_is_recorded_once() -> None:
    async def deaf(me: Person) -> None:
        await me.hears_out(ASKED)
        await me.says("你说什么听不清")
        await me.hears_out("再说一遍")
        await me.waits(5)
        await me.says("你说什么听不清")

    done = await converse(deaf)
    assert done.signals.count("did_not_hear") == 1
    assert done.result.steps.count("repeat") == 1


async def test_what_a_yes_asserts_leads_where_the_question_says() -> None:
    async def contacted(me: Person) -> None:
        await me.hears_out(ASKED)
        await me.says("有")

    script = SCRIPT.model_copy(update={"hears": {**SCRIPT.hears, "contacted": "in-short"}})
    done = await converse(contacted, script=script)
    assert "contacted" in done.signals
    assert done.result.steps[:3] == ("opening", "ask-contact", "ask-now")


async def test_a_second_signal_does_not_start_the_step_over_that_it_leads_to() -> None:
    async def hostile(me: Person) -> None:
        await me.hears_out(ASKED)
        await me.says("别再打了")
        await me.hears("只说一句")
        await me.waits(0.5)
        await me.says("滚")

    done = await converse(hostile)
    assert {"opt_out", "hostile"} <= set(done.signals)
    assert done.said_once("只说一句")


async def test_a_prompt_names_nobody_who_has_no_name() -> None:
    call = ScriptedCall(None)
    await Conversation(call, SCRIPT, {}, log=Notes(), escalate=EscalationDesk([])).run()
    assert call.lines[0].text == "您好。这里是反诈中心，本次通话会录音。"


# Talking over each other


async def test_a_yes_in_the_middle_of_the_question_is_its_answer() -> None:
    async def eager(me: Person) -> None:
        await me.hears(ASKED)
        await me.waits(2)
        await me.says("没有")

    done = await converse(eager)
    asked = done.call.said(ASKED)
    assert len(asked) == 1
    assert not asked[0].complete
    assert done.result.steps[:3] == ("opening", "ask-contact", "warning")
    said = next(turn.text for turn in done.notes.turns if ASKED in turn.text)
    assert said.endswith("…")


async def test_a_word_at_the_very_start_of_a_question_does_not_answer_it() -> None:
    async def late_greeting(me: Person) -> None:
        await me.hears(ASKED)
        await me.says("嗯")
        await me.waits(60)

    done = await converse(late_greeting)
    asked = done.call.said(ASKED)
    assert asked[-1].complete
    assert done.result.steps[2] == "ask-contact"


async def test_an_interruption_that_answers_nothing_lets_the_prompt_go_on_where_it_was() -> None:
    async def interrupts(me: Person) -> None:
        await me.hears("您好，张三")
        await me.waits(1)
        await me.says("今天天气真好")

    done = await converse(interrupts)
    first, rest = done.call.said("您好，张三")
    assert not first.complete
    assert rest.complete
    assert rest.from_s == pytest.approx((first.ended_s or 0) - first.started_s)
    assert [turn.text for turn in done.notes.turns if "您好" in turn.text] == [first.text]


async def test_somebody_who_breaks_in_stops_a_prompt_at_once() -> None:
    async def interrupts(me: Person) -> None:
        await me.hears("您好，张三")
        await me.waits(1)
        await me.says("你是谁啊")

    done = await converse(interrupts)
    first = done.call.said("您好，张三")[0]
    assert (first.ended_s or 0) - first.started_s == pytest.approx(1 + BREAKS_IN_S)


@pytest.mark.parametrize("lasts_s", [0.2, 1.5, 20])
async def test_sound_that_is_nobody_who_speaks_does_not_stop_a_prompt(lasts_s: float) -> None:
    async def coughs(me: Person) -> None:
        await me.hears("您好，张三")
        await me.waits(1)
        await me.makes_noise(lasts_s)

    done = await converse(coughs)
    assert [line.complete for line in done.call.said("您好，张三")] == [True]


async def test_a_false_start_that_sounds_on_resumes_after_2_s() -> None:
    async def noisy(me: Person) -> None:
        await me.hears("您好，张三")
        await me.waits(1)
        await me.makes_noise(30, like_speech=True)

    done = await converse(noisy)
    first, rest = done.call.said("您好，张三")
    assert rest.started_s == pytest.approx((first.ended_s or 0) + 2)
    assert rest.from_s == pytest.approx(1 + BREAKS_IN_S)


@pytest.mark.parametrize("word", ["嗯", "好", "对", "嗯嗯", "哦好的"])
async def test_a_prompt_that_asks_nothing_goes_on_a_moment_after_somebody_only_showed_that_they_listen(
    word: str,
) -> None:
    async def listens(me: Person) -> None:
        await me.hears("您好，张三")
        await me.waits(1)
        await me.says(word)
        await me.waits(60)

    done = await converse(listens)
    first, rest = done.call.said("您好，张三")
    said = next(turn for turn in done.notes.turns if turn.text == word)
    assert rest.from_s == pytest.approx(1 + BREAKS_IN_S)
    assert rest.started_s == pytest.approx(said.end_s + ConversationSettings().resume_s)
    assert not first.complete
    assert rest.complete
    assert done.result.steps[1] == "ask-contact", "and nothing was answered by it"


async def test_a_word_that_is_recognised_as_another_at_first_keeps_a_prompt_no_longer() -> None:
    async def agrees(me: Person) -> None:
        await me.hears("您好，张三")
        await me.waits(1)
        started_s = me.call.clock_s
        me.call.emit(SpeechStarted(started_s))
        await me.waits(0.2)
        me.call.broken_into()
        me.call.emit(Partial("等", me.call.clock_s))
        await me.waits(0.1)
        me.call.emit(Partial("对", me.call.clock_s))
        me.call.emit(SpeechStopped(started_s + 0.3))
        await me.waits(0.55)
        me.call.emit(Utterance("对", started_s, started_s + 0.3))
        await me.waits(60)

    done = await converse(agrees)
    first, rest = done.call.said("您好，张三")
    assert rest.started_s == pytest.approx(first.started_s + 1.3 + ConversationSettings().resume_s)


async def test_a_short_answer_into_a_question_is_heard_out_and_taken() -> None:
    async def agrees(me: Person) -> None:
        await me.hears(ASKED)
        await me.waits(2.5)
        await me.says("对")
        await me.waits(60)

    done = await converse(agrees)
    assert done.result.steps[2] == "ask-now"
    assert [line.complete for line in done.call.said(ASKED)] == [False]


async def test_somebody_who_never_stops_interrupting_hears_the_prompt_all_the_same() -> None:
    async def interrupts(me: Person) -> None:
        await me.hears("您好，张三")
        while True:
            await me.waits(0.3)
            await me.says("天气真好")

    done = await converse(interrupts)
    opening = done.call.said("您好，张三")
    assert len(opening) == 4
    assert opening[-1].complete


async def test_the_key_warning_cannot_be_talked_over_but_what_is_said_is_heard() -> None:
    async def talks_over(me: Person) -> None:
        await me.hears_out(ASKED)
        await me.says("没有")
        await me.hears(WARNING)
        await me.waits(0.5)
        await me.says("你打错了")

    done = await converse(talks_over)
    assert [line.complete for line in done.call.said(WARNING)] == [True]
    assert done.result.key_warning_heard
    assert done.result.steps[-2:] == ("warning", "not-them")
    assert done.outcome is Outcome.WRONG_PERSON


# Fraud in progress


async def test_a_yes_to_talking_with_them_now_brings_a_human() -> None:
    async def in_contact(me: Person) -> None:
        await me.says("喂")
        await me.hears_out(ASKED)
        await me.says("有")
        await me.hears_out(NOW)
        await me.says("是的")
        await me.waits(300)

    done = await converse(in_contact, Phone(answers_after_s=4, talks_s=60))
    assert done.outcome is Outcome.ESCALATED
    assert done.result.escalation is not None
    assert done.result.escalation.dissuader == "d1"
    assert "in_contact_now" in done.signals
    assert done.call.said("先别挂电话")
    assert done.said_once("那就再见了")
    assert done.notes.offers[0][0] == "in_contact_now"


async def test_money_sent_rings_the_dissuader_before_the_sentence_is_over() -> None:
    phone = Phone(answers_after_s=4, talks_s=60)

    async def victim(me: Person) -> None:
        await me.says("喂")
        await me.hears("这里是反诈中心")
        await me.waits(1)
        await me.says("我已经转账了五万块钱给他们现在怎么办啊")
        await me.waits(300)

    done = await converse(victim, phone)
    assert done.outcome is Outcome.ESCALATED
    utterance = next(turn for turn in done.notes.turns if turn.text.startswith("我已经转账"))
    rang_s = phone.rang_at[0] - done.call.answered_at
    assert utterance.start_s < rang_s < utterance.end_s
    signal = next(signal for signal in done.notes.signals if signal.name == "money_sent")
    assert isinstance(signal, HeardSignal)
    assert signal.words in utterance.text
    assert signal.at_s == pytest.approx(rang_s)
    assert [whisper.split("。")[:2] for whisper in phone.whispers] == [["张三", " 冒充公检法"]]
    assert label("money_sent", "zh-CN") in phone.whispers[0]
    assert not done.call.lines[0].complete


async def test_fraud_heard_over_the_key_warning_brings_a_human_at_once() -> None:
    async def victim(me: Person) -> None:
        await me.hears_out(ASKED)
        await me.says("没有")
        await me.hears(WARNING)
        await me.waits(0.5)
        await me.says("我已经转账了")
        await me.waits(300)

    done = await converse(victim, Phone(talks_s=60))
    assert done.outcome is Outcome.ESCALATED
    assert not done.result.key_warning_heard


async def test_what_the_subject_tells_the_dissuader_is_recorded() -> None:
    async def victim(me: Person) -> None:
        await me.hears_out(ASKED)
        await me.says("我已经转账了")
        await me.waits(10)
        await me.says("那我挂了那边的电话")
        me.hangs_up()

    done = await converse(victim, Phone(talks_s=None))
    assert done.outcome is Outcome.ESCALATED
    assert done.notes.turns[-1].text == "那我挂了那边的电话"
    assert not done.call.said("那就再见了"), "nobody is there to hear it"


async def test_critical_words_in_the_greeting_wait_for_its_end() -> None:
    phone = Phone(talks_s=10)

    async def victim(me: Person) -> None:
        await me.says("我已经转账了怎么办啊", lasts_s=4)
        await me.waits(300)

    done = await converse(victim, phone)
    assert done.outcome is Outcome.ESCALATED
    assert phone.rang_at[0] - done.call.answered_at == pytest.approx(4 + 0.55)


async def test_a_bare_yes_is_not_acted_upon_before_the_turn_is_over() -> None:
    async def denies(me: Person) -> None:
        await me.hears_out(ASKED)
        await me.says("有")
        await me.hears_out(NOW)
        await me.says("对不对我没有跟他通话")

    done = await converse(denies, Phone(talks_s=10))
    assert done.notes.offers == []


async def test_a_prompt_still_being_rendered_does_not_delay_the_hold() -> None:
    async def victim(me: Person) -> None:
        await me.hears_out("您好")
        await me.says("我已经转账了", lasts_s=0.3)
        await me.waits(300)

    done = await converse(victim, Phone(answers_after_s=10, talks_s=5), render_s=0.6)
    cut, hold = done.call.said(ASKED)[0], done.call.said(HOLD)[0]
    assert (cut.ended_s or 0) - cut.started_s < 0.3
    assert hold.started_s < (cut.ended_s or 0) + 2


async def test_the_robots_time_stands_still_while_a_human_is_sought() -> None:
    async def victim(me: Person) -> None:
        await me.hears_out(ASKED)
        await me.says("我已经转账了")
        await me.waits(300)

    done = await converse(victim, Phone(answers_after_s=None), settings=ConversationSettings(robot_limit_s=20))
    assert done.said_once("一分钱都不要转")
    assert not done.call.said(WARNING)


async def test_who_leads_elsewhere_while_holding_is_not_led_there_afterwards() -> None:
    async def victim(me: Person) -> None:
        await me.hears_out(ASKED)
        await me.says("我已经转账了")
        await me.hears_out(HOLD)
        await me.says("别再打了")
        await me.waits(300)

    done = await converse(victim, Phone(answers_after_s=None))
    assert "opt_out" in done.signals
    assert done.result.steps[-2:] == ("connect", "until-called")


async def test_who_has_told_of_fraud_is_no_machine_whatever_follows() -> None:
    async def victim(me: Person) -> None:
        await me.hears_out("您好")
        await me.says("我已经转账了")
        await me.hears("一分钱都不要转")
        await me.says("您拨打的电话已关机")
        await me.waits(300)

    assert (await converse(victim)).outcome is Outcome.CALLBACK_DUE


async def test_nobody_free_is_told_warned_and_due_for_a_call_back() -> None:
    async def victim(me: Person) -> None:
        await me.hears_out(ASKED)
        await me.says("我已经转账了")
        await me.waits(300)

    done = await converse(victim)
    assert done.outcome is Outcome.CALLBACK_DUE
    assert done.said_once(NOBODY)
    assert done.said_once("一分钱都不要转")
    assert done.result.key_warning_heard
    assert [state for _, state, _ in done.notes.ended] == [EscalationState.NOBODY_FREE]


async def test_a_second_sign_after_nobody_was_free_does_not_start_over() -> None:
    async def victim(me: Person) -> None:
        await me.hears_out(ASKED)
        await me.says("我已经转账了")
        await me.hears("一分钱都不要转")
        await me.says("我已经转账了我要转人工")
        await me.waits(300)

    done = await converse(victim)
    assert len(done.notes.offers) == 1
    assert done.outcome is Outcome.CALLBACK_DUE


async def test_a_subject_who_leaves_while_it_rings_is_due_for_a_call_back() -> None:
    async def victim(me: Person) -> None:
        await me.hears_out(ASKED)
        await me.says("我已经转账了")
        await me.hears_out(HOLD)
        me.hangs_up()

    done = await converse(victim, Phone(answers_after_s=15))
    assert done.outcome is Outcome.CALLBACK_DUE
    assert [state for _, state, _ in done.notes.ended] == [EscalationState.SUBJECT_LEFT]


async def test_fraud_said_in_the_last_words_before_hanging_up_is_due_for_a_call_back() -> None:
    async def victim(me: Person) -> None:
        await me.hears_out(ASKED)
        await me.says("我已经转账了")
        me.hangs_up()

    assert (await converse(victim)).outcome is Outcome.CALLBACK_DUE


async def test_a_human_may_talk_for_longer_than_the_robot() -> None:
    async def victim(me: Person) -> None:
        await me.hears_out(ASKED)
        await me.says("我已经转账了")
        await me.waits(2000)

    done = await converse(victim, Phone(talks_s=1000), settings=ConversationSettings(robot_limit_s=60))
    assert done.outcome is Outcome.ESCALATED
    assert done.span_s > 1000


# Hanging up


def leaves_at(moment: str, *, begun: bool) -> Behaviour:
    """Answers no to everything and hangs up when a prompt begins, or when it was heard."""

    async def answers(me: Person) -> None:
        await me.hears_out(ASKED)
        await me.says("没有")
        await me.hears_out(UNDERSTOOD)
        await me.says("没有")

    async def person(me: Person) -> None:
        me.call.spawn(answers(me))
        await (me.hears(moment) if begun else me.hears_out(moment))
        await me.waits(0.1)
        me.hangs_up()

    return person


@pytest.mark.parametrize(
    ("moment", "begun", "outcome"),
    [
        ("您好", True, Outcome.ANSWERED_INCOMPLETE),
        ("您好", False, Outcome.ANSWERED_INCOMPLETE),
        (ASKED, True, Outcome.ANSWERED_INCOMPLETE),
        (ASKED, False, Outcome.ANSWERED_INCOMPLETE),
        (WARNING, True, Outcome.ANSWERED_INCOMPLETE),
        (WARNING, False, Outcome.WARNED),
        (UNDERSTOOD, False, Outcome.WARNED),
        ("再见", True, Outcome.WARNED),
        ("再见", False, Outcome.WARNED),
    ],
)
async def test_the_key_warning_decides_the_outcome_of_a_hang_up(moment: str, begun: bool, outcome: Outcome) -> None:
    done = await converse(leaves_at(moment, begun=begun))
    assert done.outcome is outcome
    assert done.result.key_warning_heard is (outcome is Outcome.WARNED)


async def test_hanging_up_in_the_first_seconds_is_incomplete() -> None:
    async def hasty(me: Person) -> None:
        await me.says("喂")
        await me.waits(1)
        me.hangs_up()

    done = await converse(hasty)
    assert done.outcome is Outcome.ANSWERED_INCOMPLETE
    assert done.result.answered


async def test_a_wrong_person_who_hangs_up_at_once_is_one_all_the_same() -> None:
    async def stranger(me: Person) -> None:
        await me.hears_out(ASKED)
        await me.says("你打错了")
        me.hangs_up()

    assert (await converse(stranger)).outcome is Outcome.WRONG_PERSON


async def test_a_denier_who_hangs_up_before_the_warning_denies() -> None:
    async def denier(me: Person) -> None:
        await me.hears_out(ASKED)
        await me.says("我没有被骗我是按流程办事")
        me.hangs_up()

    assert (await converse(denier)).outcome is Outcome.DENIES


async def test_who_leaves_where_only_a_denial_can_follow_denies() -> None:
    async def leaves(me: Person) -> None:
        await me.hears_out(ASKED)
        await me.says("没有")
        await me.hears_out("警察绝不会")
        me.hangs_up()

    done = await converse(leaves, script=with_steps(ask_contact={"no": "denied"}))
    assert done.outcome is Outcome.DENIES


async def test_a_script_that_ends_as_warned_without_a_warning_is_incomplete() -> None:
    done = await converse(None, script=SCRIPT.model_copy(update={"start": "goodbye"}))
    assert done.outcome is Outcome.ANSWERED_INCOMPLETE


async def test_understood_and_gone_before_the_farewell_is_acknowledged() -> None:
    async def quick(me: Person) -> None:
        await me.hears_out(WARNING)
        await me.hears_out(UNDERSTOOD)
        await me.says("听明白了")
        me.hangs_up()

    assert (await converse(quick)).outcome is Outcome.ACKNOWLEDGED


async def test_a_line_process_that_dies_in_mid_call_is_its_outcome() -> None:
    async def dies(me: Person) -> None:
        await me.hears(ASKED)
        me.call.end(Ended(Outcome.LINE_FAILURE, by_far_end=False, reason="the line process died"))

    done = await converse(dies)
    assert done.outcome is Outcome.LINE_FAILURE
    assert done.result.reason == "the line process died"


# Bounds and failures


async def test_the_robots_time_is_limited_and_the_key_warning_said_before_it_ends() -> None:
    done = await converse(None, settings=ConversationSettings(robot_limit_s=10))
    assert done.outcome is Outcome.ANSWERED_INCOMPLETE
    assert done.result.key_warning_heard
    assert done.said_once(WARNING)
    assert done.said_once("那就再见了")
    assert "10 s" in done.result.reason


async def test_the_key_warning_is_said_to_its_end_when_the_robots_time_is_over() -> None:
    async def calm(me: Person) -> None:
        await me.hears_out(ASKED)
        await me.says("没有")

    whole = await converse(calm)
    midst_s = whole.call.said(WARNING)[0].started_s + 2
    done = await converse(calm, settings=ConversationSettings(robot_limit_s=midst_s))
    assert [line.complete for line in done.call.said(WARNING)] == [True]
    assert not done.call.said(UNDERSTOOD)
    assert done.outcome is Outcome.WARNED


async def test_a_log_that_fails_does_not_end_the_call() -> None:
    class Locked(Notes):
        async def turn(self, turn: object) -> None:
            raise OSError("database is locked")

    notes = Locked()
    done = await converse(leaves_at("再见", begun=False), notes=notes)
    assert done.outcome is Outcome.WARNED
    assert notes.answers == 1


async def test_a_slow_log_does_not_delay_the_reply() -> None:
    class Slow(Notes):
        async def turn(self, turn: object) -> None:
            await asyncio.sleep(5)
            await Notes.turn(self, turn)  # type: ignore[arg-type]

    async def calm(me: Person) -> None:
        await me.hears_out(ASKED)
        await me.says("没有")

    done = await converse(calm, notes=Slow())
    turn = next(turn for turn in done.notes.turns if turn.text == "没有")
    assert done.call.said(WARNING)[0].started_s == pytest.approx(turn.end_s + 0.55)
    assert len(done.notes.turns) == len(done.call.lines) + 1


async def test_a_prompt_that_cannot_be_said_is_raised_after_hanging_up() -> None:
    class Mute(ScriptedCall):
        async def say(self, text: str, *, from_s: float = 0.0):  # type: ignore[no-untyped-def]
            raise RuntimeError("no voice")

    call = Mute(None)
    with pytest.raises(RuntimeError, match="no voice"):
        await Conversation(call, SCRIPT, DETAILS, log=Notes(), escalate=EscalationDesk([])).run()
    assert call.hung_up_at is not None


async def test_a_conversation_that_is_cancelled_hangs_up() -> None:
    call = ScriptedCall(None)
    notes = Notes()
    work = asyncio.create_task(Conversation(call, SCRIPT, DETAILS, log=notes, escalate=EscalationDesk([])).run())
    await asyncio.sleep(6)
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert call.hung_up_at is not None
    assert notes.turns


async def test_a_call_ended_from_the_floor_is_over_at_once() -> None:
    async def officer(me: Person) -> None:
        await me.hears(ASKED)
        await me.call.hang_up()

    done = await converse(officer)
    assert done.outcome is Outcome.ANSWERED_INCOMPLETE
    assert done.call.lines[-1].text.startswith("请问最近")


async def test_words_of_despair_bring_a_human() -> None:
    phone = Phone(talks_s=10)

    async def victim(me: Person) -> None:
        await me.says("喂")
        await me.hears("这里是反诈中心")
        await me.waits(1)
        await me.says("我都不想活了")
        await me.waits(300)

    done = await converse(victim, phone)
    assert done.outcome is Outcome.ESCALATED
    assert done.notes.offers[0][0] == "distress"
