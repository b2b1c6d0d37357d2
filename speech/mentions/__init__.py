"""Telephone numbers, bank accounts, sums, apps and sites that somebody speaks of.

`mentions` reads one reply: a recogniser's transcript without punctuation and with spoken digits, or typed text. It
never raises, whatever the text. `speech.mentions.turns` listens to a whole call.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from speech.mentions import amounts_en, amounts_zh, digits_en, digits_zh
from speech.mentions.apps import apps, load
from speech.mentions.cues import cue, cues, owner
from speech.mentions.dictated import Lexer, Number, numbers
from speech.mentions.folded import Folded, hide, hide_all
from speech.mentions.model import Mention, MentionKind, Owner, Piece
from speech.mentions.numbered import Numbered, numbered
from speech.mentions.sites import sites

__all__ = ["Mention", "MentionKind", "Owner", "mentions"]

BREATH = ", "
"""Stands between two turns that are read as one."""

_TAIL_CHARS = 400

MAX_CHARS = 4000
"""Of a longer text, the rest is not read; a quarter of an hour of speech has as many."""

_NO_NUMBER = re.compile(
    r"(?<!\d)(?:19|20)\d\d([-/.])\d{1,2}\1\d{1,2}(?!\d)|(?<![\d:])\d{1,2}:\d{2}(?::\d{2})?(?![\d:])|"
    r"\d{1,3}(?:,\d{3})+(?:\.\d+)?(?!\d)|(?<![\d.])\d+\.\d{1,2}(?![\d.])|[¥$£€]\s*\d[\d,.]*|"
    r"[0-9零〇一二三四五六七八九]{4}年|(?<![a-z0-9])[a-z]{1,20}\d{1,2}[a-z]\w*"
)
"""Typed dates, times and sums, whose digits would look like groups of a number."""

_PLUS_REACH = 8
_OPEN_FROM_DIGITS = 2

_IBAN = re.compile(r"(?<![a-z0-9])[a-z]{2}\d{2}(?: ?[a-z0-9]{4}){2,7}(?: ?[a-z0-9]{1,3})?(?![a-z0-9])")


def mentions(text: str, language: str, *, region: str = "CN") -> tuple[Mention, ...]:
    """What a text names, in the order in which it is said.

    Args:
        text: a transcript or typed text.
        language: BCP 47 tag; what is not Chinese is read as English.
        region: ISO 3166 code of the country whose national telephone numbers are meant.
    """
    spoken = "zh" if language.lower().startswith("zh") else "en"
    folded = Folded(text[:MAX_CHARS])
    return tuple(_mention(folded, piece, spoken) for piece in sorted(_pieces(folded.text, spoken, region), key=_order))


def prepare() -> None:
    """Read the names of apps now, so that the first reply of a call is not kept waiting."""
    load()


def goes_on(before: str, text: str, language: str) -> bool:
    """Whether a text goes on with the digits at the end of the one before, or is said between two groups of digits."""
    lexer = _lexer(language)
    folded = Folded(before[-_TAIL_CHARS:] + BREATH)
    boundary = len(folded.text)
    if lexer.is_pause(Folded(BREATH + text).text):
        return True
    runs = lexer.runs(folded.text + Folded(text[:_TAIL_CHARS]).text)
    return any(run[0].start < boundary < run[-1].end for run in runs)


def open_end(text: str, language: str) -> bool:
    """Whether a text ends in digits, so that what is said next may go on with them."""
    lexer = _lexer(language)
    folded = Folded(text[-_TAIL_CHARS:]).text
    runs = list(lexer.runs(folded))
    if not runs or not ((after := folded[runs[-1][-1].end :]) == "" or lexer.is_pause(after)):
        return False
    return sum(len(group.digits) for group in runs[-1]) >= _OPEN_FROM_DIGITS


def _lexer(language: str) -> Lexer:
    return digits_zh.LEXER if language.lower().startswith("zh") else digits_en.LEXER


def _order(piece: Piece) -> tuple[int, int]:
    return piece.start, piece.end


def _mention(folded: Folded, piece: Piece, language: str) -> Mention:
    start, end = folded.origin(piece.start, piece.end)
    whose = owner(folded.text, piece.start, piece.end, piece.kind, cues(language))
    return Mention(piece.kind, piece.value, folded.original[start:end], start, end, whose, piece.currency)


def _pieces(text: str, language: str, region: str) -> Iterator[Piece]:
    for site in sites(text, language):
        yield site
        text = hide(text, site.start, site.end)
    yield from apps(text, language)
    for iban in _ibans(text):
        yield iban
        text = hide(text, iban.start, iban.end)
    for number in _numbers(text, language, region):
        yield number
        text = hide(text, number.start, number.end)
    yield from _sums(text, language)


def _sums(text: str, language: str) -> Iterator[Piece]:
    """The sums, without those that were taken back: five thousand, no, five hundred."""
    corrects = _lexer(language).corrects
    last: Piece | None = None
    for piece in (amounts_zh if language == "zh" else amounts_en).amounts(text):
        if last is not None and not corrects(text[last.end : piece.start]):
            yield last
        last = piece
    if last is not None:
        yield last


def _ibans(text: str) -> Iterator[Piece]:
    for found in _IBAN.finditer(text):
        written = found[0].replace(" ", "").upper()
        if 15 <= len(written) <= 34:
            turned = written[4:] + written[:4]
            if int("".join(str(int(char, 36)) for char in turned)) % 97 == 1:
                yield Piece(MentionKind.ACCOUNT, written, *found.span())


def _numbers(text: str, language: str, region: str) -> Iterator[Piece]:
    words = cues(language)

    def read(number: Number) -> Numbered | None:
        return numbered(
            number.digits,
            international=words.plus.search(text, max(0, number.start - _PLUS_REACH), number.start) is not None,
            cue=cue(text, number.start, number.end, words),
            region=region,
            language=language,
        )

    def sureness(number: Number) -> int:
        found = read(number)
        return found.sureness if found else 0

    for run in _lexer(language).runs(hide_all(text, _NO_NUMBER)):
        for number in numbers(run, sureness):
            if found := read(number):
                yield Piece(found.kind, found.value, number.start, number.end)
