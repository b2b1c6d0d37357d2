"""Sums of money as Mandarin says them: 三万五千二百, 两千五, 五千来块, 十二万八, 1.2万, 20000元."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from speech.mentions.folded import HIDDEN
from speech.mentions.model import MentionKind, Piece, plain
from speech.mentions.numbered import EVERYDAY

_DIGITS = {
    **dict(zip("零一二三四五六七八九", range(10), strict=True)),
    **dict(zip("〇壹两贰叁肆伍陆柒捌玖", (0, 1, 2, 2, 3, 4, 5, 6, 7, 8, 9), strict=True)),
}
_SMALL = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000, "k": 1000}
_LARGE = {"万": 10**4, "w": 10**4, "亿": 10**8}
_VAGUE = "多来余几"

_START = re.compile(rf"(?<!\d[.,])(?<![a-z\d第百千万亿{''.join(_DIGITS)}十])(?:[{''.join(_DIGITS)}](?!个人)|[十拾]|\d)")
_TYPED = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d{1,2})?(?!\d)|\d+(?:\.\d+)?")
_SPOKEN_FRACTION = re.compile(rf"点([{''.join(_DIGITS)}]+)(?=[十百千万亿元块])")

_CURRENCIES = {
    "美元": "USD", "美金": "USD", "美刀": "USD", "刀": "USD", "usd": "USD", "$": "USD", "us$": "USD",
    "港币": "HKD", "港元": "HKD", "hk$": "HKD", "hkd": "HKD", "欧元": "EUR", "eur": "EUR", "€": "EUR",
    "英镑": "GBP", "gbp": "GBP", "£": "GBP", "日元": "JPY", "韩元": "KRW", "泰铢": "THB", "卢布": "RUB",
    "usdt": "USDT", "泰达币": "USDT", "u": "USDT", "人民币": "CNY", "rmb": "CNY", "cny": "CNY", "¥": "CNY",
    "块钱": "CNY", "块": "CNY", "元": "CNY",
}  # fmt: skip
_BEFORE = re.compile(
    r"(us\$|hk\$|[¥$€£]|(?<![a-z])(?:rmb|cny|usdt|usd|hkd|eur|gbp)|人民币|美元|美金|港币|港元|欧元|英镑)\s*$"
)
_AFTER = re.compile(
    r"\s*(?:多|来|余|左右|个)?(?P<unit>块钱|块|元|人民币|美[元金刀]|港[币元]|欧元|英镑|日元|韩元|泰铢|卢布|泰达币|"
    r"usdt|usd|rmb|cny|刀|u)"
    r"(?![a-z])(?P<jiao>[一二两三四五六七八九1-9])?(?P<mao>[毛角])?"
)
_COUNTED = re.compile(
    r"(?:多|来|余|几)?(?:个(?!亿)|人|名|位|次|遍|年|月|日|天|号|小时|分|秒|岁|米|公里|千米|里|斤|公斤|克|吨|步|字|条|"
    r"单|件|张|粉|户|家|台|辆|只|"
    r"种|倍|度|平|亩|集|页|层|楼|路|本|套|点|股|票|份|瓶|箱|包|积分|流量|兆|转速|升|世|军|物|般|事|强|行|届|后|期|成|"
    r"代|笔|块地|[a-z\d%])"
)
_MONEY_VERB = re.compile(
    r"(?:转|打|汇|付|充|投|花|交|借|贷|赚|返|亏|赔|骗|给|存|取|刷|欠|收|扣|罚|退|损失|垫|买|剩|提|入|押金|保证金|"
    r"手续费|本金|余额|额度|服务费|"
    r"会费|利息|佣金|租|费|工资|钱|块|元)(?:走|给)?(?:的|了|过|去|到|出|出去|进|掉|着)?(?:我|他们?|她们?|对方|人家|"
    r"大概|差不多|是|就|一共|有|将近|"
    r"快|不到|大约|至少|[\s:,]){0,3}$"
)
_MEASURED = re.compile(
    r"(?:血压|血糖|血脂|体重|身高|心率|心跳|考了|得分|分数|时速|车速|房号|公交)(?:是|有|到了?|了|大概)*$"
)
_CLAUSE_ENDS = re.compile(r"(?:多|来块|左右|的|吧|了|啊|呢|嘛)?(?:的[^\s,。]{0,4}[费金钱]|$|[\s,。!?;:、])")
_MONEY_AFTER = re.compile(r"[\s,]*(?:退|返|转|打给|给了|扣|到账|提现|没了)")
_EXTENSION = re.compile(rf"{HIDDEN}[\s)]*转\s*$")
_REACH = 16


@dataclass(slots=True)
class _Sum:
    value: Decimal
    end: int
    unit: int = 0
    """The largest unit that was named: 0 for none."""
    typed: bool = False


def amounts(text: str) -> Iterator[Piece]:
    """The sums in a folded text, in order."""
    at = 0
    while found := _START.search(text, at):
        start = found.start()
        said = _read(text, start)
        if said is None:
            at = found.end()
            continue
        piece = _piece(text, start, said)
        if piece is not None:
            yield piece
        at = max(said.end, piece.end if piece else 0)


def _piece(text: str, start: int, said: _Sum) -> Piece | None:
    before = _BEFORE.search(text, max(0, start - 6), start)
    after = _AFTER.match(text, said.end)
    value, end = said.value, said.end
    if after and not before:
        unit = after["unit"]
        if _is_idle(unit, said):
            return None
        end = after.end("unit")
        if after["jiao"] and unit == "块" and (after["mao"] or not _COUNTED.match(text, after.end("jiao"))):
            jiao = after["jiao"]
            value += Decimal(_DIGITS.get(jiao, int(jiao) if jiao.isascii() else 0)) / 10
            end = after.end()
        if text.startswith("整", end):
            end += 1
    elif not before and not _is_bare_sum(text, start, said):
        return None
    if value <= 0:
        return None
    sign = before[1] if before else after["unit"] if after else ""
    return Piece(MentionKind.AMOUNT, plain(value), before.start() if before else start, end, _CURRENCIES.get(sign, ""))


def _is_idle(unit: str, said: _Sum) -> bool:
    """Whether it is no money: 一块去, 两刀."""
    return (unit == "块" and said.value < 2 and not said.typed) or (unit in ("刀", "u") and said.value < 10)


def _is_bare_sum(text: str, start: int, said: _Sum) -> bool:
    """Whether a number without a currency is a sum."""
    if _COUNTED.match(text, said.end) or _MEASURED.search(text, max(0, start - _REACH), start):
        return False
    if said.unit >= 1000:
        return True
    if said.unit < 100 and (not said.typed or said.value < 100 or _is_telephone(text, start, said)):
        return False
    verb = _MONEY_VERB.search(text, max(0, start - _REACH), start)
    if verb is not None or said.unit < 100:
        return verb is not None
    return _CLAUSE_ENDS.match(text, said.end) is not None or _MONEY_AFTER.match(text, said.end) is not None


def _is_telephone(text: str, start: int, said: _Sum) -> bool:
    """Whether it is dialled: 打96110, an extension."""
    known = str(said.value) in EVERYDAY and said.value % 100 != 0
    return known or _EXTENSION.search(text, max(0, start - 4), start) is not None


def _read(text: str, start: int) -> _Sum | None:
    """The number that begins at ``start``; ``None`` for digits that are read one by one without a currency."""
    total = section = Decimal(0)
    number: Decimal | None = None
    last = largest = 0
    after_zero = typed = vague = False
    at = start
    while at < len(text):
        char = text[at]
        if char.isascii() and char.isdigit():
            found = _TYPED.match(text, at)
            if found is None or number is not None:
                break
            number, typed, at = Decimal(found[0].replace(",", "")), True, found.end()
        elif char in _DIGITS:
            digit = Decimal(_DIGITS[char])
            if number is not None and number != 0:
                # 三四万 is three or four; a string of digits is none of ours unless it counts money.
                if (
                    not (digit == number + 1 or (number == 3 and digit == 5))
                    or text[at + 1 : at + 2] not in "十百千万亿"
                ):
                    return _string_of_digits(text, start) if not largest else None
                digit = number
            after_zero = after_zero or (digit == 0)
            number, at = digit, at + 1
            if fraction := _SPOKEN_FRACTION.match(text, at):
                number += Decimal("0." + "".join(str(_DIGITS[each]) for each in fraction[1]))
                at = fraction.end()
        elif char in _SMALL and (number is not None or (char in "十拾" and not section)):
            if char == "k" and not typed:
                break
            section += (1 if number is None or number == 0 else number) * _SMALL[char]
            number, last, after_zero = None, _SMALL[char], False
            largest, at = max(largest, last), at + 1
        elif char in _LARGE and (number is not None or section or vague):
            if char == "w" and text[at + 1 : at + 2] in ("w", "点", " "):
                break
            total = (
                (total + section + (number or 0)) * _LARGE[char]
                if char == "亿"
                else total + (section + (number or 0)) * _LARGE[char]
            )
            section, number, last, after_zero = Decimal(0), None, _LARGE[char], False
            largest, at = max(largest, last), at + 1
        elif (
            char in _VAGUE
            and number is None
            and largest
            and text[at + 1 : at + 2] in ("万", "亿", "千", "百", "块", "元")
        ):
            vague, at = True, at + 1
        elif char == "个" and number is not None and text[at + 1 : at + 2] in ("亿", "万", "w"):
            at += 1
        elif char == "半" and number is None and last >= 1000:
            number, at = Decimal(5), at + 1
            break
        else:
            break
    if number in (1, 2) and last and _COUNTED.match(text, at) and not typed:
        number, at = None, at - 1  # 一笔一万一笔八千: the next one begins
    if number is not None:
        section += number * (last // 10 if last >= 100 and not after_zero and number < 10 else 1)
    value = total + section
    return _Sum(value, at, largest, typed) if value or largest else None


def _string_of_digits(text: str, start: int) -> _Sum | None:
    end = start
    while end < len(text) and text[end] in _DIGITS:
        end += 1
    if not text.startswith(("块", "元"), end):
        return None
    return _Sum(Decimal("".join(str(_DIGITS[char]) for char in text[start:end])), end)
