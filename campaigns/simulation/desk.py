"""Dissuaders on virtual time. They take live calls as `dialer.escalation` hands them over: most urgent first, of the
ready the one longest idle; a call waits so long for somebody to become free, and the subject may hang up meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil
from random import Random

from campaigns.simulation.clock import Clock, Happening
from campaigns.simulation.measures import Measures
from campaigns.simulation.profile import Dissuaders


@dataclass(slots=True, eq=False)
class Offer:
    """A live call, and what is done when the desk has decided on it. Exactly one of the last three is called."""

    urgency: int
    chance: Random
    """Decides how the humans on this call behave."""
    talks_longer: float
    rang: Callable[[str], None]
    joined: Callable[[str, float, float], None]
    """With the dissuader's name, and how long they will talk and then wrap up, in seconds."""
    nobody: Callable[[], None]
    left: Callable[[], None]
    offered_at: float = 0.0
    order: int = 0
    wait_left_s: float = 0.0
    waiting_since: float = 0.0
    patience: Happening | None = None
    waiting: Happening | None = None
    ringing: Happening | None = None
    post: _Post | None = None
    """Whose phone rings."""


@dataclass(frozen=True, slots=True, eq=False)
class _Post:
    """One dissuader."""

    name: str
    order: int


class Desk:
    """All dissuaders. Call `work` to begin."""

    def __init__(
        self, clock: Clock, settings: Dissuaders, count: int, measures: Measures, *, midnight_at: float
    ) -> None:
        self._clock = clock
        self._settings = settings
        self._measures = measures
        self._midnight_at = midnight_at
        self._away = [_Post(f"D{n + 1:03d}", n) for n in range(count)]
        self._count = count
        self._ready: list[_Post] = []
        self._waiting: list[Offer] = []
        self._wanted = 0
        self._on_duty = 0
        self._offers = 0

    def work(self) -> None:
        """Let those on duty come, now and at every full hour."""
        since_s = self._clock.now - self._midnight_at
        hour = int(since_s // 3600)
        self._wanted = min(self._count, ceil(self._count * self._settings.on_duty[hour % 24]))
        while self._on_duty > self._wanted and self._ready:
            self._leave(self._ready.pop())
        while self._on_duty < self._wanted and self._away:
            self._away.sort(key=lambda post: -post.order)
            self._change_on_duty(1)
            self._make_ready(self._away.pop())
        self._clock.at(self._midnight_at + (hour + 1) * 3600.0, self.work)

    def offer(self, offer: Offer) -> None:
        """A live call is to be taken."""
        self._offers += 1
        offer.offered_at, offer.order = self._clock.now, self._offers
        offer.wait_left_s = self._settings.waits_s
        self._measures.count(self._measures.offered, self._clock.now)
        if not self._on_duty:
            self._give_up(offer)
            return
        offer.patience = self._clock.after(
            self._settings.subject_waits.draw(offer.chance), lambda: self._subject_leaves(offer)
        )
        self._wait(offer)

    def _wait(self, offer: Offer) -> None:
        offer.waiting_since = self._clock.now
        offer.waiting = self._clock.after(offer.wait_left_s, lambda: self._give_up(offer))
        self._waiting.append(offer)
        self._waiting.sort(key=lambda each: (-each.urgency, each.order))
        self._match()

    def _match(self) -> None:
        while self._waiting and self._ready:
            offer, post = self._waiting.pop(0), self._ready.pop(0)
            assert offer.waiting is not None
            offer.waiting.call_off()
            offer.wait_left_s -= self._clock.now - offer.waiting_since
            self._ring(offer, post)

    def _ring(self, offer: Offer, post: _Post) -> None:
        self._measures.talking.change(1, self._clock.now)
        offer.rang(post.name)
        missed = offer.chance.random() < self._settings.misses
        answers_s = self._settings.answers_in.draw(offer.chance)
        offer.post = post
        if missed or answers_s >= self._settings.rings_for_s:
            offer.ringing = self._clock.after(self._settings.rings_for_s, lambda: self._missed(offer, post))
        else:
            offer.ringing = self._clock.after(answers_s + self._settings.whisper_s, lambda: self._join(offer, post))

    def _missed(self, offer: Offer, post: _Post) -> None:
        offer.post = None
        self._rest(post, self._settings.set_aside_s)
        if offer.wait_left_s > 0:
            self._wait(offer)
        else:
            self._give_up(offer)

    def _join(self, offer: Offer, post: _Post) -> None:
        offer.post = None
        self._forget(offer)
        settings, chance = self._settings, offer.chance
        talk_s = settings.talk.draw(chance) * offer.talks_longer
        wrap_up_s = settings.wrap_up.draw(chance)
        self._measures.joined(self._clock.now - offer.offered_at, self._clock.now)
        self._clock.after(talk_s + wrap_up_s, lambda: self._rest(post, 0.0))
        offer.joined(post.name, talk_s, wrap_up_s)

    def _subject_leaves(self, offer: Offer) -> None:
        self._forget(offer)
        self._measures.count(self._measures.left, self._clock.now)
        offer.left()

    def _give_up(self, offer: Offer) -> None:
        self._forget(offer)
        self._measures.count(self._measures.nobody_free, self._clock.now)
        offer.nobody()

    def _forget(self, offer: Offer) -> None:
        for each in (offer.patience, offer.waiting, offer.ringing):
            if each is not None:
                each.call_off()
        if offer.post is not None:  # it stops ringing
            self._rest(offer.post, 0.0)
            offer.post = None
        if offer in self._waiting:
            self._waiting.remove(offer)

    def _rest(self, post: _Post, for_s: float) -> None:
        """The dissuader is left alone for so long, then ready again, or off duty."""
        if for_s > 0:
            self._clock.after(for_s, lambda: self._rest(post, 0.0))
            return
        self._measures.talking.change(-1, self._clock.now)
        if self._on_duty > self._wanted:
            self._leave(post)
        else:
            self._make_ready(post)

    def _make_ready(self, post: _Post) -> None:
        self._ready.append(post)
        self._match()

    def _leave(self, post: _Post) -> None:
        self._change_on_duty(-1)
        self._away.append(post)

    def _change_on_duty(self, by: int) -> None:
        self._on_duty += by
        self._measures.on_duty.change(by, self._clock.now)
