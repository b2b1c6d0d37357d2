"""What humans judged, and what is known of a number."""

from __future__ import annotations

import pytest

from campaigns.follow_up import FollowUpKind, Order
from campaigns.model import (
    CaseState,
    Conviction,
    Disposition,
    HeardSignal,
    Mention,
    MentionKind,
    NextStep,
    Suppression,
)
from campaigns.store import NotFoundError, Store
from tests.campaigns.contract.words import (
    COOL_DOWN_S,
    T0,
    claim_one,
    decider,
    follows,
    kinds,
    last_seq,
    lead,
    number,
    result,
)


class TestDispositions:
    def test_every_judgement_is_kept_and_the_latest_comes_last(self, store: Store) -> None:
        store.add_leads("spring", [lead(1), lead(2)], now=T0, decide=decider(T0))
        claim = claim_one(store)
        first = Disposition(
            claim.case.id, claim.attempt_id, Conviction.NOT_CONVINCED, "chen", T0 + 5, 2e4, None, "挂了"
        )
        second = Disposition(claim.case.id, None, Conviction.CONVINCED, "Li", T0 + 90, 2e4, 2e4)
        for each in (first, second):
            store.record_disposition(each, now=each.at)
        assert store.dispositions(claim.case.id) == store.dispositions() == [first, second]
        assert store.dispositions(2) == []
        assert store.history(claim.case.id, now=T0 + 90).dispositions == (first, second)
        events = [event for event in store.events(limit=100) if event.kind == "disposition.recorded"]
        assert [event.attempt_id for event in events] == [claim.attempt_id, None]
        assert "挂了" not in str(events)

    def test_the_call_must_be_the_case_s_own(self, store: Store) -> None:
        store.add_leads("spring", [lead(1), lead(2)], now=T0, decide=decider(T0))
        claim = claim_one(store)
        other = next(case for case in store.cases() if case.id != claim.case.id)
        before = last_seq(store)
        for case_id, attempt_id in ((999, None), (other.id, claim.attempt_id), (claim.case.id, 999)):
            judged = Disposition(case_id, attempt_id, Conviction.CONVINCED, "chen", T0)
            with pytest.raises(NotFoundError):
                store.record_disposition(judged, now=T0)
        assert (store.dispositions(), last_seq(store)) == ([], before)


class TestMentions:
    def test_what_a_subject_spoke_of_is_kept_once_for_a_call(self, store: Store) -> None:
        store.add_leads("spring", [lead(1)], now=T0, decide=decider(T0))
        claim = claim_one(store)
        phone = Mention(MentionKind.PHONE, "11100000099", "幺幺幺零零零", 4.0)
        heard_again = Mention(MentionKind.PHONE, "11100000099", "就是那个号", 9.0)
        amount = Mention(MentionKind.AMOUNT, "11100000099", "好多钱", 2.0)
        for mention in (phone, heard_again, amount):
            store.add_mention(claim.attempt_id, mention, now=T0 + 9)
        assert store.attempt(claim.attempt_id).mentions == (amount, phone)
        assert store.history(claim.case.id, now=T0).attempts[0].mentions == (amount, phone)
        told = [event.data for event in store.events() if event.kind == "call.mention"]
        assert told == [
            {"mention": each.kind, "value": each.value, "words": each.words, "at_s": each.at_s}
            for each in (phone, amount)
        ]
        with pytest.raises(NotFoundError, match="999"):
            store.add_mention(999, phone, now=T0)

    def test_calls_have_mentions_of_their_own(self, store: Store) -> None:
        store.add_leads("spring", [lead(1)], now=T0, decide=decider(T0))
        mention = Mention(MentionKind.SITE, "example.com", "example 点 com", 4.0)
        signal = HeardSignal("contacted", "有", "zh.yes", 1.4)
        for nth in range(2):
            claim = claim_one(store, now=T0 + nth * 60)
            store.add_mention(claim.attempt_id, mention, now=T0)
            store.add_signal(claim.attempt_id, signal, now=T0)
            store.finish(claim.attempt_id, result(), decider(T0), now=T0)
        attempts = store.history(claim.case.id, now=T0).attempts
        assert [(each.mentions, each.signals) for each in attempts] == [((mention,), (signal,))] * 2


