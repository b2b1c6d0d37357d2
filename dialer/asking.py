"""Asking one human to come onto a call: ring their phone, or offer it on their page, until they come or do not."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from campaigns.model import Outcome
from dialer.dissuaders import Dissuader
from dialer.live import Part
from dialer.offer import EscalationSettings
from dialer.party import Member, Party
from dialer.seam import Ended, Leg


@dataclass(frozen=True, slots=True)
class Refusal:
    """Somebody did not come."""

    rest_s: float = 0.0
    """How long they are left alone."""
    declined: bool = False
    """They are not asked for this call again."""


async def ask(
    party: Party, dissuader: Dissuader, whisper: str, settings: EscalationSettings, rang: Callable[[], None]
) -> Member | Refusal:
    """Offer the call to one dissuader; returns them when they can be joined. ``rang`` is called when it rings.

    ``whisper`` is told on a phone; a page shows it all. Cancelling it ends the ringing.
    """
    if dissuader.uri:
        return await _by_phone(party, dissuader, whisper, settings, rang)
    return await _by_page(party, dissuader, settings, rang)


async def _by_page(
    party: Party, dissuader: Dissuader, settings: EscalationSettings, rang: Callable[[], None]
) -> Member | Refusal:
    with party.asking(dissuader.name, phone=False, within_s=settings.ring_timeout_s) as asked:
        rang()
        await asyncio.wait({asked.answer}, timeout=settings.ring_timeout_s)
        if not asked.answer.done():
            return Refusal(settings.set_aside_s)
        member = asked.answer.result()
    if member is None:
        return Refusal(declined=True)
    try:
        # The robot keeps the subject company until the page can be heard.
        there = await party.linked(member)
    except asyncio.CancelledError:
        await party.dismiss(member)
        raise
    return member if there else Refusal(settings.set_aside_s)


async def _by_phone(
    party: Party, dissuader: Dissuader, whisper: str, settings: EscalationSettings, rang: Callable[[], None]
) -> Member | Refusal:
    rung = False

    def on_ringing() -> None:
        nonlocal rung
        if not rung:
            rung = True
            rang()

    answer = await ring(party, dissuader.name, dissuader.uri, settings.ring_timeout_s, on_ringing)
    match answer:
        case None | Ended(outcome=Outcome.REJECTED | Outcome.LINE_FAILURE):
            return Refusal(declined=True)
        case Ended(outcome=Outcome.BUSY):
            return Refusal(settings.busy_again_s)
        case Ended():
            return Refusal(settings.set_aside_s)
    on_ringing()
    try:
        await _whisper(answer, whisper, settings.whisper_s)
    except BaseException:
        await answer.hang_up()
        raise
    if answer.ended:
        return Refusal(settings.set_aside_s)
    return party.admit(Member(dissuader.name, answer, Part.SPEAKS))


async def ring(
    party: Party, name: str, uri: str, within_s: float, on_ringing: Callable[[], None] | None = None
) -> Leg | Ended | None:
    """Ring a phone; ``None`` when its owner declined at the page meanwhile. Cancelling it ends the ringing."""
    with party.asking(name, phone=True, within_s=within_s) as asked:
        ringing = asyncio.create_task(party.call.ring(uri, timeout_s=within_s, on_ringing=on_ringing))
        try:
            ends: list[asyncio.Future[Leg | Ended] | asyncio.Future[Member | None]] = [ringing, asked.answer]
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            leg = await _give_up(ringing)
            if leg is not None and not isinstance(leg, Ended):
                await leg.hang_up()
            raise
        return await _give_up(ringing)


async def _give_up(ringing: asyncio.Task[Leg | Ended]) -> Leg | Ended | None:
    """End the ringing; what came of it, if anything had by then."""
    ringing.cancel()
    await asyncio.wait({ringing})
    return None if ringing.cancelled() else ringing.result()


async def _whisper(leg: Leg, text: str, within_s: float) -> None:
    try:
        async with asyncio.timeout(within_s):
            await leg.say(text)
    except TimeoutError:
        return
