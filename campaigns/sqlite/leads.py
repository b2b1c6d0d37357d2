"""Campaigns, and the leads that come into them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import replace

from campaigns.model import Campaign, CampaignState, CaseState, ImportCount, Lead
from campaigns.sqlite import rows
from campaigns.sqlite.opening import Opening
from campaigns.store import Decide, StoreError

_FILLED_IF_BLANK = (
    "name", "scam_type", "sex", "age", "note", "lead_group", "amount", "source", "warned_at", "expires_at", "address",
    "precinct", "time_zone",
)  # fmt: skip
_ADDED = ("accounts", "relatives")


class Leads(Opening):
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

    def set_policy(self, name: str, policy: str, *, now: float, by: str) -> Campaign:
        """See `campaigns.store.Store`."""
        with self._write() as db:
            before = self._campaign(name)
            if before.policy != policy:
                db.execute("update campaigns set policy = ? where id = ?", (policy, before.id))
                self._event("campaign.policy", now, campaign_id=before.id, name=name, policy=policy, by=by)
            return self._campaign(name)

    def lift_hours(self, name: str, until_at: float, *, now: float, by: str, why: str) -> Campaign:
        """See `campaigns.store.Store`."""
        if not by.strip() or not why.strip():
            raise StoreError("lifting the calling hours needs a name and a reason; both go into the log")
        with self._write() as db:
            campaign = self._campaign(name)
            db.execute("update campaigns set hours_lifted_until_at = ? where id = ?", (until_at, campaign.id))
            self._event(
                "campaign.hours_lifted", now, campaign_id=campaign.id, name=name, until_at=until_at, by=by, why=why
            )
            return self._campaign(name)

    def add_leads(self, campaign: str, leads: Iterable[Lead], *, now: float, decide: Decide) -> ImportCount:
        """See `campaigns.store.Store`."""
        accepted = merged = 0
        with self._write():
            into = self._campaign(campaign)
            for lead in leads:
                if self._open_case(into, lead, decide, now) is None:
                    self._merge(into.id, lead, now, decide)
                    merged += 1
                else:
                    accepted += 1
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

    def _merge(self, campaign_id: int, lead: Lead, now: float, decide: Decide) -> None:
        """Let the open case learn from another lead: never less than it knew."""
        row: sqlite3.Row = self._db.execute(
            "select * from cases where campaign_id = ? and number = ? and closed_at is null and linked_case_id is null",
            (campaign_id, lead.number),
        ).fetchone()
        offered = rows.lead_columns(lead)
        known = rows.lead(row)
        changes = {
            column: offered[column]
            for column in _FILLED_IF_BLANK
            if row[column] in ("", None) and offered[column] not in ("", None)
        }
        more = replace(
            known,
            accounts=tuple(dict.fromkeys((*known.accounts, *lead.accounts))),
            relatives=(*known.relatives, *(r for r in lead.relatives if r.number not in _numbers(known))),
        )
        together = rows.lead_columns(more)
        changes.update({column: together[column] for column in _ADDED if together[column] != row[column]})
        raised = lead.grade.rank > known.grade.rank
        if raised:
            changes["grade"] = lead.grade.value
        if not changes:
            return
        changes["changed_at"] = now
        assignments = ", ".join(f"{column} = :{column}" for column in changes)
        self._db.execute(
            f"update cases set {assignments} where id = :id",  # noqa: S608 (our own)
            {**changes, "id": row["id"]},
        )
        self._keep_lead(row["id"], rows.lead(self._case_row(row["id"])), now)
        self._event(
            "lead.merged",
            now,
            campaign_id=campaign_id,
            case_id=row["id"],
            number=lead.number,
            changed=["group" if column == "lead_group" else column for column in changes if column != "changed_at"],
            grade=changes.get("grade", row["grade"]),
        )
        if raised and row["state"] in {CaseState.QUEUED, CaseState.WAITING}:
            history = self._history(self._case_row(row["id"]), now)
            self._carry_out(history.case, decide(history), now)


def _numbers(lead: Lead) -> set[str]:
    return {relative.number for relative in lead.relatives}
