"""Where the reply delay goes: ``python -m benchmarks.reply_delay``; ``--write docs/turn-taking.md`` puts it there.

Rehearses ``reply_delay.yaml`` twice, with the end of a turn by the words and with the same silence for all. The phones
measure from the last sound of a line to the robot's first one; how much of it is the end of the turn is told by an ear
that hears the same line.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.turn_taking import ended_after
from rehearsal.calls import by_call
from rehearsal.facts import of_run
from rehearsal.measures import replies, spread
from speech.ear import EarSettings
from speech.finished import Finish, finish
from speech.modelling.document import write
from speech.recognition import Recogniser

SCENARIO = Path(__file__).with_suffix(".yaml")
BEGIN, END = "<!-- reply delay: begin -->", "<!-- reply delay: end -->"
_LANGUAGE = "zh-CN"
_SAME_S = EarSettings().end_of_turn_s
_RULES = {
    "the same for all": (
        EarSettings(),
        f"dialer: {{speech: {{zh: {{short_answer_s: {_SAME_S}, unfinished_s: {_SAME_S}}}}}}}\n",
    ),
    "by the words": (EarSettings(language=_LANGUAGE), ""),
}


def report() -> Iterator[str]:
    """The figures of both rehearsals, in lines of Markdown."""
    yield (
        "| silence that ends a turn | lines | replied to | reply delay, median | p95 "
        "| end of the turn, median | all else, median | p95 |"
    )
    yield "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |"
    recogniser = Recogniser("zh")
    for name, (settings, over) in _RULES.items():
        found: dict[str, list[tuple[float, float]]] = {"short answers": [], "others": []}
        for text, sound, delay_s in _rehearsed(over):
            its = finish(text, _LANGUAGE)
            ended_s = ended_after(sound, settings, recogniser)
            if ended_s is not None:
                found["short answers" if its is Finish.COMPLETE else "others"].append((delay_s, ended_s))
        for title, each in {**found, "all": [pair for some in found.values() for pair in some]}.items():
            whole = spread(delay_s for delay_s, _ in each)
            ended = spread(ended_s for _, ended_s in each)
            rest = spread(delay_s - ended_s for delay_s, ended_s in each)
            if whole and ended and rest:
                yield (
                    f"| {name} | {title} | {whole.count} | {whole.median_s:.2f} s | {whole.p95_s:.2f} s "
                    f"| {ended.median_s:.2f} s | {rest.median_s:.2f} s | {rest.p95_s:.2f} s |"
                )


def _rehearsed(over: str) -> list[tuple[str, Path, float]]:
    """Each line that was replied to, its sound, and the delay of the reply."""
    with tempfile.TemporaryDirectory(prefix="reply-delay-") as folder:
        scenario = Path(folder) / SCENARIO.name
        scenario.write_text(SCENARIO.read_text("utf-8") + over, "utf-8")
        command = [str(Path(sys.executable).with_name("dissuade")), "rehearse", str(scenario), "--json"]
        done = subprocess.run(command, capture_output=True, check=False)
    run = json.loads(done.stdout)
    calls = by_call(of_run(Path(run["folder"])))
    return [(line.text, Path(line.sound), delay_s) for call in calls.values() for line, delay_s in replies(call)]


def main() -> None:
    """Print or write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", type=Path, metavar="DOCUMENT", help="put the figures into this document")
    arguments = parser.parse_args()
    text = "\n".join(report())
    if arguments.write:
        write(arguments.write, text, BEGIN, END)
    else:
        print(text)


if __name__ == "__main__":
    main()
