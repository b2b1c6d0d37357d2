"""Who or what answered, told from synthetic calls: ``python -m benchmarks.answering [--write docs/answering.md]``.

Every case of `benchmarks.answering_cases` is heard in pieces of 60 ms by an `Ear` with Vosk and the bundled model, and
by `speech.answering`, as the dialer does it. The table counts what each call was taken for in the end.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from benchmarks.answering_cases import DEVELOPMENT, UNSEEN, Case, cases
from speech.answering import Answerer, Answering, Verdict
from speech.ear import Ear
from speech.modelling import document
from speech.recognition import Recogniser

_PIECE = 960
"""Bytes of 60 ms."""
_TOLD_BY_S = 2.5
_SHORT_S = 1.8
_BEGIN, _END = "<!-- answering: begin -->", "<!-- answering: end -->"

_OPEN = (Answerer.UNKNOWN, Answerer.TALK, Answerer.SILENCE, Answerer.MUSIC, Answerer.RINGING)
"""What the robot waits out, or speaks into, as with a person."""
_MACHINES = (
    Answerer.ANNOUNCEMENT,
    Answerer.VOICEMAIL,
    Answerer.MENU,
    Answerer.ASSISTANT,
    Answerer.BUSY,
    Answerer.CONGESTION,
    Answerer.UNOBTAINABLE,
    Answerer.SPECIAL,
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a case."""

    name: str
    family: str
    language: str
    early: bool
    truth: str
    wanted: str
    """The kind of announcement, of an announcement."""
    taken_for: str
    announcement: str
    decided_s: float | None
    """When it was taken for that, after the answer or the first frame of early media; ``None``: never."""
    by_then: str
    """What it was taken for `_TOLD_BY_S` after that."""
    ever_machine: bool
    """Whether it was taken for a machine at any time."""
    audio_s: float
    spent_s: float
    """Processor time of the telling, without the ear's."""
    spoken_until_s: float
    """Where what is said first ends."""
    text: str


def hear(case: Case) -> Outcome:
    """One call from its first frame to its last."""
    pcm = case.sound()
    ear, answering = Ear(Recogniser(case.language)), Answering(case.language)
    if not case.early:
        answering.answer(0.0)
    told: list[Verdict] = [answering.verdict]
    by_then: Verdict | None = None
    spent = 0.0
    words: list[str] = []

    def note(verdict: Verdict | None) -> None:
        if verdict is not None:
            told.append(verdict)

    for start in range(0, len(pcm) + 1, _PIECE):
        piece = pcm[start : start + _PIECE]
        events = ear.feed(piece) if len(piece) == _PIECE else ear.flush()
        began = time.process_time()
        note(answering.feed(piece))
        for event in events:
            note(answering.heard(event))
        spent += time.process_time() - began
        words += [event.text for event in events if hasattr(event, "words")]
        if by_then is None and answering.clock_s >= _TOLD_BY_S:
            by_then = answering.verdict
    last = told[-1]
    return Outcome(
        name=case.name,
        family=case.family,
        language=case.language,
        early=case.early,
        truth=case.truth,
        wanted=case.announcement,
        taken_for=last.kind,
        announcement=last.announcement or "",
        decided_s=last.at_s if last.kind is not Answerer.UNKNOWN else None,
        by_then=(by_then or last).kind,
        ever_machine=any(verdict.certain for verdict in told),
        audio_s=len(pcm) / 16000,
        spent_s=spent,
        spoken_until_s=case.spoken_until_s,
        text=" / ".join(words),
    )


