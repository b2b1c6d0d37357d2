"""Rebuilding the bundled graphs: the data files fit together, and building them gives what is committed."""

from __future__ import annotations

import hashlib
import re
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from speech.modelling.bigrams import END, START, count
from speech.modelling.build import DATA, RECIPES, build, language_costs
from speech.modelling.corpus import Corpus
from speech.modelling.errors import ModellingError
from speech.modelling.lexicon import english, mandarin, syllables
from speech.modelling.phones import PhoneSet, placed
from speech.models import BUNDLED, bundled
from speech.recognition import Recogniser
from tests.speech.callers import say

pytestmark = pytest.mark.unit

MEASURED = {
    "zh/am/final.mdl": "b16f9eb85a0261220de96c81e4eb6c701c4176c24af3b1f0b35e3bc702f06d6e",
    "zh/conf/model.conf": "f714e4ae114d817364335991ec19ea6ab51dc491710dcb59eb4b892892873a27",
    "zh/conf/mfcc.conf": "c18a93be9abeec1dd9bcb3220c3af0bec68e9a5d99c408fd1f799633247cca80",
    "zh-grammar/am/final.mdl": "b16f9eb85a0261220de96c81e4eb6c701c4176c24af3b1f0b35e3bc702f06d6e",
    "zh-grammar/conf/model.conf": "f714e4ae114d817364335991ec19ea6ab51dc491710dcb59eb4b892892873a27",
    "zh-grammar/conf/mfcc.conf": "c18a93be9abeec1dd9bcb3220c3af0bec68e9a5d99c408fd1f799633247cca80",
    "en/am/final.mdl": "79e528b182627c0cc46daa61fa96186eab0b508ad174ef81a375fd6e1403c243",
    "en/conf/model.conf": "f714e4ae114d817364335991ec19ea6ab51dc491710dcb59eb4b892892873a27",
    "en/conf/mfcc.conf": "c18a93be9abeec1dd9bcb3220c3af0bec68e9a5d99c408fd1f799633247cca80",
}


@pytest.mark.parametrize("name", MEASURED)
def test_the_acoustic_models_and_their_settings_are_the_measured_ones(name: str) -> None:
    assert hashlib.sha256((BUNDLED / name).read_bytes()).hexdigest() == MEASURED[name]


@pytest.mark.parametrize("name", RECIPES)
def test_each_model_stays_small(name: str) -> None:
    assert sum(path.stat().st_size for path in (BUNDLED / name).rglob("*") if path.is_file()) < 3_000_000


@pytest.mark.parametrize("name", RECIPES)
def test_building_gives_the_committed_graph_byte_for_byte(name: str, tmp_path: Path) -> None:
    # In a process of its own, as `make model` does it: a reading that some test taught pypinyin would change the graph.
    command = [sys.executable, "-m", "speech.modelling", name, "--to", str(tmp_path)]
    subprocess.run(command, check=True, capture_output=True)
    folder = tmp_path / name if (tmp_path / name).is_dir() else tmp_path
    built = [path for path in (folder / "graph").rglob("*") if path.is_file()]
    assert built
    for path in built:
        assert path.read_bytes() == (BUNDLED / name / path.relative_to(folder)).read_bytes(), path.name
    committed = {path.name for path in (BUNDLED / name / "graph").rglob("*") if path.is_file()}
    assert committed == {path.name for path in built}


def test_every_bundled_model_has_a_recipe() -> None:
    assert sorted(RECIPES) == bundled()


@pytest.mark.parametrize("name", ["zh", "en"])
def test_the_phone_table_counts_as_the_acoustic_model_does(name: str) -> None:
    phones = PhoneSet.load(DATA / name / "phones.txt")
    content = (BUNDLED / name / "am/final.mdl").read_bytes()
    marker = content.index(b"<Triples> ") + len(b"<Triples> ")
    (pairs,) = struct.unpack_from("<i", content, marker + 1)
    assert phones.transition_count == 2 * pairs


def test_places_in_a_word() -> None:
    assert placed(["a"]) == [("a", "singleton")]
    assert [place for _, place in placed(["a", "b", "c"])] == ["begin", "internal", "end"]


def sentences(tmp_path: Path, text: str) -> Corpus:
    path = tmp_path / "sentences.txt"
    path.write_text(text, "utf-8")
    return Corpus(path)


def test_slots_choices_options_and_weights_are_drawn(tmp_path: Path) -> None:
    corpus = sentences(tmp_path, "# numbers\n$N = 一 | 二\n3* 转了 $N 万?\n( 喂 | 你好 )? 再见\n")
    drawn = list(corpus.draw(50, 1))
    assert len(drawn) == 200
    assert {len(sentence) for sentence in drawn[:150]} == {2, 3}
    assert {sentence[0] for sentence in drawn[150:]} == {"喂", "你好", "再见"}
    assert corpus.words() == {"转了", "一", "二", "万", "喂", "你好", "再见"}
    assert drawn == list(corpus.draw(50, 1))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("有 ( 我 | 他", r"line 1: a bracket is not closed"),
        ("没有\n有 ) 我", r"line 2: a bracket closes"),
        ("转了 $MONEY", r"line 1: the slot \$MONEY is not defined"),
    ],
)
def test_a_bad_sentence_is_named_by_its_line(tmp_path: Path, text: str, reason: str) -> None:
    with pytest.raises(ModellingError, match=reason):
        sentences(tmp_path, text)


