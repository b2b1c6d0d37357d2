"""What a text message says: templates by language and scam type, checked when they are read."""

from __future__ import annotations

import re
import string
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, RootModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from campaigns.delivery.sms_coding import TextTooLongError, encode
from campaigns.model import Grade, Lead

GENERAL = "general"
MAX_MESSAGES = 2
_LINK = re.compile(r"https?:|www\.|://|[a-z0-9-]+\.(?:com|cn|net|org|top|xyz|cc|vip)\b", re.IGNORECASE)


class TextsError(Exception):
    """A file of texts cannot be used; the message says where and why."""


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid")

    types: list[str] = Field(min_length=1)
    text: str = Field(min_length=1)


class _Languages(RootModel[dict[str, list[_Entry]]]):
    pass


@dataclass(frozen=True, slots=True)
class Message:
    """A text message to be sent."""

    text: str
    flash: bool


class SmsTexts:
    """The texts of a centre: its own, and the built-in ones behind them."""

    def __init__(self, own: Path | None = None, *, centre: str, callback_number: str) -> None:
        """``own``: a file like the built-in ``sms_texts.yaml``. Raises `TextsError`."""
        self._values = {"centre": centre, "callback_number": callback_number}
        self._texts: dict[str, dict[str, str]] = {}
        self._flash: frozenset[Grade] = frozenset()
        built_in = resources.files("campaigns.delivery") / "sms_texts.yaml"
        self._take("the built-in texts", built_in.read_text(encoding="utf-8"))
        if own is not None:
            try:
                text = own.read_text(encoding="utf-8-sig")
            except (OSError, UnicodeDecodeError) as error:
                raise TextsError(f"{own} cannot be read: {error}; it must be a UTF-8 file") from None
            self._take(str(own), text)

    def message(self, lead: Lead, wish: Mapping[str, object] = {}) -> Message:
        """What is sent to the subject of a lead; ``wish`` may hold a ``text`` and ``flash`` of whoever ordered it."""
        text, flash = wish.get("text"), wish.get("flash")
        return Message(
            text if isinstance(text, str) and text.strip() else self._text(lead.language, lead.scam_type),
            flash if isinstance(flash, bool) else lead.grade in self._flash,
        )

    def _text(self, language: str, scam_type: str) -> str:
        tag = language.lower()
        for known in (tag, tag.partition("-")[0], "en"):
            if known in self._texts:
                texts = self._texts[known]
                return texts.get(scam_type.strip().lower(), texts[GENERAL]).format_map(self._values)
        raise AssertionError("English is built in")

    def _take(self, where: str, text: str) -> None:
        try:
            data = YAML(typ="safe", pure=True).load(text)
        except YAMLError as error:
            raise TextsError(f"{where}: not valid YAML: {error}") from None
        if not isinstance(data, dict):
            raise TextsError(f"{where}: a table by language is expected")
        if "flash" in data:
            flash = data.pop("flash")
            if not isinstance(flash, list) or not {str(each) for each in flash} <= set(Grade):
                raise TextsError(f"{where}: flash: a list of grades is expected: {', '.join(Grade)}")
            self._flash = frozenset(Grade(each) for each in flash)
        try:
            languages = _Languages.model_validate(data).root
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            raise TextsError(f"{where}: {'.'.join(str(each) for each in first['loc'])}: {first['msg']}") from None
        for language, entries in languages.items():
            known = self._texts.setdefault(language.lower(), {})
            for entry in entries:
                self._check(f"{where}: {language}, {entry.types[0]}", entry.text)
                known.update({name.strip().lower(): entry.text for name in entry.types})
            if GENERAL not in known:
                raise TextsError(f"{where}: {language}: there must be an entry of type {GENERAL}")

    def _check(self, where: str, text: str) -> None:
        try:
            fields = {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}
        except ValueError as error:
            raise TextsError(f"{where}: {error}") from None
        if unknown := fields - self._values.keys():
            raise TextsError(
                f"{where}: {{{sorted(unknown)[0]}}} is not known; {{centre}} and {{callback_number}} are filled in"
            )
        filled = text.format_map(self._values)
        try:
            coded = encode(filled)
        except TextTooLongError as error:
            raise TextsError(f"{where}: {error}") from None
        if len(coded.parts) > MAX_MESSAGES:
            raise TextsError(f"{where}: {len(filled)} characters need {len(coded.parts)} messages; shorten it to 2")
        if _LINK.search(filled):
            raise TextsError(f"{where}: no links: people are told that messages with links are not ours")
        if self._values["callback_number"] not in filled:
            raise TextsError(f"{where}: say whom to call back: {{callback_number}}")
