"""A page is a phone on a real call: with the subject, with other phones, with other pages."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

import dialer.page
from dialer.live import Part
from dialer.seam import Leg
from rehearsal.crossing import ALIKE
from speech.heard import Utterance
from tests.dialer.lines.peers import WAIT_S, channels, until
from tests.dialer.parties import WebPage, hums, sound_in
from tests.dialer.stage import OTHER, PAGE, PHONE, SUBJECT, Stage, apart, stage
from tests.speech.callers import say

__all__ = ["apart", "stage"]
pytestmark = pytest.mark.wire


async def test_a_page_and_the_subject_hear_each_other_instead_of_the_robot(stage: Stage) -> None:
    page, subject = stage.page(), stage.subject
    robot = asyncio.create_task(stage.call.say("This is the fraud prevention centre. " * 20))
    await subject.until(lambda: len(subject.pcm) > 16000)
    assert not robot.done()
    with pytest.raises(TypeError, match="from ring"):
        await stage.call.bridge(object())  # type: ignore[arg-type]
    await stage.call.bridge(page.leg)
    assert not (await asyncio.wait_for(robot, WAIT_S)).complete
    await subject.hears(PAGE, but_not=(SUBJECT,))
    await page.hears(SUBJECT, but_not=(PAGE,))
    await stage.call.hang_up()
    await page.dropped()
    assert page.leg.ended
    left, right = ([side[at : at + 4800] for at in range(0, len(side), 4800)] for side in channels(stage.recording))
    assert any(hums(piece, SUBJECT) for piece in left)
    assert any(hums(piece, PAGE) for piece in right)
    assert not any(hums(piece, PAGE) for piece in left)


@pytest.mark.parametrize("apart", [False, True])
async def test_the_parts_of_pages_and_phones(stage: Stage) -> None:
    call, subject = stage.call, stage.subject
    (party, phone), page, other = await stage.ring(), stage.page(), stage.page(OTHER)
    await call.bridge(party)
    await call.bridge(page.leg, Part.WHISPERS)
    await call.bridge(other.leg, Part.LISTENS)
    await phone.hears(SUBJECT, PAGE, but_not=(OTHER, PHONE))
    await page.hears(SUBJECT, PHONE, but_not=(OTHER, PAGE))
    await other.hears(SUBJECT, PHONE, PAGE, but_not=(OTHER,))
    await subject.hears(PHONE, but_not=(PAGE, OTHER))
    await call.bridge(party, staff=False)
    await phone.hears(SUBJECT, but_not=(PAGE, OTHER, PHONE))
    await other.hears(SUBJECT, PHONE, PAGE, but_not=(OTHER,))
    await call.bridge(page.leg, Part.SPEAKS)
    await call.bridge(other.leg, Part.SPEAKS)
    await subject.hears(PHONE, PAGE, OTHER)
    await phone.hears(SUBJECT, PAGE, OTHER)
    await page.hears(SUBJECT, PHONE, OTHER)

    await call.hold(True)
    await subject.hears(but_not=(PHONE, PAGE, OTHER))
    await phone.hears(PAGE, OTHER, but_not=(SUBJECT,))
    await page.hears(PHONE, OTHER, but_not=(SUBJECT,))
    await call.hold(False)
    await subject.hears(PHONE, PAGE, OTHER)

    await page.leg.mute(True)
    await party.mute(True)
    await subject.hears(OTHER, but_not=(PHONE, PAGE))
    await other.hears(SUBJECT, but_not=(PHONE, PAGE))
    await page.hears(SUBJECT, OTHER, but_not=(PHONE,))
    await page.leg.mute(False)
    await party.mute(False)
    await subject.hears(PHONE, PAGE, OTHER)

    await call.unbridge(other.leg)
    await phone.close()
    await subject.hears(PAGE, but_not=(PHONE, OTHER))
    await page.hears(SUBJECT, but_not=(PHONE, OTHER))
    await other.hears(but_not=(SUBJECT, PHONE, PAGE))
    assert party.ended


@pytest.mark.parametrize("apart", [False, True])
async def test_who_listens_hears_the_robot_too(stage: Stage) -> None:
    text = "Hello. This is a call from the fraud prevention centre."
    prompt = (await stage.prompts.render(text)).path.read_bytes()[44:]
    (party, phone), page = await stage.ring(), stage.page()
    await stage.subject.leg.stop_playing()
    await stage.call.bridge(party, Part.LISTENS)
    await stage.call.bridge(page.leg, Part.LISTENS)
    assert (await stage.call.say(text)).complete
    await asyncio.gather(*(listener.hears_sound(prompt) for listener in (stage.subject, phone, page)))
    await phone.close()


@pytest.mark.parametrize("apart", [False, True])
async def test_a_whisper_is_heard_by_that_party_alone(stage: Stage) -> None:
    text = "She has been told to move her savings."
    whisper = (await stage.prompts.render(text)).path.read_bytes()[44:]
    (party, phone), page = await stage.ring(), stage.page()
    await stage.call.bridge(party)
    await stage.call.bridge(page.leg)
    await stage.subject.hears(PHONE, PAGE)
    await page.hears(SUBJECT, PHONE)
    page.say(b"")
    for humming in (stage.subject, phone):
        await humming.leg.stop_playing()
    before_s = stage.call.clock_s
    said = await asyncio.wait_for(page.leg.say(text), WAIT_S)
    assert said.complete
    assert said.position_s == pytest.approx(len(whisper) / 16000)
    assert before_s <= said.started_s <= said.ended_s <= stage.call.clock_s
    assert said.ended_s - said.started_s == pytest.approx(said.position_s, abs=0.5)
    assert (await asyncio.wait_for(party.say(text), WAIT_S)).complete
    await asyncio.gather(page.hears_sound(whisper), phone.hears_sound(whisper))
    await stage.subject.hears(but_not=(PHONE, PAGE))
    assert sound_in(whisper, stage.subject.pcm) < ALIKE

    whispering = asyncio.create_task(page.leg.say(text))
    await asyncio.sleep(0)
    await page.leg.hang_up()
    assert not (await asyncio.wait_for(whispering, WAIT_S)).complete
    await phone.close()


async def test_a_dropped_link_may_come_back_but_not_too_late(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    page = stage.page()
    await stage.call.bridge(page.leg)
    await stage.subject.hears(PAGE)
    await page.drop()
    await stage.subject.hears(but_not=(PAGE,))
    page.connect()
    await stage.subject.hears(PAGE)
    await page.hears(SUBJECT)
    later = WebPage(page.leg, OTHER)
    await page.dropped()
    await stage.subject.hears(OTHER, but_not=(PAGE,))
    await later.hears(SUBJECT)
    monkeypatch.setattr(dialer.page, "GONE_S", 0.2)
    await later.drop()
    await asyncio.wait_for(later.leg.wait_ended(), WAIT_S)
    never = stage.call.page()
    await asyncio.wait_for(never.wait_ended(), WAIT_S)
    async with never.link() as link:
        assert [frame async for frame in link.frames()] == []


async def test_what_a_party_says_is_heard_on_the_calls_clock(stage: Stage) -> None:
    page = stage.page()
    party, phone = await stage.ring(hums=False)
    words = say("do not transfer any money", voice="m3", language="en", before_s=0.1, after_s=0.1)
    heard: dict[Leg, list[Utterance]] = {page.leg: [], party: []}

    async def listen(leg: Any) -> None:
        async for event in leg.heard():
            if isinstance(event, Utterance) and event.text:
                heard[leg].append(event)

    readers = [asyncio.create_task(listen(leg)) for leg in heard]
    await asyncio.wait_for(page.connected.wait(), WAIT_S)
    began_s = stage.call.clock_s
    page.say(words)
    for start in range(0, len(words), 1600):
        phone.leg.feed(words[start : start + 1600])
        await asyncio.sleep(0.1)
    await until(lambda: all(heard.values()))
    for (utterance,) in heard.values():
        assert "transfer any money" in utterance.text
        assert began_s - 0.3 < utterance.start_s < utterance.end_s < stage.call.clock_s
        assert utterance.words[0].start_s == pytest.approx(utterance.start_s, abs=0.5)

    await page.leg.mute(True)
    page.say(words)
    end_s = stage.call.clock_s + len(words) / 16000 + 1.5
    await until(lambda: stage.call.clock_s > end_s)
    assert [len(utterances) for utterances in heard.values()] == [1, 1]
    await page.leg.hang_up()
    await party.hang_up()
    await asyncio.wait_for(asyncio.gather(*readers), WAIT_S)
    await phone.close()
