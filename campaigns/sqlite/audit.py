"""The audit trail: what people at the desk and other systems saw and did."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping

from campaigns.sqlite.connection import Connection
from campaigns.staff import AuditEntry

_TRAIL = """
select * from audit
where (:before is null or seq < :before) {filters}
order by seq desc limit :limit
"""


class Audit(Connection):
    """The trail of `campaigns.staff.StaffStore` on SQLite."""

    def audit(
        self,
        action: str,
        *,
        by: str,
        now: float,
        case_id: int | None = None,
        attempt_id: int | None = None,
        address: str = "",
        detail: Mapping[str, object] | None = None,
    ) -> AuditEntry:
        """See `campaigns.staff.StaffStore`."""
        told = dict(detail or {})
        with self._write() as db:
            seq = db.execute(
                "insert into audit (at, by, action, case_id, attempt_id, address, detail) values (?, ?, ?, ?, ?, ?, ?)",
                (now, by, action, case_id, attempt_id, address, json.dumps(told, ensure_ascii=False)),
            ).lastrowid
        assert seq is not None
        return AuditEntry(seq, now, by, action, case_id, attempt_id, address, told)

    def audit_trail(
        self,
        *,
        before: int | None = None,
        by: str | None = None,
        action: str | None = None,
        case_id: int | None = None,
        limit: int = 200,
    ) -> list[AuditEntry]:
        """See `campaigns.staff.StaffStore`."""
        filters = ""
        if by is not None:
            filters += " and by = :by"
        if action is not None:
            filters += (
                " and substr(action, 1, length(:start)) = :start" if action.endswith("*") else " and action = :action"
            )
        if case_id is not None:
            filters += " and case_id = :case_id"
        given = {
            "before": before,
            "by": by,
            "action": action,
            "start": (action or "").removesuffix("*"),
            "case_id": case_id,
            "limit": limit,
        }
        with self._read() as db:
            return [_entry(row) for row in db.execute(_TRAIL.format(filters=filters), given)]


def _entry(row: sqlite3.Row) -> AuditEntry:
    return AuditEntry(
        row["seq"],
        row["at"],
        row["by"],
        row["action"],
        row["case_id"],
        row["attempt_id"],
        row["address"],
        json.loads(row["detail"]),
    )
