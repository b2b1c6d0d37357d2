"""What is old is taken away, out of the log too; what a bulletin counts stays."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from campaigns.follow_up import FollowUpKind, FollowUpState, Order
from campaigns.model import (
    AttemptResult,
    CaseState,
    Conviction,
    Disposition,
    HeardSignal,
    Lead,
    Mention,
    MentionKind,
    NextStep,
    Outcome,
    Purgeable,
    Purged,
    Relative,
    Speaker,
    Suppression,
    Turn,
)
from campaigns.store import Store
from tests.campaigns.contract.words import T0, claim_one, decider, follows, last_seq, lead, number

LATER = T0 + 1e6
SECRETS = (
    "王芳",
    number(1),
    number(77),
    "独居",
    "某路",
    "622200",
    "李小梅",
    "安全账户",
    "两万",
    "转账",
    "小心",
    "门口",
    "V-1",
)


def personal(last: int = 1) -> Lead:
    return lead(
        last,
        name="王芳",
        note="独居",
        age=71,
        group="elderly",
        amount=2e4,
        address="某路 12 号",
        precinct="广州市/天河区",
        accounts=("622200",),
        relatives=(Relative(number(77), "女儿", "李小梅"),),
    )


def live(store: Store, last: int = 1, now: float = T0, *, closes: bool = True) -> int:
    """A case with something of everything; returns its id."""
    store.add_leads("spring", [personal(last)], now=now, decide=decider(now))
    claim = claim_one(store, now=now)
    attempt_id, case_id = claim.attempt_id, claim.case.id
    store.dialled(attempt_id, now=now)
    store.add_turn(attempt_id, Turn(Speaker.SUBJECT, "转到安全账户", 1.0, 2.0), now=now)
    store.add_signal(attempt_id, HeardSignal("safe_account", "安全账户", "zh.safe.1", 2.0), now=now)
    for value in ("20000", "30000"):
        store.add_mention(attempt_id, Mention(MentionKind.AMOUNT, value, "两万", 2.0), now=now)
    escalation = store.offer_escalation(attempt_id, reason="safe_account", words="安全账户", now=now)
    store.escalation_rang(escalation, dissuader="chen", now=now)
    visit = Order(FollowUpKind.VISIT, now + 60, {"text": "小心", "address": "某路 12 号"})
    step = NextStep(close_reason="escalated", orders=(visit,)) if closes else NextStep(waits=True, orders=(visit,))
    ended = AttemptResult(Outcome.ESCALATED, now + 50, now + 5, recording=f"recordings/{last}.wav")
    store.finish(attempt_id, ended, follows(step), now=now + 50)
    (order,) = store.follow_ups(case_id)
    store.delivered(order.id, channel="webhook", reference="V-1", now=now + 51)
    store.feedback(order.id, FollowUpState.DONE, result="met", note="在门口", by="station", now=now + 60)
    judged = Disposition(case_id, attempt_id, Conviction.CONVINCED, "chen", now + 55, 2e4, 2e4, "答应不转账")
    store.record_disposition(judged, now=now + 55)
    return case_id


def everything(store: Store) -> str:
    """All that can be read out of a store."""
    histories = list(store.histories(changed_from_at=0.0, changed_until_at=1e12))
    attempts = [store.attempt(attempt.id) for attempt in store.attempts()]
    events = [json.dumps(event.data, ensure_ascii=False) for event in store.events(limit=100_000)]
    found = [each for text in SECRETS for each in store.search(text)]
    return repr((histories, attempts, events, found))


def purge_all(store: Store, before_at: float = LATER, **more: int) -> Purged:
    return store.purge(
        recordings_before_at=before_at, transcripts_before_at=before_at, personal_before_at=before_at, now=LATER, **more
    )


class TestPurging:
    def test_nothing_personal_is_left_of_a_closed_case(self, store: Store) -> None:
        live(store)
        told = everything(store)
        assert all(secret in told for secret in SECRETS)
        purged = purge_all(store)
        told = everything(store)
        assert [secret for secret in SECRETS if secret in told] == []
        assert (purged.turns, purged.signals, purged.mentions, purged.cases) == (1, 1, 2, 1)
        assert purged.recordings == ("recordings/1.wav",)
        assert not purged.more
        (event,) = [event for event in store.events(limit=1000) if event.kind == "data.purged"]
        assert event.data == {
            "recordings_before_at": LATER,
            "transcripts_before_at": LATER,
            "personal_before_at": LATER,
            "recordings": 1,
            "turns": 1,
            "signals": 1,
            "mentions": 2,
            "cases": 1,
            "events": purged.events,
        }

    def test_what_a_bulletin_counts_stays(self, store: Store) -> None:
        case_id = live(store)
        before, seqs = store.history(case_id, now=LATER), [(e.seq, e.at, e.kind, e.case_id) for e in store.events()]
        purge_all(store)
        after = store.history(case_id, now=LATER)
        kept = ("grade", "scam_type", "group", "age", "sex", "amount", "precinct", "source", "warned_at", "language")
        assert [getattr(after.case.lead, name) for name in kept] == [getattr(before.case.lead, name) for name in kept]
        assert after.case.lead.number.startswith("purged-")
        assert replace(after.case, lead=before.case.lead) == before.case
        (old,), (new,) = before.attempts, after.attempts
        assert old.result is not None
        assert new.result == replace(old.result, recording="")
        assert [signal.name for signal in new.signals] == ["safe_account"]
        assert [mention.kind for mention in new.mentions] == [MentionKind.AMOUNT] * 2
        assert [(each.state, each.dissuader, each.first_ring_s) for each in new.escalations] == [
            (each.state, each.dissuader, each.first_ring_s) for each in old.escalations
        ]
        assert after.dispositions == (replace(before.dispositions[0], note=""),)
        (order,) = after.follow_ups
        assert order == replace(before.follow_ups[0], data={}, note="", reference="")
        assert [(e.seq, e.at, e.kind, e.case_id) for e in store.events()][: len(seqs)] == seqs

    def test_what_is_younger_stays(self, store: Store) -> None:
        live(store)
        told = everything(store), last_seq(store)
        at = T0 + 50
        younger = store.purge(recordings_before_at=at, transcripts_before_at=at, personal_before_at=at, now=T0 + 100)
        assert younger == Purged()
        assert (everything(store), last_seq(store)) == told
        assert store.purge(now=LATER) == Purged()

    def test_each_kind_has_its_own_time(self, store: Store) -> None:
        case_id = live(store)
        assert store.purge(recordings_before_at=LATER, now=LATER).turns == 0
        (attempt,) = store.attempts()
        assert store.attempt(attempt.id).turns
        assert store.purge(transcripts_before_at=LATER, now=LATER).cases == 0
        assert store.attempt(attempt.id).turns == ()
        assert store.case(case_id).lead == personal()
        assert store.search("王芳")
        assert store.search("不转账")
        assert not store.search("安全")
        assert store.purge(personal_before_at=LATER, now=LATER).cases == 1

    def test_what_would_go_is_told_before(self, store: Store) -> None:
        live(store)
        live(store, 2, T0 + 1000, closes=False)
        at = {"recordings_before_at": LATER, "transcripts_before_at": LATER, "personal_before_at": LATER}
        told = store.purgeable(**at)
        assert (told.recordings, told.calls, told.cases) == (2, 2, 1)
        assert store.purgeable() == Purgeable(0, 0, 0)
        purge_all(store)
        assert store.purgeable(**at) == Purgeable(0, 0, 0)

    def test_the_remains_can_be_wiped_and_all_else_stays(self, store: Store) -> None:
        live(store)
        live(store, 2, T0 + 1000, closes=False)
        purge_all(store)
        told = everything(store)
        assert store.wipe_remains()
        assert everything(store) == told
        assert store.search("王芳")
        assert not store.wipe_remains(within_s=0.0)

    def test_an_open_case_keeps_its_personal_data_however_old(self, store: Store) -> None:
        case_id = live(store, closes=False)
        assert store.case(case_id).state is CaseState.WAITING
        purged = purge_all(store)
        assert (purged.cases, purged.turns) == (0, 1)
        assert store.case(case_id).lead == personal()
        assert store.follow_ups(case_id)[0].data["address"] == "某路 12 号"

    def test_an_order_that_was_never_answered_fails_with_the_data_that_it_needs(self, store: Store) -> None:
        case_id = live(store)
        order = store.order(case_id, Order(FollowUpKind.SMS, T0 + 60, {"text": "小心"}), now=T0, by="Li")
        purge_all(store)
        (_, failed) = store.follow_ups(case_id)
        assert (failed.id, failed.state, failed.result, failed.data) == (order.id, FollowUpState.FAILED, "purged", {})
        assert store.claim_deliveries(now=LATER, lease_s=9, limit=9) == []

    def test_one_number_has_one_pseudonym_that_does_not_come_back(self, store: Store) -> None:
        store.create_campaign("autumn", now=T0)
        for name in ("spring", "autumn"):
            store.add_leads(name, [lead(1), lead(2)], now=T0, decide=follows(NextStep(close_reason="x")))
        purge_all(store)
        one, two, one_again, two_again = (case.lead.number for case in store.cases())
        assert one == one_again != two == two_again
        assert store.add_leads("spring", [lead(1)], now=LATER, decide=decider(LATER)).accepted == 1
        assert store.cases()[-1].lead.number == number(1)

    def test_a_portion_at_a_time(self, store: Store) -> None:
        for last in range(1, 6):
            live(store, last, T0 + last * 1000)
        first = purge_all(store, limit=2)
        assert (first.cases, first.turns, first.more) == (2, 2, True)
        assert [case.lead.number.startswith("purged-") for case in store.cases()] == [True] * 2 + [False] * 3
        portions = 1
        while purge_all(store, limit=2).more:
            portions += 1
        assert portions == 2
        assert [secret for secret in SECRETS if secret in everything(store)] == []

    def test_recordings_are_named_until_they_are_deleted(self, store: Store) -> None:
        for last in (1, 2):
            live(store, last, T0 + last * 1000)
        both = ("recordings/1.wav", "recordings/2.wav")
        assert purge_all(store).recordings == both
        assert purge_all(store).recordings == both
        store.recordings_deleted(["recordings/1.wav", "unknown"], now=LATER)
        assert purge_all(store).recordings == both[1:]
        store.recordings_deleted(both, now=LATER)
        assert purge_all(store).recordings == ()
        told = [event.data for event in store.events(limit=1000) if event.kind == "data.recordings_deleted"]
        assert told == [{"recordings": 1}, {"recordings": 1}]

    @pytest.mark.parametrize("lifted", [False, True])
    def test_suppressions_that_are_over_are_forgotten_and_others_stay(self, store: Store, *, lifted: bool) -> None:
        for last, until_at in ((1, None), (2, T0 + 60), (3, LATER + 60)):
            store.suppress(Suppression(number(last), "asked", "chen", T0, until_at), now=T0)
        if lifted:
            store.unsuppress(number(1), now=T0, by="Li")
        purge_all(store)
        told = everything(store)
        assert number(2) not in told
        assert number(3) in told
        assert (number(1) in told) is not lifted
        assert len(store.suppressions(now=LATER)) == (1 if lifted else 2)
