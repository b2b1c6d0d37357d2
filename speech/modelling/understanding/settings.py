"""How is learnt: what stays the same for all that learn from the replies."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Settings:
    """How is learnt."""

    epochs: int = 12
    batch: int = 64
    rate: float = 0.06
    dropped: float = 0.4
    """Share of the clues that one look at a reply does without."""
    unruled: float = 0.15
    """Share of the looks that do without what the rules made of it..."""
    unruled_tuned: float = 0.5
    """...where rules were tuned to the very reply: else they would be believed more than they are worth."""
    least: int = 2
    """Replies that must have a clue in common for it to be learnt."""
    escalation: float = 2.0
    """How much more the column ``escalate`` counts than another."""
    units: int = 48
    """Of the small layer over the sums."""
    units_dropped: float = 0.3
    units_rate: float = 0.003
    units_decay: float = 0.01
    seed: int = 1
    order: int = 0
    """Which of the orders in which replies may be looked at."""
