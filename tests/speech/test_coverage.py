"""Recognition and understanding do not drift apart: what a rule waits for, the bundled models can hear."""

from __future__ import annotations

from pathlib import Path

import pytest

from speech.lexicon import FOLDER
from speech.modelling.build import DATA
from speech.modelling.coverage import Speech, add, lacking, main, unsayable
from speech.modelling.lexicon import read_words

pytestmark = pytest.mark.unit

LEXICONS = sorted(FOLDER.glob("*.yaml"))


@pytest.mark.parametrize("lexicon", LEXICONS, ids=lambda path: path.stem)
def test_every_phrase_that_a_rule_can_match_is_made_of_words_of_the_model(lexicon: Path) -> None:
    missing = [f"{one.text} ({one.where})" for one in unsayable(lexicon)]
    assert not missing, (
        f"the model cannot hear {', '.join(missing[:10])}: add the words to speech/modelling/<language>/words.txt "
        "(python -m speech.modelling.coverage --add does it), run python -m speech.modelling.pronounce and then "
        "python -m speech.modelling zh zh-grammar en"
    )


@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_is_given_up_is_in_no_vocabulary_and_has_a_reason(language: str) -> None:
    given_up = read_words(DATA / language / "leftout.txt")
    assert not set(given_up) & set(read_words(DATA / language / "words.txt"))
    assert all(given_up.values())


def lexicon_with(tmp_path: Path, language: str = "zh-CN", *, says: list[str]) -> Path:
    """A lexicon with one rule, over a vocabulary of a few words."""
    lists = "apart before negators negators_whole scope_ends hypothetical long_ago lately somebody relatives receiving "
    text = f"language: {language}\nvariants: {{您: 你}}\nterms: {{send: {{words: [转账, 汇款], not_in: [转告]}}}}\n"
    text += "".join(f"{name}: []\n" for name in f"{lists}doer_ends".split())
    text += "answers: {yes: [有]}\nafter_lead: {answers: [有]}\n"
    text += f"signals: {{money_sent: {{label: x, weight: 1, rules: [{{name: r, says: {says}}}]}}}}\n"
    path = tmp_path / "lexicon.yaml"
    path.write_text(text.replace("转账, 汇款", "sent, paid") if language == "en" else text, "utf-8")
    folder = tmp_path / language.partition("-")[0]
    folder.mkdir(exist_ok=True)
    words = "有 sent paid the money" if language == "en" else "有 转账 汇款 给 他 他们 您 一 万 块 收到"
    (folder / "words.txt").write_text("".join(f"{word}\n" for word in words.split()), "utf-8")
    (folder / "leftout.txt").write_text("gold no such metal\n", "utf-8")
    (folder / "syllables.txt").write_text((DATA / "zh/syllables.txt").read_text("utf-8"), "utf-8")
    return path


@pytest.mark.parametrize(
    "pattern",
    ["转账给他们", "{send}…(给(他|他们|你))?{amount}", "^有$", "转", "到有", "账给", "12345", "gold", "usdt", "您"],
)
def test_words_in_a_row_and_parts_at_the_ends_can_be_said(pattern: str, tmp_path: Path) -> None:
    assert unsayable(lexicon_with(tmp_path, says=[pattern]), tmp_path) == []


@pytest.mark.parametrize(
    ("pattern", "missing"),
    [
        ("转账给她", ["转账给她"]),
        ("给(他|她|它)", ["给她", "给它"]),
        ("{send}了", ["汇款了"]),
        ("转……验证码", ["验证码"]),
        ("转给", ["转给"]),
        ("(没)?收到", ["没"]),
    ],
)
def test_what_no_row_of_words_holds_is_named(pattern: str, missing: list[str], tmp_path: Path) -> None:
    found = unsayable(lexicon_with(tmp_path, says=[pattern]), tmp_path)
    assert [one.text for one in found] == missing
    assert {one.where for one in found} == {"money_sent: r"}


def test_english_is_said_in_whole_words(tmp_path: Path) -> None:
    lexicon = lexicon_with(tmp_path, "en", says=["{send} (the|all the) money", "mon", "gold"])
    assert [one.text for one in unsayable(lexicon, tmp_path)] == ["paid all", "mon"]


def test_words_that_are_lacking_are_added_and_make_all_sayable(tmp_path: Path) -> None:
    lexicon = lexicon_with(tmp_path, says=["{send}了…银行", "给(她|它)们", "没收到", "呣", "usdt"])
    assert lacking(lexicon, tmp_path) == ["了", "们", "呣", "她", "它", "银行", "没收到"]
    assert add(lexicon, tmp_path) == ["了", "们", "她", "它", "银行", "没收到"]
    assert [one.text for one in unsayable(lexicon, tmp_path)] == ["呣"]
    words = (tmp_path / "zh/words.txt").read_text("utf-8")
    assert add(lexicon, tmp_path) == []
    assert (tmp_path / "zh/words.txt").read_text("utf-8") == words
    assert words.count("#") == 1


def test_the_end_of_a_word_needs_no_beginning() -> None:
    speech = Speech(["转账"], spaced=False)
    assert speech.after(speech.anywhere, "账转账转")
    assert not speech.after(speech.anywhere, "转转")


def test_the_command_lists_what_is_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = lexicon_with(tmp_path, says=["饕餮"])
    assert main([str(path)]) == 1
    assert "饕餮\tmoney_sent: r" in capsys.readouterr().out
    assert main([str(one) for one in LEXICONS]) == 0
