"""Who is taken for somebody that does not follow: ``python -m benchmarks.odd_listeners``.

``--write docs/odd-listeners.md`` puts the figures there. First whole calls of every script of the library, on virtual
time, with the odd listeners of the tests. Then replies in the language of the script, in the other one and in three
more, spoken by voices that no model learnt from, over G.711 A-law, and heard by an `Ear` with the bundled model, as are
music and two voices at once. `dialer.following` judges them turn after turn, as on a call.
"""

from __future__ import annotations

import argparse
import random
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soxr

from benchmarks.answering_sounds import music
from benchmarks.gating import on_the_line
from benchmarks.turn_scripts import SHORT, whole_sentences
from dialer.conversation import ConversationResult
from dialer.following import Following, sureness
from scripts.model import Script
from speech.assess import assess
from speech.ear import Ear, EarSettings
from speech.heard import Utterance
from speech.modelling.document import write
from speech.modelling.voices import HELD_OUT
from speech.recognition import Recogniser
from tests.dialer import people
from tests.dialer import test_odd_listeners as odd
from tests.dialer.people import ScriptedCall
from tests.dialer.test_library_scripts import call as call_script
from tests.speech.callers import RATE_HZ, over_the_line, pieces, say, silence
from tests.virtual_time import run_virtual

LANGUAGES = ("zh-CN", "en")
BEGIN, END = "<!-- odd listeners: begin -->", "<!-- odd listeners: end -->"
OTHERS = {
    "Cantonese": (
        "yue",
        ("唔該你講多次", "我唔知你講乜嘢", "你係邊個呀", "我冇收到電話", "佢話我中咗獎", "等陣先我叫個仔嚟聽"),
    ),
    "French": (
        "fr",
        (
            "je ne comprends pas ce que vous dites",
            "qui est à l'appareil",
            "non je n'ai rien payé",
            "parlez vous français s'il vous plaît",
            "attendez je vais chercher mon fils",
            "pourquoi vous m'appelez",
        ),
    ),
    "Vietnamese": (
        "vi",
        (
            "tôi không hiểu bạn nói gì",
            "ai đang gọi vậy",
            "xin lỗi tôi không nói tiếng trung",
            "chờ một chút tôi gọi con tôi",
            "tôi không gửi tiền cho ai cả",
            "bạn nói chậm lại được không",
        ),
    ),
}
ASKED = ("contacted", "contacted", "acknowledges", "acknowledges")
"""Of the turns of a call, one after the other."""
_TURNS = (2, 3, 4)
_SEEDS = 3
_FEW = 6
"""Replies that every voice says; of more, each says half."""

Sounds = Callable[[int, str], bytes]
"""A reply by its number and a voice."""


@dataclass(frozen=True, slots=True)
class Set:
    """What is said, and how it comes over the line."""

    title: str
    sound: Sounds
    replies: int


def sets(language: str) -> Iterator[Set]:
    """Those who follow first, then those who do not."""
    own, other = ("zh", "en") if language.startswith("zh") else ("en", "zh")
    names = {"zh": ("Mandarin", "zh-CN"), "en": ("English", "en")}
    native, foreign = whole_sentences(names[own][1]), whole_sentences(names[other][1])
    for noise_db in (None, 20.0, 10.0):
        condition = "" if noise_db is None else f", noise {noise_db:g} dB below"
        yield Set(f"{names[own][0]}, sentences{condition}", _noisy(_spoken(native, own), noise_db), len(native))
    short = SHORT[names[own][1]]
    yield Set(f"{names[own][0]}, short answers, noise 10 dB below", _noisy(_spoken(short, own), 10.0), len(short))
    yield Set(f"{names[other][0]}, sentences", _spoken(foreign, other), len(foreign))
    yield Set(f"{names[other][0]}, short answers", _spoken(SHORT[names[other][1]], other), len(SHORT[names[other][1]]))
    for title, (voice, texts) in OTHERS.items():
        yield Set(title, _by_espeak(texts, voice), len(texts))
    yield Set("two voices at once", _at_once(native, own), len(native))
    yield Set("music", lambda number, voice: over_the_line(music(8.0, seed=number)), 6)


def _spoken(texts: Sequence[str], language: str) -> Sounds:
    return lambda number, voice: say(texts[number], voice=voice, language=language)


def _noisy(sounds: Sounds, noise_db: float | None) -> Sounds:
    return lambda number, voice: on_the_line(sounds(number, voice), 0.0, noise_db)


