"""Whether the robot stops for those who break in, and for nothing else: ``python -m benchmarks.interruption``.

``--write docs/turn-taking.md`` puts the figures there. A greeting, then the robot's prompt, and over it words, what
listeners say, coughs, clatter, an echo, a television: heard over G.711 A-law in pieces of 60 ms by an ear with the
bundled model that knows what the robot says, as on a call. What is counted is when the ear tells that somebody breaks
in, beside when the rule of 0.3 s of any voice, or a word, would have stopped the robot.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.interruption_calls import on_calls
from benchmarks.interruption_sounds import ROBOT_S, SPEECH, Case, Kind, cases
from dialer.turns import ConversationSettings
from rehearsal.measures import spread
from speech.activity import FRAME_BYTES, VoiceActivity
from speech.ear import Ear, EarSettings
from speech.echo import Echo, Played
from speech.finished import only_listens
from speech.heard import BrokeIn, Partial, SpeechStarted, SpeechStopped, Utterance
from speech.interrupting import Interrupting
from speech.modelling.document import write
from speech.recognition import Recogniser
from speech.telephone import Speech, write_wav
from tests.speech.callers import pieces

BEGIN, END = "<!-- interruption: begin -->", "<!-- interruption: end -->"
WANTED_S = 0.25
_RESUME_S = ConversationSettings().resume_s
_VOICE_S = 0.3
"""The rule before: so much of any voice stops the robot, and so does any word."""


@dataclass(frozen=True, slots=True)
class Stopped:
    """What an ear made of a case. Seconds are from the true beginning of the sound."""

    case: Case
    after_s: float | None
    """When somebody was told to break in; ``None`` if nobody was."""
    before_s: float | None
    """When the rule before would have stopped the robot."""
    resumed_s: float | None
    """For how long the robot was silent, unless an answer settles its step; ``None`` if it still was at the end."""
    heard: str
    """What was recognised while the robot spoke, ..."""
    heard_before: str
    """... and by an ear that knew nothing of the robot."""


def hear(case: Case, folder: Path, recogniser: Recogniser) -> Stopped:
    """Have an ear hear a case while the robot speaks, and another that does not know of the robot."""
    path = folder / "robot.wav"
    write_wav(path, Speech((case.robot * 32767).astype("<i2").tobytes()))
    settings = EarSettings(language={"zh": "zh-CN"}.get(case.language, case.language))
    told, resumed, texts = _now(case, Ear(recogniser, settings), Played(path, ROBOT_S))
    before, before_texts = _before(case, Ear(recogniser, settings))
    return Stopped(case, _since(told, case), _since(before, case), resumed, texts, before_texts)


def _now(case: Case, ear: Ear, played: Played) -> tuple[float | None, float | None, str]:
    told = voice_ended = resumed = None
    texts, says = [""], False
    for piece in pieces(case.pcm):
        over = False
        if ear.clock_s >= ROBOT_S - 0.03:
            ear.robot_says(played if told is None else None)
        for event in ear.feed(piece):
            match event:
                case BrokeIn() if told is None:
                    told = ear.clock_s
                case SpeechStarted():
                    voice_ended = None
                case SpeechStopped(at_s):
                    voice_ended = at_s
                case Partial(text):
                    says = not only_listens(text, case.language)
                case Utterance(text) if ear.clock_s > ROBOT_S + 0.5:
                    texts.append(text)
                    over = True
        quiet = voice_ended is not None and ear.clock_s - voice_ended >= _RESUME_S
        if told is not None and resumed is None and (over or (quiet and not says)):
            resumed = ear.clock_s - told
    return told, resumed, _words([*texts, *_left(ear)])


def _before(case: Case, ear: Ear) -> tuple[float | None, str]:
    since = stopped = None
    texts = [""]
    for piece in pieces(case.pcm):
        words = False
        for event in ear.feed(piece):
            match event:
                case SpeechStarted(at_s):
                    since = at_s
                case SpeechStopped():
                    since = None
                case Partial(text):
                    words = bool(text.strip())
                case Utterance(text) if ear.clock_s > ROBOT_S + 0.5:
                    texts.append(text)
        held = since is not None and ear.clock_s - since >= _VOICE_S
        if stopped is None and ear.clock_s > ROBOT_S + 0.1 and (words or held):
            stopped = ear.clock_s
    return stopped, _words([*texts, *_left(ear)])


def _left(ear: Ear) -> list[str]:
    """The turn that is not over when a recording ends."""
    return [event.text for event in ear.flush() if isinstance(event, Utterance)]


def _words(texts: list[str]) -> str:
    return " / ".join(filter(None, texts))


def _since(at_s: float | None, case: Case) -> float | None:
    return None if at_s is None else at_s - case.at_s


def main() -> None:
    """Hear everything, and print or write the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", type=Path, metavar="DOCUMENT", help="put the figures into this document")
    parser.add_argument("--each", type=int, default=20, help="cases of each kind and language; default: 20")
    parser.add_argument("--all", action="store_true", help="print what became of every case, too")
    arguments = parser.parse_args()
    began = time.perf_counter()
    found: dict[Kind, list[Stopped]] = defaultdict(list)
    with tempfile.TemporaryDirectory(prefix="interruption-") as folder:
        for language in ("zh", "en"):
            recogniser = Recogniser(language)
            for case in cases(language, each=arguments.each):
                found[case.kind].append(stopped := hear(case, Path(folder), recogniser))
                if arguments.all:
                    print(
                        case.kind.name, case.name, stopped.after_s, stopped.before_s, stopped.resumed_s, stopped.heard
                    )
        lines = [*_tables(found), *asyncio.run(on_calls(Path(folder))), *_cost(Path(folder))]
    lines.append(f"Took {time.perf_counter() - began:.0f} s.")
    if arguments.write:
        write(arguments.write, "\n".join(lines), BEGIN, END)
    else:
        print("\n".join(lines))


