"""Lines, trunk and languages together: where the floor takes a line for a robot's call."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path

from campaigns.model import Claim
from dialer.call import Call, CallSettings, Target
from dialer.floor import NoLineError
from dialer.lines import Leg, LinePool, NoSlotError
from dialer.robot import Robot, RobotCall
from dialer.trunk import Trunk
from speech.ear import Ear
from speech.prompts import Prompts


@dataclass(frozen=True, slots=True)
class Language:
    """Voice and ear in one language."""

    prompts: Callable[[float], Prompts]
    """The voice at a factor on its configured speed."""
    new_ear: Callable[[], Ear]


class Switchboard:
    """Gives out lines; keeps free slots beside every robot's call for the dissuader's leg."""

    def __init__(
        self,
        pool: LinePool,
        trunk: Trunk,
        robot: Robot,
        *,
        language: Callable[[str], Language],
        executor: Executor,
        keep_free: int,
        settings: CallSettings,
    ) -> None:
        """``keep_free``: slots of each line process that no robot's call may take. ``language`` gives voice and ear
        for a BCP 47 tag.
        """
        self._pool = pool
        self.trunk = trunk
        self._robot = robot
        self.language = language
        self.executor = executor
        self._keep_free = keep_free
        self.settings = settings

    def place(self) -> RobotCall:
        """Take a line for a robot's call; raises `NoLineError`."""
        try:
            leg = self._pool.take(leave_free=self._keep_free)
        except NoSlotError as error:
            raise NoLineError(str(error)) from error
        return RobotCall(_TakenLine(leg, self), self._robot)


class _TakenLine:
    """The real `dialer.robot.Line`."""

    def __init__(self, leg: Leg, switchboard: Switchboard) -> None:
        self._leg = leg
        self._switchboard = switchboard

    def call(self, claim: Claim, recording: Path | None, *, rate: float = 1.0) -> Call:
        """A call to the claim's number on this line; ``rate`` is a factor on the speed of the robot's voice."""
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
            language=lead.language,
            ear=language.new_ear,
            prompts=language.prompts(rate),
            executor=board.executor,
            settings=board.settings,
        )

    async def release(self) -> None:
        """Give the slot back; ends the call if it is still up."""
        await self._leg.hang_up()
