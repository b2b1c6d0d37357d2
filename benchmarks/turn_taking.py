"""When turns end: ``python -m benchmarks.turn_taking``; ``--write docs/turn-taking.md`` puts the figures there.

Replies are cut where people pause, both parts are spoken by voices that no model learnt from, silence of a known length
is put between them, and an ear with the bundled model hears the whole over G.711 A-law, once by the words
(`speech.finished`) and once with the same silence for every turn. What is counted is when the ear ends a turn.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.turn_scripts import SCRIPTED, SHORT, Cut, Kind, drawn_cuts, whole_sentences
from benchmarks.turn_words import by_text
from rehearsal.measures import spread
from rehearsal.scenario import Line, Voice
from rehearsal.voices import Voices, audible_span
from speech.ear import Ear, EarSettings
from speech.finished import Finish, finish
from speech.heard import Partial, Utterance
from speech.modelling.document import write
from speech.modelling.voices import HELD_OUT
from speech.recognition import Recogniser
from speech.telephone import LINE_RATE_HZ, read_wav
from tests.speech.callers import over_the_line, pieces, silence

LANGUAGES = ("zh-CN", "en")
PAUSES_S = (0.3, 0.5, 0.7, 0.9)
BEGIN, END = "<!-- turn taking: begin -->", "<!-- turn taking: end -->"
_PACES = (150, 165, 175)
_BEFORE_S, _AFTER_S = 0.4, 2.0
_SAME, _WORDS = "the same for all", "by the words"


@dataclass(frozen=True, slots=True)
class Ended:
    """How an ear took one recording."""

    inside: bool
    """Whether a turn ended in the pause."""
    delay_s: float | None
    """From the last audible frame of the whole to the end of its turn; ``None`` if nothing was heard there."""
    said: Finish
    """What the words at the last pause say."""


class _Speaker:
    """Speaks parts of replies; every recording is made once."""

    def __init__(self, folder: Path, language: str) -> None:
        self._voices = Voices(folder)
        self._language = language

    async def audible(self, text: str, number: int) -> bytes:
        """A text by the voice of this number, from its first audible frame to its last."""
        voice = Voice(variant=HELD_OUT[number % len(HELD_OUT)], rate_wpm=_PACES[number % len(_PACES)])
        sound = await self._voices.render(Line(say=text), voice, self._language)
        return _audible(sound.path)


def ended_after(sound: Path, settings: EarSettings, recogniser: Recogniser) -> float | None:
    """Seconds from the last audible frame of a recording until an ear ends its turn; ``None`` if it hears nothing."""
    return hear([_audible(sound)], 0.0, settings, recogniser).delay_s


def _audible(sound: Path) -> bytes:
    samples, _ = read_wav(sound)
    pcm = over_the_line(samples.astype(float))
    first_s, last_s = audible_span(pcm)
    return pcm[_bytes(first_s) : _bytes(last_s)]


def _bytes(seconds: float) -> int:
    return round(seconds * LINE_RATE_HZ) * 2


def _quiet(seconds: float) -> bytes:
    return over_the_line(silence(seconds))


def hear(parts: Sequence[bytes], pause_s: float, settings: EarSettings, recogniser: Recogniser) -> Ended:
    """Have an ear hear the parts with a pause between them, in pieces of 60 ms as a line delivers them."""
    pcm = _quiet(_BEFORE_S) + _quiet(pause_s).join(parts)
    over_s = len(pcm) / 2 / LINE_RATE_HZ
    again_s = over_s - len(parts[-1]) / 2 / LINE_RATE_HZ
    ear = Ear(recogniser, settings)
    inside, delay_s, partial, said = False, None, "", Finish.OPEN
    for piece in pieces(pcm + _quiet(_AFTER_S)):
        for event in ear.feed(piece):
            if isinstance(event, Partial):
                partial = event.text
            elif isinstance(event, Utterance):
                if len(parts) > 1 and again_s - pause_s < ear.clock_s < again_s + 0.2:
                    inside = True
                elif event.end_s > over_s - 0.5 and ear.clock_s > over_s:
                    delay_s, said = ear.clock_s - over_s, finish(partial, settings.language or "zh")
                partial = ""
    ear.flush()
    return Ended(inside, delay_s, said)


async def main() -> None:
    """Hear everything, and print or write the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", type=Path, metavar="DOCUMENT", help="put the figures into this document")
    parser.add_argument("languages", nargs="*", default=LANGUAGES, help="zh-CN, en; default: both")
    arguments = parser.parse_args()
    lines: list[str] = []
    with tempfile.TemporaryDirectory(prefix="turn-taking-") as folder:
        for language in arguments.languages:
            lines += [f"## {language}", "", *by_text(language), ""]
            lines += [*await _spoken(language, Path(folder)), ""]
    if arguments.write:
        write(arguments.write, "\n".join(lines), BEGIN, END)
    else:
        print("\n".join(lines))


