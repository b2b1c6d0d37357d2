"""How good `scripts.timing` is: every prompt of the library rendered, and the estimate held against it.

    python -m benchmarks.prompts

Prints the coefficients that would fit best, and what the present ones are worth.
"""

from __future__ import annotations

import asyncio
import re
import tempfile
from collections import defaultdict
from pathlib import Path

import numpy as np

from scripts import timing
from scripts.loader import load_library
from scripts.model import Script, fill
from speech.prompts import Prompts
from speech.voice import VoiceSettings


def texts(scripts: list[Script]) -> list[str]:
    """Every prompt once, with typical values for its placeholders."""
    values = defaultdict(str, timing.TYPICAL[scripts[0].language[:2]])
    said = (text for script in scripts for step in script.steps.values() for text in (step.say, step.again) if text)
    return sorted({fill(text, values) for text in said})


async def measure(language: str, rate: float, said: list[str]) -> list[float]:
    """Seconds that each takes in the bundled voice."""
    with tempfile.TemporaryDirectory() as folder:
        voice = VoiceSettings(language=language)
        prompts = Prompts(Path(folder), voice.model_copy(update={"rate_wpm": round(voice.rate_wpm * rate)}), 2)
        try:
            return [prompt.seconds for prompt in await prompts.warm(said)]
        finally:
            await prompts.close()


def report(language: str, rate: float, said: list[str], measured: list[float]) -> None:
    """The best fit and the worth of the present one."""
    unit = r"[\u4e00-\u9fff\dA-Za-z]" if language.startswith("zh") else r"[A-Za-z]+(?:'[a-z]+)?|\d"
    rows = [[len(re.findall(unit, text)), len(timing._MARKS.findall(text)), 1] for text in said]
    took = np.array(measured)
    best, *_ = np.linalg.lstsq(np.array(rows, float), took * rate, rcond=None)
    off = np.array([timing.spoken_s(text, language, rate) for text in said]) / took - 1
    total = sum(timing.spoken_s(text, language, rate) for text in said) / took.sum() - 1
    print(
        f"{language} at {rate:g}: {len(said)} prompts, {took.sum():.0f} s; "
        f"best fit {best[0]:.3f} a unit, {best[1]:+.3f} a mark, {best[2]:+.3f}; "
        f"estimate: sum {total:+.1%}, a prompt {abs(off).mean():.1%} off in the mean, {abs(off).max():.0%} at most"
    )


async def main() -> None:
    """Measure both languages, at the standard and at the slower pace."""
    library = load_library().values()
    for language in ("zh-CN", "en"):
        for rate in (1.0, 0.85):
            said = texts([script for script in library if script.language == language and script.rate == rate])
            report(language, rate, said, await measure(language, rate, said))


if __name__ == "__main__":
    asyncio.run(main())
