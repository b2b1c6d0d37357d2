"""Tokens of the API, and answers that may be asked for again."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection

from campaigns.access import REPLIES_KEPT_S, Reply, Scope, Token
from campaigns.sqlite.connection import Connection
from campaigns.store import StoreError


class Access(Connection):
    """`campaigns.access.AccessStore` on SQLite."""

    def add_token(self, name: str, key: str, digest: str, *, scopes: Collection[Scope], now: float, by: str) -> Token:
        """See `campaigns.access.AccessStore`."""
        with self._write() as db:
            if db.execute("select 1 from tokens where name = ? and revoked_at is null", (name,)).fetchone():
                raise StoreError(f"there is a token {name!r} already; revoke it first, or choose another name")
            named = sorted(str(scope) for scope in scopes)
            db.execute(
                "insert into tokens (name, key, digest, scopes, created_at, by) values (?, ?, ?, ?, ?, ?)",
                (name, key, digest, json.dumps(named), now, by),
            )
            self._event("token.created", now, name=name, scopes=named, by=by)
        return Token(name, key, frozenset(scopes), now, by)

    def token(self, key: str) -> tuple[Token, str] | None:
        """See `campaigns.access.AccessStore`."""
        with self._read() as db:
            row = db.execute("select * from tokens where key = ?", (key,)).fetchone()
        return None if row is None else (_token(row), row["digest"])

    def tokens(self) -> list[Token]:
        """See `campaigns.access.AccessStore`."""
        with self._read() as db:
            return [_token(row) for row in db.execute("select * from tokens order by id")]

    def revoke_token(self, name: str, *, now: float, by: str) -> bool:
        """See `campaigns.access.AccessStore`."""
        with self._write() as db:
            changed = db.execute(
                "update tokens set revoked_at = ? where name = ? and revoked_at is null", (now, name)
            ).rowcount
            if changed:
                self._event("token.revoked", now, name=name, by=by)
        return changed > 0

    def reply(self, token: str, key: str, *, now: float) -> Reply | None:
        """See `campaigns.access.AccessStore`."""
        with self._read() as db:
            row = db.execute(
                "select * from replies where token = ? and key = ? and at > ?", (token, key, now - REPLIES_KEPT_S)
            ).fetchone()
        return None if row is None else Reply(row["request"], row["status"], row["body"], row["at"])

    def keep_reply(self, token: str, key: str, reply: Reply) -> None:
        """See `campaigns.access.AccessStore`."""
        with self._write() as db:
            db.execute("delete from replies where at <= ?", (reply.at - REPLIES_KEPT_S,))
            db.execute(
                "insert or replace into replies (token, key, request, status, body, at) values (?, ?, ?, ?, ?, ?)",
                (token, key, reply.request, reply.status, reply.body, reply.at),
            )


def _token(row: sqlite3.Row) -> Token:
    return Token(
        row["name"],
        row["key"],
        frozenset(Scope(scope) for scope in json.loads(row["scopes"])),
        row["created_at"],
        row["by"],
        row["revoked_at"],
    )
