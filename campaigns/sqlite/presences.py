"""Where dissuaders stand, which node keeps them for a call, and their unfinished forms."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping

from campaigns.sqlite.staff import Staff, read_user
from campaigns.staff import Presence, Role, Station
from campaigns.store import NotFoundError

_STANDING = """
select users.*, coalesce(station, 'away') as station, coalesce(since_at, users.created_at) as since_at,
       coalesce(held_by, '') as held_by, coalesce(held_until_at, 0) as held_until_at
from users left join stations on stations.user_id = users.id
where users.disabled_at is null
"""
# Whoever keeps somebody may go on, even if they were disabled meanwhile: a call is not cut off.
_HOLD = """
update stations set held_by = :node, held_until_at = :until
where user_id = :user
  and ((held_by = :node and held_until_at > :now) or (:in_force and (held_by in ('', :node) or held_until_at <= :now)))
"""


class Presences(Staff):
    """Stations and drafts of `campaigns.staff.StaffStore` on SQLite."""

    def set_station(self, login: str, station: Station, *, now: float) -> Presence:
        """See `campaigns.staff.StaffStore`."""
        with self._write() as db:
            row = self._user_in_force(login)
            user_id = row["id"]
            self._stand_somewhere(row)
            changed = db.execute(
                "update stations set station = ?, since_at = ? where user_id = ? and station <> ?",
                (station, now, user_id, station),
            ).rowcount
            if changed:
                self._event("station.changed", now, login=login, station=station)
            return _presence(db.execute(f"{_STANDING} and users.id = ?", (user_id,)).fetchone())

    def presences(self) -> list[Presence]:
        """See `campaigns.staff.StaffStore`."""
        with self._read() as db:
            found = [_presence(row) for row in db.execute(f"{_STANDING} order by login")]
        return [each for each in found if Role.DISSUADER in each.user.roles]

    def hold_user(self, login: str, node: str, *, now: float, lease_s: float) -> bool:
        """See `campaigns.staff.StaffStore`."""
        with self._write_soon() as db:
            row = self._user_row(login)
            self._stand_somewhere(row)
            given = {
                "node": node,
                "now": now,
                "until": now + lease_s,
                "user": row["id"],
                "in_force": row["disabled_at"] is None,
            }
            return db.execute(_HOLD, given).rowcount > 0

    def free_user(self, login: str, node: str) -> None:
        """See `campaigns.staff.StaffStore`."""
        with self._write_soon() as db:
            db.execute(
                "update stations set held_by = '', held_until_at = 0"
                " where held_by = ? and user_id = (select id from users where login = ?)",
                (node, login),
            )

    def keep_draft(self, login: str, attempt_id: int, draft: Mapping[str, object], *, now: float) -> None:
        """See `campaigns.staff.StaffStore`."""
        with self._write() as db:
            user_id = self._user_row(login)["id"]
            if not draft:
                db.execute("delete from drafts where attempt_id = ? and user_id = ?", (attempt_id, user_id))
                return
            if db.execute("select 1 from attempts where id = ?", (attempt_id,)).fetchone() is None:
                raise NotFoundError(f"there is no attempt {attempt_id}")
            db.execute(
                "insert or replace into drafts (attempt_id, user_id, data, at) values (?, ?, ?, ?)",
                (attempt_id, user_id, json.dumps(dict(draft), ensure_ascii=False), now),
            )

    def draft(self, login: str, attempt_id: int) -> Mapping[str, object]:
        """See `campaigns.staff.StaffStore`."""
        with self._read() as db:
            row = db.execute(
                "select data from drafts join users on users.id = user_id where attempt_id = ? and login = ?",
                (attempt_id, login),
            ).fetchone()
        return {} if row is None else json.loads(row["data"])

    def _stand_somewhere(self, user: sqlite3.Row) -> None:
        """Whoever never said where they stand has been away from the beginning."""
        self._db.execute(
            "insert or ignore into stations (user_id, station, since_at) values (?, ?, ?)",
            (user["id"], Station.AWAY, user["created_at"]),
        )


def _presence(row: sqlite3.Row) -> Presence:
    return Presence(read_user(row), Station(row["station"]), row["since_at"], row["held_by"], row["held_until_at"])
