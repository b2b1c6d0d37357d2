"""From espeak-ng's events to the stretch of sound that belongs to each phone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from speech.modelling.acoustic.espeak import RATE_HZ, Event

_STOPS = tuple("ptkbdg?")
"""What the names of stops and affricates begin with, in both languages."""
_CLOSURE_S = 0.07
"""A silence shorter than this before a stop is its closure, and belongs to it."""

_NOTHING_S = 0.012
_SHORT_L_S = 0.06
_SWALLOWED_SHARE = 0.35
"""espeak-ng reports an l behind a vowel (still, called, twelve) as lasting next to no time: its sound is the end of the
vowel's, about this part of both."""

_CODAS = {"n": "n_c", "N": "N_c", "N-": "N_c"}
"""A nasal that ends a Mandarin syllable, and the phone that the model keeps for it."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One phone in the sound; times in samples."""

    phone: str
    start: int
    end: int


def written(tokens: Sequence[str], pauses: Sequence[bool]) -> tuple[str, dict[int, int]]:
    """Tokens as one text for espeak-ng, a comma behind those with a pause; and each token's number by its position."""
    text, positions = "", {}
    for number, (token, pause) in enumerate(zip(tokens, pauses, strict=True)):
        positions[len(text) + 1] = number
        text += token + (", " if pause else " ")
    return text.rstrip(", "), positions


def aligned(events: Sequence[Event], positions: dict[int, int], length: int) -> list[list[Piece]]:
    """The phones of each token; empty for a token that espeak-ng has merged into its neighbour.

    Word events also come out of order or with positions of nothing; only the first at each known position counts.

    Args:
        events: of the whole text.
        positions: from `written`.
        length: of the sound, samples.
    """
    tokens: list[list[Piece]] = [[] for _ in positions]
    begun_tokens: set[int] = set()
    known: list[Event] = []
    for event in events:
        if event.phone is None:
            token = positions.get(event.position)
            if token is None or token in begun_tokens:
                continue
            begun_tokens.add(token)
        known.append(event)
    current: list[Piece] | None = None
    silent_from: int | None = None
    for index, event in enumerate(known):
        end = known[index + 1].sample if index + 1 < len(known) else length
        if event.phone is None:
            current, silent_from = tokens[positions[event.position]], event.sample
        elif event.phone.startswith("_"):
            silent_from = event.sample if event.phone == "_|" else None
        elif current is not None:
            start = event.sample
            if (
                silent_from is not None
                and event.phone.startswith(_STOPS)
                and start - silent_from < _CLOSURE_S * RATE_HZ
            ):
                start = silent_from
            current.append(Piece(event.phone, start, end))
            silent_from = None
    return [_unswallowed(pieces) for pieces in tokens]


def with_codas(syllable: list[Piece]) -> list[Piece]:
    """A Mandarin syllable with the nasal at its end named as such."""
    if len(syllable) < 2 or syllable[-1].phone not in _CODAS:
        return syllable
    last = syllable[-1]
    return [*syllable[:-1], Piece(_CODAS[last.phone], last.start, last.end)]


def _unswallowed(pieces: list[Piece]) -> list[Piece]:
    found: list[Piece] = []
    for piece in pieces:
        if found and _swallowed(piece, found[-1]):
            before = found[-1]
            border = piece.end - round((piece.end - before.start) * _SWALLOWED_SHARE)
            found[-1] = Piece(before.phone, before.start, border)
            found.append(Piece(piece.phone, border, piece.end))
        else:
            found.append(piece)
    return found


def _swallowed(piece: Piece, before: Piece) -> bool:
    length, preceding = ((one.end - one.start) / RATE_HZ for one in (piece, before))
    return length < _NOTHING_S or (piece.phone == "l" and length < _SHORT_L_S and preceding > 2 * length)
