"""Which passwords are good enough, and what is known of them afterwards."""

from __future__ import annotations

import pytest
from argon2 import PasswordHasher

from campaigns import passwords
from campaigns.passwords import MAX_LENGTH, PasswordError, hash_password, rehashed, verify

pytestmark = pytest.mark.unit

GOOD = "紫色 horse ４２ staple"


def test_only_the_same_password_is_the_password_however_it_was_typed() -> None:
    hashed = hash_password(GOOD, login="chen")
    assert GOOD not in hashed
    assert hashed.startswith("$argon2id$")
    assert hash_password(GOOD) != hashed
    assert verify(hashed, GOOD)
    assert verify(hashed, "紫色 horse 42 staple")
    for wrong in ("", GOOD + " ", GOOD.upper(), GOOD[:-1], hashed, "x" * 100_000, "\ud800" * 12):
        assert not verify(hashed, wrong), wrong[:40]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "at least 10"),
        ("紫色的马跑得很快", "at least 10"),
        ("x1Y2" * 65, "at most 256"),
        ("chen-chen1", "log-in name"),
        ("CHEN.chen.12", "log-in name"),
        ("aaaaaaaaaaaa", "first that are tried"),
        ("1212121212", "first that are tried"),
        ("Password1234", "first that are tried"),
        ("１２３４５６７８９０", "first that are tried"),
        ("34567890123456", "first that are tried"),
        ("qwertyuiopas", "first that are tried"),
        ("woaini1314520", "first that are tried"),
    ],
)
def test_what_is_easily_guessed_is_refused_with_a_reason(text: str, why: str) -> None:
    with pytest.raises(PasswordError, match=why):
        hash_password(text, login="chen")


def test_the_longest_password_and_one_of_any_characters_are_kept() -> None:
    for text in ("x1Y2!" * 51, "\x00\n\ud800 tab\t and 九"):
        assert len(text) <= MAX_LENGTH
        assert verify(hash_password(text), text)


def test_who_is_unknown_or_has_no_password_costs_as_much_to_refuse(monkeypatch: pytest.MonkeyPatch) -> None:
    hashed = hash_password(GOOD)
    asked: list[str] = []

    class Counting(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> bool:  # noqa: A002
            asked.append(str(hash).rpartition("$")[0].rpartition("$")[0])
            return super().verify(hash, password)

    monkeypatch.setattr(passwords, "_HASHER", Counting(time_cost=3, memory_cost=64 * 1024, parallelism=1))
    assert [verify(each, text) for each in (hashed, None, "") for text in ("wrong", "")] == [False] * 6
    assert len(asked) == 6
    assert len(set(asked)) == 1
    assert not verify("no hash", GOOD)


def test_a_hash_of_weaker_make_is_good_and_is_made_anew() -> None:
    old = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash("紫色 horse 42 staple")
    assert verify(old, GOOD)
    new = rehashed(old, GOOD)
    assert new is not None
    assert verify(new, GOOD)
    assert rehashed(new, GOOD) is None
