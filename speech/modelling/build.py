"""One bundled model's graph, from its language's data files to the files in the model's folder."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from speech.modelling.bigrams import LanguageCosts, count
from speech.modelling.contractions import as_spoken
from speech.modelling.corpus import Corpus
from speech.modelling.dynamic import dynamic_graph
from speech.modelling.errors import ModellingError
from speech.modelling.graph import Costs, static_graph, word_labels, words_text
from speech.modelling.lexicon import Lexicon, english, mandarin
from speech.modelling.phones import PhoneSet

DATA = Path(__file__).parent


@dataclass(frozen=True)
class Recipe:
    """How a bundled model's graph is made."""

    language: str
    """Folder of its data files."""
    dynamic: bool
    lexicon: Callable[[Path, PhoneSet], Lexicon]
    costs: Costs
    scale: float = 0.8
    """Weight of the bigram against the sound; tuned on synthetic speech."""
    back_share: float = 0.15
    draws: int = 60
    """Sentences drawn for each line of the corpus."""
    replies: int = 2
    """How often each clause of the training replies counts (`speech.modelling.replies`)."""
    announced: int = 30
    """Sentences drawn for each line of what carriers and machines say (``announcements.txt``)."""
    seed: int = 99
    spoken: Callable[[Iterable[Sequence[str]]], Iterable[Sequence[str]]] = iter
    """What drawn sentences sound like: the same, or more of them."""


RECIPES = {
    "zh": Recipe("zh", False, mandarin, Costs(unknown=8.0)),
    "zh-grammar": Recipe("zh", True, mandarin, Costs(unknown=8.0), replies=0, announced=0),
    "en": Recipe("en", False, english, Costs(unknown=10.0, unknown_phone=2.5), spoken=as_spoken),
}


def language_costs(recipe: Recipe, lexicon: Lexicon, data: Path = DATA) -> LanguageCosts:
    """Count the bigrams of a language.

    Raises:
        ModellingError: a sentence uses a word that is not in the vocabulary.
    """
    folder = data / recipe.language
    drawn = [
        recipe.spoken(_corpus(folder / name, lexicon).draw(times, recipe.seed))
        for name, times in (("sentences.txt", recipe.draws), ("announcements.txt", recipe.announced))
    ]
    replies = _replies(folder / "replies.txt") * recipe.replies
    return count(chain(*drawn, replies), list(lexicon.words), scale=recipe.scale, back_share=recipe.back_share)


def _corpus(path: Path, lexicon: Lexicon) -> Corpus:
    corpus = Corpus(path)
    missing = sorted(corpus.words() - set(lexicon.words))
    if missing:
        raise ModellingError(f"{path.name} uses words that words.txt lacks: {' '.join(missing[:20])}; add them there")
    return corpus


def _replies(path: Path) -> list[Sequence[str]]:
    return [line.split() for line in path.read_text("utf-8").splitlines() if not line.startswith("#")]


def build(name: str, target: Path, data: Path = DATA) -> list[Path]:
    """Write the graph of a bundled model into its folder; returns the files written.

    The same data files give the same bytes.

    Raises:
        ModellingError: the name is not known, the data files do not fit together, or OpenFst's tools are missing.
    """
    if name not in RECIPES:
        raise ModellingError(f"there is no bundled model {name!r}; known: {', '.join(RECIPES)}")
    recipe = RECIPES[name]
    folder = data / recipe.language
    phones = PhoneSet.load(folder / "phones.txt")
    lexicon = recipe.lexicon(folder, phones)
    language = language_costs(recipe, lexicon, data)
    files: dict[str, bytes] = {"phones/word_boundary.int": phones.word_boundaries().encode()}
    if recipe.dynamic:
        made = dynamic_graph(phones, lexicon, language, recipe.costs)
        files |= {"HCLr.fst": made.words_loop, "Gr.fst": made.bigram, "words.txt": made.words.encode()}
        files["disambig_tid.int"] = b""
    else:
        files["HCLG.fst"] = static_graph(phones, lexicon, language, recipe.costs)
        files["words.txt"] = words_text(word_labels(lexicon)).encode()
    written: list[Path] = []
    for relative, content in files.items():
        path = target / "graph" / relative
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        written.append(path)
    return written
