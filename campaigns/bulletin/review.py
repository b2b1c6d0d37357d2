"""A bulletin: the figures of a span beside those of the spans before it, read from the store."""

from __future__ import annotations

import re
from dataclasses import dataclass

from campaigns.bulletin.counting import count
from campaigns.bulletin.figures import Figures
from campaigns.bulletin.spans import Span
from campaigns.store import NotFoundError, Store


@dataclass(frozen=True, slots=True)
class Bulletin:
    """What is printed."""

    now: Figures
    before: Figures
    """The day, or the week, before."""
    week_before: Figures | None
    """The same day a week earlier; ``None`` in the review of a week."""
    campaign: str
    """Empty: all campaigns."""
    centre: str
    made_at: float

    @property
    def name(self) -> str:
        """What its files are called, without an ending."""
        campaign = re.sub(r"[^\w.-]+", "_", f"-{self.campaign}") if self.campaign else ""
        return f"bulletin-{self.now.span.kind.value}-{self.now.span.first.isoformat()}{campaign}"


def review(store: Store, span: Span, *, now: float, campaign: str = "", centre: str = "") -> Bulletin:
    """Count the span and those before it. Raises `NotFoundError` for an unknown campaign."""
    if campaign and campaign not in {each.name for each in store.campaigns()}:
        raise NotFoundError(f"there is no campaign {campaign!r}; `dissuade campaign status` lists them")

    def counted(own: Span) -> Figures:
        found = store.histories(changed_from_at=own.from_at, changed_until_at=own.until_at)
        return count((each for each in found if campaign in {"", each.campaign.name}), own, as_of_at=now)

    return Bulletin(
        now=counted(span),
        before=counted(span.before),
        week_before=counted(span.week_before) if span.week_before else None,
        campaign=campaign,
        centre=centre,
        made_at=now,
    )
