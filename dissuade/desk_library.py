"""The node's scripts as the desk shows them and lets them be heard."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterator
from pathlib import Path

from console.desk.library import LibraryError, ScriptEntry, ScriptShown, StepShown, Turnoff
from dissuade.config import Config
from dissuade.errors import DissuadeError
from dissuade.languages import open_voice
from dissuade.speaking import prompt_text
from scripts.loader import LIBRARY, ScriptLibrary
from scripts.model import Script, Step
from speech.recorded import RecordedPromptsError
from speech.synthesis import SynthesisError

_LEADS = ("yes", "no", "or_else", "unclear", "silence", "next")


class DeskLibrary:
    """See `console.desk.library.Library`."""

    def __init__(self, config: Config, scripts: ScriptLibrary) -> None:
        self._config = config
        self._scripts = {script.name: script for script in scripts.scripts}
        self._turn = asyncio.Semaphore(2)

    def scripts(self) -> tuple[ScriptEntry, ...]:
        """See `console.desk.library.Library`."""
        return tuple(_entry(script) for script in self._scripts.values())

    def script(self, name: str) -> ScriptShown | None:
        """See `console.desk.library.Library`."""
        script = self._scripts.get(name)
        if script is None:
            return None
        return ScriptShown(
            _entry(script),
            tuple(_step(name, script.steps[name]) for name in _in_order(script)),
            tuple(StepShown(name, say) for name, say in script.phrases.model_dump().items() if say),
            tuple(script.hears.items()),
        )

    async def speak(self, name: str, step: str, *, again: bool = False) -> bytes:
        """See `console.desk.library.Library`."""
        script = self._scripts.get(name)
        if script is None:
            raise LibraryError(f"there is no script {name!r}")
        try:
            text = prompt_text(self._config, script, step, again=again)
            async with self._turn:
                voice = open_voice(self._config, script.language, script.rate)
                try:
                    prompt = await voice.render(text)
                    return await asyncio.to_thread(Path(prompt.path).read_bytes)
                finally:
                    await voice.close()
        except (DissuadeError, SynthesisError, RecordedPromptsError, OSError) as error:
            raise LibraryError(str(error)) from error


def _entry(script: Script) -> ScriptEntry:
    return ScriptEntry(
        script.name,
        script.language,
        script.scam_type,
        script.title,
        script.version,
        len(script.steps),
        own=not Path(script.file).is_relative_to(LIBRARY),
    )


def _step(name: str, step: Step) -> StepShown:
    return StepShown(
        name,
        step.say,
        step.again or "",
        step.asks or "",
        step.key_warning,
        tuple(_turnoffs(step)),
        tuple(example for examples in step.replies.values() for example in examples),
    )


def _turnoffs(step: Step) -> Iterator[Turnoff]:
    if step.escalate:
        yield Turnoff("escalate", "")
    for on in _LEADS:
        if to := getattr(step, on):
            yield Turnoff(on, to)
    if step.end:
        yield Turnoff("end", step.end)


def _in_order(script: Script) -> list[str]:
    """Steps as they are met from the start, then those to which signals lead."""
    found: dict[str, None] = {}
    for start in (script.start, *script.hears.values(), *script.steps):
        waiting = deque([start])
        while waiting:
            name = waiting.popleft()
            if name in found or name not in script.steps:
                continue
            found[name] = None
            step = script.steps[name]
            waiting.extend(to for on in _LEADS if (to := getattr(step, on)))
    return list(found)
