"""What recognition costs: ``python -m benchmarks.chain zh-CN en``; ``--write`` puts the figures into docs/chain.md.

Every reply is said by a held-out synthetic voice over a real call on loopback, heard by an ear with the bundled model
and assessed, and compared with the assessment of its text. Of held-out replies nothing but figures is ever shown.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from benchmarks.assessment import Score, score
from benchmarks.spoken import Session, converse, sample, voice_of
from benchmarks.understood import CAUSES, Outcome, cause, lost_words, outcome
from dialer.lines import LineError
from speech.assessment import CRITICAL, SIGNALS, Assessment
from speech.modelling.document import write
from speech.modelling.measure import distance, units
from speech.modelling.understanding.examples import as_recognised
from tests.speech.corpus import LANGUAGES, SPLITS

DOCUMENT = Path(__file__).parent.parent / "docs" / "chain.md"
_TITLES = {"dev": "development", "heldout": "held out"}
_WORDS_SHOWN = 12

Decides = Callable[[Outcome], bool]
_WAYS: dict[str, tuple[Decides, Callable[[Outcome], Assessment] | None]] = {
    "as text": (lambda o: o.written.escalate, lambda o: o.written),
    "as a recogniser without fault would write it": (lambda o: o.perfect.escalate, lambda o: o.perfect),
    "heard, at the end of the turn": (lambda o: o.final.escalate, lambda o: o.final),
    "heard, as the dialer acts: partial results too": (lambda o: o.at_once, None),
}


def report(session: Session, language: str, split: str, seconds: float) -> Iterator[str]:
    """The figures of one language and split, in lines of Markdown."""
    outcomes = [outcome(hearing, language) for hearing in session.hearings]
    urgent = [o for o in outcomes if o.reply.escalate]
    near = sum(o.reply.near_domain for o in outcomes if not o.reply.escalate)
    yield f"### {language}, {_TITLES[split]}"
    yield ""
    yield (
        f"{len(outcomes)} replies, {len(urgent)} to escalate, {near} of the others near-domain; "
        f"{session.unspoken} more have nothing to say. {session.late_frames} frames came late. Took {seconds:.0f} s."
    )
    yield ""
    yield from _escalations(outcomes)
    yield ""
    yield from _recognition(outcomes, language)
    yield ""
    yield from _losses(outcomes, language)
    yield ""
    yield from _signals(outcomes)
    if split == "dev":
        yield ""
        yield from _words(outcomes, language)


def _escalations(outcomes: Sequence[Outcome]) -> Iterator[str]:
    yield "| the replies | escalation recall | precision | false escalations | near-domain ones | answers right |"
    yield "| --- | --- | --- | ---: | ---: | ---: |"
    scores: list[Score] = []
    for title, (decides, means) in _WAYS.items():
        its = score((o.reply.escalate, decides(o)) for o in outcomes)
        scores.append(its)
        near = sum(decides(o) for o in outcomes if o.reply.near_domain and not o.reply.escalate)
        answered = "–"
        if means is not None:
            asked = [(o.reply.answer, means(o).answer) for o in outcomes if o.reply.answer is not None]
            answered = f"{sum(want == got for want, got in asked) / max(1, len(asked)):.1%}"
        yield (
            f"| {title} | {_share(its.hits, its.hits + its.missed)} | {_share(its.hits, its.hits + its.false)} "
            f"| {its.false} of {its.false + its.right_no} | {near} | {answered} |"
        )
    yield ""
    text, heard = scores[0], scores[-1]
    yield (
        f"**Recognition changes escalation recall by {_points(heard.recall - text.recall)} and precision by "
        f"{_points(heard.precision - text.precision)}**: {heard.hits - text.hits:+d} right escalations, "
        f"{heard.false - text.false:+d} false ones."
    )


def _recognition(outcomes: Sequence[Outcome], language: str) -> Iterator[str]:
    kind = "zh" if language.startswith("zh") else "en"
    rate = "Character error rate" if kind == "zh" else "Word error rate"
    lengths: Counter[bool] = Counter()
    errors: Counter[bool] = Counter()
    by_voice: dict[str, list[int]] = {}
    exact = 0
    for found in outcomes:
        said, got = units(as_recognised(found.reply.text, language), kind), units(found.hearing.text, kind)
        lengths[bool(found.unknown)] += len(said)
        errors[bool(found.unknown)] += (faults := distance(said, got))
        exact += said == got
        if not found.unknown:
            of_voice = by_voice.setdefault(voice_of(found.reply).variant, [0, 0])
            of_voice[0] += faults
            of_voice[1] += len(said)
    unknown = sum(bool(o.unknown) for o in outcomes)
    yield (
        f"{rate} {errors.total() / max(1, lengths.total()):.1%}, "
        f"{exact / max(1, len(outcomes)):.1%} of the replies exact. "
        f"{_share(unknown, len(outcomes))} hold a word outside the model's vocabulary: error rate "
        f"{errors[True] / max(1, lengths[True]):.1%} in those, "
        f"{errors[False] / max(1, lengths[False]):.1%} in the others. "
        f"Nothing was recognised of {sum(not o.hearing.turns for o in outcomes)}; "
        f"{sum(len(o.hearing.turns) > 1 for o in outcomes)} were cut into two turns or more."
    )
    rates = sorted((wrong / max(1, length), voice) for voice, (wrong, length) in by_voice.items())
    yield f"By voice, in the others: {', '.join(f'{voice} {rate:.1%}' for rate, voice in rates)}."
    for title, keep in (("with such a word", True), ("without", False)):
        kept = [o for o in outcomes if o.reply.escalate and o.perfect.escalate and bool(o.unknown) is keep]
        heard = _share(sum(o.at_once for o in kept), len(kept))
        yield f"Of the escalations that a recogniser without fault would bring, {heard} were heard in replies {title}."


def _losses(outcomes: Sequence[Outcome], language: str) -> Iterator[str]:
    lost = [o for o in outcomes if o.reply.escalate and o.written.escalate and not o.at_once]
    gained = sum(o.reply.escalate and not o.written.escalate and o.at_once for o in outcomes)
    false = sum(not o.reply.escalate and not o.written.escalate and o.at_once for o in outcomes)
    early = sum(not o.reply.escalate and not o.final.escalate and o.at_once for o in outcomes)
    counts = Counter(cause(o, language) for o in lost)
    yield f"| {len(lost)} escalations lost between text and ear, by first cause | replies |"
    yield "| --- | ---: |"
    for name, title in CAUSES.items():
        yield f"| {title} | {counts[name]} |"
    yield ""
    sooner = sorted(o.sooner_s for o in outcomes if o.reply.escalate and o.sooner_s is not None)
    yield (
        f"{gained} were heard though the text was not understood. {false} false ones come of mishearing; {early} false "
        "ones of a partial result that the end of the turn took back."
    )
    if sooner:
        yield (
            f"{len(sooner)} of the right ones came on a partial result, {sooner[len(sooner) // 2]:.1f} s before the "
            "turn ended for the ear (median)."
        )


def _signals(outcomes: Sequence[Outcome]) -> Iterator[str]:
    yield "| signal | replies | found in the text | heard | heard wrongly, not in the text |"
    yield "| --- | ---: | ---: | ---: | ---: |"
    for name in sorted(SIGNALS, key=lambda each: (each not in CRITICAL, each)):
        its = [o for o in outcomes if name in o.reply.signals]
        others = [o for o in outcomes if name not in o.reply.signals | o.reply.unscored]
        false = sum(_has(o.final, name) and not _has(o.written, name) for o in others)
        if its or false:
            title = f"**`{name}`**" if name in CRITICAL else f"`{name}`"
            in_text, heard = sum(_has(o.written, name) for o in its), sum(_has(o.final, name) for o in its)
            yield f"| {title} | {len(its)} | {in_text} | {heard} | {false} |"


def _words(outcomes: Sequence[Outcome], language: str) -> Iterator[str]:
    by_signal: dict[str, Counter[str]] = {}
    unknown = {word for o in outcomes for word in o.unknown}
    for found in outcomes:
        for name, word in lost_words(found, language):
            by_signal.setdefault(name, Counter())[word] += 1
    yield "Words that did not come, where a signal was lost with them; in bold those outside the vocabulary."
    yield ""
    yield "| signal | words lost |"
    yield "| --- | --- |"
    for name in sorted(by_signal, key=lambda each: (each not in CRITICAL, each)):
        shown = [
            f"{f'**{word}**' if word in unknown else word}{f' ×{times}' if times > 1 else ''}"
            for word, times in by_signal[name].most_common(_WORDS_SHOWN)
        ]
        yield f"| `{name}` | {', '.join(shown)} |"


def errors(session: Session, language: str) -> Iterator[str]:
    """Development replies whose escalation is otherwise than it should be, with what was heard."""
    for found in (outcome(hearing, language) for hearing in session.hearings):
        if found.at_once != found.reply.escalate:
            fault = (
                "FALSE"
                if found.at_once
                else f"LOST by {cause(found, language)}"
                if found.written.escalate
                else "MISSED"
            )
            yield f"{fault} {found.reply.id} [{found.reply.asks or '-'}] {found.reply.text}"
            yield f"    {' / '.join(found.hearing.turns) or '(nothing)'}; unknown: {' '.join(found.unknown) or '-'}"


def _has(assessment: Assessment, name: str) -> bool:
    return any(signal.name == name for signal in assessment.signals)


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.3f} ({part} of {whole})" if whole else "–"


def _points(difference: float) -> str:
    return f"{100 * difference:+.1f} points"


def main() -> int:
    """Measure what is named; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.chain", description=__doc__)
    parser.add_argument("languages", nargs="+", choices=LANGUAGES, metavar="LANGUAGE", help=" or ".join(LANGUAGES))
    parser.add_argument("--replies", type=int, default=200, help="at least so many a language, if there are")
    parser.add_argument("--split", choices=SPLITS, default="heldout")
    parser.add_argument("--calls", type=int, default=16, help="calls at a time")
    parser.add_argument("--show-errors", action="store_true", help="list what goes wrong; of the development part only")
    parser.add_argument("--write", action="store_true", help=f"write the figures into {DOCUMENT.name}")
    given = parser.parse_args()
    if given.show_errors and given.split != "dev":
        parser.error("held-out replies are not shown: add --split dev")
    for language in given.languages:
        began = time.monotonic()
        with tempfile.TemporaryDirectory() as folder:
            replies = sample(language, given.split, given.replies)
            try:
                session = asyncio.run(converse(replies, language, Path(folder), calls=given.calls))
            except LineError as error:
                sys.stderr.write(f"{error}\n")
                return 1
        text = "\n".join(report(session, language, given.split, time.monotonic() - began))
        print(text)
        if given.show_errors:
            print("\n".join(errors(session, language)))
        if given.write:
            begin, end = (f"<!-- chain {language} {given.split}: {edge} -->" for edge in ("begin", "end"))
            write(DOCUMENT, text, begin, end)
    return 0


if __name__ == "__main__":
    sys.exit(main())
