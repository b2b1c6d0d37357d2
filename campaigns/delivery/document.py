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
            "key": f"{self.site}-{order.id}",
            "site": self.site,
            "order": order.id,
            "kind": order.kind.value,
            "ordered_at": order.ordered_at,
            "deadline_at": order.deadline_at,
            "ordered_by": order.by,
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
                return {
                    name: list(_mentions(history, kind))
                    for name, kind in (
                        ("phones", MentionKind.PHONE),
                        ("sites", MentionKind.SITE),
                        ("apps", MentionKind.APP),
                    )
                }
            case FollowUpKind.VISIT | FollowUpKind.RELATIVE:
                return {key: value for key, value in order.data.items() if isinstance(value, str | int | float | bool)}


def route(precinct: str) -> tuple[str, ...]:
    """City, district, station and community, as far as known, of ``广州市/天河区/…``."""
    return tuple(part.strip() for part in precinct.split("/") if part.strip())


def _subject(lead: Lead) -> Json:
    return {
        "number": lead.number,
        "name": lead.name,
        "sex": lead.sex,
        "age": lead.age,
        "group": lead.group,
        "language": lead.language,
        "address": lead.address,
        "precinct": list(route(lead.precinct)),
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


def _accounts(history: History) -> list[Json]:
    """Those that came with the warning, then those that were heard; each once."""
    known = history.case.lead.accounts
    accounts: list[Json] = [{"value": account, "source": "lead", "words": ""} for account in known]
    for heard in _mentions(history, MentionKind.ACCOUNT):
        if heard["value"] not in known:
            accounts.append({"value": heard["value"], "source": "call", "words": heard["words"]})
    return accounts
