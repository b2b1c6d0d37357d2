"""Passwords of the desk's users: which are good enough, what is kept of them, and whether a text is one.

A text is normalised (NFKC) first, so that a password is the same from every keyboard, input method and browser. Hashing
and checking take a tenth of a second and 64 MiB: never do it on an event loop or in the store's thread.
"""

from __future__ import annotations

import unicodedata
from functools import cache

from argon2 import PasswordHasher, Type
from argon2.exceptions import Argon2Error, InvalidHashError

MIN_LENGTH = 10
"""Characters."""
MAX_LENGTH = 256
"""Characters; more would only cost time."""
_FEWEST_DIFFERENT = 5
_BESIDE_LOGIN = 6
"""Characters that must remain when the log-in name is taken out."""

_HASHER = PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=1, type=Type.ID)

_ROWS = ("0123456789", "9876543210", "abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm")
"""Round and round, these are no passwords."""
_MANY_USE = """
1234567890a 123456789a 1234567891 123456789q 123qweasdzxc 1314520520 147258369a 1q2w3e4r5t 1qaz2wsx3edc 5201314520
a123456789 a1234567890 aa12345678 aa123456789 abc123456789 abc1234567 abcd123456 admin12345 admin123456 admin@12345
admin@123456 administrator administrator1 asd123456789 baseball123 changeme123 changeme1234 china123456
fanzha110110 football123 huawei@123 iloveyou123 iloveyou520 letmein123 letmein1234 mima123456
minecraft1 mm123456789 p@ssw0rd123 p@ssword123 passw0rd123 password01 password10 password11 password12 password123
password1234 password12345 password123456 password@123 princess123 q1w2e3r4t5 q123456789 qaz123wsx456 qazwsx123456
qazwsxedcrfv qq123456789 qwe123456789 qwer123456 qwer12345678 qwerty12345 qwerty123456 qwertyuiop1 root123456
sunshine123 superman123 test123456 user123456 w123456789 wang123456 welcome123 welcome1234 welcome@123 woaini1314
woaini1314520 woaini5201314 wo12345678 z123456789 zhang123456 zhongguo123 zxc123456789 zxcvbnm123
"""
_COMMON = frozenset(_MANY_USE.split())


class PasswordError(Exception):
    """The password is not good enough; the message says why, for the person who chose it."""


def hash_password(text: str, *, login: str = "") -> str:
    """What is kept of the password of ``login``; raises `PasswordError`."""
    plain = unicodedata.normalize("NFKC", text)
    if len(plain) < MIN_LENGTH:
        raise PasswordError(f"a password has at least {MIN_LENGTH} characters; a few words are easy to remember")
    if len(plain) > MAX_LENGTH:
        raise PasswordError(f"a password has at most {MAX_LENGTH} characters")
    folded = plain.casefold()
    if login and len(folded.replace(login.casefold(), "")) < _BESIDE_LOGIN:
        raise PasswordError("this password is little more than the log-in name; choose another")
    if len(set(folded)) < _FEWEST_DIFFERENT or folded in _COMMON or any(folded in row * MAX_LENGTH for row in _ROWS):
        raise PasswordError("this password is among the first that are tried; choose another")
    return _HASHER.hash(_encoded(plain))


def verify(hashed: str | None, text: str) -> bool:
    """Whether a text is the password. Of somebody unknown (``None``) or without a password (empty) it is not, and it
    takes as long to say so.
    """
    decoy = _decoy()
    if len(text) > MAX_LENGTH:
        return False
    plain = _encoded(unicodedata.normalize("NFKC", text))
    try:
        return _HASHER.verify(hashed or decoy, plain) and bool(hashed)
    except (Argon2Error, InvalidHashError):
        return False


def rehashed(hashed: str, text: str) -> str | None:
    """The same password as it is kept nowadays; ``None`` if it is already. Ask after `verify` said yes, and hand the
    answer to `campaigns.staff.StaffStore.refresh_password`.
    """
    if not _HASHER.check_needs_rehash(hashed):
        return None
    return _HASHER.hash(_encoded(unicodedata.normalize("NFKC", text)))


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


@cache
def _decoy() -> str:
    return _HASHER.hash(b"")
