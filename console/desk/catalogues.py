"""Finds the texts of the desk, in code and templates, and which of them lack a translation.

``make messages`` runs it: texts that are new go to ``desk.po`` of each language, without a translation yet. A file
beside it that a part of the desk has of its own is found, too.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import normalize, read_po

from console.desk.texts import LOCALE, TAGS
from dialer.live import Refusal

HERE = Path(__file__).parent
_METHODS = [("**.py", "python"), ("templates/**.html", "jinja2")]
_OPTIONS = {"templates/**.html": {"trimmed": "true", "silent": "false"}}

Text = str | tuple[str, ...]


def used() -> dict[Text, str]:
    """Each text, or its singular and plural, and the first place where it stands."""
    found: dict[Text, str] = {}
    for file, line, text, *_ in extract_from_dir(HERE, _METHODS, _OPTIONS):
        found.setdefault(text, f"{file}:{line}")
    for refusal in Refusal:
        found.setdefault(refusal.value, "dialer/live.py")
    return found


def catalogues(tag: str) -> Iterator[tuple[Path, Catalog]]:
    """The files of a language and what they hold."""
    for path in sorted(folder(tag).glob("*.po")):
        with path.open("rb") as file:
            yield path, read_po(file, locale=tag.replace("-", "_"))


def folder(tag: str) -> Path:
    """Where the files of a language are."""
    return LOCALE / tag.replace("-", "_") / "LC_MESSAGES"


def known(tag: str) -> dict[Text, Text]:
    """Texts that are translated, and how."""
    found: dict[Text, Text] = {}
    for _, catalogue in catalogues(tag):
        for message in catalogue:
            if message.id and message.string and not message.fuzzy:
                found[_plain(message.id)] = _plain(message.string)
    return found


def _plain(text: Text | list[str]) -> Text:
    return text if isinstance(text, str) else tuple(text)


def _entry(text: Text) -> str:
    """A text without a translation yet, as a ``.po`` file holds it."""
    if isinstance(text, str):
        return f'\nmsgid {normalize(text)}\nmsgstr ""\n'
    return f'\nmsgid {normalize(text[0])}\nmsgid_plural {normalize(text[1])}\nmsgstr[0] ""\n'


def main() -> int:
    """Add what is new to ``desk.po``, and say what is to be done by hand."""
    wanted = used()
    for tag in TAGS:
        if tag == "en":
            continue
        there = {message.id for _, catalogue in catalogues(tag) for message in catalogue}
        with (folder(tag) / "desk.po").open("a", encoding="utf-8") as file:
            file.writelines(_entry(text) for text in wanted if text not in there)
        translated = known(tag)
        lines = [
            f"{tag}: no translation: {text!r} ({place})" for text, place in wanted.items() if text not in translated
        ]
        lines += [f"{tag}: no longer used: {text!r}" for text in translated if text not in wanted]
        sys.stdout.write("".join(f"{line}\n" for line in lines))
    return 0


if __name__ == "__main__":
    sys.exit(main())