def _tables(found: dict[Kind, list[Stopped]]) -> Iterator[str]:
    yield "Who is to be heard; seconds from the true beginning of the sound until the ear tells it:"
    yield ""
    yield "| what sounds | cases | | told | before the sound | within 0.25 s | median | p95 |"
    yield "| --- | ---: | --- | ---: | ---: | ---: | ---: | ---: |"
    for kind in SPEECH:
        yield _told(kind, "by its sound", [one.after_s for one in found[kind]])
        yield _told(kind, "after 0.3 s", [one.before_s for one in found[kind]])
    yield ""
    yield "What is not to stop the robot:"
    yield ""
    yield "| what sounds | cases | after 0.3 s: stopped | by its sound: stopped | silent for, median | longest |"
    yield "| --- | ---: | ---: | ---: | ---: | ---: |"
    for kind in Kind:
        if kind in SPEECH:
            continue
        each = found[kind]
        before = sum(one.before_s is not None for one in each)
        now = [one for one in each if one.after_s is not None]
        its = spread(one.resumed_s for one in now if one.resumed_s is not None)
        silent = f"{its.median_s:.2f} s | {its.longest_s:.2f} s" if its else " | "
        yield f"| {kind.value} | {len(each)} | {before} | {len(now)} | {silent} |"
    yield ""
    echoed = found[Kind.ECHO]
    yield (
        f"Of the {len(echoed)} echoes, words were recognised in {sum(bool(one.heard) for one in echoed)}, as if the "
        f"subject had said them; by an ear that does not know what the robot says in "
        f"{sum(bool(one.heard_before) for one in echoed)}."
    )
    yield ""


def _told(kind: Kind, rule: str, each: list[float | None]) -> str:
    told = [s for s in each if s is not None]
    its = spread(s for s in told if s >= 0)
    figures = f"{its.median_s:.2f} s | {its.p95_s:.2f} s" if its else " | "
    early, in_time = sum(s < 0 for s in told), sum(0 <= s <= WANTED_S for s in told)
    return f"| {kind.value} | {len(each)} | {rule} | {len(told)} | {early} | {in_time} | {figures} |"


def _cost(folder: Path) -> Iterator[str]:
    """What the new work takes of a core."""
    case = next(case for case in cases("zh", each=1) if case.kind is Kind.WORDS)
    frames = [case.pcm[at : at + FRAME_BYTES] for at in range(0, len(case.pcm), FRAME_BYTES)]
    frames = [frame for frame in frames if len(frame) == FRAME_BYTES]
    activity = VoiceActivity()
    judged = [(frame, bool(activity.feed(frame)) or activity.voiced, activity.rms) for frame in frames]
    voiced_us = _microseconds(judged, [one for one in judged if one[1]])
    quiet_us = _microseconds(judged, [(frame, False, rms) for frame, _, rms in judged])
    echo = Echo(Played(folder / "robot.wav", ROBOT_S))
    heard = b"".join(frames[250:270])
    began = time.process_time()
    for _ in range(200):
        echo.sounds(heard, 5.4)
    echo_us = (time.process_time() - began) / 200 * 1e6
    yield (
        f"Beside a prompt, the decision takes {quiet_us:.1f} µs for a frame of 20 ms without a voice and "
        f"{voiced_us:.0f} µs with one; looking for the echo {echo_us:.0f} µs, when a voice begins, when somebody "
        "breaks in, and every 100 ms while an echo lasts. While the robot is silent, one logarithm for a voiced frame."
    )
    yield ""


def _microseconds(
    warm: list[tuple[bytes, bool, float]], measured: list[tuple[bytes, bool, float]], times: int = 40
) -> float:
    interrupting = Interrupting()
    for frame, voiced, rms in warm:
        interrupting.feed(frame, voiced=voiced, rms=rms)
    began = time.process_time()
    for _ in range(times):
        for frame, voiced, rms in measured:
            interrupting.feed(frame, voiced=voiced, rms=rms)
    return (time.process_time() - began) / times / max(1, len(measured)) * 1e6


if __name__ == "__main__":
    main()
