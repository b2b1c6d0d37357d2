"""Two pools of ours call each other: what one says, the other hears."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

import pytest

from dialer.lines import Leg, LineError, LinePool, NoSlotError
from tests.dialer.lines.conftest import StartPool
from tests.dialer.lines.peers import WAIT_S, Listener, heard_s, open_addresses, tone, until

pytestmark = pytest.mark.wire


async def _ring(lines: LinePool, phones: LinePool, leg: Leg | None = None) -> tuple[Leg, Leg]:
    """A call that rings: our leg and the phone's."""
    leg = leg or lines.take()
    await leg.invite(phones.contacts[0].replace("sip:", "sip:12025550101@"))
    return leg, await asyncio.wait_for(anext(phones.incoming()), WAIT_S)


async def _talk(lines: LinePool, phones: LinePool, leg: Leg | None = None) -> tuple[Leg, Leg]:
    """An answered call."""
    leg, phone = await _ring(lines, phones, leg)
    await phone.answer()
    assert await leg.wait("answered", WAIT_S)
    assert await phone.wait("answered", WAIT_S)
    return leg, phone


async def test_the_invite_says_who_calls(lines: LinePool, phones: LinePool) -> None:
    leg = lines.take()
    await leg.invite(
        phones.contacts[0].replace("sip:", "sip:12025550101@"),
        from_uri='"反诈中心" <sip:96110@carrier.test>',
        asserted_identity="<sip:96110@carrier.test>",
        headers={"X-Case": "7"},
    )
    phone = await asyncio.wait_for(anext(phones.incoming()), WAIT_S)
    assert (phone.called_number, phone.calling_number) == ("12025550101", "96110")
    assert phone.headers["From"].startswith('"反诈中心" <sip:96110@carrier.test>')
    assert phone.headers["P-Asserted-Identity"] == "<sip:96110@carrier.test>"
    assert phone.headers["X-Case"] == "7"
    await phone.reject(486, 17, 'says "busy"')
    await asyncio.wait_for(leg.ended.wait(), WAIT_S)
    assert leg.end is not None
    assert (leg.end.sip_code, leg.end.q850, leg.end.q850_text, leg.end.by_far_end) == (486, 17, "says 'busy'", True)


async def test_a_prompt_is_heard_at_its_level_and_length(lines: LinePool, phones: LinePool, tmp_path: Path) -> None:
    leg, phone = await _talk(lines, phones)
    listener = Listener(phone)
    played = await leg.play(tone(tmp_path / "prompt.wav", 2.0, 700))
    assert played.complete
    assert played.position_s == pytest.approx(2.0)
    assert 1.9 < played.ended_s - played.started_s < 3
    await listener.until_heard(700, 1.8)
    await leg.hang_up()
    await listener.task
    assert 1.8 < heard_s(listener.frames, 700, 4000) < 2.2
    assert phone.end is not None
    assert phone.end.by_far_end
    assert leg.end is not None
    assert not leg.end.by_far_end


async def test_a_prompt_stopped_goes_on_from_where_it_was(lines: LinePool, phones: LinePool, tmp_path: Path) -> None:
    prompt = tone(tmp_path / "prompt.wav", 3.0, 700)
    leg, phone = await _talk(lines, phones)
    listener = Listener(phone)
    playing = asyncio.create_task(leg.play(prompt))
    await listener.until_heard(700, 0.6)
    await leg.stop_playing()
    first = await playing
    assert not first.complete
    assert 0.5 < first.position_s < 2.9
    heard_first = heard_s(listener.frames, 700)
    assert heard_first < 2.9
    second = await leg.play(prompt, from_s=first.position_s)
    assert second.complete
    assert second.ended_s - second.started_s < 3.0 - first.position_s + 1
    await leg.hang_up()
    await listener.task
    assert 2.5 < heard_s(listener.frames, 700) < 3.4


async def test_a_prompt_ends_when_the_call_does(lines: LinePool, phones: LinePool, tmp_path: Path) -> None:
    leg, phone = await _talk(lines, phones)
    playing = asyncio.create_task(leg.play(tone(tmp_path / "prompt.wav", 30.0)))
    await Listener(phone).until_heard(440, 0.3)
    await phone.hang_up()
    played = await asyncio.wait_for(playing, WAIT_S)
    assert not played.complete
    assert 0.2 < played.position_s < 29
    assert not (await leg.play(tmp_path / "prompt.wav")).complete


async def test_a_prompt_from_its_end_is_complete_at_once(lines: LinePool, phones: LinePool, tmp_path: Path) -> None:
    leg, _ = await _talk(lines, phones)
    played = await leg.play(tone(tmp_path / "prompt.wav", 1.0), from_s=1.0)
    assert played.complete
    assert played.ended_s - played.started_s < 0.5