class TestStanding:
    def test_a_number_stands_as_its_latest_case_does_an_open_one_first(self, store: Store) -> None:
        store.create_campaign("autumn", now=T0)
        store.add_leads("spring", [lead(1), lead(2)], now=T0, decide=decider(T0))
        store.add_leads("autumn", [lead(1), lead(2)], now=T0, decide=decider(T0))
        one_in_autumn, two_in_autumn = store.cases(campaign="autumn")
        store.revise(one_in_autumn.id, follows(NextStep(close_reason="warned")), now=T0)
        found = store.standing([number(1), number(2), number(1), number(3)], now=T0)
        assert list(found) == [number(1), number(2)]
        assert found[number(1)].case == store.cases(campaign="spring")[0]
        assert found[number(2)] == store.history(two_in_autumn.id, now=T0)

    def test_the_open_case_of_a_campaign_goes_before_all_others(self, store: Store) -> None:
        store.create_campaign("autumn", now=T0)
        for name in ("spring", "autumn"):
            store.add_leads(name, [lead(1)], now=T0, decide=decider(T0))
        in_spring, in_autumn = store.cases()
        stands = {name: store.standing([number(1)], now=T0, campaign=name)[number(1)].case for name in ("spring", "x")}
        assert stands == {"spring": in_spring, "x": in_autumn}

    def test_a_suppressed_number_is_known_without_a_case(self, store: Store) -> None:
        barred = Suppression(number(3), "asked us not to", "chen", T0, T0 + 60)
        store.suppress(barred, now=T0)
        found = store.standing([number(3)], now=T0)[number(3)]
        assert (found.suppressed, found.case.lead.number, found.free_at) == (barred, number(3), 0.0)
        assert store.standing([number(3)], now=T0 + 60) == {}

    def test_a_call_to_a_relative_is_no_standing_but_the_number_rests(self, store: Store) -> None:
        store.add_leads("spring", [lead(1)], now=T0, decide=follows(NextStep(waits=True)))
        order = store.order(store.cases()[0].id, Order(FollowUpKind.RELATIVE, T0 + 60), now=T0, by="Li")
        store.add_linked_case(order.id, lead(50), relation="女儿", now=T0, decide=decider(T0))
        assert store.standing([number(50)], now=T0) == {}
        store.dialled(claim_one(store).attempt_id, now=T0)
        found = store.standing([number(50)], now=T0)[number(50)]
        assert (found.case.id, found.case.state, found.free_at) == (0, CaseState.CLOSED, T0 + COOL_DOWN_S)


class TestNotes:
    def test_an_event_that_belongs_to_no_case(self, store: Store) -> None:
        event = store.note("breaker.closed", {"node": "n1", "open_s": 32.0, "probes": 1}, now=T0, campaign="spring")
        assert (event.kind, event.at, event.campaign_id, event.case_id) == ("breaker.closed", T0, 1, None)
        assert store.events()[-1] == event
        with pytest.raises(NotFoundError, match="winter"):
            store.note("breaker.closed", {}, now=T0, campaign="winter")
        assert kinds(store)[-1] == "breaker.closed"

    def test_the_events_of_one_case(self, store: Store) -> None:
        store.add_leads("spring", [lead(1), lead(2)], now=T0, decide=decider(T0))
        one, two = store.cases()
        own = store.events(case_id=two.id)
        assert own == [event for event in store.events() if event.case_id == two.id]
        assert len(own) == 2
        assert store.events(case_id=two.id, after=own[0].seq, limit=1) == own[1:]
        assert store.events(case_id=one.id, after=own[0].seq) == []
