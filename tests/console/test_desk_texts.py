"""Every text of the desk is there in both languages."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from enum import Enum
from html.parser import HTMLParser
from pathlib import Path

import pytest
from jinja2.lexer import TOKEN_COMMENT_BEGIN, TOKEN_COMMENT_END

from campaigns.passwords import PasswordError, hash_password
from campaigns.staff import Role
from console.desk.actions import ACTIONS
from console.desk.catalogues import catalogues, known, used
from console.desk.pages.account import REFUSALS
from console.desk.rendering import TEMPLATES, environment
from console.desk.texts import TAGS, choose, texts
from console.desk.words import WORDS
from tests.console.at_desk import AtDesk

pytestmark = pytest.mark.unit

NAMED = re.compile(r"%\(\w+\)[sd]")
SPOKEN = {"alt", "aria-description", "aria-label", "aria-roledescription", "label", "placeholder", "title"}
"""Attributes that people read or hear."""
ATTRIBUTE = re.compile(r'[\w-]+="[^"]*"')
"""A block may hold attributes for a tag of the template that it extends."""
EXAMPLES = {"sip:8001@192.0.2.10", "case.*"}
TRANSLATED = [tag for tag in TAGS if tag != "en"]


@pytest.mark.parametrize("tag", TRANSLATED)
def test_every_text_is_translated(tag: str) -> None:
    translated = known(tag)
    assert [f"{place}: {text}" for text, place in used().items() if text not in translated] == []


@pytest.mark.parametrize("tag", TRANSLATED)
def test_no_text_is_translated_that_is_not_used_and_none_twice(tag: str) -> None:
    wanted = used()
    assert [text for text in known(tag) if text not in wanted] == []
    there = Counter(message.id for _, catalogue in catalogues(tag) for message in catalogue if message.id)
    assert [text for text, count in there.items() if count > 1] == []


@pytest.mark.parametrize("tag", TRANSLATED)
def test_a_translation_has_the_values_of_its_text(tag: str) -> None:
    for text, translation in known(tag).items():
        asked = {name for each in strings(text) for name in NAMED.findall(each)}
        for each in strings(translation):
            assert set(NAMED.findall(each)) == asked, text


def strings(text: str | tuple[str, ...]) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text)


class Spoken(HTMLParser):
    """The texts of a page that people read or hear."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._code = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._code += tag in {"script", "style", "code", "kbd"}
        self.found += [value for name, value in attrs if name in SPOKEN and value and value not in EXAMPLES]

    def handle_endtag(self, tag: str) -> None:
        self._code -= tag in {"script", "style", "code", "kbd"}

    def handle_data(self, data: str) -> None:
        if not self._code:
            self.found.append(data)


def literal(template: Path) -> str:
    """A template without what it computes."""
    kept, comment = [], False
    for _, kind, value in environment().lex(template.read_text(encoding="utf-8")):
        comment = (comment or kind == TOKEN_COMMENT_BEGIN) and kind != TOKEN_COMMENT_END
        if kind == "data" and not comment:
            kept.append(value)
    return "".join(kept)


def templates() -> Iterator[Path]:
    yield from sorted(TEMPLATES.rglob("*.html"))


@pytest.mark.parametrize("template", list(templates()), ids=lambda path: path.stem)
def test_a_template_holds_no_text_in_one_language_alone(template: Path) -> None:
    spoken = Spoken()
    spoken.feed(literal(template))
    spoken.close()
    texts_alone = [ATTRIBUTE.sub("", text).strip() for text in spoken.found]
    assert [text for text in texts_alone if re.search(r"[^\W\d_]", text)] == []


@pytest.mark.parametrize("template", list(templates()), ids=lambda path: path.stem)
def test_a_template_holds_no_script_and_no_style_in_place(template: Path) -> None:
    text = literal(template)
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|\shx-on|javascript:|<script(?![^>]*\ssrc=)", text)


def test_every_member_of_an_enumeration_has_a_name() -> None:
    for kind, words in WORDS.items():
        assert set(words) == set(kind), kind
        assert all(isinstance(member, Enum) for member in words)


def written_down() -> Iterator[str]:
    """What is written into the audit trail, by the desk and on the command line."""
    calls = {"audit", "_audit", "opened", "looked", "_done"}
    for file in [*TEMPLATES.parent.rglob("*.py"), *(TEMPLATES.parents[2] / "dissuade").rglob("*.py")]:
        for call in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call) and getattr(call.func, "attr", getattr(call.func, "id", "")) in calls:
                yield from (
                    each.value
                    for each in ast.walk(call)
                    if isinstance(each, ast.Constant) and re.fullmatch(r"[a-z_]+\.[a-z_]+", str(each.value))
                )


def test_everything_that_is_written_down_has_a_name() -> None:
    assert set(written_down()) == set(ACTIONS)


def test_what_is_said_of_a_bad_password_is_translated() -> None:
    for bad in ("short", "x" * 300, "wang-wang-wang", "password123"):
        with pytest.raises(PasswordError) as refused:
            hash_password(bad, login="wang")
        assert str(refused.value) in REFUSALS
        assert texts("zh-CN").gettext(str(refused.value)) != str(refused.value)


@pytest.mark.parametrize(
    ("wanted", "accepted", "tag"),
    [
        ("", "zh-TW,zh;q=0.9,en;q=0.8", "zh-CN"),
        ("", "en-GB,en;q=0.9", "en"),
        ("", "fr, en;q=0.5", "en"),
        ("", "fr", "zh-CN"),
        ("", "", "zh-CN"),
        ("en", "zh-CN", "en"),
        ("zh-CN", "en", "zh-CN"),
    ],
)
def test_the_language_is_the_users_else_the_browsers_else_the_centres(wanted: str, accepted: str, tag: str) -> None:
    assert choose(wanted, accepted, "zh-CN") == tag


async def test_a_user_chooses_language_colours_and_telephone(desk: AtDesk) -> None:
    browser = await desk.signed_in("wang", Role.DISSUADER)
    chosen = {"language": "zh-CN", "theme": "dark", "phone": "sip:8001@192.0.2.10"}
    assert (await browser.post("/account", chosen)).status_code == 303
    page = (await browser.get("/account")).text
    assert '<html lang="zh-CN" data-theme="dark">' in page
    assert "我的账户" in page
    assert "sip:8001@192.0.2.10" in page
    wrong = await browser.post("/account", {**chosen, "phone": "8001"})
    assert (wrong.status_code, "这不是 SIP 地址。" in wrong.text) == (422, True)
    assert (await browser.post("/account", {**chosen, "theme": "pink"})).status_code == 422
    assert (await browser.post("/account", {**chosen, "keys": "some"})).status_code == 422
    user = await desk.store.call(lambda s: s.user("wang"))
    assert user is not None
    assert (user.language, user.theme, user.phone) == ("zh-CN", "dark", "sip:8001@192.0.2.10")
