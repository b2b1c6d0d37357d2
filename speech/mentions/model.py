"""What a reply names that others can act on."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class MentionKind(StrEnum):
    """What kind of thing it is; the values are those of `campaigns.model.MentionKind`."""

    PHONE = "phone"
    ACCOUNT = "account"
    AMOUNT = "amount"
    APP = "app"
    SITE = "site"


class Owner(StrEnum):
    """Whose number it is, as far as the words around it tell."""

    UNKNOWN = "unknown"
    FRAUDSTER = "fraudster"
    """The account he gave me, he called from."""
    SUBJECT = "subject"
    """My card, my daughter's number: never to be acted on."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A number, sum, app or site in a text."""

    kind: MentionKind
    value: str
    """Phone: the digits as dialled within the region, of a foreign one ``+`` and country code. Account: digits;
    ``*1234`` when only the last ones were said; letters and digits of an IBAN. Amount: a decimal number, the lower end
    if the words are vague. App: its usual name. Site: the host, without ``www.``."""
    words: str
    """As written in the text: ``text[start:end]``."""
    start: int
    end: int
    owner: Owner = Owner.UNKNOWN
    currency: str = ""
    """ISO 4217, or ``USDT``; empty when none was named."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A mention in a folded text, before it is brought back to the text as it was given."""

    kind: MentionKind
    value: str
    start: int
    end: int
    currency: str = ""


def plain(value: Decimal) -> str:
    """A decimal number without exponent; a whole one without a fraction."""
    return f"{value.quantize(Decimal(1)):f}" if value == value.to_integral_value() else f"{value:f}"
