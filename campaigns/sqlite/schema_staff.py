"""Tables of the desk's users and of the audit trail, applied by `campaigns.sqlite.schema`."""

from __future__ import annotations

TABLES = (
    """
    create table users (
      id integer primary key autoincrement,
      login text not null unique,
      name text not null,
      roles text not null,
      phone text not null,
      language text not null default '',
      theme text not null default '',
      password text not null,
      created_at real not null,
      disabled_at real
    ) strict
    """,
    """
    create table sessions (
      digest text primary key,
      user_id integer not null references users(id),
      csrf text not null,
      created_at real not null,
      seen_at real not null,
      until_at real not null
    ) strict, without rowid
    """,
    "create index sessions_user on sessions(user_id)",
    "create index sessions_until on sessions(until_at)",
    """
    create table tickets (
      digest text primary key,
      user_id integer not null references users(id),
      until_at real not null
    ) strict, without rowid
    """,
    "create index tickets_user on tickets(user_id)",
    """
    create table stations (
      user_id integer primary key references users(id),
      station text not null check (station in ('ready', 'break', 'away')),
      since_at real not null,
      held_by text not null default '',
      held_until_at real not null default 0
    ) strict
    """,
    """
    create table drafts (
      attempt_id integer not null references attempts(id) on delete cascade,
      user_id integer not null references users(id),
      data text not null,
      at real not null,
      primary key (attempt_id, user_id)
    ) strict, without rowid
    """,
    # The trail outlives what it tells of, so it refers to nothing.
    """
    create table audit (
      seq integer primary key autoincrement,
      at real not null,
      by text not null,
      action text not null,
      case_id integer,
      attempt_id integer,
      address text not null,
      detail text not null
    ) strict
    """,
    "create index audit_by on audit(by)",
    "create index audit_action on audit(action)",
    "create index audit_case on audit(case_id) where case_id is not null",
    """
    create trigger audit_is_not_changed before update on audit
    begin select raise(abort, 'the audit trail is append-only'); end
    """,
    """
    create trigger audit_is_not_deleted before delete on audit
    begin select raise(abort, 'the audit trail is append-only'); end
    """,
    # `insert or replace` deletes without asking the trigger above.
    """
    create trigger audit_is_not_replaced before insert on audit
    when exists (select 1 from audit where seq = new.seq)
    begin select raise(abort, 'the audit trail is append-only'); end
    """,
)
