"""``dissuade user`` and ``dissuade audit``, as a user types them."""

from __future__ import annotations

import json
import os
import pty
import select
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from campaigns.access import digest_of
from campaigns.passwords import verify
from campaigns.sqlite_store import SqliteStore
from dissuade.cli.app import app
from tests.dissuade.program import PROGRAM, TIMEOUT_S

pytestmark = pytest.mark.unit

PASSWORD = "紫色 horse 42 staple"
ROOT = ("user", "add", "root", "--name", "Root", "--role", "administrator", "--ticket")


class Home:
    """The command line with a home folder of its own, run in this process: starting one takes seconds."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def run(self, *arguments: str, typed: str | bytes = "", env: dict[str, str] | None = None) -> Any:
        return CliRunner().invoke(app, [*arguments], input=typed, env={"DISSUADE_HOME": str(self.path), **(env or {})})

    def told(self, *arguments: str, typed: str = "", code: int = 0, **env: str) -> str:
        done = self.run(*arguments, typed=typed, env=env)
        assert done.exit_code == code, (done.output, done.exception)
        return str(done.output)

    def read(self, *arguments: str, typed: str = "", **env: str) -> Any:
        return json.loads(self.told(*arguments, "--json", typed=typed, **env))

    def refused(self, *arguments: str, typed: str | bytes = "") -> str:
        """Why it was not done; `dissuade.cli.guard` shows it as one line."""
        done = self.run(*arguments, typed=typed)
        assert done.exit_code == 1
        assert getattr(done.exception, "__module__", "").partition(".")[0] in {"campaigns", "dissuade"}, done.exception
        return str(done.exception)

    def store(self) -> SqliteStore:
        return SqliteStore(self.path / "store" / "dissuade.db")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


def test_the_first_administrator_is_made_with_a_password_that_is_kept_nowhere(home: Home) -> None:
    assert "dissuade user add" in home.told("user", "list")
    added = ("user", "add", "root", "--name", " 管理员  王 ", "--role", "administrator", "--password-stdin")
    said = home.told(*added, typed=f"{PASSWORD}\nnot read\n")
    assert said == "root (管理员 王) may work at the desk: administrator\n"
    (listed,) = home.read("user", "list")
    assert (listed["login"], listed["name"], listed["roles"]) == ("root", "管理员 王", ["administrator"])
    assert (listed["phone"], listed["disabled_at"]) == ("", None)
    assert "password" not in listed
    store = home.store()
    hashed = store.password("root")
    store.close()
    assert hashed is not None
    assert verify(hashed, PASSWORD)
    assert not any(PASSWORD.encode() in file.read_bytes() for file in home.path.rglob("*") if file.is_file())


def test_a_user_has_several_roles_and_a_phone(home: Home) -> None:
    roles = ("--role", "dissuader", "--role", "duty_officer")
    made = home.read(
        "user", "add", "chen", "--name", "Chen", *roles, "--phone", "sip:8001@127.0.0.1", "--password-stdin",
        typed=PASSWORD,
    )  # fmt: skip
    assert (made["roles"], made["phone"]) == (["dissuader", "duty_officer"], "sip:8001@127.0.0.1")
    assert "sip:8001@127.0.0.1" in home.told("user", "list")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--role", "boss"), "boss"),
        (("--role", "auditor", "--phone", "8001"), "--phone"),
        (("--role", "auditor", "--phone", "sip:8001@127.0.0.1 x"), "--phone"),
        (("--role", "auditor", "--name", " "), "--name"),
        ((), "--role"),
        (("--role", "auditor", "--ticket", "--password-stdin"), "either"),
        (("--role", "auditor"), "--password-stdin"),
    ],
)
def test_what_cannot_be_understood_makes_nobody(home: Home, words: tuple[str, ...], said: str) -> None:
    assert said in home.told("user", "add", "chen", "--name", "Chen", *words, code=2)
    assert home.read("user", "list") == []


def test_a_weak_password_and_a_taken_or_bad_log_in_are_refused_with_a_reason(home: Home) -> None:
    home.told(*ROOT)
    add = ("--name", "x", "--role", "auditor", "--password-stdin")
    assert "at least 10" in home.refused("user", "add", "chen", *add, typed="short\n")
    assert "log-in name" in home.refused("user", "add", "chenxiaoming", *add, typed="chenxiaoming\n")
    assert "UTF-8" in home.refused("user", "add", "chen", *add, typed=b"\xff\xfe12345678\n")
    assert "already" in home.refused("user", "add", "root", *add, typed=PASSWORD)
    assert "no log-in" in home.refused("user", "add", "Chen Li", *add, typed=PASSWORD)
    assert [each["login"] for each in home.read("user", "list")] == ["root"]


def test_a_user_is_changed_and_only_in_what_was_said(home: Home) -> None:
    home.told(
        "user", "add", "chen", "--name", "Chen", "--role", "dissuader", "--phone", "sip:8001@127.0.0.1", "--ticket"
    )
    changed = home.read("user", "change", "chen", "--name", "陈")
    assert (changed["name"], changed["roles"], changed["phone"]) == ("陈", ["dissuader"], "sip:8001@127.0.0.1")
    changed = home.read("user", "change", "chen", "--role", "auditor", "--phone", "")
    assert (changed["name"], changed["roles"], changed["phone"]) == ("陈", ["auditor"], "")
    assert "--name" in home.told("user", "change", "chen", code=2)
    assert "no user nobody" in home.refused("user", "change", "nobody", "--name", "x")


def test_another_password_ends_what_was_open(home: Home) -> None:
    home.told(*ROOT)
    store = home.store()
    now = time.time()
    store.start_session("root", "digest", csrf="c", now=now, until_at=now + 1000)
    assert home.told("user", "password", "root", "--password-stdin", typed=PASSWORD) == "root has another password\n"
    assert store.session("digest", now=now, idle_s=1000) is None
    assert verify(store.password("root"), PASSWORD)
    store.close()
    assert "no user nobody" in home.refused("user", "password", "nobody", "--password-stdin", typed=PASSWORD)


def test_a_user_is_disabled_and_enabled_but_not_the_last_administrator(home: Home) -> None:
    home.told(*ROOT)
    home.told("user", "add", "chen", "--name", "Chen", "--role", "dissuader", "--ticket")
    assert home.read("user", "disable", "chen")["disabled_at"] is not None
    assert "disabled" in home.refused("user", "ticket", "chen")
    assert home.told("user", "enable", "chen") == "chen may log in\n"
    assert "only administrator" in home.refused("user", "disable", "root")
    assert "only administrator" in home.refused("user", "change", "root", "--role", "auditor")


def test_a_ticket_lets_in_once_for_a_quarter_of_an_hour_unless_said_otherwise(home: Home) -> None:
    first = home.read(*ROOT)
    given = home.read("user", "ticket", "root")
    longer = home.read("user", "ticket", "root", "--for", "2h", DISSUADE_DESK__PORT="8443")
    assert (given["login"], given["path"], given["link"]) == ("root", f"/log-in/{given['ticket']}", given["path"])
    assert longer["link"] == f"http://127.0.0.1:8443{longer['path']}"
    assert abs(given["until_at"] - time.time() - 900) < 120
    assert abs(longer["until_at"] - time.time() - 7200) < 120
    shown = home.told("user", "ticket", "root").splitlines()[-1].removeprefix("/log-in/")
    store = home.store()
    for text in (first["ticket"], given["ticket"], longer["ticket"], shown):
        user = store.use_ticket(digest_of(text), now=time.time())
        assert user is not None
        assert user.login == "root"
        assert store.use_ticket(digest_of(text), now=time.time()) is None
    assert store.password("root") == ""
    store.close()
    for wrong in ("15", "0s", "25h"):
        assert "--for" in home.told("user", "ticket", "root", "--for", wrong, code=2)


def test_everything_is_in_the_audit_trail_and_no_secret_is(home: Home) -> None:
    assert home.told("audit") == "nothing was written down\n"
    home.told(*ROOT)
    home.told("user", "add", "chen", "--name", "Chen", "--role", "dissuader", "--password-stdin", typed=PASSWORD)
    home.told("user", "change", "chen", "--phone", "sip:8001@127.0.0.1")
    home.told("user", "password", "chen", "--password-stdin", typed=PASSWORD)
    home.told("user", "disable", "chen")
    trail = home.read("audit")
    assert [(entry["action"], entry["detail"]) for entry in trail] == [
        ("user.changed", {"login": "chen", "disabled": True}),
        ("user.password_set", {"login": "chen"}),
        ("user.changed", {"login": "chen", "phone": "sip:8001@127.0.0.1"}),
        ("user.added", {"login": "chen", "roles": ["dissuader"]}),
        ("user.ticket_made", {"login": "root"}),
        ("user.added", {"login": "root", "roles": ["administrator"]}),
    ]
    assert all(entry["by"].startswith("cli:") for entry in trail)


def test_the_audit_trail_is_searched_and_turned_page_by_page(home: Home) -> None:
    home.told(*ROOT)
    store = home.store()
    for n in range(5):
        store.audit("case.viewed", by=("chen", "bo")[n % 2], now=1e9 + n, case_id=n, address="192.0.2.1")
    store.audit("session.refused", by="", now=2e9)
    store.close()
    shown = home.told("audit", "--by", "bo")
    assert shown.count("case.viewed") == 2
    assert "192.0.2.1" in shown
    assert "somebody unknown" in home.told("audit", "--action", "session.*")
    assert [entry["case_id"] for entry in home.read("audit", "--action", "case.*", "--limit", "2")] == [4, 3]
    assert [entry["by"] for entry in home.read("audit", "--case", "3")] == ["bo"]
    first = home.told("audit", "--limit", "4")
    before = first.splitlines()[-1].rpartition(" ")[2]
    assert first.splitlines()[-1] == f"there may be more: --before {before}"
    assert len(home.read("audit", "--before", before)) == 4


def type_on_a_terminal(home: Home, arguments: tuple[str, ...], answers: list[str]) -> tuple[int, str]:
    """Run the program on a terminal, answer each question that ends in ``: ``; its exit code and what was shown."""
    ours, its = pty.openpty()
    env = {**os.environ, "DISSUADE_HOME": str(home.path)}
    program = subprocess.Popen(
        [PROGRAM, *arguments], stdin=its, stdout=its, stderr=its, env=env, start_new_session=True
    )
    os.close(its)
    shown = b""
    answered = 0
    try:
        while select.select([ours], [], [], TIMEOUT_S)[0]:
            try:
                shown += os.read(ours, 4096)
            except OSError:
                break  # the other end was closed
            if shown.endswith(b": ") and shown.count(b": ") > answered and answered < len(answers):
                os.write(ours, f"{answers[answered]}\n".encode())
                answered += 1
        return program.wait(TIMEOUT_S), shown.decode()
    finally:
        program.kill()
        program.wait()
        os.close(ours)


def test_on_a_terminal_the_password_is_asked_for_twice_and_never_shown(home: Home) -> None:
    home.told(*ROOT)
    set_it = ("user", "password", "root")
    code, shown = type_on_a_terminal(home, set_it, [PASSWORD, PASSWORD + "x"])
    assert (code, "differ" in shown, "again: " in shown) == (1, True, True)
    assert PASSWORD not in shown
    code, shown = type_on_a_terminal(home, set_it, [PASSWORD, PASSWORD])
    assert (code, PASSWORD in shown) == (0, False)
    store = home.store()
    assert verify(store.password("root"), PASSWORD)
    store.close()
