"""A simulated subject: picks up, listens, and says one line each time the other side has fallen silent."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence

from rehearsal.handset import Handset
from rehearsal.hearing import BREATH_S, Hearing
from rehearsal.scenario import LONGEST_CALL_S, Line, Person
from rehearsal.seam import Leg
from rehearsal.voices import Sound

GREETING_AFTER_S = (0.4, 0.8)
"""From the answer to the first word."""

PAUSE_S = (0.0, 0.35)
"""What a person takes on top of the breath by which the other side's end is noticed."""

PATIENCE_S = 15.0
"""Nobody holds a silent line for longer."""


NewCall = Callable[[Leg], Handset]
"""A handset for the call that a transfer made this phone place."""


async def take_call(person: Person, handset: Handset, sounds: Sequence[Sound], *, seed: str, new_call: NewCall) -> None:
    """Behave as the person does, to the end of the call. ``sounds`` are the person's lines, in order."""
    behaviour = person.behaviour
    try:
        if behaviour.does == "rings_out":
            await handset.ring(LONGEST_CALL_S)
        elif behaviour.does == "refuses":
            if not behaviour.rings_s or await handset.ring(behaviour.rings_s):
                await handset.refuse(behaviour.code, behaviour.q850)
        elif behaviour.does == "announces":
            await _announce(person, handset, sounds)
        elif await handset.ring(behaviour.rings_s):
            leaves_after_s = LONGEST_CALL_S if behaviour.hangs_up_after_s is None else behaviour.hangs_up_after_s
            if await handset.pick_up(leaves_after_s):
                await _talk(person, handset, sounds, random.Random(seed), new_call)
    finally:
        await handset.close()


async def _talk(
    person: Person, handset: Handset, sounds: Sequence[Sound], rng: random.Random, new_call: NewCall
) -> None:
    """Converse; go on with whom a transfer brings."""
    conversing = asyncio.create_task(_converse(person, handset, sounds, rng))
    referred = asyncio.create_task(handset.leg.referred.get())
    try:
        await asyncio.wait((conversing, referred), return_when=asyncio.FIRST_COMPLETED)
        if not referred.done():
            return await conversing
        conversing.cancel()
        other = new_call(referred.result())
        try:
            if await other.connected(LONGEST_CALL_S, within_s=LONGEST_CALL_S):
                await _go_on(person, other, sounds[-1:], rng)
        finally:
            await other.close()
    finally:
        conversing.cancel()
        referred.cancel()
        await asyncio.gather(conversing, referred, return_exceptions=True)


async def _announce(person: Person, handset: Handset, sounds: Sequence[Sound]) -> None:
    behaviour = person.behaviour
    if not await handset.ring(behaviour.rings_s):
        return
    await handset.leg.send_progress()
    for line, sound in zip(behaviour.lines, sounds, strict=True):
        if not await handset.pause(line.delay_s) or not await handset.say(sound):
            return
    await handset.refuse(behaviour.code, behaviour.q850)


async def _converse(person: Person, handset: Handset, sounds: Sequence[Sound], rng: random.Random) -> None:
    hearing = handset.hearing
    spoken_s = hearing.clock_s
    for index, (line, sound) in enumerate(zip(person.behaviour.lines, sounds, strict=True)):
        if index == 0:
            turn = await handset.pause(rng.uniform(*GREETING_AFTER_S) + line.delay_s)
        else:
            turn = await _turn(handset, line, spoken_s, rng)
        if not turn or not await handset.say(sound):
            return
        spoken_s = hearing.clock_s
    await _go_on(person, handset, sounds[-1:], rng)


async def _go_on(person: Person, handset: Handset, last: Sequence[Sound], rng: random.Random) -> None:
    """All lines are said: what the person does at each further turn."""
    spoken_s = handset.hearing.clock_s
    while await _turn(handset, Line(say="."), spoken_s, rng):
        if person.behaviour.afterwards == "hang_up":
            return
        if person.behaviour.afterwards == "repeat" and last and not await handset.say(last[-1]):
            return
        spoken_s = handset.hearing.clock_s


async def _turn(handset: Handset, line: Line, spoken_s: float, rng: random.Random) -> bool:
    """Wait for the moment to say a line; ``False`` when there will be none."""
    wait_s = line.delay_s + rng.uniform(*PAUSE_S)
    if line.interrupts_after_s is not None:
        into_s = line.interrupts_after_s

        def ready(hearing: Hearing) -> bool:
            talk = hearing.talk
            return talk is not None and talk.end_s > spoken_s and hearing.clock_s - talk.start_s >= into_s
    else:

        def ready(hearing: Hearing) -> bool:
            last = hearing.last
            over = last is not None and last.end_s > spoken_s and hearing.talk is None
            return over and hearing.silent_since(0.0) >= BREATH_S + wait_s

    def bored(hearing: Hearing) -> bool:
        return hearing.silent_since(spoken_s) >= PATIENCE_S

    if not await handset.until(lambda hearing: ready(hearing) or bored(hearing)):
        return False
    return not bored(handset.hearing)
