"""What a reply offers to a trained judgement: its words, neighbours, sounds and kinds of words, as numbers.

Every clue is a 32-bit hash of a few neighbouring tokens (characters in Mandarin, words in English), alone or together
with the question. Besides the words as said, clues are drawn from the reply with each word that the lexicon lists under
``kinds`` replaced by its kind, so that "my nan" counts as "my aunt" did in training.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from speech.homophones import usual_reading
from speech.lexicon import Lexicon
from speech.reply import Reply

Hashes = NDArray[np.uint64]

_WORD = re.compile(r"[a-z]+|[0-9$][0-9.,]*|[^\sa-z0-9$]")
_FIGURE = re.compile("[0-9$]")
_LIKE_A_WORD = {False: re.compile("[\u4e00-\u9fff]"), True: re.compile("[aeiouy]")}
_EDGE = "^"
_NEGATED = np.uint64(0x5851F42D4C957F2D)
_FACTOR = np.uint64(0x9E3779B97F4A7C15)
_SHIFT = np.uint64(29)
_HIGH = np.uint64(32)
_APART = (2, 3, 4)
"""How far apart two tokens may stand that count together."""


@dataclass(frozen=True, slots=True)
class Line:
    """A reply's tokens in their order, each as hashes."""

    tokens: Hashes
    parts: Hashes
    """What else is known of each: how it sounds, or the pieces of its letters; those of all tokens in a row."""
    parts_each: NDArray[np.intp]
    """How many parts each token has."""
    kinds: Hashes
    """Of the kind that each token is, or belongs to; 0 if of none."""
    denied: NDArray[np.bool_]
    """Whether each stands behind a negation in its clause."""


@dataclass(frozen=True, slots=True)
class Clues:
    """The clues of one reply, with the stretch of the prepared text that each was drawn from."""

    hashes: Hashes
    starts: NDArray[np.intp]
    ends: NDArray[np.intp]
    tokens: tuple[tuple[int, int], ...]
    """Places of the tokens."""
    words: Hashes
    """Of each different token that looks like a word of the language and is no filler, the clue of it alone."""
    different: int
    """Tokens that are not twice the same."""
    line: Line


def clues(reply: Reply, rules: Lexicon, asks: str | None) -> Clues:
    """Everything a judgement may look at in a reply's words."""
    words = rules.grammar.letters.words
    tokens, places = _tokens(reply.text, words=words)
    ids = np.fromiter(map(token_hash, tokens), np.uint64, len(tokens))
    denied = _denied(reply, places)
    edge = np.array([token_hash(_EDGE)], np.uint64)
    found = _Found(np.uint64(token_hash(f"asks {asks}")))
    line = np.concatenate((edge, ids, edge))
    spans = np.arange(-1, len(ids) + 1)
    found.chains(
        "said", np.concatenate((edge, ids ^ (denied * _NEGATED), edge)), line, spans, longest=3 if words else 4
    )
    found.pairs("apart", line, spans)
    if words:
        pieces = [_pieces(token) for token in tokens]
        parts = np.concatenate(pieces) if pieces else ids
        parts_each = np.array([len(piece) for piece in pieces], np.intp)
        found.letters(parts, parts_each)
    else:
        parts, parts_each = np.fromiter(map(_sound, tokens), np.uint64, len(tokens)), np.ones(len(tokens), np.intp)
        line = np.concatenate((edge, parts, edge))
        found.chains("sound", line, line, spans, longest=4, shortest=2, asked=0)
    kinds, which, first = _kinds(tokens, rules.kinds, rules.longest_kind, " " if words else "")
    kind_ids = np.fromiter(map(token_hash, kinds), np.uint64, len(kinds))
    kind_of_each = np.repeat(np.where(which, kind_ids, 0).astype(np.uint64), np.diff(first, append=len(tokens)))
    line = np.concatenate((edge, kind_ids, edge))
    is_kind = np.concatenate(([False], which, [False]))
    found.chains("kind", line, line, np.concatenate(([-1], first, [len(ids)])), longest=3, only=is_kind)
    alone = 1 + np.flatnonzero(is_kind[1:] & (line[1:] != line[:-1]))
    where = np.concatenate(([-1], first, [len(ids)]))[alone]
    flags = np.concatenate((denied, [False, False]))[where]
    found.chains("kinds", line[alone] ^ (flags * _NEGATED), line[alone], where, longest=4)
    found.pairs("far", line[alone], where, asked=True)
    like_words = {token for token in tokens if token not in rules.fillers and _LIKE_A_WORD[words].search(token)}
    alone_ids = np.fromiter(map(token_hash, sorted(like_words)), np.uint64, len(like_words))
    return found.together(
        places,
        _mix(np.full(len(like_words), token_hash("said"), np.uint64), alone_ids) >> _HIGH,
        len(set(tokens)),
        Line(ids, parts, parts_each, kind_of_each, denied),
    )


