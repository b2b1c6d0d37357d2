"""What would become of leads if they were imported now: nothing is written, nobody is called.

The real policy decides on what the store knows of each number.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

from campaigns.importing import ImportFileError, LeadReader, RowError, digest_of, open_source
from campaigns.intake.fields import LeadDefaults
from campaigns.intake.headings import Headings
from campaigns.intake.scam_types import Proposer, built_in
from campaigns.messages import Tongue, said
from campaigns.model import Campaign, CampaignState, Case, CaseState, Grade, History, Lead, NextStep
from campaigns.policy import decider
from campaigns.store import Decide, Store

BATCH = 1000
"""Leads that are looked up together."""
SOON_S = 60.0
"""What is due within this many seconds counts as now."""
HOUR_S = 3600.0
_RANK = {Grade.LOW: 0, Grade.MEDIUM: 1, Grade.HIGH: 2}

NEVER_DIALLED = "never_dialled"
REJECTED = "rejected"
SAME_FILE = "same_number_above"
OPEN_CASE = "open_case"
IMPORTED_BEFORE = "imported_before"
WAITS = "waits"
CALLED_BEFORE = "called_before"
CALLING_HOURS = "calling_hours"


@dataclass(frozen=True, slots=True)
class Hour:
    """Calls that fall due in an hour."""

    from_at: float
    calls: int


@dataclass(frozen=True, slots=True)
class Preview:
    """How many would be called now, later and never. ``read`` is the sum of the three."""

    campaign: str
    campaign_state: str
    """``new`` if it is not there yet; nobody of a paused or stopped one is called before it is started."""
    read: int
    now: int
    later: int
    never: int
    hours: tuple[Hour, ...]
    """The later ones, by the hour in which they fall due."""
    later_reasons: Mapping[str, int]
    """``calling_hours``; ``called_before``: the number's cool-down or daily limit."""
    never_reasons: Mapping[str, int]
    """``rejected`` (see ``errors``), ``never_dialled`` (emergency and service numbers), ``same_number_above`` and
    ``open_case`` (merged; no further call), ``imported_before`` (the whole file), or why the policy closes a case at
    once: ``suppressed``, ``expired``, ...
    """
    grades: Mapping[str, Mapping[str, int]]
    """By grade: now, later, never; rejected rows have none."""
    orders: Mapping[str, int]
    """What would be ordered beside the telephone at once: ``sms``, ``visit``, ..."""
    proposed: int
    """Leads that would be given a scam type by their free text."""
    errors: tuple[RowError, ...] = ()
    ignored_columns: tuple[str, ...] = ()
    imported_before_at: float | None = None


