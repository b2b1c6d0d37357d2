"""Whatever people do, and in whatever order: a conversation ends in time, with one outcome, and hangs up."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from campaigns.model import EscalationState, Outcome, Speaker
from dialer.conversation import Conversation, ConversationSettings
from dialer.dissuaders import Dissuader, Readiness
from dialer.escalation import EscalationDesk, EscalationSettings
from dialer.seam import Digit
from tests.dialer.people import SYLLABLE_S, Notes, Person, Phone, ScriptedCall
from tests.dialer.test_conversation import DETAILS, SCRIPT
from tests.virtual_time import run_virtual

pytestmark = [
    pytest.mark.virtual,
    # The loop's clock counts microseconds; hypothesis likes spans that are shorter.
    pytest.mark.filterwarnings("ignore:delta is less than resolution"),
]

SENTENCES = (
    "喂",
    "有",
    "没有",
    "是的",
    "听明白了",
    "天气真好",
    "你打错了",
    "你是谁",
    "你说什么听不清",
    "我没有被骗我是按流程办事",
    "别再打了",
    "滚",
    "我已经转账了",
    "我要转人工",
    "您拨打的电话已关机",
    "{name}",
    "嗯",
)
LIMIT = ConversationSettings(robot_limit_s=60)
DESK = EscalationSettings(talk_limit_s=120)
LONGEST_PROMPT_S = max(len(step.say) + len(step.again or "") for step in SCRIPT.steps.values()) * SYLLABLE_S
LAST_WORDS_S = 3 * LONGEST_PROMPT_S
HAND_OVER_S = DESK.hold_limit_s + DESK.ring_timeout_s + DESK.wait_s + DESK.talk_limit_s + DESK.whisper_s + LAST_WORDS_S

span = st.floats(0, 12)
action = st.one_of(
    st.tuples(st.just("says"), st.sampled_from(SENTENCES), st.floats(0.05, 6)),
    st.tuples(st.just("noise"), st.just(""), st.floats(0.01, 20)),
    st.tuples(st.just("waits"), st.just(""), span),
    st.tuples(st.just("presses"), st.sampled_from("0123456789*#"), st.just(0.0)),
    st.tuples(st.just("hangs up"), st.just(""), st.just(0.0)),
)
phone = st.builds(
    Phone,
    answers_after_s=st.one_of(st.none(), st.floats(0, 25)),
    refuses=st.sampled_from([None, None, Outcome.BUSY, Outcome.REJECTED, Outcome.NO_ANSWER]),
    refuses_after_s=st.floats(0, 10),
    leaves_whisper_after_s=st.one_of(st.none(), st.floats(0, 3)),
    talks_s=st.one_of(st.none(), st.floats(0, 30)),
)


@given(actions=st.lists(action, max_size=25), over_and_over=st.booleans(), phones=st.lists(phone, max_size=3))
@example([("says", "我已经转账了", 1.0), ("hangs up", "", 0.0)], False, [Phone()])
@example([("says", "我已经转账了", 1.0)], False, [Phone(refuses=Outcome.BUSY)])
@example([("waits", "", 1.2), ("hangs up", "", 0.0)], False, [])
@example([("says", "天气真好", 0.5)], True, [])
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_sequence_of_events_makes_a_conversation_hang_raise_or_exceed_its_limit(
    actions: list[tuple[str, str, float]], over_and_over: bool, phones: list[Phone]
) -> None:
    async def anybody(me: Person) -> None:
        await once(me)
        while over_and_over:
            await me.waits(0.1)
            await once(me)

    async def once(me: Person) -> None:
        for name, text, span_s in actions:
            match name:
                case "says":
                    await me.says(text, lasts_s=span_s)
                case "noise":
                    await me.makes_noise(span_s, like_speech=span_s > 0.5)
                case "waits":
                    await me.waits(span_s)
                case "presses":
                    me.call.emit(Digit(text, me.call.clock_s))
                case _:
                    me.hangs_up()

    async def converse() -> None:
        by_uri = {f"sip:{number}@desk": phone for number, phone in enumerate(phones, start=1)}
        desk = EscalationDesk([Dissuader(uri, uri) for uri in by_uri], DESK)
        call, notes = ScriptedCall(anybody, phones=by_uri, ring_s=0), Notes()
        result = await Conversation(call, SCRIPT, DETAILS, log=notes, escalate=desk, settings=LIMIT).run()

        limit_s = LIMIT.robot_limit_s + LAST_WORDS_S + (HAND_OVER_S if result.escalation else 0)
        assert call.faults == []
        assert call.hung_up_at is not None
        assert call.hung_up_at <= limit_s
        assert len(notes.signals) == len({signal.name for signal in notes.signals})
        assert len(notes.offers) == len(notes.ended) == (result.escalation is not None)
        handed_over = result.escalation is not None and result.escalation.state is EscalationState.JOINED
        assert (result.outcome is Outcome.ESCALATED) == handed_over == bool(call.bridged)
        if result.outcome in (Outcome.WARNED, Outcome.ACKNOWLEDGED):
            assert result.key_warning_heard
        said = [turn.text for turn in notes.turns if turn.speaker is Speaker.ROBOT]
        assert len(said) <= len(call.lines)
        assert all(leg.ended for leg in call.bridged)
        assert not set(desk.dissuaders.readiness().values()) & {Readiness.RINGING, Readiness.TALKING}
        assert desk.dissuaders.waiting == 0
        left = asyncio.all_tasks() - {asyncio.current_task()}
        await asyncio.sleep(0)
        assert not [task for task in left if task.get_name() in {"prompt", "listen", "journal", "prepare", "company"}]

    run_virtual(converse())
