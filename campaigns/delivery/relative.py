"""A call to a relative: a case of its own, linked to the subject's, that the robot works through like any other."""

from __future__ import annotations

import time
from collections.abc import Callable

from campaigns.async_store import AsyncStore
from campaigns.delivery.channel import Parcel, Receipt, RefusedError
from campaigns.follow_up import FollowUpKind
from campaigns.model import Lead, Relative
from campaigns.store import Decide


class RelativeCall:
    """See `campaigns.delivery.channel.Channel`. The order is done when the linked case closes; the store sees to it."""

    name = "call"
    kinds = frozenset({FollowUpKind.RELATIVE})
    tells_repetitions = True

    def __init__(
        self,
        store: AsyncStore,
        *,
        decide_at: Callable[[float], Decide],
        on_case: Callable[[], None] = lambda: None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """``on_case`` is told when there is a case to be called."""
        self._on_case = on_case
        self._store = store
        self._decide_at = decide_at
        self._clock = clock

    async def deliver(self, parcel: Parcel) -> Receipt:
        """Make the linked case, or find it if it was made before."""
        subject = parcel.history.case.lead
        relative = _chosen(parcel)
        now = self._clock()
        lead = Lead(
            number=relative.number,
            name=relative.name,
            scam_type=subject.scam_type,
            grade=subject.grade,
            language=subject.language,
            source=f"relative of case {parcel.history.case.id}",
            warned_at=subject.warned_at,
            expires_at=subject.expires_at,
            time_zone=subject.time_zone,
        )
        case = await self._store.call(
            lambda s: s.add_linked_case(
                parcel.order.id, lead, relation=relative.relation, now=now, decide=self._decide_at(now)
            )
        )
        self._on_case()
        return Receipt(reference=f"case {case.id}")


def _chosen(parcel: Parcel) -> Relative:
    """Whom the order names, else the first known; raises `RefusedError`."""
    data, subject = parcel.order.data, parcel.history.case.lead
    number = data.get("number")
    known = {each.number: each for each in subject.relatives}
    if isinstance(number, str) and number:
        chosen = known.get(number, Relative(number))
        named = [str(data.get(key) or getattr(chosen, key)) for key in ("relation", "name")]
        chosen = Relative(number, *named)
    elif known:
        chosen = next(iter(known.values()))
    else:
        raise RefusedError("no relative is known")
    if chosen.number == subject.number:
        raise RefusedError("the relative's number is the subject's own")
    return chosen
