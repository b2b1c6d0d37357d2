"""Tables, indexes and triggers, as migrations that are each applied once."""

from __future__ import annotations

from sqlite_utils import Database, Migrations

from campaigns.sqlite import schema_api, schema_staff
from campaigns.sqlite.texts import index_everything

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


_LADDER = (
    "alter table campaigns add column policy text not null default ''",
    "alter table campaigns add column hours_lifted_until_at real",
    # Checks cannot be altered: the table is made anew. What refers to it refers by name.
    """
    create table new_cases (
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
      lead_group text not null default '',
      amount real,
      source text not null default '',
      warned_at real,
      expires_at real,
      address text not null default '',
      precinct text not null default '',
      time_zone text not null default '',
      accounts text not null default '[]',
      relatives text not null default '[]',
      state text not null check (state in ('queued', 'calling', 'waiting', 'closed')),
      urgency integer not null,
      due_at real,
      call_until_at real,
      first_call_by_at real,
      first_call_overdue_at real,
      attempts integer not null default 0,
      last_outcome text,
      last_dialled_at real,
      closed_reason text not null default '',
      closed_at real,
      created_at real not null,
      changed_at real not null,
      linked_case_id integer references cases(id),
      relation text not null default '',
      check (state <> 'queued' or due_at is not null)
    ) strict
    """,
    """
    insert into new_cases (id, campaign_id, number, name, scam_type, grade, language, sex, age, note, state, urgency,
                           due_at, attempts, last_outcome, last_dialled_at, closed_reason, created_at, closed_at,
                           changed_at)
    select id, campaign_id, number, name, scam_type, grade, language, sex, age, note, state, urgency,
           due_at, attempts, last_outcome, last_dialled_at, closed_reason, created_at,
           case state when 'closed' then coalesce(ended_at, last_dialled_at, created_at) end,
           coalesce(ended_at, last_dialled_at, created_at)
    from cases left join (select case_id, max(ended_at) as ended_at from attempts group by case_id) on case_id = id
    """,
    "drop table cases",
    "alter table new_cases rename to cases",
    "create unique index cases_open on cases(campaign_id, number) where state <> 'closed'",
    "create index cases_queue on cases(campaign_id, urgency desc, due_at, id) where state = 'queued'",
    "create index cases_due on cases(campaign_id, due_at) where state = 'queued'",
    "create index cases_number on cases(number, state, last_dialled_at)",
    # What time has overtaken.
    "create index cases_call_until on cases(call_until_at) where state = 'queued' and call_until_at is not null",
    "create index cases_expires on cases(expires_at) where state = 'queued' and expires_at is not null",
    """
    create index cases_first_call on cases(first_call_by_at)
    where attempts = 0 and first_call_overdue_at is null and state = 'queued'
    """,
    "create index cases_waiting on cases(id) where state = 'waiting'",
    "create index cases_changed on cases(changed_at)",
    "create index cases_linked on cases(linked_case_id) where linked_case_id is not null",
    # Calls of the last day, by number: the cool-down and the daily limit hold over all campaigns.
    "create table dials (number text not null, at real not null) strict",
    "create index dials_number on dials(number, at)",
    """
    insert into dials (number, at)
    select c.number, a.dialled_at from attempts a join cases c on c.id = a.case_id where a.dialled_at is not null
    """,
    """
    create table suppressions (
      number text primary key,
      reason text not null,
      by text not null,
      at real not null,
      until_at real
    ) strict, without rowid
    """,
    "alter table follow_ups rename to old_follow_ups",
    "drop index follow_ups_ordered",
    """
    create table follow_ups (
      id integer primary key autoincrement,
      case_id integer not null references cases(id),
      attempt_id integer references attempts(id),
      kind text not null,
      state text not null check (state in ('ordered', 'sent', 'acknowledged', 'done', 'failed')),
      ordered_at real not null,
      deadline_at real not null,
      by text not null default '',
      data text not null default '{}',
      tries integer not null default 0,
      next_try_at real,
      sent_at real,
      channel text not null default '',
      reference text not null default '',
      acknowledged_at real,
      ended_at real,
      result text not null default '',
      note text not null default '',
      overdue_since_at real,
      linked_case_id integer references cases(id)
    ) strict
    """,
    """
    insert into follow_ups (id, case_id, attempt_id, kind, state, ordered_at, deadline_at, next_try_at)
    select id, case_id, attempt_id, kind, state, at, at + 7200, at from old_follow_ups
    """,
    "drop table old_follow_ups",
    """
    create unique index follow_ups_open on follow_ups(case_id, kind)
    where state in ('ordered', 'sent', 'acknowledged')
    """,
    "create index follow_ups_case on follow_ups(case_id)",
    "create index follow_ups_delivery on follow_ups(deadline_at) where next_try_at is not null",
    """
    create index follow_ups_deadline on follow_ups(deadline_at)
    where state in ('ordered', 'sent', 'acknowledged') and overdue_since_at is null
    """,
    "create index follow_ups_linked on follow_ups(linked_case_id) where linked_case_id is not null",
    """
    create table dispositions (
      id integer primary key autoincrement,
      case_id integer not null references cases(id),
      attempt_id integer references attempts(id),
      conviction text not null,
      by text not null,
      at real not null,
      amount_at_risk real,
      amount_saved real,
      note text not null default ''
    ) strict
    """,
    "create index dispositions_case on dispositions(case_id)",
)


