"""What people at the desk see of live calls and do to them: real floor, robot and store, on virtual time."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path

import pytest

from campaigns.model import Act, CampaignState, EscalationState, Outcome, Speaker
from campaigns.staff import Station
from dialer.lines.errors import LineError
from dialer.live import LiveError, Part, Phase
from dialer.seam import Leg
from tests.dialer.centre import RELATIVE, SUBJECT, centre, listener, names, now, on_call, until
from tests.dialer.people import Person, Phone, ScriptedPage

pytestmark = pytest.mark.virtual

HOLD, STILL, NOBODY, FAREWELL = "正在为您接通", "马上", "民警几分钟内给您回电话", "再见"


async def test_an_offer_tells_the_whole_case_and_rings_20_s(tmp_path: Path) -> None:
    async with centre(tmp_path, users=["chen"]) as here:
        await here.offered("chen")
        [offer] = here.seen.offers
        assert not offer.phone
        assert offer.until_at - offer.at == 20
        assert here.seen.offered_at == pytest.approx(offer.at)
        await asyncio.sleep(3)  # the sentence goes on
        seen = here.seen
        assert (seen.phase, seen.reason, seen.words) == (Phase.OFFERED, "money_sent", "转了")
        assert seen.lead.number == SUBJECT
        assert seen.campaign == "test"
        assert "money_sent" in [signal.name for signal in seen.signals]
        assert [mention.value for mention in seen.mentions] == ["50000"]
        assert "我已经转了五万块" in [said.text for said in seen.transcript if said.speaker is Speaker.SUBJECT]


async def test_words_are_seen_while_they_are_spoken_and_once_in_the_end(tmp_path: Path) -> None:
    seen: set[tuple[str, bool]] = set()
    async with centre(tmp_path, people={SUBJECT: listener}) as here:
        async with asyncio.timeout(20), here.live.changes() as changes:
            async for change in changes:
                call = here.live.call(change.attempt_id) if change.attempt_id else None
                said = call.transcript if call else ()
                seen |= {(each.text, each.final) for each in said if each.speaker is Speaker.SUBJECT}
                if ("你说什么", True) in seen:
                    break
        assert {("喂", True), ("你说", False), ("你说什么", True)} <= seen
        texts = [each.text for each in here.seen.transcript if each.speaker is Speaker.SUBJECT]
        assert texts == ["喂", "你说什么"]
        starts = [each.start_s for each in here.seen.transcript]
        assert starts == sorted(starts)
        assert "反诈中心" in "".join(each.text for each in here.seen.transcript if each.speaker is Speaker.ROBOT)


async def test_a_page_that_accepts_is_joined_when_its_sound_is_there(tmp_path: Path) -> None:
    async with centre(tmp_path, users=["chen"]) as here:
        attempt_id = await here.offered("chen")
        await here.live.accept(attempt_id, "chen")
        await until(lambda: here.scripted.said(HOLD))
        assert not here.scripted.connected
        async with here.live.audio(attempt_id, "chen"):
            await here.phase(Phase.JOINED)
            assert len(here.scripted.speaking_legs) == 1
            assert on_call(here.seen) == ["chen"]
            assert not here.seen.offers
            assert here.scripted.bridged[0].phone.whispers == []
        await here.live.leave(attempt_id, "chen")
        attempt = await here.over()
        assert attempt.result is not None
        assert attempt.result.outcome is Outcome.ESCALATED
        [escalation] = attempt.escalations
        assert (escalation.state, escalation.dissuader) == (EscalationState.JOINED, "chen")
        assert escalation.tried == ("chen",)


async def test_only_whom_it_is_offered_to_can_accept_and_only_once(tmp_path: Path) -> None:
    async with centre(tmp_path, users=["chen", "li"]) as here:
        attempt_id = await here.offered("chen")
        with pytest.raises(LiveError):
            await here.live.accept(attempt_id, "li")
        both = await asyncio.gather(
            here.live.accept(attempt_id, "chen"), here.live.accept(attempt_id, "chen"), return_exceptions=True
        )
        assert [type(each) for each in both] == [type(None), LiveError]
        with pytest.raises(LiveError):
            await here.live.decline(attempt_id, "chen")


async def test_who_declines_is_followed_by_the_next_at_once_and_not_asked_again(tmp_path: Path) -> None:
    async with centre(tmp_path, users=["chen", "li"]) as here:
        attempt_id = await here.offered("chen")
        began = here.seen.offers[0].at
        await here.live.decline(attempt_id, "chen")
        await here.offered("li")
        assert here.seen.offers[0].at - began < 0.1
        assert here.seen.tried == ("chen",)
        with pytest.raises(LiveError):
            await here.live.accept(attempt_id, "chen")
        await here.live.decline(attempt_id, "li")
        attempt = await here.over()
        assert attempt.escalations[0].state is EscalationState.NOBODY_FREE
        assert attempt.escalations[0].tried == ("chen", "li")


async def test_who_lets_it_ring_is_set_aside_and_the_next_asked_after_20_s(tmp_path: Path) -> None:
    async with centre(tmp_path, users=["chen", "li"]) as here:
        await here.offered("chen")
        began = here.seen.offers[0].at
        await here.offered("li")
        assert here.seen.offers[0].at - began == pytest.approx(20)
        readiness = {post.name: post.readiness for post in here.live.state().posts}
        assert readiness == {"chen": "resting", "li": "ringing"}


async def test_who_accepts_but_never_comes_with_sound_is_followed_by_the_next(tmp_path: Path) -> None:
    async with centre(tmp_path, users=["chen", "li"]) as here:
        await here.live.accept(await here.offered("chen"), "chen")
        async with here.speaking("li"):
            assert on_call(here.seen) == ["li"]


async def test_a_page_that_drops_and_comes_back_stays(tmp_path: Path) -> None:
    async with centre(tmp_path, users=["chen", "li"]) as here:
        async with here.speaking("chen") as attempt_id:
            pass
        await asyncio.sleep(10)
        async with here.live.audio(attempt_id, "chen"):
            await asyncio.sleep(30)
            assert here.seen.phase is Phase.JOINED
            assert on_call(here.seen) == ["chen"]


async def test_while_a_dropped_page_is_away_the_robot_keeps_the_subject_company(tmp_path: Path) -> None:
    async with centre(tmp_path, users=["chen"], still_holding_every_s=4) as here:
        async with here.speaking("chen") as attempt_id:
            await asyncio.sleep(30)
            said = len(here.scripted.lines)
        began_s = here.scripted.clock_s
        await until(lambda: len(here.scripted.lines) > said)
        [line] = here.scripted.lines[said:]
        assert STILL in line.text
        assert 2 <= line.started_s - began_s < 3
        async with here.live.audio(attempt_id, "chen"):
            await asyncio.sleep(0.3)
            assert line.ended_s is not None
            assert not line.complete
            await asyncio.sleep(20)
        assert len(here.scripted.lines) == said + 1
        await until(lambda: len(here.scripted.lines) == said + 3)


async def test_who_comes_for_a_page_that_is_away_is_alone_with_the_subject(tmp_path: Path) -> None:
    async with centre(tmp_path, users=["chen"]) as here:
        async with here.speaking("chen") as attempt_id:
            await asyncio.sleep(30)
            said = len(here.scripted.lines)
        await until(lambda: len(here.scripted.lines) > said)
        await here.live.take_over(attempt_id, "officer")
        async with here.live.audio(attempt_id, "officer"):
            await until(lambda: on_call(here.seen) == ["officer"])
            await asyncio.sleep(20)
            assert len(here.scripted.lines) == said + 1
            assert not here.scripted.lines[-1].complete


async def test_a_page_that_is_away_beside_another_who_speaks_brings_no_robot(tmp_path: Path) -> None:
    async with centre(tmp_path, users=["chen", "li"]) as here, here.speaking("chen") as attempt_id:
        await here.live.bring_in(attempt_id, "chen", dissuader="li")
        async with here.speaking("li"):
            await until(lambda: len(here.scripted.speaking_legs) == 2)
            said = len(here.scripted.lines)
        await until(lambda: on_call(here.seen) == ["chen"])
        assert len(here.scripted.lines) == said


async def test_a_page_that_does_not_come_back_leaves_the_subject_to_the_next(tmp_path: Path) -> None:
    async with centre(tmp_path, users=["chen", "li"]) as here:
        async with here.speaking("chen"):
            pass
        async with here.speaking("li") as attempt_id:
            assert on_call(here.seen) == ["li"]
            assert here.scripted.said(HOLD)
            await here.live.leave(attempt_id, "li")
        attempt = await here.over()
        assert [each.dissuader for each in attempt.escalations] == ["chen", "li"]
        assert attempt.result is not None
        assert attempt.result.outcome is Outcome.ESCALATED


async def test_when_nobody_comes_after_a_dropped_page_the_subject_is_called_back(tmp_path: Path) -> None:
    async with centre(tmp_path, users=["chen"]) as here:
        async with here.speaking("chen"):
            here.live._dissuaders.set_away("chen", True)
        attempt = await here.over()
        assert here.scripted.said(NOBODY)
        assert attempt.result is not None
        assert attempt.result.outcome is Outcome.CALLBACK_DUE


async def test_a_dropped_page_beside_another_who_speaks_just_leaves(tmp_path: Path) -> None:
    async with centre(tmp_path, users=["chen", "li"]) as here, here.speaking("chen") as attempt_id:
        await here.live.bring_in(attempt_id, "chen", dissuader="li")
        async with here.speaking("li"):
            await until(lambda: len(here.scripted.speaking_legs) == 2)
        await until(lambda: on_call(here.seen) == ["chen"])
        assert here.seen.phase is Phase.JOINED


async def test_a_held_subject_has_company_and_is_still_heard(tmp_path: Path) -> None:
    async def speaks_on_hold(me: Person) -> None:
        await me.says("喂")
        await me.hears("")
        await me.says("我已经转了五万块")
        await me.hears(STILL)
        await me.waits(5)
        await me.says("我把验证码给他了")
        await me.waits(100)

    async with (
        centre(tmp_path, people={SUBJECT: speaks_on_hold}, users=["chen"]) as here,
        here.speaking("chen") as attempt_id,
    ):
        await here.live.hold(attempt_id, "chen", on=True)
        assert here.seen.held
        assert here.scripted.held
        await until(lambda: len(here.scripted.said(STILL)) >= 2)
        await until(lambda: any("验证码" in said.text and said.final for said in here.seen.transcript))
        assert len(here.seen.signals) > 1
        await here.live.hold(attempt_id, "chen", on=False)
        assert not here.scripted.held
        company = len(here.scripted.lines)
        await asyncio.sleep(30)
        assert len(here.scripted.lines) == company
        assert here.seen.phase is Phase.JOINED


async def test_who_leaves_a_held_subject_leaves_them_to_the_farewell(tmp_path: Path) -> None:
    async with centre(tmp_path, users=["chen"]) as here:
        async with here.speaking("chen") as attempt_id:
            await here.live.hold(attempt_id, "chen", on=True)
            await here.live.leave(attempt_id, "chen")
            attempt = await here.over()
        assert attempt.result is not None
        assert attempt.result.outcome is Outcome.ESCALATED
        assert not here.scripted.held


async def test_a_second_dissuader_is_brought_in_and_goes_on_alone(tmp_path: Path) -> None:
    async with centre(tmp_path, users=["chen", "li"]) as here, here.speaking("chen") as attempt_id:
        await here.live.bring_in(attempt_id, "chen", dissuader="li")
        async with here.speaking("li"):
            await until(lambda: len(here.scripted.speaking_legs) == 2)
            await here.live.leave(attempt_id, "chen")
            await asyncio.sleep(30)
            assert on_call(here.seen) == ["li"]
            assert here.seen.phase is Phase.JOINED
            await here.live.leave(attempt_id, "li")
        attempt = await here.over()
        assert [(each.reason, each.dissuader) for each in attempt.escalations] == [
            ("money_sent", "chen"),
            ("money_sent", "li"),
        ]


async def test_a_second_dissuader_who_declines_changes_nothing(tmp_path: Path) -> None:
    async with centre(tmp_path, users=["chen", "li"]) as here, here.speaking("chen") as attempt_id:
        await here.live.bring_in(attempt_id, "chen", dissuader="li")
        await here.offered("li")
        await here.live.decline(attempt_id, "li")
        await until(lambda: not names(here.seen))
        assert on_call(here.seen) == ["chen"]
        assert {post.name: post.readiness for post in here.live.state().posts}["li"] == "ready"
        with pytest.raises(LiveError, match="not at this desk"):
            await here.live.bring_in(attempt_id, "chen", dissuader="nobody")


async def test_a_relative_is_rung_and_joined(tmp_path: Path) -> None:
    phone = Phone(answers_after_s=25, talks_s=40)
    async with (
        centre(tmp_path, users=["chen"], phones={RELATIVE: phone}) as here,
        here.speaking("chen") as attempt_id,
    ):
        await here.live.bring_in(attempt_id, "chen", number=RELATIVE)
        await until(lambda: names(here.seen) == [RELATIVE])
        await until(lambda: on_call(here.seen) == ["chen", RELATIVE])
        assert phone.whispers == []
        assert [leg.phone for leg in here.scripted.outsiders] == [phone]
        assert here.seen.tried == ("chen",)
        await until(lambda: on_call(here.seen) == ["chen"])
        assert here.seen.phase is Phase.JOINED


async def test_a_number_that_is_none_and_somebody_who_is_there_are_not_brought_in(tmp_path: Path) -> None:
    async with centre(tmp_path, users=["chen"]) as here, here.speaking("chen") as attempt_id:
        for wrong in ({"number": "110"}, {"dissuader": "chen"}, {}, {"number": RELATIVE, "dissuader": "chen"}):
            with pytest.raises(LiveError):
                await here.live.bring_in(attempt_id, "chen", **wrong)


async def test_an_officer_who_takes_over_speaks_before_the_others_leave(tmp_path: Path) -> None:
    phones = {"wang": Phone(answers_after_s=1), RELATIVE: Phone(answers_after_s=1)}
    async with centre(tmp_path, phones=phones) as here:
        await here.phase(Phase.JOINED)
        attempt_id, wang = here.attempt, here.scripted.bridged[0]
        await here.live.bring_in(attempt_id, "wang", number=RELATIVE)
        await until(lambda: RELATIVE in on_call(here.seen))
        await here.live.take_over(attempt_id, "officer")
        await asyncio.sleep(3)
        assert not wang.ended, "nobody is there yet"
        async with here.live.audio(attempt_id, "officer"):
            await until(lambda: wang.ended)
            assert on_call(here.seen) == [RELATIVE, "officer"]
            assert here.seen.phase is Phase.JOINED
            assert len(here.scripted.speaking_legs) == 2


async def test_an_officer_listens_whispers_and_takes_over_with_one_link(tmp_path: Path) -> None:
    async with centre(tmp_path, users=["chen"]) as here, here.speaking("chen") as attempt_id:
        await here.live.listen(attempt_id, "officer", Part.LISTENS)
        async with here.live.audio(attempt_id, "officer"):
            officer = here.scripted.bridged[-1]
            assert here.scripted.parts[officer] is Part.LISTENS
            await here.live.listen(attempt_id, "officer", Part.WHISPERS)
            assert here.scripted.parts[officer] is Part.WHISPERS
            assert on_call(here.seen) == ["chen", "officer"]
            await here.live.take_over(attempt_id, "officer")
            await until(lambda: on_call(here.seen) == ["officer"])
            assert here.scripted.speaking_legs == [officer]
            records = (await here.store.read(lambda s: s.attempt(attempt_id))).escalations
            assert [(each.reason, each.dissuader) for each in records[1:]] == [("money_sent", "officer")]
            with pytest.raises(LiveError, match="Only officer"):
                await here.live.listen(attempt_id, "officer", Part.LISTENS)


async def test_the_robot_goes_on_while_an_officer_listens(tmp_path: Path) -> None:
    async with centre(tmp_path, people={SUBJECT: listener}) as here:
        await here.phase(Phase.ROBOT)
        attempt_id = here.attempt
        await here.live.listen(attempt_id, "officer", Part.LISTENS)
        async with here.live.audio(attempt_id, "officer"):
            attempt = await here.over()
        assert attempt.result is not None
        assert attempt.result.outcome in (Outcome.WARNED, Outcome.ACKNOWLEDGED)
        assert not attempt.escalations
        assert here.scripted.bridged[0].ended


@pytest.mark.parametrize("after_s", [0.5, 4.0, 12.0, 30.0])
async def test_an_officer_takes_a_call_from_the_robot(tmp_path: Path, after_s: float) -> None:
    async with centre(tmp_path, people={SUBJECT: listener}) as here:
        await here.phase(Phase.ROBOT)
        attempt_id = here.attempt
        await asyncio.sleep(after_s)
        await here.live.take_over(attempt_id, "officer")
        async with here.live.audio(attempt_id, "officer"):
            await here.phase(Phase.JOINED)
            said = len(here.scripted.lines)
            await asyncio.sleep(20)
            assert len(here.scripted.lines) == said, "the robot is silent"
            assert here.seen.reason == "taken_over"
            await here.live.leave(attempt_id, "officer")
        attempt = await here.over()
        assert attempt.result is not None
        assert attempt.result.outcome is Outcome.ESCALATED
        [escalation] = attempt.escalations
        assert (escalation.state, escalation.dissuader) == (EscalationState.JOINED, "officer")


async def test_an_officer_takes_a_call_that_is_being_offered(tmp_path: Path) -> None:
    phones = {"wang": Phone(answers_after_s=None)}
    async with centre(tmp_path, users=["chen"], phones=phones) as here:
        attempt_id = await here.offered("wang")
        await here.live.listen(attempt_id, "officer", Part.SPEAKS)
        async with here.live.audio(attempt_id, "officer"):
            await here.phase(Phase.JOINED)
            assert not here.seen.offers
            assert phones["wang"].cancelled == 1
            await until(lambda: on_call(here.seen) == ["officer"])
        readiness = {post.name: post.readiness for post in here.live.state().posts}
        assert readiness == {"chen": "ready", "wang": "ready"}


async def test_handing_back_lets_all_humans_leave_and_the_robot_close(tmp_path: Path) -> None:
    async with centre(tmp_path, users=["chen", "li"]) as here, here.speaking("chen") as attempt_id:
        await here.live.bring_in(attempt_id, "chen", dissuader="li")
        async with here.speaking("li"):
            await until(lambda: len(here.scripted.speaking_legs) == 2)
            await here.live.hand_back(attempt_id, "chen")
            attempt = await here.over()
        assert FAREWELL in here.scripted.lines[-1].text
        assert here.scripted.lines[-1].complete
        assert attempt.result is not None
        assert attempt.result.outcome is Outcome.ESCALATED
        with pytest.raises(LiveError):
            await here.live.hand_back(attempt_id, "chen")


async def test_hanging_up_ends_the_call_at_once(tmp_path: Path) -> None:
    async with centre(tmp_path, users=["chen"]) as here, here.speaking("chen") as attempt_id:
        said = len(here.scripted.lines)
        await here.live.hang_up(attempt_id, "chen")
        attempt = await here.over()
        assert len(here.scripted.lines) == said
        assert attempt.result is not None
        assert attempt.result.outcome is Outcome.ESCALATED
        assert here.live.call(attempt_id) is None
        with pytest.raises(LiveError, match="over"):
            await here.live.hang_up(attempt_id, "chen")


async def test_muting_is_told_to_the_carrier_and_to_all(tmp_path: Path) -> None:
    async with centre(tmp_path, users=["chen"]) as here, here.speaking("chen") as attempt_id:
        await here.live.mute(attempt_id, "chen", on=True)
        assert here.scripted.bridged[0].muted
        assert here.seen.on_call[0].muted
        await here.live.mute(attempt_id, "chen", on=False)
        assert not here.scripted.bridged[0].muted
        with pytest.raises(LiveError, match="not on this call"):
            await here.live.mute(attempt_id, "li", on=True)


async def test_a_phone_is_declined_at_the_page_and_stops_ringing(tmp_path: Path) -> None:
    phones = {"wang": Phone(answers_after_s=None)}
    async with centre(tmp_path, users=["zhao"], phones=phones) as here:
        attempt_id = await here.offered("wang")
        assert here.seen.offers[0].phone
        with pytest.raises(LiveError, match="pick it up"):
            await here.live.accept(attempt_id, "wang")
        await here.live.decline(attempt_id, "wang")
        await here.offered("zhao")
        assert phones["wang"].cancelled == 1


async def test_a_users_own_phone_is_rung_and_whispered_to(tmp_path: Path) -> None:
    phone = Phone(answers_after_s=2)
    async with centre(tmp_path, away=["li"], phones={"+li": phone}) as here:
        await here.store.call(lambda s: s.set_station("li", Station.READY, now=now()))
        await here.live.set_station("li", ready=True, phone="sip:+li@desk")
        await here.phase(Phase.JOINED)
        assert here.seen.on_call[0].phone
        assert len(phone.whispers) == 1
        with pytest.raises(LiveError, match="by phone"):
            async with here.live.audio(here.attempt, "li"):
                pass


async def test_what_humans_say_to_the_subject_is_shown_and_kept(tmp_path: Path) -> None:
    async with centre(tmp_path, users=["chen"]) as here:
        async with here.speaking("chen") as attempt_id:
            chen = here.scripted.bridged[0]
            await chen.says("我是民警小陈")
            await until(lambda: here.seen.transcript[-1].final)
            said = [each for each in here.seen.transcript if each.speaker is Speaker.DISSUADER]
            assert [(each.text, each.name, each.final) for each in said] == [("我是民警小陈", "chen", True)]
            await here.live.listen(attempt_id, "officer", Part.WHISPERS)
            async with here.live.audio(attempt_id, "officer"):
                await here.scripted.bridged[1].says("问他卡号")
            await here.live.hang_up(attempt_id, "chen")
        attempt = await here.over()
        turns = [turn for turn in attempt.turns if turn.speaker is Speaker.DISSUADER]
        assert [turn.text for turn in turns] == ["我是民警小陈"]
        assert 0 < turns[0].start_s < turns[0].end_s


async def test_a_relative_s_words_are_told_from_a_dissuader_s_and_no_number_is_kept_with_them(tmp_path: Path) -> None:
    phones = {RELATIVE: Phone()}
    async with centre(tmp_path, users=["chen"], phones=phones) as here:
        async with here.speaking("chen") as attempt_id:
            await here.live.bring_in(attempt_id, "chen", number=RELATIVE)
            await until(lambda: on_call(here.seen) == ["chen", RELATIVE])
            await here.scripted.bridged[0].says("您劝劝她")
            await here.scripted.bridged[1].says("妈，别转")
            await until(lambda: here.seen.transcript[-1].final)
            last = here.seen.transcript[-1]
            assert (last.speaker, last.text, last.name) == (Speaker.RELATIVE, "妈，别转", RELATIVE)
            await here.live.hang_up(attempt_id, "chen")
        turns = (await here.over()).turns[-2:]
        assert [(turn.speaker, turn.name) for turn in turns] == [(Speaker.DISSUADER, "chen"), (Speaker.RELATIVE, "")]


async def test_nothing_is_done_to_a_call_that_is_not_answered_or_over(tmp_path: Path) -> None:
    async with centre(tmp_path, users=["chen"]) as here:
        await until(lambda: here.live.state().calls)
        assert here.seen.phase is Phase.DIALLING
        with pytest.raises(LiveError, match="not answered"):
            await here.live.take_over(here.attempt, "officer")
        with pytest.raises(LiveError, match="over"):
            await here.live.leave(999, "officer")


async def test_what_is_done_at_the_desk_is_an_event_with_who_did_it(tmp_path: Path) -> None:
    async with centre(tmp_path, users=["chen"]) as here:
        async with here.speaking("chen") as attempt_id:
            for on in (True, True, False, False):
                await here.live.hold(attempt_id, "chen", on=on)
            await here.live.listen(attempt_id, "officer", Part.LISTENS)
            async with here.live.audio(attempt_id, "officer"):
                await here.live.listen(attempt_id, "officer", Part.WHISPERS)
                await here.live.take_over(attempt_id, "officer")
                await until(lambda: on_call(here.seen) == ["officer"])
                await here.live.leave(attempt_id, "officer")
            attempt = await here.over()
        acts = {f"call.{act}" for act in Act}
        events = await here.store.read(lambda s: s.events(case_id=attempt.case_id))
        assert [(event.kind, event.data["by"]) for event in events if event.kind in acts] == [
            ("call.held", "chen"),
            ("call.resumed", "chen"),
            ("call.listened", "officer"),
            ("call.whispered", "officer"),
            ("call.taken_over", "officer"),
        ]
        assert [(each.dissuader, each.beside) for each in attempt.escalations] == [("chen", False), ("officer", True)]


async def test_a_listener_is_offered_no_call_meanwhile(tmp_path: Path) -> None:
    people = {SUBJECT: listener, "+8611100000003": listener}
    async with centre(tmp_path, people=people, users=["chen"]) as here:
        await until(lambda: len([call for call in here.live.state().calls if call.phase is Phase.ROBOT]) == 2)
        one, other = (call.attempt_id for call in here.live.state().calls)
        await here.live.listen(one, "chen", Part.LISTENS)
        [post] = here.live.state().posts
        assert (post.readiness, post.attempt_id) == ("talking", one)
        with pytest.raises(LiveError, match="another call"):
            await here.live.listen(other, "chen", Part.LISTENS)
        await here.live.leave(one, "chen")
        assert here.live.state().posts[0].readiness == "ready"


async def test_the_state_tells_lines_and_when_they_change(tmp_path: Path) -> None:
    async with centre(tmp_path, people={}, users=["chen"]) as here:
        await until(lambda: here.live.state().posts)
        state = here.live.state()
        assert (state.node, state.lines, state.paused, state.trunk_up, state.broker_up) == (
            "node",
            2,
            False,
            True,
            None,
        )
        async with here.live.changes() as changes:
            here.floor.pause()
            async with asyncio.timeout(5):
                assert (await anext(changes)).attempt_id is None
        assert here.live.state().paused


async def test_a_slow_reader_gets_each_change_once(tmp_path: Path) -> None:
    async with centre(tmp_path, people={SUBJECT: listener}) as here, here.live.changes() as changes:
        await here.over()
        got = [await anext(changes)]
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(5):
                while True:
                    got.append(await anext(changes))
        assert len({change.attempt_id for change in got}) == len(got) <= 2


async def test_a_page_that_is_over_ends_with_the_call(tmp_path: Path) -> None:
    async def leaves(me: Person) -> None:
        await me.says("喂")
        await me.hears("")
        await me.says("我已经转了五万块")
        await me.waits(30)
        me.hangs_up()

    async with centre(tmp_path, people={SUBJECT: leaves}, users=["chen"]) as here, here.speaking("chen"):
        page = here.scripted.bridged[0]
        assert isinstance(page, ScriptedPage)
        await page.wait_ended()
        attempt = await here.over()
        assert attempt.result is not None
        assert attempt.result.outcome is Outcome.ESCALATED
        assert (await here.store.read(lambda s: s.campaigns()))[0].state is CampaignState.RUNNING


async def test_who_cannot_be_joined_is_followed_by_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with centre(tmp_path, users=["chen", "li"]) as here:
        attempt_id = await here.offered("chen")
        join = here.scripted.bridge

        async def fails_once(leg: Leg, part: Part = Part.SPEAKS, *, staff: bool = True) -> None:
            monkeypatch.setattr(here.scripted, "bridge", join)
            raise LineError("the line process does not answer")

        monkeypatch.setattr(here.scripted, "bridge", fails_once)
        await here.live.accept(attempt_id, "chen")
        async with here.live.audio(attempt_id, "chen"), here.speaking("li"):
            assert on_call(here.seen) == ["li"]
