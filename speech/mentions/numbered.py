"""What digits are the number of: a telephone, a bank account, or nothing that others could act on."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import Enum
from functools import lru_cache

import phonenumbers

from speech.mentions.dictated import STRONG
from speech.mentions.model import MentionKind


class Cue(Enum):
    """What the words before a number say that it is."""

    NONE = "none"
    PHONE = "phone"
    ACCOUNT = "account"
    TAIL = "tail"
    """The last digits of an account."""
    OTHER = "other"
    """A code, a case number, a date of birth: not to be taken."""


@dataclass(frozen=True, slots=True)
class Numbered:
    """What digits are, and how surely: 1 by their length alone, `STRONG` by their form."""

    kind: MentionKind
    value: str
    sureness: int


EVERYDAY = frozenset({
    "110", "119", "120", "122", "112", "114", "911", "999", "988", "12110", "96110", "95110", "12345", "12315",
    "12348", "12355", "12377", "12381", "12389", "10000", "10010", "10086", "10099", "10060", "95598",
})  # fmt: skip
"""Emergency, police, complaint and carrier numbers: named in every other call, and never to be blocked."""

_MOBILE = re.compile(r"(?:86|0)?(1[13-9]\d{9})")
_LANDLINE = re.compile(r"0(?:(?:10|2\d)\d{8}|[3-9]\d\d\d{7,8})")
_SERVICE = re.compile(r"[48]00\d{7}")
_COMPANY = re.compile(r"95\d{3}(?:\d{3})?")
_IDENTITY = re.compile(r"[1-9]\d{5}(?P<born>(?:19|20)\d{6})\d{3}[\dx]")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
"""GB 11643-1999."""


@lru_cache(maxsize=4096)
def numbered(digits: str, *, international: bool, cue: Cue, region: str, language: str) -> Numbered | None:
    """What a number is; ``None`` if nothing. ``international``: a plus stood before it."""
    if cue is Cue.OTHER or digits.lstrip("0") == "" or digits in EVERYDAY or len(digits) > 34:
        return None
    if cue is Cue.TAIL:
        if 4 <= len(digits) <= 6:
            return Numbered(MentionKind.ACCOUNT, f"*{digits}", 2)
        cue = Cue.ACCOUNT
    phone = _phone(digits, international, cue, region)
    account = _account(digits, cue, language) if not international else None
    if phone is None or (account is not None and account.sureness > phone.sureness):
        return account
    return phone


def luhn(digits: str) -> bool:
    """Whether the last digit checks the others, as on bank cards (ISO/IEC 7812-1)."""
    doubled = (int(digit) * 2 for digit in digits[-2::-2])
    return (sum(int(digit) for digit in digits[::-2]) + sum(twice - 9 * (twice > 9) for twice in doubled)) % 10 == 0


def identity_card(digits: str) -> bool:
    """Whether it is the number of a Chinese identity card: a date of birth in it, and the check digit right."""
    found = _IDENTITY.fullmatch(digits)
    if found is None:
        return False
    try:
        date.fromisoformat(found["born"])
    except ValueError:
        return False
    rest = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, digits, strict=False)) % 11
    return "10x98765432"[rest] == digits[17]


def _account(digits: str, cue: Cue, language: str) -> Numbered | None:
    named = cue is Cue.ACCOUNT
    length = len(digits)
    if identity_card(digits):
        return None
    if 16 <= length <= 19:
        if luhn(digits) and digits[0] in "3456789":
            return Numbered(MentionKind.ACCOUNT, digits, STRONG)
        return Numbered(MentionKind.ACCOUNT, digits, 2) if named else Numbered(MentionKind.ACCOUNT, digits, 1)
    shortest = 9 if language == "zh" else 6
    if named and shortest <= length <= 22:
        return Numbered(MentionKind.ACCOUNT, digits, 2 if length >= 12 else 1)
    return None


def _phone(digits: str, international: bool, cue: Cue, region: str) -> Numbered | None:
    if international:
        return _abroad(digits, region)
    if digits.startswith("00") and len(digits) >= 10 and region != "US":
        found = _abroad(digits[2:], region)
        if found is not None and cue is not Cue.ACCOUNT:
            return found
    return _mainland(digits, cue) if region == "CN" else _national(digits, cue, region)


def _abroad(digits: str, region: str) -> Numbered | None:
    try:
        number = phonenumbers.parse(f"+{digits}", None)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    if number.country_code != phonenumbers.country_code_for_region(region):
        return Numbered(MentionKind.PHONE, f"+{digits}", STRONG)
    national = phonenumbers.national_significant_number(number)
    if region == "CN" and re.match(r"1[13-9]|[48]00", national):
        return Numbered(MentionKind.PHONE, national, STRONG)
    trunk = phonenumbers.ndd_prefix_for_region(region, True)
    return Numbered(MentionKind.PHONE, ("0" if trunk == "0" else "") + national, STRONG)


def _mainland(digits: str, cue: Cue) -> Numbered | None:
    if found := _MOBILE.fullmatch(digits):
        return Numbered(MentionKind.PHONE, found[1], STRONG)
    if _LANDLINE.fullmatch(digits) or _SERVICE.fullmatch(digits):
        return None if cue is Cue.ACCOUNT else Numbered(MentionKind.PHONE, digits, 2)
    if cue is Cue.PHONE and _COMPANY.fullmatch(digits):
        return Numbered(MentionKind.PHONE, digits, 1)
    return None


def _national(digits: str, cue: Cue, region: str) -> Numbered | None:
    if not 7 <= len(digits) <= 13:
        return None
    try:
        number = phonenumbers.parse(digits, region)
    except phonenumbers.NumberParseException:
        return None
    possible = phonenumbers.is_possible_number_with_reason(number) == phonenumbers.ValidationResult.IS_POSSIBLE
    if not possible or cue is Cue.ACCOUNT:
        return None
    national = phonenumbers.national_significant_number(number)
    if phonenumbers.ndd_prefix_for_region(region, True) == "0":
        return Numbered(MentionKind.PHONE, f"0{national}", 2) if digits.startswith("0") else None
    if not (cue is Cue.PHONE or phonenumbers.is_valid_number(number)):
        return None
    return Numbered(MentionKind.PHONE, national, 2)
