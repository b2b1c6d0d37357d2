"""Following a call while it goes on: what those beside it are told, the moment it happens."""

from __future__ import annotations

from typing import Protocol

from campaigns.model import HeardSignal, Mention, Speaker
from dialer.live import Phase


class Watch(Protocol):
    """Somebody who follows one call. Every method returns at once and raises nothing."""

    def phase(self, phase: Phase) -> None:
        """The call stands here now."""
        ...

    def said(self, speaker: Speaker, text: str, start_s: float, *, final: bool, name: str = "") -> None:
        """What somebody says, so far or, with ``final``, in the end: then it replaces what was told before.

        A final empty text takes it back: it was noise, or a prompt that nobody heard. ``name`` is a human's.
        """
        ...

    def signal(self, signal: HeardSignal) -> None:
        """A signal was heard for the first time in this call."""
        ...

    def mention(self, mention: Mention) -> None:
        """A number, sum, app or site was spoken of for the first time in this call."""
        ...

    def wanted(self, reason: str, words: str) -> None:
        """A human is called for."""
        ...

    def party_changed(self) -> None:
        """Who is on the call beside the subject, or who is asked to come, changed."""
        ...


class Unwatched:
    """Nobody follows the call."""

    def phase(self, phase: Phase) -> None:
        """Nothing."""

    def said(self, speaker: Speaker, text: str, start_s: float, *, final: bool, name: str = "") -> None:
        """Nothing."""

    def signal(self, signal: HeardSignal) -> None:
        """Nothing."""

    def mention(self, mention: Mention) -> None:
        """Nothing."""

    def wanted(self, reason: str, words: str) -> None:
        """Nothing."""

    def party_changed(self) -> None:
        """Nothing."""