async def test_a_missing_prompt_is_told(lines: LinePool, phones: LinePool, tmp_path: Path) -> None:
    leg, _ = await _talk(lines, phones)
    with pytest.raises(LineError, match=r"nothing\.wav cannot be played"):
        await leg.play(tmp_path / "nothing.wav")


async def test_early_media_plays_before_the_answer(lines: LinePool, phones: LinePool, tmp_path: Path) -> None:
    leg, phone = await _ring(lines, phones)
    await phone.send_ringing()
    assert await leg.wait("ringing", WAIT_S)
    await phone.send_progress()
    assert await leg.wait("early_media", WAIT_S)
    listener = Listener(leg)
    await phone.play(tone(tmp_path / "announcement.wav", 1.0, 500))
    await listener.until_heard(500, 0.8)
    assert not leg.answered.is_set()
    await phone.reject(480)
    await asyncio.wait_for(leg.ended.wait(), WAIT_S)
    await listener.task
    assert leg.clock_s == pytest.approx(len(listener.frames) * 0.06)


async def test_digits_go_both_ways(lines: LinePool, phones: LinePool) -> None:
    leg, phone = await _talk(lines, phones)
    assert await leg.send_digits("1#") == "rfc4733"
    assert [await asyncio.wait_for(phone.digits.get(), WAIT_S) for _ in range(2)] == ["1", "#"]
    await phone.send_digits("90")
    assert [await asyncio.wait_for(leg.digits.get(), WAIT_S) for _ in range(2)] == ["9", "0"]


async def test_joined_legs_hear_each_other_until_parted(lines: LinePool, phones: LinePool, tmp_path: Path) -> None:
    subject, subject_phone = await _talk(lines, phones)
    dissuader, dissuader_phone = await _talk(lines, phones, lines.beside(subject))
    at_subject, at_dissuader, on_line = Listener(subject_phone), Listener(dissuader_phone), Listener(subject)
    await subject.join(dissuader)
    subject_speaks = asyncio.create_task(subject_phone.play(tone(tmp_path / "subject.wav", 20.0, 500)))
    dissuader_speaks = asyncio.create_task(dissuader_phone.play(tone(tmp_path / "dissuader.wav", 20.0, 900)))
    await at_dissuader.until_heard(500, 0.5)
    await at_subject.until_heard(900, 0.5)
    await on_line.until_heard(500, 0.5)
    assert heard_s(on_line.frames, 900) == 0
    await subject.part(dissuader)
    # What is on its way still arrives: nearly a second must be silent.
    before = len(at_subject.frames)
    await until(lambda: len(at_subject.frames) >= before + 15 and not heard_s(at_subject.frames[-15:], 900))
    await subject.hang_up()
    assert not dissuader.ended.is_set()
    await dissuader.hang_up()
    assert not (await subject_speaks).complete
    assert not (await dissuader_speaks).complete


async def test_a_leg_joined_while_it_rings_is_heard_from_its_answer_on(
    lines: LinePool, phones: LinePool, tmp_path: Path
) -> None:
    subject, subject_phone = await _talk(lines, phones)
    dissuader, dissuader_phone = await _ring(lines, phones, lines.beside(subject))
    await subject.join(dissuader)
    await dissuader_phone.answer()
    listener = Listener(subject_phone)
    speaking = asyncio.create_task(dissuader_phone.play(tone(tmp_path / "dissuader.wav", 20.0, 900)))
    await listener.until_heard(900, 0.3)
    await dissuader_phone.hang_up()
    await speaking


async def test_a_transfer_reaches_the_third_phone(
    lines: LinePool, phones: LinePool, start_pool: StartPool, tmp_path: Path
) -> None:
    third = await start_pool(incoming=True)
    leg, phone = await _talk(lines, phones)
    transfer = asyncio.create_task(leg.refer(third.contacts[0].replace("sip:", "sip:12025550102@")))
    arrived = await asyncio.wait_for(anext(third.incoming()), WAIT_S)
    await arrived.answer()
    assert await asyncio.wait_for(transfer, WAIT_S)
    followed = await asyncio.wait_for(phone.referred.get(), WAIT_S)
    assert await followed.wait("answered", WAIT_S)
    await leg.hang_up()
    listener = Listener(arrived)
    speaking = asyncio.create_task(followed.play(tone(tmp_path / "subject.wav", 20.0, 500)))
    await listener.until_heard(500, 0.5)
    await arrived.hang_up()
    await speaking


async def test_a_transfer_that_the_third_phone_refuses_is_told(
    lines: LinePool, phones: LinePool, start_pool: StartPool
) -> None:
    third = await start_pool(incoming=True)
    leg, _ = await _talk(lines, phones)
    transfer = asyncio.create_task(leg.refer(third.contacts[0]))
    arrived = await asyncio.wait_for(anext(third.incoming()), WAIT_S)
    await arrived.reject(486)
    assert not await asyncio.wait_for(transfer, WAIT_S)
    assert not leg.ended.is_set()


