"""The program as a user runs it: leads, campaigns, calls, scripts, configuration, errors."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from campaigns.follow_up import FollowUpKind, Order
from campaigns.model import AttemptResult, EscalationState, HeardSignal, NextStep, Outcome, Speaker, Turn
from dissuade.storage import opened_file
from tests.dissuade.program import Program

pytestmark = pytest.mark.program

LEADS = "手机号,姓名,诈骗类型,风险等级\n11100000011,张三,冒充公检法,高\n+8611100000012,李四,,\n96110,王五,,\n"


@pytest.fixture
def leads(tmp_path: Path) -> Path:
    path = tmp_path / "leads.csv"
    path.write_text(LEADS, encoding="utf-8")
    return path


def test_import_says_what_became_of_every_row_and_where_the_rejected_are(program: Program, leads: Path) -> None:
    report = program.read("leads", "import", leads, "--campaign", "spring")
    assert {key: report[key] for key in ("read", "accepted", "merged", "rejected")} == {
        "read": 3,
        "accepted": 2,
        "merged": 0,
        "rejected": 1,
    }
    rejects = Path(report["rejects_file"])
    assert rejects.parent == program.home / "rejects"
    assert "96110" in rejects.read_text(encoding="utf-8")
    assert report["errors"][0]["line"] == 4


def test_a_campaign_is_paused_and_started_again(program: Program, leads: Path) -> None:
    program.read("leads", "import", leads, "--campaign", "spring")
    assert program.read("campaign", "pause", "spring")["state"] == "paused"
    assert program.read("campaign", "status", "spring")[0]["state"] == "paused"
    assert program.read("campaign", "start", "spring")["state"] == "running"
    standing = program.read("campaign", "status")[0]
    assert (standing["cases"], standing["by_state"]) == (2, {"queued": 2})


def test_a_file_of_which_no_row_can_be_taken_is_a_failure(program: Program, tmp_path: Path) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text("number\n110\n", encoding="utf-8")
    assert program.read("leads", "import", bad, "--campaign", "spring", code=1)["rejected"] == 1


def test_an_unknown_campaign_is_an_error_of_one_line(program: Program) -> None:
    done = program("campaign", "pause", "winter")
    assert (done.returncode, done.stdout) == (1, "")
    assert re.match(r"error: there is no campaign 'winter'", done.stderr)


def test_a_missing_file_is_a_mistake_of_the_command_line(program: Program) -> None:
    done = program("leads", "import", "/nowhere.csv", "--campaign", "spring")
    assert done.returncode == 2
    assert "/nowhere.csv" in done.stderr


def test_an_unknown_configuration_key_is_named_by_every_command(program: Program) -> None:
    program("init")
    file = program.home / "dissuade.toml"
    file.write_text(file.read_text(encoding="utf-8") + "adress = 1\n", encoding="utf-8")
    done = program("campaign", "status")
    assert done.returncode == 2
    last = len(file.read_text(encoding="utf-8").splitlines())
    assert re.search(rf"{re.escape(str(file))}:{last}: \w+\.adress: unknown key", done.stderr)


def test_an_unknown_variable_is_named(program: Program) -> None:
    done = program("campaign", "status", env={"DISSUADE_LINES__CUONT": "3"})
    assert done.returncode == 2
    assert "DISSUADE_LINES__CUONT" in done.stderr


def test_init_does_not_overwrite(program: Program) -> None:
    assert program("init").returncode == 0
    done = program("init")
    assert done.returncode == 1
    assert "--force" in done.stderr
    assert program("init", "--force").returncode == 0


def test_run_without_a_trunk_says_what_to_set(program: Program) -> None:
    done = program("run", "--until-idle")
    assert done.returncode == 2
    assert "trunk.host" in done.stderr


def test_a_folder_that_cannot_be_made_is_an_error_with_its_mend(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = Program(tmp_path / "file" / "home")("campaign", "status")
    assert done.returncode == 1
    assert "DISSUADE_HOME" in done.stderr


def test_a_database_that_is_none_is_an_error_of_one_line(program: Program) -> None:
    (program.home / "store").mkdir(parents=True)
    (program.home / "store" / "dissuade.db").write_text("no database, but long enough to be looked at " * 50)
    done = program("campaign", "status")
    assert done.returncode == 1
    assert "error:" in done.stderr
    assert "dissuade.db" in done.stderr


def test_a_script_with_a_fault_is_named_with_its_line(program: Program, tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text("name: bad\nlanguage: en\ntitle: Bad\nstart: opening\nstepz: {}\n", encoding="utf-8")
    done = program("scripts", "check", path)
    assert done.returncode == 1
    assert f"{path}:5:" in done.stdout


def test_all_built_in_scripts_pass(program: Program) -> None:
    assert program.read("scripts", "check")["problems"] == []
    assert {"zh-CN", "en"} <= {script["language"] for script in program.read("scripts", "list")}


def test_an_own_script_takes_the_place_of_the_built_in_one(program: Program, repository: Path, tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    built_in = (repository / "scripts" / "library" / "en" / "general.yaml").read_text(encoding="utf-8")
    (own / "ours.yaml").write_text(built_in.replace("name: general.en", "name: ours.en"), encoding="utf-8")
    program.home.mkdir()
    (program.home / "dissuade.toml").write_text(f'[centre]\nscripts = "{own}"\n', encoding="utf-8")
    names = [script["name"] for script in program.read("scripts", "list")]
    assert "ours.en" in names
    assert "general.en" not in names
    assert "general.zh-CN" in names


def test_a_call_is_told_from_beginning_to_end(program: Program, leads: Path) -> None:
    program.read("leads", "import", leads, "--campaign", "spring")
    now = time.time()
    with opened_file(program.home / "store" / "dissuade.db") as store:
        (claim,) = store.claim("here", now=now, lease_s=60, limit=1)
        attempt = claim.attempt_id
        store.dialled(attempt, now=now)
        store.answered(attempt, now=now + 2)
        store.add_turn(attempt, Turn(Speaker.ROBOT, "您好", 1.0, 2.0), now=now)
        store.add_turn(attempt, Turn(Speaker.SUBJECT, "我已经转了", 2.5, 4.0), now=now)
        store.add_signal(attempt, HeardSignal("money_sent", "转了", "sent", 3.9), now=now)
        offer = store.offer_escalation(attempt, reason="money_sent", words="转了", now=now + 4)
        store.escalation_rang(offer, dissuader="陈警官", now=now + 4.5)
        store.end_escalation(offer, EscalationState.JOINED, dissuader="陈警官", now=now + 7)
        recording = "recordings/2026-01-02/one.wav"
        result = AttemptResult(Outcome.ESCALATED, now + 30, now + 2, False, 200, "money_sent was heard", recording)
        step = NextStep(close_reason="escalated", orders=(Order(FollowUpKind.STOP_PAYMENT, now + 600),))
        store.finish(attempt, result, lambda _: step, now=now + 30)
    listed = program.read("calls", "list", "--outcome", "escalated")
    assert [(each["id"], each["number"], each["outcome"]) for each in listed] == [(1, "+8611100000011", "escalated")]
    told = program("calls", "show", 1).stdout
    parts = [
        "张三",
        "robot",
        "您好",
        "我已经转了",
        "money_sent",
        "joined",
        "陈警官",
        "stop_payment",
        "recordings/2026-01-02",
    ]
    assert [part for part in parts if part not in told] == []
    assert told.index("您好") < told.index("我已经转了")
    shown = program.read("calls", "show", 1)
    assert shown["recording"] == str(program.home / recording)
    assert "+8611100000011" not in program("calls", "list").stdout


def test_a_call_that_is_not_there_is_an_error(program: Program) -> None:
    done = program("calls", "show", 7)
    assert (done.returncode, done.stdout) == (1, "")
    assert "7" in done.stderr


def test_a_model_that_is_none_is_not_good(program: Program, tmp_path: Path) -> None:
    assert program.read("models", "check", tmp_path, code=1)[0]["good"] is False
    assert [row["good"] for row in program.read("models", "check")] == [True, True]


def test_fetching_without_a_connection_says_so(program: Program) -> None:
    done = program("models", "fetch", "zh", "--url", "http://127.0.0.1:9/vosk-model-small-cn-0.22.zip")
    assert done.returncode == 1
    assert "cannot be reached" in done.stderr
    assert list((program.home / "models").iterdir()) == []


def test_help_imports_no_room_and_no_heavy_library() -> None:
    code = (
        "import sys; import dissuade.cli.app;"
        "heavy = {'numpy', 'pjsua2', 'pydantic', 'sqlite_utils', 'structlog', 'vosk', 'pypinyin', 'phonenumbers',"
        "'fastapi', 'httpx', 'jinja2', 'smpplib'};"
        "rooms = ('campaigns', 'console', 'dialer', 'rehearsal', 'scripts', 'speech');"
        # The choices of options; they import nothing but each other.
        "words = {'campaigns', 'campaigns.access', 'campaigns.follow_up', 'campaigns.staff'};"
        "print(sorted({m for m in sys.modules if m in heavy or m.partition('.')[0] in rooms} - words))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_a_fault_of_the_program_leaves_its_traceback_in_the_log_alone(tmp_path: Path) -> None:
    code = "from dissuade.cli.guard import guarded\ndef command(): {}['+8611100000011']\nguarded(command)"
    environment = {"DISSUADE_HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    log = tmp_path / "logs" / "dissuade.log"
    assert str(log) in done.stderr
    text = log.read_text(encoding="utf-8")
    assert "Traceback" in text
    assert "+8611100000011" not in text
