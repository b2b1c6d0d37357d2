"""Prompts: rendered once, kept by content, recordings first, personal ones gone."""

from __future__ import annotations

import asyncio
import os
import subprocess
import time
import wave
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest

from speech.prompts import Prompts
from speech.recorded import RecordedPromptsError, load_recorded
from speech.synthesis import Speech, SynthesisError, VoiceSettings
from speech.telephone import line_seconds
from tests.speech.sound import dbfs, samples_of, speech_level_dbfs

pytestmark = pytest.mark.voice

VOICE = VoiceSettings(engine="espeak-ng")
GREETING = "您好，这里是反诈中心。"


class Counted:
    """Counts how often an engine is asked."""

    def __init__(self, prompts: Prompts) -> None:
        self.asked: list[str] = []
        self._speak = prompts._engine.speak
        prompts._engine.speak = self.speak  # type: ignore[method-assign]

    async def speak(self, text: str) -> Speech:
        self.asked.append(text)
        return await self._speak(text)


@pytest.fixture
async def prompts(tmp_path: Path) -> AsyncIterator[Prompts]:
    prompts = Prompts(tmp_path / "cache", VOICE)
    yield prompts
    await prompts.close()


async def test_a_prompt_is_a_file_for_the_line_and_tells_its_length(prompts: Prompts) -> None:
    prompt = await prompts.render(GREETING)
    with wave.open(str(prompt.path)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (8000, 1, 2)
        assert prompt.seconds == file.getnframes() / 8000 > 2
    assert prompt.text == GREETING


async def test_pyttsx3_is_the_engine_unless_another_is_asked_for(tmp_path: Path) -> None:
    prompts = Prompts(tmp_path, VoiceSettings())
    assert type(prompts._engine).__name__ == "Pyttsx3Engine"
    assert (await prompts.render(GREETING)).seconds > 2
    await prompts.close()


async def test_the_same_text_is_rendered_once_even_after_a_restart(prompts: Prompts, tmp_path: Path) -> None:
    first = await prompts.render(GREETING)
    again = Prompts(tmp_path / "cache", VOICE)
    counted = Counted(again)
    assert await again.render(GREETING) == first
    assert counted.asked == []
    await again.close()


async def test_callers_who_want_the_same_text_at_once_share_one_rendering(prompts: Prompts) -> None:
    counted = Counted(prompts)
    rendered = await asyncio.gather(*(prompts.render(GREETING) for _ in range(8)))
    assert len(set(rendered)) == len(counted.asked) == 1


async def test_a_caller_who_leaves_does_not_take_the_rendering_from_the_others(prompts: Prompts) -> None:
    leaving = asyncio.create_task(prompts.render(GREETING))
    staying = asyncio.create_task(prompts.render(GREETING))
    await asyncio.sleep(0)
    leaving.cancel()
    assert (await staying).seconds > 2


async def test_texts_that_are_read_alike_share_a_file(prompts: Prompts) -> None:
    assert (await prompts.render("请拨打96110")).path == (await prompts.render("请拨打九六幺幺零")).path


async def test_another_voice_makes_another_file(prompts: Prompts, tmp_path: Path) -> None:
    paths = {(await prompts.render(GREETING)).path}
    for change in ({"rate_wpm": 200}, {"pitch": 60}, {"variant": "m3"}, {"volume": 0.5}):
        other = Prompts(tmp_path / "cache", VOICE.model_copy(update=change))
        paths.add((await other.render(GREETING)).path)
        await other.close()
    assert len(paths) == 5


@pytest.mark.parametrize("damage", [b"", b"RIFF", b"RIFF" + b"\0" * 400])
async def test_a_damaged_file_is_never_returned_but_rendered_anew(prompts: Prompts, damage: bytes) -> None:
    whole = await prompts.render(GREETING)
    whole.path.write_bytes(damage)
    assert await prompts.render(GREETING) == whole
    assert line_seconds(whole.path) == whole.seconds


async def test_a_file_cut_short_by_a_full_disk_is_rendered_anew(prompts: Prompts) -> None:
    whole = await prompts.render(GREETING)
    whole.path.write_bytes(whole.path.read_bytes()[:5000])
    assert (await prompts.render(GREETING)).seconds == whole.seconds
    assert line_seconds(whole.path) == whole.seconds


async def test_a_text_that_cannot_be_spoken_fails_for_everyone_and_may_be_tried_again(prompts: Prompts) -> None:
    failed = await asyncio.gather(prompts.render("……"), prompts.render("……"), return_exceptions=True)
    assert all(isinstance(error, SynthesisError) for error in failed)
    with pytest.raises(SynthesisError, match="nothing to say"):
        await prompts.render("……")


async def test_warming_renders_every_text(prompts: Prompts) -> None:
    texts = [GREETING, "再见。", "请不要挂断。", "再见。"]
    made = await prompts.warm(texts)
    assert [prompt.text for prompt in made] == texts
    assert len({prompt.path for prompt in made}) == 3


async def test_warming_reports_what_cannot_be_rendered_and_renders_the_rest(prompts: Prompts) -> None:
    with pytest.raises(SynthesisError):
        await prompts.warm(["……", GREETING])
    counted = Counted(prompts)
    await prompts.render(GREETING)
    assert counted.asked == []


async def test_a_prompt_with_a_name_is_gone_after_closing(prompts: Prompts) -> None:
    kept = await prompts.render(GREETING)
    personal = await prompts.render("王先生，您好。", keep=False)
    assert personal.path.exists()
    await prompts.close()
    assert not personal.path.exists()
    assert kept.path.exists()
    assert [path.name for path in prompts._cache.glob("personal-*")] == []


async def test_prompts_with_names_of_a_killed_process_are_removed_at_the_next_start(tmp_path: Path) -> None:
    ended = subprocess.Popen(["true"])
    ended.wait()
    orphan, living = tmp_path / f"personal-{ended.pid}-a", tmp_path / f"personal-{os.getppid()}-b"
    for folder in (orphan, living):
        folder.mkdir()
        (folder / "x.wav").touch()
    prompts = Prompts(tmp_path, VOICE)
    assert not orphan.exists()
    assert living.exists()
    await prompts.close()


async def test_purging_removes_old_prompts_only(prompts: Prompts) -> None:
    old, new = await prompts.render(GREETING), await prompts.render("再见。")
    os.utime(old.path, (time.time() - 100, time.time() - 100))
    assert prompts.purge(older_than_s=50) == 1
    assert not old.path.exists()
    assert new.path.exists()


async def test_a_folder_that_cannot_be_written_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SynthesisError, match="cannot be written"):
        Prompts(tmp_path / "file", VOICE)


