"""Handing a live call to a human: who may take it, on which terms."""

from __future__ import annotations

from collections.abc import Sequence

from dialer.dissuaders import Dissuader, Dissuaders
from dialer.exchange import Exchange
from dialer.handover import HandOver
from dialer.offer import EscalationResult, EscalationSettings, Mode, Offer
from dialer.party import Member, Party

__all__ = ["EscalationDesk", "EscalationResult", "EscalationSettings", "Mode", "Offer"]


class EscalationDesk:
    """What all calls of a node share: the dissuaders and the settings."""

    def __init__(self, dissuaders: Sequence[Dissuader], settings: EscalationSettings | None = None) -> None:
        """Raises `ValueError` when two dissuaders have one name."""
        self.dissuaders = Dissuaders(dissuaders)
        self.settings = settings or EscalationSettings()

    def party(self, exchange: Exchange) -> Party:
        """The humans of one call, none yet."""
        return Party(exchange, self._left)

    async def hand_over(self, exchange: Exchange, offer: Offer, party: Party | None = None) -> EscalationResult:
        """Offer a live call to one ready dissuader after another, and stay until no human speaks with the subject.

        The phone of the first rings before anything else happens; then the robot's present prompt is stopped and the
        subject is asked to hold. Raises nothing for what subject, dissuader or network do.
        """
        return await HandOver(self.dissuaders, self.settings, exchange, party or self.party(exchange), offer).run()

    def _left(self, member: Member, lost: bool) -> None:
        if member.dissuader is not None:
            rest_s = self.settings.wrap_up_s if member.spoke else 0.0
            self.dissuaders.rest(member.dissuader, self.settings.set_aside_s if lost else rest_s)
