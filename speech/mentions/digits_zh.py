"""Digits as Mandarin dictates them: 幺洞拐勾, 双六, 三个八, typed ones among them, pauses and corrections between."""

from __future__ import annotations

import re

from speech.mentions.dictated import Lexer

_VALUES = {
    **dict(zip("零一二三四五六七八九", "0123456789", strict=True)),
    **dict(zip("〇○洞幺壹两贰叁肆伍陆拐柒捌勾玖", "0001122345677899", strict=True)),
}
DIGIT = f"[{''.join(_VALUES)}]"
_NOT_ONE = DIGIT.replace("一", "")
_TIMES = {"两": 2, "二": 2, "俩": 2, "三": 3, "仨": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8}
_NOT_A_DIGIT = r"(?![十百千万亿多几年月岁]|\s*(?:[元块]|美[元金]|u(?![a-z])))"
"""What makes the digit before it part of a sum, a date or an age."""

_ITEM = re.compile(
    rf"(?P<times>[{''.join(_TIMES)}2-8])个(?P<of>{DIGIT}|\d)(?![十百千万亿个多几]|\d)"
    rf"|[双叠](?P<twice>{DIGIT}|\d)"
    rf"|(?<![a-z\d])(?P<typed>\d+)(?![\da-z]){_NOT_A_DIGIT}"
    rf"|(?P<one>一)(?![下个些样起直定般点共边遍旦次位])(?!分钟){_NOT_A_DIGIT}"
    rf"|(?P<spoken>{_NOT_ONE}){_NOT_A_DIGIT}"
    rf"|(?:(?<={DIGIT})|(?<=[号话机]))(?P<heard>[要腰妖]{{1,3}})(?={DIGIT})"
)
"""``heard``: what recognisers write for 幺 within a number."""

_FILLER = (
    r"(?:嗯|啊|呃|额|哦|那个|就是|空格|横?杠|(?:然后|接着|再|最?后面?|接下来|还有)(?:就?是)?|"
    r"[\s,、。.;:\-–—_()/])"
)
_PAUSE = re.compile(rf"{_FILLER}{{1,16}}")
_CORRECTION = re.compile(
    rf"{_FILLER}{{0,4}}(?:哦|啊|噢)?(?P<wrong>不对|不是|不不|哦不|(?:我)?(?:说|念|看|记)?错了|更正|打错了)(?:不对|了|啊|哦|"
    rf"呀|吧|[\s,。])*"
    r"(?:等一下|我(?:再)?看看?|重新?来?(?:说|念)?(?:一遍)?)?[\s,。]*(?:应该)?"
    r"(?P<tail>最后(?:面)?(?:[三四五六]位)?|尾号|尾数|后[三四五六]位|末[三四五六]位)?(?:应该)?(?:是|为)?[\s,。:]*"
)


def _digits(found: re.Match[str]) -> str:
    match found.lastgroup:
        case "of":
            times = found["times"]
            return _value(found["of"]) * (_TIMES[times] if times in _TIMES else int(times))
        case "twice":
            return _value(found["twice"]) * 2
        case "heard":
            return "1" * len(found["heard"])
        case _:
            return "".join(_value(char) for char in found[0])


def _value(char: str) -> str:
    return _VALUES.get(char, char)


def _touches(text: str, end: int, found: re.Match[str]) -> bool:
    return found.start() == end and not (found["typed"] and text[end - 1].isascii())


LEXER = Lexer(_ITEM, _digits, _touches, _PAUSE, _CORRECTION, longest_joint=24)
