"""Text to speech for the line: one interface, two engines.

`open_engine` gives the engine that a voice names. Both engines take any text, read it aloud as a person would
(`speech.reading`), and give sound ready for the line (`speech.telephone`).
"""

from __future__ import annotations

from typing import Protocol

from speech.espeak import EspeakEngine
from speech.pyttsx3_engine import Pyttsx3Engine
from speech.telephone import Speech
from speech.voice import SynthesisError, VoiceSettings, check_voice

__all__ = [
    "Engine",
    "EspeakEngine",
    "Pyttsx3Engine",
    "Speech",
    "SynthesisError",
    "VoiceSettings",
    "check_voice",
    "open_engine",
]


class Engine(Protocol):
    """Makes speech of text in one voice."""

    async def speak(self, text: str) -> Speech:
        """Speak a text; several calls may wait for each other.

        Raises:
            SynthesisError: there is nothing to say in it, or the engine failed again and again.
        """
        ...

    async def close(self) -> None:
        """End what it started; it speaks no more."""
        ...


def open_engine(voice: VoiceSettings, workers: int = 1) -> Engine:
    """Open the engine that the voice names, for so many texts at a time.

    Raises:
        SynthesisError: espeak-ng is missing, or the voice is unknown.
    """
    return (EspeakEngine if voice.engine == "espeak-ng" else Pyttsx3Engine)(voice, workers)
