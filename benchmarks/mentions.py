"""How well replies are read for numbers, sums, apps and sites: ``python -m benchmarks.mentions``.

Judged by the labelled replies of `tests.speech.mentions`. ``--write`` puts the figures into docs/mentions.md;
``--show-errors`` lists the development replies that are read wrongly, never the held-out ones.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path

from benchmarks.timing import took_ms
from speech.mentions import Mention, MentionKind, Owner, mentions, prepare
from speech.modelling.document import write
from tests.speech.corpus import corpus
from tests.speech.mentions import LANGUAGES, Labelled, labelled

GUIDE = Path(__file__).parent.parent / "docs" / "mentions.md"
BEGIN = "<!-- figures: written by python -m benchmarks.mentions --write -->"
END = "<!-- end of figures -->"

Judged = Sequence[tuple[Labelled, tuple[Mention, ...]]]


def judge(replies: Iterable[Labelled], language: str) -> Judged:
    """Every reply with what the program reads in it."""
    return [(reply, mentions(reply.text, language, region=reply.region)) for reply in replies]


def table(language: str) -> Iterator[str]:
    """Precision and recall of one language by kind."""
    replies = labelled(language)
    parts = {
        "development": judge((each for each in replies if not each.held_out), language),
        "held out": judge((each for each in replies if each.held_out), language),
    }
    sizes = {
        name: f"{len(part)} replies, {sum(not r.names for r, _ in part)} name nothing" for name, part in parts.items()
    }
    yield (
        f"| {language} | " + " | ".join(f"{name} ({sizes[name]}): named | precision | recall" for name in parts) + " |"
    )
    yield f"| --- |{' --- | --- | --- |' * len(parts)}"
    for kind in (*MentionKind, None):
        cells = [_cells(part, kind) for part in parts.values()]
        yield f"| {kind.value if kind else '**all**'} | {' | '.join(cells)} |"
    yield ""
    right, said = _owners([pair for part in parts.values() for pair in part])
    yield f"Whose number it is was labelled for {said} phone numbers and accounts and read right for {right}."


def _cells(judged: Judged, kind: MentionKind | None) -> str:
    wanted = told = right = 0
    for reply, found in judged:
        names = {name for name in reply.names if kind in (None, name[0])}
        read = {(each.kind, each.value) for each in found if kind in (None, each.kind)}
        wanted, told, right = wanted + len(names), told + len(read), right + len(names & read)
    return f"{wanted} | {_share(right, told)} | {_share(right, wanted)}"


def _share(right: int, of: int) -> str:
    return f"{right / of:.2f}" if of else "-"


def _owners(judged: Judged) -> tuple[int, int]:
    right = said = 0
    for reply, found in judged:
        read = {(each.kind, each.value): each.owner for each in found}
        for name, owner in reply.owners:
            if owner is not Owner.UNKNOWN:
                said += 1
                right += read.get(name) is owner
    return right, said


def times(language: str) -> str:
    """Processor time a reply takes."""
    prepare()
    texts = [*(each.text for each in labelled(language)), *(each.text for each in corpus(language))]
    middle, last = took_ms(partial(mentions, text, language) for text in texts)
    return f"{language}: {len(texts)} replies, median {middle:.2f} ms, 99th percentile {last:.2f} ms"


def figures() -> Iterator[str]:
    """The guide's figures."""
    for language in LANGUAGES:
        yield from table(language)
        yield ""
    yield "Processor time a reply: " + "; ".join(times(language) for language in LANGUAGES) + "."


def errors() -> Iterator[str]:
    """Development replies that are read wrongly."""
    for language in LANGUAGES:
        for reply, found in judge((each for each in labelled(language) if not each.held_out), language):
            read = {(each.kind, each.value) for each in found}
            missed, false = set(reply.names) - read, read - set(reply.names)
            if missed or false:
                yield f"{reply.text}\n  missed {sorted(missed)}, false {sorted(false)}"


def main() -> None:
    """See the module."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="put the figures into docs/mentions.md")
    parser.add_argument("--show-errors", action="store_true", help="list development replies that are read wrongly")
    options = parser.parse_args()
    if options.show_errors:
        print("\n".join(errors()))
        return
    text = "\n".join(figures())
    print(text)
    if options.write:
        write(GUIDE, text, BEGIN, END)


if __name__ == "__main__":
    main()
