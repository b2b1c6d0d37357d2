"""What is ordered beside the telephone: which rungs are still to be climbed, and what their receivers are told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from campaigns.follow_up import FollowUp, FollowUpKind, FollowUpState, Order
from campaigns.model import Grade, MentionKind, Relative
from campaigns.policy.facts import COACHED, Facts
from campaigns.policy.model import Kinds
from campaigns.policy.windows import first_open

BLOCKING = frozenset({FollowUpKind.VISIT, FollowUpKind.STOP_PAYMENT, FollowUpKind.RELATIVE})
"""A case waits for these to end; a message or a report to the block list holds nobody up."""

_INFORMED = frozenset({"warned", "acknowledged"})
_ABOUT = (MentionKind.PHONE, MentionKind.SITE, MentionKind.APP)


def must(facts: Facts) -> Kinds:
    """What no policy can leave out: a high-grade case that nobody convinced never ends in silence."""
    if facts.convinced:
        return ()
    if facts.grade is Grade.HIGH:
        return (FollowUpKind.VISIT, FollowUpKind.STOP_PAYMENT)
    return (FollowUpKind.VISIT,) if facts.heard(COACHED) else ()


def on_the_way(facts: Facts) -> Kinds:
    """What the history so far calls for, whether or not the telephone goes on."""
    policy, grade = facts.policy, facts.grade
    wanted = [*policy.before_calling.get(grade, ())]
    for ended in facts.ended:
        wanted += policy.rule(ended.outcome).at_once.get(grade, ())
    if facts.long_busy:
        wanted += policy.long_busy.orders
    if any(fruitless(each) for each in facts.of(FollowUpKind.VISIT)):
        wanted += policy.visits.not_met
    return tuple(dict.fromkeys(wanted))


def orders(facts: Facts, wanted: Iterable[FollowUpKind], why: str, *, in_the_end: bool = False) -> tuple[Order, ...]:
    """Of all that is wanted, and of all that was ordered before without success, what is to be ordered now."""
    kinds = set(wanted) | {each.kind for each in facts.history.follow_ups}
    found: dict[FollowUpKind, Order] = {}
    if FollowUpKind.RELATIVE in kinds and not _open(facts, FollowUpKind.RELATIVE) and not relative_informed(facts):
        relative = next_relative(facts)
        if relative is not None:
            data = {"number": relative.number, "relation": relative.relation, "name": relative.name}
            found[FollowUpKind.RELATIVE] = _order(facts, FollowUpKind.RELATIVE, why, **data)
        elif in_the_end or facts.of(FollowUpKind.RELATIVE):
            kinds.add(FollowUpKind.VISIT)
    for kind in kinds - {FollowUpKind.RELATIVE}:
        if not _open(facts, kind) and _again(facts, kind):
            found[kind] = _order(facts, kind, why, **_told(facts, kind))
    if facts.policy.report_heard and (heard := _unreported(facts)):
        found[FollowUpKind.BLOCK] = _order(facts, FollowUpKind.BLOCK, why, **heard)
    return tuple(found[kind] for kind in FollowUpKind if kind in found)


def next_relative(facts: Facts) -> Relative | None:
    """The next relative who may be told and was not tried, in the lead's order."""
    lead, only = facts.case.lead, facts.policy.relatives.only
    tried = {str(each.data.get("number", "")) for each in facts.of(FollowUpKind.RELATIVE)} | {lead.number}
    allowed = (each for each in lead.relatives if not only or each.relation in only)
    return next((each for each in allowed if each.number and each.number not in tried), None)


def relative_informed(facts: Facts) -> bool:
    """Whether a relative has heard the warning."""
    return any(
        each.state is FollowUpState.DONE and each.result in _INFORMED for each in facts.of(FollowUpKind.RELATIVE)
    )


def blocking(facts: Facts) -> bool:
    """Whether something is under way that the case waits for."""
    return any(each.is_open and each.kind in BLOCKING for each in facts.history.follow_ups)


def _open(facts: Facts, kind: FollowUpKind) -> bool:
    return any(each.is_open for each in facts.of(kind))


def _again(facts: Facts, kind: FollowUpKind) -> bool:
    """Whether one that is not open is to be ordered, for the first time or once more."""
    before = facts.of(kind)
    if not before:
        return True
    if kind is FollowUpKind.VISIT:
        return all(map(fruitless, before)) and len(before) < facts.policy.visits.tries
    if kind is FollowUpKind.STOP_PAYMENT:
        if _accounts(facts) - {str(each) for order in before for each in _listed(order, "accounts")}:
            return True
        failed = all(each.state is FollowUpState.FAILED for each in before)
        return failed and len(before) < facts.policy.stop_payment_tries
    return False


def fruitless(order: FollowUp) -> bool:
    """A visit that ended and met nobody."""
    return order.state is FollowUpState.FAILED or (order.state is FollowUpState.DONE and order.result == "not_met")


def _order(facts: Facts, kind: FollowUpKind, why: str, **data: object) -> Order:
    # A relative, too, is called inside the calling hours.
    from_at = first_open(facts, facts.now) if kind is FollowUpKind.RELATIVE else facts.now
    return Order(kind, from_at + facts.policy.deadlines_s[kind][facts.grade], {"why": why, **data})


def _told(facts: Facts, kind: FollowUpKind) -> dict[str, object]:
    if kind is FollowUpKind.STOP_PAYMENT and (accounts := sorted(_accounts(facts))):
        return {"accounts": accounts}
    return {}


def _accounts(facts: Facts) -> set[str]:
    return {*facts.case.lead.accounts, *facts.heard_values(MentionKind.ACCOUNT)}


def _unreported(facts: Facts) -> dict[str, object]:
    """What was heard for the block list and is in no order yet, by kind of mention; empty while one is open."""
    if not any(each.mentions for each in facts.history.attempts):
        return {}
    before = facts.of(FollowUpKind.BLOCK)
    if any(each.is_open for each in before):
        return {}
    told = {str(value) for order in before for kind in _ABOUT for value in _listed(order, f"{kind}s")}
    known = {facts.case.lead.number, *(each.number for each in facts.case.lead.relatives)}
    found: dict[str, object] = {}
    for kind in _ABOUT:
        values = [each for each in facts.heard_values(kind) if each not in told and not _same_number(each, known)]
        if values:
            found[f"{kind}s"] = sorted(values)
    return found


def _same_number(value: str, known: Iterable[str]) -> bool:
    """Whether digits as spoken are one of the numbers that we call ourselves."""
    digits = value.lstrip("+")
    return len(digits) >= 7 and any(number.endswith(digits) for number in known)


def _listed(order: FollowUp, name: str) -> Iterator[object]:
    values = order.data.get(name, ())
    if isinstance(values, list | tuple):
        yield from values