class _Found:
    def __init__(self, asked: np.uint64) -> None:
        self._asked = asked
        self._hashes: list[Hashes] = []
        self._starts: list[NDArray[np.intp]] = []
        self._ends: list[NDArray[np.intp]] = []

    def chains(
        self,
        name: str,
        heads: Hashes,
        line: Hashes,
        spans: NDArray[np.intp],
        *,
        longest: int,
        shortest: int = 1,
        asked: int = 2,
        only: NDArray[np.bool_] | None = None,
    ) -> None:
        """Rows of up to ``longest`` neighbours; up to ``asked`` of them also with the question."""
        hashes, keep = _mix(np.full(len(heads), token_hash(name), np.uint64), heads), only
        for length in range(1, longest + 1):
            if length > 1:
                hashes = _mix(hashes[:-1], line[length - 1 :])
                keep = None if keep is None or only is None else keep[:-1] | only[length - 1 :]
            if length >= shortest:
                starts, ends = spans[: len(hashes)], spans[length - 1 :]
                chosen = (hashes, starts, ends) if keep is None else (hashes[keep], starts[keep], ends[keep])
                self._add(*chosen)
                if length <= asked:
                    self._add(_mix(chosen[0], self._asked), *chosen[1:])

    def pairs(self, name: str, line: Hashes, spans: NDArray[np.intp], *, asked: bool = False) -> None:
        """Two tokens that stand a little apart."""
        hashes = _mix(np.full(len(line), token_hash(name), np.uint64), line)
        for apart in _APART:
            if len(line) > apart:
                both = _mix(hashes[:-apart], line[apart:])
                self._add(both, spans[:-apart], spans[apart:])
                if asked:
                    self._add(_mix(both, self._asked), spans[:-apart], spans[apart:])

    def letters(self, pieces: Hashes, each: NDArray[np.intp]) -> None:
        """Pieces of words, so many of ``each``: who has not met "forwarding" may know "forward"."""
        at = np.repeat(np.arange(len(each)), each)
        self._add(pieces, at, at)

    def together(self, places: Sequence[tuple[int, int]], words: Hashes, different: int, line: Line) -> Clues:
        starts, ends = np.concatenate(self._starts), np.concatenate(self._ends)
        return Clues(np.concatenate(self._hashes) >> _HIGH, starts, ends, tuple(places), words, different, line)

    def _add(self, hashes: Hashes, starts: NDArray[np.intp], ends: NDArray[np.intp]) -> None:
        self._hashes.append(hashes)
        self._starts.append(starts)
        self._ends.append(ends)


def _mix(first: Hashes, second: Hashes | np.uint64) -> Hashes:
    mixed = (first ^ second) * _FACTOR
    return mixed ^ (mixed >> _SHIFT)


@lru_cache(maxsize=16384)
def token_hash(token: str) -> int:
    """A token as a number of 64 bits."""
    data = token.encode("utf-8", "surrogatepass")
    return zlib.crc32(data) | zlib.crc32(data, 0x1234567) << 32


@lru_cache(maxsize=16384)
def _sound(token: str) -> int:
    return token_hash(min(usual_reading(token), default=token))


@lru_cache(maxsize=16384)
def _pieces(word: str) -> Hashes:
    edged = f"<{word}>"
    return np.array([token_hash(f"piece {edged[at : at + 4]}") for at in range(len(edged) - 3)], np.uint64)


def _tokens(text: str, *, words: bool) -> tuple[list[str], list[tuple[int, int]]]:
    if not words:
        return ["5" if _FIGURE.match(char) else char for char in text], [(at, at + 1) for at in range(len(text))]
    found = list(_WORD.finditer(text))
    return ["5" if _FIGURE.match(each[0]) else each[0] for each in found], [each.span() for each in found]


def _denied(reply: Reply, places: Sequence[tuple[int, int]]) -> NDArray[np.bool_]:
    """Which tokens stand behind a negation in its clause."""
    reach = [(negator.end, reply.clause(negator.start)[1]) for negator in reply.negators]
    return np.array([any(start <= place < end for start, end in reach) for place, _ in places], np.bool_)


def _kinds(
    tokens: Sequence[str], kinds: Mapping[str, str], longest: int, space: str
) -> tuple[list[str], NDArray[np.bool_], NDArray[np.intp]]:
    """The tokens with words replaced by their kind, the longest first; which are kinds; where each begins."""
    line, which, first = [], [], []
    at = 0
    while at < len(tokens):
        first.append(at)
        for length in range(min(longest, len(tokens) - at), 0, -1):
            kind = kinds.get(space.join(tokens[at : at + length]))
            if kind is not None:
                line.append(f"kind {kind}")
                which.append(True)
                at += length
                break
        else:
            line.append(tokens[at])
            which.append(False)
            at += 1
    return line, np.array(which, np.bool_), np.array(first, np.intp)
