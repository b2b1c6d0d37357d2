"""How long prompts take to say, estimated without a voice.

Fitted to the bundled voice (espeak-ng, 160 words a minute) over every prompt of the library, 2700 s of speech, by
``python -m benchmarks.prompts``. There the sum is off by less than 2 %, a prompt by 5 % (Mandarin) or 8 % (English) in
the mean and by 20 % or 28 % at most. Another voice, another configured rate and recorded prompts take as long as they
take: ``dissuade scripts say`` measures.
"""

from __future__ import annotations

import re
from collections import defaultdict

from scripts.model import BACK, Script, fill

TYPICAL = {
    "zh": {
        "name": "王建国",
        "surname": "王",
        "subject": "王建国",
        "centre": "市反诈中心",
        "callback_number": "96110",
        "case_number": "100",
    },
    "en": {
        "name": "John Marsh",
        "surname": "Marsh",
        "subject": "Daniel Marsh",
        "centre": "City Anti-Fraud Centre",
        "callback_number": "96110",
        "case_number": "100",
    },
}
"""Values of placeholders where the real ones are not known, by the first part of the language."""

_SYLLABLE_S, _MARK_S, _EDGE_S = 0.288, 0.162, -0.02
_WORD_S, _ENGLISH_MARK_S, _ENGLISH_EDGE_S = 0.256, 0.595, -0.4
_SHORTEST_S = 0.3
_MARKS = re.compile(r"[，。？！；：、]|[,.?!;:](?=\s|$)")


def spoken_s(text: str, language: str, rate: float = 1.0) -> float:
    """Seconds that a text takes, its placeholders filled; ``rate`` is the script's factor on the voice's speed."""
    marks = len(_MARKS.findall(text))
    if language.lower().startswith("zh"):
        syllables = len(re.findall(r"[\u4e00-\u9fff\d]", text)) + len(re.findall(r"[A-Za-z]", text))
        span_s = _SYLLABLE_S * syllables + _MARK_S * marks + _EDGE_S
    else:
        words = len(re.findall(r"[A-Za-z]+(?:'[a-z]+)?|\d", text))
        span_s = _WORD_S * words + _ENGLISH_MARK_S * marks + _ENGLISH_EDGE_S
    return max(_SHORTEST_S, span_s) / rate


def step_s(script: Script, name: str) -> float:
    """Seconds that a step's prompt takes, with typical values for its placeholders."""
    values = defaultdict(str, TYPICAL["zh" if script.language.lower().startswith("zh") else "en"])
    return spoken_s(fill(script.steps[name].say, values), script.language, script.rate)


def before_first_question(script: Script) -> tuple[str, float]:
    """The step that asks first, or the last one on the way if none does, and the seconds of speech before it."""
    name, span_s = script.start, 0.0
    seen: set[str] = set()
    while True:
        seen.add(name)
        step = script.steps[name]
        if step.is_question:
            return name, span_s
        span_s += step_s(script, name)
        if step.next is None or step.next == BACK or step.next in seen:
            return name, span_s
        name = step.next
