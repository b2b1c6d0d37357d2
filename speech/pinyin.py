"""Hanzi as the pinyin that espeak-ng's voice ``cmn-latn-pinyin`` speaks (its ``cmn`` spells Hanzi as English letters).

espeak-ng 1.51 changes a third tone before a third tone by itself; it does not change 一 and 不, so that is done here.
"""

from __future__ import annotations

import re

from pypinyin import Style, lazy_pinyin, load_phrases_dict, load_single_dict

from speech.pinyin_words import WORDS

_PAUSES = {"，": ",", "、": ",", "；": ",", "：": ",", ",": ",", ";": ",", ":": ",",
           "。": ".", ".": ".", "？": "?", "?": "?", "！": "!", "!": "!"}  # fmt: skip

_LETTERS = {
    "A": "ei1", "B": "bi4", "C": "xi1", "D": "di4", "E": "yi4", "F": "ai2 fu5", "G": "ji4", "H": "ei2 chi5",
    "I": "ai4", "J": "jie4", "K": "kai4", "L": "ai2 le5", "M": "ai2 mu5", "N": "en1", "O": "ou1", "P": "pi4",
    "Q": "kiu4", "R": "a4", "S": "ai2 si5", "T": "ti4", "U": "you1", "V": "wei1",
    "W": "da2 bu5 liu5", "X": "ai2 ke5 si5", "Y": "wai4", "Z": "zei4",
}  # fmt: skip
"""Latin letters as Mandarin speakers name them, in syllables that the voice knows."""

_SINGLE = {0x55EF: "en", 0x51E0: "jǐ", 0x8C01: "shéi", 0x5446: "dāi"}

_DE_IS_VERB = "获取觉值懂记显使免不舍难晓认只求赢博所心应了"
_DE_VERB_BEFORE = "到知出罪逞以失力利体"
_MUST_AFTER = "你您我他她它们咱就还总必都也"
_DIGITS = "零一二三四五六七八九十百千万亿幺两点"


def to_pinyin(text: str) -> str:
    """Turn text that `speech.reading.read_aloud` gave into syllables with tone numbers and ASCII pauses.

    ``您好，转账了吗？`` is ``nin2 hao3, zhuan3 zhang4 le5 ma5?``. Characters nobody can say are left out.
    """
    spoken: list[str] = []
    for clause in re.split(r"([，、；：。？！,;:.?!])", text):
        if clause in _PAUSES:
            if spoken and spoken[-1][-1] not in ",.?!":
                spoken[-1] += _PAUSES[clause]
            continue
        for run in re.findall(r"[\u3400-\u9fff\U00020000-\U0003ffff]+|[A-Za-z]", clause):
            spoken += [_LETTERS[run.upper()]] if run.isascii() else _syllables(run)
    return " ".join(spoken)


def _mend_readings() -> None:
    """For the whole process, and so on import: what a reply sounds like must not hang on whether a prompt was read."""
    entries = (entry.split() for entry in WORDS.replace("\n", "|").split("|") if entry)
    load_phrases_dict({word: [[s] for s in syllables] for word, *syllables in entries}, style="tone2")
    load_single_dict(_SINGLE)


def _syllables(hanzi: str) -> list[str]:
    spoken = lazy_pinyin(hanzi, style=Style.TONE3, neutral_tone_with_five=True, errors="ignore")
    if len(spoken) != len(hanzi):  # a character pypinyin does not know; nothing can be aligned with it
        return spoken
    for i, character in enumerate(hanzi):
        before = hanzi[i - 1] if i else ""
        after = hanzi[i + 1] if i + 1 < len(hanzi) else ""
        if character == "得" and spoken[i] == "de2" and before not in _DE_IS_VERB and after not in _DE_VERB_BEFORE:
            spoken[i] = "dei3" if before in _MUST_AFTER else "de5"
        elif character == "地" and i > 1 and before == hanzi[i - 2]:
            spoken[i] = "de5"
    for i, character in enumerate(hanzi):
        if character in "一不":
            _change_tone(hanzi, spoken, i)
    return spoken


def _change_tone(hanzi: str, spoken: list[str], i: int) -> None:
    """Tone sandhi of 一 and 不: second tone before a fourth, else fourth; 一 in a number keeps its first."""
    if spoken[i].endswith("5"):
        return
    before = hanzi[i - 1] if i else ""
    after = hanzi[i + 1] if i + 1 < len(hanzi) else ""
    if hanzi[i] == "不":
        spoken[i] = "bu2" if after and spoken[i + 1].endswith("4") else "bu4"
        return
    in_number = before and before in "第统唯之期周拜初" + _DIGITS
    clock = after == "点" and hanzi[i + 2 : i + 3] in tuple("零一二三四五六七八九十半钟整到")
    if not after or in_number or clock or after in "零一二三四五六七八九十幺月号日楼":
        spoken[i] = "yi1"
    else:
        spoken[i] = "yi2" if spoken[i + 1].endswith(("4", "ge5")) else "yi4"


_mend_readings()
