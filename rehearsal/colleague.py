"""A simulated dissuader: answers, hears the whisper out, then talks with the subject."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from rehearsal.handset import Handset
from rehearsal.hearing import Hearing
from rehearsal.scenario import LONGEST_CALL_S, Dissuader
from rehearsal.voices import Sound

WHISPER_WITHIN_S = 6.0
"""If nobody has said anything until then, the dissuader begins."""

REPLY_WITHIN_S = 3.0
"""A subject who says nothing for so long is spoken to again."""


async def take_escalation(dissuader: Dissuader, handset: Handset, sounds: Sequence[Sound]) -> None:
    """Behave as the dissuader does, to the end of the call. ``sounds`` are the lines, in order."""
    try:
        if dissuader.does == "busy":
            await handset.refuse(486, 17)
        elif dissuader.does == "never_answers":
            await handset.ring(LONGEST_CALL_S)
        elif await handset.ring(dissuader.answer_after_s):
            if dissuader.does == "declines":
                await handset.refuse(603, 21)
            elif await handset.pick_up(LONGEST_CALL_S):
                await _talk(dissuader, handset, sounds)
    finally:
        await handset.close()


async def _talk(dissuader: Dissuader, handset: Handset, sounds: Sequence[Sound]) -> None:
    answered_s = handset.hearing.clock_s

    def whispered(hearing: Hearing) -> bool:
        return hearing.last is not None or (hearing.talk is None and hearing.clock_s - answered_s >= WHISPER_WITHIN_S)

    if not await handset.until(whispered):
        return
    began_s = handset.hearing.clock_s
    until_s = began_s + dissuader.talks_s
    for sound in sounds:
        if not await handset.say(sound):
            return
        if not await handset.until(partial(_answered, spoken_s=handset.hearing.clock_s, until_s=until_s)):
            return
        if handset.hearing.clock_s >= until_s:
            break
    await handset.until(lambda hearing: hearing.clock_s >= until_s and not hearing.sounding)


def _answered(hearing: Hearing, *, spoken_s: float, until_s: float) -> bool:
    replied = hearing.last is not None and hearing.last.end_s > spoken_s and hearing.talk is None
    return replied or hearing.silent_since(spoken_s) >= REPLY_WITHIN_S or hearing.clock_s >= until_s
