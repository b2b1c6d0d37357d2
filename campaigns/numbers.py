"""Telephone numbers: from any usual way of writing to E.164, and back to what a log may show."""

from __future__ import annotations

import re
import unicodedata

import phonenumbers

from campaigns.messages import Said, said

_EMERGENCY = ("110", "119", "120", "122", "12110", "112", "999", "911", "988", "000", "995")
_HOTLINES = ("96110", "12345", "12315", "12348", "12355", "12377", "12381", "12389", "95110", "114")
_CARRIERS = ("10000", "10010", "10086", "10099", "10060", "10001", "10011", "10050")
NEVER_DIAL = frozenset(_EMERGENCY + _HOTLINES + _CARRIERS)
"""Numbers that are never those of a subject, with and without country and area code. Every other number of six digits
or fewer is refused too.
"""

_SERVICE = said("number.service")
_WRITTEN = re.compile(r"\(?\+?[0-9 .()-]+")
_MAINLAND_MOBILE = re.compile(r"(?:\+86|0086|86|0)?(1[1-9][0-9]{9})")
_PLAIN_MOBILE = re.compile(r"1[1-9][0-9]{9}")
_AREA = re.compile(r"(?:10|2\d|[3-9]\d\d)")


class NumberError(ValueError):
    """The text is not a number that may be called. ``said`` says why in either language; ``mend`` what to do."""

    def __init__(self, said: Said) -> None:
        super().__init__(said.text())
        self.said = said
        self.reason = said.reason()
        self.mend = said.mend()


def normalise(text: str, *, region: str = "CN") -> str:
    """E.164 of a number in any usual way of writing; without ``+`` or ``00`` it is one of ``region`` (ISO 3166).

    Numbers that are possible but assigned to nobody are accepted. Raises `NumberError`.
    """
    if region == "CN" and _PLAIN_MOBILE.fullmatch(text):
        return f"+86{text}"
    written = _clean(text)
    _refuse_service(written, region)
    if mobile := _mainland_mobile(written, region):
        return mobile
    number = _parse(written, region)
    national = phonenumbers.national_significant_number(number)
    _refuse_service(national, region)
    if number.country_code == 86:
        if (area := _AREA.match(national)) and national[area.end() :] in NEVER_DIAL:
            raise NumberError(_SERVICE)
        _check_mainland(national)
    reason = phonenumbers.is_possible_number_with_reason(number)
    if reason != phonenumbers.ValidationResult.IS_POSSIBLE:
        raise NumberError(_impossible(reason))
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def caller_id(text: str, *, region: str = "CN") -> str:
    """What the person called is shown: a short service number such as ``96110`` as it is, a longer one as E.164.

    Raises `NumberError`.
    """
    written = _clean(text)
    digits = re.sub(r"\D", "", written)
    if "+" not in written and 3 <= len(digits) <= 6:
        return digits
    number = _parse(written, region)
    if not phonenumbers.is_possible_number(number):
        raise NumberError(said("number.caller"))
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def mask(number: str) -> str:
    """A number as a log may show it: ``+86111****0011``."""
    if len(number) < 9:
        return "*" * max(0, len(number) - 2) + number[-2:]
    return f"{number[:-8]}****{number[-4:]}"


def _clean(text: str) -> str:
    """Plain characters, without the marks that spreadsheets and links add."""
    written = unicodedata.normalize("NFKC", text)
    written = re.sub(r"[\u200b-\u200f\u202a-\u202e\u2060\ufeff\u00ad]", "", written).strip()
    written = re.sub(r"[\u2010-\u2015\u2212]", "-", written)
    written = written.removeprefix("tel:").removeprefix("=").strip("\"'`").strip()
    if re.fullmatch(r"\d(?:\.\d+)?[eE]\+?\d+", written):
        raise NumberError(said("number.exponent"))
    written = re.sub(r"^(\d{7,})\.0$", r"\1", written)
    if not re.search(r"\d", written):
        raise NumberError(said("number.none" if written else "number.empty"))
    if not _WRITTEN.fullmatch(written):
        raise NumberError(said("number.many"))
    return written


def _mainland_mobile(written: str, region: str) -> str | None:
    """E.164 if it is a mobile number of mainland China.

    `phonenumbers` takes 111xx, 12xxx and 179xx at the start of one for the code of a carrier and drops it.
    """
    match = _MAINLAND_MOBILE.fullmatch(re.sub(r"[^0-9+]", "", written))
    if match is None or (region != "CN" and not written.lstrip("(").startswith(("+", "00"))):
        return None
    return f"+86{match[1]}"


def _parse(written: str, region: str) -> phonenumbers.PhoneNumber:
    try:
        number = phonenumbers.parse(written, region)
    except phonenumbers.NumberParseException as error:
        raise NumberError(said("number.not")) from error
    code = phonenumbers.country_code_for_region(region)
    digits = re.sub(r"\D", "", written)
    too_long = phonenumbers.is_possible_number_with_reason(number) == phonenumbers.ValidationResult.TOO_LONG
    if too_long and "+" not in written and code and digits.startswith(str(code)):
        return phonenumbers.parse(f"+{digits}", None)
    return number


def _refuse_service(digits: str, region: str) -> None:
    plain = re.sub(r"\D", "", digits)
    code = str(phonenumbers.country_code_for_region(region) or "")
    if len(plain) <= 6 or plain in NEVER_DIAL or (code and plain.removeprefix(code) in NEVER_DIAL):
        raise NumberError(_SERVICE)


def _check_mainland(national: str) -> None:
    """Mainland lengths, which the general rule leaves open: a mobile with a digit lost must not ring somebody else."""
    mobile = national.startswith("1") and not national.startswith("10")
    if len(national) in ({11} if mobile else {10, 11}):
        return
    raise NumberError(said("number.mobile" if mobile else "number.landline", count=len(national)))


def _impossible(reason: int) -> Said:
    codes = {
        phonenumbers.ValidationResult.TOO_SHORT: "number.short",
        phonenumbers.ValidationResult.TOO_LONG: "number.long",
        phonenumbers.ValidationResult.IS_POSSIBLE_LOCAL_ONLY: "number.area",
    }
    return said(codes.get(reason, "number.length"))
