"""espeak-ng as a library, which tells besides the sound when each phone of it begins."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from speech.modelling.errors import ModellingError

Sound = NDArray[np.float64]
"""Mono, full scale 1.0."""

RATE_HZ = 22050
"""What espeak-ng's formant voices speak at."""

_WORD, _PHONEME = 1, 7
_SYNCHRONOUS, _PHONEME_EVENTS, _CHARACTERS_UTF8 = 2, 1, 1
_RATE, _VOLUME, _PITCH, _RANGE = 1, 2, 3, 4


@dataclass(frozen=True, slots=True)
class Manner:
    """How something is said."""

    voice: str
    """espeak-ng's voice, with its variant behind a plus sign."""
    rate: int = 160
    """Words a minute."""
    pitch: int = 50
    """0 to 99; beyond 10 to 92 espeak-ng can hang."""
    range: int = 50
    """How much the pitch moves, 0 to 99; beyond 20 to 80 espeak-ng can hang."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something begins."""

    sample: int
    phone: str | None
    """espeak-ng's name of the phone; None where a word begins."""
    position: int
    """Of the word in the text, counted in characters from 1."""


class _Id(ctypes.Union):
    _fields_ = (("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8))


class _Event(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", _Id),
    )


_Callback = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event)
)  # espeak-ng's speak_lib.h: t_espeak_callback


class Espeak:
    """The library, which keeps its state in the process: have one of these a process.

    A call can hang for ever, and nothing in the process can end it: use it in a process that may be killed.

    Raises:
        ModellingError: the library is missing or does not start.
    """

    def __init__(self) -> None:
        try:
            self._library: Any = ctypes.CDLL("libespeak-ng.so.1")
        except OSError:
            raise ModellingError("libespeak-ng is not installed; mend: apt-get install espeak-ng") from None
        self._sound = bytearray()
        self._events: list[Event] = []
        self._callback = _Callback(self._receive)
        rate = self._library.espeak_Initialize(_SYNCHRONOUS, 1000, None, _PHONEME_EVENTS)
        if rate != RATE_HZ:
            raise ModellingError(f"espeak-ng starts with {rate} Hz instead of {RATE_HZ}; mend: use espeak-ng 1.51")
        self._library.espeak_SetSynthCallback(self._callback)

    def say(self, text: str, manner: Manner) -> tuple[Sound, list[Event]]:
        """The sound of a text at `RATE_HZ`, and its events in order.

        Raises:
            ModellingError: there is no such voice.
        """
        if self._library.espeak_SetVoiceByName(manner.voice.encode()):
            raise ModellingError(f"espeak-ng has no voice {manner.voice}; mend: use espeak-ng 1.51")
        settings = ((_RATE, manner.rate), (_VOLUME, 80), (_PITCH, manner.pitch), (_RANGE, manner.range))
        for parameter, value in settings:
            self._library.espeak_SetParameter(parameter, value, 0)
        self._sound.clear()
        self._events.clear()
        given = text.encode()
        self._library.espeak_Synth(given, len(given) + 1, 0, 0, 0, _CHARACTERS_UTF8, None, None)
        self._library.espeak_Synchronize()
        return np.frombuffer(bytes(self._sound), "<i2") / 32768.0, list(self._events)

    def _receive(self, samples: Any, count: int, events: Any) -> int:
        if samples and count > 0:
            self._sound += ctypes.string_at(samples, count * 2)
        index = 0
        while (event := events[index]).type:
            if event.type in {_WORD, _PHONEME}:
                name = bytes(event.id.string).decode("latin-1") if event.type == _PHONEME else None
                self._events.append(Event(event.sample, name, event.text_position))
            index += 1
        return 0
