"""Cases decided on without a call: time has passed, feedback came, somebody changed something."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from campaigns.model import (
    Campaign,
    CampaignState,
    Case,
    CaseState,
    Disposition,
    FoundIn,
    History,
    Lead,
    NextStep,
    Suppression,
)
from campaigns.sqlite import rows
from campaigns.sqlite.steps import Steps, is_called
from campaigns.sqlite.texts import keep_text
from campaigns.store import Decide, NotFoundError

# Gathered before it is put in order: asked for it in order at once, SQLite reads all cases for each part.
_TO_REVISE = """
with overtaken as materialized (
  select id from cases where state = 'queued' and heap = 2
  union all
  select id from cases where state = 'queued' and heap < 2 and call_until_at <= :now
  union all
  select id from cases where state = 'queued' and expires_at <= :now
  union all
  select c.id from suppressions s cross join cases c on c.number = s.number and c.state = 'queued'
  where s.until_at is null or s.until_at > :now
  union all
  select id from cases where stale = 1 and state in ('queued', 'waiting')
  union all
  select id from cases where state = 'waiting' and wait_until_at <= :now
)
select distinct id from overtaken order by id limit :limit
"""


class Revising(Steps):
    """Decisions that no call brought about."""

    def revise(self, case_id: int, decide: Decide, *, now: float) -> NextStep | None:
        """See `campaigns.store.Store`."""
        with self._write():
            history = self._history(self._case_row(case_id), now)
            if is_called(history.case):
                return None
            return self._carry_out(history.case, decide(history), now)

    def to_revise(self, *, now: float, limit: int = 500) -> list[int]:
        """See `campaigns.store.Store`."""
        with self._read() as db:
            return [row["id"] for row in db.execute(_TO_REVISE, {"now": now, "limit": limit})]

    def queued(self, campaign: str, *, after: int = 0, limit: int = 500) -> list[int]:
        """See `campaigns.store.Store`."""
        with self._read() as db:
            found = db.execute(
                "select c.id from cases c join campaigns k on k.id = c.campaign_id"
                " where k.name = ? and c.state = 'queued' and c.id > ? order by c.id limit ?",
                (campaign, after, limit),
            )
            return [row["id"] for row in found]

    def history(self, case_id: int, *, now: float) -> History:
        """See `campaigns.store.Store`."""
        with self._read():
            return self._history(self._case_row(case_id), now)

    def standing(self, numbers: Sequence[str], *, now: float, campaign: str | None = None) -> Mapping[str, History]:
        """See `campaigns.store.Store`."""
        found: dict[str, History] = {}
        with self._read() as db:
            own = db.execute("select id from campaigns where name = ?", (campaign,)).fetchone()
            for number in dict.fromkeys(numbers):
                row = db.execute(
                    "select * from cases where number = ? and linked_case_id is null"
                    " order by state = 'closed', campaign_id is not ?, id desc limit 1",
                    (number, own and own["id"]),
                ).fetchone()
                if row is not None:
                    found[number] = self._history(row, now)
                elif (suppressed := self._suppressed(number, now)) or self._free_at(number):
                    found[number] = _unknown(number, suppressed, self._free_at(number))
        return found

    def suppress(self, suppression: Suppression, *, now: float) -> None:
        """See `campaigns.store.Store`."""
        with self._write():
            self._suppress(suppression, now)

    def unsuppress(self, number: str, *, now: float, by: str) -> bool:
        """See `campaigns.store.Store`."""
        with self._write() as db:
            there = db.execute("delete from suppressions where number = ?", (number,)).rowcount > 0
            if there:
                self._event("suppression.lifted", now, number=number, by=by)
            return there

    def suppressions(self, *, now: float) -> list[Suppression]:
        """See `campaigns.store.Store`."""
        with self._read() as db:
            found = db.execute(
                "select * from suppressions where until_at is null or until_at > ? order by at, number", (now,)
            )
            return [rows.suppression(row) for row in found]

    def record_disposition(self, disposition: Disposition, *, now: float) -> None:
        """See `campaigns.store.Store`."""
        with self._write() as db:
            case = rows.case(self._case_row(disposition.case_id))
            if (
                disposition.attempt_id is not None
                and not db.execute(
                    "select 1 from attempts where id = ? and case_id = ?", (disposition.attempt_id, case.id)
                ).fetchone()
            ):
                raise NotFoundError(f"there is no attempt {disposition.attempt_id} of case {case.id}")
            db.execute(
                "insert into dispositions (case_id, attempt_id, conviction, by, at, amount_at_risk, amount_saved, note)"
                " values (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    case.id,
                    disposition.attempt_id,
                    disposition.conviction.value,
                    disposition.by,
                    disposition.at,
                    disposition.amount_at_risk,
                    disposition.amount_saved,
                    disposition.note,
                ),
            )
            keep_text(
                db,
                FoundIn.DISPOSITION,
                disposition.note,
                case_id=case.id,
                attempt_id=disposition.attempt_id,
                at=now,
            )
            db.execute("update cases set changed_at = ?, stale = state <> 'closed' where id = ?", (now, case.id))
            self._case_event(
                "disposition.recorded",
                now,
                case,
                disposition.attempt_id,
                conviction=disposition.conviction.value,
                by=disposition.by,
                amount_at_risk=disposition.amount_at_risk,
                amount_saved=disposition.amount_saved,
            )


def _unknown(number: str, suppressed: Suppression | None, free_at: float) -> History:
    """A number without a case."""
    return History(
        case=Case(0, 0, Lead(number), CaseState.CLOSED, 0, None, 0, None),
        campaign=Campaign(0, "", CampaignState.STOPPED, 0.0),
        suppressed=suppressed,
        free_at=free_at,
    )
