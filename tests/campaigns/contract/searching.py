"""Any part of what was said or of a lead is found."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from campaigns.model import (
    Conviction,
    Disposition,
    FoundIn,
    HeardSignal,
    Mention,
    MentionKind,
    Relative,
    Speaker,
    Turn,
)
from campaigns.store import NotFoundError, Store
from tests.campaigns.contract.words import T0, Opener, claim_one, decider, lead, number

SAID = "他说他是公安局的，让我把钱转到安全账户，加了QQ 88100 23，银行卡尾号6228"


@pytest.fixture
def told(store: Store) -> Store:
    """A case with something to be found everywhere."""
    full = lead(
        11,
        name="王芳",
        note="独居，儿子在国外",
        address="某路 12 号",
        accounts=("6222000011112222",),
        relatives=(Relative(number(77), "女儿", "李小梅"),),
    )
    store.add_leads("spring", [full], now=T0, decide=decider(T0))
    claim = claim_one(store)
    store.add_turn(claim.attempt_id, Turn(Speaker.SUBJECT, SAID, 1.0, 9.0), now=T0 + 10)
    store.add_signal(claim.attempt_id, HeardSignal("safe_account", "安全账户", "zh.safe.1", 4.0), now=T0 + 11)
    store.add_mention(claim.attempt_id, Mention(MentionKind.APP, "WhatsApp", "瓦次艾普", 5.0), now=T0 + 12)
    judged = Disposition(claim.case.id, claim.attempt_id, Conviction.CONVINCED, "chen", T0, note="答应不转账了")
    store.record_disposition(judged, now=T0 + 90)
    return store


class TestSearch:
    @pytest.mark.parametrize(
        ("text", "places"),
        [
            ("钱", [FoundIn.TURN]),
            ("转到", [FoundIn.TURN]),
            ("户", [FoundIn.SIGNAL, FoundIn.TURN]),
            ("安全账户", [FoundIn.SIGNAL, FoundIn.TURN]),
            ("全账户，加", [FoundIn.TURN]),
            ("账户 公安", [FoundIn.TURN]),
            ("6228", [FoundIn.TURN]),
            ("2", [FoundIn.TURN, FoundIn.LEAD]),
            ("qq", [FoundIn.TURN]),
            ("ＱＱ", [FoundIn.TURN]),
            ("whats", [FoundIn.MENTION]),
            ("SAPP", [FoundIn.MENTION]),
            ("次艾", [FoundIn.MENTION]),
            ("王芳", [FoundIn.LEAD]),
            ("芳", [FoundIn.LEAD]),
            ("0011", [FoundIn.LEAD]),
            (number(11), [FoundIn.LEAD]),
            ("111 00000011", [FoundIn.LEAD]),
            ("国外", [FoundIn.LEAD]),
            ("小梅", [FoundIn.LEAD]),
            (number(77)[-6:], [FoundIn.LEAD]),
            ("22200001111", [FoundIn.LEAD]),
            ("王芳 国外", [FoundIn.LEAD]),
            ("转账", [FoundIn.DISPOSITION]),
            ("钱转", [FoundIn.TURN]),
            ("户加", []),  # a mark stands between them
            ("转钱", []),
            ("6229", []),
            ("王芳 公安", []),
            ("", []),
            ("，。!", []),
            ('" OR NEAR(', []),
        ],
    )
    def test_any_part_is_found_newest_first(self, told: Store, text: str, places: list[FoundIn]) -> None:
        assert [found.where for found in told.search(text)] == places

    def test_what_is_found_says_where_and_when(self, told: Store) -> None:
        (found,) = told.search("公安局")
        (attempt,) = told.attempts()
        assert (found.case_id, found.attempt_id, found.text, found.at) == (attempt.case_id, attempt.id, SAID, T0 + 10)
        (case,) = told.search("王芳")
        assert (case.attempt_id, case.at) == (None, T0)
        assert "王芳 · +8611100000011 · 独居，儿子在国外" in case.text

    def test_a_case_is_found_by_its_lead_as_it_is_now(self, store: Store) -> None:
        store.add_leads("spring", [lead(1, note="独居")], now=T0, decide=decider(T0))
        store.add_leads("spring", [lead(1, name="王芳", note="别的")], now=T0 + 9, decide=decider(T0 + 9))
        assert len(store.search("独居 王芳")) == 1
        assert len(store.search("0001")) == 1
        assert store.search("别的") == []

    def test_only_in_a_campaign_and_no_more_than_the_limit(self, store: Store) -> None:
        store.create_campaign("autumn", now=T0)
        for name in ("spring", "autumn"):
            store.add_leads(name, [lead(n, name="王芳") for n in range(3)], now=T0, decide=decider(T0))
        ids = [case.id for case in store.cases(campaign="spring")]
        assert [found.case_id for found in store.search("王", campaign="spring")] == ids[::-1]
        assert len(store.search("王", limit=4)) == 4
        with pytest.raises(NotFoundError, match="winter"):
            store.search("王", campaign="winter")

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @example("转账", 0, 2)
    @example("a1", 0, 1)
    @given(
        text=st.text(st.sampled_from("转账卡号a1Bb2，. ·'\"*-éßﬁ藏བོད"), min_size=1, max_size=12),
        begin=st.integers(0, 11),
        length=st.integers(1, 5),
    )
    def test_every_part_of_every_text_is_found(self, open_store: Opener, text: str, begin: int, length: int) -> None:
        store = open_store()
        name = f"c{len(store.campaigns())}"
        store.create_campaign(name, now=T0)
        store.add_leads(name, [lead(1)], now=T0, decide=decider(T0))
        (case,) = store.cases(campaign=name)
        judged = Disposition(case.id, None, Conviction.CONVINCED, "chen", T0, note=text)
        store.record_disposition(judged, now=T0)
        part = text[begin : begin + length]
        found = store.search(part, campaign=name, limit=1000)
        store.close()
        if any(character.isalnum() for character in part):
            assert text in [each.text for each in found]
        assert all(each.case_id == case.id for each in found)
