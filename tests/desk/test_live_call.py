"""A live call taken in a real browser: a real node, real phones, a real microphone and loudspeaker."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import expect

from campaigns.follow_up import FollowUpKind
from campaigns.model import Conviction, EscalationState, Outcome, Speaker
from campaigns.staff import Role
from rehearsal.calls import PhoneCall
from tests.desk.browser import WAIT_MS, People, chromium
from tests.desk.centre import Centre, open_centre
from tests.desk.network import network
from tests.desk.sound import Samples, found_again, read, samples, speech

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(300), pytest.mark.asyncio(loop_scope="module")]

FIRST, SECOND = "+8611100000012", "+8611100000022"
SCENARIO = f"""
rehearsal: desk
language: zh-CN
lines: 1
dialer:
  centre: {{name: 反诈中心}}
  escalation: {{wrap_up_s: 1}}
phones:
  - number: "{FIRST}"
    voice: {{variant: m5, rate_wpm: 165}}
    lead: {{name: 李强, scam_type: 冒充公检法, grade: high, sex: 男, age: 45}}
    rings_s: 0.5
    lines: &lines
      - say: 喂，你好
      - say: 有，我已经转了五万块
        interrupts_after_s: 4
      - say: 转了，昨天转了三万
    afterwards: repeat
  - number: "{SECOND}"
    voice: {{variant: f4, rate_wpm: 160}}
    lead: {{name: 吴霞, scam_type: 冒充公检法, grade: high, sex: 女, age: 61}}
    rings_s: 0.5
    lines: *lines
    afterwards: repeat
