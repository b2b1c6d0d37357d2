"""How English reads numbers and signs. Input is NFKC text; `speech.reading.read_aloud` is the way in.

The rules run in the order of `_RULES`; each turns what it knows into words, so a later rule never sees it again.
Digit strings say "zero"; years, clock times and room numbers say "oh", as people do.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from num2words import num2words

_DIGIT = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
_MONTH = {month[:3]: month for month in _MONTHS.split("|")}
_SCALES = {"k": "thousand", "m": "million", "bn": "billion"}
_CURRENCIES = {
    "$": ("dollar", "cent"), "US$": ("dollar", "cent"), "£": ("pound", "penny"), "€": ("euro", "cent"),
    "¥": ("yuan", "fen"),
}  # fmt: skip
_UNITS = {
    "km/h": "kilometre per hour", "mph": "mile per hour", "km": "kilometre", "kg": "kilogram", "cm": "centimetre",
    "mm": "millimetre", "ml": "millilitre", "GB": "gigabyte", "MB": "megabyte", "hrs": "hour", "hr": "hour",
    "h": "hour", "mins": "minute", "min": "minute", "secs": "second", "sec": "second", "lbs": "pound", "lb": "pound",
    "ft": "foot", "°C": "degree Celsius", "°F": "degree Fahrenheit", "°": "degree",
}  # fmt: skip
_TITLES = {
    "Mr": "Mister", "Mrs": "Missus", "Ms": "Miz", "Dr": "Doctor", "Prof": "Professor", "Sgt": "Sergeant",
    "Lt": "Lieutenant",
}  # fmt: skip
_SIGNS = {"&": "and", "@": "at", "+": "plus", "=": "equals", "×": "times", "%": "percent", "#": "hash", "*": "star"}
_PLURALS = {"foot": "feet", "penny": "pence", "yuan": "yuan", "fen": "fen"}
_PARTS = {
    "NUMBER": r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?",
    "YEAR": r"(?:1[5-9]|20)\d{2}",
    "MONTH": f"{_MONTHS}|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec",
    "UNITS": "|".join(_UNITS),
    "TITLES": "|".join(_TITLES),
    "SPELLED": "ATM|VPN|SMS|OTP|ID|FBI|IRS|IT|TV|PC|QR|SSN|URL|USB|CVV|HMRC|DHL|UPS|USA|US|UK|EU|AI|IP|FAQ|CEO|CFO|HR|"
    "GPS|DVD|PDF|PO",
    "HOTLINE": "911|999|112|110|96110",
    "DIALLED": r"call(?: us)?(?: back)?(?: on| at)?|dial|ring|phone|hotline|helpline|number|text|extension|ext\.?",
    "NUMBERED": r"ending(?: in| with)?|ends(?: in| with)|code|passcode|PIN|password|account|card|case|reference|ref|"
    "badge|order|ticket|booking|flight|zip|postcode|ID",
    "IS": r"(?: (?:number|no\.?|code))?(?:,? is| was)?[:# ]*\s*",
    "EXTENSION": r"(?:,? ?(?:ext\.?|extension|x) ?(?P<ext>\d+))",
    "COUNTED": "(?i: (?:dollars|yuan|pounds|euros|people|percent))",
    "BEFORE_YEAR": f"in|since|by|of|from|until|during|before|after|spring|summer|autumn|fall|winter|year|{_MONTHS}",
}
"""Pieces of patterns; a rule names them ``<NUMBER>``."""


def _words(number: int, kind: str = "cardinal") -> str:
    return str(num2words(number, to=kind)).replace(",", "").replace("-", " ")


def _number(text: str) -> str:
    whole, _, fraction = text.replace(",", "").partition(".")
    return _words(int(whole)) + (" point " + _digits(fraction) if fraction else "")


def _digits(text: str, zero: str = "zero") -> str:
    """Read the digits of a string one by one; other characters fall away."""
    return " ".join(_DIGIT[int(c)] if c != "0" else zero for c in text if c.isdigit())


def _grouped(text: str) -> str:
    """Telephone digits with a short pause where a person makes one."""
    return ", ".join(_digits(group) for group in re.split(r"\D+", text) if group)


def _telephone(m: re.Match[str]) -> str:
    extension = f", extension {_digits(m['ext'])}" if m["ext"] else ""
    return ("plus " if m["n"].startswith("+") else "") + _grouped(m["n"]) + extension


def _spelled_digits(m: re.Match[str]) -> str:
    return f"{m['lead']}{_characters(m['n'])}"


def _characters(text: str) -> str:
    return " ".join(_DIGIT[int(c)] if c.isdigit() else c.upper() for c in text if c.isalnum())


def _plural(number: str, unit: str) -> str:
    if float(number.replace(",", "")) == 1:
        return unit
    head, _, rest = unit.partition(" ")
    return f"{_PLURALS.get(head, head + 's')} {rest}".strip()


def _money(m: re.Match[str]) -> str:
    number, (unit, part) = m["n"].replace(",", ""), _CURRENCIES[m["c"]]
    if m["x"]:
        return f"{_number(number)} {_SCALES.get(m['x'].lower(), m['x'].lower())} {_plural('2', unit)}"
    whole, _, fraction = number.partition(".")
    if len(fraction) != 2:
        return f"{_number(number)} {_plural(number, unit)}"
    parts = f"{_words(int(fraction))} {_plural(fraction, part)}" if int(fraction) else ""
    if not int(whole) and parts:
        return parts
    return f"{_words(int(whole))} {_plural(whole, unit)}" + (f" and {parts}" if parts else "")


def _year(text: str) -> str:
    number = int(text)
    if 2000 <= number <= 2009:
        return _words(number)
    if number % 100 == 0:
        return _words(number // 100) + " hundred"
    rest = number % 100
    return f"{_words(number // 100)} {'oh ' if rest < 10 else ''}{_words(rest)}"


def _date(m: re.Match[str]) -> str:
    groups = m.groupdict()
    month = _MONTH[groups["month"][:3]] if groups.get("month") else _MONTHS.split("|")[int(groups["m"]) - 1]
    year = f", {_year(groups['y'])}" if groups.get("y") else ""
    return f"{month} {_words(int(groups['d']), 'ordinal')}{year}"


def _time(m: re.Match[str]) -> str:
    hour, minute, half = int(m["h"]), int(m["min"] or 0), m["half"]
    text = _words(hour)
    if minute:
        text += f" {'oh ' if minute < 10 else ''}{_words(minute)}"
    elif not half:
        text += " hundred" if hour > 12 or hour == 0 else " o'clock"
    return text + (f" {half[0].lower()} m" if half else "")


def _fraction(m: re.Match[str]) -> str:
    above, below = int(m["a"]), int(m["b"])
    name = {2: "half", 4: "quarter"}.get(below) or _words(below, "ordinal")
    plural = "halves" if name == "half" else name + "s"
    return f"{_words(above)} {name if above == 1 else plural}"


def _room(m: re.Match[str]) -> str:
    number = m["n"]
    if len(number) == 4 and number[2] != "0":
        return f"{m['lead']}{_words(int(number[:2]))} {_words(int(number[2:]))}"
    return m["lead"] + _digits(number, "oh")


def _measure(m: re.Match[str]) -> str:
    return f"{_number(m['n'])} {_plural(m['n'], _UNITS[m['u']])}"


def _web(m: re.Match[str]) -> str:
    text = m[0].removeprefix("https://").removeprefix("http://").rstrip("/")
    text = re.sub(r"^www\b", "W W W", text).replace(".", " dot ").replace("/", " slash ").replace("-", " dash ")
    return re.sub(r"\d+", lambda d: f" {_digits(d[0])} ", text)


_Replace = str | Callable[[re.Match[str]], str]
_RULES: list[tuple[str, _Replace]] = [
    (r"(?:https?://)?(?:[a-z0-9-]+\.){1,3}(?:com|org|net|gov|edu|io|cn|uk|us)\b(?:/[\w/-]*)?", _web),
    # telephones and numbers that are names
    (r"(?<![\d-])(?P<n>\+\d{1,3}[- .]?(?:\(?\d{1,4}\)?[- .]?){2,4}\d)<EXTENSION>?(?![\d-])", _telephone),
    (r"(?<![\d-])(?P<n>(?:1[- .])?(?:\(\d{3}\) ?|\d{3}[- .])\d{3}[- .]\d{4})<EXTENSION>?(?![\d-])", _telephone),
    (r"(?<![\d-])(?P<n>\d{3}-\d{4}|(?:\d{4}[- ]){3}\d{1,4})(?P<ext>)(?![\d-])", _telephone),
    (r"(?i:(?P<lead>\b(?:room|suite|apartment|apt\.?|flat|unit) ))(?P<n>\d{3,4})\b", _room),
    (r"(?P<lead>\b(?i:<DIALLED><IS>))(?P<n>[1-9]11|999|988|11[02]|\d{4,})\b(?![,.]\d)", _spelled_digits),
    (r"(?P<lead>\b(?i:<NUMBERED><IS>))(?P<n>[A-Z]{0,3}[- ]?\d[\d-]{2,})\b(?![,.]\d)", _spelled_digits),
    (r"(?<![\d$£€¥.,-])(?P<lead>)(?P<n><HOTLINE>|0\d{2,}|\d{7,})(?![\d,/:%-]|\.\d|<COUNTED>)", _spelled_digits),
    (r"(?P<lead>)\b(?P<n>[A-Z]{1,3}-?\d{3,})\b", _spelled_digits),
    # dates and times
    (r"(?<![\d-])(?P<y><YEAR>)-(?P<m>0?[1-9]|1[0-2])-(?P<d>0?[1-9]|[12]\d|3[01])(?![\d-])", _date),
    (r"(?<![\d/])(?P<m>0?[1-9]|1[0-2])/(?P<d>0?[1-9]|[12]\d|3[01])/(?P<y><YEAR>)(?![\d/])", _date),
    (r"\b(?P<month><MONTH>)\.? (?P<d>\d{1,2})(?:st|nd|rd|th)?(?:,? (?P<y><YEAR>))?(?![\d:,]\d|\d)", _date),
    (r"\b(?:the )?(?P<d>\d{1,2})(?:st|nd|rd|th)?(?: of)? (?P<month><MONTH>)\b\.?(?:,? (?P<y><YEAR>)\b)?", _date),
    (r"(?P<lead>\b(?i:<BEFORE_YEAR>),? )(?P<n><YEAR>)\b(?![,.]\d|[-:/%])", lambda m: m["lead"] + _year(m["n"])),
    (r"\b(?P<a><YEAR>)-(?P<b>20\d{2})\b", lambda m: f"{_year(m['a'])} to {_year(m['b'])}"),
    (r"\b24/7\b", "twenty four seven"),
    (r"(?<=\d)( ?[AaPp]\.?[Mm]\.?)? ?[-~] ?(?=[012]?\d:[0-5]\d)", r"\1 to "),
    (r"(?<![\d:])(?P<h>[01]?\d|2[0-4]):(?P<min>[0-5]\d)(?: ?(?P<half>[AaPp])\.?[Mm]\b\.?)?(?![\d:])", _time),
    (r"(?<![\d:.])(?P<h>1[0-2]|[1-9])(?P<min>) ?(?P<half>[AaPp])\.?[Mm]\b\.?", _time),
    # amounts
    (r"(?P<n>[$£€]<NUMBER>[kKmM]?) ?[-~] ?(?=[$£€]?\d)", r"\g<n> to "),
    (r"(?P<c>US\$|[$£€¥]) ?(?P<n><NUMBER>)(?: ?(?P<x>million|billion|thousand|trillion|[kKmM]|bn)\b)?", _money),
    (r"(?P<a><NUMBER>)%? ?[-~] ?(?P<b><NUMBER>) ?%", lambda m: f"{_number(m['a'])} to {_number(m['b'])} percent"),
    (r"(?P<n><NUMBER>) ?%", lambda m: _number(m["n"]) + " percent"),
    (r"(?P<n><NUMBER>)[kK]\b", lambda m: _number(m["n"]) + " thousand"),
    (r"(?<![\d-])(?P<a><NUMBER>) ?[-~] ?(?P<b><NUMBER>)(?![\d-])", lambda m: f"{_number(m['a'])} to {_number(m['b'])}"),
    (r"\b(?P<n>\d{1,3}(?:,\d{3})*|\d+)(?:st|nd|rd|th)\b", lambda m: _words(int(m["n"].replace(",", "")), "ordinal")),
    (r"(?<![\d/])(?P<a>\d{1,2})/(?P<b>[2-9]|1\d|20|100)(?![\d/])", _fraction),
    (r"(?<![\w.-])-(?=\d)", "minus "),
    (r"(?P<n><NUMBER>) ?(?P<u><UNITS>)(?![a-zA-Z])", _measure),
    (r"(?i:\bno\.|#) ?(?=\d)", "number "),
    (r"\d+(?:\.\d+){2,}", lambda m: " point ".join(_number(part) for part in m[0].split("."))),
    (r"(?<=[A-Za-z])(?=\d)|(?<=\d)(?=[A-Za-z])", " "),
    (r"<NUMBER>", lambda m: _number(m[0])),
    # letters and signs
    (r"\b(<TITLES>)\.(?= )", lambda m: _TITLES[m[1]]),
    (r"\be\.g\.", "for example"),
    (r"\bi\.e\.", "that is"),
    (r"\b<SPELLED>(?=s?\b)|\b[BCDFGHJKLMNPQRSTVWXZ]{{2,5}}(?=s?\b)", lambda m: " ".join(m[0])),
    (r"(?i)\bwhatsapp\b", "whats app"),
    (r"(?<=press )#|(?<=press the )#", "hash"),
    (r"\s*[&@+=×%#*]\s*", lambda m: f" {_SIGNS[m[0].strip()]} "),
    # punctuation
    (r"[“”\"«»|_^`~\\<>{}]", ""),
    (r"[‘’]", "'"),
    (r"\.{2,}|…+|—+|[;()\[\]]|(?<!\w)-+|-+(?!\w)", ", "),
    (r"(?<=\band)/(?=or\b)", " "),
    (r"/", " or "),
    (r"\s+([,.?!:])", r"\1"),
    (r"[,:]+([.?!])", r"\1"),
    (r",(?:\s*,)+", ","),
    (r"\s+", " "),
    (r"^[,.?!:\s]+|[,:\s]+$", ""),
]  # fmt: skip
_COMPILED = [
    (re.compile(re.sub("<([A-Z_]+)>", lambda part: f"(?:{_PARTS[part[1]]})", pattern)), replace)
    for pattern, replace in _RULES
]


def read_english(text: str) -> str:
    """Read NFKC text as English: words and plain punctuation are all that is left."""
    for pattern, replace in _COMPILED:
        text = pattern.sub(replace, text)
    return text
