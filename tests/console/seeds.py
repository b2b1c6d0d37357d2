"""A case with a history, and a live call of it, for the dissuader's pages."""

from __future__ import annotations

import wave
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from campaigns.model import (
    AttemptResult,
    EscalationState,
    Grade,
    HeardSignal,
    Lead,
    Mention,
    MentionKind,
    Outcome,
    Relative,
    Speaker,
    Turn,
)
from campaigns.policy import decider
from campaigns.store import Store
from console.desk.talking import TalkingPoints
from dialer.live import LiveCall, LiveOffer, OnCall, Part, Phase, Said
from tests.console.at_desk import NOON, AtDesk
from tests.console.live_double import LiveDouble

DAUGHTER = "+8611100000021"
LEAD = Lead(
    "+8611100000011",
    name="Wang Fang",
    age=71,
    group="elderly",
    grade=Grade.HIGH,
    scam_type="fake police",
    language="en",
    amount=200_000,
    accounts=("6222000000000011",),
    relatives=(Relative(DAUGHTER, "daughter", "Wang Jing"),),
)
POINTS = TalkingPoints(short=("Stop first.",), ask=("Who is with you?",), never=("Never promise.",))
RECORDING = "recordings/one.wav"


@dataclass
class Seeded:
    desk: AtDesk
    live: LiveDouble
    case_id: int
    earlier: int
    """An attempt of yesterday, recorded."""
    attempt_id: int
    """The one that goes on now."""
    call: LiveCall = field(init=False)

    def __post_init__(self) -> None:
        self.call = LiveCall(
            self.attempt_id,
            self.case_id,
            "spring",
            LEAD,
            Phase.ROBOT,
            NOON - 40,
            NOON - 30,
            transcript=(
                Said(Speaker.ROBOT, "Did the police call you?", 0.5),
                Said(Speaker.SUBJECT, "Yes, I am to transfer the money now", 4.0),
                Said(Speaker.SUBJECT, "he is still", 9.0, final=False),
            ),
            signals=(HeardSignal("about_to_send", "transfer the money now", "rule", 5.0),),
            mentions=(Mention(MentionKind.APP, "AnyDesk", "the any desk app", 5.5),),
        )
        self.live.put(self.call)

    def offer(self, *logins: str, phone: bool = False) -> None:
        """The call looks for a human."""
        self.call = replace(
            self.call,
            phase=Phase.OFFERED,
            offered_at=NOON - 5,
            reason="about_to_send",
            words="transfer the money now",
            offers=tuple(LiveOffer(login, phone, NOON - 5, NOON + 15) for login in logins),
        )
        self.live.put(self.call)

    def join(self, *logins: str, part: Part = Part.SPEAKS, phone: bool = False) -> None:
        """These are on the call."""
        on_call = tuple(OnCall(login, part, phone, NOON) for login in logins)
        self.call = replace(self.call, phase=Phase.JOINED, offers=(), on_call=on_call)
        self.live.put(self.call)

    async def end(self) -> None:
        """The call is over, also in the store."""
        self.live.put(replace(self.call, phase=Phase.ENDED))
        await self.desk.store.call(
            lambda s: s.finish(
                self.attempt_id,
                AttemptResult(Outcome.ESCALATED, NOON + 60, NOON - 30, key_warning_heard=True),
                decider(NOON + 60),
                now=NOON + 60,
            )
        )


async def seed(desk: AtDesk) -> Seeded:
    """A case that was called yesterday and is being called now."""
    live = desk.desk.live
    assert isinstance(live, LiveDouble)
    desk.desk.talking_points = lambda language, scam_type: POINTS
    write_recording(desk.desk.home / RECORDING)
    earlier, now = await desk.store.call(_cases)
    return Seeded(desk, live, 1, earlier, now)


def _cases(store: Store) -> tuple[int, int]:
    yesterday = NOON - 86_400
    store.create_campaign("spring", now=yesterday)
    store.add_leads("spring", [LEAD], now=yesterday, decide=decider(yesterday))
    (claim,) = store.claim("n1", now=yesterday + 60, lease_s=30, limit=1)
    earlier, at = claim.attempt_id, yesterday + 61
    store.dialled(earlier, now=at)
    store.answered(earlier, now=at + 5)
    store.add_turn(earlier, Turn(Speaker.ROBOT, "Did the police call you?", 0.5, 2.0), now=at + 8)
    store.add_turn(earlier, Turn(Speaker.SUBJECT, "They asked for two hundred thousand", 2.5, 3.5), now=at + 9)
    store.add_signal(earlier, HeardSignal("coached", "They asked", "rule", 2.6), now=at + 9)
    store.add_mention(earlier, Mention(MentionKind.AMOUNT, "200000", "two hundred thousand", 3.0), now=at + 9)
    escalation = store.offer_escalation(earlier, reason="coached", words="They asked", now=at + 10)
    store.end_escalation(escalation, EscalationState.NOBODY_FREE, dissuader="", now=at + 20)
    ended = AttemptResult(Outcome.CALLBACK_DUE, at + 30, at + 5, recording=RECORDING)
    step = store.finish(earlier, ended, decider(at + 30), now=at + 30)
    assert step.due_at is not None
    assert step.due_at < NOON - 45
    (claim,) = store.claim("n1", now=NOON - 45, lease_s=600, limit=1)
    store.dialled(claim.attempt_id, now=NOON - 44)
    return earlier, claim.attempt_id


def write_recording(path: Path, seconds: float = 4.0, *, loud: Sequence[tuple[float, float, int]] = ()) -> None:
    """A recording in two channels; ``loud`` says from when to when which channel is loud."""
    path.parent.mkdir(parents=True, exist_ok=True)
    samples = np.zeros((int(seconds * 8000), 2), dtype="<i2")
    for begin, end, channel in loud:
        samples[int(begin * 8000) : int(end * 8000), channel] = 16_384
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(samples.tobytes())
