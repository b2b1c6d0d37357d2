"""Pictures of every page in both languages: ``python -m tests.desk.screenshots FOLDER [NAME ...]``."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Literal

from tests.desk.browser import People, chromium
from tests.desk.furnished import USERS, Furnished, furnished
from tests.desk.pages import LANGUAGES, PageShown, pages

THEMES: dict[str, Literal["light", "dark"]] = {"en": "light", "zh-CN": "dark"}
"""Each language in one theme: all texts and all colours are seen."""
RINGS_S = 20.0
_SETTLED_MS = 700


async def take(folder: Path, names: Collection[str] = ()) -> None:
    """Write ``NAME.LANGUAGE.png`` into a folder, of these pages or of all."""
    folder.mkdir(parents=True, exist_ok=True)
    async with chromium() as people:
        for language in LANGUAGES:
            with tempfile.TemporaryDirectory() as home:
                async with furnished(Path(home), rings_s=RINGS_S) as desk:
                    for login in ("", *USERS):
                        own = [
                            each for each in pages(desk) if each.login == login and each.name in (names or {each.name})
                        ]
                        if own:
                            await _take(folder, people, desk, language, login, own)


async def _take(
    folder: Path, people: People, desk: Furnished, language: str, login: str, own: Sequence[PageShown]
) -> None:
    cookie = await desk.cookie(login) if login else ""
    person = await people.come(desk.address, language=language, cookie=cookie)
    await person.page.emulate_media(color_scheme=THEMES[language])
    for shown in own:
        await person.open(shown.path)
        await person.page.keyboard.press("Shift")  # somebody is there: the bell may ring
        await person.page.wait_for_timeout(_SETTLED_MS)
        await person.page.screenshot(path=folder / f"{shown.name}.{language}.png", full_page=True)
    await person.page.context.close()


if __name__ == "__main__":
    asyncio.run(take(Path(sys.argv[1]), sys.argv[2:]))
