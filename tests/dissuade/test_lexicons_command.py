"""A centre's own rules: checked, used, and read anew by a running node."""

from __future__ import annotations

import json
import os
import re
import select
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from speech.lexicon import FOLDER
from tests.dissuade.program import PROGRAM, TIMEOUT_S, Program

pytestmark = pytest.mark.program

ZH = (FOLDER / "zh-CN.yaml").read_text(encoding="utf-8")
OPERATOR = '"转人工"'


def faulty(text: str) -> str:
    return text.replace(OPERATOR, '"转(人工"', 1)


@pytest.fixture
def own(program: Program, tmp_path: Path) -> Path:
    """A centre's own Mandarin rules: the built-in ones, and a word of the region."""
    folder = tmp_path / "rules"
    folder.mkdir()
    (folder / "zh-CN.yaml").write_text(ZH.replace(OPERATOR, '"转人工|包青天"', 1), encoding="utf-8")
    program.home.mkdir()
    text = f'[centre]\nlexicons = "{folder}"\n[trunk]\nhost = "127.0.0.1"\n'
    (program.home / "dissuade.toml").write_text(text, encoding="utf-8")
    return folder


def escalates(program: Program, text: str) -> bool:
    done = subprocess.run(
        [PROGRAM, "assess"],
        input=json.dumps({"id": 1, "text": text}),
        env={**os.environ, "DISSUADE_HOME": str(program.home)},
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=True,
    )
    return bool(json.loads(done.stdout)["escalate"])


def test_the_built_in_rules_pass_the_check(program: Program) -> None:
    found = program.read("lexicons", "check")
    assert [(Path(each["file"]).name, each["problem"]) for each in found] == [("en.yaml", None), ("zh-CN.yaml", None)]
    assert all(each["rules"] > 50 for each in found)


def test_rules_of_ones_own_go_before_the_built_in_ones_of_their_language(program: Program, own: Path) -> None:
    assert escalates(program, "我要找包青天")
    assert [each["file"] for each in program.read("lexicons", "check")] == [
        str(FOLDER / "en.yaml"),
        str(own / "zh-CN.yaml"),
    ]


def test_a_fault_is_told_with_file_line_and_reason(program: Program, tmp_path: Path) -> None:
    file = tmp_path / "zh-CN.yaml"
    file.write_text(faulty(ZH), encoding="utf-8")
    done = program("lexicons", "check", file)
    assert done.returncode == 1
    assert re.search(rf"{re.escape(str(file))}:\d+: an open parenthesis in", done.stdout)


def test_a_folder_that_is_not_there_is_told(program: Program, own: Path) -> None:
    (own / "zh-CN.yaml").unlink()
    own.rmdir()
    done = program("lexicons", "check")
    assert done.returncode == 2
    assert f"{own}: there is no such folder of lexicons" in done.stderr


def test_a_running_node_reads_rules_anew_and_keeps_the_old_ones_if_they_are_faulty(program: Program, own: Path) -> None:
    env = {**os.environ, "DISSUADE_HOME": str(program.home)}
    with subprocess.Popen([PROGRAM, "run"], env=env, stdin=-3, stdout=-1, stderr=-2) as node:
        try:
            said = _reader(node)
            said(r"\d ready\s*$")
            (own / "zh-CN.yaml").write_text(faulty(ZH), encoding="utf-8")
            node.send_signal(signal.SIGHUP)
            assert re.search(r"zh-CN\.yaml:\d+: an open parenthesis", said("the old ones stay in use"))
            (own / "zh-CN.yaml").write_text(ZH, encoding="utf-8")
            node.send_signal(signal.SIGHUP)
            assert str(own / "zh-CN.yaml") in said("rules read anew")
            node.send_signal(signal.SIGTERM)
            assert node.wait(TIMEOUT_S) == 0
        finally:
            node.kill()


def _reader(node: subprocess.Popen[bytes]) -> Callable[[str], str]:
    """Waits until the node's console shows what a pattern matches; returns all that was shown since the last time."""
    assert node.stdout is not None
    pipe = node.stdout.fileno()
    os.set_blocking(pipe, False)
    read = ""

    def wait_for(pattern: str) -> str:
        nonlocal read
        end = time.monotonic() + TIMEOUT_S
        while re.search(pattern, read, re.MULTILINE) is None:
            left = end - time.monotonic()
            assert left > 0, read
            assert node.poll() is None, read
            if select.select([pipe], [], [], left)[0]:
                read += (os.read(pipe, 65536)).decode()
        found, read = read, ""
        return found

    return wait_for
