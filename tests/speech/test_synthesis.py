"""Real speech by both engines, judged by length, level and spectrum; and the guard when pyttsx3 misbehaves."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
import vosk
from pydantic import ValidationError

import speech
from speech import pyttsx3_engine, voice
from speech.espeak import EspeakEngine
from speech.modelling.voices import HELD_OUT
from speech.pyttsx3_engine import Pyttsx3Engine, split
from speech.synthesis import Engine, SynthesisError, VoiceSettings, open_engine
from speech.telephone import Speech
from tests.speech.sound import dbfs, samples_of, share_in_band, silence_at_ends_s, speech_level_dbfs

pytestmark = pytest.mark.voice

GREETING = "您好，这里是反诈中心，请不要转账。"
ENGLISH = "Hello, this is the anti-fraud centre. Please do not send money."
Name = Literal["pyttsx3", "espeak-ng"]
Opened = Callable[..., Engine]


@pytest.fixture
async def opened() -> AsyncIterator[Opened]:
    """Opens engines that are closed after the test."""
    async with AsyncExitStack() as stack:

        def open_(workers: int = 1, **settings: object) -> Engine:
            engine = open_engine(VoiceSettings.model_validate(settings), workers)
            stack.push_async_callback(engine.close)
            return engine

        yield open_


@pytest.mark.parametrize("engine", ["pyttsx3", "espeak-ng"])
@pytest.mark.parametrize(("language", "text"), [("zh-CN", GREETING), ("en-US", ENGLISH), ("en-GB", ENGLISH)])
async def test_speech_fits_a_telephone_line(engine: Name, language: str, text: str, opened: Opened) -> None:
    samples = samples_of(await opened(engine=engine, language=language).speak(text))
    assert 3.0 < len(samples) / 8000 < 8.0
    assert dbfs(float(np.abs(samples).max())) <= -2.99
    assert -23 < speech_level_dbfs(samples) < -18
    lead_s, tail_s = silence_at_ends_s(samples)
    assert lead_s <= 0.05
    assert tail_s <= 0.2
    assert share_in_band(samples, 200, 3400) > 0.8


@pytest.mark.parametrize("engine", ["pyttsx3", "espeak-ng"])
async def test_the_rate_that_was_asked_for_is_the_rate_that_is_heard(engine: Name, opened: Opened) -> None:
    engines = [opened(engine=engine, rate_wpm=rate) for rate in (120, 220, 120, 220)]
    slow, fast, slow_again, fast_again = [
        s.seconds for s in await asyncio.gather(*(e.speak(GREETING) for e in engines))
    ]
    assert slow / fast == pytest.approx((220 / 120) ** 1.13, rel=0.05)  # the exponent was fitted to espeak-ng 1.51
    assert slow_again == pytest.approx(slow, rel=0.02)
    assert fast_again == pytest.approx(fast, rel=0.02)


async def test_both_engines_speak_alike(opened: Opened) -> None:
    one, other = [await opened(engine=name).speak(GREETING) for name in ("pyttsx3", "espeak-ng")]
    assert one.seconds == pytest.approx(other.seconds, rel=0.03)


@pytest.mark.parametrize("engine", ["pyttsx3", "espeak-ng"])
@pytest.mark.parametrize(
    ("text", "heard"),
    [
        ("您好，这里是反诈中心。", "您好这里是反诈中心"),
        ("请拨打96110。", "请拨打九六幺幺零"),
        ("请不要转账，不要挂断。", "请不要转账不要挂断"),
    ],
)
async def test_a_recogniser_hears_what_was_to_be_said(engine: Name, text: str, heard: str, opened: Opened) -> None:
    vosk.SetLogLevel(-1)
    ear = vosk.KaldiRecognizer(vosk.Model(str(Path(speech.__path__[0]) / "models" / "zh")), 8000)
    said = await opened(engine=engine).speak(text)
    ear.AcceptWaveform(bytes(3200) + said.pcm + bytes(9600))
    assert json.loads(ear.FinalResult())["text"].replace(" ", "") == heard


async def test_numbers_are_spoken_and_not_swallowed(opened: Opened) -> None:
    engine = opened(engine="espeak-ng")
    written, said = await engine.speak("请拨打96110"), await engine.speak("请拨打九六幺幺零")
    assert written == said


@pytest.mark.parametrize("variant", HELD_OUT)
async def test_the_voices_of_rehearsed_people_speak(variant: str, opened: Opened) -> None:
    for language, text in (("zh-CN", GREETING), ("en-US", ENGLISH)):
        speech = await opened(engine="espeak-ng", variant=variant, language=language, pitch=60).speak(text)
        assert 2.0 < speech.seconds < 9.0


async def test_voices_differ(opened: Opened) -> None:
    spoken = [
        await opened(engine="espeak-ng", variant=variant).speak(GREETING) for variant in ("f2", "m5", "Andrea", "")
    ]
    assert len({speech.pcm for speech in spoken}) == 4


@pytest.mark.parametrize("engine", ["pyttsx3", "espeak-ng"])
def test_an_unknown_variant_is_refused_because_espeak_would_ignore_it(engine: Name) -> None:
    with pytest.raises(SynthesisError, match=r"no voice variant 'andrea': did you mean 'Andrea'\?"):
        open_engine(VoiceSettings(engine=engine, variant="andrea"))


def test_a_language_without_a_voice_is_refused() -> None:
    with pytest.raises(SynthesisError, match="fr-FR"):
        open_engine(VoiceSettings(language="fr-FR"))


@pytest.mark.parametrize("settings", [{"pitch": 5}, {"pitch": 95}, {"rate_wpm": 30}, {"volume": 0}, {"speed": 1}])
def test_settings_that_hang_or_mean_nothing_are_refused(settings: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        VoiceSettings.model_validate(settings)


def test_a_rate_that_pyttsx3_does_not_keep_is_refused() -> None:
    open_engine(VoiceSettings(engine="espeak-ng", rate_wpm=241))
    with pytest.raises(SynthesisError, match=r'up to 240 words a minute.*engine = "espeak-ng"'):
        open_engine(VoiceSettings(engine="pyttsx3", rate_wpm=241))


def test_a_missing_espeak_is_reported_with_the_mend(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    voice.known_variants.cache_clear()
    with pytest.raises(SynthesisError, match="apt-get install espeak-ng"):
        open_engine(VoiceSettings())


@pytest.mark.parametrize("engine", ["pyttsx3", "espeak-ng"])
async def test_a_text_without_words_is_refused(engine: Name, opened: Opened) -> None:
    with pytest.raises(SynthesisError, match="nothing to say"):
        await opened(engine=engine).speak("😊……")


async def test_a_long_text_is_spoken_to_its_end(opened: Opened) -> None:
    engine = opened(engine="pyttsx3", rate_wpm=240)
    once, often = await engine.speak(GREETING), await engine.speak(GREETING * 12)
    assert often.seconds > 11 * once.seconds


def test_a_long_text_is_cut_after_a_sentence_or_a_clause() -> None:
    spoken = "nin2 hao3, qing3 bu2 yao4 zhuan3 zhang4. " * 30
    pieces = split(spoken, 500)
    assert all(len(piece) <= 500 and piece.endswith(".") for piece in pieces)
    assert " ".join(pieces) == spoken.strip()


def test_a_long_text_without_punctuation_is_cut_between_words() -> None:
    pieces = split("zhuan3 zhang4 " * 100, 500)
    assert " ".join(pieces).split() == ["zhuan3", "zhang4"] * 100


async def test_nothing_leaks_to_standard_output(opened: Opened, capfd: pytest.CaptureFixture[str]) -> None:
    await opened(engine="pyttsx3").speak("您好。")
    assert capfd.readouterr() == ("", "")


async def test_espeak_that_does_not_end_is_given_up() -> None:
    with pytest.raises(SynthesisError, match="did not end within"):
        await EspeakEngine(VoiceSettings(engine="espeak-ng"), timeout_s=0.0001).speak(GREETING)


class TestGuard:
    """pyttsx3's faults, brought about in real worker processes."""

    @pytest.fixture
    async def engine(self) -> AsyncIterator[Pyttsx3Engine]:
        engine = Pyttsx3Engine(VoiceSettings(), timeout_s=5.0)
        yield engine
        await engine.close()

    def pid(self, engine: Pyttsx3Engine) -> int:
        process = engine._workers[0]._process
        assert process is not None
        return process.pid

    async def test_a_worker_that_hangs_is_killed_and_replaced(self) -> None:
        engine = Pyttsx3Engine(VoiceSettings(), timeout_s=1.5)
        try:
            before = await engine.speak(GREETING)
            hung = self.pid(engine)
            os.kill(hung, signal.SIGSTOP)
            after = await engine.speak(GREETING)
            assert after.seconds == pytest.approx(before.seconds, rel=0.02)
            assert self.pid(engine) != hung
            with pytest.raises(ProcessLookupError):
                os.kill(hung, 0)
        finally:
            await engine.close()

    async def test_a_worker_that_dies_is_replaced(self, engine: Pyttsx3Engine) -> None:
        await engine.speak("您好。")
        os.kill(self.pid(engine), signal.SIGKILL)
        assert (await engine.speak(GREETING)).seconds > 3

    async def test_an_empty_file_is_never_returned_but_made_again(
        self, engine: Pyttsx3Engine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await engine.speak("您好。")
        real, emptied = pyttsx3_engine.read_wav, []

        def empty_once(path: Path) -> object:
            if not emptied:
                emptied.append(path)
                path.write_bytes(path.read_bytes()[:44])
            return real(path)

        monkeypatch.setattr(pyttsx3_engine, "read_wav", empty_once)
        assert (await engine.speak(GREETING)).seconds > 3
        assert emptied

    async def test_a_file_cut_short_is_made_again(self, engine: Pyttsx3Engine, monkeypatch: pytest.MonkeyPatch) -> None:
        await engine.speak("您好。")
        real, cut = pyttsx3_engine.read_wav, []

        def cut_once(path: Path) -> object:
            samples, rate = real(path)
            if not cut:
                cut.append(path)
                return samples[: len(samples) // 3], rate
            return samples, rate

        monkeypatch.setattr(pyttsx3_engine, "read_wav", cut_once)
        assert (await engine.speak(GREETING)).seconds > 3
        assert cut

    @staticmethod
    def lose_the_rate(monkeypatch: pytest.MonkeyPatch, times: int) -> list[object]:
        """Workers start at pyttsx3's own rate of 200, as they do when a setting is lost."""
        lost: list[object] = []
        real: Callable[..., Awaitable[None]] = pyttsx3_engine._Worker.start

        async def start(worker: object, settings: dict[str, object]) -> None:
            if len(lost) < times:
                lost.append(worker)
                settings = settings | {"rate": 200}
            await real(worker, settings)

        monkeypatch.setattr(pyttsx3_engine._Worker, "start", start)
        return lost

    async def test_a_worker_that_lost_its_rate_is_replaced(
        self, engine: Pyttsx3Engine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        lost = self.lose_the_rate(monkeypatch, 1)
        reference = await EspeakEngine(VoiceSettings(engine="espeak-ng")).speak(GREETING)
        assert (await engine.speak(GREETING)).seconds == pytest.approx(reference.seconds, rel=0.03)
        assert lost

    async def test_when_the_rate_is_lost_every_time_nothing_is_returned(
        self, engine: Pyttsx3Engine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.lose_the_rate(monkeypatch, 99)
        with pytest.raises(SynthesisError, match=r'rate was lost.*engine = "espeak-ng"'):
            await engine.speak(GREETING)

    async def test_an_abandoned_text_does_not_spoil_the_next(self, engine: Pyttsx3Engine) -> None:
        await engine.speak("您好。")
        abandoned = asyncio.create_task(engine.speak(GREETING * 3))
        await asyncio.sleep(0)
        abandoned.cancel()
        await asyncio.gather(abandoned, return_exceptions=True)
        assert (await engine.speak("好。")).seconds < 1

    async def test_two_workers_speak_at_a_time_and_none_mixes_texts(self) -> None:
        engine = Pyttsx3Engine(VoiceSettings(), workers=2)
        try:
            texts = ["好。", GREETING] * 6
            spoken: list[Speech] = await asyncio.gather(*(engine.speak(text) for text in texts))
            assert all(speech.seconds < 1 for speech in spoken[::2])
            assert all(speech.seconds > 3 for speech in spoken[1::2])
        finally:
            await engine.close()

    async def test_no_process_is_left_after_closing(self, engine: Pyttsx3Engine) -> None:
        await engine.speak("您好。")
        pid = self.pid(engine)
        await engine.close()
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
