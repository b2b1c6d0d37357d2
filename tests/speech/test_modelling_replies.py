"""What people answer becomes vocabulary and bigrams of the bundled models."""

from __future__ import annotations

from pathlib import Path

import pytest

from speech.modelling.build import DATA
from speech.modelling.lexicon import read_words
from speech.modelling.replies import HEADING, english_words, extend, fewest, main, mandarin_words

pytestmark = pytest.mark.unit


def test_an_unknown_word_is_cut_into_the_fewest_known_ones() -> None:
    assert fewest("两千块钱", {"两", "千", "块", "钱", "块钱"}) == ["两", "千", "块钱"]
    assert fewest("柜台", {"柜"}) is None


def test_mandarin_clauses_are_cut_and_written_figures_left_out() -> None:
    known = {"我", "他", "转", "了", "两", "千"}
    cut = list
    assert mandarin_words("她转了，两千", known, cut) == [["他", "转", "了"], ["两", "千"]]
    assert mandarin_words("转了2000", known, cut) == []


def test_english_is_spelled_as_the_model_spells_it() -> None:
    assert english_words("I dont know. It\N{RIGHT SINGLE QUOTATION MARK}s gone") == [
        ["i", "don't", "know"],
        ["it's", "gone"],
    ]
    assert english_words("i sent $500") == []
    assert english_words("we were well") == [["we", "were", "well"]]


def test_frequent_words_are_added_once_and_what_cannot_be_said_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "words.txt").write_text("i\nsent\nit\n", "utf-8")
    texts = ["i sent crypto", "crypto, i sent it", "sent crypto", "zebra"]
    for _ in range(2):
        assert extend(tmp_path, "en", texts) == (1, 4)
        assert (tmp_path / "words.txt").read_text("utf-8") == f"i\nsent\nit\n\n{HEADING}\ncrypto\n"
    kept = (tmp_path / "replies.txt").read_text("utf-8").splitlines()[1:]
    assert kept == ["crypto", "i sent crypto", "i sent it", "sent crypto"]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_committed_clause_can_be_said(language: str) -> None:
    known = read_words(DATA / language / "words.txt")
    lines = (DATA / language / "replies.txt").read_text("utf-8").splitlines()[1:]
    assert len(lines) > 3000
    assert not [word for line in lines for word in line.split() if word not in known]


def test_a_file_that_is_not_there_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["en", "/nowhere/replies.tsv"]) == 1
    assert "cannot read /nowhere/replies.tsv" in capsys.readouterr().err
