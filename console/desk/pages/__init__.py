"""The pages, each with its routes.

To add one:

- a module here with ``router`` and ``links`` (its entries in the main menu), and a line in `PAGES`;
- each handler takes a `Visit` from `signed_in(...)`, which names the roles that may use it, shows a template with
  ``visit.page``, calls ``visit.audit`` before personal data leaves the house, and ends a POST with ``visit.go``;
- a template that extends ``base.html``, each form with ``{{ token() }}`` from ``forms.html``; what is shown live is a
  fragment of its own, fetched anew when the stream names it::

      <div hx-ext="sse" sse-connect="/stream?on=floor&on=station">
        <section hx-get="/floor/calls" hx-trigger="sse:floor">...</section>
      </div>

- every text is ``_("English")``, in code that is shown later ``N_("English")``, with its Mandarin in a ``.po`` file.
"""

from __future__ import annotations

from typing import Protocol

from fastapi import APIRouter

from console.desk.navigation import Link
from console.desk.pages import (
    account,
    audio,
    audit,
    bulletin,
    call,
    campaigns,
    case,
    desk,
    disposition,
    floor,
    follow_ups,
    home,
    leads,
    log_in,
    recording,
    scripts,
    stream,
    suppressions,
    users,
)


class Page(Protocol):
    """What a module of pages holds."""

    @property
    def router(self) -> APIRouter:
        """Its routes."""
        ...

    @property
    def links(self) -> tuple[Link, ...]:
        """Its entries in the main menu."""
        ...


# In the order of the main menu. Where a user begins is their first entry.
PAGES: tuple[Page, ...] = (
    home,
    desk,
    floor,
    case,
    campaigns,
    leads,
    follow_ups,
    suppressions,
    scripts,
    bulletin,
    users,
    audit,
    account,
    call,
    audio,
    disposition,
    recording,
    log_in,
    stream,
)
