"""The frame around the program: locked versions, the tiers of tests."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

pytestmark = pytest.mark.unit


def locked(file: Path) -> dict[str, str]:
    pins = re.findall(r"(?m)^([A-Za-z0-9_.-]+)==([^\s\\]+)", file.read_text(encoding="utf-8"))
    return {canonicalize_name(name): version for name, version in pins}


def test_the_lock_holds_what_the_project_asks_for(repository: Path) -> None:
    project = tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))
    groups = project["dependency-groups"]
    asked = [
        *project["project"]["dependencies"],
        *groups["build"],
        *(each for each in groups["dev"] if isinstance(each, str)),
    ]
    pins = locked(repository / "requirements.lock")
    for each in map(Requirement, asked):
        version = pins.get(canonicalize_name(each.name))
        assert version is not None, f"{each.name} is not locked: make lock"
        assert each.specifier.contains(version), f"{each} is locked as {version}: make lock"


def test_every_locked_version_has_a_hash(repository: Path) -> None:
    for name in ("requirements.lock", "requirements-build.lock"):
        text = (repository / name).read_text(encoding="utf-8")
        assert len(re.findall(r"(?m)^[a-z].*==.*\\\n    --hash=sha256:", text)) == len(locked(repository / name)) > 0
        assert "index-url" not in text


@pytest.mark.parametrize(("marker", "code"), [("", 4), ("pytestmark = pytest.mark.unit\n", 0)])
def test_a_test_module_without_a_tier_is_refused(marker: str, code: int, repository: Path, tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(f"import pytest\n{marker}\ndef test_it(): pass\n", encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-p", "tests.conftest", "-c", repository / "pyproject.toml", tmp_path]
    done = subprocess.run(command, cwd=repository, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stdout + done.stderr
    assert ("no tier marker" in done.stdout + done.stderr) == bool(code)
