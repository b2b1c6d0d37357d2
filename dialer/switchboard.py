"""Lines, trunk and languages together: where the floor takes a line for a robot's call."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import structlog

from campaigns.model import Claim
from dialer.call import Call, CallSettings, Target
from dialer.floor import NoLineError
from dialer.lines import Leg, LinePool, NoSlotError
from dialer.pressure import Reading
from dialer.recognition import Recognition
from dialer.robot import Robot, RobotCall
from dialer.trunk import Trunk
from speech.ear import Ear
from speech.prompts import Prompts

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Language:
    """Voice and ear in one language."""

    prompts: Callable[[float], Prompts]
    """The voice at a factor on its configured speed."""
    new_ear: Callable[[float], Ear]
    """An ear with a factor on its patience."""


_KNOWN_FROM = 8
"""So many calls must be answered before it is concluded from them what those who are rung will bring."""
_ANSWER = 0.5
"""About the share of those who are rung that will be talking at the same time."""


class Switchboard:
    """Gives out lines; keeps slots for the phones of dissuaders and relatives."""

    def __init__(
        self,
        pool: LinePool,
        trunk: Trunk,
        robot: Robot,
        *,
        language: Callable[[str], Language],
        recognition: Recognition,
        keep: int,
        settings: CallSettings,
        needs_human: Callable[[int], bool] = lambda attempt_id: False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """``keep``: slots that no robot's call may take. ``language`` gives voice and ear for a BCP 47 tag.
        ``needs_human`` tells of an attempt whether a human was called for: it is heard first. ``clock`` tells seconds.
        """
        self._pool = pool
        self.trunk = trunk
        self._robot = robot
        self.language = language
        self.recognition = recognition
        self._keep = keep
        self.settings = settings
        self.needs_human = needs_human
        self._legs: set[Leg] = set()
        self._lost_before = 0
        self._lost_told = 0
        self._clock = clock
        self._busy_told = (clock(), 0.0)

    def place(self) -> RobotCall:
        """Take a line for a robot's call; raises `NoLineError`."""
        try:
            leg = self._pool.take(keep=self._keep)
        except NoSlotError as error:
            raise NoLineError(str(error)) from error
        self._legs.add(leg)
        return RobotCall(_TakenLine(leg, self), self._robot)

    def beside(self, leg: Leg) -> Leg:
        """Take a line for somebody who comes to a robot's call; raises `NoSlotError`."""
        try:
            return self._pool.beside(leg)
        except NoSlotError:
            _log.warning("no line is free for a human's phone: raise lines.kept_for_humans", kept=self._keep)
            raise

    def give_back(self, leg: Leg) -> None:
        """A robot's call is over."""
        if leg in self._legs:
            self._legs.remove(leg)
            self._lost_before += leg.late_frames

    def reading(self) -> Reading:
        """How late the callees are heard now, and what was lost since this was asked last."""
        lost = self._lost_before + sum(leg.late_frames for leg in self._legs)
        lost, self._lost_told = lost - self._lost_told, lost
        return Reading(
            unheard_s=max((leg.unheard_s for leg in self._legs if not leg.ended.is_set()), default=0.0),
            queue_s=self.recognition.waiting_s(),
            lost_frames=lost,
            busy=self._busy(),
        )

    def _busy(self) -> float:
        """Share of the recognisers' time that was taken since this was asked last, with what those rung will bring."""
        (before_s, busy_before_s), self._busy_told = self._busy_told, (self._clock(), self.recognition.busy_s())
        now_s, busy_s = self._busy_told
        busy = (busy_s - busy_before_s) / max(0.001, (now_s - before_s) * self.recognition.threads)
        answered = sum(leg.answered.is_set() for leg in self._legs)
        if answered < _KNOWN_FROM:
            return busy
        return busy * (1 + _ANSWER * (len(self._legs) - answered) / answered)


class _TakenLine:
    """The real `dialer.robot.Line`."""

    def __init__(self, leg: Leg, switchboard: Switchboard) -> None:
        self._leg = leg
        self._switchboard = switchboard

    def call(self, claim: Claim, recording: Path | None, *, rate: float = 1.0, patience: float = 1.0) -> Call:
        """A call to the claim's number on this line; ``rate`` is a factor on the speed of the robot's voice,
        ``patience`` one on how long a silence is borne.
        """
        board = self._switchboard
        lead = claim.case.lead
        target = Target(
            uri=board.trunk.uri(lead.number),
            from_uri=board.trunk.caller,
            asserted_identity=board.trunk.asserted_identity,
            recording=recording,
            names=tuple(part for part in lead.name.split() if part),
        )
        language = board.language(lead.language)
        return Call(
            self._leg,
            target,
            beside=partial(board.beside, self._leg),
            language=lead.language,
            ear=partial(language.new_ear, patience),
            prompts=language.prompts(rate),
            executor=board.recognition.lane(lambda: board.needs_human(claim.attempt_id)),
            settings=board.settings,
        )

    async def release(self) -> None:
        """Give the slot back; ends the call if it is still up."""
        await self._leg.hang_up()
        self._switchboard.give_back(self._leg)
