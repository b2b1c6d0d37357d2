"""A subject and a dissuader brought together over real SIP: found by the sound that crosses, and only then."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from dialer.lines import LinePool, LineSettings, SipAccount
from rehearsal.calls import by_call
from rehearsal.carrier import REALM, Carrier
from rehearsal.crossing import crossings
from rehearsal.measures import Measures, Meeting, measure, meetings
from rehearsal.phones_process import PhonesProcess
from tests.rehearsal.caller import Caller, prompt

pytestmark = pytest.mark.wire

SUBJECT, OFFICER = "+12025550112", "8001"
SCENARIO = f"""\
rehearsal: meeting
language: en
phones:
  - number: "{SUBJECT}"
    rings_s: 0.2
    lines:
      - say: i already sent five thousand dollars
        critical: sent
      - say: okay i understand
    afterwards: repeat
dissuaders:
  - {{user: {OFFICER}, answer_after_s: 0.5, talks_s: 5, says: [hello i am a police officer, please hang up]}}
"""

Bring = Callable[[LinePool, Carrier, Caller, Path], Awaitable[None]]


async def bridged(pool: LinePool, carrier: Carrier, subject: Caller, folder: Path) -> None:
    """As the dialer does it: the dissuader's leg beside the subject's, a whisper, both joined."""
    officer = Caller(pool.beside(subject.leg))
    await officer.dial(carrier.uri(OFFICER))
    assert await officer.answered()
    await officer.say(await prompt(folder, "mary fields, fake police"))
    await subject.leg.join(officer.leg)
    await officer.over()
    await subject.hang_up()


async def transferred(pool: LinePool, carrier: Carrier, subject: Caller, folder: Path) -> None:
    assert await subject.leg.refer(carrier.uri(OFFICER))
    await subject.hang_up()


async def apart(pool: LinePool, carrier: Carrier, subject: Caller, folder: Path) -> None:
    """Both on the line, both talking, and never joined."""
    officer = Caller(pool.take())
    await officer.dial(carrier.uri(OFFICER))
    assert await officer.answered()
    sound = await prompt(folder, "one moment please")
    await asyncio.gather(subject.say(sound), officer.say(sound))
    await asyncio.gather(subject.hear(2), officer.hear(1))
    await asyncio.gather(subject.hang_up(), officer.hang_up())


async def rehearsed(folder: Path, bring: Bring) -> tuple[list[Meeting], Measures]:
    """Who met whom, and what was measured."""
    folder.mkdir()
    scenario = folder / "meeting.yaml"
    scenario.write_text(SCENARIO, encoding="utf-8")
    phones = PhonesProcess(scenario, folder, folder / "voices")
    ready = await phones.start()
    carrier = Carrier(folder, ready.contacts)
    try:
        await carrier.start()
        account = SipAccount(
            id_uri=carrier.uri(carrier.subscriber.username),
            username=carrier.subscriber.username,
            password=carrier.subscriber.password,
            realm=REALM,
        )
        pool = LinePool(LineSettings(processes=1, frame_ms=20, account=account))
        await pool.start()
        try:
            subject = Caller(pool.take())
            await subject.dial(carrier.uri(SUBJECT))
            assert await subject.answered()
            await subject.hear(1)
            await bring(pool, carrier, subject, folder)
            await phones.idle()
        finally:
            await pool.stop()
    finally:
        facts = await phones.stop()
        await carrier.stop()
    calls = by_call(facts)
    crossed = crossings(calls, {OFFICER})
    return meetings(calls, crossed, {OFFICER}), measure(calls, crossed, {OFFICER})


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[list[Meeting], Measures]]:
    """Every way to bring two together, at the same time, each with a carrier and phones of its own."""
    ways: dict[str, Bring] = {"bridged": bridged, "transferred": transferred, "apart": apart}

    async def all_ways() -> list[tuple[list[Meeting], Measures]]:
        folder = tmp_path_factory.mktemp("meeting")
        return await asyncio.gather(*(rehearsed(folder / name, bring) for name, bring in ways.items()))

    return dict(zip(ways, asyncio.run(all_ways()), strict=True))


@pytest.mark.parametrize("way", ["bridged", "transferred"])
def test_two_who_are_brought_together_hear_each_other(
    outcome: dict[str, tuple[list[Meeting], Measures]], way: str
) -> None:
    (meeting,), measures = outcome[way]
    assert (meeting.subject.phone, meeting.subject.call, meeting.dissuader.phone) == (SUBJECT, 1, OFFICER)
    assert meeting.both_ways
    assert meeting.rang_at < meeting.joined_at
    assert measures.critical_to_ring
    assert measures.critical_to_ring.median_s > 0
    assert measures.ring_to_joined


def test_two_who_talk_at_the_same_time_but_apart_have_not_met(
    outcome: dict[str, tuple[list[Meeting], Measures]],
) -> None:
    met, measures = outcome["apart"]
    assert met == []
    assert measures.critical_to_ring is None
