"""Texts in the reader's language. English texts name themselves; Mandarin ones are in ``locale/zh_CN``.

Each part of the desk may have a ``.po`` file of its own there; together they are one catalogue, read at start.
"""

from __future__ import annotations

import functools
import gettext as standard
import io
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LOCALE = Path(__file__).parent / "locale"
TAGS = ("zh-CN", "en")
"""Languages of the pages, BCP 47."""


def N_(text: str) -> str:  # noqa: N802 (gettext's own name)
    """Mark a text that is translated where it is shown."""
    return text


@functools.cache
def texts(tag: str) -> standard.NullTranslations:
    """The texts in one language of `TAGS`."""
    if tag == "en":
        return standard.NullTranslations()
    folder = LOCALE / tag.replace("-", "_") / "LC_MESSAGES"
    found = standard.NullTranslations()
    for file in sorted(folder.glob("*.po")):
        compiled = io.BytesIO()
        with file.open("rb") as source:
            write_mo(compiled, read_po(source, locale=tag.replace("-", "_")))
        compiled.seek(0)
        one = standard.GNUTranslations(compiled)
        one.add_fallback(found)
        found = one
    return found


def choose(wanted: str, accepted: str, default: str) -> str:
    """The language of a page: what the user chose, else what the browser accepts (``Accept-Language``), else this."""
    asked = [wanted] if wanted else [part.partition(";")[0].strip() for part in accepted.split(",")]
    for each in (*asked, default):
        for tag in TAGS:
            if each.partition("-")[0].lower() == tag.partition("-")[0]:
                return tag
    return TAGS[0]
