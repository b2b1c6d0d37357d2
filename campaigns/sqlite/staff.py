"""Users of the desk, how they log in, and their sessions."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Collection

from campaigns.sqlite.connection import Connection
from campaigns.staff import SEEN_EVERY_S, Role, Session, Station, User
from campaigns.store import NotFoundError, StoreError

_LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_SESSION = """
select sessions.csrf, sessions.created_at as started_at, sessions.seen_at, sessions.until_at, users.*
from sessions join users on users.id = sessions.user_id
where sessions.digest = ?
"""


class Staff(Connection):
    """Users, tickets and sessions of `campaigns.staff.StaffStore` on SQLite."""

    def add_user(
        self, login: str, *, name: str, roles: Collection[Role], password: str, phone: str = "", now: float, by: str
    ) -> User:
        """See `campaigns.staff.StaffStore`."""
        if not _LOGIN.fullmatch(login):
            raise StoreError(
                f"{login!r} is no log-in: lower case letters, digits, '.', '_' and '-', the first a letter or digit"
            )
        _check_roles(roles)
        with self._write() as db:
            if db.execute("select 1 from users where login = ?", (login,)).fetchone():
                raise StoreError(f"there is a user {login} already; choose another log-in")
            db.execute(
                "insert into users (login, name, roles, phone, password, created_at) values (?, ?, ?, ?, ?, ?)",
                (login, name, _encoded(roles), phone, password, now),
            )
            self._event("user.added", now, login=login, roles=sorted(roles), by=by)
            return read_user(self._user_row(login))

    def change_user(
        self,
        login: str,
        *,
        name: str | None = None,
        roles: Collection[Role] | None = None,
        phone: str | None = None,
        language: str | None = None,
        theme: str | None = None,
        keys: bool | None = None,
        disabled: bool | None = None,
        now: float,
        by: str,
    ) -> User:
        """See `campaigns.staff.StaffStore`."""
        if roles is not None:
            _check_roles(roles)
        with self._write() as db:
            before = self._user_row(login)
            given = {
                "name": name,
                "roles": None if roles is None else _encoded(roles),
                "phone": phone,
                "language": language,
                "theme": theme,
                "keys": keys,
            }
            changed = {what: value for what, value in given.items() if value is not None and value != before[what]}
            for what, value in changed.items():
                db.execute(f"update users set {what} = ? where id = ?", (value, before["id"]))  # noqa: S608
            if disabled is not None and disabled != (before["disabled_at"] is not None):
                changed["disabled"] = ""
                db.execute("update users set disabled_at = ? where id = ?", (now if disabled else None, before["id"]))
                if disabled:
                    self._shut_out(before, now)
            after = read_user(self._user_row(login))
            self._keep_an_administrator(read_user(before), after)
            if changed:
                self._tell_of_change(after, list(changed), now, by)
        return after

    def set_password(self, login: str, password: str, *, now: float, by: str) -> None:
        """See `campaigns.staff.StaffStore`."""
        with self._write() as db:
            row = self._user_row(login)
            db.execute("update users set password = ? where id = ?", (password, row["id"]))
            self._end_all(row["id"])
            self._tell_of_change(read_user(row), ["password"], now, by)

    def refresh_password(self, login: str, before: str, after: str) -> None:
        """See `campaigns.staff.StaffStore`."""
        with self._write() as db:
            db.execute("update users set password = ? where login = ? and password = ?", (after, login, before))

    def user(self, login: str) -> User | None:
        """See `campaigns.staff.StaffStore`."""
        with self._read() as db:
            row = db.execute("select * from users where login = ?", (login,)).fetchone()
        return None if row is None else read_user(row)

    def users(self) -> list[User]:
        """See `campaigns.staff.StaffStore`."""
        with self._read() as db:
            return [read_user(row) for row in db.execute("select * from users order by login")]

    def password(self, login: str) -> str | None:
        """See `campaigns.staff.StaffStore`."""
        with self._read() as db:
            row = db.execute("select password from users where login = ? and disabled_at is null", (login,)).fetchone()
        return None if row is None else str(row["password"])

    def start_session(self, login: str, digest: str, *, csrf: str, now: float, until_at: float) -> Session:
        """See `campaigns.staff.StaffStore`."""
        with self._write() as db:
            user = read_user(self._user_in_force(login))
            db.execute("delete from sessions where until_at <= ?", (now,))
            db.execute(
                "insert into sessions (digest, user_id, csrf, created_at, seen_at, until_at) values (?, ?, ?, ?, ?, ?)",
                (digest, user.id, csrf, now, now, until_at),
            )
        return Session(user, csrf, now, now, until_at)

    def session(self, digest: str, *, now: float, idle_s: float) -> Session | None:
        """See `campaigns.staff.StaffStore`."""
        with self._read() as db:
            row = db.execute(_SESSION, (digest,)).fetchone()
        if row is None or row["disabled_at"] is not None or row["until_at"] <= now or now - row["seen_at"] > idle_s:
            return None
        seen_at = row["seen_at"]
        if now - seen_at >= SEEN_EVERY_S:
            seen_at = now
            with self._write_soon() as db:
                db.execute("update sessions set seen_at = ? where digest = ?", (now, digest))
        return Session(read_user(row), row["csrf"], row["started_at"], seen_at, row["until_at"])

    def end_session(self, digest: str) -> None:
        """See `campaigns.staff.StaffStore`."""
        with self._write() as db:
            db.execute("delete from sessions where digest = ?", (digest,))

    def end_sessions(self, login: str) -> int:
        """See `campaigns.staff.StaffStore`."""
        with self._write() as db:
            of_user = "delete from sessions where user_id = (select id from users where login = ?)"
            return db.execute(of_user, (login,)).rowcount

    def add_ticket(self, login: str, digest: str, *, until_at: float, now: float, by: str) -> None:
        """See `campaigns.staff.StaffStore`."""
        with self._write() as db:
            row = self._user_in_force(login)
            db.execute("delete from tickets where until_at <= ?", (now,))
            db.execute(
                "insert into tickets (digest, user_id, until_at) values (?, ?, ?)", (digest, row["id"], until_at)
            )
            self._event("user.ticket_made", now, login=login, until_at=until_at, by=by)

    def use_ticket(self, digest: str, *, now: float) -> User | None:
        """See `campaigns.staff.StaffStore`."""
        with self._read() as db:
            if db.execute("select 1 from tickets where digest = ?", (digest,)).fetchone() is None:
                return None  # whoever guesses keeps no writer waiting
        with self._write() as db:
            row = db.execute(
                "select tickets.until_at, users.* from tickets join users on users.id = tickets.user_id"
                " where digest = ?",
                (digest,),
            ).fetchone()
            db.execute("delete from tickets where digest = ?", (digest,))
        if row is None or row["until_at"] <= now or row["disabled_at"] is not None:
            return None
        return read_user(row)

    def _user_row(self, login: str) -> sqlite3.Row:
        row: sqlite3.Row | None = self._db.execute("select * from users where login = ?", (login,)).fetchone()
        if row is None:
            raise NotFoundError(f"there is no user {login}; see: dissuade user list")
        return row

    def _user_in_force(self, login: str) -> sqlite3.Row:
        row = self._user_row(login)
        if row["disabled_at"] is not None:
            raise NotFoundError(f"the user {login} is disabled; see: dissuade user enable")
        return row

    def _tell_of_change(self, user: User, changed: list[str], now: float, by: str) -> None:
        self._event(
            "user.changed",
            now,
            login=user.login,
            changed=changed,
            roles=sorted(user.roles),
            disabled=user.disabled_at is not None,
            by=by,
        )

    def _shut_out(self, row: sqlite3.Row, now: float) -> None:
        self._end_all(row["id"])
        away = "update stations set station = ?, since_at = ? where user_id = ? and station <> ?"
        if self._db.execute(away, (Station.AWAY, now, row["id"], Station.AWAY)).rowcount:
            self._event("station.changed", now, login=row["login"], station=Station.AWAY)

    def _end_all(self, user_id: int) -> None:
        self._db.execute("delete from sessions where user_id = ?", (user_id,))
        self._db.execute("delete from tickets where user_id = ?", (user_id,))

    def _keep_an_administrator(self, before: User, after: User) -> None:
        if not _administers(before) or _administers(after):
            return
        if not any(_administers(read_user(row)) for row in self._db.execute("select * from users")):
            raise StoreError(f"{before.login} is the only administrator in force; give somebody else that role first")


def read_user(row: sqlite3.Row) -> User:
    """A user from a row of ``users``."""
    return User(
        row["id"],
        row["login"],
        row["name"],
        frozenset(Role(role) for role in json.loads(row["roles"])),
        row["phone"],
        row["language"],
        row["theme"],
        bool(row["keys"]),
        row["created_at"],
        row["disabled_at"],
    )


def _administers(user: User) -> bool:
    return Role.ADMINISTRATOR in user.roles and user.disabled_at is None


def _check_roles(roles: Collection[Role]) -> None:
    if not roles:
        raise StoreError("a user has at least one role; disable who has none any more")


def _encoded(roles: Collection[Role]) -> str:
    return json.dumps(sorted(roles))
