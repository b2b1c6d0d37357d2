# ruff: noqa: N802 - the names and the meaning of callbacks are pjsua2's
"""The audio of one call slot: what comes from the far end, what we send, a player, a feed, and the legs that hear it.

All methods but the port callbacks belong to the SIP thread.
"""

from __future__ import annotations

import contextlib
import itertools
import time
import wave
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pjsua2 as pj

from dialer.lines.endpoint import guarded
from dialer.lines.errors import LineError
from dialer.lines.feed import Feed
from dialer.lines.pcm import FRAME_BYTES
from dialer.lines.ports import CapturePort, OutsidePort, OutsidePorts, connect, disconnect
from dialer.lines.recording import RecordingThread, TwoChannelFile

_RATE = 8000
_SILENCE = bytes(FRAME_BYTES)
PlayResult = dict[str, float | bool]
_PLAYER_STAYS_S = 0.5
"""Seconds that a player outlives its prompt. That its file has ended may be on its way, on a thread of pjsip's that is
busy with another leg's: if the player goes before, the process crashes. Of 10,000 calls in a row six ended so."""


class _Player(pj.AudioMediaPlayer):  # type: ignore[misc]
    def __init__(self, on_end: Callable[[], None]) -> None:
        super().__init__()
        self._on_end = on_end

    @guarded
    def onEof2(self) -> None:
        self._on_end()


@dataclass(slots=True)
class _Prompt:
    """A file that is, or waits to be, played."""

    path: str
    from_s: float
    ended: Callable[[PlayResult], None]
    player: Any = None
    rate: int = _RATE
    duration_s: float = 0.0
    started_s: float | None = None


