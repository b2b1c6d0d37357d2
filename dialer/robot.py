"""One claimed case carried through one call: script, voice, conversation, records."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from campaigns.async_store import AsyncStore
from campaigns.model import Act, AttemptResult, Case, Claim, EscalationState, HeardSignal, Mention, Turn
from campaigns.policy import CALL_BACK_URGENCY, Policy, policy_of, standard
from dialer.conversation import Conversation, ConversationSettings
from dialer.escalation import EscalationDesk
from dialer.live_calls import LiveCalls
from dialer.seam import LiveCall
from scripts.loader import ScriptLibrary
from scripts.model import CALLBACK, ELDERLY, RELATIVE, STANDARD, Script

ELDERLY_FROM_AGE = 65
"""From this age on, in years, the elderly version is spoken: where population statistics begin to count the elderly.
Chinese law protects from 60 on (老年人权益保障法, article 2), but most people of sixty want no slower call."""


class Line(Protocol):
    """A slot taken on a line."""

    def call(self, claim: Claim, recording: Path | None, *, rate: float = 1.0, patience: float = 1.0) -> LiveCall:
        """A call to the claim's number on this line; ``rate`` is a factor on the speed of the robot's voice,
        ``patience`` one on how long a silence is borne.
        """
        ...

    async def release(self) -> None:
        """Give the slot back."""
        ...


@dataclass(frozen=True, slots=True)
class RobotSettings:
    """What the robot says of itself, and where it keeps recordings."""

    home: Path
    recordings: Path | None
    """Folder below ``home``; ``None`` records nothing."""
    details: Mapping[str, str]
    """Values of the placeholders that are the same for all calls: ``centre``, ``callback_number``."""
    conversation: ConversationSettings = field(default_factory=ConversationSettings)
    policy: Policy = field(default_factory=standard)
    """Of campaigns that have none of their own."""


class Robot:
    """What every call of a node shares."""

    def __init__(
        self,
        store: AsyncStore,
        scripts: ScriptLibrary,
        desk: EscalationDesk,
        settings: RobotSettings,
        *,
        clock: Callable[[], float] = time.time,
        live: LiveCalls | None = None,
    ) -> None:
        """``live`` follows every call for those at the desk; ``None``: nobody does."""
        self.store = store
        self.scripts = scripts
        self.desk = desk
        self.settings = settings
        self.clock = clock
        self.live = live
        self._campaigns: dict[int, str] = {}

    def script(self, case: Case) -> Script:
        """What is said to the subject of a case.

        The relative version in a linked case; the call-back version after a call that found no dissuader free, else the
        elderly one from `ELDERLY_FROM_AGE` on, or where the warning counts somebody of unknown age among the elderly; a
        call-back to the elderly keeps the pace of theirs. Raises `scripts.loader.NoScriptError`.
        """
        lead = case.lead
        if case.linked_case_id is not None:
            return self.scripts.choose(lead.language, lead.scam_type, RELATIVE)
        elderly = lead.group == "elderly" if lead.age is None else lead.age >= ELDERLY_FROM_AGE
        fitting = self.scripts.choose(lead.language, lead.scam_type, ELDERLY if elderly else STANDARD)
        if case.urgency < CALL_BACK_URGENCY:
            return fitting
        script = self.scripts.choose(lead.language, lead.scam_type, CALLBACK)
        return script.model_copy(update={"rate": fitting.rate, "patience": fitting.patience}) if elderly else script

    async def campaign(self, case: Case) -> str:
        """Name of the case's campaign."""
        if case.campaign_id not in self._campaigns:
            campaigns = await self.store.call(lambda s: s.campaigns(), wake=False)
            self._campaigns = {each.id: each.name for each in campaigns}
        return self._campaigns.get(case.campaign_id, "")

    async def subject(self, case: Case) -> str:
        """Whom a relative is called about; empty in a subject's own case, and where the policy tells no name."""
        if (linked := case.linked_case_id) is None:
            return ""
        now = self.clock()
        history = await self.store.call(lambda s: s.history(linked, now=now), wake=False)
        policy = policy_of(history.campaign, self.settings.policy)
        return history.case.lead.name if policy.relatives.tell_name else ""

    def details(self, claim: Claim, subject: str = "") -> dict[str, str]:
        """Placeholder values for one case; ``subject`` is whom a relative is called about."""
        name = claim.case.lead.name
        return {
            **self.settings.details,
            "name": name,
            "surname": name[:1] if claim.case.lead.language.startswith("zh") else name.rpartition(" ")[2],
            "subject": subject,
            "case_number": str(claim.case.id),
        }


