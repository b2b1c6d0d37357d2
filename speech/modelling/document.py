"""Figures in a Markdown document, between two markers."""

from __future__ import annotations

from pathlib import Path

from speech.modelling.errors import ModellingError


def write(document: Path, text: str, begin: str, end: str) -> None:
    """Put a text between the markers of a document, in place of what stands there.

    Raises:
        ModellingError: the document lacks them.
    """
    whole = document.read_text("utf-8") if document.exists() else ""
    before, found, rest = whole.partition(begin)
    _, found_end, after = rest.partition(end)
    if not found or not found_end:
        raise ModellingError(f"{document} has no place for figures; mend: put the lines {begin} and {end} into it")
    document.write_text(f"{before}{begin}\n\n{text.strip()}\n\n{end}{after}", "utf-8")
