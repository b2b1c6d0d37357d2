"""An interpreter with what only training needs."""

from __future__ import annotations

import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@cache
def builder(*modules: str) -> str:
    """An interpreter that has these modules: this one, or that of `make model`; skips the test if neither has."""
    for python in (sys.executable, str(ROOT / ".venv-model/bin/python")):
        check = [python, "-c", f"import numpy, pypinyin, soxr, {', '.join(modules)}"]
        if (
            shutil.which(python)
            and subprocess.run(check, capture_output=True, check=False, timeout=100).returncode == 0
        ):
            return python
    pytest.skip(f"{', '.join(modules)} are in no environment here: run `make model` or `bin/model --install`")
