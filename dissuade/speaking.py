"""One script found by its name, and one prompt of it heard."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from pathlib import Path

from dialer.dialogue import Dialogue
from dissuade.config import Config
from dissuade.errors import DissuadeError
from dissuade.languages import open_voice
from dissuade.library import load_scripts
from scripts.layers import version_name
from scripts.loader import load_script
from scripts.model import STANDARD, Script

PLAYERS = ("paplay", "aplay")


def find_script(config: Config, name: str, version: str | None = None) -> Script:
    """A script by its name, or in a file; raises `DissuadeError` or `scripts.loader.ScriptError`."""
    if (file := Path(name)).suffix in {".yaml", ".yml"}:
        return load_script(file, version or STANDARD)
    scripts = {script.name: script for script in load_scripts(config).scripts}
    wanted = name if version is None else version_name(name, version)
    if wanted not in scripts:
        raise DissuadeError(f"there is no script {wanted!r}", "dissuade scripts list names them; or give a file")
    return scripts[wanted]


def prompt_text(config: Config, script: Script, step: str, *, again: bool = False, person: str = "") -> str:
    """What a step or phrase of a script says on this node; raises `DissuadeError`."""
    phrases = script.phrases.model_dump()
    if step in script.steps:
        found = script.steps[step]
        text = (found.again or found.say) if again else found.say
    elif step in phrases:
        text = phrases[step]
    else:
        raise DissuadeError(f"{script.name} has no step {step!r}", f"one of {', '.join([*script.steps, *phrases])}")
    details = {"centre": config.centre.name, "callback_number": config.centre.callback_number, "name": person}
    return Dialogue(script, details).fill(text, scam_type=script.scam_type, signal="", words="")


async def render_prompt(config: Config, script: Script, text: str, out: Path) -> float:
    """Say a text in the script's voice and at its pace, into a WAV file; returns how many seconds it takes.

    Raises `DissuadeError`, `speech.synthesis.SynthesisError` or `speech.recorded.RecordedPromptsError`.
    """
    voice = open_voice(config, script.language, script.rate)
    try:
        prompt = await voice.render(text)
        try:
            await asyncio.to_thread(shutil.copyfile, prompt.path, out)
        except OSError as error:
            raise DissuadeError(f"cannot write {out}: {error.strerror}") from error
        return prompt.seconds
    finally:
        await voice.close()


def play_file(file: Path) -> None:
    """Play a WAV; raises `DissuadeError` when nothing here can."""
    player = next((found for name in PLAYERS if (found := shutil.which(name))), None)
    if player is None:
        raise DissuadeError("nothing here plays sound", "install pulseaudio-utils or alsa-utils, or use --out")
    if subprocess.run([player, str(file)], check=False).returncode != 0:
        raise DissuadeError(f"{Path(player).name} cannot play here", "use --out and play the file elsewhere")
