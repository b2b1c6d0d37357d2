"""The page as a phone: frames both ways for who is on the call, and a reason for everybody else."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from campaigns.staff import Role
from console.desk.pages import audio
from dialer.live import FRAME_BYTES, Part, Phase
from tests.console.at_desk import Browser
from tests.console.live_double import Link
from tests.console.seeds import Seeded
from tests.console.sockets import socket

pytestmark = pytest.mark.unit

FRAME = bytes(range(160)) * 2
assert len(FRAME) == FRAME_BYTES


@pytest.fixture
async def li(seeded: Seeded) -> Browser:
    return await seeded.desk.signed_in("li", Role.DISSUADER)


def path(seeded: Seeded) -> str:
    return f"/calls/{seeded.attempt_id}/audio"


def link(seeded: Seeded, login: str = "li") -> Link:
    return seeded.live.links.setdefault((seeded.attempt_id, login), Link())


async def heard(found: Link, pcm: bytes) -> None:
    async with asyncio.timeout(20):
        while bytes(found.sent) != pcm:
            await asyncio.sleep(0.005)


async def test_what_the_page_says_and_hears_is_carried_frame_by_frame(seeded: Seeded, li: Browser) -> None:
    seeded.join("li")
    async with socket(seeded.desk, path(seeded), li) as page:
        assert await page.opened()
        link(seeded).to_play.put_nowait(FRAME)
        link(seeded).to_play.put_nowait(FRAME[::-1])
        await page.send(FRAME)
        await page.send(FRAME[:100])
        assert [await page.frame(), await page.frame()] == [FRAME, FRAME[::-1]]
        await heard(link(seeded), FRAME + FRAME[:100])
    (entry,) = await seeded.desk.audited("call.heard")
    assert (entry["by"], entry["case_id"]) == ("li", seeded.case_id)


async def test_after_the_network_dropped_the_sound_comes_back_and_is_one_look(seeded: Seeded, li: Browser) -> None:
    seeded.join("li")
    for _ in range(2):
        async with socket(seeded.desk, path(seeded), li) as page:
            assert await page.opened()
            link(seeded).to_play.put_nowait(FRAME)
            assert await page.frame() == FRAME
            await page.leave()
    assert len(await seeded.desk.audited("call.heard")) == 1
    call = seeded.live.call(seeded.attempt_id)
    assert call is not None
    assert [each.name for each in call.on_call] == ["li"]


async def test_the_end_of_the_call_is_told_apart_from_a_lost_network(seeded: Seeded, li: Browser) -> None:
    seeded.join("li")
    async with socket(seeded.desk, path(seeded), li) as page:
        assert await page.opened()
        link(seeded).to_play.put_nowait(FRAME)
        assert await page.frame() == FRAME
        seeded.live.put(replace(seeded.call, phase=Phase.ENDED))
        link(seeded).to_play.put_nowait(None)
        assert await page.closed() == audio.ENDED
    async with socket(seeded.desk, path(seeded), li) as page:
        assert await page.closed() == audio.OVER


async def test_another_window_that_takes_the_sound_is_named_as_the_reason(seeded: Seeded, li: Browser) -> None:
    seeded.join("li")
    async with socket(seeded.desk, path(seeded), li) as page:
        assert await page.opened()
        link(seeded).to_play.put_nowait(None)
        assert await page.closed() == audio.ELSEWHERE


async def test_an_officer_who_listens_has_the_sound(seeded: Seeded) -> None:
    seeded.join("chen", part=Part.LISTENS)
    officer = await seeded.desk.signed_in("chen", Role.DUTY_OFFICER)
    async with socket(seeded.desk, path(seeded), officer) as page:
        assert await page.opened()
        link(seeded, "chen").to_play.put_nowait(FRAME)
        assert await page.frame() == FRAME


@pytest.mark.parametrize("roles", [(Role.DISSUADER,), (Role.DUTY_OFFICER,), tuple(Role)])
async def test_nobody_hears_a_call_on_which_they_are_not(seeded: Seeded, roles: tuple[Role, ...]) -> None:
    seeded.join("li")
    zhao = await seeded.desk.signed_in("zhao", *roles)
    async with socket(seeded.desk, path(seeded), zhao) as page:
        assert await page.closed() == audio.NOT_YOURS
    assert seeded.live.links == {}
    assert await seeded.desk.audited("call.heard") == []
    assert len(await seeded.desk.audited("access.refused")) == 1


async def test_who_speaks_by_telephone_has_no_sound_at_the_page(seeded: Seeded, li: Browser) -> None:
    seeded.join("li", phone=True)
    async with socket(seeded.desk, path(seeded), li) as page:
        assert await page.closed() == audio.NOT_YOURS


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.AUDITOR])
async def test_the_sound_is_for_those_who_take_calls_or_run_the_floor(seeded: Seeded, role: Role) -> None:
    seeded.join("wu")
    other = await seeded.desk.signed_in("wu", role)
    async with socket(seeded.desk, path(seeded), other) as page:
        assert not await page.opened()
    assert seeded.live.links == {}


async def test_a_page_of_another_site_and_nobody_logged_in_are_not_let_in(seeded: Seeded, li: Browser) -> None:
    seeded.join("li")
    stranger = await seeded.desk.browser()
    for browser, origin in ((li, "http://elsewhere.example"), (li, ""), (stranger, "http://localhost")):
        async with socket(seeded.desk, path(seeded), browser, origin=origin) as page:
            assert not await page.opened()
    assert seeded.live.links == {}


@pytest.mark.parametrize("frame", [b"\0" * 321, b"\0" * (audio.LARGEST + 2), "text"])
async def test_what_is_no_sound_ends_the_connection_and_reaches_nobody(
    seeded: Seeded, li: Browser, frame: bytes | str
) -> None:
    seeded.join("li")
    async with socket(seeded.desk, path(seeded), li) as page:
        assert await page.opened()
        await page.send(frame)
        assert await page.closed() in {1003, 1007, 1009}
    assert bytes(link(seeded).sent) == b""


async def test_logging_out_ends_the_sound(seeded: Seeded, li: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audio, "LOOK_AGAIN_S", 0.02)
    seeded.join("li")
    async with socket(seeded.desk, path(seeded), li) as page:
        assert await page.opened()
        await seeded.desk.store.call(lambda s: s.end_sessions("li"))
        assert await page.closed() == audio.SIGNED_OUT