@migrations()
def ladder(db: Database) -> None:
    """Full leads, follow-ups with a state, suppressions, daily limits, dispositions."""
    for statement in _LADDER:
        db.execute(statement)


_MENTIONS = (
    """
    create table mentions (
      id integer primary key,
      attempt_id integer not null references attempts(id),
      kind text not null,
      value text not null,
      words text not null,
      at_s real not null
    ) strict
    """,
    # What was purged has no value any more.
    "create unique index mentions_once on mentions(attempt_id, kind, value) where value <> ''",
)


@migrations()
def mentions(db: Database) -> None:
    """Numbers, sums, apps and sites that were spoken of."""
    for statement in _MENTIONS:
        db.execute(statement)


_DELIVERIES = (
    "alter table follow_ups add column begun_at real",
    "create index follow_ups_reference on follow_ups(channel, reference) where reference <> ''",
)


@migrations()
def deliveries(db: Database) -> None:
    """Deliveries whose end is not known, and orders by the receiver's name for them."""
    for statement in _DELIVERIES:
        db.execute(statement)


_SEARCHED = (
    """
    create table texts (
      id integer primary key autoincrement,
      found_in text not null,
      text text not null,
      case_id integer not null references cases(id),
      attempt_id integer references attempts(id),
      at real not null
    ) strict
    """,
    "create index texts_case on texts(case_id)",
    "create virtual table texts_index using fts5(pieces, content = '', columnsize = 0, tokenize = 'ascii')",
    "create index events_case on events(case_id) where case_id is not null",
)


@migrations()
def searched(db: Database) -> None:
    """Leads and what was said are found by any part of them."""
    for statement in _SEARCHED:
        db.execute(statement)
    index_everything(db.conn)


_PURGED = (
    # A purge changes nothing of an event but its data, and only while it is at work: its row here is gone before its
    # transaction ends, so no other connection ever sees one.
    "create table redactions (id integer primary key check (id = 1)) strict",
    "drop trigger events_are_not_changed",
    """
    create trigger events_are_not_changed before update on events
    when not exists (select 1 from redactions)
      or new.seq <> old.seq or new.at <> old.at or new.kind <> old.kind or new.campaign_id is not old.campaign_id
      or new.case_id is not old.case_id or new.attempt_id is not old.attempt_id
    begin select raise(abort, 'events are append-only'); end
    """,
    # Files that are still to be deleted.
    "create table purged_recordings (path text primary key) strict, without rowid",
    "alter table attempts add column words_purged_at real",
    "alter table cases add column purged_at real",
    "create index attempts_recorded on attempts(ended_at) where recording <> ''",
    "create index attempts_unpurged on attempts(ended_at) where words_purged_at is null",
    "create index cases_unpurged on cases(closed_at) where state = 'closed' and purged_at is null",
    "create index events_suppression on events(at) where kind in ('suppression.added', 'suppression.lifted')",
)


@migrations()
def purged(db: Database) -> None:
    """What is old can be taken away."""
    for statement in _PURGED:
        db.execute(statement)


_READY = (
    # A claim must not pass over cases that are not due, or whose calling hours have ended: at night that is nearly all
    # of them. So each queued case is in one of three heaps: 0 early, 1 ready, 2 late (until it is planned anew). Each
    # claim first moves what time has moved, which is a look into two indexes unless there is something to move.
    "alter table cases add column heap integer not null default 0 check (heap in (0, 1, 2))",
    "drop index cases_queue",
    "drop index cases_due",
    "drop index cases_call_until",
    "create index cases_early on cases(campaign_id, due_at) where state = 'queued' and heap = 0",
    "create index cases_ready on cases(campaign_id, urgency desc, due_at, id) where state = 'queued' and heap = 1",
    "create index cases_late on cases(id) where state = 'queued' and heap = 2",
    """
    create index cases_call_until on cases(call_until_at)
    where state = 'queued' and heap < 2 and call_until_at is not null
    """,
)


