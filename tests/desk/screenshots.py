"""Pictures of every page in both languages: ``python -m tests.desk.screenshots FOLDER [NAME ...]``."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import Collection
from pathlib import Path

from tests.desk.browser import chromium
from tests.desk.furnished import USERS, furnished
from tests.desk.pages import LANGUAGES, pages

THEMES = {"en": "light", "zh-CN": "dark"}
"""Each language in one theme: all texts and all colours are seen."""
_SETTLED_MS = 700


async def take(folder: Path, names: Collection[str] = ()) -> None:
    """Write ``NAME.LANGUAGE.png`` into a folder, of these pages or of all."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home:
        async with furnished(Path(home)) as desk, chromium() as people:
            for language in LANGUAGES:
                for login in ("", *USERS):
                    cookie = await desk.cookie(login) if login else ""
                    person = await people.come(desk.address, language=language, cookie=cookie)
                    await person.page.emulate_media(color_scheme=THEMES[language])  # type: ignore[arg-type]
                    for shown in pages(desk):
                        if shown.login != login or (names and shown.name not in names):
                            continue
                        await person.open(shown.path)
                        await person.page.keyboard.press("Shift")  # somebody is there: the bell may ring
                        await person.page.wait_for_timeout(_SETTLED_MS)
                        await person.page.screenshot(path=folder / f"{shown.name}.{language}.png", full_page=True)
                    await person.page.context.close()


if __name__ == "__main__":
    asyncio.run(take(Path(sys.argv[1]), sys.argv[2:]))
