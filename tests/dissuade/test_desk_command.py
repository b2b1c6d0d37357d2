"""``dissuade desk`` serves the pages apart from a node, over the same store."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from tests.dissuade.program import PROGRAM, TIMEOUT_S, Program

pytestmark = pytest.mark.program


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


@contextmanager
def served(program: Program, command: str) -> Iterator[httpx.Client]:
    """A desk in a process of its own; it must end by itself when it is asked to, without a traceback."""
    port = free_port()
    own = {"HOME": str(program.home), "DESK__PORT": str(port), "TRUNK__HOST": "127.0.0.1", "LINES__COUNT": "1"}
    env = {**os.environ, **{f"DISSUADE_{name}": value for name, value in own.items()}}
    with subprocess.Popen([PROGRAM, command], env=env, stdin=-3, stdout=-1, stderr=-2, text=True) as desk:
        assert desk.stdout is not None
        said = []
        for line in desk.stdout:
            said.append(line)
            if re.search(r"\d ready\b", line):
                break
        assert desk.poll() is None, said
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=TIMEOUT_S, trust_env=False) as client:
            try:
                yield client
            finally:
                desk.send_signal(signal.SIGTERM)
                rest, _ = desk.communicate(timeout=TIMEOUT_S)
        assert "Traceback" not in rest
        assert desk.returncode == 0, rest


@pytest.mark.parametrize("command", ["desk", "run"])
def test_who_got_a_link_from_the_command_line_comes_in_and_an_open_page_does_not_hold_the_end_up(
    program: Program, command: str
) -> None:
    made = program.read("user", "add", "root", "--name", "Root", "--role", "administrator", "--ticket")
    with served(program, command) as client:
        assert client.post(made["path"]).headers["location"] == "/account"
        assert client.get("/users").status_code == 200
        assert client.get("/api/v1/cases/1").status_code == 401
        stream = client.send(client.build_request("GET", "/stream?on=user"), stream=True)
        assert next(stream.iter_lines()) == "event: user"
    assert "session.started" in {each["action"] for each in program.read("audit")}


def test_a_desk_that_cannot_be_served_says_why(program: Program) -> None:
    none = program("desk")
    assert (none.returncode, "set desk.port" in none.stderr) == (2, True)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        refused = program("desk", env={"DISSUADE_DESK__PORT": str(taken.getsockname()[1])})
    assert refused.returncode == 1
    assert re.search(r"the desk cannot listen on .*choose another desk\.port", refused.stderr)
    half = program("desk", env={"DISSUADE_DESK__PORT": "1", "DISSUADE_DESK__KEY": "key.pem"})
    assert (half.returncode, "give certificate and key, or neither" in half.stderr) == (2, True)
