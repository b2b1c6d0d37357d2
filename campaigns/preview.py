"""What would become of leads if they were imported now: nothing is written, nobody is called.

The real policy decides on what the store knows of each number.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

from campaigns.importing import ImportFileError, LeadReader, RowError, digest_of, open_source
from campaigns.intake.fields import LeadDefaults
from campaigns.intake.headings import Headings
from campaigns.intake.scam_types import Proposer, built_in
from campaigns.messages import Tongue, said
from campaigns.model import Campaign, CampaignState, Case, CaseState, Grade, History, Lead
from campaigns.policy import decider
from campaigns.store import Decide, Store

BATCH = 1000
"""Leads that are looked up together."""
SOON_S = 60.0
"""What is due within this many seconds counts as now."""
HOUR_S = 3600.0

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


@dataclass(frozen=True, slots=True)
class _Fate:
    """What becomes of one lead."""

    when: str
    why: str = ""
    at: float = 0.0
    orders: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Open:
    """What the store would know of a number after the leads so far."""

    history: History
    place: int
    """Of the fate that a further lead may change; -1: none."""


@dataclass
class Previewer:
    """Tells what would become of leads, in the order of their coming."""

    campaign: Campaign
    known: bool
    """Whether the campaign is there."""
    now: float
    decide: Decide
    _fates: list[tuple[Grade, _Fate]] = field(default_factory=list)
    _open: dict[str, _Open] = field(default_factory=dict)

    def add(self, leads: Sequence[Lead], standing: Mapping[str, History]) -> None:
        """More leads; ``standing`` is what `Store.standing` says of their numbers for this campaign."""
        for lead in leads:
            known = self._open.get(lead.number)
            if known is not None:
                self._fates.append((lead.grade, _Fate("never", SAME_FILE if known.place >= 0 else OPEN_CASE)))
                self._add_to(known, lead)
                continue
            history = standing.get(lead.number)
            if history is not None and self._is_ours(history.case):
                self._fates.append((lead.grade, _Fate("never", OPEN_CASE)))
                self._open[lead.number] = _Open(history, -1)
                self._add_to(self._open[lead.number], lead)
                continue
            case = Case(0, self.campaign.id, lead, CaseState.QUEUED, 0, self.now, 0, None, created_at=self.now)
            fresh = History(case, self.campaign)
            if history is not None:
                fresh = replace(fresh, suppressed=history.suppressed, free_at=history.free_at)
            fate, closed = self._fate(fresh)
            self._fates.append((lead.grade, fate))
            if not closed:
                self._open[lead.number] = _Open(fresh, len(self._fates) - 1)

    def skip(self, lead: Lead) -> None:
        """A lead of a file that was imported before."""
        self._fates.append((lead.grade, _Fate("never", IMPORTED_BEFORE)))

    def result(self, reader: LeadReader, *, imported_before_at: float | None = None) -> Preview:
        """The preview; the rows that ``reader`` refused are part of it."""
        counts: Counter[str] = Counter()
        reasons: dict[str, Counter[str]] = {"now": Counter(), "later": Counter(), "never": Counter()}
        hours: Counter[float] = Counter()
        orders: Counter[str] = Counter()
        grades: dict[str, Counter[str]] = {str(grade): Counter() for grade in Grade}
        for grade, fate in self._fates:
            counts[fate.when] += 1
            reasons[fate.when][fate.why] += 1
            grades[str(grade)][fate.when] += 1
            orders.update(fate.orders)
            if fate.when == "later":
                hours[fate.at // HOUR_S * HOUR_S] += 1
        for _, error in reader.refused:
            counts["never"] += 1
            reasons["never"][NEVER_DIALLED if error.code == "number.service" else REJECTED] += 1
        return Preview(
            campaign=self.campaign.name,
            campaign_state=str(self.campaign.state) if self.known else "new",
            read=reader.read,
            now=counts["now"],
            later=counts["later"],
            never=counts["never"],
            hours=tuple(Hour(at, calls) for at, calls in sorted(hours.items())),
            later_reasons=dict(reasons["later"].most_common()),
            never_reasons=dict(reasons["never"].most_common()),
            grades={grade: dict(each) for grade, each in grades.items()},
            orders=dict(orders.most_common()),
            proposed=reader.proposed,
            errors=tuple(error for _, error in reader.refused),
            ignored_columns=tuple(reader.source.ignored),
            imported_before_at=imported_before_at,
        )

    def _add_to(self, known: _Open, lead: Lead) -> None:
        """A lead for an open case changes what follows if it raises the grade."""
        case = known.history.case
        raised = lead.grade.rank > case.lead.grade.rank
        history = replace(known.history, case=replace(case, lead=_together(case.lead, lead)))
        place = known.place
        closed = False
        if raised and case.state in {CaseState.QUEUED, CaseState.WAITING}:
            fate, closed = self._fate(history)
            place = place if place >= 0 else len(self._fates) - 1
            self._fates[place] = (history.case.lead.grade, fate)
        if closed:
            del self._open[lead.number]
        else:
            self._open[lead.number] = _Open(history, place)

    def _is_ours(self, case: Case) -> bool:
        return self.known and case.campaign_id == self.campaign.id and case.state is not CaseState.CLOSED

    def _fate(self, history: History) -> tuple[_Fate, bool]:
        """What the policy decides, and whether it closes the case."""
        step = self.decide(history)
        orders = tuple(str(order.kind) for order in step.orders)
        if step.due_at is None:
            reason = "suppressed" if history.suppressed is not None else step.close_reason or WAITS
            return _Fate("never", reason, orders=orders), not step.waits
        due_at = max(step.due_at, history.free_at)
        if due_at <= self.now + SOON_S:
            return _Fate("now", at=due_at, orders=orders), False
        why = CALLED_BEFORE if history.free_at >= due_at else CALLING_HOURS
        return _Fate("later", why, due_at, orders), False


def _together(known: Lead, lead: Lead) -> Lead:
    """What the store makes of two leads of a number, as far as the policy asks."""
    return replace(
        known,
        grade=max(known.grade, lead.grade, key=lambda grade: grade.rank),
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
        leads = reader.leads()
        while batch := list(islice(leads, BATCH)):
            numbers = [lead.number for lead in batch]
            previewer.add(batch, store.standing(numbers, now=now, campaign=campaign))
    if reader.read == 0:
        raise ImportFileError(said("file.no_rows", name=path).text(tongue))
    return previewer.result(reader, imported_before_at=before_at)
