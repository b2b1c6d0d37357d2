"""How each word of the vocabulary sounds, in the phones of the acoustic model.

Mandarin: ``words.txt`` lists words, with their syllables behind them where pypinyin's reading is not the one meant
(``谁 shei | shui``); ``syllables.txt`` maps the 399 toneless syllables to phones. English: ``pronunciations.txt``
lists phones for each word, a line for each way to say it (see `speech.modelling.pronounce`).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pypinyin import Style, lazy_pinyin

import speech.pinyin  # noqa: F401 - it mends readings for the whole process: the same whoever came first
from speech.modelling.errors import ModellingError
from speech.modelling.phones import PhoneSet

Phones = tuple[str, ...]

_INTERJECTIONS = {"n": "en", "ng": "en"}
"""pypinyin reads 嗯 as the bare nasal; the synthesiser that trained the model says ``en``."""


@dataclass(frozen=True)
class Lexicon:
    """The vocabulary in the order of words.txt, each word with its ways to be said."""

    words: dict[str, list[Phones]]
    fillers: list[Phones]
    """What an unknown word may consist of: every syllable (Mandarin), or nothing (a loop over phones serves)."""


def read_words(path: Path) -> dict[str, str]:
    """The words of a list, each with what stands behind it on its line.

    Raises:
        ModellingError: a word stands twice.
    """
    words: dict[str, str] = {}
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        word, _, rest = line.partition(" ")
        if word in words:
            raise ModellingError(f"{path.name}, line {number}: {word} stands here a second time; delete one")
        words[word] = rest.strip()
    return words


def mandarin(folder: Path, phones: PhoneSet) -> Lexicon:
    """Words as syllables, syllables as phones.

    Raises:
        ModellingError: a syllable or phone that the table does not know.
    """
    table: dict[str, Phones] = {}
    for syllable, sounds in read_words(folder / "syllables.txt").items():
        table[syllable] = _known(tuple(sounds.split()), phones, syllable)
    words: dict[str, list[Phones]] = {}
    for word, readings in read_words(folder / "words.txt").items():
        words[word] = []
        for reading in readings.split("|") if readings else [" ".join(syllables(word))]:
            unknown = [s for s in reading.split() if s not in table]
            if unknown:
                raise ModellingError(
                    f"words.txt: {word} has no known syllable {unknown[0]}; write its pinyin behind it"
                )
            words[word].append(tuple(phone for s in reading.split() for phone in table[s]))
    return Lexicon(words, sorted(set(table.values())))


def syllables(text: str) -> list[str]:
    """Toneless pinyin of Mandarin text, ü as v."""
    read = lazy_pinyin(text, style=Style.NORMAL, v_to_u=False)
    return [_INTERJECTIONS.get(syllable, syllable) for syllable in read]


def english(folder: Path, phones: PhoneSet) -> Lexicon:
    """Words as phones.

    Raises:
        ModellingError: a word has no pronunciation, or one with a phone that the model does not know.
    """
    words: dict[str, list[Phones]] = {word: [] for word in read_words(folder / "words.txt")}
    for line in (folder / "pronunciations.txt").read_text("utf-8").splitlines():
        if line.startswith("#"):
            continue
        word, *sounds = line.split()
        if word in words:
            words[word].append(_known(tuple(sounds), phones, word))
    missing = [word for word, ways in words.items() if not ways]
    if missing:
        raise ModellingError(
            f"no pronunciation for {', '.join(missing[:8])}; mend: python -m speech.modelling.pronounce"
        )
    return Lexicon(words, [])


def _known(sounds: Phones, phones: PhoneSet, owner: str) -> Phones:
    unknown = [sound for sound in sounds if sound not in phones.states]
    if unknown or not sounds:
        raise ModellingError(
            f"{owner} is written with a phone that the model does not know: {unknown or 'none at all'}"
        )
    return sounds
