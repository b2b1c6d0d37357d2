"""What is said where turns are measured: replies with the place where somebody pauses, and whole ones.

The scripted ones are invented; the others are drawn from the development replies of the corpus, the same every time.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from benchmarks.understood import words
from speech.modelling.lots import lot
from speech.modelling.understanding.examples import as_recognised
from tests.speech.corpus import Reply, corpus

_DRAWN = 16
_WHOLE = 24
_SENTENCE = re.compile(r"[，,。.;；!?！？]+\s*")


class Kind(StrEnum):
    """Where somebody pauses."""

    UNFINISHED = "behind words that more must follow, scripted"
    NUMBER = "within a number, scripted"
    ANYWHERE = "between any two words, drawn"
    CLAUSE = "between two clauses, drawn"
    ANSWER = "behind a short answer that goes on, scripted"


@dataclass(frozen=True, slots=True)
class Cut:
    """A reply and where it pauses."""

    kind: Kind
    before: str
    after: str


def _cuts(kind: Kind, *pairs: str) -> tuple[Cut, ...]:
    return tuple(Cut(kind, *pair.split(" | ")) for pair in pairs)


SCRIPTED = {
    "zh-CN": (
        *_cuts(
            Kind.UNFINISHED,
            "我昨天 | 转了五万块",
            "没有，因为 | 我没有钱",
            "有，他让我 | 下载一个软件",
            "他说 | 他是公安局的",
            "然后 | 他就把电话挂了",
            "我已经 | 把钱转过去了",
            "有个人 | 给我打电话",
            "我不知道，就是说 | 他要我的验证码",
            "我把钱 | 转到安全账户了",
            "没有，但是 | 他还在打电话",
            "有，后来我 | 没有理他",
            "他跟我说 | 不要告诉家人",
        ),
        *_cuts(
            Kind.NUMBER,
            "一三八零零 | 幺三八零零零",
            "他的电话是幺五九 | 三三六六 八八二二",
            "卡号是六二二二 | 零二零零 一一二二",
            "验证码是三七二 | 八五九",
        ),
        *_cuts(
            Kind.ANSWER,
            "有 | 我转了五万块",
            "没有 | 我没有转账",
            "对 | 他是这么说的",
            "给了 | 他说要验证码",
            "好的 | 我知道你是谁",
            "没有 | 他打给我儿子",
        ),
    ),
    "en": (
        *_cuts(
            Kind.UNFINISHED,
            "he told me to | buy gift cards",
            "no because | i don't have any money",
            "and then | he hung up the phone",
            "yes but | i did not send it",
            "i was going to | send the money today",
            "he said | he was from the bank",
            "i gave him the | code on my phone",
            "they asked me to | download an app",
            "i've | already sent the money",
            "someone called me and | asked for my password",
            "i don't know if | it was the police",
            "i went to the bank and i | took out the money",
        ),
        *_cuts(
            Kind.NUMBER,
            "one three eight | zero zero one three eight zero",
            "the number is two zero two | five five five zero one two three",
            "four one two five | nine nine zero zero",
            "the code is three seven two | eight five nine",
        ),
        *_cuts(
            Kind.ANSWER,
            "yes | i sent five thousand dollars",
            "no | i didn't send any money",
            "yes i did | he told me to send it",
            "okay | i know who you are",
            "no | nobody called me",
            "yeah | he is on the phone now",
        ),
    ),
}
SHORT = {
    "zh-CN": (
        "有", "没有", "没有啊", "对", "是的", "还没有", "给了", "没给", "好的", "知道了", "不用", "转了", "没转",
        "可以", "不知道", "没有没有", "有的", "对对对", "行", "谢谢",
    ),
    "en": (
        "yes", "no", "okay", "yes i did", "no i didn't", "not yet", "yeah", "no no", "nope", "right", "i understand",
        "thank you", "no i haven't", "yes sir", "i don't know", "all right", "sure", "no thank you", "nothing", "never",
    ),
}  # fmt: skip


def whole_sentences(language: str) -> list[str]:
    """Replies that are no short answers, of a length that a recording of a few seconds holds."""
    return [each.text for each in _draw(language, "whole", _WHOLE)]


def drawn_cuts(language: str) -> list[Cut]:
    """Replies cut between two clauses, and others cut between any two words."""
    found = []
    clauses = [each for each in _draw(language, "clause", 400) if len(_clauses(each)) > 1][:_DRAWN]
    for reply in clauses:
        first, *rest = _clauses(reply)
        found.append(Cut(Kind.CLAUSE, first, " ".join(rest)))
    for reply in _draw(language, "anywhere", _DRAWN):
        said = words(as_recognised(reply.text, language), language)
        at = 1 + lot(f"cut/{reply.id}") % (len(said) - 1)
        space = " " if language == "en" else ""
        found.append(Cut(Kind.ANYWHERE, space.join(said[:at]), space.join(said[at:])))
    return found


def _clauses(reply: Reply) -> list[str]:
    return [part for part in _SENTENCE.split(reply.text) if part.strip()]


def _draw(language: str, purpose: str, number: int) -> list[Reply]:
    fit = [each for each in corpus(language, "dev") if not each.recogniser and _speakable(each.text, language)]
    return sorted(fit, key=lambda each: lot(f"{purpose}/{each.id}"))[:number]


def _speakable(text: str, language: str) -> bool:
    """Whether it has enough words, not too many, and ends as a sentence does."""
    said = as_recognised(text, language)
    length = len(said) if language.startswith("zh") else len(said.split())
    least, most = (8, 22) if language.startswith("zh") else (6, 16)
    return least <= length <= most and not text.rstrip().endswith(("…", "-", "—", "..."))
