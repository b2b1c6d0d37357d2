"""A subject and those who come to the call on phones of other line processes."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

import pytest

from campaigns.model import Outcome
from dialer.seam import Ended, HungUp
from tests.dialer.lines.peers import WAIT_S, channels
from tests.dialer.parties import Hearer, hums
from tests.dialer.stage import OTHER, PAGE, PHONE, SUBJECT, Stage, staged

pytestmark = pytest.mark.wire


async def _until_hung_up(stage: Stage) -> Ended:
    """What the robot is told of the end of the call."""
    async with asyncio.timeout(WAIT_S):
        async for event in stage.call.listen():
            if isinstance(event, HungUp):
                return event.ended
    raise AssertionError("no end")


async def _all_hear_all(parties: dict[int, Hearer]) -> None:
    """Each by its pitch."""
    for hertz, party in parties.items():
        await party.hears(*(parties.keys() - {hertz}), but_not=(hertz,))


async def test_one_beside_the_subject_and_one_apart_hear_all_and_are_recorded(tmp_path: Path) -> None:
    async with staged(tmp_path, apart=True, slots=2) as stage:
        near, phone = await stage.ring()
        far, other = await stage.ring(OTHER)
        assert near.leg.together(stage.line)
        assert not far.leg.together(stage.line)
        await stage.call.bridge(near)
        await stage.call.bridge(far)
        await _all_hear_all({SUBJECT: stage.subject, PHONE: phone, OTHER: other})
        await stage.call.hold(True)
        await stage.subject.hears(but_not=(PHONE, OTHER))
        await phone.hears(OTHER, but_not=(SUBJECT,))
        await other.hears(PHONE, but_not=(SUBJECT,))
        await stage.call.hold(False)
        await _all_hear_all({SUBJECT: stage.subject, PHONE: phone, OTHER: other})
        await phone.close()
        await other.hears(SUBJECT, but_not=(PHONE,))
        await stage.subject.hears(OTHER, but_not=(PHONE,))
        await stage.call.hang_up()
        await far.hang_up()
        await other.close()
    left, right = ([side[at : at + 4800] for at in range(0, len(side), 4800)] for side in channels(stage.recording))
    assert any(hums(piece, SUBJECT) for piece in left)
    assert any(hums(piece, PHONE) and hums(piece, OTHER) for piece in right)
    assert not any(hums(piece, PHONE) or hums(piece, OTHER) for piece in left)


async def test_two_apart_from_the_subject_may_be_beside_each_other_and_a_third_apart_from_both(tmp_path: Path) -> None:
    async with staged(tmp_path, apart=True, slots=2) as stage:
        stage.lines.beside(stage.line)
        one, phone = await stage.ring()
        third, another = await stage.ring(PAGE)
        two, other = await stage.ring(OTHER)
        assert one.leg.together(two.leg)
        assert not third.leg.together(one.leg)
        assert not any(party.leg.together(stage.line) for party in (one, two, third))
        for party in (one, two, third):
            await stage.call.bridge(party)
        parties: dict[int, Hearer] = {SUBJECT: stage.subject, PHONE: phone, PAGE: another, OTHER: other}
        await _all_hear_all(parties)
        await one.mute(True)
        for hertz in (SUBJECT, PAGE, OTHER):
            await parties[hertz].hears(*(parties.keys() - {hertz, PHONE}), but_not=(PHONE,))
        await one.mute(False)
        await stage.call.unbridge(third)
        await _all_hear_all({hertz: party for hertz, party in parties.items() if hertz != PAGE})
        await another.hears(but_not=(SUBJECT, PHONE, OTHER))
        for left in (phone, another, other):
            await left.close()


async def test_the_line_of_a_dissuader_dies_and_the_subject_is_with_the_robot(tmp_path: Path) -> None:
    async with staged(tmp_path, apart=True) as stage:
        party, phone = await stage.ring()
        await stage.call.bridge(party)
        await stage.subject.hears(PHONE)
        os.kill(stage.lines.pids[1], signal.SIGKILL)
        await asyncio.wait_for(party.wait_ended(), WAIT_S)
        assert party.lost
        await stage.subject.hears(but_not=(PHONE,))
        assert (await stage.call.say("One moment please.")).complete
        again, other = await stage.ring(OTHER)
        await stage.call.bridge(again)
        await stage.subject.hears(OTHER, but_not=(PHONE,))
        await other.hears(SUBJECT)
        assert not again.lost
        await phone.close()
        await other.close()
        await asyncio.wait_for(again.wait_ended(), WAIT_S)
        assert not again.lost


async def test_the_line_of_the_subject_dies_and_nobody_else_is_left_on_a_line(tmp_path: Path) -> None:
    async with staged(tmp_path, apart=True) as stage:
        party, phone = await stage.ring()
        await stage.call.bridge(party)
        await phone.hears(SUBJECT)
        ringing = asyncio.create_task(stage.call.ring(stage.uri, timeout_s=WAIT_S))
        third = await asyncio.wait_for(anext(stage.phones.incoming()), WAIT_S)
        await third.send_ringing()
        os.kill(stage.lines.pids[0], signal.SIGKILL)
        assert (await _until_hung_up(stage)).outcome is Outcome.LINE_FAILURE
        assert isinstance(await asyncio.wait_for(ringing, WAIT_S), Ended)
        await asyncio.wait_for(third.ended.wait(), WAIT_S)
        await phone.hears(but_not=(SUBJECT,))
        assert not party.ended
        await asyncio.wait_for(party.hang_up(), WAIT_S)
        await asyncio.wait_for(phone.leg.ended.wait(), WAIT_S)
        await asyncio.wait_for(stage.call.hang_up(), WAIT_S)
        await phone.close()
