"""Tokens of the API, and answers that may be asked for again."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.access import REPLIES_KEPT_S, Reply, Scope, check, digest_of, new_secret
from campaigns.sqlite_store import SqliteStore
from campaigns.store import StoreError

pytestmark = pytest.mark.unit

NOW = 1_800_000_000.0


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqliteStore]:
    opened = SqliteStore(tmp_path_factory.mktemp("store") / "store.db")
    yield opened
    opened.close()


def make(store: SqliteStore, name: str) -> str:
    text, key, digest = new_secret()
    store.add_token(name, key, digest, scopes=[Scope.READ, Scope.LEADS], now=NOW, by="Li")
    return text


def test_a_token_is_known_by_its_text_alone_and_the_store_does_not_hold_it(store: SqliteStore) -> None:
    text = make(store, "platform")
    found = check(store, text)
    assert found is not None
    assert (found.name, found.scopes, found.by) == ("platform", {Scope.READ, Scope.LEADS}, "Li")
    secret = text.split("_", 2)[2]
    assert len(secret) >= 43
    with closing(sqlite3.connect(store._path)) as database:
        held = str(database.execute("select * from tokens").fetchall())
    assert secret not in held
    assert digest_of(secret) in held


def test_what_is_nearly_a_token_is_none(store: SqliteStore) -> None:
    text = make(store, "near")
    prefix, key, secret = text.split("_", 2)
    for wrong in (
        "",
        key,
        f"{prefix}_{key}",
        f"{prefix}_{key}_",
        f"{prefix}_{key}_{secret[:-1]}",
        f"{prefix}_{key}_{secret}x",
        f"{prefix}_{'0' * 12}_{secret}",
        f"x_{key}_{secret}",
        f"{prefix}_{key}_{digest_of(secret)}",
    ):
        assert check(store, wrong) is None, wrong


def test_a_revoked_token_is_none_and_its_name_is_free_again(store: SqliteStore) -> None:
    text = make(store, "gone")
    with pytest.raises(StoreError, match="already"):
        make(store, "gone")
    assert store.revoke_token("gone", now=NOW + 1, by="Li")
    assert not store.revoke_token("gone", now=NOW + 1, by="Li")
    assert check(store, text) is None
    again = make(store, "gone")
    assert check(store, again) is not None
    assert [each.revoked_at for each in store.tokens() if each.name == "gone"] == [NOW + 1, None]
    assert [event.kind for event in store.events() if event.data["name"] == "gone"] == [
        "token.created",
        "token.revoked",
        "token.created",
    ]


@given(st.text())
def test_no_text_raises(store: SqliteStore, text: str) -> None:
    assert check(store, text) is None


def test_an_answer_is_kept_for_two_days_for_the_token_that_asked(store: SqliteStore) -> None:
    answer = Reply("digest", 200, "{}", NOW)
    store.keep_reply("platform", "k", answer)
    assert store.reply("platform", "k", now=NOW + REPLIES_KEPT_S - 1) == answer
    assert store.reply("other", "k", now=NOW) is None
    assert store.reply("platform", "k", now=NOW + REPLIES_KEPT_S) is None
    store.keep_reply("platform", "later", Reply("digest", 200, "{}", NOW + REPLIES_KEPT_S))
    assert store.reply("platform", "k", now=NOW) is None
