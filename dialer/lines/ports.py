# ruff: noqa: D102, N802 - the names and the meaning of callbacks are pjsua2's
"""Ports of the audio bridge that end in Python: what is sent to them, what they feed, and silence.

They are made once and live as long as the process: destroying an `AudioMediaPort` while the endpoint runs crashes it.
"""

from __future__ import annotations

import contextlib
import ctypes
import threading
from collections.abc import Callable, Iterable
from typing import Any

import pjsua2 as pj

from dialer.lines.endpoint import guarded
from dialer.lines.pcm import FRAME_BYTES, FRAME_MS

_RATE = 8000
_Ends = ctypes.c_void_p * 2
_BUFFER_AT = 8
"""Where the vector of its samples stands in a ``pj::MediaFrame``, in bytes: behind the type."""


def _read_vector(address: int) -> bytes:
    """Copy a ``std::vector<unsigned char>`` by its begin and end pointers: 1 us, where ``bytes(buffer)`` takes 400."""
    begin, end = _Ends.from_address(address)
    return ctypes.string_at(begin, end - begin) if begin and end else b""


def _fill_vector(vector: Any, content: bytes) -> None:
    """Overwrite a vector that is as long as the content."""
    begin, end = _Ends.from_address(int(vector.this))
    if begin and end:
        ctypes.memmove(begin, content, min(len(content), end - begin))


def _has_known_layout() -> bool:
    """Whether this build has the layout of frames and their vectors that reading and filling lean on."""
    content = bytes(range(256)) * 4
    frame = pj.MediaFrame()
    frame.buf = pj.ByteVector(content)
    begin, end = _Ends.from_address(int(frame.buf.this))
    return bool(begin and end and end - begin == len(content) and _read_frame(frame) == content)


def _read_frame(frame: Any) -> bytes:
    """The sound of a frame, without the object that ``frame.buf`` would make."""
    return _read_vector(int(frame.this) + _BUFFER_AT)


class _MediaThread(threading.local):
    """What is known of the thread that calls us: one of pjsip's, which Python forgets after each call."""

    stays = False


_media_thread = _MediaThread()


def _stay() -> None:
    """Let this thread keep its Python state when its callback is over: to make one anew takes 12 us at each frame."""
    if not _media_thread.stays:
        _media_thread.stays = True
        ctypes.pythonapi.PyGILState_Ensure()


_known_layout = _has_known_layout()
_sound_of: Callable[[Any], bytes] = _read_frame if _known_layout else lambda frame: bytes(frame.buf)


class CapturePort(pj.AudioMediaPort):  # type: ignore[misc]
    """Hands each frame that is sent to it to ``take``, on the media clock; drops it while that is None."""

    def __init__(self, name: str, frame_ms: int) -> None:
        super().__init__()
        self.take: Callable[[bytes], None] | None = None
        self.createPort(name, _audio_format(frame_ms))

    @guarded
    def onFrameReceived(self, frame: Any) -> None:
        _stay()
        take = self.take
        if take is not None:
            take(_sound_of(frame))


class OutsidePort(CapturePort):
    """A capture port with the bridge's own frame length, which also plays what ``give`` returns: silence for None."""

    def __init__(self, name: str) -> None:
        super().__init__(name, FRAME_MS)
        self.give: Callable[[], bytes | None] | None = None
        self._vector = pj.ByteVector(bytes(FRAME_BYTES))

    @guarded
    def onFrameRequested(self, frame: Any) -> None:
        pcm = self.give() if self.give is not None else None
        if pcm is None:
            frame.type = pj.PJMEDIA_FRAME_TYPE_NONE
            return
        if _known_layout:
            _fill_vector(self._vector, pcm)
        else:
            self._vector = pj.ByteVector(pcm)
        frame.type = pj.PJMEDIA_FRAME_TYPE_AUDIO
        frame.buf = self._vector
        frame.size = FRAME_BYTES


class OutsidePorts:
    """The outside ports of a process. The bridge calls into Python for each port at each frame, connected or not: so
    they are made when they are first needed, and used again.
    """

    def __init__(self) -> None:
        self._made = 0
        self._free: list[OutsidePort] = []

    def take(self) -> OutsidePort:
        """Return a port that is not connected."""
        if self._free:
            return self._free.pop()
        self._made += 1
        return OutsidePort(f"outside{self._made}")

    def give_back(self, port: OutsidePort) -> None:
        """Take a port back that is not connected any more."""
        port.take = port.give = None
        self._free.append(port)


def connect(source: Any, sinks: Iterable[Any]) -> None:
    """Send a sound to each sink; nothing happens without a source. Raises pj.Error."""
    if source is not None:
        for sink in sinks:
            source.startTransmit(sink)


def disconnect(source: Any, sinks: Iterable[Any]) -> None:
    """Undo `connect`; what is not connected, or has gone, stays so."""
    if source is not None:
        for sink in sinks:
            with contextlib.suppress(pj.Error):
                source.stopTransmit(sink)


def silence_port() -> Any:
    """Return a source of silence: it keeps the frames of every capture port whole and in step with each other."""
    port = pj.AudioMediaPort()
    port.createPort("silence", _audio_format(FRAME_MS))
    return port


def _audio_format(frame_ms: int) -> Any:
    audio = pj.MediaFormatAudio()
    audio.init(pj.PJMEDIA_FORMAT_PCM, _RATE, 1, frame_ms * 1000, 16)
    return audio
