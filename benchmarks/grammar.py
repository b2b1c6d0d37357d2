"""Whether a grammar for each question hears bare answers better: ``python -m benchmarks.grammar``.

Each answer is spoken by the ten held-out voices over noisy lines. The same sound goes to the model ``zh-grammar``
twice: open, and limited to the answers of its question. So that the price shows, replies that answer nothing of the
kind go to both too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from speech.modelling.acoustic.channel import NOISY, ROUGH, Conditions
from speech.modelling.acoustic.material import held_out
from speech.modelling.acoustic.utterance import Speaker
from speech.modelling.build import DATA
from speech.modelling.trials import Trial, spoken
from speech.recognition import Recogniser

QUESTIONS = {
    "yes or no": [
        "有",
        "没有",
        "是",
        "不是",
        "是的",
        "对",
        "不对",
        "嗯",
        "好",
        "好的",
        "转了",
        "没转",
        "知道了",
        "不知道",
        "可以",
        "不可以",
        "不要",
    ],
    "digits": ["零", "一", "二", "三", "四", "五", "六", "七", "八", "九", "幺", "两"],
}
SAID_AS_WORDS = {"知道了": ("知道", "了")}
ELSEWHERE = [tuple(line.split()) for line in held_out(DATA / "zh")]


def hear(recogniser: Recogniser, trial: Trial) -> str:
    """The text of one reply."""
    recogniser.start()
    pcm = trial.pcm.astype("<i2").tobytes()
    for start in range(0, len(pcm), 1600):
        recogniser.feed(pcm[start : start + 1600])
    return recogniser.finish().text


def grammar(answers: Sequence[str]) -> list[str]:
    """The answers as Vosk wants them, words parted by spaces."""
    return [" ".join(SAID_AS_WORDS.get(answer, (answer,))) for answer in answers]


def main() -> None:
    """Print a line for each question, line and way to listen."""
    speaker = Speaker("zh")
    lines: dict[str, Conditions] = {"noisy": NOISY, "rough": ROUGH}
    for number, (question, answers) in enumerate(QUESTIONS.items(), 20):
        said: list[tuple[str, ...]] = [SAID_AS_WORDS.get(answer, (answer,)) for answer in answers for _ in range(10)]
        if question == "digits":
            said = [tuple(answers[(i * 7 + j * (i + 3)) % len(answers)] for j in range(4)) for i in range(120)]
        for name, conditions in lines.items():
            trials = list(spoken(speaker, "zh", said, conditions, number))
            others = list(spoken(speaker, "zh", ELSEWHERE, conditions, number + 10))
            ways = {"open": Recogniser("zh-grammar"), "grammar": Recogniser("zh-grammar", grammar=grammar(answers))}
            for way, recogniser in ways.items():
                wrong = Counter(
                    f"{''.join(trial.words)}→{heard or 'nothing'}"
                    for trial in trials
                    if (heard := hear(recogniser, trial)) != "".join(trial.words)
                )
                false = sum(hear(recogniser, trial) in answers for trial in others)
                right = 1 - wrong.total() / len(trials)
                print(
                    f"{question}, {name}, {way}: {right:.1%} of {len(trials)} right, "
                    f"{false} of {len(others)} other replies taken for an answer; {wrong.most_common(6)}"
                )


if __name__ == "__main__":
    main()
