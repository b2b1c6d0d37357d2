# ruff: noqa: D102, N802 - the names and the meaning of callbacks are pjsua2's
"""The audio of one call slot: what comes from the far end, what we send, a player, and the legs joined to it.

All methods but the capture callbacks belong to the SIP thread. The ports are made once and live as long as the process:
destroying an `AudioMediaPort` while the endpoint runs crashes it.
"""

from __future__ import annotations

import contextlib
import ctypes
import time
import wave
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pjsua2 as pj

from dialer.lines.endpoint import guarded
from dialer.lines.errors import LineError
from dialer.lines.recording import RecordingThread, TwoChannelFile

_RATE = 8000
_Ends = ctypes.c_void_p * 2
PlayResult = dict[str, float | bool]


def _read_vector(buffer: Any) -> bytes:
    """Copy a ``std::vector<unsigned char>`` by its begin and end pointers: 2 us, where ``bytes(buffer)`` takes 400."""
    begin, end = _Ends.from_address(int(buffer.this))
    return ctypes.string_at(begin, end - begin) if begin and end else b""


def _choose_reader() -> Callable[[Any], bytes]:
    """Return the fast reader if this build has the vector layout it leans on."""
    content = bytes(range(256)) * 4
    vector = pj.ByteVector(content)
    begin, end = _Ends.from_address(int(vector.this))
    if begin and end and end - begin == len(content) and _read_vector(vector) == content:
        return _read_vector
    return bytes


_read: Callable[[Any], bytes] = _choose_reader()


class CapturePort(pj.AudioMediaPort):  # type: ignore[misc]
    """Hands each frame that is sent to it to ``take``, on the media clock; drops it while that is None."""

    def __init__(self, name: str, frame_ms: int) -> None:
        super().__init__()
        self.take: Callable[[bytes], None] | None = None
        self.createPort(name, _audio_format(frame_ms))

    @guarded
    def onFrameReceived(self, frame: Any) -> None:
        take = self.take
        if take is not None:
            take(_read(frame.buf))


def silence_port() -> Any:
    """Return a source of silence: it keeps the frames of every capture port whole and in step with each other."""
    port = pj.AudioMediaPort()
    port.createPort("silence", _audio_format(20))
    return port


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
    started_s: float = 0.0


class SlotMedia:
    """See the module."""

    def __init__(
        self,
        index: int,
        frame_ms: int,
        silence: Any,
        recordings: RecordingThread,
        post: Callable[[Callable[[], None]], None],
    ) -> None:
        """``post`` runs a function on the SIP thread later; it is called from any thread."""
        self._frame_s = frame_ms / 1000
        self._silence = bytes(frame_ms * 16)
        self._recordings = recordings
        self._post = post
        # Within a tick the bridge serves ports in this order; recordings lean on it.
        self._far = CapturePort(f"far{index}", frame_ms)
        self._sent = CapturePort(f"sent{index}", frame_ms)
        silence.startTransmit(self._far)
        silence.startTransmit(self._sent)
        self._audio: Any = None
        self._peers: set[SlotMedia] = set()
        self._prompt: _Prompt | None = None
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
        audio.startTransmit(self._far)
        self._far.take = self._on_far
        self._sent.take = self._on_sent
        for peer in self._peers:
            if peer.flows:
                self._connect(peer)
        if self._prompt is not None:
            if self._prompt.player is None:
                self._start(self._prompt)
            else:
                self._prompt.player.startTransmit(audio)

    def end(self) -> None:
        """Give the slot back: nothing of the leg remains."""
        self._far.take = self._sent.take = None
        self.stop_playing()
        for peer in tuple(self._peers):
            self.part(peer)
        if self._audio is not None:
            with contextlib.suppress(pj.Error):
                self._audio.stopTransmit(self._far)
        self._audio = None
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
                prompt.player.stopTransmit(self._audio)
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

    def join(self, other: SlotMedia) -> None:
        """Let two legs hear each other."""
        self._peers.add(other)
        other._peers.add(self)
        if self.flows and other.flows:
            self._connect(other)

    def part(self, other: SlotMedia) -> None:
        """Undo `join`."""
        self._peers.discard(other)
        other._peers.discard(self)
        for one, two in ((self, other), (other, self)):
            if one._audio is None:
                continue
            for sink in (two._audio, two._sent):
                if sink is not None:
                    with contextlib.suppress(pj.Error):
                        one._audio.stopTransmit(sink)

    def _connect(self, other: SlotMedia) -> None:
        for one, two in ((self, other), (other, self)):
            one._audio.startTransmit(two._audio)
            one._audio.startTransmit(two._sent)

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
        player.startTransmit(self._sent)
        player.startTransmit(self._audio)

    def _at_end(self, prompt: _Prompt) -> None:
        if self._prompt is prompt:
            self._finish(prompt, prompt.duration_s, complete=True)

    def _finish(self, prompt: _Prompt, position_s: float, *, complete: bool) -> None:
        self._prompt = None
        prompt.player = None
        ended_s = self.clock_s
        started_s = prompt.started_s if self.flows else ended_s
        prompt.ended({"started_s": started_s, "ended_s": ended_s, "position_s": position_s, "complete": complete})

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


def _audio_format(frame_ms: int) -> Any:
    audio = pj.MediaFormatAudio()
    audio.init(pj.PJMEDIA_FORMAT_PCM, _RATE, 1, frame_ms * 1000, 16)
    return audio
