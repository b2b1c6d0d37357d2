"""Looking for words: in what was said, in leads, in notes.

``texts`` holds each text that can be found, ``texts_index`` its pieces (`campaigns.sqlite.grams`). The index keeps no
content of its own, so a text is taken out of it by saying again what went in.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from campaigns.model import Campaign, Found, FoundIn, Lead
from campaigns.sqlite import rows
from campaigns.sqlite.connection import Connection
from campaigns.sqlite.grams import indexed, query
from campaigns.sqlite.texts import keep_text, lead_text
from campaigns.store import NotFoundError

_SEARCH = """
select t.* from texts_index i join texts t on t.id = i.rowid
where texts_index match :query
  and (:campaign_id is null or exists (select 1 from cases c where c.id = t.case_id and c.campaign_id = :campaign_id))
order by i.rowid desc limit :limit
"""


class Searching(Connection):
    """The index of texts."""

    def _campaign(self, name: str) -> Campaign:
        row = self._db.execute("select * from campaigns where name = ?", (name,)).fetchone()
        if row is None:
            raise NotFoundError(f"there is no campaign {name!r}; `dissuade campaign status` lists those that exist")
        return rows.campaign(row)

    def search(self, text: str, *, limit: int = 50, campaign: str | None = None) -> list[Found]:
        """See `campaigns.store.Store`."""
        wanted = query(text)
        with self._read() as db:
            campaign_id = None if campaign is None else self._campaign(campaign).id
            if wanted is None:
                return []
            found = db.execute(_SEARCH, {"query": wanted, "campaign_id": campaign_id, "limit": limit})
            return [rows.found(row) for row in found]

    def _keep_lead(self, case_id: int, lead: Lead, now: float) -> None:
        """Let a case be found by its lead as it is now."""
        before = "select * from texts where case_id = ? and found_in = ?"
        self._drop_texts(self._db.execute(before, (case_id, FoundIn.LEAD.value)).fetchall())
        keep_text(self._db, FoundIn.LEAD, lead_text(lead), case_id=case_id, attempt_id=None, at=now)

    def _drop_texts(self, found: Iterable[sqlite3.Row]) -> None:
        """Let rows of ``texts`` be found no more."""
        for row in found:
            self._db.execute(
                "insert into texts_index (texts_index, rowid, pieces) values ('delete', ?, ?)",
                (row["id"], indexed(row["text"])),
            )
            self._db.execute("delete from texts where id = ?", (row["id"],))
