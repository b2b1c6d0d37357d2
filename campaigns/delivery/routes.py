"""Which channel an order goes to: by its kind, and by the precinct of its case."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from campaigns.delivery.channel import Channel
from campaigns.delivery.document import route
from campaigns.follow_up import FollowUpKind


class RouteError(ValueError):
    """Two channels want the same orders."""


@dataclass(frozen=True, slots=True)
class Served:
    """A channel, and where it serves."""

    channel: Channel
    precincts: tuple[str, ...] = ()
    """City, city/district, ... as in `Lead.precinct`; none: everywhere."""


class Routes:
    """Each order has one receiver at most: the channel of its kind with the longest precinct that fits."""

    def __init__(self, served: Iterable[Served]) -> None:
        """Raises `RouteError` when two channels serve the same kind in the same precinct."""
        self._channels: dict[FollowUpKind, dict[tuple[str, ...], Channel]] = {}
        for each in served:
            for kind in each.channel.kinds:
                for precinct in [route(text) for text in each.precincts] or [()]:
                    other = self._channels.setdefault(kind, {}).setdefault(precinct, each.channel)
                    if other is not each.channel:
                        where = f"in {'/'.join(precinct)}" if precinct else "everywhere"
                        raise RouteError(
                            f"{other.name} and {each.channel.name} both take {kind} orders {where}; "
                            "an order has one receiver: give them different kinds or precincts"
                        )

    @property
    def kinds(self) -> frozenset[FollowUpKind]:
        """Kinds that somebody takes, if perhaps not everywhere."""
        return frozenset(self._channels)

    def channel(self, kind: FollowUpKind, precinct: str) -> Channel | None:
        """Where an order goes; ``None`` if nobody takes it."""
        channels = self._channels.get(kind, {})
        parts = route(precinct)
        for length in range(len(parts), -1, -1):
            if (found := channels.get(parts[:length])) is not None:
                return found
        return None
