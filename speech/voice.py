"""Which voice speaks: language, engine, espeak-ng variant, rate, pitch, volume."""

from __future__ import annotations

import re
import shutil
import subprocess
from functools import cache
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

PYTTSX3_FASTEST_WPM = 240
"""Above, pyttsx3 drives some voices slower than asked: +f2 by 3 % at 240 words a minute, 8 % at 300, 20 % at 400."""


class SynthesisError(Exception):
    """Speech could not be made. The message says what is wrong and how to mend it."""


class VoiceSettings(BaseModel):
    """One voice. The defaults are clear on a telephone: about 3 Mandarin syllables a second."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    language: str = "zh-CN"
    """BCP 47 tag: Mandarin or English."""
    engine: Literal["pyttsx3", "espeak-ng"] = "pyttsx3"
    variant: str = Field(default="f2", pattern=r"^[\w ]*$")
    """Name of a file in espeak-ng's list (``espeak-ng --voices=variant``), e.g. ``f2``, ``Andrea``; empty for none."""
    rate_wpm: int = Field(default=160, ge=80, le=400)
    """Words a minute, as espeak-ng counts them."""
    pitch: int = Field(default=50, ge=10, le=92)
    """espeak-ng's scale of 0 to 99; some voices hang it near the ends."""
    volume: float = Field(default=1.0, gt=0.0, le=1.0)
    """1.0 is the telephone level of `speech.telephone`; below it, a linear factor."""

    @property
    def espeak_voice(self) -> str:
        """The name under which espeak-ng knows this voice, e.g. ``cmn-latn-pinyin+f2``.

        Raises:
            SynthesisError: no voice speaks the language.
        """
        language = self.language.lower()
        if self.is_mandarin:
            base = "cmn-latn-pinyin"
        elif re.match(r"en-(gb|au|nz|ie)\b", language):
            base = "gmw/en"  # British; pyttsx3 is refused "en-gb"
        elif re.match(r"en\b", language):
            base = "en-us"
        else:
            raise SynthesisError(f"no voice for the language {self.language!r}: use zh-CN, en-US or en-GB")
        return f"{base}+{self.variant}" if self.variant else base

    @property
    def is_mandarin(self) -> bool:
        """Whether text goes to the voice as pinyin."""
        return re.match(r"(zh|cmn)\b", self.language.lower()) is not None


def check_voice(voice: VoiceSettings) -> None:
    """Make sure that espeak-ng is there and knows the variant: it would ignore an unknown one in silence.

    Raises:
        SynthesisError: espeak-ng is missing, the variant unknown, the rate too fast, or the language has no voice.
    """
    if voice.engine == "pyttsx3" and voice.rate_wpm > PYTTSX3_FASTEST_WPM:
        raise SynthesisError(
            f"pyttsx3 keeps its rate only up to {PYTTSX3_FASTEST_WPM} words a minute, not {voice.rate_wpm}: "
            'set engine = "espeak-ng" or a lower rate_wpm'
        )
    _ = voice.espeak_voice
    known = known_variants()
    if voice.variant and voice.variant not in known:
        near = [name for name in sorted(known) if name.lower() == voice.variant.lower()]
        hint = f"did you mean {near[0]!r}?" if near else "`espeak-ng --voices=variant` lists them, below File after !v/"
        raise SynthesisError(f"espeak-ng has no voice variant {voice.variant!r}: {hint}")


def espeak_program() -> str:
    """Return the path of the espeak-ng program.

    Raises:
        SynthesisError: it is not installed.
    """
    program = shutil.which("espeak-ng")
    if program is None:
        raise SynthesisError("espeak-ng is not installed: run `apt-get install espeak-ng`")
    return program


@cache
def known_variants() -> frozenset[str]:
    """Ask espeak-ng once for the file names of its voice variants.

    Raises:
        SynthesisError: espeak-ng is missing or does not answer.
    """
    try:
        listing = subprocess.run(
            [espeak_program(), "--voices=variant"], capture_output=True, text=True, timeout=20, check=True
        ).stdout
    except (OSError, subprocess.SubprocessError) as error:
        raise SynthesisError(
            f"espeak-ng does not list its voices ({error}): reinstall the package espeak-ng"
        ) from error
    return frozenset(re.findall(r"!v/(.+?)\s*(?:\(.*\)\s*)?$", listing, re.MULTILINE))
