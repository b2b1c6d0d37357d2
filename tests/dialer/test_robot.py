"""Which script a case is spoken to with, and at which pace."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import cast

import pytest

from campaigns.async_store import AsyncStore
from campaigns.model import Case, CaseState, Claim, Grade, Lead
from campaigns.policy import CALL_BACK_URGENCY, decider
from campaigns.sqlite_store import open_store
from dialer.conversation import ConversationSettings
from dialer.dialogue import Dialogue
from dialer.escalation import EscalationDesk
from dialer.journal import Journal
from dialer.robot import ELDERLY_FROM_AGE, Robot, RobotCall, RobotSettings
from dialer.seam import LiveCall
from dialer.understanding import Understanding
from scripts.loader import ScriptLibrary
from speech.activity import ActivitySettings
from speech.finished import LONGEST_S
from speech.heard import Utterance
from tests.dialer.people import Notes

pytestmark = pytest.mark.unit

LIBRARY = ScriptLibrary.load()


def case(age: int | None = None, urgency: int = 0, scam_type: str = "虚假贷款", linked: int | None = None) -> Case:
    lead = Lead("+8611100000010", name="王芳", scam_type=scam_type, age=age)
    return Case(1, 1, lead, CaseState.CALLING, urgency, None, 1, None, linked_case_id=linked)


def robot() -> Robot:
    settings = RobotSettings(home=Path(), recordings=None, details={})
    return Robot(cast("AsyncStore", None), LIBRARY, EscalationDesk([]), settings)


@pytest.mark.parametrize(
    ("age", "urgency", "name"),
    [
        (None, 0, "loan.zh-CN"),
        (ELDERLY_FROM_AGE - 1, 0, "loan.zh-CN"),
        (ELDERLY_FROM_AGE, 0, "loan-elderly.zh-CN"),
        (None, CALL_BACK_URGENCY - 1, "loan.zh-CN"),
        (None, CALL_BACK_URGENCY, "loan-callback.zh-CN"),
        (80, CALL_BACK_URGENCY, "loan-callback.zh-CN"),
    ],
)
def test_the_version_fits_the_age_and_what_happened_last(age: int | None, urgency: int, name: str) -> None:
    assert robot().script(case(age, urgency)).name == name


@pytest.mark.parametrize(("age", "name"), [(None, "loan-elderly.zh-CN"), (40, "loan.zh-CN")])
def test_who_is_warned_of_as_elderly_is_spoken_to_so_unless_the_age_says_otherwise(age: int | None, name: str) -> None:
    lead = Lead("+8611100000010", scam_type="虚假贷款", age=age, group="elderly")
    assert robot().script(Case(1, 1, lead, CaseState.CALLING, 0, None, 1, None)).name == name


def test_a_call_back_to_the_elderly_keeps_their_pace() -> None:
    elderly = robot().script(case(80))
    back = robot().script(case(80, CALL_BACK_URGENCY))
    assert (back.rate, back.patience) == (elderly.rate, elderly.patience)
    assert back.rate < robot().script(case(None, CALL_BACK_URGENCY)).rate


@pytest.mark.parametrize("urgency", [0, CALL_BACK_URGENCY])
def test_a_relative_hears_the_relative_version_of_the_subjects_scam_type(urgency: int) -> None:
    assert robot().script(case(80, urgency, linked=7)).name == "loan-relative.zh-CN"


@pytest.mark.parametrize(
    ("policy", "told"), [("relatives: {tell_name: true}", "事关张伟。"), ("relatives: {tell_name: false}", "")]
)
async def test_a_relative_is_told_no_more_than_the_policy_allows(tmp_path: Path, policy: str, told: str) -> None:
    async with AsyncStore(partial(open_store, tmp_path / "store.db")) as store:
        await store.call(lambda s: s.create_campaign("spring", now=0))
        await store.call(lambda s: s.set_policy("spring", policy, now=0, by="Li"))
        lead = Lead("+8611100000011", name="张伟", grade=Grade.HIGH, scam_type="虚假贷款")
        await store.call(lambda s: s.add_leads("spring", [lead], now=0, decide=decider(0)))
        (subject,) = await store.call(lambda s: s.cases())
        caller = Robot(store, LIBRARY, EscalationDesk([]), robot().settings)
        relative = case(linked=subject.id)
        details = caller.details(Claim(relative, 1, 0.0), await caller.subject(relative))
        assert await caller.subject(subject) == ""
    script = caller.script(relative)
    said = Dialogue(script, details).fill(script.steps[script.start].say)
    assert said == "您好。我是反诈中心语音助手，本次通话录音。" + told
    everything = "".join(Dialogue(script, details).fill(step.say) for step in script.steps.values())
    assert ("张伟" in everything) == bool(told)


async def test_the_line_is_asked_for_a_voice_and_an_ear_at_the_pace_of_the_script() -> None:
    class Line:
        rate = patience = 0.0

        def call(self, claim: Claim, recording: Path | None, *, rate: float = 1.0, patience: float = 1.0) -> LiveCall:
            self.rate, self.patience = rate, patience
            raise NotImplementedError  # what happens on the call is not asked here

        async def release(self) -> None:
            raise NotImplementedError

    line = Line()
    with pytest.raises(NotImplementedError):
        await RobotCall(line, robot()).run(Claim(case(80), 1, 0.0))
    assert (line.rate, line.patience) == (0.85, 1.5)


def test_a_reply_is_waited_for_until_the_most_patient_ear_has_ended_its_turn() -> None:
    assert ActivitySettings().pause_s + ConversationSettings().reply_settle_s > LONGEST_S


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
