"""Apps by name: those of names.yaml, and those that somebody introduces: 一个叫聚富通的软件, "an app called X"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ruamel.yaml import YAML

from speech.homophones import Homophones
from speech.mentions.model import MentionKind, Piece

NAMES = Path(__file__).with_name("names.yaml")

_BESIDE_ZH = re.compile(
    r"软件|app|平台|应用|下载|下了?[个载]|装|聊|登录|登陆|会议|共享|远程|视频|注册|客户端|[用在]$|^(?:上|里|中|跟|和|"
    r"群|号)|开的?会"
)
_BESIDE_EN = re.compile(
    r"\b(?:on|over|using|through|via|install(?:ed)?|download(?:ed)?|app|called|use|uses|used|opened|join(?:ed)?)\s*$|"
    r"^\s*(?:app|call|meeting|chat)\b"
)
_BESIDE_REACH = 12
_HEARD_FROM_SYLLABLES = 4
"""From this length on a name is known by its sound; shorter ones sound like everyday words."""

_PROGRAM_ZH = r"(?:app|软件|平台|应用|程序|小程序|客户端|交易所|聊天软件)"
_NAMED_ZH = (
    re.compile(
        r"(?:个|名字|[是用了载装])叫(?:做)?(?P<name>[^\s,。、!?什么啥叫]{2,10}?)的?(?:那个|一个)?"
        rf"(?:聊天|会议|投资|理财|贷款|购物|交易|直播|交友|刷单)?{_PROGRAM_ZH}"
    ),
    re.compile(
        rf"{_PROGRAM_ZH}[,\s]*(?:的?(?:名字|名称)?(?:就|它)?是?叫(?:做)?|的?(?:名字|名称)(?:就|它)?是)"
        r"(?P<name>[^\s,。、!?什么啥叫]{2,8}?)"
        r"(?=$|[\s,。、!?]|的|[上里中](?!市)|让|要|我|他|然后|吧|吗|啊|呢|还|就)"
    ),
)
_IDLE_ZH = re.compile(r"忘|不记得|记不|不知|不清楚|哪个|那个|这个|你|我|他|她|它")

_PROGRAM_EN = r"(?:app|apps|application|software|platform|program|programme|exchange)"
_NAMED_EN = (
    re.compile(
        rf"\b{_PROGRAM_EN}[\s,]+(?:that(?:'s| is| was)?\s+)?(?:is |was )?(?:called|"
        rf"named)\s+(?P<name>[a-z0-9][a-z0-9' ]{{1,40}})"
    ),
    re.compile(
        rf"\bit(?:'s| is| was) (?:called|named)\s+(?P<name>[a-z0-9][a-z0-9' ]{{1,30}}?),?\s+(?:the|an|"
        rf"that) {_PROGRAM_EN}\b"
    ),
)
_ENDS_NAME_EN = frozenset({
    "and", "or", "but", "to", "on", "from", "for", "with", "that", "which", "where", "who", "because", "so", "he",
    "she", "they", "i", "we", "you", "it", "is", "was", "the", "then", "at", "in", "my", "his", "her", "their",
    "into", "what", "something", "like", "if", "by", "of", "again", "now", "today", "yesterday",
})  # fmt: skip
_MOST_WORDS = 3


@dataclass(frozen=True, slots=True)
class _Catalogue:
    pattern: re.Pattern[str]
    names: dict[str, str]
    needs_context: frozenset[str]
    homophones: Homophones


@cache
def _catalogue() -> _Catalogue:
    names: dict[str, str] = {}
    needs: set[str] = set()
    for app in YAML(typ="safe").load(NAMES.read_text(encoding="utf-8"))["apps"]:
        for spelling in (app["name"], *app["says"]):
            names[spelling.lower()] = app["name"]
        if app.get("needs_context"):
            needs.update({app["name"].lower(), *(each for each in app["says"] if len(each) < 5 or each.isascii())})
    spelled = sorted(names, key=len, reverse=True)
    pattern = "|".join(
        rf"(?<![a-z]){re.escape(each).replace(chr(92) + ' ', '[ -]?')}(?![a-z])" if each.isascii() else re.escape(each)
        for each in spelled
    )
    hanzi = [each for each in spelled if not each.isascii() and len(each) >= _HEARD_FROM_SYLLABLES]
    return _Catalogue(re.compile(pattern), names, frozenset(needs), Homophones(hanzi))


def load() -> None:
    """Read names.yaml, once a process."""
    _catalogue()


def apps(text: str, language: str) -> Iterator[Piece]:
    """The apps named in a folded text, in order."""
    known = list(_known(text, language))
    yield from known
    taken = [(each.start, each.end) for each in known]
    introduced = _introduced_zh(text) if language == "zh" else _introduced_en(text)
    for piece in introduced:
        if not any(start < piece.end and piece.start < end for start, end in taken):
            taken.append((piece.start, piece.end))
            yield piece


def _known(text: str, language: str) -> Iterator[Piece]:
    catalogue = _catalogue()
    corrected = catalogue.homophones.correct(text) if language == "zh" else text
    beside = _BESIDE_ZH if language == "zh" else _BESIDE_EN
    for found in catalogue.pattern.finditer(corrected):
        spelling = re.sub(r"[ -]+", " ", found[0])
        name = catalogue.names.get(spelling) or next(
            name for each, name in catalogue.names.items() if each.replace(" ", "") == spelling.replace(" ", "")
        )
        if spelling in catalogue.needs_context:
            before = corrected[max(0, found.start() - _BESIDE_REACH) : found.start()]
            after = corrected[found.end() : found.end() + _BESIDE_REACH]
            if not (beside.search(before) or beside.search(after)):
                continue
        yield Piece(MentionKind.APP, name, *found.span())


def _introduced_zh(text: str) -> Iterator[Piece]:
    for pattern in _NAMED_ZH:
        for found in pattern.finditer(text):
            name = found["name"]
            if not _IDLE_ZH.search(name) and not re.fullmatch(_PROGRAM_ZH, name):
                yield Piece(MentionKind.APP, name, *found.span("name"))


def _introduced_en(text: str) -> Iterator[Piece]:
    for pattern in _NAMED_EN:
        for found in pattern.finditer(text):
            words: list[str] = []
            end = found.start("name")
            for word in re.finditer(r"[a-z0-9']+", found["name"]):
                if word[0] in _ENDS_NAME_EN or len(words) == _MOST_WORDS:
                    break
                words.append(word[0])
                end = found.start("name") + word.end()
            if words:
                yield Piece(MentionKind.APP, " ".join(words), found.start("name"), end)
