"""Whoever watches a rehearsal may log in at its desk, once, and take calls there."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from campaigns.access import digest_of
from campaigns.sqlite_store import open_store
from campaigns.staff import Role
from dissuade.rehearsed import TICKET_S, VISITOR, let_visitor_in
from rehearsal.dialer_config import write_config

pytestmark = pytest.mark.unit


def test_a_visitor_is_let_in_once_within_the_hour_as_dissuader_and_duty_officer(tmp_path: Path) -> None:
    file = tmp_path / "store.db"
    write_config(tmp_path / "dissuade.toml", {"store": {"path": str(file)}, "desk": {"port": 8080}})
    link = let_visitor_in(tmp_path / "dissuade.toml")
    address, _, ticket = link.rpartition("/")
    assert address == "http://127.0.0.1:8080/log-in"
    store, now = open_store(file), time.time()
    user = store.use_ticket(digest_of(ticket), now=now + TICKET_S - 60)
    again = store.use_ticket(digest_of(ticket), now=now)
    store.close()
    assert user is not None
    assert (user.login, user.roles) == (VISITOR, {Role.DISSUADER, Role.DUTY_OFFICER})
    assert again is None