def report(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """The figures, as Markdown."""
    for family in (DEVELOPMENT, UNSEEN):
        chosen = [outcome for outcome in outcomes if outcome.family == family]
        yield f"### {family.capitalize()}: {len(chosen)} calls"
        yield ""
        yield from _confusion(chosen)
        yield ""
    yield from _figures(outcomes)


def _confusion(outcomes: Sequence[Outcome]) -> Iterator[str]:
    seen = {outcome.taken_for for outcome in outcomes}
    columns = [kind for kind in Answerer if kind in seen]
    yield f"| it is | calls | {' | '.join(columns)} | decided after, p50 | p95 |"
    yield f"| --- | --- |{' --- |' * (len(columns) + 2)}"
    for truth in Answerer:
        of = [outcome for outcome in outcomes if outcome.truth == truth]
        if of:
            counted = Counter(outcome.taken_for for outcome in of)
            cells = (f"**{counted[kind]}**" if kind == truth else str(counted[kind] or "") for kind in columns)
            yield f"| {truth} | {len(of)} | {' | '.join(cells)} | {_spans(of)} |"


def _spans(outcomes: Iterable[Outcome]) -> str:
    spans = [outcome.decided_s for outcome in outcomes if outcome.taken_for == outcome.truth and outcome.decided_s]
    return " | ".join(f"{np.percentile(spans, share):.1f} s" for share in (50, 95)) if spans else "- | -"


def _figures(outcomes: Sequence[Outcome]) -> Iterator[str]:
    people = [outcome for outcome in outcomes if outcome.truth == Answerer.PERSON]
    wrong = sum(outcome.ever_machine for outcome in people)
    yield f"- People taken for a machine at any time: {wrong} of {len(people)} ({wrong / len(people):.1%})."
    short = [outcome for outcome in people if outcome.spoken_until_s <= _SHORT_S]
    begun = sum(outcome.by_then in (Answerer.PERSON, Answerer.SILENCE) for outcome in short)
    yield (
        f"- People who have said their word {_SHORT_S:g} s after the answer and are a person at {_TOLD_BY_S:g} s: "
        f"{begun} of {len(short)} ({begun / len(short):.0%})."
    )
    ends = [o.decided_s - o.spoken_until_s for o in people if o.taken_for == Answerer.PERSON and o.decided_s]
    yield (
        f"- From the end of what a person says to the decision: p50 {np.percentile(ends, 50):.2f} s, "
        f"p95 {np.percentile(ends, 95):.2f} s."
    )
    talkers = [
        outcome
        for outcome in outcomes
        if not outcome.early
        and outcome.truth in (Answerer.VOICEMAIL, Answerer.MENU, Answerer.ASSISTANT, "announcement")
    ]
    held = sum(outcome.by_then in (*_MACHINES, Answerer.TALK) for outcome in talkers)
    yield (
        f"- Talking machines known by then as a machine, or as talk that does not pause: {held} of {len(talkers)} "
        f"({held / len(talkers):.0%})."
    )
    announced = [outcome for outcome in outcomes if outcome.truth == Answerer.ANNOUNCEMENT]
    for family in (DEVELOPMENT, UNSEEN):
        of = [outcome for outcome in announced if outcome.family == family]
        right = sum(outcome.announcement == outcome.wanted for outcome in of)
        yield f"- Announcements of the right kind (powered off, empty number, ...), {family}: {right} of {len(of)}."
    unheard = [outcome for outcome in outcomes if outcome.truth in _MACHINES and outcome.taken_for not in _MACHINES]
    yield f"- Machines that the robot would have spoken to as to a person: {len(unheard)}."
    audio, spent = sum(o.audio_s for o in outcomes), sum(o.spent_s for o in outcomes)
    yield f"- The telling takes {spent / audio:.2%} of one core for each call that it listens to, beside the ear."


def main() -> None:
    """Hear all cases, print the figures, and put them into a document."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", type=Path, metavar="FILE", help="put the figures into this document")
    parser.add_argument("--share", type=float, default=1.0, help="of all cases, for a quick look")
    parser.add_argument("--part", default="1/1", metavar="N/M", help="the Nth of M parts, to share the work")
    parser.add_argument("--keep", type=Path, metavar="FILE", help="write what became of every case, as JSON lines")
    parser.add_argument(
        "--join", type=Path, nargs="*", default=[], metavar="FILE", help="results kept before, not heard anew"
    )
    parser.add_argument("--show-errors", action="store_true", help="list the development cases that were mistaken")
    asked = parser.parse_args()
    if asked.join:
        kept = (json.loads(line) for file in asked.join for line in file.read_text("utf-8").splitlines())
        outcomes = [Outcome(**fields) for fields in kept]
    else:
        part, parts = (int(number) for number in asked.part.split("/"))
        outcomes = [hear(case) for case in cases(asked.share)[part - 1 :: parts]]
    if asked.keep:
        asked.keep.write_text("".join(json.dumps(asdict(o), ensure_ascii=False) + "\n" for o in outcomes), "utf-8")
    if asked.show_errors:
        for outcome in outcomes:
            wrong = outcome.taken_for != outcome.truth or outcome.announcement != (
                outcome.wanted or outcome.announcement
            )
            if wrong and outcome.family == DEVELOPMENT:
                told = f"{outcome.taken_for} {outcome.announcement}"
                print(f"{outcome.family}, {outcome.name}: {told}; heard: {outcome.text}")
    text = "\n".join(report(outcomes))
    print(text)
    if asked.write:
        document.write(asked.write, text, _BEGIN, _END)


if __name__ == "__main__":
    main()
