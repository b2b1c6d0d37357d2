"""Early media on real calls: what ends the waiting, and what does not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from benchmarks import answering_sounds as sounds
from campaigns.model import Outcome
from dialer.call import Call, CallSettings, Target
from dialer.lines import Leg, LinePool, LineSettings
from dialer.seam import Answered, Ended
from rehearsal.scenario import Line, Voice
from rehearsal.voices import Voices
from speech.answering import Answerer, Verdict
from speech.ear import Ear
from speech.prompts import Prompts
from speech.recognition import Recogniser
from speech.synthesis import VoiceSettings
from speech.telephone import Speech, write_wav
from tests.dialer.lines.peers import WAIT_S

pytestmark = pytest.mark.wire


@dataclass
class Stage:
    """Our line, and a phone that can be called."""

    lines: LinePool
    phones: LinePool
    executor: ThreadPoolExecutor
    folder: Path

    async def call(
        self, far_end: Callable[[Leg], Awaitable[None]], *, ring_timeout_s: float = 40
    ) -> tuple[Call, Answered | Ended]:
        """Dial the phone, which does as ``far_end`` says."""
        prompts = Prompts(self.folder / "prompts", VoiceSettings(engine="espeak-ng", language="zh-CN"))
        leg = self.lines.take()
        call = Call(
            leg,
            Target(self.phones.contacts[0].replace("sip:", "sip:12025550101@"), "<sip:96110@carrier.test>", "", None),
            beside=partial(self.lines.beside, leg),
            language="zh-CN",
            ear=lambda: Ear(Recogniser("zh")),
            prompts=prompts,
            executor=self.executor,
            settings=CallSettings(ring_timeout_s=ring_timeout_s, announcement_wait_s=0.5),
        )
        dialling = asyncio.create_task(call.dial())
        phone = await asyncio.wait_for(anext(self.phones.incoming()), WAIT_S)
        acting = asyncio.create_task(_act(far_end, phone))
        try:
            return call, await dialling
        finally:
            acting.cancel()
            await asyncio.gather(acting, return_exceptions=True)
            await prompts.close()

    def wav(self, *parts: sounds.Sound) -> Path:
        path = self.folder / "far-end.wav"
        write_wav(path, Speech((np.concatenate(parts) * 32767).astype("<i2").tobytes()))
        return path

    async def said(self, text: str) -> Path:
        """A carrier's voice, as the rehearsal's phones have it."""
        return (await Voices(self.folder).render(Line(say=text), Voice(variant="f4", rate_wpm=165), "zh-CN")).path


async def _act(far_end: Callable[[Leg], Awaitable[None]], leg: Leg) -> None:
    await leg.send_progress()
    await far_end(leg)


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    lines, phones = LinePool(LineSettings(processes=1)), LinePool(LineSettings(processes=1), incoming=True)
    await asyncio.gather(lines.start(), phones.start())
    with ThreadPoolExecutor(2) as executor:
        yield Stage(lines, phones, executor, tmp_path)
    await asyncio.gather(lines.stop(), phones.stop())


async def test_a_busy_tone_without_a_code_ends_the_waiting(stage: Stage) -> None:
    busy = stage.wav(sounds.cadence((450,), (0.35, 0.35), 20))

    async def far_end(leg: Leg) -> None:
        await leg.play(busy)

    _, ended = await stage.call(far_end)
    assert isinstance(ended, Ended)
    assert ended.outcome is Outcome.BUSY
    assert not ended.by_far_end
    assert ended.reason.startswith("busy: 4")


async def test_an_announcement_behind_ring_back_music_decides(stage: Stage) -> None:
    music, announcement = stage.wav(sounds.music(4, 3)), await stage.said("您好，您拨打的用户已关机，请稍后再拨")

    async def far_end(leg: Leg) -> None:
        await leg.play(music)
        await leg.play(announcement)
        await leg.ended.wait()

    _, ended = await stage.call(far_end)
    assert isinstance(ended, Ended)
    assert ended.outcome is Outcome.POWERED_OFF


async def test_music_and_ringing_are_no_answer_however_long(stage: Stage) -> None:
    ringing = stage.wav(sounds.cadence((450,), (1, 4), 3), sounds.music(20, 4))

    async def far_end(leg: Leg) -> None:
        await leg.play(ringing)

    _, ended = await stage.call(far_end, ring_timeout_s=7)
    assert isinstance(ended, Ended)
    assert ended.outcome is Outcome.NO_ANSWER


async def test_who_answers_after_music_is_judged_afresh(stage: Stage) -> None:
    music, hello = stage.wav(sounds.music(4, 3)), await stage.said("喂，你好")

    async def far_end(leg: Leg) -> None:
        await leg.play(music)
        await leg.answer()
        await leg.play(hello)
        await leg.ended.wait()

    call, answered = await stage.call(lambda leg: asyncio.shield(far_end(leg)))
    assert isinstance(answered, Answered)
    verdicts = (event async for event in call.listen() if isinstance(event, Verdict))
    async with asyncio.timeout(WAIT_S):
        verdict = await anext(verdicts)
        while verdict.kind is not Answerer.PERSON:
            assert not verdict.certain
            verdict = await anext(verdicts)
    await call.hang_up()
