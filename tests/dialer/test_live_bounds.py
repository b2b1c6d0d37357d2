"""Whatever people at the desk do to a call, and in whatever order: it ends, nobody is left on it, all are free."""

from __future__ import annotations

import asyncio
import contextlib
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from campaigns.async_store import AsyncStore
from campaigns.model import Case, CaseState, Claim, Lead
from dialer.conversation import Conversation, ConversationSettings
from dialer.dissuaders import Dissuader, Dissuaders, Readiness
from dialer.escalation import EscalationDesk, EscalationSettings
from dialer.floor import Floor
from dialer.live import LiveError, Part
from dialer.live_calls import LiveCalls
from dialer.live_floor import LiveFloor
from dialer.pressure import Level
from tests.dialer.centre import RELATIVE, SUBJECT, now
from tests.dialer.people import Notes, Person, Phone, ScriptedCall
from tests.dialer.test_conversation import DETAILS, SCRIPT
from tests.virtual_time import run_virtual

pytestmark = [
    pytest.mark.virtual,
    # The loop's clock counts microseconds; hypothesis likes spans that are shorter.
    pytest.mark.filterwarnings("ignore:delta is less than resolution"),
]

STAYS_S = 200.0
LATEST_S = 400.0
"""After the subject has hung up nothing takes longer than a last sentence; a call that we end is shorter still."""
WANG = "sip:wang@desk"
ORDERS = (
    "accept",
    "decline",
    "link",
    "listen",
    "whisper",
    "speak",
    "take over",
    "mute",
    "hold",
    "unhold",
    "bring dissuader",
    "bring relative",
    "leave",
    "hand back",
    "hang up",
    "break",
    "ready",
)
order = st.tuples(st.floats(0, 8), st.sampled_from(["chen", "li", "wang", "officer"]), st.sampled_from(ORDERS))
phone = st.builds(
    Phone, answers_after_s=st.one_of(st.none(), st.floats(0, 25)), talks_s=st.one_of(st.none(), st.floats(0, 30))
)


@given(orders=st.lists(order, max_size=25), fraud=st.booleans(), linked=st.booleans(), wang=phone, relative=phone)
@example([(8.0, "chen", "accept"), (1.0, "chen", "hold")], True, True, Phone(), Phone())
@example([(8.0, "officer", "take over"), (0.0, "officer", "leave")], False, True, Phone(), Phone())
@example(
    [
        (6.0, "chen", "accept"),
        (8.0, "chen", "accept"),
        (8.0, "chen", "accept"),
        (1.0, "chen", "hang up"),
        (0.06, "chen", "listen"),
    ],
    True,
    True,
    Phone(answers_after_s=None),
    Phone(),
)
@example(
    [
        (0.27, "wang", "unhold"),
        (8.0, "li", "leave"),
        (0.0, "li", "speak"),
        (0.0, "wang", "hang up"),
        (5.0, "li", "leave"),
    ],
    True,
    True,
    Phone(answers_after_s=None),
    Phone(),
)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_sequence_of_orders_makes_a_call_hang_or_leaves_anybody_on_it(
    orders: list[tuple[float, str, str]], fraud: bool, linked: bool, wang: Phone, relative: Phone
) -> None:
    async def subject(me: Person) -> None:
        await me.says("喂")
        await me.hears("")
        if fraud:
            await me.says("我已经转账了")
        for _ in range(20):
            await me.waits(STAYS_S / 20)
            await me.says("天气真好")
        me.hangs_up()

    async def act() -> None:
        desk = EscalationDesk([Dissuader("wang", WANG)], EscalationSettings(talk_limit_s=120))
        call = ScriptedCall(subject, phones={WANG: wang, f"sip:{RELATIVE}@desk": relative}, ring_s=0)
        calls, notes = LiveCalls("node", clock=now), Notes()

        async def hang_up(attempt_id: int) -> bool:
            await call.hang_up()
            return True

        floor = SimpleNamespace(hang_up=hang_up, lines=1, paused=False, breaker_open=False, pressure=Level.FREE)
        live = LiveFloor(
            cast("Floor", floor), desk, cast("AsyncStore", None), calls, number_uri=lambda number: f"sip:{number}@desk"
        )
        desk.dissuaders.keeper = Dissuaders([]).keeper
        for name in ("chen", "li"):
            desk.dissuaders.set_station(name, ready=True, uri="")
        case = Case(1, 1, Lead(SUBJECT), CaseState.CALLING, 0, None, 1, None)
        followed = calls.begin(Claim(case, 1, 0), "test")
        talk = Conversation(
            call,
            SCRIPT,
            DETAILS,
            log=notes,
            escalate=desk,
            watch=followed,
            settings=ConversationSettings(robot_limit_s=60),
        )
        followed.party = talk.party
        running = asyncio.create_task(talk.run())
        links: set[asyncio.Task[None]] = set()

        async def link(name: str) -> None:
            with contextlib.suppress(LiveError):
                async with live.audio(1, name):
                    await asyncio.sleep(40)

        for wait_s, name, what in orders:
            await asyncio.sleep(wait_s)
            if what == "link":
                links.add(asyncio.create_task(link(name)))
                continue
            with contextlib.suppress(LiveError):
                await obey(live, name, what)
                if linked:
                    links.add(asyncio.create_task(link(name)))
            live.state()
        async with asyncio.timeout(LATEST_S):
            result = await running
        calls.end(1)
        for each in links:
            each.cancel()

        assert call.faults == []
        assert call.ended is not None
        assert all(leg.ended for leg in call.bridged)
        assert not talk.party.members
        assert not talk.party.asked
        assert len(notes.offers) == len(notes.ended)
        assert not set(desk.dissuaders.readiness().values()) & {Readiness.RINGING, Readiness.TALKING}
        assert desk.dissuaders.waiting == 0
        assert result.answered
        await asyncio.sleep(0)
        left = {task.get_name() for task in asyncio.all_tasks() - {asyncio.current_task(), *links}}
        assert not left & {"prompt", "listen", "journal", "prepare", "company", "party", "whisper"}

    run_virtual(act())


async def obey(live: LiveFloor, name: str, what: str) -> None:
    orders: dict[str, Any] = {
        "accept": lambda: live.accept(1, name),
        "decline": lambda: live.decline(1, name),
        "listen": lambda: live.listen(1, name, Part.LISTENS),
        "whisper": lambda: live.listen(1, name, Part.WHISPERS),
        "speak": lambda: live.listen(1, name, Part.SPEAKS),
        "take over": lambda: live.take_over(1, name),
        "mute": lambda: live.mute(1, name, on=True),
        "hold": lambda: live.hold(1, name, on=True),
        "unhold": lambda: live.hold(1, name, on=False),
        "bring dissuader": lambda: live.bring_in(1, name, dissuader="li"),
        "bring relative": lambda: live.bring_in(1, name, number=RELATIVE),
        "leave": lambda: live.leave(1, name),
        "hand back": lambda: live.hand_back(1, name),
        "hang up": lambda: live.hang_up(1, name),
        "break": lambda: live.set_station(name, ready=False, phone=""),
        "ready": lambda: live.set_station(name, ready=True, phone=""),
    }
    await orders[what]()
