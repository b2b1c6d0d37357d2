"""What a far end hears from outside the process: several sounds, each with a queue of its own. Pure."""

from __future__ import annotations

from dialer.lines.pcm import JitterBuffer, mixed


class Feed:
    """Sounds by the number of their source. `pull` belongs to the media clock, all else to one other thread."""

    def __init__(self) -> None:
        self._sources: dict[int, JitterBuffer] = {}
        self._pushed: set[int] = set()

    @property
    def wanted(self) -> bool:
        """Whether anything has been fed."""
        return bool(self._sources)

    def push(self, source: int, pcm: bytes) -> None:
        """Take more of a source."""
        self._pushed.add(source)
        if source not in self._sources:
            self._sources = self._sources | {source: JitterBuffer()}
        self._sources[source].push(pcm)

    def still_wanted(self) -> bool:
        """Drop the sources that brought nothing since the last time this was asked; whether any is left."""
        self._sources = {source: sound for source, sound in self._sources.items() if source in self._pushed}
        self._pushed.clear()
        return self.wanted

    def clear(self) -> None:
        """Drop everything."""
        self._sources = {}
        self._pushed.clear()

    def pull(self) -> bytes | None:
        """Return the next frame of all sources together; ``None`` for silence."""
        frames = [frame for sound in self._sources.values() if (frame := sound.pull()) is not None]
        return mixed(frames) if frames else None
