"""New cases."""

from __future__ import annotations

from dataclasses import replace

from campaigns.model import Campaign, Case, CaseState, FoundIn, History, Lead
from campaigns.sqlite import rows
from campaigns.sqlite.steps import Steps, heap_of
from campaigns.sqlite.texts import keep_text, lead_text
from campaigns.store import Decide

_OPEN_OF_NUMBER = """
select 1 from cases where campaign_id = ? and number = ? and closed_at is null and linked_case_id is null
"""
_OPEN_CASE = """
insert into cases (id, number, name, scam_type, grade, language, sex, age, note, lead_group, amount, source, warned_at,
                   expires_at, address, precinct, time_zone, accounts, relatives, campaign_id, state, heap, urgency,
                   due_at, call_until_at, first_call_by_at, created_at, changed_at, linked_case_id, relation)
values (:id, :number, :name, :scam_type, :grade, :language, :sex, :age, :note, :lead_group, :amount, :source,
        :warned_at, :expires_at, :address, :precinct, :time_zone, :accounts, :relatives, :campaign_id, :state, :heap,
        :urgency, :due_at, :call_until_at, :first_call_by_at, :now, :now, :linked_case_id, :relation)
"""


class Opening(Steps):
    """The way in for one lead."""

    def _open_case(
        self,
        campaign: Campaign,
        lead: Lead,
        decide: Decide,
        now: float,
        *,
        linked_case_id: int | None = None,
        relation: str = "",
        follow_up_id: int | None = None,
    ) -> int | None:
        """A new case with what follows for it; ``None`` if the number has an open one of its own in the campaign.

        ``follow_up_id``: the order whose end the case's end is.
        """
        known = (campaign.id, lead.number)
        if linked_case_id is None and self._db.execute(_OPEN_OF_NUMBER, known).fetchone() is not None:
            return None
        case = Case(
            id=self._next_case_id(),
            campaign_id=campaign.id,
            lead=lead,
            state=CaseState.QUEUED,
            urgency=0,
            due_at=now,
            attempts=0,
            last_outcome=None,
            created_at=now,
            linked_case_id=linked_case_id,
            relation=relation,
        )
        free_at = self._free_at(lead.number)
        step = decide(History(case, campaign, suppressed=self._suppressed(lead.number, now), free_at=free_at))
        queued = step.due_at is not None
        if step.due_at is not None and step.due_at < free_at:
            step = replace(step, due_at=free_at)
        self._db.execute(
            _OPEN_CASE,
            {
                **rows.lead_columns(lead),
                "id": case.id,
                "campaign_id": campaign.id,
                # Nobody sees the state in which a case begins that is not queued.
                "state": (CaseState.QUEUED if queued else CaseState.CALLING).value,
                "heap": heap_of(step, now),
                "urgency": step.urgency,
                "due_at": step.due_at,
                "call_until_at": step.call_until_at,
                "first_call_by_at": step.first_call_by_at if queued else None,
                "now": now,
                "linked_case_id": linked_case_id,
                "relation": relation,
            },
        )
        if follow_up_id is not None:
            self._db.execute("update follow_ups set linked_case_id = ? where id = ?", (case.id, follow_up_id))
        keep_text(self._db, FoundIn.LEAD, lead_text(lead), case_id=case.id, attempt_id=None, at=now)
        self._case_event(
            "lead.accepted",
            now,
            case,
            None,
            scam_type=lead.scam_type,
            grade=lead.grade.value,
            language=lead.language,
            linked_case_id=linked_case_id,
        )
        self._carry_out(case, step, now, is_queued=queued)
        return case.id

    def _next_case_id(self) -> int:
        row = self._db.execute("select seq from sqlite_sequence where name = 'cases'").fetchone()
        return 1 if row is None else int(row["seq"]) + 1
