"""Vosk behind a small face: 8 kHz telephone audio in, words out.

Feeding Vosk audio at a rate that its features do not want yields empty text or an abort inside Kaldi; so the audio is
resampled here to what the model's own configuration says.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import soxr
import vosk

from speech.heard import Word
from speech.models import Model, ModelError, find

LINE_RATE_HZ = 8000
"""What a telephone line delivers, 16-bit mono."""

UNKNOWN = "[unk]"

_SEEN_AHEAD_S = 0.2
"""Audio behind a word until it stands in the partial result, beside what fills a chunk of the model: measured on 130
short replies of five voices, of which all but those revised anew half a second later were whole by then."""

vosk.SetLogLevel(-1)

_loaded: dict[Path, Any] = {}
_loading = threading.Lock()

_BETWEEN_HANZI = re.compile(r"(?<=[\u3400-\u9fff]) (?=[\u3400-\u9fff])")


@dataclass(frozen=True, slots=True)
class Recognised:
    """A finished piece of recognition."""

    text: str
    words: tuple[Word, ...]
    """Times in seconds since the first audio after `Recogniser.start`; empty if only a partial was there."""


def load(model: str | Path | Model) -> tuple[Model, Any]:
    """A model and its Vosk object; loaded once a process and shared by all recognisers.

    Raises:
        ModelError: the model is not whole, or Vosk refuses it.
    """
    found = model if isinstance(model, Model) else find(model)
    with _loading:
        path = found.path.resolve()
        if path not in _loaded:
            try:
                _loaded[path] = vosk.Model(str(path))
            except Exception as error:
                raise ModelError(f"Vosk cannot load {path} ({error}); mend: unpack the model again") from None
        return found, _loaded[path]


def tidy(text: str) -> str:
    """Recognised text as a person writes it: no unknown words, no spaces between Chinese characters."""
    known = " ".join(word for word in text.split() if word not in {UNKNOWN, "<unk>", "<UNK>"})
    return _BETWEEN_HANZI.sub("", known)


class Recogniser:
    """Turns one side of one call into text. Not for use from two threads at once."""

    def __init__(self, model: str | Path | Model, *, grammar: Sequence[str] | None = None) -> None:
        """Prepare to hear.

        Args:
            model: bundled name, directory, or a model found before.
            grammar: phrases to be told apart, nothing else; a dynamic model (such as ``zh-grammar``) is needed.

        Raises:
            ModelError: the model is not usable, or allows no grammar.
        """
        self.model, vosk_model = load(model)
        if grammar is not None and not self.model.dynamic:
            raise ModelError(
                f"the model {self.model.name} has a fixed graph and takes no grammar; mend: use zh-grammar"
            )
        rate = self.model.sample_rate_hz
        if grammar is None:
            self._vosk = vosk.KaldiRecognizer(vosk_model, rate)
        else:
            phrases = json.dumps([*grammar, UNKNOWN], ensure_ascii=False)
            self._vosk = vosk.KaldiRecognizer(vosk_model, rate, phrases)
        self._vosk.SetWords(True)
        self.behind_s = self.model.frames_per_chunk / 100 + _SEEN_AHEAD_S
        """How much silence must follow a word until `partial` has it."""
        self._finished: list[Recognised] = []
        self._partial = self._answer = ""
        self._heard_s = 0.0
        self._origin_s = 0.0
        self._fed = False
        self._resampler: soxr.ResampleStream | None = None

    def start(self) -> None:
        """Forget what was heard and begin anew at time 0."""
        if self._fed:
            self._vosk.Reset()
        self._finished = []
        self._partial = self._answer = ""
        self._fed = False
        self._origin_s = self._heard_s
        self._resampler = None
        if self.model.sample_rate_hz != LINE_RATE_HZ:
            self._resampler = soxr.ResampleStream(LINE_RATE_HZ, self.model.sample_rate_hz, 1, dtype="int16")

    def feed(self, pcm: bytes) -> None:
        """Hear more 16-bit mono audio at 8 kHz.

        Raises:
            ValueError: an odd number of bytes, half a sample.
        """
        if len(pcm) % 2:
            raise ValueError(f"{len(pcm)} bytes are not whole 16-bit samples; feed an even number")
        self._accept(self._resampled(pcm, last=False))

    def partial(self) -> str:
        """The text since `start`, as far as it is known."""
        return " ".join(text for text in [*(part.text for part in self._finished), tidy(self._partial)] if text)

    def finish(self) -> Recognised:
        """The final text since `start`; the last partial where Vosk's final result is empty although words were heard.

        The recogniser then starts anew.
        """
        self._accept(self._resampled(b"", last=True))
        if self._fed:
            self._take(self._vosk.FinalResult())
        text = " ".join(part.text for part in self._finished if part.text)
        words = tuple(word for part in self._finished for word in part.words)
        result = Recognised(_BETWEEN_HANZI.sub("", text), words)
        self.start()
        return result

    def _resampled(self, pcm: bytes, *, last: bool) -> bytes:
        if self._resampler is None:
            if self.model.sample_rate_hz == LINE_RATE_HZ:
                return pcm
            self._resampler = soxr.ResampleStream(LINE_RATE_HZ, self.model.sample_rate_hz, 1, dtype="int16")
        if last and not self._fed:
            return b""
        resampled: np.ndarray[Any, Any] = self._resampler.resample_chunk(np.frombuffer(pcm, "<i2"), last=last)
        return resampled.tobytes()

    def _accept(self, pcm: bytes) -> None:
        if not pcm:
            return
        self._fed = True
        self._heard_s += len(pcm) / 2 / self.model.sample_rate_hz
        if self._vosk.AcceptWaveform(pcm):
            self._take(self._vosk.Result())
        else:
            answer = self._vosk.PartialResult()
            if answer != self._answer:
                self._answer, self._partial = answer, json.loads(answer)["partial"]

    def _take(self, answer: str) -> None:
        result = json.loads(answer)
        text = result.get("text", "") or self._partial
        words = tuple(
            Word(word["word"], word["start"] - self._origin_s, word["end"] - self._origin_s, word["conf"])
            for word in result.get("result", ())
            if word["word"] != UNKNOWN
        )
        self._finished.append(Recognised(tidy(text), words))
        self._partial = self._answer = ""
