"""The builder of the acoustic models: what it writes, Vosk reads; what it draws can be drawn again."""

from __future__ import annotations

import random
import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from speech.modelling.acoustic.alignment import Piece, aligned, with_codas, written
from speech.modelling.acoustic.channel import (
    CLEAN,
    NOISY,
    RATE_HZ,
    ROUGH,
    a_law,
    at_line_rate,
    over_the_line,
    without_speech,
)
from speech.modelling.acoustic.directory import MODEL_CONF, write_acoustic
from speech.modelling.acoustic.espeak import RATE_HZ as SPOKEN_HZ
from speech.modelling.acoustic.espeak import Event
from speech.modelling.acoustic.features import Cepstra
from speech.modelling.acoustic.kaldi_writer import Layer, context, final_mdl
from speech.modelling.acoustic.material import Chance, held_out, material, pauses
from speech.modelling.acoustic.utterance import Utterance
from speech.modelling.build import DATA, RECIPES, build, language_costs
from speech.modelling.corpus import Corpus
from speech.modelling.errors import ModellingError
from speech.modelling.lexicon import read_words
from speech.modelling.phones import PhoneSet
from speech.modelling.trials import read_lines
from speech.modelling.voices import HELD_OUT, TRAINING
from speech.models import BUNDLED
from speech.recognition import Recogniser
from speech.voice import known_variants
from tests.speech.callers import noise
from tests.speech.callers import over_the_line as over_a_clean_line

pytestmark = pytest.mark.unit

LANGUAGES = ("zh", "en")


def phones_of(language: str) -> PhoneSet:
    return PhoneSet.load(DATA / language / "phones.txt")


# --- final.mdl


def tiny_layers(phones: PhoneSet, hidden: int = 8) -> list[Layer]:
    chance = np.random.default_rng(1)
    return [
        Layer((-2, -1, 0, 1, 2), chance.standard_normal((hidden, 150)) * 0.02, chance.standard_normal(hidden)),
        Layer((-3, 0, 3), chance.standard_normal((hidden, 3 * hidden)), chance.standard_normal(hidden)),
        Layer((0,), chance.standard_normal((phones.pdf_count, hidden)), np.zeros(phones.pdf_count)),
    ]


class Reader:
    """Reads a binary ``final.mdl`` back, knowing nothing of the writer but Kaldi's layout."""

    def __init__(self, content: bytes) -> None:
        assert content[:2] == b"\0B"
        self.content, self.at = content, 2

    def token(self) -> str:
        end = self.content.index(b" ", self.at)
        found, self.at = self.content[self.at : end].decode(), end + 1
        return found

    def expect(self, *tokens: str) -> None:
        for token in tokens:
            assert self.token() == token

    def take(self, form: str) -> tuple[float, ...]:
        found = struct.unpack_from(f"<{form}", self.content, self.at)
        self.at += struct.calcsize(f"<{form}")
        return found

    def integer(self) -> int:
        size, value = self.take("bi")
        assert size == 4
        return int(value)

    def integers(self) -> list[int]:
        return [int(value) for value in self.take(f"{self.integer()}i")]

    def vector(self) -> np.ndarray:
        self.expect("FV")
        return np.array(self.take(f"{self.integer()}f"))

    def matrix(self) -> np.ndarray:
        self.expect("CM2")
        least, span, rows, columns = self.take("ffii")
        levels = np.array(self.take(f"{int(rows * columns)}H")).reshape(int(rows), int(columns))
        return least + span * levels / 65535


