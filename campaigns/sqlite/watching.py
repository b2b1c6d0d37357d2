"""What goes on now, over all nodes: calls in progress, and trunks that fail."""

from __future__ import annotations

from campaigns.counts import CallSeen
from campaigns.model import Event
from campaigns.sqlite import rows
from campaigns.sqlite.counting import Counting

_LAST_TURNS = 3
_CALLS = "select * from attempts where ended_at is null order by +id limit ?"
_TURNS = "select * from turns where attempt_id = ? order by start_s desc, id desc limit ?"
_BREAKERS = """
select * from events where seq in (
  select max(seq) from events where kind in ('breaker.opened', 'breaker.closed') group by json_extract(data, '$.node')
) order by seq
"""


class Watching(Counting):
    """The present."""

    def calls_in_progress(self, *, limit: int = 200) -> list[CallSeen]:
        """See `campaigns.store.Store`."""
        with self._read() as db:
            campaigns = {row["id"]: row["name"] for row in db.execute("select id, name from campaigns")}
            found = []
            for row in db.execute(_CALLS, (limit,)).fetchall():
                own = (row["id"],)
                case = rows.case(self._case_row(row["case_id"]))
                turns = db.execute(_TURNS, (*own, _LAST_TURNS)).fetchall()
                signals = db.execute("select * from signals where attempt_id = ? order by at_s, id", own)
                escalations = db.execute("select * from escalations where attempt_id = ? order by id", own)
                attempt = rows.attempt(
                    row,
                    tuple(rows.turn(turn) for turn in reversed(turns)),
                    tuple(rows.signal(signal) for signal in signals),
                    tuple(rows.escalation(escalation) for escalation in escalations),
                )
                found.append(CallSeen(attempt, row["answered_at"], case, campaigns[case.campaign_id]))
            return found

    def breakers(self) -> list[Event]:
        """See `campaigns.store.Store`."""
        with self._read() as db:
            return [rows.event(row) for row in db.execute(_BREAKERS)]