def test_bigrams_are_probabilities() -> None:
    costs = count([("有", "我"), ("有",)] * 10, ["有", "我", "他"], scale=1.0, back_share=0.2)
    for history in (START, "有"):
        total = sum(2.718281828**-cost for cost in [*costs.follow[history].values(), costs.back[history]])
        assert total == pytest.approx(1)
    assert sum(2.718281828**-cost for cost in costs.alone.values()) == pytest.approx(1)
    assert costs.follow["有"][END] == pytest.approx(costs.follow["有"]["我"])
    assert costs.alone["他"] > costs.alone["我"]


def test_a_heavier_scale_makes_every_cost_heavier() -> None:
    drawn = [("有", "我"), ("有",)] * 10
    light = count(drawn, ["有", "我"], scale=0.5, back_share=0.2)
    heavy = count(drawn, ["有", "我"], scale=1.0, back_share=0.2)
    assert heavy.alone["我"] == pytest.approx(2 * light.alone["我"])


def test_mandarin_words_are_said_syllable_by_syllable() -> None:
    phones = PhoneSet.load(DATA / "zh/phones.txt")
    words = mandarin(DATA / "zh", phones).words
    assert words["银行"] == [("j", "i", "n_c", "X", "a", "N_c")]
    assert len(words["谁"]) == 2
    assert syllables("嗯") == ["en"]


def test_english_words_are_said_in_every_way_listed() -> None:
    words = english(DATA / "en", PhoneSet.load(DATA / "en/phones.txt")).words
    assert ("n", "oU") in words["no"]
    assert len(words["the"]) >= 2


@pytest.mark.parametrize("name", ["zh", "en"])
def test_every_word_of_the_sentences_is_in_the_vocabulary(name: str) -> None:
    recipe = RECIPES[name]
    lexicon = recipe.lexicon(DATA / name, PhoneSet.load(DATA / name / "phones.txt"))
    assert language_costs(recipe, lexicon).follow[START]


def data_with(tmp_path: Path, **files: str) -> Path:
    for path in (DATA / "zh").iterdir():
        (tmp_path / "zh").mkdir(exist_ok=True)
        (tmp_path / "zh" / path.name).write_text(path.read_text("utf-8"), "utf-8")
    for name, text in files.items():
        (tmp_path / "zh" / f"{name}.txt").write_text(text, "utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"sentences": "葡萄\n"}, "sentences.txt uses words that words.txt lacks: 葡萄"),
        ({"announcements": "葡萄\n"}, "announcements.txt uses words that words.txt lacks: 葡萄"),
        ({"words": "有\n有\n"}, "line 2: 有 stands here a second time"),
        ({"words": "有 yoo\n"}, "no known syllable yoo"),
        ({"phones": "SIL 1\np 3\n"}, "line 2"),
        ({"phones": "p 1\n"}, "must be SIL"),
        ({"syllables": "you Q\n"}, "does not know"),
    ],
)
def test_data_that_do_not_fit_together_are_refused(tmp_path: Path, files: dict[str, str], reason: str) -> None:
    with pytest.raises(ModellingError, match=reason):
        build("zh", tmp_path / "out", data_with(tmp_path, **files))


def test_an_unknown_model_is_refused_on_the_command_line(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "speech.modelling", "fr", "--to", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1
    assert re.search(r"fr: there is no bundled model 'fr'; known: zh, zh-grammar, en", done.stderr)


def test_missing_tools_are_said_with_the_mend(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ModellingError, match="apt-get install libfst-tools"):
        build("zh", tmp_path / "out")


@pytest.mark.voice
def test_a_word_added_to_the_list_is_heard(tmp_path: Path) -> None:
    words = (DATA / "zh/words.txt").read_text("utf-8")
    assert "葡萄" not in words
    heard: list[str] = []
    for added in ("", "葡萄\n"):
        model = tmp_path / f"model{len(heard)}"
        for part in ("am/final.mdl", "conf/mfcc.conf", "conf/model.conf"):
            (model / part).parent.mkdir(parents=True, exist_ok=True)
            (model / part).write_bytes((BUNDLED / "zh" / part).read_bytes())
        build("zh", model, data_with(tmp_path, words=words + added))
        recogniser = Recogniser(model)
        recogniser.feed(say("我要葡萄", voice="m5"))
        heard.append(recogniser.finish().text)
    assert "葡萄" not in heard[0]
    assert heard[1] == "我要葡萄"
