"""The phones, called over real SIP by a plain caller; what they say is judged by what arrives."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dialer.lines import LegEnd, LinePool, LineSettings, Played
from rehearsal.calls import CallKey, PhoneCall, by_call
from rehearsal.hearing import BREATH_S, Talk
from rehearsal.phones_process import PhonesProcess
from rehearsal.voices import Sound
from tests.rehearsal.caller import Caller, prompt

pytestmark = pytest.mark.wire

SCENARIO = """\
rehearsal: phones
language: en
phones:
  - number: "+12025550110"
    lines:
      - say: hello
      - say: no nobody called me
        delay_s: 0.5
      - say: wait please
        interrupts_after_s: 1.5
    afterwards: hang_up
  - {number: "+12025550113"}
  - {number: "+12025550114"}
  - {number: "+12025550115"}
  - {number: "+12025550116"}
  - {number: "+12025550119", hangs_up_after_s: 1.5}
dissuaders:
  - {user: 8001, answer_after_s: 0.5, talks_s: 2, says: [hello i am a police officer]}
  - {user: 8002, answer_after_s: 0.2, does: declines}
  - {user: 8003, does: busy}
"""


@dataclass
class Observed:
    """What the caller saw and heard of one call."""

    caller: Caller
    end: LegEnd | None = None
    prompts: list[Played] = field(default_factory=list)
    told: PhoneCall | None = None

    @property
    def talks(self) -> list[Talk]:
        return self.caller.talks


class Calls:
    """All calls of this module, placed at the same time."""

    def __init__(self, folder: Path, *, crowd: bool) -> None:
        self.folder = folder
        self.scenario = SCENARIO + ("crowd: true\n" if crowd else "")
        self.seen: dict[str, Observed] = {}

    async def place(self) -> None:
        scenario = self.folder / "phones.yaml"
        scenario.write_text(self.scenario, encoding="utf-8")
        phones = PhonesProcess(scenario, self.folder, self.folder / "voices")
        pool = LinePool(LineSettings(processes=3, frame_ms=20))
        ready = await phones.start()
        try:
            await pool.start()
            short = await prompt(self.folder, "this call is recorded")
            long = await prompt(self.folder, "this is a very long prompt, that goes on and on, and nobody waits for it")
            each: dict[str, Callable[[Observed], Coroutine[Any, Any, None]]] = {
                "+12025550110": lambda seen: converse(seen, short, long),
                "+12025550113": until_over,
                "+12025550114": give_up,
                "+12025550115": lambda seen: leave_a_message(seen, short),
                "+12025550116": until_over,
                "+12025550119": until_over,
                "8001": lambda seen: whisper(seen, short),
                "8002": until_over,
                "8003": until_over,
            }
            async with asyncio.TaskGroup() as group:
                for name, how in each.items():
                    uri = ready.contacts[name].replace("sip:", f"sip:{name}@")
                    group.create_task(self.call(pool, name, uri, how))
        finally:
            await pool.stop()
            facts = await phones.stop()
        for key, call in by_call(facts).items():
            self.seen[key.phone].told = call

    async def call(
        self, pool: LinePool, name: str, uri: str, how: Callable[[Observed], Coroutine[Any, Any, None]]
    ) -> None:
        seen = self.seen[name] = Observed(Caller(pool.take()))
        await seen.caller.dial(uri)
        await how(seen)


async def until_over(seen: Observed) -> None:
    seen.end = await seen.caller.over()


async def give_up(seen: Observed) -> None:
    assert await seen.caller.leg.wait("ringing", 30)
    seen.end = await seen.caller.hang_up()


async def converse(seen: Observed, short: Sound, long: Sound) -> None:
    assert await seen.caller.answered()
    await seen.caller.hear(1)
    seen.prompts.append(await seen.caller.say(short))
    await seen.caller.hear(2)
    seen.prompts.append(await seen.caller.say(long))
    await seen.caller.hear(3)
    seen.end = await seen.caller.over()


async def leave_a_message(seen: Observed, short: Sound) -> None:
    assert await seen.caller.answered()
    await seen.caller.hear(1)
    seen.prompts.append(await seen.caller.say(short))
    await seen.caller.leg.hang_up()
    seen.end = await seen.caller.over()


async def whisper(seen: Observed, short: Sound) -> None:
    assert await seen.caller.answered()
    seen.prompts.append(await seen.caller.say(short))
    seen.end = await seen.caller.over()


@pytest.fixture(scope="module", params=[False, True], ids=["lines", "crowd"])
def calls(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Observed]:
    placed = Calls(tmp_path_factory.mktemp("phones"), crowd=request.param)
    asyncio.run(placed.place())
    return placed.seen


def tone_hz(pcm: bytes) -> float:
    """The strongest frequency."""
    samples = np.frombuffer(pcm, "<i2").astype(np.float64)
    return float(np.argmax(np.abs(np.fft.rfft(samples)))) * 8000 / len(samples)


def between(seen: Observed, start_s: float, end_s: float) -> bytes:
    return bytes(seen.caller.heard[round(start_s * 8000) * 2 : round(end_s * 8000) * 2])


def test_a_busy_phone_says_486_with_its_cause(calls: dict[str, Observed]) -> None:
    end = calls["+12025550113"].end
    assert end
    assert (end.sip_code, end.q850, end.by_far_end) == (486, 17, True)


def test_a_phone_that_rings_out_rings_until_the_caller_gives_up(calls: dict[str, Observed]) -> None:
    told = calls["+12025550114"].told
    assert told
    assert told.ended
    assert (told.answered, told.refused, told.ended.by) == (None, None, "far_end")


def test_a_phone_that_is_off_is_announced_in_early_media_and_then_refused_with_480(calls: dict[str, Observed]) -> None:
    seen = calls["+12025550116"]
    assert seen.end
    assert (seen.end.sip_code, seen.end.q850) == (480, 20)
    assert seen.caller.leg.early_media.is_set()
    assert not seen.caller.leg.answered.is_set()
    assert sum(talk.end_s - talk.start_s for talk in seen.talks) > 4
    assert seen.told
    assert [line.complete for line in seen.told.said] == [True, True]


def test_a_voicemail_greets_beeps_and_says_nothing_more(calls: dict[str, Observed]) -> None:
    seen = calls["+12025550115"]
    greeting = seen.talks[0]
    assert greeting.end_s - greeting.start_s > 3
    assert tone_hz(between(seen, greeting.end_s - 0.4, greeting.end_s - 0.1)) == pytest.approx(1000, abs=10)
    assert len(seen.talks) == 1


def test_who_hangs_up_in_the_first_seconds_is_the_phone(calls: dict[str, Observed]) -> None:
    seen = calls["+12025550119"]
    assert seen.end
    assert seen.end.by_far_end
    assert seen.told
    assert seen.told.answered
    assert seen.told.ended
    assert seen.told.ended.by == "phone"
    assert seen.told.ended.at - seen.told.answered.at >= 1.5


def test_a_person_speaks_first_after_answering(calls: dict[str, Observed]) -> None:
    seen = calls["+12025550110"]
    assert seen.talks[0].end_s < seen.prompts[0].started_s


def test_a_person_lets_the_robot_finish_takes_a_breath_and_waits_as_told(calls: dict[str, Observed]) -> None:
    seen = calls["+12025550110"]
    heard = seen.told.heard[0] if seen.told else None
    said = seen.told.said[1] if seen.told else None
    assert heard
    assert said
    assert said.start_s - heard.end_s >= BREATH_S + 0.5
    assert seen.talks[1].start_s > seen.prompts[0].ended_s


def test_a_person_may_speak_into_the_robot_s_prompt(calls: dict[str, Observed]) -> None:
    seen = calls["+12025550110"]
    assert seen.prompts[1].started_s + 1.5 < seen.talks[2].start_s < seen.prompts[1].ended_s
    assert seen.told
    assert seen.told.said[2].into_talk


def test_a_phone_s_own_times_are_those_of_the_wire(calls: dict[str, Observed]) -> None:
    seen = calls["+12025550110"]
    assert seen.told
    for said, arrived in zip(seen.told.said, seen.talks, strict=True):
        assert said.end_s - said.start_s == pytest.approx(arrived.end_s - arrived.start_s, abs=0.1)
    for heard, sent in zip(seen.told.heard, seen.prompts, strict=True):
        assert heard.end_s - heard.start_s == pytest.approx(sent.ended_s - sent.started_s, abs=0.4)


def test_a_person_with_nothing_left_to_say_may_hang_up(calls: dict[str, Observed]) -> None:
    seen = calls["+12025550110"]
    assert seen.end
    assert seen.end.by_far_end


def test_a_dissuader_hears_the_whisper_out_talks_and_hangs_up(calls: dict[str, Observed]) -> None:
    seen = calls["8001"]
    assert seen.talks[0].start_s > seen.prompts[0].ended_s
    assert seen.end
    assert seen.end.by_far_end


def test_a_dissuader_may_decline_or_be_busy(calls: dict[str, Observed]) -> None:
    declined, busy = calls["8002"].end, calls["8003"].end
    assert declined
    assert busy
    assert (declined.sip_code, busy.sip_code) == (603, 486)


def test_every_call_is_told_once(calls: dict[str, Observed]) -> None:
    assert all(seen.told and seen.told.key == CallKey(name, 1) and seen.told.ended for name, seen in calls.items())
