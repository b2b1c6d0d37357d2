"""Which script a case is spoken to with, and at which pace."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest

from campaigns.async_store import AsyncStore
from campaigns.model import Case, CaseState, Claim, Lead, Outcome
from dialer.conversation import ConversationSettings
from dialer.escalation import EscalationDesk
from dialer.journal import Journal
from dialer.robot import ELDERLY_FROM_AGE, Robot, RobotCall, RobotSettings
from dialer.seam import LiveCall
from dialer.understanding import Understanding
from scripts.loader import ScriptLibrary
from speech.heard import Utterance
from tests.dialer.people import Notes

pytestmark = pytest.mark.unit

LIBRARY = ScriptLibrary.load()


def case(age: int | None = None, last: Outcome | None = None, scam_type: str = "虚假贷款") -> Case:
    lead = Lead("+8611100000010", scam_type=scam_type, age=age)
    return Case(1, 1, lead, CaseState.CALLING, 0, None, 1, last)


def robot() -> Robot:
    settings = RobotSettings(home=Path(), recordings=None, details={})
    return Robot(cast("AsyncStore", None), LIBRARY, EscalationDesk([]), settings)


@pytest.mark.parametrize(
    ("age", "last", "name"),
    [
        (None, None, "loan.zh-CN"),
        (ELDERLY_FROM_AGE - 1, None, "loan.zh-CN"),
        (ELDERLY_FROM_AGE, None, "loan-elderly.zh-CN"),
        (None, Outcome.BUSY, "loan.zh-CN"),
        (None, Outcome.CALLBACK_DUE, "loan-callback.zh-CN"),
        (80, Outcome.CALLBACK_DUE, "loan-callback.zh-CN"),
    ],
)
def test_the_version_fits_the_age_and_what_happened_last(age: int | None, last: Outcome | None, name: str) -> None:
    assert robot().script(case(age, last)).name == name


def test_a_call_back_to_the_elderly_keeps_their_pace() -> None:
    elderly = robot().script(case(80))
    back = robot().script(case(80, Outcome.CALLBACK_DUE))
    assert (back.rate, back.patience) == (elderly.rate, elderly.patience)
    assert back.rate < robot().script(case(None, Outcome.CALLBACK_DUE)).rate


async def test_the_line_is_asked_for_a_voice_at_the_pace_of_the_script() -> None:
    class Line:
        rate = 0.0

        def call(self, claim: Claim, recording: Path | None, *, rate: float = 1.0) -> LiveCall:
            self.rate = rate
            raise NotImplementedError  # what happens on the call is not asked here

        async def release(self) -> None:
            raise NotImplementedError

    line = Line()
    with pytest.raises(NotImplementedError):
        await RobotCall(line, robot()).run(Claim(case(80), 1, 0.0))
    assert line.rate == 0.85


def test_patience_stretches_the_wait_for_a_reply_alone() -> None:
    settings = ConversationSettings()
    patient = settings.patient(1.5)
    assert patient.reply_wait_s == 1.5 * settings.reply_wait_s
    assert patient.patient(1 / 1.5) == settings


@pytest.mark.parametrize(("text", "step"), [("我是他老公", "other"), ("你打错了", "sorry"), ("听不清", None)])
async def test_a_rule_that_a_script_hears_goes_before_its_signal(text: str, step: str | None) -> None:
    journal = Journal(Notes())
    heard = Understanding("zh-CN", {"wrong_person": "sorry", "wrong_person/not-here": "other"}, journal)
    heard.utterance(Utterance(text, 1, 2))
    assert heard.take_steer() == step
    heard.utterance(Utterance(text, 3, 4))
    assert heard.take_steer() is None, "once a call"
    await journal.close()
