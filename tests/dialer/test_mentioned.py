"""What the subject names goes into the record of the attempt, on virtual time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar, cast

import pytest

from campaigns.async_store import AsyncStore
from campaigns.model import Attempt, Claim, Grade, Lead, MentionKind, Outcome, Relative
from campaigns.policy import decider
from campaigns.sqlite_store import SqliteStore
from campaigns.store import Store
from dialer.dissuaders import Dissuader
from dialer.escalation import EscalationDesk
from dialer.robot import Robot, RobotCall, RobotSettings
from dialer.seam import LiveCall
from scripts.loader import ScriptLibrary
from speech.mentions.turns import MentionListener
from tests.dialer.people import Behaviour, Person, Phone, ScriptedCall

pytestmark = pytest.mark.virtual

T = TypeVar("T")

NOW = 1_700_000_000.0
SUBJECT = "+8611100000013"
DAUGHTER = Relative("+8611100000026", "女儿")


class StoreAtOnce:
    """The real store without its thread, which has no place on a clock that jumps."""

    def __init__(self, store: SqliteStore) -> None:
        self.store = store

    async def call(self, use: Callable[[Store], T], *, wake: bool = True) -> T:
        return use(self.store)


class Line:
    """A line with one person at its end."""

    def __init__(self, call: ScriptedCall) -> None:
        self._call = call

    def call(self, claim: Claim, recording: Path | None, *, rate: float = 1.0, patience: float = 1.0) -> LiveCall:
        return self._call

    async def release(self) -> None:
        raise NotImplementedError


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    opened = SqliteStore(tmp_path / "store.db")
    yield opened
    opened.close()


async def talk(store: SqliteStore, person: Behaviour) -> Attempt:
    """The attempt, as stored, of one call to somebody in the hands of a dissuader."""
    store.create_campaign("spring", now=NOW)
    lead = Lead(SUBJECT, grade=Grade.HIGH, scam_type="虚假贷款", relatives=(DAUGHTER,))
    store.add_leads("spring", [lead], now=NOW, decide=decider(NOW))
    (claim,) = store.claim("node-1", now=NOW, lease_s=3600, limit=1)
    phone = Phone(talks_s=120)
    desk = EscalationDesk([Dissuader("d1", "sip:1@desk")])
    settings = RobotSettings(home=Path(), recordings=None, details={"callback_number": "96110"})
    robot = Robot(cast("AsyncStore", StoreAtOnce(store)), ScriptLibrary.load(), desk, settings, clock=lambda: NOW)
    call = ScriptedCall(person, phones={"sip:1@desk": phone})
    result = await RobotCall(Line(call), robot).run(claim)
    assert result.outcome is Outcome.ESCALATED
    return store.attempt(claim.attempt_id)


async def dictate(me: Person, *turns: str) -> None:
    """Tell of a payment, wait for the human, and go on."""
    await me.says("喂你好")
    await me.says("已经转了五万块")
    async with me.call.changed:
        await me.call.changed.wait_for(lambda: me.call.bridged_at is not None)
    for turn in turns:
        await me.waits(1.0)
        await me.says(turn)
    await me.waits(1.0)
    me.hangs_up()


def names(attempt: Attempt) -> list[tuple[MentionKind, str]]:
    return [(mention.kind, mention.value) for mention in attempt.mentions]


async def test_an_account_dictated_in_two_breaths_to_the_human_is_in_the_record(store: SqliteStore) -> None:
    async def person(me: Person) -> None:
        await dictate(me, "他给我的账号是六二零零零零零零", "零零零零零零零五", "还让我下了个ToDesk", "五万块钱啊")

    attempt = await talk(store, person)
    assert names(attempt) == [
        (MentionKind.AMOUNT, "50000"),
        (MentionKind.ACCOUNT, "6200000000000005"),
        (MentionKind.APP, "ToDesk"),
    ]
    account = attempt.mentions[1]
    assert account.words == "六二零零零零零零, 零零零零零零零五"
    (said,) = [turn for turn in store.attempt(attempt.id).turns if turn.text.startswith("他给我的账号")]
    assert account.at_s == said.start_s


async def test_what_is_dictated_last_is_in_the_record_when_the_subject_hangs_up(store: SqliteStore) -> None:
    async def person(me: Person) -> None:
        await dictate(me, "账号六二零零零零零零零零零零零零零五")

    assert (MentionKind.ACCOUNT, "6200000000000005") in names(await talk(store, person))


async def test_numbers_of_the_subjects_side_are_not_recorded(store: SqliteStore) -> None:
    async def person(me: Person) -> None:
        await dictate(me, "幺幺幺零零零零零零幺三", "打幺幺幺零零零零零零二六", "骗子打来的是幺幺幺零零零零零零幺二")

    assert [value for kind, value in names(await talk(store, person)) if kind is MentionKind.PHONE] == ["11100000012"]


async def test_a_call_goes_on_when_a_reply_cannot_be_read(store: SqliteStore, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(MentionListener, "turn", broken)

    async def person(me: Person) -> None:
        await dictate(me, "好的")

    assert names(await talk(store, person)) == []