class TestRecorded:
    """Recordings made by a person."""

    @staticmethod
    def tone(path: Path, *, rate: int = 44100, channels: int = 2, width: int = 3, seconds: float = 1.5) -> None:
        """Write 440 Hz between two half seconds of silence."""
        time_s = np.arange(int(rate * seconds)) / rate
        sound = np.concatenate([np.zeros(rate // 2), 0.05 * np.sin(2 * np.pi * 440 * time_s), np.zeros(rate // 2)])
        whole = np.repeat((sound * 2**31).astype("<i4"), channels)
        if width == 1:
            raw = ((whole >> 24) + 128).astype(np.uint8).tobytes()
        else:
            raw = whole.view(np.uint8).reshape(-1, 4)[:, 4 - width :].tobytes()
        with wave.open(str(path), "wb") as file:
            file.setframerate(rate)
            file.setnchannels(channels)
            file.setsampwidth(width)
            file.writeframes(raw)

    def folder(self, tmp_path: Path, index: str) -> Path:
        folder = tmp_path / "recorded"
        folder.mkdir()
        self.tone(folder / "greeting.wav")
        (folder / "prompts.yaml").write_text(index, encoding="utf-8")
        return folder

    async def test_a_recording_replaces_synthesis_by_text_however_numbers_are_written(self, tmp_path: Path) -> None:
        prompts = Prompts(tmp_path, VOICE, recorded_dir=self.folder(tmp_path, "texts:\n  请拨打96110: greeting.wav\n"))
        counted = Counted(prompts)
        prompt = await prompts.render("请拨打九六幺幺零")
        assert counted.asked == []
        assert prompt.seconds == pytest.approx(1.57, abs=0.03)
        await prompts.render("请拨打幺幺零")
        assert len(counted.asked) == 1
        await prompts.close()

    async def test_a_recording_replaces_synthesis_by_script_and_step(self, tmp_path: Path) -> None:
        index = "steps:\n  fake-police.zh-CN/opening: greeting.wav\n"
        prompts = Prompts(tmp_path, VOICE, recorded_dir=self.folder(tmp_path, index))
        recorded = await prompts.render(GREETING, step="fake-police.zh-CN/opening")
        assert recorded.seconds == pytest.approx(1.57, abs=0.03)
        assert (await prompts.render(GREETING)).path != recorded.path
        await prompts.close()

    @pytest.mark.parametrize(("rate", "channels", "width"), [(8000, 1, 2), (44100, 2, 3), (48000, 1, 4), (11025, 2, 1)])
    async def test_any_rate_width_and_number_of_channels_is_converted(
        self, tmp_path: Path, rate: int, channels: int, width: int
    ) -> None:
        folder = self.folder(tmp_path, "texts:\n  再见。: greeting.wav\n")
        self.tone(folder / "greeting.wav", rate=rate, channels=channels, width=width)
        prompts = Prompts(tmp_path, VOICE, recorded_dir=folder)
        samples = samples_of((await prompts.render("再见。")).path)
        crossings = np.flatnonzero(np.diff(np.signbit(samples[2000:-2000])))
        assert len(crossings) / 2 / ((len(samples) - 4000) / 8000) == pytest.approx(440, rel=0.02)
        assert speech_level_dbfs(samples) == pytest.approx(-20, abs=1)
        assert dbfs(float(np.abs(samples).max())) <= -3
        await prompts.close()

    async def test_a_recording_made_anew_is_heard_anew(self, tmp_path: Path) -> None:
        folder = self.folder(tmp_path, "texts:\n  再见。: greeting.wav\n")
        prompts = Prompts(tmp_path, VOICE, recorded_dir=folder)
        before = await prompts.render("再见。")
        self.tone(folder / "greeting.wav", seconds=2.5)
        assert (await prompts.render("再见。")).seconds == pytest.approx(before.seconds + 1, abs=0.02)
        await prompts.close()

    @pytest.mark.parametrize(
        ("index", "complaint"),
        [
            ("texts:\n  再见。: greeting.wav\n  您好。: nowhere.wav\n", r"prompts\.yaml:3: .*nowhere\.wav"),
            ("texts:\n  再见。: prompts.yaml\n", r"prompts\.yaml:2: .*not a PCM WAV file.*16-bit PCM WAV"),
            ("texts: {}\nvoices: {}\n", r"prompts\.yaml:2: unknown section 'voices'"),
            ("steps:\n  opening: greeting.wav\n", r"prompts\.yaml:2: 'opening' must be written script-name/step"),
            ("texts:\n  96110: greeting.wav\n", r"prompts\.yaml:2: 96110 must be text.*quotes"),
            ("texts: greeting.wav\n", r"prompts\.yaml:1: texts must map"),
            ("- greeting.wav\n", r"prompts\.yaml:1: must hold the sections texts and steps"),
            ("texts:\n  a: [\n", r"prompts\.yaml:\d: "),
            ("texts:\n  a: b.wav\n  a: c.wav\n", r"prompts\.yaml:3: .*duplicate key"),
        ],
    )
    def test_a_wrong_index_is_refused_with_file_and_line(self, tmp_path: Path, index: str, complaint: str) -> None:
        with pytest.raises(RecordedPromptsError, match=complaint):
            load_recorded(self.folder(tmp_path, index), "zh-CN")

    def test_a_folder_without_an_index_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(RecordedPromptsError, match=r"prompts\.yaml: cannot be read"):
            load_recorded(tmp_path, "zh-CN")
