"""What `speech.finished` makes of the labelled replies as text: whole ones, and all their beginnings."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from benchmarks.understood import words
from speech.finished import Finish, finish
from speech.modelling.understanding.examples import as_recognised
from speech.modelling.understanding.replies import replies
from tests.speech.corpus import corpus

_BROKEN_OFF = re.compile(r"(…|\.\.|—|-)\W*$")


def by_text(language: str) -> Iterator[str]:
    """A table of the training replies and the development replies."""
    yield "What the words alone say, of replies as text:"
    yield ""
    yield "| replies | pieces | unfinished | nothing known | complete |"
    yield "| --- | ---: | ---: | ---: | ---: |"
    sources = {
        "training": [each.text for each in replies(language)],
        "development": [each.text for each in corpus(language, "dev")],
    }
    for name, texts in sources.items():
        whole: Counter[Finish] = Counter()
        begun: Counter[Finish] = Counter()
        for text in texts:
            if _BROKEN_OFF.search(text):
                continue
            said = words(as_recognised(text, language), language)
            space = " " if language == "en" else ""
            whole[finish(space.join(said), language)] += 1
            begun.update(finish(space.join(said[:at]), language) for at in range(1, len(said)))
        yield _row(f"{name}, whole", whole)
        yield _row(f"{name}, cut behind every word but the last", begun)


def _row(title: str, counts: Counter[Finish]) -> str:
    total = max(1, counts.total())
    shares = " | ".join(f"{counts[each] / total:.1%}" for each in (Finish.UNFINISHED, Finish.OPEN, Finish.COMPLETE))
    return f"| {title} | {counts.total()} | {shares} |"