def _at_once(texts: Sequence[str], language: str) -> Sounds:
    def both(number: int, voice: str) -> bytes:
        other = HELD_OUT[(HELD_OUT.index(voice) + 5) % len(HELD_OUT)]
        sounds = [say(texts[number], voice=voice, language=language)]
        sounds.append(say(texts[(number + 7) % len(texts)], voice=other, language=language))
        mixed = np.zeros(max(map(len, sounds)) // 2)
        for sound in sounds:
            mixed[: len(sound) // 2] += np.frombuffer(sound, "<i2") / 32768
        return over_the_line(mixed)

    return both


def _by_espeak(texts: Sequence[str], language: str) -> Sounds:
    def speak(number: int, voice: str) -> bytes:
        command = ["espeak-ng", "-v", f"{language}+{voice}", "-s", "160", "-a", "80", "--stdin", "--stdout"]
        wav = subprocess.run(command, input=texts[number].encode(), capture_output=True, check=True, timeout=30).stdout
        sound = np.frombuffer(wav[44 : len(wav) // 2 * 2], "<i2").astype(np.float64) / 32768
        at_8k = soxr.resample(sound, 22050, RATE_HZ) * 0.5
        return over_the_line(np.concatenate([silence(0.5), at_8k, silence(1.0)]))

    return speak


def heard(pcm: bytes, language: str, recogniser: Recogniser) -> list[Utterance]:
    """The turns that an ear hears."""
    ear = Ear(recogniser, EarSettings(language=language))
    events = [event for piece in pieces(pcm) for event in ear.feed(piece)] + ear.flush()
    return [event for event in events if isinstance(event, Utterance)]


@dataclass(frozen=True, slots=True)
class Judged:
    """What came of the turns of a call."""

    lost_at: int | None
    """After how many turns the speaker was taken not to follow."""
    believed: bool
    """An "I see" was believed before that."""
    human: bool
    """A human was called before that."""


def judged(turns: Sequence[Utterance], language: str) -> Judged:
    """Go through the turns of a call."""
    following, believed, human = Following(), False, False
    for number, (turn, asks) in enumerate(zip(turns, ASKED, strict=False), start=1):
        confidences = [word.confidence for word in turn.words]
        found = assess(turn.text, language=language, asks=asks, confidences=confidences)
        human = human or found.escalate
        following.turn(turn, found)
        if following.lost is not None:
            return Judged(number, believed, human)
        believed = believed or following.understands(turn, found)
    return Judged(None, believed, human)


def rows(language: str) -> Iterator[str]:
    """The table of one language."""
    recogniser = Recogniser(language[:2])
    yield (
        "| who is heard | turns | no word heard | mean confidence, median | p5 to p95 | calls "
        "| taken not to follow by turn 2 | by 3 | by 4 | “I see” believed | a human called |"
    )
    yield "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
    for each in sets(language):
        calls: list[list[Utterance]] = []
        for voice in HELD_OUT:
            turns: list[Utterance] = []
            for number in range(each.replies):
                if each.replies <= _FEW or (number + HELD_OUT.index(voice)) % 2 == 0:
                    turns += heard(each.sound(number, voice), language, recogniser)
            calls += [turns[at : at + len(ASKED)] for at in range(0, len(turns) - len(ASKED) + 1, len(ASKED))]
        every = [turn for turns in calls for turn in turns]
        sure = [sureness(turn) for turn in every if turn.words]
        low, middle, high = np.quantile(sure, (0.05, 0.5, 0.95)) if sure else (0.0, 0.0, 0.0)
        spread = f"{middle:.2f} | {low:.2f} to {high:.2f}"
        found = [judged(turns, language) for turns in calls]
        lost = [one.lost_at for one in found if one.lost_at is not None]
        by = " | ".join(_share(sum(at <= turn for at in lost), len(calls)) for turn in _TURNS)
        believed = _share(sum(one.believed for one in found), len(calls))
        human = _share(sum(one.human for one in found), len(calls))
        wordless = sum(not turn.text.strip() for turn in every)
        yield f"| {each.title} | {len(every)} | {wordless} | {spread} | {len(calls)} | {by} | {believed} | {human} |"


def calls() -> Iterator[str]:
    """The table of whole calls."""
    yield (
        "| who answers | calls | outcomes | key warning heard | longest call | median "
        "| times that a prompt was said, at most |"
    )
    yield "| --- | ---: | --- | ---: | ---: | ---: | ---: |"
    for kind in odd.KINDS:
        met = [_meet(kind, script, seed) for script in odd.SCRIPTS.values() for seed in range(_SEEDS)]
        outcomes = Counter(result.outcome.value for result, _ in met)
        told = ", ".join(f"`{name}` {number}" for name, number in outcomes.most_common())
        lasted = [odd.lasted(live) for _, live in met]
        most = max(max(odd.begun(live).values()) for _, live in met)
        warned = _share(sum(result.key_warning_heard for result, _ in met), len(met))
        spans = f"{max(lasted):.0f} s | {np.median(lasted):.0f} s"
        yield f"| {odd.SAID_OF[kind]} | {len(met)} | {told} | {warned} | {spans} | {most} |"


def _meet(kind: odd.Kind, script: Script, seed: int) -> tuple[ConversationResult, ScriptedCall]:
    async def carry() -> tuple[ConversationResult, ScriptedCall]:
        result, live, _ = await call_script(script, kind(script, random.Random(seed)))
        return result, live

    people.SYLLABLE_S = odd.pace(script)
    return run_virtual(carry())


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.0%}" if whole else "–"


def main() -> None:
    """Hear everybody, and print or write the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", type=Path, metavar="DOCUMENT", help="put the figures into this document")
    parser.add_argument("languages", nargs="*", default=LANGUAGES, help="zh-CN, en; default: both")
    given = parser.parse_args()
    lines: list[str] = ["## Whole calls", "", *calls(), ""]
    for language in given.languages:
        lines += [f"## Who is heard by the model of {language}", "", *rows(language), ""]
    if given.write:
        write(given.write, "\n".join(lines), BEGIN, END)
    else:
        print("\n".join(lines))


if __name__ == "__main__":
    main()
