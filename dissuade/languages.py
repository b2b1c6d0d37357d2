"""Voice and ear for each language that a node speaks, opened when first needed."""

from __future__ import annotations

import asyncio
import dataclasses
import functools
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor

import structlog

from dialer.dialogue import Dialogue
from dialer.switchboard import Language
from dissuade.config import Config, LanguageSection
from scripts.loader import ScriptLibrary
from scripts.model import Script
from speech import announcements, models, recognition
from speech.ear import Ear, EarSettings
from speech.lexicon import lexicon
from speech.prompts import Prompts
from speech.synthesis import VoiceSettings

log = structlog.get_logger(__name__)

SLOWEST_WPM = 80
"""The slowest that a voice is set to, words a minute, however slow a script asks for."""


class Languages:
    """The languages of one node."""

    def __init__(self, config: Config, executor: Executor) -> None:
        self._config = config
        self._executor = executor
        self._open: dict[str, Language] = {}
        self._voices: dict[tuple[str, float], Prompts] = {}

    def get(self, tag: str) -> Language:
        """Voice and ear for a BCP 47 tag. Raises `SynthesisError`, `RecordedPromptsError` or `ModelError`."""
        key = tag.partition("-")[0]
        if key not in self._open:
            self._open[key] = self._make(tag, _section(self._config, key))
        return self._open[key]

    async def warm(self, scripts: ScriptLibrary, details: Mapping[str, str]) -> None:
        """Load models and lexicons, and render what is said about several types of fraud; no call waits for them.

        What is said about one type alone is rendered while the phone rings that it is for, and kept as well.
        """
        loop = asyncio.get_running_loop()
        for tag in dict.fromkeys(script.language for script in scripts.scripts):
            language = self.get(tag)
            await loop.run_in_executor(self._executor, lexicon, tag)
            await loop.run_in_executor(self._executor, announcements.check, tag)
            await loop.run_in_executor(self._executor, language.new_ear, 1.0)
            spoken = [script for script in scripts.scripts if script.language == tag]
            for rate in dict.fromkeys(script.rate for script in spoken):
                texts = _shared([script for script in spoken if script.rate == rate], details)
                await language.prompts(rate).warm(texts)
                log.info("language ready", language=tag, rate=rate, prompts=len(texts))

    async def close(self) -> None:
        """End the voices."""
        for prompts in self._voices.values():
            await prompts.close()

    def _make(self, tag: str, section: LanguageSection) -> Language:
        voice = functools.partial(self._voice, tag)
        voice(1.0)  # one that cannot speak is told now, not on the first call
        model = models.find(section.model or tag.partition("-")[0])
        settings = EarSettings(
            end_of_turn_s=section.end_of_turn_s,
            language=tag,
            complete_s=section.short_answer_s,
            unfinished_s=section.unfinished_s,
        )
        return Language(voice, functools.partial(_new_ear, model, settings))

    def _voice(self, tag: str, rate: float) -> Prompts:
        key = (tag.partition("-")[0], rate)
        if key not in self._voices:
            self._voices[key] = open_voice(self._config, tag, rate)
        return self._voices[key]


def open_voice(config: Config, tag: str, rate: float = 1.0) -> Prompts:
    """A language's voice at a factor on its configured speed. Raises `SynthesisError` or `RecordedPromptsError`."""
    section = _section(config, tag.partition("-")[0])
    wpm = max(SLOWEST_WPM, round(section.rate_wpm * rate))
    voice = VoiceSettings(language=tag, engine=section.engine, variant=section.variant, rate_wpm=wpm)
    return Prompts(config.home.prompts, voice, recorded_dir=section.recorded_prompts)


def _section(config: Config, key: str) -> LanguageSection:
    return config.speech.en if key == "en" else config.speech.zh


def _new_ear(model: models.Model, settings: EarSettings, patience: float) -> Ear:
    return Ear(recognition.Recogniser(model), dataclasses.replace(settings, patience=patience))


def _shared(scripts: Sequence[Script], details: Mapping[str, str]) -> list[str]:
    """The prompts that name nobody and that are said about more than one type of fraud."""
    types: dict[str, set[str]] = {}
    for script in scripts:
        for text in Dialogue(script, details).prompts():
            types.setdefault(text, set()).add(script.scam_type)
    return [text for text, about in types.items() if len(about) > 1]
