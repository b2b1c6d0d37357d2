"""How Mandarin reads numbers and signs. Input is NFKC text; `speech.reading.read_aloud` is the way in.

The rules run in the order of `_RULES`; each turns what it knows into Hanzi, so a later rule never sees it again.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from speech.numbers_zh import cardinal, decimal, plain_digits, quantity, telephone_digits

_MEASURES = (
    "元|块|人民币|美元|港元|欧元|英镑|角|毛|个|位|名|人|次|条|天|年|周|小时|秒|笔|张|部|台|家|种|倍|份|通|遍|句|件|步|趟|米|公里|千米|"
    "厘米|毫米|公斤|千克|克|吨|斤|点|岁|成|封|套|户|起|例|项|门|辆|期|只|把|间|分钟|刻钟|轮|批|页|字|里|升|度电|平方米|兆|余|多|几"
)
"""Words that a quantity stands before, so that 2 is 两."""
_ORDINAL_MEASURES = "月|日|号|楼|层|路|级|班|栋|幢|单元|座|区|组|科|队|所|分|度|时|线|院|室|等|摄氏度"
"""Words that a rank or a name stands before, so that 2 is 二."""

_CURRENCIES = {
    "¥": "元", "RMB": "元", "CNY": "元", "人民币": "元", "$": "美元", "US$": "美元", "USD": "美元",
    "HK$": "港元", "HKD": "港元", "€": "欧元", "EUR": "欧元", "£": "英镑", "GBP": "英镑",
}  # fmt: skip
_UNITS = {
    "km/h": "公里每小时", "kWh": "千瓦时", "km": "公里", "kg": "公斤", "KG": "公斤", "cm": "厘米", "mm": "毫米",
    "m2": "平方米", "ml": "毫升", "mL": "毫升", "MB": "兆", "min": "分钟", "m": "米", "g": "克", "h": "小时", "s": "秒",
    "k": "千", "K": "千", "w": "万", "W": "万",
}  # fmt: skip
_SIGNS = {"+": "加", "=": "等于", "×": "乘", "&": "和", "@": "艾特", "#": "井号", "*": "星号", "°": "度", "/": "，"}
_NAMES = {
    "whatsapp": "瓦次艾普", "telegram": "特雷格拉姆", "skype": "斯盖普", "facebook": "脸书", "wechat": "微信",
    "alipay": "支付宝", "zoom": "祖姆", "paypal": "贝宝", "wifi": "歪发", "wi-fi": "歪发", "ok": "欧开",
    "email": "电子邮件", "e-mail": "电子邮件", "teamviewer": "提姆微优尔", "todesk": "兔代斯克", "facetime": "飞斯泰姆",
    "line": "莱恩", "app": "A P P",
}  # fmt: skip

_PARTS = {
    "NUMBER": r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?",
    "MULTIPLE": "[百千万亿]+",
    "MONEY": "元|块|人民币|美元|港元|欧元|英镑",
    "MEASURES": _MEASURES,
    "ORDINAL_MEASURES": _ORDINAL_MEASURES,
    "UNITS": "|".join(_UNITS),
    "BETWEEN": r"\s*[-~—至到]\s*",
    "YEAR": r"(?:1[5-9]|2[01])\d{2}",
    "MONTH": "0?[1-9]|1[0-2]",
    "DAY": r"0?[1-9]|[12]\d|3[01]",
    "HOTLINE": r"1(?:10|14|19|20|22)|(?:9[56]|10(?!000)[01]|12[13]|11[68])\d{2,3}",
    "LANDLINE": r"(?:\(0\d{2,3}\)\s?|0\d{2,3}[- ])\d{7,8}|[48]00[- ]?\d{3}[- ]?\d{4}",
    "CURRENCY": r"US\$|HK\$|[¥$€£]|(?<![A-Za-z])(?:RMB|CNY|USD|HKD|EUR|GBP)|人民币",
    "DIALLED": "拨打|拨|致电|电话|热线|号码|专线|客服|回拨|打|联系|短信|来电|手机",
    "NUMBERED": "尾号|末尾|后四位|验证码|编号|案号|警号|密码|单号|工号|证号|账号|帐号|卡号|区号|邮编|代码|代号|"
    "识别码|口令|分机|车牌|房间|户号|订单|流水号|身份证",
    "IS": r"(?:号|号码)?(?:是|为|分别是)?[\s:：,，]*",
}
"""Pieces of patterns; a rule names them ``<NUMBER>``."""


def _date(m: re.Match[str]) -> str:
    return f"{plain_digits(m['y'])}年{cardinal(int(m['m']))}月{cardinal(int(m['d']))}{m['mark'] or '日'}"


def _time(m: re.Match[str]) -> str:
    hour, minute = int(m["h"]), int(m["min"])
    text = ("两" if hour == 2 else cardinal(hour)) + "点"
    second = int(m["s"]) if m["s"] else 0
    if minute or second:
        text += ("零" if minute < 10 else "") + cardinal(minute) + "分" if minute else "零分"
    return text + (cardinal(second) + "秒" if second else "")


def _grouped(number: str) -> str:
    """Telephone digits with a short pause where a person makes one."""
    return "，".join(telephone_digits(part) for part in re.split(r"[-\s]+", number) if part)


def _mobile(m: re.Match[str]) -> str:
    number = re.sub(r"\D", "", m["n"])
    return _grouped(f"{number[:3]}-{number[3:7]}-{number[7:]}")


def _landline(m: re.Match[str]) -> str:
    extension = "，转" + telephone_digits(m["ext"]) if m["ext"] else ""
    number = re.sub(r"\D", "", m["n"])
    if number[0] in "48":  # 400 and 800 numbers
        return _grouped(f"{number[:3]}-{number[3:6]}-{number[6:]}") + extension
    area = 3 if number[1] in "12" else 4
    return _grouped(f"{number[:area]}-{number[area:]}") + extension


def _foreign(m: re.Match[str]) -> str:
    return "加" + _grouped(m["n"])


def _identity(m: re.Match[str]) -> str:
    number = m[0]
    return _grouped(f"{number[:6]}-{number[6:14]}-{number[14:]}").replace("x", "X")


def _card(m: re.Match[str]) -> str:
    number = re.sub(r"\D", "", m[0])
    return _grouped("-".join(number[i : i + 4] for i in range(0, len(number), 4)))


def _spelled_digits(m: re.Match[str]) -> str:
    return m["lead"] + telephone_digits(m["n"])


def _money(number: str, multiple: str, unit: str) -> str:
    whole, _, fraction = number.replace(",", "").partition(".")
    if multiple or len(fraction) != 2:
        return _amount(number) + multiple + unit
    jiao, fen = int(fraction[0]), int(fraction[1])
    if unit != "元":
        return _amount(number if int(fraction) else whole) + unit
    text = _amount(whole) + "元" if int(whole) or not int(fraction) else ""
    text += cardinal(jiao) + "角" if jiao else ("零" if fen and text else "")
    return text + (cardinal(fen) + "分" if fen else "")


def _amount(number: str) -> str:
    """A number that counts something or stands before 万 and the like."""
    if "." in number:
        return decimal(number)
    return quantity(int(number.replace(",", "")))


def _currency_first(m: re.Match[str]) -> str:
    return _money(m["n"], m["x"] or "", _CURRENCIES[m["c"].upper() if m["c"].isascii() else m["c"]])


def _currency_last(m: re.Match[str]) -> str:
    return _money(m["n"], "", m["c"])


def _percent(m: re.Match[str]) -> str:
    of = {"%": "百分之", "‰": "千分之"}[m["p"]]
    low = of + ("负" if m["sign"] else "") + decimal(m["n"])
    return f"{low}到{of}{decimal(m['to'])}" if m["to"] else low


def _two_numbers(first: str, word: str, second: str) -> str:
    return cardinal(int(first)) + word + cardinal(int(second))


def _letters(m: re.Match[str]) -> str:
    word = m[0]
    return _NAMES.get(word.lower()) or " ".join(word.replace("-", "").upper())


def _web(m: re.Match[str]) -> str:
    parts = [
        telephone_digits(part) for part in re.split(r"[./]+", m[0].removeprefix("http://").removeprefix("https://"))
    ]
    return " 点 ".join(part for part in parts if part)


_Replace = str | Callable[[re.Match[str]], str]
_RULES: list[tuple[str, _Replace]] = [
    # identities, cards, telephones
    (r"(?<![\dA-Za-z])\d{17}[\dXx](?![\dA-Za-z])", _identity),
    (r"(?<!\d)(?:(?:\+|00)?86[- ]?)?(?P<n>1\d{2}[- ]?\d{4}[- ]?\d{4})(?!\d|<MONEY>)", _mobile),
    (r"(?<![\d.])(?:\d{4}[ -]?){3,4}\d{1,4}(?![\d,]|\.\d|<MONEY>|[万亿])", _card),
    (r"(?:https?://)?(?:[a-z0-9-]+\.){1,3}(?:com|cn|net|org|gov|top|vip|xyz|cc)(?:\.cn)?(?![a-z])(?:/[\w/.-]*)?", _web),
    (r"\+(?P<n>\d{1,3}(?:[- ]?\(?\d{2,4}\)?){2,4})(?!\d)", _foreign),
    (r"(?<!\d)(?P<n><LANDLINE>)(?:[转-](?P<ext>\d{1,5}))?(?!\d)", _landline),
    # numbers that are names
    (r"(?P<n>\d+)\*{2,}(?P<end>\d+)", lambda m: f"{telephone_digits(m['n'])}，尾号{telephone_digits(m['end'])}"),
    (r"(?P<lead>(?:<DIALLED>)<IS>)(?P<n>\d{3,})(?![\d,]*(?:\.\d)?(?:<MEASURES>|<MULTIPLE>))", _spelled_digits),
    (r"(?P<lead><NUMBERED><IS>)(?P<n>[A-Za-z]?\d{2,}(?:[、,和或及]\s*\d{2,})*)(?![\d,]*[元块万])", _spelled_digits),
    (r"(?<![\d.,])(?P<lead>)(?P<n><HOTLINE>)(?![\d,]|\.\d|[/:~-]\d|<MEASURES>|<MULTIPLE>|[%年])", _spelled_digits),
    (r"(?P<lead>(?<![A-Za-z])[A-Za-z]{1,4})(?P<n>\d{3,})", _spelled_digits),
    (r"(?P<lead>)(?<!\d)(?P<n>\d{3,4})(?=号?[室房])", _spelled_digits),
    (r"(?P<lead>单元|[A-Z]座)(?P<n>\d{3,4})(?!\d)", _spelled_digits),
    (r"(?i:\bNo\.)\s*(?=\d)", "第"),
    # dates and times
    (r"(?<!\d)(?P<y><YEAR>)年(?P<m>\d{1,2})月(?P<d>\d{1,2})(?P<mark>[日号])", _date),
    (r"(?<!\d)(?P<y><YEAR>)(?P<sep>[-/.])(?P<m><MONTH>)(?P=sep)(?P<d><DAY>)(?P<mark>)(?!\d)", _date),
    (r"(?<!\d)(?P<y><YEAR>)[-~至到](?P<z><YEAR>)年", lambda m: plain_digits(f"{m['y']}到{m['z']}年")),
    (r"(?<!\d)(?:<YEAR>|0\d|[6-9]\d)(?=年(?!多|来|历史|之久|以上)|级学|届)", lambda m: plain_digits(m[0])),
    (r"(?<!\d)[05-9][05](?=后)", lambda m: plain_digits(m[0])),
    (r"(?<![\d:])(?P<h>[01]?\d|2[0-4]):(?P<min>[0-5]\d)(?::(?P<s>[0-5]\d))?(?![\d:])", _time),
    (r"(?<=[点分日号月])\s*[-~—]\s*(?=[\d零一二三四五六七八九十两])", "到"),
    (r"(?<=点)0(?P<n>\d)(?=分)", lambda m: "零" + cardinal(int(m["n"]))),
    # amounts
    (r"°\s*C", "摄氏度"),
    (r"(?<![\d.])-(?P<n>\d+(?:\.\d+)?)(?=\s*(?:摄氏)?度)", lambda m: "零下" + decimal(m["n"])),
    (r"(?<![\dA-Za-z.)\u4e00-\u9fff-])-(?=\d)|(?<=[额为是])-(?=\d)", "负"),
    (r"(?<=[元块楼层号月日点分周年岁个天百千万亿])\s*[-~]\s*(?=\d)", "到"),
    (r"(?P<c><CURRENCY>)\s*(?P<n><NUMBER>)(?P<x><MULTIPLE>)?(?:[美港欧]?元|英镑)?", _currency_first),
    (r"(?P<n><NUMBER>)\s*(?P<c>元)", _currency_last),
    (r"(?P<sign>-)?(?P<n><NUMBER>)%?(?:<BETWEEN>(?P<to><NUMBER>))?(?P<p>[%‰])", _percent),
    (r"(?<![\d/])(?P<a>\d{1,3})/(?P<b>\d{1,4})(?![\d/])", lambda m: _two_numbers(m["b"], "分之", m["a"])),
    (r"(?<![\d:])(?P<a>\d+):(?P<b>\d+)(?![\d:])", lambda m: _two_numbers(m["a"], "比", m["b"])),
    (r"(?<=元)\s*[-~—]\s*(?=[\d\u4e00-\u9fff])", "到"),
    # ranges, ordinals, quantities
    (r"(?<![\d-])(?P<a>\d{1,3})<BETWEEN>(?P<b>\d{1,3})(?!\d)(?=<ORDINAL_MEASURES>)(?!分钟|年)",
     lambda m: _two_numbers(m["a"], "到", m["b"])),
    (r"(?<![\d.-])(?P<a><NUMBER>)(?P<x><MULTIPLE>)?<BETWEEN>(?P<b><NUMBER>)(?![\d-])(?=<MULTIPLE>|\s*<MEASURES>)",
     lambda m: f"{_amount(m['a'])}{m['x'] or ''}到{_amount(m['b'])}"),
    (r"(?<!\d)(?P<a>[1-9])、(?P<b>[1-9])(?=\s*<MEASURES>)", lambda m: quantity(int(m["a"])) + cardinal(int(m["b"]))),
    (r"第\s*(\d+)", lambda m: "第" + cardinal(int(m[1]))),
    (r"(?P<n><NUMBER>)\s*(?P<u><UNITS>)(?![a-zA-Z])", lambda m: _amount(m["n"]) + _UNITS[m["u"]]),
    (r"<NUMBER>(?=\s*(?:分钟|分\d+秒|度电|<MULTIPLE>))", lambda m: _amount(m[0])),
    (r"<NUMBER>(?=\s*<ORDINAL_MEASURES>)", lambda m: decimal(m[0])),
    (r"<NUMBER>(?=\s*<MEASURES>)", lambda m: _amount(m[0])),
    (r"\d+(?:\.\d+){2,}", lambda m: "点".join(cardinal(int(part)) for part in m[0].split("."))),
    (r"(?<![\d,.])(?P<lead>)(?P<n>0\d+|(?!\d*0000(?!\d))\d{7,})(?![\d,]|\.\d)", _spelled_digits),
    (r"<NUMBER>", lambda m: decimal(m[0]) if m[0] == "2" else _amount(m[0])),
    # letters and signs
    ("〇", "零"),
    (r"[A-Za-z]+(?:-[A-Za-z]+)*", _letters),
    (r"(?<=[按键])#键?|#键", "井号键"),
    (r"(?<=[按键])\*键?|\*键", "星号键"),
    (r"[+=×&@#*°/]", lambda m: _SIGNS[m[0]]),
    # punctuation
    (r"\.{2,}|…+|—+|[;；]|(?<![A-Za-z])-+(?![A-Za-z])", "，"),
    (r"[()\[\]【】〔〕{}]", "，"),
    (r"[\"'“”‘’「」『』《》〈〉<>|_^`~·•\\]", ""),
    (r"[,、]", "，"),
    (r"[:：]", "："),
    (r"\?", "？"),
    (r"!", "！"),
    (r"[.。]", "。"),
    (r"\s*([，。？！：])\s*", r"\1"),
    (r"[，：]*([。？！])[，。：]*", r"\1"),
    (r"[，：]{2,}", "，"),
    (r"^[，。：？！\s]+|[，：\s]+$", ""),
    (r"(?<![A-Za-z])\s+|\s+(?![A-Za-z])", ""),
]  # fmt: skip
_COMPILED = [
    (re.compile(re.sub("<([A-Z_]+)>", lambda part: f"(?:{_PARTS[part[1]]})", pattern)), replace)
    for pattern, replace in _RULES
]


def read_mandarin(text: str) -> str:
    """Read NFKC text as Mandarin: Hanzi, single Latin letters and 。，？！： are all that is left."""
    for pattern, replace in _COMPILED:
        text = pattern.sub(replace, text)
    return text
