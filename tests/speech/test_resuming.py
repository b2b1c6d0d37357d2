"""Where a prompt that was interrupted goes on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from speech.resuming import LEAST_S, MOST_S, resume_from
from speech.telephone import Speech, write_wav

pytestmark = pytest.mark.unit

WORDS = [(0.0, 0.5), (0.58, 1.1), (1.16, 1.9), (1.95, 2.6), (2.66, 4.0)]
"""When there is sound: gaps of 50 to 80 ms between, as between words."""


@pytest.fixture(scope="module")
def prompt(tmp_path_factory: pytest.TempPathFactory) -> Path:
    sound = np.zeros(4 * 8000)
    for first_s, last_s in WORDS:
        part = slice(round(first_s * 8000), round(last_s * 8000))
        sound[part] = 8000 * np.sin(np.arange(part.stop - part.start))
    path = tmp_path_factory.mktemp("prompt") / "prompt.wav"
    write_wav(path, Speech(sound.astype("<i2").tobytes()))
    return path


@pytest.mark.parametrize(("stopped_s", "gap"), [(1.5, (1.1, 1.16)), (2.4, (1.9, 1.95)), (3.3, (2.6, 2.66))])
def test_it_goes_on_with_the_word_that_was_talked_over(
    prompt: Path, stopped_s: float, gap: tuple[float, float]
) -> None:
    assert gap[0] <= resume_from(prompt, stopped_s) <= gap[1]


def test_what_was_hardly_begun_is_begun_anew(prompt: Path) -> None:
    assert resume_from(prompt, 0.15) == 0


def test_a_prompt_that_cannot_be_read_goes_on_a_little_earlier(tmp_path: Path) -> None:
    assert resume_from(tmp_path / "gone.wav", 3.0) == pytest.approx(3.0 - LEAST_S)


@given(st.floats(0, 10))
def test_it_never_goes_on_later_or_much_earlier(prompt: Path, stopped_s: float) -> None:
    assert max(0.0, stopped_s - MOST_S) - 1e-9 <= resume_from(prompt, stopped_s) <= max(0.0, stopped_s - LEAST_S) + 1e-9
