"""The installed program, run as a user runs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

PROGRAM = Path(sys.executable).parent / "dissuade"
TIMEOUT_S = 240


class Program:
    """``dissuade`` with a home folder of its own."""

    def __init__(self, home: Path) -> None:
        self.home = home

    def __call__(self, *arguments: object, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [PROGRAM, *map(str, arguments)],
            env={**os.environ, "DISSUADE_HOME": str(self.home), **(env or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
            check=False,
        )
        assert "Traceback" not in done.stdout + done.stderr
        return done

    def read(self, *arguments: object, code: int = 0) -> Any:
        """What it prints with ``--json``; all of standard output must be that value."""
        done = self(*arguments, "--json")
        assert done.returncode == code, done.stderr
        return json.loads(done.stdout)
