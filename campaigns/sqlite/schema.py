"""Tables, indexes and triggers, as migrations that are each applied once."""

from __future__ import annotations

from sqlite_utils import Database, Migrations

migrations = Migrations("dissuade")

_FIRST = (
    """
    create table campaigns (
      id integer primary key autoincrement,
      name text not null unique,
      state text not null,
      created_at real not null
    ) strict
    """,
    """
    create table cases (
      id integer primary key autoincrement,
      campaign_id integer not null references campaigns(id),
      number text not null,
      name text not null,
      scam_type text not null,
      grade text not null,
      language text not null,
      sex text not null,
      age integer,
      note text not null,
      state text not null check (state in ('queued', 'calling', 'closed')),
      urgency integer not null,
      due_at real,
      attempts integer not null default 0,
      last_outcome text,
      last_dialled_at real,
      closed_reason text not null default '',
      created_at real not null,
      check (state <> 'queued' or due_at is not null)
    ) strict
    """,
    # One open case for a number in a campaign: a new lead merges into it.
    "create unique index cases_open on cases(campaign_id, number) where state <> 'closed'",
    # The order of claiming.
    "create index cases_queue on cases(campaign_id, urgency desc, due_at, id) where state = 'queued'",
    "create index cases_due on cases(campaign_id, due_at) where state = 'queued'",
    # Whether a number is being called, or was a moment ago, for whatever campaign.
    "create index cases_number on cases(number, state, last_dialled_at)",
    """
    create table attempts (
      id integer primary key autoincrement,
      case_id integer not null references cases(id),
      node text not null,
      claimed_at real not null,
      lease_until_at real not null,
      dialled_at real,
      answered_at real,
      ended_at real,
      outcome text,
      key_warning_heard integer not null default 0,
      sip_code integer,
      reason text not null default '',
      recording text not null default '',
      check ((outcome is null) = (ended_at is null))
    ) strict
    """,
    "create index attempts_case on attempts(case_id)",
    "create index attempts_open on attempts(node, lease_until_at) where ended_at is null",
    """
    create table turns (
      id integer primary key,
      attempt_id integer not null references attempts(id),
      speaker text not null,
      text text not null,
      start_s real not null,
      end_s real not null,
      step text not null
    ) strict
    """,
    "create index turns_attempt on turns(attempt_id)",
    """
    create table signals (
      id integer primary key,
      attempt_id integer not null references attempts(id),
      name text not null,
      words text not null,
      rule text not null,
      at_s real not null
    ) strict
    """,
    "create index signals_attempt on signals(attempt_id)",
    """
    create table escalations (
      id integer primary key autoincrement,
      attempt_id integer not null references attempts(id),
      reason text not null,
      words text not null,
      offered_at real not null,
      state text not null,
      dissuader text not null default '',
      first_ring_at real,
      joined_at real,
      tried text not null default '[]'
    ) strict
    """,
    "create index escalations_attempt on escalations(attempt_id)",
    """
    create table follow_ups (
      id integer primary key autoincrement,
      case_id integer not null references cases(id),
      attempt_id integer references attempts(id),
      kind text not null,
      state text not null,
      at real not null
    ) strict
    """,
    "create unique index follow_ups_ordered on follow_ups(case_id, kind) where state = 'ordered'",
    """
    create table imports (
      id integer primary key autoincrement,
      campaign_id integer not null references campaigns(id),
      digest text not null,
      file text not null,
      at real not null,
      unique (campaign_id, digest)
    ) strict
    """,
    """
    create table events (
      seq integer primary key autoincrement,
      at real not null,
      kind text not null,
      campaign_id integer,
      case_id integer,
      attempt_id integer,
      data text not null
    ) strict
    """,
    """
    create trigger events_are_not_changed before update on events
    begin select raise(abort, 'events are append-only'); end
    """,
    """
    create trigger events_are_not_deleted before delete on events
    begin select raise(abort, 'events are append-only'); end
    """,
    "create table cursors (name text primary key, seq integer not null) strict, without rowid",
)


@migrations()
def first_campaign(db: Database) -> None:
    """Campaigns, cases, attempts, events."""
    for statement in _FIRST:
        db.execute(statement)