@migrations()
def ready(db: Database) -> None:
    """Cases that may be called now lie apart from those that may not."""
    for statement in _READY:
        db.execute(statement)


_OVERTAKEN = (
    "alter table cases add column wait_until_at real",
    # Something came in that the last decision did not know: what was ordered has ended, a human has judged.
    "alter table cases add column stale integer not null default 0",
    "create index cases_stale on cases(id) where stale = 1",
    "drop index cases_waiting",
    "create index cases_waiting on cases(wait_until_at) where state = 'waiting'",
    # A relative who is warned for a subject's sake may be a subject, too.
    "drop index cases_open",
    """
    create unique index cases_open on cases(campaign_id, number) where state <> 'closed' and linked_case_id is null
    """,
)


@migrations()
def overtaken(db: Database) -> None:
    """Cases are decided on anew when something comes in; calls to relatives stand in nobody's way."""
    for statement in _OVERTAKEN:
        db.execute(statement)


@migrations()
def api_access(db: Database) -> None:
    """Tokens of the API, and answers that may be asked for again."""
    for statement in schema_api.TABLES:
        db.execute(statement)


_BY_KIND = (
    # Orders that nobody takes stay due for ever; those of other kinds are found without passing over them.
    "drop index follow_ups_delivery",
    "create index follow_ups_delivery on follow_ups(kind, deadline_at, next_try_at) where next_try_at is not null",
)


@migrations()
def deliveries_by_kind(db: Database) -> None:
    """Due orders are found by kind."""
    for statement in _BY_KIND:
        db.execute(statement)


@migrations()
def carried(db: Database) -> None:
    """A call that failed at the trunk did not ring: it counts for the cool-down, not for the daily limit."""
    db.execute("alter table dials add column carried integer not null default 1")


_LATE = (
    # The halves of `cases_first_call` and `follow_ups_deadline` about which the alarm was raised.
    """
    create index cases_late_call on cases(first_call_by_at)
    where attempts = 0 and first_call_overdue_at is not null and state = 'queued'
    """,
    """
    create index follow_ups_late on follow_ups(deadline_at)
    where state in ('ordered', 'sent', 'acknowledged') and overdue_since_at is not null
    """,
)


@migrations()
def late(db: Database) -> None:
    """What is late is found by its deadline, for the bulletin of that day."""
    for statement in _LATE:
        db.execute(statement)


@migrations()
def staff(db: Database) -> None:
    """Users of the desk, their sessions, where they stand, and the audit trail."""
    for statement in schema_staff.TABLES:
        db.execute(statement)


_LIGHTER = (
    # A claim writes every page of an index in which it changes an entry. Now these three name nothing that it changes:
    # whether a number is being called is read from its few cases; only a closed case has a time of closing; an attempt
    # in progress has nothing to be purged.
    "drop index cases_number",
    "create index cases_number on cases(number)",
    "drop index cases_open",
    """
    create unique index cases_open on cases(campaign_id, number) where closed_at is null and linked_case_id is null
    """,
    "drop index attempts_unpurged",
    """
    create index attempts_unpurged on attempts(ended_at) where ended_at is not null and words_purged_at is null
    """,
)


@migrations()
def lighter(db: Database) -> None:
    """A claim and a call write into fewer indexes."""
    for statement in _LIGHTER:
        db.execute(statement)


@migrations()
def breakers(db: Database) -> None:
    """Whether a trunk fails is known without reading the log."""
    db.execute("create index events_breaker on events(seq) where kind in ('breaker.opened', 'breaker.closed')")


@migrations()
def named_turns(db: Database) -> None:
    """Which of several dissuaders said something."""
    db.execute("alter table turns add column name text not null default ''")


@migrations()
def beside(db: Database) -> None:
    """Whether a call was offered although somebody spoke with the subject."""
    db.execute("alter table escalations add column beside integer not null default 0")


@migrations()
def keys_of_one_letter(db: Database) -> None:
    """Who speaks to the computer, or presses keys by mistake, does without them (WCAG 2.1.4)."""
    db.execute("alter table users add column keys integer not null default 1 check (keys in (0, 1))")
