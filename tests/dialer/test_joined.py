"""Humans take a real call, hold it, share it and pass it on: what the subject and they really hear."""

from __future__ import annotations

import asyncio
import wave

import pytest

from campaigns.model import EscalationState
from dialer.dissuaders import Readiness
from dialer.escalation import EscalationDesk, EscalationSettings, Offer
from dialer.exchange import Exchange
from dialer.journal import Journal
from dialer.party import Member
from tests.dialer.lines.peers import tone, until
from tests.dialer.parties import Phone, WebPage
from tests.dialer.people import Notes
from tests.dialer.stage import OTHER, PAGE, PHONE, SUBJECT, Stage, apart, stage

__all__ = ["apart", "stage"]
pytestmark = pytest.mark.wire

HOLD, STILL, FAREWELL = "Please hold the line for an officer.", "It will not take much longer.", "Goodbye for now."


async def come(member: Member, hertz: int) -> WebPage:
    """The page of a member, with its sound."""
    assert member.page is not None
    page = WebPage(member.page, hertz)
    await page.connected.wait()
    member.linked.set()
    return page


async def voiced(stage: Stage, text: str) -> bytes:
    """A prompt, as it sounds."""
    with wave.open(str((await stage.prompts.render(text)).path), "rb") as file:
        return file.readframes(file.getnframes())


@pytest.mark.parametrize("apart", [False, True])
async def test_a_page_takes_holds_shares_and_passes_on_a_call(stage: Stage) -> None:
    desk = EscalationDesk([], EscalationSettings(still_holding_every_s=1.0, wrap_up_s=600))
    for name, phone in (("chen", ""), ("li", stage.uri)):
        desk.dissuaders.set_station(name, ready=True, uri=phone, here=True)
    notes = Notes()
    journal = Journal(notes)
    exchange = Exchange(stage.call, journal, lambda event: None)
    exchange.start()
    party = desk.party(exchange)
    offer = Offer("money_sent", "I sent it", "money sent", (HOLD,), STILL)
    handing_over = asyncio.create_task(desk.hand_over(exchange, offer, party))

    await until(lambda: "chen" in party.asked)
    chen = await come(party.accept("chen"), PAGE)
    await asyncio.gather(stage.subject.hears(PAGE), chen.hears(SUBJECT))
    assert party.joined is not None

    stage.subject.pcm = b""
    still, farewell = [await voiced(stage, text) for text in (STILL, FAREWELL)]
    await party.joined.hold(on=True)
    await asyncio.gather(stage.subject.hears(but_not=(PAGE,)), chen.hears(but_not=(SUBJECT,)))
    await stage.subject.hears_sound(still)
    await party.joined.hold(on=False)
    await asyncio.gather(stage.subject.hears(PAGE), chen.hears(SUBJECT))

    stage.subject.pcm = b""
    await chen.drop()
    await stage.subject.hears_sound(still)
    chen.connect()
    await asyncio.gather(stage.subject.hears(PAGE), chen.hears(SUBJECT))

    party.joined.bring_in(await desk.dissuaders.take_named("li"))
    leg = await anext(stage.phones.incoming())
    await leg.answer()
    await until(lambda: "li" in party.members and party.members["li"].spoke)
    li = Phone(leg, tone(stage.folder / "li.wav", 60, PHONE))
    await asyncio.gather(stage.subject.hears(PAGE, PHONE), chen.hears(SUBJECT, PHONE), li.hears(SUBJECT, PAGE))

    officer_member = await party.speak("officer", relieve=True)
    officer = await come(officer_member, OTHER)
    await asyncio.gather(stage.subject.hears(OTHER, but_not=(PAGE, PHONE)), officer.hears(SUBJECT))
    assert list(party.members) == ["officer"]
    await party.dismiss(officer_member)
    result = await handing_over
    assert result.state is EscalationState.JOINED
    assert result.dissuader == "chen"
    await exchange.say(FAREWELL)
    await stage.subject.hears_sound(farewell)
    assert set(desk.dissuaders.readiness().values()) == {Readiness.RESTING}
    await journal.close()
    assert [state for _, state, _ in notes.ended] == [EscalationState.JOINED] * 3
    await li.close()
