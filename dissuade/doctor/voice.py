"""What the node says, with which voice, and with which ears it listens."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from dissuade.doctor.finding import Finding, fail, ok, warn

if TYPE_CHECKING:
    from dissuade.config import Config, LanguageSection

TAGS = {"zh": "zh-CN", "en": "en-US"}
SAMPLES = {"zh": "您好，请不要转账。", "en": "Hello, please do not send money."}


async def scripts(config: Config) -> list[Finding]:
    """Every script that may be used passes its checks."""
    from dissuade.library import load_scripts, rules
    from scripts.checks import check
    from scripts.model import ENDINGS
    from speech.assessment import SIGNALS

    found = load_scripts(config).scripts
    faults = (check(script, signals=SIGNALS, endings=ENDINGS, rules=rules) for script in found)
    problems = list(dict.fromkeys(problem for found_in_one in faults for problem in found_in_one))
    if problems:
        return [fail("scripts", str(problem), "mend the file; dissuade scripts check") for problem in problems]
    languages = sorted({script.language for script in found})
    return [ok("scripts", f"{len(found)} in {', '.join(languages)}")]


async def voices(config: Config) -> list[Finding]:
    """The engine of each language really speaks a sentence, and recorded prompts are in order."""
    return [
        await _voice(f"voice.{key}", key, section)
        for key, section in (("zh", config.speech.zh), ("en", config.speech.en))
    ]


async def _voice(what: str, key: str, section: LanguageSection) -> Finding:
    from speech.prompts import Prompts
    from speech.recorded import RecordedPromptsError
    from speech.synthesis import SynthesisError, VoiceSettings

    voice = VoiceSettings(language=TAGS[key], engine=section.engine, variant=section.variant, rate_wpm=section.rate_wpm)
    try:
        with tempfile.TemporaryDirectory(prefix="dissuade-doctor-") as folder:
            prompts = Prompts(Path(folder), voice, recorded_dir=section.recorded_prompts)
            try:
                spoken = await prompts.render(SAMPLES[key])
            finally:
                await prompts.close()
    except SynthesisError as error:
        return fail(what, str(error), "apt-get install espeak-ng, or correct speech." + key)
    except RecordedPromptsError as error:
        return fail(what, str(error), f"mend the index, or correct speech.{key}.recorded_prompts")
    return ok(what, f"{section.engine}, variant {section.variant or '(none)'}: a sentence of {spoken.seconds:.1f} s")


async def models(config: Config) -> list[Finding]:
    """The model of each language is whole and Vosk loads it."""
    return [
        await asyncio.to_thread(_model, f"model.{key}", key, section)
        for key, section in (("zh", config.speech.zh), ("en", config.speech.en))
    ]


def _model(what: str, key: str, section: LanguageSection) -> Finding:
    from speech.models import ModelError, bundled, find
    from speech.recognition import load

    try:
        model = find(section.model or key)
        load(model)
    except ModelError as error:
        said, _, mend = str(error).partition("; mend: ")
        return fail(what, said, mend or f"correct speech.{key}.model")
    said = f"{model.name}, {model.sample_rate_hz} Hz"
    if model.name in bundled():
        return warn(
            what,
            f"{said}: the bundled model knows some 2,500 words of synthetic voices, for rehearsals alone",
            f"for real calls set speech.{key}.model to a Vosk model's folder"
            + (", e.g. after: dissuade models fetch zh" if key == "zh" else ""),
        )
    return ok(what, said)
