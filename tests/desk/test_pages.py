"""Every page in a real browser, in both languages and both themes: accessible, in bounds, self-contained."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]
from playwright.async_api import Page, ViewportSize, expect

from tests.desk.browser import People, Person, chromium
from tests.desk.furnished import USERS, Furnished, furnished
from tests.desk.pages import LANGUAGES, PageShown, pages

pytestmark = [pytest.mark.program, pytest.mark.timeout(300), pytest.mark.asyncio(loop_scope="module")]

GRAVE = {"serious", "critical"}
CONTRAST: dict[str, object] = {"runOnly": ["color-contrast"]}
"""All that another theme may change."""
WIDE: ViewportSize = {"width": 1280, "height": 900}
NARROW: ViewportSize = {"width": 400, "height": 800}
"""A telephone, or 1280 pixels enlarged more than three times."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[Furnished, People]]:
    async with AsyncExitStack() as running:
        found = await running.enter_async_context(furnished(tmp_path_factory.mktemp("desk")))
        yield found, await running.enter_async_context(chromium())


@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_page_is_accessible_in_bounds_and_asks_nobody_else(
    desk: tuple[Furnished, People], language: str
) -> None:
    found, people = desk
    wrong: list[str] = []
    for login in ("", *USERS):
        cookie = await found.cookie(login) if login else ""
        person = await people.come(found.address, language=language, cookie=cookie)
        for shown in pages(found):
            if shown.login == login:
                wrong += [f"{shown.name}: {each}" for each in await _faults(person, shown, language)]
        await person.page.context.close()
    assert not wrong, "\n".join(wrong)


async def test_the_end_of_what_is_said_is_in_sight(desk: tuple[Furnished, People]) -> None:
    found, people = desk
    person = await people.come(found.address, cookie=await found.cookie("wang"))
    await person.open(f"/calls/{found.calls['joined']}")
    await expect(person.page.locator("#phone")).to_have_attribute("data-is-state", "connected")
    await person.page.keyboard.press("Shift")  # the notice about the bell goes, and all boxes change
    await expect(person.page.locator("#bell-silent")).to_be_hidden()
    last = person.page.locator("[role=log] .said").last
    await expect(last).to_be_in_viewport(ratio=1)


async def _faults(person: Person, shown: PageShown, language: str) -> list[str]:
    page = person.page
    person.complaints.clear()
    await page.emulate_media(color_scheme="light")
    answer = await person.open(shown.path)
    assert answer is not None
    assert answer.status == shown.status, shown.path
    found = []
    if await page.evaluate("document.documentElement.lang") != language:
        found.append("is in another language")
    found += await _axe(page, None, "light")
    await page.emulate_media(color_scheme="dark")
    found += await _axe(page, CONTRAST, "dark")
    for size in (NARROW, WIDE):
        await page.set_viewport_size(size)
        over = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if over > 0:
            found.append(f"scrolls sideways by {over} px at {size['width']} px")
    expected = {404: "status of 404"}.get(shown.status)
    return found + [each for each in person.complaints if expected is None or expected not in each]


async def _axe(page: Page, options: dict[str, object] | None, theme: str) -> list[str]:
    results = await Axe().run(page, options=options)
    return [
        f"{theme}: {each['id']} ({each['impact']}): {each['help']}: "
        + "; ".join(str(node["html"])[:160] for node in each["nodes"][:3])
        for each in results.response["violations"]
        if each["impact"] in GRAVE
    ]
