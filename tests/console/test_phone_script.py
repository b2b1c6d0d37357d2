"""The scripts of a page that is a phone: nothing folds back, nothing is lost, little is held back."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

import console.desk

NODE = shutil.which("node")
PHONE = Path(console.desk.__file__).parent / "static" / "phone"

pytestmark = [pytest.mark.unit, pytest.mark.skipif(NODE is None, reason="needs node to run scripts")]

TOOLS = """
import { Resampler, fromWords, loudness, toWords } from "./resample.js";
import { BOUND, JitterBuffer, RATE } from "./jitter.js";
const wave = (hz, rate) => (_, at) => Math.sin((2 * Math.PI * hz * at) / rate);
const tone = (hz, rate, s) => Float32Array.from({ length: rate * s }, wave(hz, rate));
const level = (samples) => Math.sqrt(samples.reduce((sum, each) => sum + each * each, 0) / samples.length);
const through = (from, to, samples, piece) => {
  const resampler = new Resampler(from, to);
  const found = [];
  for (let at = 0; at < samples.length; at += piece) found.push(...resampler.push(samples.subarray(at, at + piece)));
  return found;
};
"""


def run(script: str, folder: Path) -> Any:
    """What a script tells with `tell(value)`."""
    for each in PHONE.glob("*.js"):
        shutil.copy(each, folder)
    (folder / "package.json").write_text('{"type": "module"}')  # as the browser takes them
    file = folder / "script.js"
    told = "const tell = (value) => console.log(JSON.stringify(value));\n"
    file.write_text(TOOLS + told + script, encoding="utf-8")
    assert NODE is not None
    done = subprocess.run([NODE, str(file)], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("rate", [16_000, 44_100, 48_000])
def test_speech_passes_and_nothing_folds_back(tmp_path: Path, rate: int) -> None:
    found = run(
        f"""
        const gain = (hz) => {{
          const out = through({rate}, 8000, tone(hz, {rate}, 1), 128).slice(400, -400);
          return 20 * Math.log10(level(out) / Math.SQRT1_2 + 1e-9);
        }};
        tell([300, 1000, 3000, 3300, 4100, 5000, 7000].map(gain));
        """,
        tmp_path,
    )
    assert all(abs(each) < 0.5 for each in found[:4])
    assert all(each < -60 for each in found[4:])


@pytest.mark.parametrize(("rate", "piece"), [(44_100, 40), (48_000, 40), (48_000, 7)])
def test_a_tone_comes_out_as_it_went_in_whatever_pieces_it_comes_in(tmp_path: Path, rate: int, piece: int) -> None:
    found = run(
        f"""
        const out = through(8000, {rate}, tone(1000, 8000, 1), {piece});
        const wanted = tone(1000, {rate}, 1);
        const errors = out.slice(2000, -2000).map((each, at) => Math.abs(each - wanted[at + 2000]));
        tell({{ length: out.length, worst: Math.max(...errors) }});
        """,
        tmp_path,
    )
    assert rate * 0.99 < found["length"] <= rate
    assert found["worst"] < 0.02


def test_words_of_16_bits_are_bounded_and_come_back(tmp_path: Path) -> None:
    found = run("tell([...toWords(Float32Array.of(0, 1, -1, 2, -2, 0.5))])", tmp_path)
    assert found == [0, 32767, -32767, 32767, -32767, 16384]
    assert run("tell([...fromWords(Int16Array.of(0, 16384, -32768))])", tmp_path) == [0, 0.5, -1]


def test_silence_is_no_loudness_and_full_scale_is_all(tmp_path: Path) -> None:
    silence, full = run("tell([loudness(new Float32Array(160)), loudness(new Float32Array(160).fill(1))])", tmp_path)
    assert (silence, full) == (0, 1)


FRAMES = """
const buffer = new JitterBuffer();
let next = 0;
const frame = () => Float32Array.from({ length: 160 }, () => (next += 1));
"""


def test_what_comes_evenly_is_played_without_a_gap_sixty_ms_later(tmp_path: Path) -> None:
    found = run(
        FRAMES
        + """
        const played = [];
        for (let at = 0; at < 200; at += 1) {
          buffer.push(frame());
          for (let piece = 0; piece < 4; piece += 1) played.push(...buffer.pull(40));
        }
        const begin = played.findIndex((each) => each > 0);
        tell({ begin, gaps: buffer.gaps, whole: played.slice(begin).every((each, at) => each === at + 1) });
        """,
        tmp_path,
    )
    assert found == {"begin": 320, "gaps": 0, "whole": True}


def test_a_network_that_stutters_makes_it_hold_back_more_and_a_calm_one_less(tmp_path: Path) -> None:
    found = run(
        FRAMES
        + """
        const ms = () => Math.round((1000 * buffer.wanted) / RATE);
        const first = ms();
        const run = (frames, burst) => {
          for (let at = 0; at < frames; at += burst) {
            for (let each = 0; each < burst; each += 1) buffer.push(frame());
            for (let piece = 0; piece < 4 * burst; piece += 1) buffer.pull(40);
            if (burst > 1 && at % (8 * burst) === 0) for (let piece = 0; piece < 24; piece += 1) buffer.pull(40);
          }
        };
        run(600, 6);
        const stuttering = ms();
        const gaps = buffer.gaps;
        run(12000, 1);
        tell({ first, stuttering, calm: ms(), more: buffer.gaps - gaps, held: buffer.held.length / RATE });
        """,
        tmp_path,
    )
    assert found["first"] == 60
    assert 80 <= found["stuttering"] <= 200
    assert found["calm"] == 60
    assert found["more"] <= 1
    assert found["held"] <= 0.12


def test_a_burst_after_a_standstill_is_not_heard_late(tmp_path: Path) -> None:
    found = run(
        FRAMES
        + """
        for (let at = 0; at < 100; at += 1) buffer.push(frame());
        const held = buffer.held.length;
        let played = [];
        for (let piece = 0; piece < 4; piece += 1) played = [...buffer.pull(40)];
        tell({ bounded: held <= BOUND, late: next - played.at(-1) });
        """,
        tmp_path,
    )
    assert found["bounded"]
    assert found["late"] <= 0.3 * 8000
