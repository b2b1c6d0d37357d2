"""What can be found, and putting it into the index."""

from __future__ import annotations

import json
import sqlite3

from campaigns.model import FoundIn, Lead, Relative
from campaigns.sqlite.grams import indexed

_OF_CALLS = """
select 'turn' as found_in, t.text as text, a.case_id, a.id as attempt_id, a.claimed_at as at
from turns t join attempts a on a.id = t.attempt_id
union all
select 'signal', s.words, a.case_id, a.id, a.claimed_at from signals s join attempts a on a.id = s.attempt_id
union all
select 'mention', m.value || ' · ' || m.words, a.case_id, a.id, a.claimed_at
from mentions m join attempts a on a.id = m.attempt_id
union all
select 'disposition', note, case_id, attempt_id, at from dispositions
order by at
"""


def keep_text(
    db: sqlite3.Connection, where: FoundIn, text: str, *, case_id: int, attempt_id: int | None, at: float
) -> None:
    """Let a text be found."""
    pieces = indexed(text)
    if not pieces:
        return
    row = db.execute(
        "insert into texts (found_in, text, case_id, attempt_id, at) values (?, ?, ?, ?, ?)",
        (where.value, text, case_id, attempt_id, at),
    )
    db.execute("insert into texts_index (rowid, pieces) values (?, ?)", (row.lastrowid, pieces))


def lead_text(lead: Lead) -> str:
    """The parts of a lead by which a case is found."""
    relatives = (part for each in lead.relatives for part in (each.name, each.number))
    parts = (lead.name, lead.number, lead.note, lead.address, *lead.accounts, *relatives)
    return " · ".join(part for part in parts if part)


def index_everything(db: sqlite3.Connection) -> None:
    """Put what an older version stored into an empty index."""
    for row in db.execute("select id, number, name, note, address, accounts, relatives, created_at from cases"):
        relatives = tuple(Relative(*each) for each in json.loads(row["relatives"]))
        lead = Lead(
            row["number"],
            row["name"],
            note=row["note"],
            address=row["address"],
            accounts=tuple(json.loads(row["accounts"])),
            relatives=relatives,
        )
        keep_text(db, FoundIn.LEAD, lead_text(lead), case_id=row["id"], attempt_id=None, at=row["created_at"])
    for row in db.execute(_OF_CALLS):
        of_call = {"case_id": row["case_id"], "attempt_id": row["attempt_id"], "at": row["at"]}
        keep_text(db, FoundIn(row["found_in"]), row["text"], **of_call)
