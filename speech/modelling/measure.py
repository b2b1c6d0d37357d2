"""``python -m speech.modelling.measure zh en``: how well and how fast bundled models hear synthetic speech.

Voices and one set of wording are held out from training (see `speech.modelling.trials`). With ``--write`` the tables go
into a Markdown file, between its markers.
"""

from __future__ import annotations

import argparse
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from speech.modelling.build import DATA
from speech.modelling.document import write
from speech.modelling.errors import ModellingError
from speech.modelling.trials import TrialSet, read_lines, trial_sets
from speech.models import BUNDLED
from speech.recognition import LINE_RATE_HZ, Recogniser

BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
_PIECE_S = 0.1


@dataclass
class Figures:
    """What came of one set."""

    known: bool
    utterances: int = 0
    seconds: float = 0.0
    units: int = 0
    errors: int = 0
    exact: int = 0
    keywords: int = 0
    heard: int = 0
    false: Counter[str] = field(default_factory=Counter)
    """Keywords heard that were not said."""
    words: int = 0
    """Words heard."""
    feeds_ms: list[float] = field(default_factory=list)

    @property
    def error_rate(self) -> float:
        """Insertions, deletions and substitutions as a share of what was said."""
        return self.errors / max(1, self.units)

    @property
    def recall(self) -> float:
        """Share of keywords said that were heard."""
        return self.heard / max(1, self.keywords)

    @property
    def false_per_minute(self) -> float:
        """Keywords falsely heard a minute of sound."""
        return self.false.total() / (self.seconds / 60)

    @property
    def load(self) -> float:
        """Computing time as a share of the sound's time."""
        return sum(self.feeds_ms) / 1000 / self.seconds


def measure(model: Path, language: str, trials: TrialSet, keywords: set[str], *, show: bool = False) -> Figures:
    """Let a model hear a set, in pieces of 100 ms as a line delivers them."""
    found = Figures(trials.known)
    recogniser = Recogniser(model)
    for trial in trials.trials:
        recogniser.start()
        pcm = trial.pcm.astype("<i2").tobytes()
        size = round(LINE_RATE_HZ * _PIECE_S) * 2
        for start in range(0, len(pcm), size):
            began = time.perf_counter()
            recogniser.feed(pcm[start : start + size])
            found.feeds_ms.append((time.perf_counter() - began) * 1000)
        result = recogniser.finish()
        said, got = units(" ".join(trial.words), language), units(result.text, language)
        found.utterances += 1
        found.seconds += len(trial.pcm) / LINE_RATE_HZ
        found.units += len(said)
        found.errors += distance(said, got)
        found.exact += said == got
        meant = Counter(word for word in trial.words if word in keywords)
        heard = Counter(word.text for word in result.words if word.text in keywords)
        found.keywords += meant.total()
        found.heard += (meant & heard).total()
        found.false += heard - meant
        found.words += len(result.words)
        if show and said != got and trials.known:
            sys.stderr.write(f"{trials.name} | {trial.voice} | {' '.join(trial.words)} | {result.text}\n")
    return found


def units(text: str, language: str) -> list[str]:
    """Characters in Mandarin, words in English."""
    return re.findall(r"\w", text) if language == "zh" else text.split()


def distance(wanted: Sequence[str], heard: Sequence[str]) -> int:
    """Insertions, deletions and substitutions between two texts."""
    row = list(range(len(heard) + 1))
    for i, unit in enumerate(wanted, 1):
        before, row[0] = row[0], i
        for j, other in enumerate(heard, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (unit != other))
    return row[-1]


def table(model: Path, language: str, *, share: float = 1.0, show: bool = False) -> Iterator[str]:
    """Lines of a Markdown table, as they are measured."""
    keywords = set(read_lines(DATA / language / "keywords.txt"))
    rate = "CER" if language == "zh" else "WER"
    yield f"| set | utterances | minutes | {rate} | sentences exact | keyword recall | false keywords a minute |"
    yield "| --- | ---: | ---: | ---: | ---: | ---: | ---: |"
    feeds: list[float] = []
    seconds = 0.0
    for trials in trial_sets(language, share=share):
        found = measure(model, language, trials, keywords, show=show)
        feeds, seconds = feeds + found.feeds_ms, seconds + found.seconds
        scores = "– | – | –"
        if found.known:
            exact = found.exact / max(1, found.utterances)
            scores = f"{found.error_rate:.1%} | {exact:.1%} | {found.recall:.1%}"
        row = f"| {trials.name} | {found.utterances} | {found.seconds / 60:.1f} | {scores}"
        yield f"{row} | {found.false_per_minute:.2f} |"
    files = {path: path.stat().st_size for path in model.rglob("*") if path.is_file()}
    acoustic = files[model / "am/final.mdl"]
    yield ""
    yield (
        f"Speed, on one core of the machine that measured: {sum(feeds) / 1000 / seconds:.4f} of the sound's time; "
        f"100 ms of sound take {np.mean(feeds):.2f} ms (95 of 100 under {np.percentile(feeds, 95):.1f} ms). "
        f"Size: {sum(files.values()) / 1e6:.2f} MB, of it {acoustic / 1e6:.2f} MB for `am/final.mdl`."
    )


_NAMES = {"zh": "Mandarin (`zh`)", "en": "English (`en`)"}


def main(arguments: list[str] | None = None) -> int:
    """Measure what is named; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m speech.modelling.measure", description="How well bundled models hear synthetic speech."
    )
    parser.add_argument("languages", nargs="+", choices=sorted(_NAMES), metavar="LANGUAGE", help="zh or en")
    parser.add_argument("--models", type=Path, default=BUNDLED, help="folder that holds the models")
    parser.add_argument("--write", type=Path, metavar="FILE", help="put the tables into a Markdown file")
    parser.add_argument("--share", type=float, default=1.0, help="of all utterances, for a quick look")
    parser.add_argument("--errors", action="store_true", help="also list what was misheard")
    given = parser.parse_args(arguments)
    lines: list[str] = []
    try:
        for language in given.languages:
            lines += [f"### {_NAMES[language]}", ""]
            sys.stdout.write("\n".join(lines[-2:]) + "\n")
            for line in table(given.models / language, language, share=given.share, show=given.errors):
                sys.stdout.write(f"{line}\n")
                sys.stdout.flush()
                lines.append(line)
            lines.append("")
        if given.write:
            write(given.write, "\n".join(lines), BEGIN, END)
    except ModellingError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
