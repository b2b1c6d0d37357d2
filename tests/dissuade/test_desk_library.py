"""The node's scripts as the desk shows them."""

from __future__ import annotations

import io
import wave
from pathlib import Path

import pytest

from console.desk.library import LibraryError, Turnoff
from dissuade.config import Config
from dissuade.desk_library import DeskLibrary
from dissuade.library import load_scripts
from scripts.model import VERSIONS

OWN = """
name: our-own.en
language: en
scam_type: fake police
title: Our own
start: opening
steps:
  opening: {say: "Hello.", next: ask}
  ask: {say: "Did a policeman call you?", asks: contacted, "yes": warning, "no": warning}
  warning: {say: "Do not send money.", key_warning: true, next: closing}
  closing: {say: "Goodbye.", end: warned}
phrases: {hold: "Please wait.", still_holding: "Please wait.", nobody_free: "We call back.", whisper: "{name}"}
"""


def library(tmp_path: Path, **centre: object) -> DeskLibrary:
    config = Config(node={"home": str(tmp_path)}, centre={"name": "Test centre", **centre})  # type: ignore[arg-type]
    return DeskLibrary(config, load_scripts(config))


@pytest.mark.unit
def test_every_script_is_there_in_every_version_and_leads_only_to_steps_it_has(tmp_path: Path) -> None:
    found = library(tmp_path)
    entries = found.scripts()
    assert {each.version for each in entries} == set(VERSIONS)
    assert {each.language for each in entries} >= {"zh-CN", "en"}
    assert not any(each.own for each in entries)
    for entry in entries:
        shown = found.script(entry.name)
        assert shown is not None
        names = [step.name for step in shown.steps]
        assert len(names) == len(set(names)) == entry.steps
        leads = {turn.to for step in shown.steps for turn in step.turnoffs if turn.on not in {"end", "escalate"}}
        assert leads <= {*names, "back"}
        assert any(step.key_warning for step in shown.steps)
    assert found.script("nothing") is None


@pytest.mark.unit
def test_a_centres_own_script_is_marked_and_begins_at_its_start(tmp_path: Path) -> None:
    folder = tmp_path / "scripts"
    folder.mkdir()
    (folder / "own.yaml").write_text(OWN, encoding="utf-8")
    found = library(tmp_path, scripts=folder)
    shown = found.script("our-own.en")
    assert shown is not None
    assert shown.entry.own
    assert [step.name for step in shown.steps] == ["opening", "ask", "warning", "closing"]
    assert shown.steps[1].asks == "contacted"
    assert shown.steps[1].turnoffs == (Turnoff("yes", "warning"), Turnoff("no", "warning"))
    assert shown.steps[3].turnoffs == (Turnoff("end", "warned"),)


@pytest.mark.voice
async def test_a_prompt_is_heard_as_on_the_line(tmp_path: Path) -> None:
    found = library(tmp_path)
    name = next(each.name for each in found.scripts() if each.language == "en")
    shown = found.script(name)
    assert shown is not None
    with wave.open(io.BytesIO(await found.speak(name, shown.steps[0].name))) as sound:
        assert (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) == (8000, 1, 2)
        assert sound.getnframes() > 8000
    with pytest.raises(LibraryError, match="no step 'nowhere'"):
        await found.speak(name, "nowhere")
    with pytest.raises(LibraryError, match="no script"):
        await found.speak("nothing", "nowhere")
