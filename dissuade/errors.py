"""What the front door raises. ``DissuadeError`` is shown to the user as it stands: what is wrong, then the mend."""

from __future__ import annotations


class DissuadeError(Exception):
    """Something that the user can mend."""

    def __init__(self, message: str, mend: str = "") -> None:
        """``message`` says what is wrong; ``mend`` what to do about it."""
        super().__init__(message)
        self.mend = mend


class ConfigError(DissuadeError):
    """The configuration cannot be used."""