class RobotCall:
    """The real `dialer.floor.PlacedCall`: a robot on a line."""

    def __init__(self, line: Line, robot: Robot) -> None:
        self._line = line
        self._robot = robot
        self._call: LiveCall | None = None

    async def run(self, claim: Claim) -> AttemptResult:
        """Carry the whole call."""
        robot = self._robot
        script = robot.script(claim.case)
        subject = await robot.subject(claim.case)
        recording = self._recording(claim)
        self._call = call = self._line.call(claim, recording, rate=script.rate, patience=script.patience)
        log = StoreLog(robot.store, claim.attempt_id, robot.clock)
        await log.dialled()
        followed = robot.live.begin(claim, await robot.campaign(claim.case)) if robot.live is not None else None
        conversation = Conversation(
            call,
            script,
            robot.details(claim, subject),
            log=log,
            escalate=robot.desk,
            urgency=claim.case.urgency,
            settings=robot.settings.conversation,
            own_numbers=_own_numbers(claim),
            watch=followed,
        )
        try:
            if followed is not None:
                followed.party = conversation.party
            result = await conversation.run()
        finally:
            if robot.live is not None:
                robot.live.end(claim.attempt_id)
        return AttemptResult(
            outcome=result.outcome,
            ended_at=robot.clock(),
            answered_at=log.answered_at,
            key_warning_heard=result.key_warning_heard,
            sip_code=result.sip_code,
            reason=result.reason,
            recording=recording.relative_to(robot.settings.home).as_posix() if recording and recording.exists() else "",
        )

    async def release(self) -> None:
        """Give the line back."""
        await self._line.release()

    async def hang_up(self) -> None:
        """End the call from outside."""
        if self._call is not None:
            await self._call.hang_up()

    def _recording(self, claim: Claim) -> Path | None:
        folder = self._robot.settings.recordings
        if folder is None:
            return None
        day = time.strftime("%Y-%m-%d", time.gmtime(self._robot.clock()))
        return folder / day / f"case-{claim.case.id}-attempt-{claim.attempt_id}.wav"


def _own_numbers(claim: Claim) -> tuple[str, ...]:
    """Numbers on the subject's side."""
    lead = claim.case.lead
    return (lead.number, *(relative.number for relative in lead.relatives))


class StoreLog:
    """The real `dialer.conversation.ConversationLog`: what happens on a call goes into the store, in order."""

    def __init__(self, store: AsyncStore, attempt_id: int, clock: Callable[[], float]) -> None:
        self._store = store
        self._attempt_id = attempt_id
        self._clock = clock
        self.answered_at: float | None = None

    async def dialled(self) -> None:
        """The INVITE is about to leave."""
        now = self._clock()
        await self._store.call(lambda s: s.dialled(self._attempt_id, now=now))

    async def answered(self) -> None:
        """The subject's side picked up."""
        self.answered_at = now = self._clock()
        await self._store.call(lambda s: s.answered(self._attempt_id, now=now))

    async def turn(self, turn: Turn) -> None:
        """Somebody said something."""
        now = self._clock()
        await self._store.call(lambda s: s.add_turn(self._attempt_id, turn, now=now))

    async def signal(self, signal: HeardSignal) -> None:
        """A sign of fraud in progress."""
        now = self._clock()
        await self._store.call(lambda s: s.add_signal(self._attempt_id, signal, now=now))

    async def mention(self, mention: Mention) -> None:
        """A number, sum, app or site that the subject spoke of."""
        now = self._clock()
        await self._store.call(lambda s: s.add_mention(self._attempt_id, mention, now=now))

    async def act(self, act: Act, by: str) -> None:
        """Somebody at the desk did something."""
        now = self._clock()
        await self._store.call(lambda s: s.add_act(self._attempt_id, act, by=by, now=now))

    async def escalation_offered(self, reason: str, words: str, beside: bool) -> int:
        """The live call is offered to the dissuaders; returns the escalation's id."""
        now = self._clock()
        return await self._store.call(
            lambda s: s.offer_escalation(self._attempt_id, reason=reason, words=words, now=now, beside=beside)
        )

    async def escalation_rang(self, escalation_id: int, dissuader: str) -> None:
        """A dissuader's phone rings."""
        now = self._clock()
        await self._store.call(lambda s: s.escalation_rang(escalation_id, dissuader=dissuader, now=now))

    async def escalation_ended(self, escalation_id: int, state: EscalationState, dissuader: str) -> None:
        """Joined, transferred, or nobody took it."""
        now = self._clock()
        await self._store.call(lambda s: s.end_escalation(escalation_id, state, dissuader=dissuader, now=now))
