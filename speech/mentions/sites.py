"""Sites: typed addresses, and spoken ones: 三个w点abc点com, "w w w dot example dot com"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from speech.mentions.digits_en import UNITS
from speech.mentions.model import MentionKind, Piece

_ENDINGS = (
    "com|cn|net|org|top|vip|xyz|cc|app|shop|site|online|club|io|info|me|co|uk|us|live|pro|link|work|fun|icu|tk|hk|tw|"
    "jp|kr|ru|in|"
    "biz|tv|gov|edu|ltd|store|tech|cloud|wang|ink|pw|la|ph|vn|sg|my|au|ca|de|eu|win|bet|one|asia|mobi|win|loan|"
    "finance|money|trade|ly|gg|gl|ws|chat|group|world|network|exchange|capital|fund"
)
_TYPED = re.compile(
    rf"(?<![a-z0-9_@.-])(?:(?P<scheme>https?)\s*:\s*//\s*)?(?P<host>(?:[a-z0-9](?:[a-z0-9-]{{0,61}}[a-z0-9])?\.){{1,5}}(?:{_ENDINGS}|(?P<any>[a-z]{{2,12}})))"
    r"(?![a-z0-9@-]|\.[a-z0-9])(?P<rest>(?::\d{1,5})?(?:[/?#][^\s,。，\u4e00-\u9fff]*)?)"
)
_LETTERS_ZH = {
    **dict(zip("零〇一幺二两三四五六七八九", "0011223456789", strict=True)),
    "洞": "0", "拐": "7", "勾": "9",
}  # fmt: skip
_SPOKEN_ENDINGS_ZH = {"康姆": "com", "康": "com", "抗姆": "com", "西恩": "cn", "耐特": "net"}
_LABEL_ZH = rf"(?:[a-z0-9{''.join(_LETTERS_ZH)}]|杠|横杠|-|(?<=[a-z0-9]) (?=[a-z0-9]))"
_WWW_ZH = r"(?:(?:三个|3个|3)\s*w|w\s*w\s*w)"
_SPOKEN_ZH = re.compile(
    rf"(?:{_WWW_ZH}\s*点\s*)?(?P<labels>{_LABEL_ZH}{{1,40}}\s*(?:点\s*{_LABEL_ZH}{{1,40}}\s*){{0,3}})点\s*"
    rf"(?P<end>(?:{'|'.join(sorted(_ENDINGS.split('|'), key=len, reverse=True))}|c\s*o\s*m|c\s*n|n\s*e\s*t|v\s*i\s*p|"
    rf"t\s*o\s*p|"
    rf"x\s*y\s*z|c\s*c|{'|'.join(_SPOKEN_ENDINGS_ZH)}))(?![a-z])(?:\s*点\s*(?P<country>cn|c\s*n|hk|tw|uk))?"
)
_DOT_EN = re.compile(r"\s(?:dot|point)\s")
_WORD_EN = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_NOT_IN_HOST = frozenset({
    "to", "on", "at", "is", "the", "a", "an", "was", "it", "its", "called", "website", "site", "link", "page", "into",
    "visit", "from", "in", "go", "and", "or", "of", "my", "his", "her", "their", "this", "that", "log", "logged",
    "signed", "open", "opened", "type", "typed", "address", "url", "named", "by", "through", "via", "i", "he", "she",
    "they", "me", "says", "said", "with", "for", "as", "use", "used",
})  # fmt: skip
_MOST_WORDS = 4
_SPOKEN_EN = {**{word: str(digit) for word, digit in UNITS.items()}, "dash": "-", "hyphen": "-", "minus": "-"}


def sites(text: str, language: str) -> Iterator[Piece]:
    """The hosts in a folded text; one that is neither typed whole nor has a known ending is left out."""
    for found in _TYPED.finditer(text):
        if found["any"] and not found["scheme"] and not found["host"].startswith("www."):
            continue
        yield _site(found["host"], *found.span())
    yield from _spoken_zh(text) if language == "zh" else _spoken_en(text)


def _site(host: str, start: int, end: int) -> Piece:
    return Piece(MentionKind.SITE, host.removeprefix("www."), start, end)


def _spoken_zh(text: str) -> Iterator[Piece]:
    for found in _SPOKEN_ZH.finditer(text):
        labels = [_label_zh(each) for each in found["labels"].split("点")]
        ending = re.sub(r"\s", "", found["end"])
        labels.append(_SPOKEN_ENDINGS_ZH.get(ending, ending))
        if found["country"]:
            labels.append(re.sub(r"\s", "", found["country"]))
        if all(labels):
            yield _site(".".join(labels), *found.span())


def _label_zh(spoken: str) -> str:
    dashed = re.sub(r"横?杠", "-", re.sub(r"\s", "", spoken))
    return "".join(_LETTERS_ZH.get(char, char) for char in dashed).strip("-")


def _spoken_en(text: str) -> Iterator[Piece]:
    at = 0
    while found := _DOT_EN.search(text, at):
        piece = _around_dot(text, found, at)
        if piece is not None:
            yield piece
        at = piece.end if piece is not None else found.start() + 1


def _around_dot(text: str, dot: re.Match[str], since: int) -> Piece | None:
    first, start = _label_before(text, dot.start(), since)
    if not first:
        return None
    labels, end = [first], dot.start()
    while (found := _DOT_EN.match(text, end)) is not None:
        words, label_end = _label_after(text, found.end() - 1)
        if not words:
            break
        labels.append(words)
        end = label_end
    if len(labels) > 1 and labels[0] == "www":
        labels = labels[1:]
    if len(labels) < 2 or labels[-1] not in _ENDINGS.split("|"):
        return None
    return _site(".".join(labels), start, end)


def _label_before(text: str, end: int, since: int) -> tuple[str, int]:
    """The label that ends at ``end``, and where it starts: at most a few words, or letters spelled one by one."""
    parts: list[str] = []
    start, words = end, 0
    for found in reversed(list(_WORD_EN.finditer(text, max(since, end - 60), end))):
        gap = text[found.end() : start]
        is_word = len(found[0]) > 1
        idle = (is_word and found[0] in _NOT_IN_HOST) or (found[0] in ("a", "i") and not _spelled(parts))
        if gap.strip() or idle:
            break
        words += is_word and found[0] not in _SPOKEN_EN
        if words > _MOST_WORDS:
            break
        parts.insert(0, _SPOKEN_EN.get(found[0], found[0]))
        start = found.start()
    return "".join(parts).strip("-"), start


def _spelled(parts: list[str]) -> bool:
    return bool(parts) and len(parts[0]) == 1


def _label_after(text: str, start: int) -> tuple[str, int]:
    """The label that begins after ``start``: up to the next dot, or one word, or an ending that is spelled."""
    dot = _DOT_EN.search(text, start)
    words = list(_WORD_EN.finditer(text, start, min(dot.start() if dot else len(text), start + 60)))
    if dot and words and len(words) <= _MOST_WORDS + 8 and _contiguous(text, words, dot.start()):
        spelled = "".join(_SPOKEN_EN.get(word[0], word[0]) for word in words)
        several = sum(len(word[0]) > 1 for word in words)
        if several <= _MOST_WORDS and not any(word[0] in _NOT_IN_HOST and len(word[0]) > 1 for word in words[1:]):
            return spelled.strip("-"), words[-1].end()
    if words and words[0].start() <= start + 1:
        if len(words[0][0]) > 1:
            return words[0][0], words[0].end()
        for count in (4, 3, 2):
            letters = "".join(word[0] for word in words[:count])
            if all(len(word[0]) == 1 for word in words[:count]) and letters in _ENDINGS.split("|"):
                return letters, words[count - 1 if len(words) >= count else -1].end()
    return "", start


def _contiguous(text: str, words: list[re.Match[str]], until: int) -> bool:
    ends = [*(word.start() for word in words[1:]), until]
    return all(not text[word.end() : end].strip() for word, end in zip(words, ends, strict=True))
