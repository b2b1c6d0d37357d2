"""A live call on its way to a human, on virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

import pytest

from campaigns.model import EscalationState, Outcome
from dialer.dissuaders import Dissuader, Dissuaders, Readiness
from dialer.escalation import EscalationDesk, EscalationResult, EscalationSettings, Mode, Offer
from dialer.exchange import Exchange
from dialer.journal import Journal
from tests.dialer.people import SYLLABLE_S, Behaviour, Notes, Person, Phone, ScriptedCall

pytestmark = pytest.mark.virtual

HOLD = "请不要挂断，正在为您接通民警。"
STILL = "民警马上就来。"
WHISPER = "张三。已经转账。"


@dataclass
class Floor:
    """One desk and its phones."""

    desk: EscalationDesk
    phones: Mapping[str, Phone]

    async def hand_over(
        self, person: Behaviour | None = None, *, urgency: int = 0, transfers: Mapping[str, bool] | None = None
    ) -> HandedOver:
        call = ScriptedCall(person, phones=self.phones, transfers=transfers, ring_s=0)
        await call.dial()
        notes = Notes()
        journal = Journal(notes)
        exchange = Exchange(call, journal, lambda event: None)
        exchange.start()
        await exchange.begin("真正的警察不会让您转账，请您仔细听我说完。", step="warning")
        await asyncio.sleep(1)
        began = asyncio.get_running_loop().time()
        offer = Offer("money_sent", "我转了", WHISPER, (HOLD,), STILL, urgency=urgency)
        result = await self.desk.hand_over(exchange, offer)
        span_s = asyncio.get_running_loop().time() - began
        await call.hang_up()
        await exchange.close()
        await journal.close()
        return HandedOver(result, call, notes, began, span_s)


@dataclass
class HandedOver:
    """What became of a call."""

    result: EscalationResult
    call: ScriptedCall
    notes: Notes
    began: float
    span_s: float

    @property
    def states(self) -> list[EscalationState]:
        return [state for _, state, _ in self.notes.ended]


def a_floor(*phones: Phone, **settings: object) -> Floor:
    by_uri = {f"sip:{number}@desk": phone for number, phone in enumerate(phones, start=1)}
    staff = [Dissuader(f"d{number}", uri) for number, uri in enumerate(by_uri, start=1)]
    return Floor(EscalationDesk(staff, EscalationSettings(**settings)), by_uri)  # type: ignore[arg-type]


async def test_a_ready_dissuader_is_rung_at_once_whispered_to_and_joined() -> None:
    phone = Phone(answers_after_s=5, talks_s=60)
    done = await a_floor(phone).hand_over()
    assert done.result.state is EscalationState.JOINED
    assert done.result.dissuader == "d1"
    assert phone.rang_at == [done.began]
    assert done.result.first_ring_s == 0
    assert phone.whispers == [WHISPER]
    assert done.result.joined_s == pytest.approx(5 + len(WHISPER) * SYLLABLE_S)
    assert done.notes.offers == [("money_sent", "我转了")]
    assert done.notes.rang == [(1, "d1")]
    assert done.notes.ended == [(1, EscalationState.JOINED, "d1")]


async def test_the_present_prompt_is_stopped_and_the_subject_asked_to_hold_while_it_rings() -> None:
    done = await a_floor(Phone(answers_after_s=15, talks_s=1)).hand_over()
    cut, hold, *_ = done.call.lines
    assert not cut.complete
    assert hold.text == HOLD
    assert hold.started_s == pytest.approx(done.began)
    assert [turn.text for turn in done.notes.turns][:2] == [f"{cut.text}…", HOLD]


async def test_the_robot_lets_the_subject_finish_the_sentence_before_asking_to_hold() -> None:
    async def talks_on(me: Person) -> None:
        await me.says("我刚刚转了五万块", lasts_s=2)

    done = await a_floor(Phone(answers_after_s=15, talks_s=1)).hand_over(talks_on)
    assert done.call.said(HOLD)[0].started_s == pytest.approx(2)
    assert done.result.first_ring_s == 0


async def test_the_subject_is_reassured_while_it_takes_long() -> None:
    done = await a_floor(Phone(answers_after_s=19, talks_s=1)).hand_over()
    hold, first, *_ = done.call.lines[1:]
    assert first.text == STILL
    assert first.started_s == pytest.approx((hold.ended_s or 0) + 8)


async def test_who_declines_is_followed_by_the_next_and_not_rung_again_for_this_call() -> None:
    decliner, other = Phone(refuses=Outcome.REJECTED, refuses_after_s=3), Phone(talks_s=10)
    done = await a_floor(decliner, other).hand_over()
    assert done.result.dissuader == "d2"
    assert done.result.tried == ("d1", "d2")
    assert done.notes.rang == [(1, "d1"), (1, "d2")]


async def test_when_all_decline_the_subject_does_not_wait_for_nothing() -> None:
    decliner = Phone(refuses=Outcome.REJECTED, refuses_after_s=1)
    done = await a_floor(decliner).hand_over()
    assert done.result.state is EscalationState.NOBODY_FREE
    assert done.call.rung == ["sip:1@desk"]
    assert done.span_s < 5


async def test_a_busy_phone_is_passed_over_at_once() -> None:
    done = await a_floor(Phone(refuses=Outcome.BUSY), Phone(answers_after_s=1, talks_s=10)).hand_over()
    assert done.result.dissuader == "d2"
    assert done.result.joined_s == pytest.approx(1 + len(WHISPER) * SYLLABLE_S)


async def test_no_answer_within_20_s_goes_to_the_next_and_sets_the_silent_one_aside() -> None:
    floor = a_floor(Phone(answers_after_s=None), Phone(answers_after_s=1, talks_s=10), set_aside_s=600)
    done = await floor.hand_over()
    assert done.result.dissuader == "d2"
    assert floor.phones["sip:2@desk"].rang_at[0] - done.began == pytest.approx(20)
    assert floor.desk.dissuaders.readiness()["d1"] is Readiness.RESTING
    later = await floor.hand_over()
    assert later.result.tried == ("d2",)


async def test_the_first_of_two_on_a_call_lets_the_next_wait_for_the_wrap_up() -> None:
    floor = a_floor(Phone(answers_after_s=1, talks_s=10), wrap_up_s=5)
    first, second = await asyncio.gather(floor.hand_over(), floor.hand_over())
    assert first.result.state is second.result.state is EscalationState.JOINED
    waited = floor.phones["sip:1@desk"].rang_at[1] - second.began
    assert waited == pytest.approx(1 + len(WHISPER) * SYLLABLE_S + 10 + 5)


async def test_two_calls_never_ring_one_dissuader_together_and_the_more_urgent_goes_first() -> None:
    floor = a_floor(Phone(answers_after_s=1, talks_s=3), wrap_up_s=1)
    done = await asyncio.gather(*(floor.hand_over(urgency=urgency) for urgency in (5, 1, 9, 9)))
    assert all(one.result.state is EscalationState.JOINED for one in done)
    first, least, urgent, urgent_later = (one.call.bridged_at or 0 for one in done)
    assert first < urgent < urgent_later < least


async def test_with_nobody_ready_in_time_nobody_is_free() -> None:
    floor = a_floor(Phone(talks_s=300))
    busy = asyncio.create_task(floor.hand_over())
    await asyncio.sleep(10)
    done = await floor.hand_over()
    assert done.result == EscalationResult(EscalationState.NOBODY_FREE)
    assert 30 <= done.span_s <= 30 + len(STILL) * SYLLABLE_S
    assert done.states == [EscalationState.NOBODY_FREE]
    assert all(line.complete for line in done.call.lines[1:]), "no sentence is cut off"
    await busy


async def test_without_dissuaders_nobody_is_free_at_once_and_no_hope_is_raised() -> None:
    done = await a_floor().hand_over()
    assert done.result.state is EscalationState.NOBODY_FREE
    assert done.span_s < 0.1
    assert not done.call.said(HOLD)


async def test_who_is_away_is_not_rung_until_back() -> None:
    floor = a_floor(Phone(answers_after_s=1, talks_s=3))
    floor.desk.dissuaders.set_away("d1", True)
    assert (await floor.hand_over()).result.state is EscalationState.NOBODY_FREE
    floor.desk.dissuaders.set_away("d1", False)
    assert (await floor.hand_over()).result.state is EscalationState.JOINED


async def test_who_leaves_during_a_call_is_away_after_it() -> None:
    floor = a_floor(Phone(answers_after_s=1, talks_s=30))
    call = asyncio.create_task(floor.hand_over())
    await asyncio.sleep(10)
    assert floor.desk.dissuaders.readiness() == {"d1": Readiness.TALKING}
    floor.desk.dissuaders.set_away("d1", True)
    assert (await call).result.state is EscalationState.JOINED
    assert floor.desk.dissuaders.readiness() == {"d1": Readiness.AWAY}


async def test_when_the_subject_hangs_up_the_ringing_stops_and_the_dissuader_is_ready_again() -> None:
    async def leaves(me: Person) -> None:
        await me.waits(6)
        me.hangs_up()

    floor = a_floor(Phone(answers_after_s=15))
    done = await floor.hand_over(leaves)
    assert done.result.state is EscalationState.SUBJECT_LEFT
    assert done.states == [EscalationState.SUBJECT_LEFT]
    assert done.span_s == pytest.approx(5)
    assert floor.phones["sip:1@desk"].cancelled == 1
    assert floor.desk.dissuaders.readiness() == {"d1": Readiness.READY}


async def test_a_subject_who_leaves_while_waiting_leaves_the_queue() -> None:
    async def leaves(me: Person) -> None:
        await me.waits(3)
        me.hangs_up()

    floor = a_floor(Phone(talks_s=8), wrap_up_s=1)
    done = await asyncio.gather(floor.hand_over(), floor.hand_over(leaves), floor.hand_over())
    assert [one.result.state for one in done] == [
        EscalationState.JOINED,
        EscalationState.SUBJECT_LEFT,
        EscalationState.JOINED,
    ]
    assert floor.desk.dissuaders.waiting == 0


async def test_the_subject_leaving_during_the_whisper_releases_the_dissuader() -> None:
    async def leaves(me: Person) -> None:
        await me.waits(1 + 2 + 0.5)
        me.hangs_up()

    floor = a_floor(Phone(answers_after_s=2))
    done = await floor.hand_over(leaves)
    assert done.result.state is EscalationState.SUBJECT_LEFT
    assert not floor.phones["sip:1@desk"].in_use
    assert floor.desk.dissuaders.readiness() == {"d1": Readiness.READY}


async def test_a_dissuader_who_hangs_up_during_the_whisper_is_followed_by_the_next() -> None:
    done = await a_floor(Phone(leaves_whisper_after_s=0.5), Phone(talks_s=10)).hand_over()
    assert done.result.dissuader == "d2"
    assert len(done.call.bridged) == 1


async def test_a_long_whisper_is_cut_after_6_s() -> None:
    floor = a_floor(Phone(answers_after_s=1, talks_s=5), whisper_s=1.0)
    assert (await floor.hand_over()).result.joined_s == pytest.approx(2)


async def test_when_the_subject_hangs_up_first_the_dissuaders_leg_ends_and_wraps_up() -> None:
    async def leaves(me: Person) -> None:
        await me.waits(40)
        me.hangs_up()

    floor = a_floor(Phone(talks_s=None), wrap_up_s=20)
    done = await floor.hand_over(leaves)
    assert done.result.state is EscalationState.JOINED
    assert done.call.bridged[0].ended
    assert floor.desk.dissuaders.readiness() == {"d1": Readiness.RESTING}
    await asyncio.sleep(20)
    assert floor.desk.dissuaders.readiness() == {"d1": Readiness.READY}


async def test_when_our_line_to_a_dissuader_dies_the_call_is_offered_to_the_next() -> None:
    cut_off, following = Phone(talks_s=20, line_dies=True), Phone(talks_s=30)
    done = await a_floor(cut_off, following).hand_over()
    assert done.states == [EscalationState.JOINED, EscalationState.JOINED]
    assert done.result.dissuader == "d2"
    assert len(cut_off.rang_at) == len(following.rang_at) == 1
    assert len(done.call.said(HOLD)) == 2


async def test_a_joined_call_whose_end_was_lost_is_ended_after_its_longest_time() -> None:
    done = await a_floor(Phone(talks_s=None), talk_limit_s=600).hand_over()
    assert done.result.state is EscalationState.JOINED
    assert done.span_s == pytest.approx(600, abs=10)


async def test_waiting_for_somebody_is_limited_in_all_and_not_for_each_try() -> None:
    done = await a_floor(Phone(refuses=Outcome.BUSY)).hand_over()
    assert done.result.state is EscalationState.NOBODY_FREE
    assert len(done.call.rung) <= 3
    assert 30 <= done.span_s < 40


async def test_no_further_phone_is_rung_when_the_subject_has_held_long_enough() -> None:
    floor = a_floor(*(Phone(answers_after_s=None) for _ in range(9)), hold_limit_s=50)
    done = await floor.hand_over()
    assert done.result.state is EscalationState.NOBODY_FREE
    assert done.result.tried == ("d1", "d2", "d3")


async def test_a_blind_transfer_goes_to_the_first_who_accepts() -> None:
    floor = a_floor(Phone(), Phone(), mode=Mode.TRANSFER)
    done = await floor.hand_over(transfers={"sip:2@desk": True})
    assert done.result.state is EscalationState.TRANSFERRED
    assert done.result.dissuader == "d2"
    assert done.notes.ended == [(1, EscalationState.TRANSFERRED, "d2")]
    assert done.call.hung_up_at is not None


async def test_a_transfer_that_nobody_accepts_leaves_the_subject_with_the_robot() -> None:
    floor = a_floor(Phone(), mode=Mode.TRANSFER)
    done = await floor.hand_over(transfers={})
    assert done.result.state is EscalationState.NOBODY_FREE
    assert done.result.tried == ("d1",)


async def test_an_escalation_that_is_cancelled_gives_the_dissuader_back() -> None:
    floor = a_floor(Phone(answers_after_s=15))
    work = asyncio.create_task(floor.hand_over())
    await asyncio.sleep(5)
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert floor.desk.dissuaders.readiness() == {"d1": Readiness.READY}
    assert floor.phones["sip:1@desk"].cancelled == 1


async def test_a_call_cancelled_in_the_moment_it_got_somebody_gives_the_dissuader_back() -> None:
    staff = [Dissuader("d1", "sip:1@desk")]
    dissuaders = Dissuaders(staff)
    assert await dissuaders.take(urgency=0, unsuitable=frozenset(), wait_s=1) == staff[0]
    waiting = asyncio.create_task(dissuaders.take(urgency=0, unsuitable=frozenset(), wait_s=30))
    await asyncio.sleep(1)
    dissuaders.rest(staff[0], 0)
    assert dissuaders.readiness() == {"d1": Readiness.RINGING}
    waiting.cancel()
    await asyncio.wait({waiting})
    assert dissuaders.readiness() == {"d1": Readiness.READY}


async def test_the_dissuader_idle_for_longest_is_rung_first() -> None:
    floor = a_floor(Phone(answers_after_s=1, talks_s=3), Phone(answers_after_s=1, talks_s=3), wrap_up_s=1)
    order = [(await floor.hand_over()).result.dissuader]
    for _ in range(3):
        await asyncio.sleep(10)
        order.append((await floor.hand_over()).result.dissuader)
    assert order == ["d1", "d2", "d1", "d2"]


async def test_two_dissuaders_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="same name"):
        Dissuaders([Dissuader("a", "sip:1@desk"), Dissuader("a", "sip:2@desk")])
