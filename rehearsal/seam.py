"""What a handset needs of a leg, and the phones of an exchange: pjsua2's lines, or `rehearsal.crowd`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any, Literal, Protocol

from dialer.lines import LegEnd, Played


class Leg(Protocol):
    """A call to a phone. See `dialer.lines.Leg`, which is one."""

    ended: asyncio.Event
    called_number: str
    calling_number: str

    @property
    def referred(self) -> asyncio.Queue[Any]:
        """The legs that a transfer made this one's phone place."""
        ...

    @property
    def end(self) -> LegEnd | None:
        """How it ended, once it has."""
        ...

    @property
    def headers(self) -> Mapping[str, str]:
        """From, P-Asserted-Identity and X- headers of the INVITE."""
        ...

    async def wait(self, what: Literal["ringing", "early_media", "answered"], timeout_s: float) -> bool:
        """Wait for an event; False when the leg ended before or the time is over."""
        ...

    async def send_ringing(self) -> None:
        """Answer 180."""
        ...

    async def send_progress(self) -> None:
        """Answer 183 with SDP: from then on `play` is early media."""
        ...

    async def answer(self) -> None:
        """Answer 200."""
        ...

    async def reject(self, code: int, q850: int | None = None, text: str = "") -> None:
        """Refuse with a final SIP code and, if given, a Q.850 cause."""
        ...

    async def play(self, path: Path | str, from_s: float = 0.0) -> Played:
        """Play a WAV file; returns when it was sent or the leg ended."""
        ...

    def frames(self) -> AsyncIterator[bytes]:
        """The far end's audio in frames of 20 ms, s16le mono 8 kHz."""
        ...

    async def hang_up(self) -> None:
        """End the leg and wait until it is over."""
        ...


class Exchange(Protocol):
    """What phones are connected to."""

    @property
    def contacts(self) -> Mapping[str, str]:
        """SIP URI that serves each phone."""
        ...

    async def start(self) -> None:
        """Come up. Raises `LineError` or `RehearsalError`."""
        ...

    def incoming(self) -> AsyncIterator[Leg]:
        """The calls that come, for ever."""
        ...

    async def stop(self) -> None:
        """End all calls."""
        ...
