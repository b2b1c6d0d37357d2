"""Voice and ear for each language that a node speaks, opened when first needed."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Mapping
from concurrent.futures import Executor
from pathlib import Path

import structlog

from dialer.dialogue import Dialogue
from dialer.switchboard import Language
from dissuade.config import Config, LanguageSection
from scripts.loader import ScriptLibrary
from scripts.model import Script
from speech import recognition
from speech.ear import Ear, EarSettings
from speech.lexicon import lexicon
from speech.prompts import Prompts
from speech.synthesis import VoiceSettings

log = structlog.get_logger(__name__)


class Languages:
    """The languages of one node."""

    def __init__(self, config: Config, executor: Executor) -> None:
        self._config = config
        self._executor = executor
        self._open: dict[str, Language] = {}

    def get(self, tag: str) -> Language:
        """Voice and ear for a BCP 47 tag. Raises `SynthesisError`, `RecordedPromptsError` or `ModelError`."""
        key = tag.partition("-")[0]
        if key not in self._open:
            self._open[key] = self._make(tag, self._section(key))
        return self._open[key]

    async def warm(self, scripts: ScriptLibrary, details: Mapping[str, str]) -> None:
        """Load models and lexicons and render every prompt that names nobody, so that no call waits for them."""
        loop = asyncio.get_running_loop()
        for tag in dict.fromkeys(script.language for script in scripts.scripts):
            language = self.get(tag)
            await loop.run_in_executor(self._executor, lexicon, tag)
            await loop.run_in_executor(self._executor, language.new_ear)
            texts = [
                text for script in scripts.scripts if script.language == tag for text in _impersonal(script, details)
            ]
            await language.prompts.warm(texts)
            log.info("language ready", language=tag, prompts=len(texts))

    async def close(self) -> None:
        """End the voices."""
        for language in self._open.values():
            await language.prompts.close()

    def _section(self, key: str) -> LanguageSection:
        return self._config.speech.en if key == "en" else self._config.speech.zh

    def _make(self, tag: str, section: LanguageSection) -> Language:
        voice = VoiceSettings(language=tag, engine=section.engine, variant=section.variant, rate_wpm=section.rate_wpm)
        prompts = Prompts(self._config.home.prompts, voice, recorded_dir=section.recorded_prompts)
        model = section.model or tag.partition("-")[0]
        settings = EarSettings(end_of_turn_s=section.end_of_turn_s)
        return Language(prompts, functools.partial(_new_ear, model, settings))


def _new_ear(model: str | Path, settings: EarSettings) -> Ear:
    return Ear(recognition.Recogniser(model), settings)


def _impersonal(script: Script, details: Mapping[str, str]) -> list[str]:
    """The prompts that are the same for everybody."""
    return Dialogue(script, details).prompts()