class SlotMedia:
    """See the module."""

    def __init__(
        self,
        index: int,
        frame_ms: int,
        *,
        silence: Any,
        outside: OutsidePorts,
        recordings: RecordingThread,
        post: Callable[[Callable[[], None]], None],
        after: Callable[[float, Callable[[], None]], None],
    ) -> None:
        """``post`` runs a function on the SIP thread soon; it is called from any thread. ``after`` does so some seconds
        later; it is called from the SIP thread.
        """
        self._frame_s = frame_ms / 1000
        self._silence = bytes(frame_ms * 16)
        self._recordings = recordings
        self._post = post
        self._after = after
        # Within a tick the bridge serves ports in this order; recordings lean on it.
        self._far = CapturePort(f"far{index}", frame_ms)
        self._sent = CapturePort(f"sent{index}", frame_ms)
        silence.startTransmit(self._far)
        silence.startTransmit(self._sent)
        self._feed = Feed()
        self._ports = outside
        self._outside: OutsidePort | None = None
        """Taken while this leg is fed or tapped."""
        self._audio: Any = None
        self._listeners: dict[SlotMedia, bool] = {}
        """Who hears this far end, and whether also what is played to it."""
        self._heard: set[SlotMedia] = set()
        self._tap_prompts = False
        self._prompt: _Prompt | None = None
        self._retired: deque[_Player] = deque()
        """What has played and still lives, the oldest first."""
        self._recording: TwoChannelFile | None = None
        self._send: Callable[[int, bytes], None] | None = None
        self._frames = 0
        self._frame_at = 0.0

    @property
    def clock_s(self) -> float:
        """Seconds since the first frame of this leg."""
        if not self._frames:
            return 0.0
        return self._frames * self._frame_s + min(time.monotonic() - self._frame_at, self._frame_s)

    @property
    def flows(self) -> bool:
        """Whether there is media."""
        return self._audio is not None

    def begin(self, send: Callable[[int, bytes], None]) -> None:
        """Take the slot for a leg; ``send`` gets each frame with its index, on the media clock."""
        self._send = send
        self._frames = 0

    def attach(self, audio: Any) -> None:
        """Wire the media of the call; again whenever pjsip says that it changed."""
        self._audio = audio
        self._far.take = self._on_far
        self._sent.take = self._on_sent
        self.wire()
        for speaker in self._heard:
            speaker.wire()
        if self._prompt is not None and self._prompt.player is None:
            self._start(self._prompt)

    def wire(self) -> None:
        """Connect whatever is to be heard of this leg; what is connected stays so. Raises pj.Error."""
        connect(self._audio, [self._far, *self._voice_sinks()])
        if self._feed.wanted:
            connect(self._outside, self._own_sinks)
        if self._prompt is not None:
            connect(self._prompt.player, self._prompt_sinks())

    def end(self) -> None:
        """Give the slot back: nothing of the leg remains."""
        self._far.take = self._sent.take = None
        # pjsip is about to remove the port of the call with all its connections. Whoever is told before to be silent
        # towards it is, by the time that this is done, silenced towards everybody.
        audio, self._audio = self._audio, None
        self.stop_playing()
        disconnect(audio, [self._far])
        disconnect(audio, self._tap)
        self.untap()
        self._stop_feeding()
        for other in tuple(self._listeners):
            disconnect(audio, other._own_sinks)
            other.hear(self, on=False)
        for other in tuple(self._heard):
            self.hear(other, on=False)
        self._send = None
        if self._recording is not None:
            self._recordings.close(self._recording)
            self._recording = None

    def play(self, path: str, from_s: float, ended: Callable[[PlayResult], None]) -> None:
        """Play a file from a position, as soon as there is media; ``ended`` is called once. Raises LineError."""
        self.stop_playing()
        prompt = _Prompt(path, from_s, ended)
        try:
            with wave.open(path, "rb") as file:
                prompt.rate = file.getframerate()
                prompt.duration_s = file.getnframes() / prompt.rate
        except (OSError, EOFError, wave.Error) as error:
            raise LineError(f"The prompt {Path(path).name} cannot be played: {error}. Render it again.") from None
        self._prompt = prompt
        if self._audio is not None:
            self._start(prompt)

    def stop_playing(self) -> None:
        """Fall silent at once."""
        prompt = self._prompt
        if prompt is None:
            return
        position_s = min(prompt.from_s, prompt.duration_s)
        if prompt.player is not None:
            with contextlib.suppress(pj.Error):
                position_s = min(prompt.player.getPos() / prompt.rate, prompt.duration_s)
        self._finish(prompt, position_s, complete=False)

    def record(self, path: str) -> None:
        """Write both directions from now on. Raises LineError."""
        if self._recording is not None:
            raise LineError("This leg is being recorded already: record it once.")
        try:
            self._recording = self._recordings.open(Path(path))
        except OSError as error:
            raise LineError(f"The recording {Path(path).name} cannot be written: {error.strerror}.") from None

    def hear(self, other: SlotMedia, *, on: bool, prompts: bool = False) -> None:
        """Hear another far end from now on, and with ``prompts`` what is played to it; or no more."""
        if on:
            other._listeners[self] = prompts
            self._heard.add(other)
            other.wire()
        else:
            other._listeners.pop(self, None)
            self._heard.discard(other)
            disconnect(other._audio, self._own_sinks)
        if other._prompt is not None and not (on and prompts):
            disconnect(other._prompt.player, self._own_sinks)

    def feed(self, source: int, pcm: bytes) -> None:
        """Let the far end hear more of a source."""
        if not self._feed.wanted:
            port = self._open_outside()
            port.give = self._feed.pull
            connect(port, self._own_sinks)
        self._feed.push(source, pcm)

    def rest(self) -> None:
        """Let go of what has not been fed for a while; called about every second."""
        if self._feed.wanted and not self._feed.still_wanted():
            self._stop_feeding()

    def tap(self, take: Callable[[int, bytes], None], *, prompts: bool) -> None:
        """Give each frame of 20 ms of the far end, and with ``prompts`` what is played to it, to ``take``."""
        self.untap()
        port = self._open_outside()
        self._tap_prompts = prompts
        indices = itertools.count()
        port.take = lambda pcm: take(next(indices), pcm or _SILENCE)
        self.wire()

    def untap(self) -> None:
        """Undo `tap`."""
        disconnect(self._audio, self._tap)
        if self._prompt is not None:
            disconnect(self._prompt.player, self._tap)
        if self._outside is not None:
            self._outside.take = None
            self._close_outside()

    def _stop_feeding(self) -> None:
        self._feed.clear()
        disconnect(self._outside, self._own_sinks)
        self._close_outside()

    def _open_outside(self) -> OutsidePort:
        if self._outside is None:
            self._outside = self._ports.take()
        return self._outside

    def _close_outside(self) -> None:
        if self._outside is not None and not self._tap and not self._feed.wanted:
            self._ports.give_back(self._outside)
            self._outside = None

    @property
    def _tap(self) -> list[Any]:
        """The port that is to get what the far end says, if it is tapped."""
        return [self._outside] if self._outside is not None and self._outside.take is not None else []

    @property
    def _own_sinks(self) -> list[Any]:
        """Where a sound goes that this far end hears: to it, and into the recording."""
        return [self._sent] if self._audio is None else [self._sent, self._audio]

    def _voice_sinks(self) -> list[Any]:
        sinks = [sink for listener in self._listeners for sink in listener._own_sinks]
        return sinks + self._tap

    def _prompt_sinks(self) -> list[Any]:
        sinks = [sink for listener, prompts in self._listeners.items() if prompts for sink in listener._own_sinks]
        return self._own_sinks + sinks + (self._tap if self._tap_prompts else [])

    def _start(self, prompt: _Prompt) -> None:
        prompt.started_s = self.clock_s
        if prompt.from_s >= prompt.duration_s:
            self._finish(prompt, prompt.duration_s, complete=True)
            return
        # onEof2 comes on another thread, and must not touch the player.
        player = _Player(lambda: self._post(lambda: self._at_end(prompt)))
        player.createPlayer(prompt.path, pj.PJMEDIA_FILE_NO_LOOP)
        if prompt.from_s > 0:
            player.setPos(int(prompt.from_s * prompt.rate))
        prompt.player = player
        connect(player, self._prompt_sinks())

    def _at_end(self, prompt: _Prompt) -> None:
        if self._prompt is prompt:
            self._finish(prompt, prompt.duration_s, complete=True)

    def _finish(self, prompt: _Prompt, position_s: float, *, complete: bool) -> None:
        if prompt.player is not None:
            self._retire(prompt.player)
            prompt.player = None  # it holds the prompt, which else would hold it
        self._prompt = None
        ended_s = self.clock_s
        started_s = ended_s if prompt.started_s is None else prompt.started_s
        prompt.ended({"started_s": started_s, "ended_s": ended_s, "position_s": position_s, "complete": complete})

    def _retire(self, player: _Player) -> None:
        """Let a player go, but not yet: see `_PLAYER_STAYS_S`."""
        disconnect(player, self._prompt_sinks())
        self._retired.append(player)
        self._after(_PLAYER_STAYS_S, self._let_go)

    def _let_go(self) -> None:
        self._retired.popleft()

    def _on_far(self, pcm: bytes) -> None:
        if len(pcm) != len(self._silence):
            pcm = self._silence
        index = self._frames
        self._frames += 1
        self._frame_at = time.monotonic()
        if self._recording is not None:
            self._recording.left(pcm)
        if self._send is not None:
            self._send(index, pcm)

    def _on_sent(self, pcm: bytes) -> None:
        if self._recording is not None:
            self._recording.right(pcm if len(pcm) == len(self._silence) else self._silence)
