"""The measurement counts rightly, and the whole builder runs from nothing to words."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from speech.modelling.acoustic.features import Cepstra
from speech.modelling.acoustic.material import Chance
from speech.modelling.acoustic.utterance import Speaker
from speech.modelling.build import DATA
from speech.modelling.document import write
from speech.modelling.errors import ModellingError
from speech.modelling.measure import BEGIN, END, distance, measure, units
from speech.modelling.phones import PhoneSet
from speech.modelling.trials import Trial, TrialSet, trial_sets
from speech.modelling.voices import HELD_OUT, TRAINING
from speech.models import BUNDLED
from tests.speech.builder import ROOT, builder
from tests.speech.callers import say

pytestmark = pytest.mark.voice


def test_errors_are_insertions_deletions_and_substitutions() -> None:
    assert distance(units("没有转账", "zh"), units("没转账了", "zh")) == 2
    assert distance(units("i sent it", "en"), units("i sent", "en")) == 1
    assert distance([], ["x"]) == 1
    assert units("有，我 转了", "zh") == ["有", "我", "转", "了"]


def test_figures_go_between_the_markers_and_nowhere_else(tmp_path: Path) -> None:
    document = tmp_path / "model.md"
    document.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n", "utf-8")
    write(document, "new", BEGIN, END)
    write(document, "newer", BEGIN, END)
    assert document.read_text("utf-8") == f"before\n{BEGIN}\n\nnewer\n\n{END}\nafter\n"
    document.write_text("no place", "utf-8")
    with pytest.raises(ModellingError, match="no place for figures"):
        write(document, "new", BEGIN, END)


def test_right_missed_and_false_words_are_counted() -> None:
    pcm = np.frombuffer(say("我没有转账", voice="m5"), "<i2").astype(np.int16)
    trials = [Trial(("我", "没有", "转账"), pcm, "m5"), Trial(("我", "没有", "密码"), pcm, "m5")]
    found = measure(BUNDLED / "zh", "zh", TrialSet("x", trials), {"转账", "密码", "没有"})
    assert (found.utterances, found.exact, found.units, found.errors) == (2, 1, 10, 2)
    assert (found.keywords, found.heard, found.false) == (4, 3, {"转账": 1})
    assert found.seconds == pytest.approx(2 * len(pcm) / 8000)
    assert found.false_per_minute == pytest.approx(60 / found.seconds)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_trials_are_by_held_out_voices_and_the_same_each_time(language: str) -> None:
    script = (
        "import hashlib, sys\nfrom speech.modelling.trials import trial_sets\n"
        "print(hashlib.sha256(b''.join(t.pcm.tobytes() for s in trial_sets(sys.argv[1], share=0.02) for t in s.trials))"
        ".hexdigest())"
    )
    runs = {
        subprocess.run(
            [sys.executable, "-c", script, language], capture_output=True, text=True, check=True, timeout=60, cwd=ROOT
        ).stdout
        for _ in range(2)
    }
    assert len(runs) == 1
    sets = list(trial_sets(language, share=0.02))
    assert {trial.voice for one in sets for trial in one.trials if trial.words} <= set(HELD_OUT)
    assert [one.name for one in sets if not one.known] == ["out of vocabulary, noisy", "nobody speaks"]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_nearly_every_frame_of_speech_is_labelled_with_a_phone(language: str) -> None:
    speaker, phones = Speaker(language), PhoneSet.load(DATA / language / "phones.txt")
    said = [speaker.to_learn_from(TRAINING, Chance.of(9, number)) for number in range(60)]
    pieces = {piece.phone for one in said for piece in one.pieces}
    assert {piece for piece in pieces if phones.base(piece) is None} == set()
    speech = [one.labels(phones, len(one.pcm) // 80 - 2) for one in said if one.words]
    spans = [(one.pieces[0].start // 80, one.pieces[-1].end // 80 - 3) for one in said if one.words]
    inside = np.concatenate([labels[a:b] for labels, (a, b) in zip(speech, spans, strict=True)])
    assert (inside > 0).mean() > 0.75
    assert all((labels[: max(0, a - 1)] == 0).all() for labels, (a, _) in zip(speech, spans, strict=True))


def test_the_builder_runs_from_nothing_to_a_model_that_vosk_loads(tmp_path: Path) -> None:
    command = [builder("kaldi_native_fbank", "torch"), "-m", "speech.modelling.acoustic", "zh", "--tiny"]
    command += ["--to", str(tmp_path / "models"), "--work", str(tmp_path / "work")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=110, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    assert "frames right" in done.stdout
    for name in ("zh", "zh-grammar"):
        trials = TrialSet("x", [Trial(("没有",), np.frombuffer(say("没有", voice="m5"), "<i2").astype(np.int16), "m5")])
        assert measure(tmp_path / "models" / name, "zh", trials, set()).utterances == 1
    first = (tmp_path / "models/zh/am/final.mdl").read_bytes()
    again = subprocess.run(command, capture_output=True, text=True, check=False, timeout=110, cwd=ROOT)
    assert again.returncode == 0
    assert (tmp_path / "models/zh/am/final.mdl").read_bytes() == first


def test_the_builder_sees_what_vosk_sees() -> None:
    """Cepstra against Kaldi's definition, written out: no library needs to be trusted blindly."""
    script = (
        "import numpy as np, sys\nfrom speech.modelling.acoustic.features import Cepstra\n"
        "pcm = np.frombuffer(sys.stdin.buffer.read(), '<i2').astype(np.int16)\n"
        "sys.stdout.buffer.write(Cepstra().of(pcm).astype('<f4').tobytes())"
    )
    pcm = say("我没有转账", voice="m5")
    done = subprocess.run(
        [builder("kaldi_native_fbank", "torch"), "-c", script],
        input=pcm,
        capture_output=True,
        check=True,
        timeout=60,
        cwd=ROOT,
    ).stdout
    found = np.frombuffer(done, "<f4").reshape(-1, 30)
    expected = cepstra(np.frombuffer(pcm, "<i2").astype(float), Cepstra())
    loud = expected[:, 0] > expected[:, 0].max() - 40
    assert found.shape == expected.shape
    assert np.abs(found - expected)[loud].max() < 0.05


