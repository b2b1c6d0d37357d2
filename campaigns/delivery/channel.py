"""The interface of whatever carries orders to their receivers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from campaigns.follow_up import FollowUp, FollowUpKind, FollowUpState
from campaigns.model import History


class DeliveryError(Exception):
    """An order was not delivered; the message says why, without numbers or words of the subject."""


class RefusedError(DeliveryError):
    """The receiver will never take this order: it has failed, and the policy decides what follows."""


class UnavailableError(DeliveryError):
    """The receiver cannot take it now: it is tried again later."""

    def __init__(self, message: str, *, retry_after_s: float | None = None, down: bool = True) -> None:
        """``retry_after_s``: what the receiver asked for. ``down``: the receiver would take no other order either."""
        super().__init__(message)
        self.retry_after_s = retry_after_s
        self.down = down


class DoubtfulError(DeliveryError):
    """A receiver that cannot tell repetitions may have it or not: it is not tried again, and ends as failed."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """One order made ready: what it is, what is known of its case now, and both told for a receiver."""

    order: FollowUp
    history: History
    document: Mapping[str, object]
    """By `docs/follow-up.schema.json`."""

    @property
    def key(self) -> str:
        """The same for every try, and for no other order: by it a receiver tells a repetition."""
        return str(self.document["key"])


@dataclass(frozen=True, slots=True)
class Receipt:
    """The receiver has it."""

    reference: str = ""
    """The receiver's own name for the order."""
    state: FollowUpState = FollowUpState.SENT
    """``acknowledged``, ``done`` or ``failed`` if the receiver said so at once."""
    result: str = ""
    note: str = ""


class Channel(Protocol):
    """One receiver, or one way to many."""

    @property
    def name(self) -> str:
        """Under which an order is recorded as sent; unique in a node."""
        ...

    @property
    def kinds(self) -> frozenset[FollowUpKind]:
        """What it serves."""
        ...

    @property
    def tells_repetitions(self) -> bool:
        """Whether an order that is delivered twice takes effect once. If not, the channel calls `Store.delivery_begun`
        before anything leaves; an order that was begun by a node that died is then not delivered again, but ends as
        failed and says why.
        """
        ...

    async def deliver(self, parcel: Parcel) -> Receipt:
        """Return when the receiver has the order; raises `RefusedError`, `UnavailableError` and, if it does not tell
        repetitions, `DoubtfulError`.

        May be cancelled at any time; a delivery that is cancelled may have arrived.
        """
        ...
