"""A trained judgement beside the rules: how likely a reply holds each signal, each answer, and calls for a human.

A linear model over the hashed clues of `speech.clues` and over what the rules made of the reply, so that a rule counts
for as much as it proved worth, with a small layer of units over both for what only counts together. Its logits are
averaged with those of `speech.network`, which reads the words in their order. `speech.modelling.understanding` trains
both and writes ``judgements/<language>.npz``.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from speech.assessment import CRITICAL, IMPLY_CONTACT, SIGNALS, Answer
from speech.clues import Clues
from speech.lexicon import LexiconError
from speech.network import Network
from speech.reply import Reply
from speech.ruling import Ruling

FOLDER = Path(__file__).parent / "judgements"
"""The judgements that come with the program."""
SIGNAL_NAMES = tuple(sorted(SIGNALS))
ANSWERS = (Answer.YES, Answer.NO, Answer.UNCLEAR)
COLUMNS = (*SIGNAL_NAMES, "escalate", *ANSWERS)
"""What is judged, in the order of the weights' columns."""
ASKED = (None, *SIGNAL_NAMES)
RULED = 3 * len(SIGNAL_NAMES) + len(Answer) + 3 + len(ASKED)
"""How many figures `ruled` gives."""
CALLS = 3 * len(SIGNAL_NAMES) + len(Answer) + 1
"""Which of them says that a rule calls for a human..."""
BARE = CALLS + 1
"""...and which that nothing was said but a yes, a no or a sound of doubt."""

MODEL_RULE = "model"
"""The rule of a signal that the judgement alone heard."""
FIRED = 0.4
"""A signal that a rule fired is heard from this share of its limit."""
FIRED_BESIDE = 0.1
"""A critical one from this share, where a human is called anyway."""
PARTIAL = 0.55
"""A partial result in which a rule calls for a human escalates from this share of the limit."""
LEAST_KNOWN = 2
"""Of fewer different words the rules alone make what they can: letters that make no words, a single syllable."""
LEAST_SHARE = 0.3
"""...and so if less than this share of the tokens is known."""
MOST_TOKENS = 120
"""In a longer reply what matters drowns."""

Vector = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Opinion:
    """What the judgement thinks of one reply."""

    chances: Mapping[str, float]
    """Of each signal, and of ``escalate``: 0 to 1."""
    answer: Answer
    no_chance: float
    """Of the answer no against unclear."""
    known: int
    """How many different words of the reply were met in training."""
    different: int
    """How many different tokens it has."""
    tokens: int

    @property
    def informed(self) -> bool:
        """Whether the reply is made of words that were met in training, and not longer than those were."""
        return self.known >= max(LEAST_KNOWN, LEAST_SHARE * self.different) and self.tokens <= MOST_TOKENS


@dataclass(frozen=True, slots=True)
class Judgement:
    """A trained judgement."""

    hashes: NDArray[np.uint32]
    """Of the clues that weigh anything, in ascending order."""
    weights: NDArray[np.int8]
    """A row for each hash, a column for each of `COLUMNS`."""
    scale: Vector
    """What a weight of one is worth, by column."""
    ruled: Vector
    """Weights of what the rules made of the reply."""
    bias: Vector
    inner: Vector
    """From the weights of the clues together, and what the rules made of the reply, to the small layer's units..."""
    inner_bias: Vector
    outer: Vector
    """...and from those to the columns."""
    network: Network
    """Reads the words in their order."""
    limits: Mapping[str, float]
    """The chance from which a signal is heard, by signal, and ``escalate``."""

    def opinion(self, clues: Clues, ruled: Vector) -> Opinion:
        """Judge one reply."""
        rows = self._rows(clues)[0]
        said = (self.weights[rows].sum(0, dtype=np.int32) * self.scale / np.sqrt(len(clues.hashes))).astype(np.float32)
        units = np.maximum(np.concatenate((said, ruled)) @ self.inner + self.inner_bias, 0)
        logits = self.bias + ruled @ self.ruled + said + units @ self.outer
        if 0 < len(clues.tokens) <= MOST_TOKENS:
            asked = int(ruled[-len(ASKED) :].argmax())
            logits = together(logits, self.network.logits(clues.line, ruled, asked))
        count = len(SIGNAL_NAMES) + 1
        chances = chances_of(logits[:count])
        return Opinion(
            {name: float(each) for name, each in zip(COLUMNS, chances, strict=False)},
            ANSWERS[int(logits[count:].argmax())],
            float(chances_of(logits[count + 1] - logits[count + 2])),
            len(self._known(clues.words.astype(np.uint32))[0]),
            clues.different,
            len(clues.tokens),
        )

    def span(self, clues: Clues, signal: str) -> tuple[int, int]:
        """The stretch of the prepared text that speaks most for a signal."""
        rows, which = self._rows(clues)
        share = self.weights[rows, COLUMNS.index(signal)].astype(np.float32)
        starts = np.clip(clues.starts[which], 0, len(clues.tokens) - 1)
        ends = np.clip(clues.ends[which], 0, len(clues.tokens) - 1)
        share = share / (ends - starts + 1)
        steps = np.zeros(len(clues.tokens) + 1, np.float32)
        np.add.at(steps, starts, share)
        np.add.at(steps, ends + 1, -share)
        worth = np.cumsum(steps)[:-1]
        first, last = _best_stretch((worth - max(0.0, float(worth.mean()))).tolist())
        return clues.tokens[first][0], clues.tokens[last][1]

    def _rows(self, clues: Clues) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Rows of the clues that weigh anything, and which clues they are."""
        return self._known(clues.hashes.astype(np.uint32))

    def _known(self, wanted: NDArray[np.uint32]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        rows = np.searchsorted(self.hashes, wanted)
        rows[rows == len(self.hashes)] = 0
        which = np.flatnonzero(self.hashes[rows] == wanted)
        return rows[which], which


def ruled(ruling: Ruling, reply: Reply, asks: str | None) -> Vector:
    """What the rules made of a reply, as figures."""
    found = np.zeros(RULED, np.float32)
    count = len(SIGNAL_NAMES)
    parts: tuple[Collection[str], ...] = (ruling.fired, ruling.denied, ruling.explained)
    for at, names in enumerate(parts):
        for name in names:
            found[at * count + SIGNAL_NAMES.index(name)] = 1
    found[3 * count + list(Answer).index(ruling.answer)] = 1
    found[CALLS - 1] = min(len(reply.negators), 3) / 3
    found[CALLS] = ruling.escalates
    found[BARE] = ruling.bare
    found[BARE + 1 + question(asks)] = 1
    return found


def question(asks: str | None) -> int:
    """The place of a question in `ASKED`."""
    return ASKED.index(asks) if asks in ASKED else 0


def chances_of(logits: NDArray[Any]) -> NDArray[Any]:
    """The logistic function of each, as precise as they are given."""
    return np.asarray(1 / (1 + np.exp(-np.clip(logits, -30, 30))), logits.dtype)


def together(clues: Vector, network: Vector) -> Vector:
    """What clues and network make of a reply, or of a row of replies, with the same say each."""
    return np.asarray((clues + network) / 2, np.float32)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What rules and judgement make of a reply together."""

    answer: Answer
    escalates: bool
    added: frozenset[str]
    """Signals that no rule fired."""
    vetoed: frozenset[str]
    """Signals that a rule fired in vain."""


