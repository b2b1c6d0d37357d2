"""Tables of the API's tokens and answers, applied by `campaigns.sqlite.schema`."""

from __future__ import annotations

TABLES = (
    """
    create table tokens (
      id integer primary key autoincrement,
      name text not null,
      key text not null unique,
      digest text not null,
      scopes text not null,
      created_at real not null,
      by text not null,
      revoked_at real
    ) strict
    """,
    "create unique index tokens_in_force on tokens(name) where revoked_at is null",
    """
    create table replies (
      token text not null,
      key text not null,
      request text not null,
      status integer not null,
      body text not null,
      at real not null,
      primary key (token, key)
    ) strict, without rowid
    """,
    "create index replies_at on replies(at)",
)
