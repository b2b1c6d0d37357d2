"""An order told for its receiver: JSON by ``docs/follow-up.schema.json``, made from the case as it is now."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from campaigns.delivery.channel import Parcel
from campaigns.delivery.sms_texts import SmsTexts
from campaigns.follow_up import FollowUp, FollowUpKind
from campaigns.model import Attempt, History, Lead, Mention, MentionKind

Json = dict[str, object]

VERSION = 1
_TO_BLOCK = (MentionKind.PHONE, MentionKind.SITE, MentionKind.APP)


@dataclass(frozen=True, slots=True)
class Writer:
    """Makes parcels of one site."""

    site: str
    centre: str
    callback_number: str
    texts: SmsTexts

    def parcel(self, order: FollowUp, history: History) -> Parcel:
        """The order as it is delivered now."""
        lead = history.case.lead
        document: Json = {
            "version": VERSION,
            "key": key(self.site, order),
            "site": self.site,
            "order": order.id,
            "kind": order.kind.value,
            "ordered_at": order.ordered_at,
            "deadline_at": order.deadline_at,
            "ordered_by": order.by,
            "why": str(order.data.get("why", "")),
            "centre": {"name": self.centre, "callback_number": self.callback_number},
            "case": {
                "id": history.case.id,
                "campaign": history.campaign.name,
                "scam_type": lead.scam_type,
                "grade": lead.grade.value,
                "source": lead.source,
                "warned_at": lead.warned_at,
                "amount_at_risk": _amount_at_risk(history),
                "note": lead.note,
            },
            "subject": _subject(lead),
            "relatives": [{"number": r.number, "relation": r.relation, "name": r.name} for r in lead.relatives],
            "calls": [_call(attempt) for attempt in history.attempts if attempt.result is not None],
            "heard": {"signals": list(_signals(history)), "mentions": list(_mentions(history))},
            "details": self._details(order, history),
        }
        return Parcel(order, history, document)

    def _details(self, order: FollowUp, history: History) -> Json:
        """What only this kind of order needs."""
        lead = history.case.lead
        match order.kind:
            case FollowUpKind.SMS:
                message = self.texts.message(lead, order.data)
                return {"to": lead.number, "text": message.text, "flash": message.flash}
            case FollowUpKind.STOP_PAYMENT:
                return {
                    "accounts": _accounts(history),
                    "amounts": [each["value"] for each in _mentions(history, MentionKind.AMOUNT)],
                }
            case FollowUpKind.BLOCK:
                return {f"{kind.value}s": list(_to_block(order, history, kind)) for kind in _TO_BLOCK}
            case FollowUpKind.VISIT:
                return {}
            case FollowUpKind.RELATIVE:
                return {key: str(order.data.get(key, "")) for key in ("number", "relation", "name")}


def key(site: str, order: FollowUp) -> str:
    """The same for every delivery of an order, and for no other: ids begin anew with a new database, times do not."""
    return f"{site}-{order.id}-{order.ordered_at * 1000:.0f}"


def route(precinct: str) -> tuple[str, ...]:
    """City, district, station and community of ``广州市/天河区/…``; a level that is not known is an empty text."""
    return tuple(part.strip() for part in precinct.rstrip("/ ").split("/")) if precinct.strip("/ ") else ()


def _subject(lead: Lead) -> Json:
    return {
        "number": lead.number,
        "name": lead.name,
        "sex": lead.sex,
        "age": lead.age,
        "group": lead.group,
        "language": lead.language,
        "address": lead.address,
        "precinct": lead.precinct,
        "route": list(route(lead.precinct)),
    }


def _amount_at_risk(history: History) -> float | None:
    """As a person recorded it last, else as the warning said."""
    recorded = [each.amount_at_risk for each in history.dispositions if each.amount_at_risk is not None]
    return recorded[-1] if recorded else history.case.lead.amount


def _call(attempt: Attempt) -> Json:
    assert attempt.result is not None
    return {
        "attempt": attempt.id,
        "at": attempt.dialled_at if attempt.dialled_at is not None else attempt.claimed_at,
        "answered_at": attempt.result.answered_at,
        "outcome": attempt.result.outcome.value,
        "key_warning_heard": attempt.result.key_warning_heard,
    }


def _signals(history: History) -> Iterator[Json]:
    """Each sign once, with the words in which it was heard last."""
    latest = {signal.name: (attempt, signal) for attempt in history.attempts for signal in attempt.signals}
    for attempt, signal in latest.values():
        yield {"attempt": attempt.id, "at_s": signal.at_s, "name": signal.name, "words": signal.words}


def _mentions(history: History, *kinds: MentionKind) -> Iterator[Json]:
    """Each value once, as it was said first."""
    seen: dict[tuple[MentionKind, str], tuple[Attempt, Mention]] = {}
    for attempt in history.attempts:
        for mention in attempt.mentions:
            if not kinds or mention.kind in kinds:
                seen.setdefault((mention.kind, mention.value), (attempt, mention))
    for attempt, mention in seen.values():
        yield {
            "attempt": attempt.id,
            "at_s": mention.at_s,
            "kind": mention.kind.value,
            "value": mention.value,
            "words": mention.words,
        }


def _to_block(order: FollowUp, history: History, kind: MentionKind) -> Iterator[Json]:
    """What was heard and is in no other report; never a number that we call ourselves."""
    lead = history.case.lead
    ours = [lead.number, *(relative.number for relative in lead.relatives)]
    reported = {
        value
        for other in history.follow_ups
        if other.kind is FollowUpKind.BLOCK and other.id != order.id
        for value in _listed(other, kind)
    }
    for heard in _mentions(history, kind):
        value = str(heard["value"])
        own = kind is MentionKind.PHONE and len(value) >= 7 and any(n.endswith(value.lstrip("+")) for n in ours)
        if not own and value not in reported:
            yield {"value": value, "words": heard["words"]}


def _listed(order: FollowUp, kind: MentionKind) -> Iterator[str]:
    values = order.data.get(f"{kind.value}s")
    yield from map(str, values if isinstance(values, list) else ())


def _accounts(history: History) -> list[Json]:
    """Those that came with the warning, then those that were heard; each once."""
    known = history.case.lead.accounts
    accounts: list[Json] = [{"value": account, "source": "lead", "words": ""} for account in known]
    for heard in _mentions(history, MentionKind.ACCOUNT):
        if heard["value"] not in known:
            accounts.append({"value": heard["value"], "source": "call", "words": heard["words"]})
    return accounts
