"""Who may log in, and what they are."""

from __future__ import annotations

import pytest

from campaigns.staff import SEEN_EVERY_S, Role, Session, Station, User
from campaigns.store import NotFoundError, Store, StoreError
from tests.campaigns.contract.words import T0, last_seq

DAY_S = 86_400.0
IDLE_S = 3600.0


def add(store: Store, login: str, *roles: Role, password: str = "hash", phone: str = "") -> User:
    return store.add_user(
        login, name=login.title(), roles=roles or [Role.DISSUADER], password=password, phone=phone, now=T0, by="Li"
    )


def log_in(store: Store, login: str, digest: str, now: float = T0) -> Session:
    return store.start_session(login, digest, csrf=f"csrf-{digest}", now=now, until_at=now + DAY_S)


def seen(store: Store, digest: str, now: float = T0) -> Session | None:
    return store.session(digest, now=now, idle_s=IDLE_S)


def data(store: Store, after: int) -> list[tuple[str, dict[str, object]]]:
    return [(event.kind, dict(event.data)) for event in store.events(after=after)]


class TestUsers:
    def test_a_user_is_kept_as_made_and_the_log_knows_no_password(self, store: Store) -> None:
        after = last_seq(store)
        chen = add(store, "chen", Role.DISSUADER, Role.AUDITOR, phone="sip:chen@127.0.0.1")
        assert (chen.login, chen.name, chen.phone, chen.created_at) == ("chen", "Chen", "sip:chen@127.0.0.1", T0)
        assert chen.roles == {Role.DISSUADER, Role.AUDITOR}
        assert (chen.language, chen.theme, chen.disabled_at) == ("", "", None)
        bo = add(store, "bo", password="")
        assert store.users() == [bo, chen]
        assert store.user("chen") == chen
        assert store.user("nobody") is None
        assert (store.password("chen"), store.password("bo"), store.password("nobody")) == ("hash", "", None)
        assert data(store, after)[0] == ("user.added", {"login": "chen", "roles": ["auditor", "dissuader"], "by": "Li"})
        assert "hash" not in str(data(store, after))

    @pytest.mark.parametrize("login", ["", "Chen", "陈", "chen li", "token:x", "-chen", "chen\n", "x" * 65])
    def test_a_bad_log_in_is_refused(self, store: Store, login: str) -> None:
        with pytest.raises(StoreError, match="is no log-in"):
            add(store, login)
        assert store.users() == []

    def test_a_log_in_is_given_once_even_if_its_user_is_disabled(self, store: Store) -> None:
        add(store, "chen")
        store.change_user("chen", disabled=True, now=T0, by="Li")
        with pytest.raises(StoreError, match="already"):
            add(store, "chen")

    def test_what_is_given_is_changed_and_told_and_nothing_else(self, store: Store) -> None:
        before = add(store, "chen", phone="sip:chen@127.0.0.1")
        after = last_seq(store)
        changed = store.change_user(
            "chen", name="陈", roles=[Role.DUTY_OFFICER], phone="", language="zh-CN", theme="dark", keys=False,
            now=T0, by="Li",
        )  # fmt: skip
        assert changed == User(
            before.id, "chen", "陈", frozenset({Role.DUTY_OFFICER}), "", "zh-CN", "dark", False, before.created_at, None
        )
        assert store.change_user("chen", name="陈", now=T0, by="Li") == changed
        assert data(store, after) == [
            (
                "user.changed",
                {
                    "login": "chen",
                    "changed": ["name", "roles", "phone", "language", "theme", "keys"],
                    "roles": ["duty_officer"],
                    "disabled": False,
                    "by": "Li",
                },
            )
        ]
        with pytest.raises(NotFoundError, match="nobody"):
            store.change_user("nobody", name="x", now=T0, by="Li")

    def test_nobody_is_without_a_role(self, store: Store) -> None:
        add(store, "chen")
        with pytest.raises(StoreError, match="role"):
            store.change_user("chen", roles=[], now=T0, by="Li")
        with pytest.raises(StoreError, match="role"):
            store.add_user("bo", name="Bo", roles=[], password="", now=T0, by="Li")

    @pytest.mark.parametrize("how", [{"disabled": True}, {"roles": [Role.AUDITOR]}])
    def test_the_last_administrator_in_force_stays_one(self, store: Store, how: dict[str, object]) -> None:
        root = add(store, "root", Role.ADMINISTRATOR, Role.AUDITOR)
        add(store, "old", Role.ADMINISTRATOR)
        store.change_user("old", disabled=True, now=T0, by="root")
        after = last_seq(store)
        with pytest.raises(StoreError, match="only administrator"):
            store.change_user("root", **how, now=T0, by="root")  # type: ignore[arg-type]
        assert store.user("root") == root
        assert last_seq(store) == after
        store.change_user("old", disabled=False, now=T0, by="root")
        store.change_user("root", **how, now=T0, by="old")  # type: ignore[arg-type]

    def test_somebody_disabled_is_out_at_once_and_comes_back_with_nothing_open(self, store: Store) -> None:
        add(store, "chen")
        add(store, "bo")
        for login in ("chen", "bo"):
            log_in(store, login, login)
            store.add_ticket(login, f"ticket-{login}", until_at=T0 + 900, now=T0, by="Li")
            store.set_station(login, Station.READY, now=T0)
        after = last_seq(store)
        assert store.change_user("chen", disabled=True, now=T0 + 1, by="Li").disabled_at == T0 + 1
        assert (store.password("chen"), seen(store, "chen")) == (None, None)
        for refused in (
            lambda: log_in(store, "chen", "new"),
            lambda: store.add_ticket("chen", "new", until_at=T0 + 900, now=T0, by="Li"),
            lambda: store.set_station("chen", Station.READY, now=T0),
        ):
            with pytest.raises(NotFoundError, match="disabled"):
                refused()
        assert [kind for kind, _ in data(store, after)] == ["station.changed", "user.changed"]
        assert store.change_user("chen", disabled=False, now=T0 + 2, by="Li").disabled_at is None
        assert (store.password("chen"), seen(store, "chen")) == ("hash", None)
        assert store.use_ticket("ticket-chen", now=T0 + 2) is None
        assert {each.user.login: each.station for each in store.presences()} == {
            "chen": Station.AWAY,
            "bo": Station.READY,
        }
        assert seen(store, "bo") is not None

    def test_another_password_ends_sessions_and_tickets(self, store: Store) -> None:
        add(store, "chen")
        log_in(store, "chen", "s")
        store.add_ticket("chen", "t", until_at=T0 + 900, now=T0, by="Li")
        after = last_seq(store)
        store.set_password("chen", "another", now=T0, by="Li")
        assert (store.password("chen"), seen(store, "s"), store.use_ticket("t", now=T0)) == ("another", None, None)
        ((kind, told),) = data(store, after)
        assert (kind, told["changed"], "another" in str(told)) == ("user.changed", ["password"], False)
        with pytest.raises(NotFoundError):
            store.set_password("nobody", "x", now=T0, by="Li")

    def test_the_same_password_hashed_anew_ends_nothing_and_undoes_no_change(self, store: Store) -> None:
        add(store, "chen")
        log_in(store, "chen", "s")
        after = last_seq(store)
        store.refresh_password("chen", "hash", "stronger")
        store.refresh_password("chen", "hash", "late")
        assert store.password("chen") == "stronger"
        assert seen(store, "s") is not None
        assert data(store, after) == []