@dataclass
class Previewer:
    """Counts what would become of leads, in the order of their coming."""

    campaign: Campaign
    known: bool
    """Whether the campaign is there."""
    now: float
    decide: Decide
    counts: Counter[str] = field(default_factory=Counter)
    hours: Counter[float] = field(default_factory=Counter)
    later: Counter[str] = field(default_factory=Counter)
    never: Counter[str] = field(default_factory=Counter)
    orders: Counter[str] = field(default_factory=Counter)
    grades: dict[str, Counter[str]] = field(default_factory=lambda: {str(grade): Counter() for grade in Grade})

    def batches(self, leads: Iterable[Lead]) -> Iterator[list[Lead]]:
        """Leads to be given to `add`: one for each number, with the highest of its grades; the others are counted."""
        of_number: dict[str, Lead] = {}
        for lead in leads:
            first = of_number.setdefault(lead.number, lead)
            if first is not lead:
                self._count(lead, "never", SAME_FILE, 0.0)
                if _RANK[lead.grade] > _RANK[first.grade]:
                    of_number[lead.number] = _raised(first, lead)
        unique = iter(of_number.values())
        while batch := list(islice(unique, BATCH)):
            yield batch

    def add(self, leads: Sequence[Lead], standing: Mapping[str, History]) -> None:
        """Count leads; ``standing`` is what `Store.standing` says of their numbers for this campaign."""
        for lead in leads:
            self._count(lead, *self._fate(lead, standing.get(lead.number)))

    def skip(self, lead: Lead) -> None:
        """Count a lead of a file that was imported before."""
        self._count(lead, "never", IMPORTED_BEFORE, 0.0)

    def result(self, reader: LeadReader, *, imported_before_at: float | None = None) -> Preview:
        """The preview; the rows that ``reader`` refused are part of it."""
        for _, error in reader.refused:
            self.counts["never"] += 1
            self.never[NEVER_DIALLED if error.code == "number.service" else REJECTED] += 1
        return Preview(
            campaign=self.campaign.name,
            campaign_state=str(self.campaign.state) if self.known else "new",
            read=reader.read,
            now=self.counts["now"],
            later=self.counts["later"],
            never=self.counts["never"],
            hours=tuple(Hour(at, calls) for at, calls in sorted(self.hours.items())),
            later_reasons=dict(self.later.most_common()),
            never_reasons=dict(self.never.most_common()),
            grades={grade: dict(counts) for grade, counts in self.grades.items()},
            orders=dict(self.orders.most_common()),
            proposed=reader.proposed,
            errors=tuple(error for _, error in reader.refused),
            ignored_columns=tuple(reader.source.ignored),
            imported_before_at=imported_before_at,
        )

    def _fate(self, lead: Lead, history: History | None) -> tuple[str, str, float]:
        """Now, later or never; why; and when."""
        if history is not None and self._is_ours(history.case):
            case = history.case
            raised = _RANK[lead.grade] > _RANK[case.lead.grade]
            if not raised or case.state not in {CaseState.QUEUED, CaseState.WAITING}:
                return "never", OPEN_CASE, 0.0
            case = replace(case, lead=_raised(case.lead, lead))
            return self._when(self.decide(replace(history, case=case)), history)
        case = Case(0, self.campaign.id, lead, CaseState.QUEUED, 0, self.now, 0, None, created_at=self.now)
        fresh = History(case, self.campaign)
        if history is not None:
            fresh = replace(fresh, suppressed=history.suppressed, free_at=history.free_at)
        return self._when(self.decide(fresh), fresh)

    def _is_ours(self, case: Case) -> bool:
        return self.known and case.campaign_id == self.campaign.id and case.state is not CaseState.CLOSED

    def _when(self, step: NextStep, history: History) -> tuple[str, str, float]:
        self.orders.update(str(order.kind) for order in step.orders)
        if step.due_at is None:
            reason = "suppressed" if history.suppressed is not None else step.close_reason
            return "never", reason or WAITS, 0.0
        due_at = max(step.due_at, history.free_at)
        if due_at <= self.now + SOON_S:
            return "now", "", due_at
        return "later", CALLED_BEFORE if history.free_at >= due_at else CALLING_HOURS, due_at

    def _count(self, lead: Lead, fate: str, why: str, at: float) -> None:
        self.counts[fate] += 1
        self.grades[str(lead.grade)][fate] += 1
        if fate == "later":
            self.later[why] += 1
            self.hours[at // HOUR_S * HOUR_S] += 1
        elif fate == "never":
            self.never[why] += 1


def _raised(known: Lead, lead: Lead) -> Lead:
    """What the store makes of two leads of a number, as far as the policy asks."""
    return replace(
        known,
        grade=lead.grade,
        expires_at=known.expires_at if known.expires_at is not None else lead.expires_at,
        time_zone=known.time_zone or lead.time_zone,
        group=known.group or lead.group,
        age=known.age if known.age is not None else lead.age,
        accounts=(*known.accounts, *lead.accounts),
        relatives=(*known.relatives, *lead.relatives),
    )


def campaign_of(store: Store, name: str) -> tuple[Campaign, bool]:
    """The campaign of that name, or what it would be if it were made; and whether it is there."""
    found = next((each for each in store.campaigns() if each.name == name), None)
    return found or Campaign(0, name, CampaignState.RUNNING, 0.0), found is not None


def preview_file(
    store: Store,
    path: Path,
    campaign: str,
    *,
    now: float,
    defaults: LeadDefaults | None = None,
    headings: Headings | None = None,
    proposer: Proposer | None = None,
    sheet: str = "",
    tongue: Tongue = "en",
    again: bool = False,
    decide: Decide | None = None,
) -> Preview:
    """What would become of the leads in a file if `campaigns.importing.import_file` were called now, with the same
    arguments. Raises `ImportFileError`.
    """
    source = open_source(path, headings=headings, sheet=sheet, tongue=tongue)
    into, known = campaign_of(store, campaign)
    before_at = store.imported_at(campaign, digest_of(source, headings)) if known and not again else None
    reader = LeadReader(source, defaults or LeadDefaults(), now, tongue, proposer or built_in())
    previewer = Previewer(into, known, now, decide or decider(now))
    if before_at is not None:
        for lead in reader.leads():
            previewer.skip(lead)
    else:
        for batch in previewer.batches(reader.leads()):
            numbers = [lead.number for lead in batch]
            previewer.add(batch, store.standing(numbers, now=now, campaign=campaign))
    if reader.read == 0:
        raise ImportFileError(said("file.no_rows", name=path).text(tongue))
    return previewer.result(reader, imported_before_at=before_at)