async def test_tcp_between_two_pools(start_pool: StartPool, tmp_path: Path) -> None:
    lines, phones = await start_pool(transport="tcp"), await start_pool(transport="tcp", incoming=True)
    leg, phone = await _talk(lines, phones)
    await leg.play(tone(tmp_path / "prompt.wav", 0.5, 700))
    await Listener(phone).until_heard(700, 0.3)
    await phone.hang_up()
    await asyncio.wait_for(leg.ended.wait(), WAIT_S)


async def test_nothing_is_open_to_other_machines(lines: LinePool, phones: LinePool) -> None:
    await _talk(lines, phones)
    for pid in (*lines.pids, *phones.pids):
        addresses = open_addresses(pid)
        assert len(addresses) >= 3
        assert set(addresses) == {"127.0.0.1"}


async def test_a_bad_uri_is_told_and_costs_no_slot(lines: LinePool) -> None:
    leg = lines.take()
    with pytest.raises(LineError, match="Check the SIP URI"):
        await leg.invite("not a uri")
    assert leg.ended.is_set()
    assert lines.free_slots == lines.capacity


async def test_slots_are_kept_for_those_who_come_to_a_call(start_pool: StartPool) -> None:
    lines = await start_pool(processes=2)
    robots = [lines.take(keep=3) for _ in range(5)]
    with pytest.raises(NoSlotError):
        lines.take(keep=3)
    humans = [lines.beside(robots[0])]
    assert humans[0].together(robots[0])
    with pytest.raises(NoSlotError):
        lines.take(keep=3)
    await robots.pop().hang_up()
    robots.append(lines.take(keep=3))
    humans += [lines.beside(robots[0]), lines.beside(robots[0])]
    with pytest.raises(NoSlotError):
        lines.beside(robots[0])
    for leg in (*robots, *humans):
        await leg.hang_up()
    assert lines.free_slots == 8


async def test_who_comes_to_a_call_gets_a_slot_of_another_process_when_there_is_none_beside_it(
    start_pool: StartPool,
) -> None:
    lines = await start_pool(processes=2)
    first, far = lines.take(), lines.take()
    beside = [lines.beside(first) for _ in range(4)]
    assert [leg.together(first) for leg in beside] == [True, True, True, False]
    assert beside[-1].together(far)
    with pytest.raises(LineError, match="one process"):
        await first.join(far)


async def test_a_fifth_call_is_busy_and_slots_come_back(
    lines: LinePool, phones: LinePool, start_pool: StartPool
) -> None:
    more = await start_pool()
    calls = [await _talk(lines, phones) for _ in range(4)]
    fifth = more.take()
    await fifth.invite(phones.contacts[0])
    await asyncio.wait_for(fifth.ended.wait(), WAIT_S)
    assert fifth.end is not None
    assert fifth.end.sip_code == 486
    await asyncio.gather(*(leg.hang_up() for leg, _ in calls))
    await until(lambda: lines.free_slots == phones.free_slots == 4)
    leg, _ = await _talk(lines, phones)
    await leg.hang_up()


async def test_a_call_in_the_place_of_one_just_ended_is_left_alone(
    lines: LinePool, start_pool: StartPool, tmp_path: Path
) -> None:
    """pjsua2 hangs up whatever has the id of a call object that is forgotten: BYE and INVITE are read in one go."""
    phones = await start_pool(incoming=True, slots_per_process=1)
    first, first_phone = await _talk(lines, phones)
    os.kill(phones.pids[0], signal.SIGSTOP)
    await first.hang_up()
    second = lines.take()
    await second.invite(phones.contacts[0])
    os.kill(phones.pids[0], signal.SIGCONT)
    second_phone = await asyncio.wait_for(anext(phones.incoming()), WAIT_S)
    assert first_phone.ended.is_set()
    await second_phone.answer()
    assert await second.wait("answered", WAIT_S)
    listener = Listener(second_phone)
    await second.play(tone(tmp_path / "prompt.wav", 0.5, 700))
    await listener.until_heard(700, 0.3)
    await second.hang_up()


async def test_many_calls_pass_through_four_slots(lines: LinePool, phones: LinePool) -> None:
    async def answer() -> None:
        async for phone in phones.incoming():
            await phone.answer()

    answering = asyncio.create_task(answer())

    async def caller() -> int:
        done = 0
        while done < 12:
            try:
                leg = lines.take()
            except NoSlotError:
                await asyncio.sleep(0.005)
                continue
            await leg.invite(phones.contacts[0])
            assert await leg.wait("answered", WAIT_S)
            await leg.hang_up()
            done += 1
        return done

    assert sum(await asyncio.gather(*(caller() for _ in range(4)))) == 48
    answering.cancel()
    assert lines.restarts == phones.restarts == 0
