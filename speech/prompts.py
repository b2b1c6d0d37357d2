"""Prompts as files for the line: rendered once, cached by content, recordings first."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from speech.reading import ReadingError, read_aloud
from speech.recorded import NONE_RECORDED, load_recorded
from speech.synthesis import Engine, SynthesisError, VoiceSettings, open_engine
from speech.telephone import SoundError, for_line, line_seconds, read_wav, write_wav

RENDERER = 1
"""Part of every cache key: raise it when the same text and voice would sound different."""
_PERSONAL = "personal-"


@dataclass(frozen=True, slots=True)
class Prompt:
    """A text as sound."""

    text: str
    path: Path
    """WAV, 8 kHz, mono, 16 bits."""
    seconds: float


class Prompts:
    """Renders texts in one voice and keeps them.

    A file name is a hash of the text as read aloud, the voice and the renderer's version; files appear whole or not at
    all, so several nodes may share the folder.

    Args:
        cache_dir: where rendered prompts are kept between runs.
        voice: who speaks.
        engine_workers: how many texts are rendered at a time.
        recorded_dir: folder of recorded prompts, see `speech.recorded`.

    Raises:
        SynthesisError: espeak-ng is missing, the voice is unknown, or the folder cannot be written.
        RecordedPromptsError: the recorded prompts are not in order.
    """

    def __init__(
        self, cache_dir: Path, voice: VoiceSettings, engine_workers: int = 1, recorded_dir: Path | None = None
    ) -> None:
        self.voice = voice
        self._recorded = load_recorded(recorded_dir, voice.language) if recorded_dir else NONE_RECORDED
        self._engine: Engine = open_engine(voice, engine_workers)
        self._jobs: dict[Path, asyncio.Task[float]] = {}
        self._cache = cache_dir
        self._known: dict[tuple[str, str], _Known] = {}
        try:
            cache_dir.mkdir(parents=True, exist_ok=True)
            _remove_orphans(cache_dir)
            self._personal = Path(tempfile.mkdtemp(prefix=f"{_PERSONAL}{os.getpid()}-", dir=cache_dir))
        except OSError as error:
            raise SynthesisError(f"{cache_dir} cannot be written ({error.strerror}): choose another folder") from error

    async def render(self, text: str, *, keep: bool = True, step: str = "") -> Prompt:
        """Return the sound of a text, from the cache if it is there; callers with the same text share one rendering.

        Args:
            text: what is said, placeholders filled.
            keep: false for a text that names a person: its file is gone after `close`.
            step: ``script-name/step``, for recordings made for a step.

        Raises:
            SynthesisError: nothing can be said, or it could not be rendered.
        """
        known = self._known.get((text, step))
        if known is not None and (seconds := _still(known)) is not None:
            return Prompt(text, known.path, seconds)
        try:
            reading = read_aloud(text, self.voice.language)
        except ReadingError as error:
            raise SynthesisError(str(error)) from error
        source = self._recorded.find(reading, step)
        folder = self._cache if keep else self._personal
        key = _hash(reading, self.voice) if source is None else _file_hash(source, self.voice)
        path = folder / key[:2] / f"{key}.wav"
        job = self._jobs.get(path)
        if job is None:
            seconds = line_seconds(path)
            if seconds is not None and keep and source is None:
                self._known[text, step] = _Known(path, path.stat().st_mtime_ns, seconds)
            if seconds is not None:
                return Prompt(text, path, seconds)
            job = asyncio.create_task(self._make(path, text, source))
            self._jobs[path] = job
            job.add_done_callback(lambda done: self._finished(path, done))
        return Prompt(text, path, await asyncio.shield(job))

    async def warm(self, texts: Iterable[str]) -> list[Prompt]:
        """Render texts ahead of the calls, as many at a time as there are workers.

        Raises:
            SynthesisError: the first failure; the others are rendered nevertheless.
        """
        made = await asyncio.gather(*(self.render(text) for text in texts), return_exceptions=True)
        prompts = []
        for prompt in made:
            if isinstance(prompt, BaseException):
                raise prompt
            prompts.append(prompt)
        return prompts

    def purge(self, older_than_s: float) -> int:
        """Remove kept prompts written longer ago than so many seconds; return how many."""
        before = time.time() - older_than_s
        old = [path for path in self._cache.glob("[0-9a-f][0-9a-f]/*.wav") if path.stat().st_mtime < before]
        for path in old:
            path.unlink(missing_ok=True)
        return len(old)

    async def close(self) -> None:
        """End the engine and remove every prompt that was not to be kept."""
        await asyncio.gather(*self._jobs.values(), return_exceptions=True)
        await self._engine.close()
        shutil.rmtree(self._personal, ignore_errors=True)

    def _finished(self, path: Path, job: asyncio.Task[float]) -> None:
        self._jobs.pop(path, None)
        if not job.cancelled():
            job.exception()  # whoever waited has it; when nobody does any more, it is no news

    async def _make(self, path: Path, text: str, source: Path | None) -> float:
        if source is None:
            speech = await self._engine.speak(text)
        else:
            try:
                speech = for_line(*read_wav(source), self.voice.volume)
            except SoundError as error:
                raise SynthesisError(f"the recorded prompt {source} cannot be played: {error}") from error
        try:
            write_wav(path, speech)
        except OSError as error:
            raise SynthesisError(
                f"{path.parent} cannot be written ({error.strerror}): free or change the disk"
            ) from error
        return speech.seconds


@dataclass(frozen=True, slots=True)
class _Known:
    """A prompt that was found in the cache before: every call prepares all of its script's."""

    path: Path
    changed_ns: int
    seconds: float


def _still(known: _Known) -> float | None:
    """Its length if the file is what it was."""
    try:
        return known.seconds if known.path.stat().st_mtime_ns == known.changed_ns else None
    except OSError:
        return None


def _hash(reading: str, voice: VoiceSettings) -> str:
    content = json.dumps([RENDERER, reading, voice.model_dump()], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()


def _file_hash(path: Path, voice: VoiceSettings) -> str:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise SynthesisError(f"the recorded prompt {path} cannot be read ({error.strerror})") from error
    return hashlib.sha256(f"{RENDERER} {voice.volume} ".encode() + content).hexdigest()


def _remove_orphans(cache: Path) -> None:
    """Remove the personal prompts of processes that were killed before they could."""
    for folder in cache.glob(f"{_PERSONAL}*-*"):
        pid = folder.name.removeprefix(_PERSONAL).partition("-")[0]
        if pid.isdigit() and int(pid) != os.getpid() and not _alive(int(pid)):
            shutil.rmtree(folder, ignore_errors=True)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
