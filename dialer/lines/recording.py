"""Two-channel WAV files that are whole at any moment, so that nothing needs repair after a crash.

Audio is appended first, then the two sizes in the header are raised: a process killed in between leaves a file that is
up to `FLUSH_S` shorter, never an unreadable one.
"""

from __future__ import annotations

import contextlib
import struct
import threading
from array import array
from collections import deque
from pathlib import Path

FLUSH_S = 0.25
"""Seconds between two writes."""
_RATE = 8000
_HEADER = struct.Struct("<4sI4s4sIHHIIHH4sI")


class TwoChannelFile:
    """An interleaved 16-bit 8 kHz WAV: left is the far end, right is what we send."""

    def __init__(self, path: Path) -> None:
        """Create the file. Raises OSError."""
        self._file = path.open("wb")
        self._bytes = 0
        self._left: deque[bytes] = deque()
        self._right: deque[bytes] = deque()
        self._started = False
        self._file.write(_header(0))
        self._file.flush()

    def left(self, pcm: bytes) -> None:
        """Add a frame of the far end; called on the media clock."""
        self._started = True
        self._left.append(pcm)

    def right(self, pcm: bytes) -> None:
        """Add the frame that was sent in the same tick, which comes after its left one."""
        if self._started:
            self._right.append(pcm)

    def flush(self) -> None:
        """Write what has come in both channels."""
        pairs = min(len(self._left), len(self._right))
        if not pairs:
            return
        both = b"".join(
            interleave(left, right)
            for left, right in ((self._left.popleft(), self._right.popleft()) for _ in range(pairs))
        )
        self._file.write(both)
        self._file.flush()
        self._bytes += len(both)
        self._file.seek(0)
        self._file.write(_header(self._bytes))
        self._file.flush()
        self._file.seek(0, 2)

    def close(self) -> None:
        """Write the rest. A full disk costs the end of the recording."""
        with contextlib.suppress(OSError):
            self.flush()
        with contextlib.suppress(OSError):
            self._file.close()


class RecordingThread:
    """Writes all recordings of a process, so that a slow disk stops no media."""

    def __init__(self) -> None:
        self._files: set[TwoChannelFile] = set()
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="recordings", daemon=True)
        self._thread.start()

    def open(self, path: Path) -> TwoChannelFile:
        """Start a recording. Raises OSError."""
        file = TwoChannelFile(path)
        with self._lock:
            self._files.add(file)
        return file

    def close(self, file: TwoChannelFile) -> None:
        """End a recording: it is complete on disk when this returns."""
        with self._lock:
            self._files.discard(file)
            file.close()

    def stop(self) -> None:
        """Close every recording and end the thread."""
        self._stop.set()
        self._thread.join()
        with self._lock:
            for file in self._files:
                file.close()
            self._files.clear()

    def _run(self) -> None:
        while not self._stop.wait(FLUSH_S):
            with self._lock:
                for file in self._files:
                    # A full disk ends a recording, not the call.
                    with contextlib.suppress(OSError):
                        file.flush()


def interleave(left: bytes, right: bytes) -> bytes:
    """Return two mono 16-bit signals as one of two channels, as long as the shorter."""
    samples = min(len(left), len(right)) // 2
    both = array("h", bytes(4 * samples))
    both[0::2] = array("h", left[: 2 * samples])
    both[1::2] = array("h", right[: 2 * samples])
    return both.tobytes()


def _header(data_bytes: int) -> bytes:
    return _HEADER.pack(
        b"RIFF", 36 + data_bytes, b"WAVE", b"fmt ", 16, 1, 2, _RATE, _RATE * 4, 4, 16, b"data", data_bytes
    )
