from __future__ import annotations

from pathlib import Path

import pytest

from tests.dissuade.program import Program


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """The installed program with a home folder of its own."""
    return Program(tmp_path / "home")