async def _spoken(language: str, folder: Path) -> Iterator[str]:
    began = time.perf_counter()
    speaker = _Speaker(folder, language)
    cuts = [*SCRIPTED[language], *drawn_cuts(language)]
    parts = [
        [await speaker.audible(cut.before, number), await speaker.audible(cut.after, number)]
        for number, cut in enumerate(cuts)
    ]
    recogniser = Recogniser(language.partition("-")[0])
    rules = {_SAME: EarSettings(), _WORDS: EarSettings(language=language)}
    found: dict[tuple[Kind, float, str], list[Ended]] = defaultdict(list)
    for cut, both in zip(cuts, parts, strict=True):
        for pause_s in PAUSES_S:
            for name, settings in rules.items():
                found[cut.kind, pause_s, name].append(hear(both, pause_s, settings, recogniser))
    whole: dict[tuple[str, str], list[Ended]] = defaultdict(list)
    for title, texts in (("short answers", SHORT[language]), ("sentences", whole_sentences(language))):
        for number, text in enumerate(texts):
            sound = await speaker.audible(text, number)
            for name, settings in rules.items():
                whole[title, name].append(hear([sound], 0.0, settings, recogniser))
    return _tables(cuts, found, whole, time.perf_counter() - began)


def _tables(
    cuts: Sequence[Cut],
    found: dict[tuple[Kind, float, str], list[Ended]],
    whole: dict[tuple[str, str], list[Ended]],
    seconds: float,
) -> Iterator[str]:
    yield "Turns that ended in a pause inside a reply, of all so cut and spoken:"
    yield ""
    pauses = " | ".join(f"{pause_s:g} s" for pause_s in PAUSES_S)
    yield f"| where the pause is | replies | silence that ends a turn | {pauses} |"
    yield f"| --- | ---: | --- | {' | '.join('---:' for _ in PAUSES_S)} |"
    for kind in Kind:
        number = sum(cut.kind is kind for cut in cuts)
        for name in (_SAME, _WORDS):
            ended = " | ".join(str(sum(e.inside for e in found[kind, pause_s, name])) for pause_s in PAUSES_S)
            yield f"| {kind.value} | {number} | {name} | {ended} |"
    yield ""
    yield "From the last sound of a whole reply to the end of its turn:"
    yield ""
    yield "| replies | number | silence that ends a turn | median | p95 | longest | taken for unfinished |"
    yield "| --- | ---: | --- | ---: | ---: | ---: | ---: |"
    for (title, name), each in whole.items():
        its = spread(e.delay_s for e in each if e.delay_s is not None)
        if its is not None:
            late = sum(e.said is Finish.UNFINISHED for e in each) if name == _WORDS else 0
            yield (
                f"| {title} | {its.count} | {name} | {its.median_s:.2f} s | {its.p95_s:.2f} s | {its.longest_s:.2f} s "
                f"| {late} |"
            )
    yield ""
    short = [e.said is Finish.COMPLETE for e in whole["short answers", _WORDS]]
    yield f"{sum(short)} of the {len(short)} short answers were recognised as such. Took {seconds:.0f} s."


if __name__ == "__main__":
    asyncio.run(main())