def read_network(content: bytes) -> tuple[str, list[tuple[np.ndarray, np.ndarray]], np.ndarray, tuple[int, int]]:
    reader = Reader(content)
    reader.at = content.index(b"<Nnet3> ") + len(b"<Nnet3> ")
    end = content.index(b"\n\n", reader.at)
    wiring, reader.at = content[reader.at : end].decode(), end + 2
    reader.expect("<NumComponents>")
    layers = []
    for _ in range(reader.integer() // 2):
        reader.expect("<ComponentName>")
        assert reader.token().endswith(".affine")
        reader.expect("<FixedAffineComponent>", "<LinearParams>")
        weights = reader.matrix()
        reader.expect("<BiasParams>")
        layers.append((weights, reader.vector()))
        reader.expect("</FixedAffineComponent>", "<ComponentName>")
        reader.token()
        kind = reader.token()
        reader.expect("<Dim>")
        assert reader.integer() == len(layers[-1][1])
        for name in ("<ValueAvg>", "<DerivAvg>"):
            reader.expect(name)
            assert not len(reader.vector())
        reader.expect("<Count>")
        reader.take("bd")
        reader.expect(kind.replace("<", "</"))
    reader.expect("</Nnet3>", "<LeftContext>")
    left = reader.integer()
    reader.expect("<RightContext>")
    right = reader.integer()
    reader.expect("<Priors>")
    priors = reader.vector()
    assert reader.at == len(content)
    return wiring, layers, priors, (left, right)


def test_what_is_written_reads_back_with_16_bits_of_each_weight() -> None:
    phones = phones_of("zh")
    layers = tiny_layers(phones)
    priors = np.full(phones.pdf_count, 1 / phones.pdf_count)
    wiring, found, read_priors, (left, right) = read_network(final_mdl(phones, layers, priors))
    assert (left, right) == context(layers) == (5, 5)
    assert read_priors == pytest.approx(priors, rel=1e-5)
    assert "input=Append(Offset(tdnn1.relu, -3), tdnn1.relu, Offset(tdnn1.relu, 3))" in wiring
    assert wiring.startswith("\ninput-node name=input dim=30\n")
    for layer, (weights, bias) in zip(layers, found, strict=True):
        span = layer.weights.max() - layer.weights.min()
        assert np.abs(weights - layer.weights).max() <= span / 65535
        assert bias == pytest.approx(layer.bias, rel=1e-6)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_transition_model_numbers_phones_as_the_graph_does(language: str) -> None:
    phones = phones_of(language)
    reader = Reader(final_mdl(phones, tiny_layers(phones), np.ones(phones.pdf_count)))
    reader.expect("<TransitionModel>", "<Topology>")
    numbered, entries, kinds = reader.integers(), reader.integers(), reader.integer()
    assert kinds == 2
    assert numbered == list(range(1, len(numbered) + 1))
    assert entries[0] == -1
    assert len(numbered) == len(phones.word_boundaries().splitlines())
    for states in (1, 2):
        assert reader.integer() == states + 1
        for state in range(states):
            assert (reader.integer(), reader.integer()) == (state, 2)
            for target in (state, state + 1):
                assert reader.integer() == target
                assert reader.take("bf") == (4, 0.5)
        assert (reader.integer(), reader.integer()) == (-1, 0)
    reader.expect("</Topology>", "<Triples>")
    triples = [(reader.integer(), reader.integer(), reader.integer()) for _ in range(reader.integer())]
    assert triples == sorted(triples)
    assert {pdf for _, _, pdf in triples} == set(range(phones.pdf_count))
    assert all(state <= entries[number] for number, state, _ in triples)
    reader.expect("</Triples>", "<LogProbs>")
    assert len(reader.vector()) == phones.transition_count + 1


def test_layers_that_do_not_fit_are_refused() -> None:
    phones = phones_of("zh")
    first, second, last = tiny_layers(phones)
    priors = np.ones(phones.pdf_count)
    with pytest.raises(ModellingError, match="gets 3 times 8 inputs"):
        final_mdl(phones, [first, Layer(second.offsets, second.weights[:, 1:], second.bias), last], priors)
    with pytest.raises(ModellingError, match="the phones need"):
        final_mdl(phones_of("en"), [first, second, last], priors)


@pytest.mark.parametrize("name", RECIPES)
def test_the_bundled_models_have_the_network_that_the_builder_makes(name: str) -> None:
    phones = phones_of(RECIPES[name].language)
    _, layers, priors, around = read_network((BUNDLED / name / "am/final.mdl").read_bytes())
    assert around == (26, 14)
    assert len(layers) == 6
    assert len(layers[-1][1]) == len(priors) == phones.pdf_count
    assert priors.sum() == pytest.approx(1, abs=1e-4)
    assert (BUNDLED / name / "conf/mfcc.conf").read_text() == Cepstra().conf()


@pytest.mark.parametrize("name", RECIPES)
def test_vosk_loads_and_runs_what_is_written(name: str, tmp_path: Path) -> None:
    phones = phones_of(RECIPES[name].language)
    priors = np.full(phones.pdf_count, 1 / phones.pdf_count)
    write_acoustic(tmp_path / name, final_mdl(phones, tiny_layers(phones), priors))
    build(name, tmp_path / name)
    recogniser = Recogniser(tmp_path / name)
    recogniser.feed(over_a_clean_line(noise(2)))
    assert all(0 <= word.confidence <= 1 for word in recogniser.finish().words)


# --- sound


def a_sound(seconds: float = 1.0) -> np.ndarray:
    time = np.arange(round(SPOKEN_HZ * seconds)) / SPOKEN_HZ
    return np.asarray(0.3 * np.sin(2 * np.pi * 700 * time), dtype=np.float64)


@pytest.mark.parametrize("conditions", [CLEAN, NOISY, ROUGH])
def test_the_same_chance_gives_the_same_line_and_another_one_another(conditions: object) -> None:
    speech = at_line_rate(a_sound())
    first, again, other = (
        over_the_line(speech, conditions, Chance.of(number).sound, 800, 1600)  # type: ignore[arg-type]
        for number in (1, 1, 2)
    )
    assert (first == again).all()
    assert (first != other).any()
    assert len(first) == len(speech) + 2400


def test_a_line_holds_only_levels_of_a_law() -> None:
    levels = set(a_law(np.arange(-32768, 32768) / 32768).tolist())
    assert len(levels) == 256
    line = over_the_line(at_line_rate(a_sound()), ROUGH, Chance.of(3).sound, 0, 0)
    assert set(line.tolist()) <= levels
    assert set(without_speech(8000, Chance.of(4).sound).tolist()) <= levels


def test_raised_formants_make_the_sound_higher_and_shorter() -> None:
    def highest(sound: np.ndarray) -> float:
        return float(np.fft.rfftfreq(len(sound), 1 / RATE_HZ)[np.abs(np.fft.rfft(sound)).argmax()])

    plain, raised = at_line_rate(a_sound()), at_line_rate(a_sound(), 1.25)
    assert len(plain) == pytest.approx(RATE_HZ, abs=2)
    assert len(raised) == pytest.approx(RATE_HZ / 1.25, abs=2)
    assert highest(plain) == pytest.approx(700, abs=3)
    assert highest(raised) == pytest.approx(875, abs=3)


def test_noise_lies_as_far_below_speech_as_was_asked() -> None:
    line = over_the_line(at_line_rate(a_sound(3)), CLEAN, Chance.of(5).sound, RATE_HZ, 0).astype(float)
    before, during = line[:RATE_HZ].std(), line[RATE_HZ:].std()
    assert 20 * np.log10(during / before) == pytest.approx(25, abs=11)


# --- alignment


def test_each_phone_gets_its_stretch_of_sound() -> None:
    text, positions = written(["zhuan3", "le5"], [False, False])
    assert text == "zhuan3 le5"
    assert positions == {1: 0, 8: 1}
    events = [
        Event(0, None, 1), Event(500, "ts.", 1), Event(2000, "ua", 1), Event(5000, "n", 1),
        Event(6000, None, 99), Event(7000, None, 8), Event(7000, "l", 8), Event(8000, "@", 8), Event(9000, "_:", 8),
    ]  # fmt: skip
    first, second = aligned(events, positions, 10_000)
    assert first == [Piece("ts.", 0, 2000), Piece("ua", 2000, 5000), Piece("n", 5000, 7000)]
    assert second == [Piece("l", 7000, 8000), Piece("@", 8000, 9000)]
    assert [piece.phone for piece in with_codas(first)] == ["ts.", "ua", "n_c"]
    assert with_codas(second) == second


def test_a_closure_belongs_to_the_stop_and_a_pause_to_nothing() -> None:
    text, positions = written(["da4", "ba4"], [True, False])
    assert text == "da4, ba4"
    events = [
        Event(0, None, 1), Event(0, "t", 1), Event(900, "a", 1), Event(3000, "_|", 1),
        Event(3000, None, 6), Event(4000, "p", 6), Event(4500, "a", 6), Event(7000, "_:", 6),
    ]  # fmt: skip
    first, second = aligned(events, positions, 9000)
    assert first[-1].end == 3000
    assert second == [Piece("p", 3000, 4500), Piece("a", 4500, 7000)]
    events[3] = Event(3000, "_:", 1)
    events[4] = Event(8000, None, 6)
    events[5] = Event(8100, "p", 6)
    assert aligned(events[:6], positions, 9000)[1] == [Piece("p", 8000, 9000)]


def test_a_vowel_begins_where_it_sounds() -> None:
    _, positions = written(["er4"], [False])
    events = [Event(0, None, 1), Event(900, "@r", 1), Event(3000, "_:", 1)]
    assert aligned(events, positions, 4000) == [[Piece("@r", 900, 3000)]]


def test_an_l_that_lasts_no_time_gets_the_end_of_its_vowel() -> None:
    _, positions = written(["call"], [False])
    events = [Event(0, None, 1), Event(0, "k", 1), Event(1000, "O:", 1), Event(9000, "l", 1), Event(9000, "_:", 1)]
    assert aligned(events, positions, 9500)[0] == [Piece("k", 0, 1000), Piece("O:", 1000, 6200), Piece("l", 6200, 9000)]


def test_frames_are_labelled_with_the_state_that_sounds_in_their_middle() -> None:
    phones = phones_of("zh")
    said = Utterance(["啊"], np.zeros(RATE_HZ, np.int16), [Piece("t", 900, 1700), Piece("a", 1700, 3300)])
    labels = said.labels(phones, 98)
    expected = [0] * 10 + [phones.pdf("t", 0)] * 10 + [phones.pdf("a", 0)] * 10 + [phones.pdf("a", 1)] * 10
    assert labels[:41].tolist() == [*expected, 0]


@pytest.mark.parametrize("language", LANGUAGES)
def test_variants_of_phones_count_as_the_phone(language: str) -> None:
    phones = phones_of(language)
    variant, base = {"zh": ("yu", "y@"), "en": ("I#", "I")}[language]
    assert phones.base(variant) == phones.base(base) == base
    assert phones.base("xyz") is None


# --- what is spoken


def test_no_voice_is_both_learnt_from_and_held_out() -> None:
    assert not set(HELD_OUT) & set(TRAINING)
    assert len(set(HELD_OUT)) == len(HELD_OUT) == 10
    assert len(set(TRAINING)) == len(TRAINING) >= 70


def test_every_voice_is_there() -> None:
    assert set(HELD_OUT) | set(TRAINING) - {""} <= known_variants()


def drawn(language: str, count: int) -> Iterator[list[str]]:
    source, chance = material(language), random.Random(5)
    for _ in range(count):
        yield source.draw(chance)


@pytest.mark.parametrize("language", LANGUAGES)
def test_held_out_wording_is_in_no_training_text(language: str) -> None:
    sentences = held_out(DATA / language)
    assert len(set(sentences)) >= 60
    corpus = Corpus(DATA / language / "sentences.txt")
    recipe = RECIPES[language]
    assert not set(sentences) & {" ".join(words) for words in corpus.draw(recipe.draws, recipe.seed)}
    assert not set(sentences) & {" ".join(words) for words in drawn(language, 2000)}


def test_a_held_out_sentence_that_the_corpus_can_draw_is_not_spoken(tmp_path: Path) -> None:
    folder = tmp_path / "zh"
    folder.mkdir()
    for name, text in {"sentences": "没有\n有\n", "heldout": "没有\n", "words": "没有\n有\n"}.items():
        (folder / f"{name}.txt").write_text(text, "utf-8")
    source, chance = material("zh", tmp_path), random.Random(5)
    spoken = {tuple(source.draw(chance)) for _ in range(300)}
    assert ("有",) in spoken
    assert ("没有",) not in spoken


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_measured_can_be_said_by_the_model(language: str) -> None:
    words = set(read_words(DATA / language / "words.txt"))
    assert set(" ".join(held_out(DATA / language)).split()) <= words
    assert set(read_lines(DATA / language / "keywords.txt")) <= words


@pytest.mark.parametrize("language", LANGUAGES)
def test_training_goes_beyond_the_vocabulary(language: str) -> None:
    words = set(read_words(DATA / language / "words.txt"))
    said = [word for sentence in drawn(language, 400) for word in sentence]
    assert sum(word not in words for word in said) > 200
    assert list(drawn(language, 20)) == list(drawn(language, 20))


def test_mandarin_is_spoken_in_syllables_with_tones() -> None:
    source = material("zh")
    assert source.tokens("验证码", random.Random(1)) == ["yan4", "zheng4", "ma3"]
    assert source.tokens("嗯", random.Random(1))[0][:-1] == "en"
    assert {source.tokens("谁", random.Random(seed))[0][:-1] for seed in range(9)} == {"shei", "shui"}


def test_pauses_stand_between_words_only() -> None:
    found = pauses([["a1", "b1"], ["c1"], ["d1"]], random.Random(1), share=1)
    assert found == [False, True, True, False]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_corpus_picks_heavier_lines_more_often(language: str, tmp_path: Path) -> None:
    path = tmp_path / "sentences.txt"
    path.write_text("9* a\nb\n", "utf-8")
    corpus, chance = Corpus(path), random.Random(1)
    picked = [corpus.pick(chance)[0] for _ in range(200)]
    assert 150 < picked.count("a") < 198
    assert language_costs(RECIPES[language], RECIPES[language].lexicon(DATA / language, phones_of(language))).alone


def test_settings_are_the_ones_that_vosk_needs() -> None:
    assert "--frame-subsampling-factor=3" in MODEL_CONF
    assert "--dither=0.0" in Cepstra().conf()