def cepstra(sound: np.ndarray, settings: Cepstra) -> np.ndarray:
    """Kaldi's MFCC (src/feat/feature-window.cc, mel-computations.cc, feature-mfcc.cc), dither 0, snipped edges."""
    bins, size = settings.coefficients, 200
    frames = np.stack([sound[at : at + size] for at in range(0, len(sound) - size + 1, 80)])
    frames = frames - frames.mean(1, keepdims=True)
    frames = frames - 0.97 * np.concatenate([frames[:, :1], frames[:, :-1]], 1)
    window = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(size) / (size - 1))) ** 0.85
    power = np.abs(np.fft.rfft(frames * window, 256)) ** 2

    def mel(hertz: np.ndarray) -> np.ndarray:
        return 1127 * np.log(1 + hertz / 700)

    low, high = mel(np.array([settings.low_hz, settings.high_hz], float))
    edges = low + (high - low) / (bins + 1) * np.arange(bins + 2)
    tones = mel(np.arange(128) * 8000 / 256)
    rise = (tones - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    fall = (edges[2:, None] - tones) / (edges[2:] - edges[1:-1])[:, None]
    energies = np.log(np.maximum(power[:, :128] @ np.maximum(0, np.minimum(rise, fall)).T, np.finfo(np.float32).eps))
    rows = np.arange(bins)[:, None]
    turn = np.sqrt(2 / bins) * np.cos(np.pi / bins * (np.arange(bins) + 0.5) * rows)
    turn[0] = np.sqrt(1 / bins)
    lifter = 1 + 11 * np.sin(np.pi * np.arange(bins) / 22)
    return np.asarray(energies @ turn.T * lifter)
