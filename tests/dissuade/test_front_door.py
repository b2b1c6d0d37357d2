"""Help, the reference, and where errors end."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from dissuade.cli.guard import guarded
from dissuade.cli.reference import reference
from dissuade.errors import ConfigError, DissuadeError

pytestmark = pytest.mark.unit


def test_the_reference_is_what_the_program_says(repository: Path) -> None:
    written = (repository / "docs" / "cli.md").read_text(encoding="utf-8")
    assert written == reference(), "docs/cli.md is stale: make docs"


def test_the_architecture_lists_the_modules_that_there_are(repository: Path) -> None:
    command = [sys.executable, "bin/rooms", "--check"]
    done = subprocess.run(command, cwd=repository, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (DissuadeError("it is broken", "mend it"), 1, "error: it is broken\n  mend: mend it\n"),
        (ConfigError("x.toml:1: a: unknown key"), 2, "error: x.toml:1: a: unknown key\n"),
        (KeyboardInterrupt(), 130, "interrupted\n"),
    ],
)
def test_an_error_is_said_in_a_line_with_its_mend(
    error: BaseException, code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    def command() -> None:
        raise error

    with pytest.raises(SystemExit) as left:
        guarded(command)
    assert left.value.code == code
    assert capsys.readouterr().err == said
