"""What can go wrong between a caller of `dialer.lines` and its lines."""

from __future__ import annotations


class LineError(Exception):
    """A line, a leg or the trunk cannot do what was asked. The message says what is wrong and the mend."""


class NoSlotError(LineError):
    """Every call slot that may be used is taken."""
