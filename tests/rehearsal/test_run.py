"""A rehearsal whose dialer does not do its work: whatever it is, it is told, and nothing is left running."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from rehearsal.errors import PhonesError, ScenarioError
from rehearsal.run import rehearse
from rehearsal.summary import RehearsalReport

pytestmark = pytest.mark.wire

SCENARIO = """\
rehearsal: idle
language: en
time_limit_s: 1
phones:
  - {number: "+12025550110"}
"""


class Quiet:
    def __init__(self) -> None:
        self.stages: list[str] = []

    def stage(self, text: str) -> None:
        self.stages.append(text)

    def advance(self, finished: int, calling: int, total: int) -> None:
        assert (finished, calling, total) == (0, 0, 1)


class Program:
    """A process in the dialer's place that calls nobody."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process

    async def wait(self) -> int:
        return await self.process.wait()

    async def stop(self) -> None:
        if self.process.returncode is None:
            self.process.kill()
        await self.process.wait()


async def rehearsed(folder: Path, *command: str, text: str = SCENARIO) -> tuple[RehearsalReport, Program]:
    file = folder / "idle.yaml"
    file.write_text(text, encoding="utf-8")
    started: list[Program] = []

    async def start(config: Path, leads: Path, campaign: str) -> Program:
        assert config.is_file()
        assert leads.is_file()
        assert campaign == "idle"
        started.append(Program(await asyncio.create_subprocess_exec(*command)))
        return started[0]

    report = await rehearse(file, folder / "home", start_dialer=start, progress=Quiet(), mqtt=True)
    return report, started[0]


def left_running(folder: Path) -> list[str]:
    """Command lines of processes that know the folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = process.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if str(folder) in line and int(process.parent.name) != os.getpid():
            found.append(line)
    return found


async def test_a_dialer_that_calls_nobody_fails_the_rehearsal(tmp_path: Path) -> None:
    report, _ = await rehearsed(tmp_path, "true")
    assert not report.good
    assert [mismatch.reason for mismatch in report.mismatches] == ["was never called"]
    assert report.failures == []
    assert left_running(tmp_path / "home") == []


async def test_a_dialer_that_fails_is_told_with_its_exit_status(tmp_path: Path) -> None:
    report, _ = await rehearsed(tmp_path, "sh", "-c", "exit 3")
    assert report.failures == ["the dialer ended with exit status 3"]


async def test_a_campaign_that_takes_too_long_is_ended_and_told(tmp_path: Path) -> None:
    report, dialer = await rehearsed(tmp_path, "sleep", "600")
    assert report.failures == ["the campaign was not over after 1 s"]
    assert dialer.process.returncode is not None
    assert left_running(tmp_path / "home") == []


async def test_phones_that_cannot_speak_are_told_and_nothing_starts(tmp_path: Path) -> None:
    text = SCENARIO.replace("}", ", voice: {variant: nobody}}")
    with pytest.raises(PhonesError, match="'nobody'"):
        await rehearsed(tmp_path, "true", text=text)
    assert left_running(tmp_path / "home") == []


async def test_a_rehearsal_file_with_a_mistake_is_told_before_anything_starts(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match=r"idle\.yaml:5: "):
        await rehearsed(tmp_path, "true", text=SCENARIO.replace("+1", "1"))
    assert not (tmp_path / "home").exists()
