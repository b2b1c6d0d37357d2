"""Every page of the desk, and whose it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tests.desk.furnished import Furnished

LANGUAGES = ("en", "zh-CN")


@dataclass(frozen=True, slots=True)
class PageShown:
    """One page as one user sees it."""

    name: str
    login: str
    """Empty: nobody is logged in."""
    path: str
    status: int = 200


def pages(desk: Furnished) -> Iterator[PageShown]:
    """All of them."""
    yield PageShown("log-in", "", "/log-in")
    yield PageShown("desk-ready", "zhou", "/desk")
    yield PageShown("desk-offer", "chen", "/desk")
    yield PageShown("call", "wang", f"/calls/{desk.calls['joined']}")
    yield PageShown("cases", "wang", "/cases?q=李强")
    yield PageShown("case", "wang", "/cases/1")
    yield PageShown("floor", "li", "/floor")
    yield PageShown("wall", "li", "/floor?wall=1")
    yield PageShown("campaigns", "li", "/campaigns")
    yield PageShown("campaign", "li", "/campaigns/1")
    yield PageShown("policy", "li", "/campaigns/1/policy")
    yield PageShown("orders", "li", "/follow-ups")
    yield PageShown("order", "li", f"/follow-ups/{desk.order}")
    yield PageShown("suppressions", "li", "/suppressions")
    yield PageShown("scripts", "li", "/scripts")
    yield PageShown("script", "li", "/scripts/fake-police.zh-CN")
    yield PageShown("bulletin", "li", "/bulletin")
    yield PageShown("account", "li", "/account")
    yield PageShown("audit", "shen", "/audit")
    yield PageShown("users", "root", "/users")
    yield PageShown("user", "root", "/users/li")
    yield PageShown("missing", "li", "/nothing-here", 404)