"""
ADVICE = "您好，我是民警，请您马上挂断电话，不要转账"
OTHER = "今天的天气很好，我们明天一起去公园散步吧"
"""Something that nobody said."""
ENOUGH = 0.5
"""Of a sound that was heard; of one that was not, less than a tenth is found by accident."""

expect.set_options(timeout=WAIT_MS)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def floor(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[Centre, People, Samples]]:
    """The centre, the browser, and what its microphones hear."""
    folder: Path = tmp_path_factory.mktemp("centre")
    async with AsyncExitStack() as running:
        microphone = await speech(folder / "microphone", ADVICE, silence_s=4.0)
        centre = await running.enter_async_context(open_centre(folder, SCENARIO))
        people = await running.enter_async_context(chromium(microphone))
        yield centre, people, read(microphone)


async def test_a_dissuader_takes_a_live_call_at_the_page_hears_and_is_heard_while_the_officer_watches(
    floor: tuple[Centre, People, Samples],
) -> None:
    centre, people, advice = floor
    chen = await people.come(
        centre.address, language="zh-CN", ticket=centre.ticket("chen", Role.DISSUADER, name="陈警官")
    )
    officer = await people.come(centre.address, ticket=centre.ticket("li", Role.DUTY_OFFICER, name="Li"))
    await officer.open("/floor")
    await chen.open("/desk")
    await chen.page.locator("#station-ready").click()
    await expect(officer.page.locator("#people .person.ready", has_text="陈警官")).to_be_visible()
    await chen.page.reload()
    await expect(chen.page.locator("#station-ready")).to_have_attribute("aria-pressed", "true")

    call = await centre.call(FIRST)
    await expect(chen.page.locator("#why .words")).to_contain_text("转")
    await expect(chen.page.locator("[role=log] .subject", has_text="五万")).to_be_visible()
    await expect(chen.page.locator("#offer-title")).to_contain_text("李强")
    await expect(officer.page.locator("#calls .call.offered", has_text="李强")).to_be_visible()
    await chen.page.locator("#accept").click()
    await chen.page.wait_for_url(f"**/calls/{call.id}")
    await expect(chen.page.locator("#phone")).to_have_attribute("data-is-state", "connected")
    await expect(officer.page.locator("#calls .call.joined .on-call")).to_contain_text(re.compile("chen|陈警官"))
    await expect(officer.page.locator("#people .person.talking", has_text="陈警官")).to_be_visible()

    # The page's microphone is understood, and the subject answers what they hear.
    await expect(chen.page.locator("[role=log] .dissuader", has_text="民警").first).to_be_visible()
    await expect(chen.page.locator("[role=log] .subject", has_text="三万").first).to_be_visible()
    await chen.page.locator("#order-visit").click()
    await expect(chen.page.locator("#orders .ordered li", has_text="上门")).to_be_visible()
    await chen.page.locator("#record [value=money_sent]").check()
    await chen.page.locator("#record [name=amount_at_risk]").fill("80000")
    await chen.page.locator("#record [name=note]").fill("已转五万，正在止付")
    await expect(chen.page.locator("#draft-state")).not_to_be_empty()
    played = await chen.played()
    await chen.page.locator("#hang-up").click()
    await expect(chen.page.locator("#hang-up")).to_have_count(0)
    await chen.page.locator("#file").click()
    await expect(chen.page.locator("#filed")).to_be_visible()
    await expect(officer.page.locator("#calls .call")).to_have_count(0)
    await officer.open("/follow-ups")
    await expect(officer.page.locator(".order", has_text="李强").filter(has_text="Visit")).to_be_visible()

    at_phone = await _over(centre, FIRST)
    assert at_phone.ended is not None
    heard, wrong = read(at_phone.ended.recording), await _said(centre, OTHER)
    assert found_again(advice, heard) > ENOUGH
    assert found_again(wrong, heard) < ENOUGH / 2
    said = next(line for line in at_phone.said if line.text.endswith("三万"))
    assert found_again(read(said.sound), played) > ENOUGH
    assert found_again(wrong, played) < ENOUGH / 2

    stored = centre.attempt(FIRST)
    assert stored is not None
    assert stored.result is not None
    assert stored.result.outcome is Outcome.ESCALATED
    assert [(each.state, each.dissuader) for each in stored.escalations] == [(EscalationState.JOINED, "chen")]
    assert any(turn.speaker is Speaker.DISSUADER and "民警" in turn.text for turn in stored.turns)
    filed = centre.store.dispositions(call.case_id)
    assert [(each.conviction, each.by, each.amount_at_risk) for each in filed] == [
        (Conviction.MONEY_SENT, "chen", 80_000.0)
    ]
    orders = centre.store.follow_ups(call.case_id)
    assert (FollowUpKind.VISIT, "chen") in {(each.kind, each.by) for each in orders}
    seen = {entry.action for entry in centre.store.audit_trail(by="chen")}
    assert {"session.started", "station.set", "offer.viewed", "call.accepted", "call.viewed", "call.hung_up"} <= seen
    assert chen.complaints + officer.complaints == []
    await chen.page.keyboard.press("3")
    await expect(chen.page.locator("#station-away")).to_have_attribute("aria-pressed", "true")


async def test_of_two_who_race_one_gets_the_call_and_keeps_it_by_keyboard_alone_while_the_network_drops(
    floor: tuple[Centre, People, Samples],
) -> None:
    centre, people, advice = floor
    async with network(centre.address) as wire:
        tickets = [centre.ticket(login, Role.DISSUADER, name=login.title()) for login in ("zhao", "qian")]
        zhao = await people.come(centre.address, ticket=tickets[0])
        qian = await people.come(wire.address, ticket=tickets[1].replace(centre.address, wire.address), keyboard=True)
        for each in (zhao, qian):
            await each.open("/desk")
            await expect(each.page.locator("#station-ready")).to_be_visible()
            await each.page.keyboard.press("1")
            await expect(each.page.locator("#station-ready")).to_have_attribute("aria-pressed", "true")

        call = await centre.call(SECOND)
        await expect(zhao.page.locator("#accept")).to_be_visible()
        await expect(qian.page.locator("#accept, .ring")).to_have_count(0)
        assert await zhao.post(f"/calls/{call.id + 1}/accept") == 409
        assert await qian.post(f"/calls/{call.id}/accept") == 409
        await zhao.page.keyboard.press("d")
        await expect(qian.page.locator("#accept")).to_be_visible()
        refused, _ = await asyncio.gather(zhao.post(f"/calls/{call.id}/accept"), qian.page.keyboard.press("a"))
        assert refused == 409
        await qian.page.wait_for_url(f"**/calls/{call.id}")
        phone = qian.page.locator("#phone")
        await expect(phone).to_have_attribute("data-is-state", "connected")
        await expect(qian.page.locator("[role=log] .dissuader", has_text="民警").first).to_be_visible()

        await qian.tab_to("#record [name=note]")
        await qian.page.keyboard.type("She is at the bank.")
        wire.cut()
        await expect(phone).to_have_attribute("data-is-state", "lost")
        await qian.page.keyboard.type(" Alone.")
        wire.mend()
        await expect(phone).to_have_attribute("data-is-state", "connected")
        again = len(qian.spoken)
        await expect(qian.page.locator("#draft-state")).to_have_text("Kept")
        assert centre.store.draft("qian", call.id)["note"] == "She is at the bank. Alone."
        await centre.until(lambda: len(qian.spoken) - again > 2 * len(advice))
        back = samples(bytes(qian.spoken[again:]))
        await qian.tab_to("#order-stop_payment")
        await qian.page.keyboard.press("Enter")
        await expect(qian.page.locator("#orders .ordered li", has_text="Stop")).to_be_visible()
        await qian.tab_to("#hang-up")
        await qian.page.keyboard.press("Enter")
        await expect(qian.page.locator("#hang-up")).to_have_count(0)

    at_phone = await _over(centre, SECOND)
    assert at_phone.ended is not None
    assert found_again(back, read(at_phone.ended.recording)) > ENOUGH
    stored = centre.attempt(SECOND)
    assert stored is not None
    assert stored.result is not None
    assert stored.result.outcome is Outcome.ESCALATED
    assert [(each.state, each.dissuader, each.tried) for each in stored.escalations] == [
        (EscalationState.JOINED, "qian", ("zhao", "qian"))
    ]


async def _over(centre: Centre, number: str) -> PhoneCall:
    """The call as its phone had it, once it is over for both."""

    def ended() -> bool:
        attempt = centre.attempt(number)
        return attempt is not None and attempt.result is not None and centre.at_phone(number).ended is not None

    await centre.until(ended)
    return centre.at_phone(number)


async def _said(centre: Centre, text: str) -> Samples:
    """How the microphone's voice would say it."""
    return read(await speech(centre.folder / "unsaid", text, silence_s=0))