class TestSessions:
    def test_a_session_is_found_by_its_digest_alone(self, store: Store) -> None:
        chen = add(store, "chen")
        started = log_in(store, "chen", "s")
        assert started == Session(chen, "csrf-s", T0, T0, T0 + DAY_S)
        assert seen(store, "s") == started
        assert seen(store, "") is None
        with pytest.raises(NotFoundError):
            log_in(store, "nobody", "x")

    def test_it_shows_the_user_as_they_are_now(self, store: Store) -> None:
        add(store, "chen")
        log_in(store, "chen", "s")
        store.change_user("chen", roles=[Role.AUDITOR], now=T0, by="Li")
        found = seen(store, "s")
        assert found is not None
        assert found.user.roles == {Role.AUDITOR}

    def test_it_lives_while_it_is_used_and_no_longer_than_its_end(self, store: Store) -> None:
        add(store, "chen")
        log_in(store, "chen", "s")
        now = T0
        while now + IDLE_S < T0 + DAY_S:
            now += IDLE_S
            assert seen(store, "s", now) is not None
        assert seen(store, "s", T0 + DAY_S) is None

    def test_one_that_was_idle_is_over(self, store: Store) -> None:
        add(store, "chen")
        log_in(store, "chen", "s")
        assert seen(store, "s", T0 + IDLE_S + 1) is None

    def test_when_it_was_seen_is_at_most_a_minute_old(self, store: Store) -> None:
        add(store, "chen")
        log_in(store, "chen", "s")
        seen_at = [
            found.seen_at - T0 for at in (1.0, 59.0, SEEN_EVERY_S, 61.0, 125.0) if (found := seen(store, "s", T0 + at))
        ]
        assert seen_at == [0.0, 0.0, 60.0, 60.0, 125.0]

    def test_a_log_out_ends_one_or_all(self, store: Store) -> None:
        for login, digests in (("chen", "abc"), ("bo", "d")):
            add(store, login)
            for digest in digests:
                log_in(store, login, digest)
        store.end_session("a")
        store.end_session("unknown")
        assert [digest for digest in "abcd" if seen(store, digest)] == ["b", "c", "d"]
        assert (store.end_sessions("chen"), store.end_sessions("chen"), store.end_sessions("nobody")) == (2, 0, 0)
        assert seen(store, "d") is not None


class TestTickets:
    def test_a_ticket_lets_in_once(self, store: Store) -> None:
        chen = add(store, "chen", password="")
        after = last_seq(store)
        store.add_ticket("chen", "t", until_at=T0 + 900, now=T0, by="Li")
        assert data(store, after) == [("user.ticket_made", {"login": "chen", "until_at": T0 + 900, "by": "Li"})]
        assert store.use_ticket("other", now=T0) is None
        assert store.use_ticket("t", now=T0 + 899) == chen
        assert store.use_ticket("t", now=T0 + 899) is None
        with pytest.raises(NotFoundError):
            store.add_ticket("nobody", "x", until_at=T0 + 900, now=T0, by="Li")

    def test_one_that_ran_out_lets_nobody_in(self, store: Store) -> None:
        add(store, "chen")
        store.add_ticket("chen", "t", until_at=T0 + 900, now=T0, by="Li")
        assert store.use_ticket("t", now=T0 + 900) is None
        assert store.use_ticket("t", now=T0) is None
