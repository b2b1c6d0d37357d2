"""How well replies are understood: ``python -m benchmarks.assessment``; ``--write`` puts the figures into the guide.

Judged by the corpora of `tests.speech.corpus` under the scoring rules of docs/labelling.md. Of the held-out part
nothing but figures is ever shown; ``--show-errors`` lists the development replies that are understood wrongly. How well
replies by unknown writers are understood was measured when the judgement was trained, and is read from its folder.
"""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

from benchmarks.timing import took_ms
from speech.assess import assess
from speech.assessment import CRITICAL, SIGNALS, Assessment
from speech.judgement import FOLDER as JUDGEMENTS
from speech.modelling.document import write
from speech.modelling.understanding.labelled import Labelled
from tests.speech.corpus import LANGUAGES, SPLITS, Reply, corpus, normalised
from tests.speech.corpus.blind import blind
from tests.speech.replies import FOLDER as EARLIER
from tests.speech.replies import names

GUIDE = Path(__file__).parent.parent / "docs" / "assessment.md"
BEGIN = "<!-- figures: written by python -m benchmarks.assessment --write -->"
END = "<!-- end of figures -->"
TITLES = {
    "dev": "development (learnt from)",
    "heldout": "held out",
    "unseen": "held out, strictly unseen",
    "blind": "blind",
}

R = TypeVar("R", bound=Labelled)
Judged = Sequence[tuple[Labelled, Assessment]]


@dataclass(frozen=True, slots=True)
class Score:
    """Hits and faults of one decision."""

    hits: int = 0
    false: int = 0
    missed: int = 0
    right_no: int = 0

    @property
    def precision(self) -> float:
        """Of what was said to be so, the share that is."""
        return self.hits / ((self.hits + self.false) or math.nan)

    @property
    def recall(self) -> float:
        """Of what is so, the share that was found."""
        return self.hits / ((self.hits + self.missed) or math.nan)

    @property
    def macro_f1(self) -> float:
        """Mean of the F1 of yes and of no."""
        faults = self.false + self.missed
        kinds = [2 * right / ((2 * right + faults) or math.nan) for right in (self.hits, self.right_no)]
        return sum(kinds) / 2


def score(pairs: Iterable[tuple[bool, bool]]) -> Score:
    """Score of pairs of what is so and what was found."""
    counts = {(want, got): 0 for want in (True, False) for got in (True, False)}
    for pair in pairs:
        counts[pair] += 1
    return Score(counts[True, True], counts[False, True], counts[True, False], counts[False, False])


def judge(replies: Iterable[R], language: str) -> Sequence[tuple[R, Assessment]]:
    """Every reply with what the program makes of it."""
    return [(reply, assess(reply.text, language=language, asks=reply.asks)) for reply in replies]


def escalation(judged: Judged, keep: Callable[[Labelled], bool] = lambda _: True) -> Score:
    """Score of the decision to hand the call to a human."""
    return score((r.escalate, a.escalate) for r, a in judged if r.escalation_scored and keep(r))


def of_signal(judged: Judged, name: str) -> Score:
    """Score of one signal."""
    return score((name in r.signals, name in names(a)) for r, a in judged if name not in r.unscored)


def answers(judged: Judged) -> tuple[int, int]:
    """Answers that are right, and answers that count."""
    scored = [(r.answer, a.answer) for r, a in judged if r.answer is not None]
    return sum(want == got for want, got in scored), len(scored)


def parts(language: str, only: str | None) -> Iterator[tuple[str, Judged]]:
    """The parts of a language's corpus that are reported, judged."""
    for split in SPLITS:
        if only in (None, split):
            judged = judge(corpus(language, split), language)
            yield split, judged
            if split == "heldout":
                known = _known(language)
                yield "unseen", [(r, a) for r, a in judged if normalised(r.text) not in known]
                yield "blind", judge(blind(language), language)


def _known(language: str) -> set[str]:
    """Texts that stand in the tables which the first rules were written with."""
    lines = (line for file in EARLIER.glob(f"{language}*.txt") for line in file.read_text("utf-8").splitlines())
    return {normalised(line.partition("|")[0]) for line in lines if not line.startswith("#")}


def summary(found: Sequence[tuple[str, Judged]]) -> Iterator[str]:
    """The table of the decisions that matter most."""
    yield "| replies | of them to escalate | escalation precision | recall | answers right | near-domain escalated |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for part, judged in found:
        whole, near = escalation(judged), escalation(judged, lambda reply: reply.near_domain)
        right, scored = answers(judged)
        yield (
            f"| {TITLES[part]}: {len(judged)} | {whole.hits + whole.missed} "
            f"| {_share(whole.hits, whole.hits + whole.false)} | {_share(whole.hits, whole.hits + whole.missed)} "
            f"| {right / scored:.3f} of {scored} | {near.false} of {near.false + near.right_no} |"
        )
    yield ""
    yield "| macro-F1 of escalation | all replies | to escalate or near-domain | to escalate or other harmless |"
    yield "| --- | --- | --- | --- |"
    for part, judged in found:
        kinds: list[Callable[[Labelled], bool]] = [
            lambda _: True,
            lambda reply: reply.escalate or reply.near_domain,
            lambda reply: reply.escalate or not reply.near_domain,
        ]
        figures = " | ".join(f"{escalation(judged, keep).macro_f1:.3f}" for keep in kinds)
        yield f"| {TITLES[part]} | {figures} |"