def weighed(
    ruling: Ruling, opinion: Opinion, limits: Mapping[str, float], asks: str | None, *, partial: bool = False
) -> Outcome:
    """Weigh what the rules made of a reply against the judgement; in a ``partial`` one it only confirms and vetoes."""
    sure = {name for name, match in ruling.fired.items() if match.sure}
    limit = limits["escalate"] * (PARTIAL if partial else 1)
    escalates = ruling.escalates_surely or (opinion.chances["escalate"] >= limit and (ruling.escalates or not partial))
    fired = ruling.fired.keys()
    heard = {name for name in SIGNAL_NAMES if opinion.chances[name] >= limits[name] * (FIRED if name in fired else 1)}
    heard |= sure
    asked = asks if asks in SIGNAL_NAMES else None
    answer = opinion.answer if asked is not None else ruling.answer
    if partial:
        heard &= fired
    elif asked is not None and answer is Answer.YES and opinion.chances[asked] >= limits[asked] * FIRED:
        heard.add(asked)
    if escalates:
        heard |= {name for name in fired & CRITICAL if opinion.chances[name] >= limits[name] * FIRED_BESIDE}
    if escalates and not heard & CRITICAL:
        likely = max(
            sorted(CRITICAL & fired if partial else CRITICAL),
            key=lambda name: opinion.chances[name] / limits[name],
            default="",
        )
        if likely and opinion.chances[likely] >= limits[likely] * FIRED:
            heard.add(likely)
        elif "distress" not in heard or ("distress" in fired and not ruling.escalates):
            escalates = False
    if not escalates:
        heard -= CRITICAL
    if heard & IMPLY_CONTACT:
        heard |= {"contacted"} & fired
    if asked in heard:
        answer = Answer.YES
    elif answer is Answer.YES:
        answer = Answer.UNCLEAR if opinion.no_chance < 0.5 else Answer.NO
    return Outcome(answer, escalates, frozenset(heard - fired), frozenset(fired - heard))


def _best_stretch(worth: Sequence[float]) -> tuple[int, int]:
    """First and last place of the stretch with the greatest sum."""
    best, chosen = -np.inf, (0, len(worth) - 1)
    total, first = 0.0, 0
    for place, value in enumerate(worth):
        if total <= 0:
            total, first = 0.0, place
        total += value
        if total > best:
            best, chosen = total, (first, place)
    return chosen


@cache
def judgement(language: str, folder: Path = FOLDER) -> Judgement | None:
    """The judgement of a lexicon's language, if there is one; raises `speech.lexicon.LexiconError` if it is damaged."""
    path = folder / f"{language}.npz"
    return read(path) if path.exists() else None


def read(path: Path) -> Judgement:
    """A judgement's file; raises `speech.lexicon.LexiconError` if it is damaged."""
    # Two threads take longer than one over so few figures, and the second takes its core from calls.
    threadpool_limits(1, user_api="blas")
    try:
        with np.load(path) as data:
            if str(data["columns"]) != " ".join(COLUMNS) or data["ruled"].shape != (RULED, len(COLUMNS)):
                raise LexiconError(f"{path}: was trained for other signals; {_MEND}")
            found = Judgement(
                hashes=data["hashes"],
                weights=data["weights"],
                scale=data["scale"],
                ruled=data["ruled"],
                bias=data["bias"],
                inner=data["inner"],
                inner_bias=data["inner_bias"],
                outer=data["outer"],
                network=Network.read(data, len(ASKED)),
                limits={name: float(value) for name, value in json.loads(str(data["limits"])).items()},
            )
    except (OSError, ValueError, KeyError, AttributeError, BadZipFile) as error:
        raise LexiconError(f"{path}: is damaged ({error}); {_MEND}") from error
    if found.weights.shape != (len(found.hashes), len(COLUMNS)) or len(found.inner) != RULED + len(COLUMNS):
        raise LexiconError(f"{path}: is damaged (its weights do not fit); {_MEND}")
    return found


_MEND = "train it anew: python -m speech.modelling.understanding train LANGUAGE"
