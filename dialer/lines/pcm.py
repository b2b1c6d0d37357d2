"""Sound that comes in pieces, made into an even stream of frames: s16le, mono, 8 kHz. Pure."""

from __future__ import annotations

import threading
from array import array
from collections.abc import Sequence

FRAME_MS = 20
FRAME_BYTES = FRAME_MS * 16
LONGEST_MS = 400
"""So much is kept of a sound that comes faster than it is heard; the oldest goes first."""
PREBUFFER_MS = 60
"""So much must have come before a sound begins: later pieces may be 40 ms late and leave no gap."""
_WINDOW_FRAMES = 25
_LOUDEST, _LOWEST = 32767, -32768


class JitterBuffer:
    """One sound: pieces of any length in, frames out. One thread may fill it while another empties it."""

    def __init__(self, prebuffer_ms: int = PREBUFFER_MS) -> None:
        self._enough = prebuffer_ms * 16
        self._queue = bytearray()
        self._sounding = False
        self._waited = 0
        self._pulled = 0
        self._lowest = 0
        self._lock = threading.Lock()

    def push(self, pcm: bytes) -> None:
        """Take a piece."""
        with self._lock:
            self._queue += pcm[: len(pcm) & ~1]
            del self._queue[: max(0, len(self._queue) - LONGEST_MS * 16)]

    def pull(self) -> bytes | None:
        """Return the next frame; ``None`` while there is nothing to be heard."""
        with self._lock:
            if not self._begun():
                return None
            frame = bytes(self._queue[:FRAME_BYTES])
            del self._queue[:FRAME_BYTES]
            self._keep_short()
            return frame.ljust(FRAME_BYTES, b"\0")

    def clear(self) -> None:
        """Forget what has not been heard."""
        with self._lock:
            self._queue.clear()
            self._sounding = False

    def _begun(self) -> bool:
        if not self._queue:
            self._sounding = False
        if self._sounding or not self._queue:
            return self._sounding
        # A short sound that nothing follows is heard a little later.
        self._waited += 1
        if len(self._queue) < self._enough and self._waited * FRAME_BYTES <= self._enough:
            return False
        self._sounding = True
        self._waited = self._pulled = 0
        self._lowest = LONGEST_MS * 16
        return True

    def _keep_short(self) -> None:
        """Leave half of what is queued and never needed out, each half second: after a stall, or by two clocks."""
        self._pulled += 1
        self._lowest = min(self._lowest, len(self._queue))
        if self._pulled < _WINDOW_FRAMES:
            return
        spare = (self._lowest - self._enough) // FRAME_BYTES + 1
        if spare > 0:
            del self._queue[: (spare + 1) // 2 * FRAME_BYTES]
        self._pulled = 0
        self._lowest = LONGEST_MS * 16


def mixed(frames: Sequence[bytes]) -> bytes:
    """Return the sum of frames of one length, clipped."""
    if len(frames) == 1:
        return frames[0]
    sums = map(sum, zip(*(array("h", frame) for frame in frames), strict=True))
    return array("h", [min(max(sample, _LOWEST), _LOUDEST) for sample in sums]).tobytes()
