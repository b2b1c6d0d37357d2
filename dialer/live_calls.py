"""The calls of this node that go on now, as they are seen at the desk."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from campaigns.model import Claim, HeardSignal, Mention, Speaker
from dialer.changes import Changes
from dialer.live import LiveCall, LiveOffer, OnCall, Phase, Said
from dialer.party import Party
from dialer.watch import Watch


class LiveCalls:
    """Every call is followed from before it is dialled until it is over."""

    def __init__(self, node: str, *, clock: Callable[[], float] = time.time) -> None:
        """``clock``: seconds since 1970, in UTC."""
        self.node = node
        self.clock = clock
        self.changes = Changes()
        self._calls: dict[int, FollowedCall] = {}

    def begin(self, claim: Claim, campaign: str) -> FollowedCall:
        """Follow a call, until `end`; its `FollowedCall.party` is still to be given."""
        call = self._calls[claim.attempt_id] = FollowedCall(self, claim, campaign)
        self.changes.tell(claim.attempt_id)
        return call

    def end(self, attempt_id: int) -> None:
        """A call is over."""
        self._calls.pop(attempt_id, None)
        self.changes.tell(attempt_id)

    def get(self, attempt_id: int) -> FollowedCall | None:
        """One call; ``None`` when it is over, or not on this node."""
        return self._calls.get(attempt_id)

    def all(self) -> list[FollowedCall]:
        """In order of beginning."""
        return list(self._calls.values())

    def at(self, loop_s: float) -> float:
        """A moment of the loop's clock in seconds since 1970."""
        return self.clock() - asyncio.get_running_loop().time() + loop_s


class FollowedCall(Watch):
    """What is known of one call. The real `dialer.watch.Watch`."""

    def __init__(self, calls: LiveCalls, claim: Claim, campaign: str) -> None:
        self.claim = claim
        self.phase_now = Phase.DIALLING
        self._party: Party | None = None
        self._calls = calls
        self._campaign = campaign
        self._offset = calls.at(0.0)
        """Seconds since 1970 of the loop's zero: one for the whole call, so that nothing seems to move."""
        self._started_at = self._phase_since_at = calls.clock()
        self._final: list[Said] = []
        self._open: dict[tuple[Speaker, str], Said] = {}
        self._signals: list[HeardSignal] = []
        self._mentions: list[Mention] = []
        self._reason = self._words = ""
        self._offered_at: float | None = None
        self._tried: dict[str, None] = {}
        self._seen: LiveCall | None = None

    @property
    def party(self) -> Party:
        """The humans on it."""
        assert self._party is not None
        return self._party

    @party.setter
    def party(self, party: Party) -> None:
        self._party = party

    def phase(self, phase: Phase) -> None:
        """See `Watch`."""
        if phase is not self.phase_now:
            self.phase_now = phase
            self._phase_since_at = self._calls.clock()
            self._changed()

    def said(self, speaker: Speaker, text: str, start_s: float, *, final: bool, name: str = "") -> None:
        """See `Watch`."""
        key = (speaker, name)
        if not final:
            began = self._open.get(key)
            self._open[key] = Said(speaker, text, began.start_s if began else start_s, final=False, name=name)
        elif self._open.pop(key, None) is None and not text:
            return
        elif text:
            self._final.append(Said(speaker, text, start_s, name=name))
        self._changed()

    def signal(self, signal: HeardSignal) -> None:
        """See `Watch`."""
        self._signals.append(signal)
        self._changed()

    def mention(self, mention: Mention) -> None:
        """See `Watch`."""
        self._mentions.append(mention)
        self._changed()

    def wanted(self, reason: str, words: str) -> None:
        """See `Watch`."""
        self._reason, self._words, self._offered_at = reason, words, self._calls.clock()
        self._changed()

    def party_changed(self) -> None:
        """Who is on the call, or asked, changed."""
        for asked in self.party.asked:
            if not asked.startswith("+"):  # a relative's number
                self._tried[asked] = None
        self._changed()

    def value(self) -> LiveCall:
        """What is known now."""
        if self._seen is None:
            self._seen = self._value()
        return self._seen

    def _value(self) -> LiveCall:
        party, case = self.party, self.claim.case
        said = [*self._final, *self._open.values()]
        return LiveCall(
            attempt_id=self.claim.attempt_id,
            case_id=case.id,
            campaign=self._campaign,
            lead=case.lead,
            phase=self.phase_now,
            started_at=self._started_at,
            phase_since_at=self._phase_since_at,
            transcript=tuple(sorted(said, key=lambda each: each.start_s)),
            signals=tuple(self._signals),
            mentions=tuple(self._mentions),
            reason=self._reason,
            words=self._words,
            offered_at=self._offered_at,
            offers=tuple(
                LiveOffer(each.name, each.phone, self._offset + each.at_s, self._offset + each.until_s)
                for each in party.asked.values()
                if not each.answer.done()
            ),
            tried=tuple(name for name in self._tried if name not in party.asked),
            on_call=tuple(
                OnCall(each.name, each.part, each.page is None, self._offset + each.joined_s, each.muted)
                for each in party.members.values()
            ),
            held=party.held,
            node=self._calls.node,
        )

    def _changed(self) -> None:
        self._seen = None
        self._calls.changes.tell(self.claim.attempt_id)
