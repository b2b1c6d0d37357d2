"""Precincts: city, district, station and community, from one cell or from four."""

from __future__ import annotations

import re
from collections.abc import Sequence

LEVELS = ("city", "district", "station", "community")
_SEPARATOR = re.compile(r"\s*[/>＞、|\\]\s*|\s*->\s*|\s+-\s+")
_RUN_TOGETHER = re.compile(
    r"(?:[^市省]{2,8}省)?(?P<city>[^市]{2,7}市)?(?P<district>[^区县旗局]{1,7}(?:新区|区|县|旗|分局))?"
    r"(?P<station>[^所]{1,12}派出所)?(?P<community>[^所]{1,14}(?:社区|居委会|居委|村委会|村))?"
)


def parse_precinct(text: str) -> str:
    """``city/district/station/community`` as far as the text tells them apart; any other text as it is."""
    if _SEPARATOR.search(text):
        return "/".join(part.strip() for part in _SEPARATOR.split(text)).rstrip("/")
    found = _RUN_TOGETHER.fullmatch(text)
    parts = [found[level] or "" for level in LEVELS] if found else []
    if not any(parts):
        return text
    return "/".join(parts).rstrip("/")


def join_precinct(parts: Sequence[str]) -> str:
    """One precinct of the four levels; a level that is not known keeps its place."""
    return "/".join(part.replace("/", " ") for part in parts).rstrip("/")
