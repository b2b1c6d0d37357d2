"""What the doctor says."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """How bad it is."""

    OK = "ok"
    WARN = "warn"
    """It works, but not for real calls, or not for long."""
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    what: str
    verdict: Verdict
    said: str
    mend: str = ""


def ok(what: str, said: str) -> Finding:
    """It works."""
    return Finding(what, Verdict.OK, said)


def warn(what: str, said: str, mend: str) -> Finding:
    """It works with a reserve."""
    return Finding(what, Verdict.WARN, said, mend)


def fail(what: str, said: str, mend: str) -> Finding:
    """It does not work."""
    return Finding(what, Verdict.FAIL, said, mend)