def by_signal(found: Sequence[tuple[str, Judged]]) -> Iterator[str]:
    """The table of the signals; those that escalate in bold."""
    shown = [(part, judged) for part, judged in found if part in SPLITS]
    titles = " | ".join(f"{TITLES[part]}: replies | precision | recall" for part, _ in shown)
    yield f"| signal | {titles} |"
    yield f"| --- |{' --- | --- | --- |' * len(shown)}"
    for name in sorted(SIGNALS, key=lambda each: (each not in CRITICAL, each)):
        cells = []
        for _, judged in shown:
            its = of_signal(judged, name)
            cells.append(f"{its.hits + its.missed} | {_figure(its.precision)} | {_figure(its.recall)}")
        yield f"| {f'**`{name}`**' if name in CRITICAL else f'`{name}`'} | {' | '.join(cells)} |"


def by_unknown(language: str) -> Iterator[str]:
    """What the training found on replies whose writer it had not learnt from."""
    measured = json.loads((JUDGEMENTS / f"{language}.json").read_text("utf-8"))
    yield (
        f"Cross-validated over {measured['replies']} training replies, by {measured['writers']} writers, each with and "
        "without punctuation; of escalation:"
    )
    yield ""
    yield "| not learnt from | precision | recall | both without punctuation | near-domain escalated | answers right |"
    yield "| --- | --- | --- | --- | --- | --- |"
    found = measured["by writer"]
    near, answer, rules = found["near-domain"], found["answers"], found["rules alone"]
    yield (
        f"| the writer | {_precision(found['all'])} | {_recall(found['all'])} "
        f"| {_precision(found['without punctuation'])} / {_recall(found['without punctuation'])} "
        f"| {near['false']} of {near['false'] + near['right_no']} "
        f"| {answer['right'] / answer['of']:.3f} of {answer['of']} |"
    )
    if misheard := found.get("misheard"):
        yield (
            f"| the writer; {sum(misheard.values())} replies as the recogniser misheard them "
            f"| {_precision(misheard)} | {_recall(misheard)} | | | |"
        )
    yield f"| the rules alone, for comparison | {_precision(rules)} | {_recall(rules)} | | | |"
    yield ""
    yield "| signal | unknown writer: replies | precision | recall |"
    yield "| --- | --- | --- | --- |"
    for name in sorted(SIGNALS, key=lambda each: (each not in CRITICAL, each)):
        its = found[name]
        yield (
            f"| {f'**`{name}`**' if name in CRITICAL else f'`{name}`'} | {its['hits'] + its['missed']} "
            f"| {_precision(its)} | {_recall(its)} |"
        )


def _precision(counts: Mapping[str, int]) -> str:
    return f"{counts['hits'] / ((counts['hits'] + counts['false']) or math.nan):.2f}"


def _recall(counts: Mapping[str, int]) -> str:
    return f"{counts['hits'] / ((counts['hits'] + counts['missed']) or math.nan):.2f}"


def times(language: str) -> str:
    """Processor time a reply takes."""
    middle, last = took_ms(partial(assess, each.text, language=language, asks=each.asks) for each in corpus(language))
    return f"Time a reply: median {middle:.2f} ms, p99 {last:.2f} ms of one core."


def _figure(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.2f}"


def _share(part: int, whole: int) -> str:
    """A share with its 95 % interval (Wilson), as a few dozen replies prove little."""
    if not whole:
        return "-"
    z2 = 1.96**2
    middle = (part + z2 / 2) / (whole + z2)
    half = math.sqrt(z2) / (whole + z2) * math.sqrt(part * (whole - part) / whole + z2 / 4)
    return f"{part / whole:.3f} ({max(0.0, middle - half):.2f}-{min(1.0, middle + half):.2f})"


def errors(judged: Iterable[tuple[Reply, Assessment]]) -> Iterator[str]:
    """What was understood wrongly, a line a reply."""
    for reply, found in judged:
        wrong = []
        if reply.escalation_scored and reply.escalate != found.escalate:
            wrong.append("MISSED" if reply.escalate else "FALSE ALARM")
        if reply.answer not in (None, found.answer):
            wrong.append(f"answer {found.answer}, not {reply.answer}")
        heard = names(found)
        wrong += [f"-{name}" for name in sorted(reply.signals - heard)]
        rules = {signal.name: f"{signal.name}/{signal.rule}={signal.words!r}" for signal in found.signals}
        wrong += [f"+{rules[name]}" for name in sorted(heard - reply.signals - reply.unscored)]
        if wrong:
            yield f"{reply.id} [{reply.asks or '-'}] {reply.text}\n    {'; '.join(wrong)}"


def report(language: str, only: str | None) -> str:
    """All figures of one language, in Markdown."""
    found = list(parts(language, only))
    lines = [
        f"### {language}",
        "",
        *summary(found),
        "",
        *by_signal(found),
        "",
        *by_unknown(language),
        "",
        times(language),
        "",
    ]
    return "\n".join(lines)


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.assessment", description=__doc__)
    parser.add_argument("--language", choices=LANGUAGES, action="append", help="this language only")
    parser.add_argument("--split", choices=SPLITS, help="this part only")
    parser.add_argument("--show-errors", action="store_true", help="list what goes wrong in the development part")
    parser.add_argument("--write", action="store_true", help=f"write the figures into {GUIDE.name}")
    given = parser.parse_args()
    languages = given.language or LANGUAGES
    if given.write and (given.split or given.language):
        parser.error("--write takes the figures of all")
    if given.show_errors:
        for language in languages:
            print("\n".join(errors(judge(corpus(language, "dev"), language))))
        return
    text = "\n".join(report(language, given.split) for language in languages)
    print(text)
    if given.write:
        write(GUIDE, text, BEGIN, END)


if __name__ == "__main__":
    main()
