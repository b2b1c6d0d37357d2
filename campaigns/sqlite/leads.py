"""Campaigns, and the leads that come into them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from campaigns.model import Campaign, CampaignState, Grade, ImportCount, Lead
from campaigns.policy import urgency
from campaigns.sqlite import rows
from campaigns.sqlite.connection import Connection
from campaigns.store import NotFoundError

_RANK = {Grade.LOW: 0, Grade.MEDIUM: 1, Grade.HIGH: 2}
_FILLED_IF_BLANK = ("name", "scam_type", "sex", "age", "note")

_INSERT_CASE = """
insert into cases (campaign_id, number, name, scam_type, grade, language, sex, age, note,
                   state, urgency, due_at, created_at)
values (?, ?, ?, ?, ?, ?, ?, ?, ?, 'queued', ?,
        max(?, coalesce((select max(last_dialled_at) from cases where number = ?) + ?, 0)), ?)
on conflict (campaign_id, number) where state <> 'closed' do nothing
returning id, due_at
"""


class Leads(Connection):
    """The way in."""

    def create_campaign(self, name: str, *, now: float) -> Campaign:
        """See `campaigns.store.Store`."""
        with self._write() as db:
            added = db.execute(
                "insert into campaigns (name, state, created_at) values (?, ?, ?) on conflict (name) do nothing",
                (name, CampaignState.RUNNING.value, now),
            )
            campaign = self._campaign(name)
            if added.rowcount:
                self._event("campaign.created", now, campaign_id=campaign.id, name=name)
            return campaign

    def campaigns(self) -> list[Campaign]:
        """See `campaigns.store.Store`."""
        with self._read() as db:
            return [rows.campaign(row) for row in db.execute("select * from campaigns order by id")]

    def set_campaign_state(self, name: str, state: CampaignState, *, now: float, by: str) -> Campaign:
        """See `campaigns.store.Store`."""
        with self._write() as db:
            before = self._campaign(name)
            if before.state is not state:
                db.execute("update campaigns set state = ? where id = ?", (state.value, before.id))
                self._event("campaign.state", now, campaign_id=before.id, name=name, state=state.value, by=by)
            return self._campaign(name)

    def add_leads(self, campaign: str, leads: Iterable[Lead], *, now: float) -> ImportCount:
        """See `campaigns.store.Store`."""
        accepted = merged = 0
        with self._write():
            campaign_id = self._campaign(campaign).id
            for lead in leads:
                if self._accept(campaign_id, lead, now):
                    accepted += 1
                else:
                    self._merge(campaign_id, lead, now)
                    merged += 1
        return ImportCount(accepted, merged)

    def record_import(
        self, campaign: str, digest: str, *, file: str, read: int, accepted: int, merged: int, rejected: int, now: float
    ) -> None:
        """See `campaigns.store.Store`."""
        with self._write() as db:
            campaign_id = self._campaign(campaign).id
            db.execute(
                "insert into imports (campaign_id, digest, file, at) values (?, ?, ?, ?)"
                " on conflict (campaign_id, digest) do update set at = excluded.at",
                (campaign_id, digest, file, now),
            )
            self._event(
                "leads.imported",
                now,
                campaign_id=campaign_id,
                file=file,
                read=read,
                accepted=accepted,
                merged=merged,
                rejected=rejected,
            )

    def imported_at(self, campaign: str, digest: str) -> float | None:
        """See `campaigns.store.Store`."""
        with self._read() as db:
            row = db.execute(
                "select at from imports where campaign_id = ? and digest = ?", (self._campaign(campaign).id, digest)
            ).fetchone()
            return None if row is None else float(row["at"])

    def _campaign(self, name: str) -> Campaign:
        row = self._db.execute("select * from campaigns where name = ?", (name,)).fetchone()
        if row is None:
            raise NotFoundError(f"there is no campaign {name!r}; `dissuade campaign status` lists those that exist")
        return rows.campaign(row)

    def _accept(self, campaign_id: int, lead: Lead, now: float) -> bool:
        """Queue a new case; False if one is open."""
        level = urgency(lead.grade)
        row = self._db.execute(
            _INSERT_CASE,
            (
                campaign_id,
                lead.number,
                lead.name,
                lead.scam_type,
                lead.grade.value,
                lead.language,
                lead.sex,
                lead.age,
                lead.note,
                level,
                now,
                lead.number,
                self._cool_down_s,
                now,
            ),
        ).fetchone()
        if row is None:
            return False
        self._event(
            "lead.accepted",
            now,
            campaign_id=campaign_id,
            case_id=row["id"],
            number=lead.number,
            scam_type=lead.scam_type,
            grade=lead.grade.value,
            language=lead.language,
            urgency=level,
            due_at=row["due_at"],
        )
        return True

    def _merge(self, campaign_id: int, lead: Lead, now: float) -> None:
        """Let the open case learn from another lead: never less than it knew."""
        case: sqlite3.Row = self._db.execute(
            "select * from cases where campaign_id = ? and number = ? and state <> 'closed'", (campaign_id, lead.number)
        ).fetchone()
        changes: dict[str, str | int] = {}
        for column in _FILLED_IF_BLANK:
            value = getattr(lead, column)
            if case[column] in ("", None) and value not in ("", None):
                changes[column] = value
        if _RANK[lead.grade] > _RANK[Grade(case["grade"])]:
            changes["grade"] = lead.grade.value
            changes["urgency"] = max(case["urgency"], urgency(lead.grade))
        if not changes:
            return
        self._db.table("cases").update(case["id"], changes)
        self._event(
            "lead.merged",
            now,
            campaign_id=campaign_id,
            case_id=case["id"],
            number=lead.number,
            changed=[column for column in changes if column != "urgency"],
            grade=changes.get("grade", case["grade"]),
            urgency=changes.get("urgency", case["urgency"]),
        )
