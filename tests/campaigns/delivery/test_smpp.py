"""Text messages over real SMPP on loopback: coding, parts, flash, receipts, throttling, broken connections."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from smpplib import consts

from campaigns.async_store import AsyncStore
from campaigns.delivery.back_off import BackOff
from campaigns.delivery.dispatcher import DispatchSettings
from campaigns.delivery.routes import Served
from campaigns.delivery.smpp import SmppChannel, SmsSettings
from campaigns.delivery.smpp_session import SmppSettings
from campaigns.follow_up import FollowUp, FollowUpKind, FollowUpState
from campaigns.model import Grade
from campaigns.sqlite_store import SqliteStore
from tests.campaigns.delivery.cases import WAIT_S, decide_at, delivering, opened, order, until_state
from tests.campaigns.delivery.smsc import PASSWORD, Smsc

pytestmark = pytest.mark.wire

TO = "8611100000001"
LONG = "".join(f"第{n}句：请不要转账，不要透露验证码。" for n in range(1, 7))
"""More than 70 characters."""


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[AsyncStore]:
    async with opened(tmp_path) as store:
        yield store


@pytest.fixture
async def smsc() -> AsyncIterator[Smsc]:
    smsc = Smsc()
    await smsc.start()
    yield smsc
    await smsc.stop()


def settings(smsc: Smsc, **more: Any) -> SmppSettings:
    known: dict[str, Any] = {"password": PASSWORD, "timeout_s": 2.0, **more}
    return SmppSettings("127.0.0.1", smsc.port, "dissuade", **known)


def channel(store: AsyncStore, smsc: Smsc, sms: SmsSettings | None = None, **more: Any) -> SmppChannel:
    return SmppChannel(
        store,
        settings(smsc, **more),
        sms or SmsSettings("96110"),
        decide_at=decide_at,
        back_off=BackOff(first_s=0.05, limit_s=0.2),
    )


@asynccontextmanager
async def sending(
    store: AsyncStore, smsc: Smsc, sms: SmsSettings | None = None, **more: Any
) -> AsyncIterator[SmppChannel]:
    async with channel(store, smsc, sms, **more) as made, delivering(store, [Served(made)]):
        yield made


async def text(store: AsyncStore, last: int = 1, **more: Any) -> FollowUp:
    return await order(store, FollowUpKind.SMS, last, **more)


async def test_a_chinese_text_arrives_as_one_flash_message_with_our_number(store: AsyncStore, smsc: Smsc) -> None:
    ordered = await text(store)
    async with sending(store, smsc):
        told = await until_state(store, ordered.id, FollowUpState.SENT)
    assert (told.channel, told.reference) == ("smpp", "m1")
    (pdu,) = smsc.phones[TO].messages
    assert smsc.phones[TO].texts()[0].startswith("【示例市反诈中心】公检法不会在电话里办案")
    assert (pdu.data_coding, pdu.esm_class, pdu.registered_delivery) == (0x18, 0, 1)
    assert (pdu.source_addr, pdu.source_addr_ton, pdu.dest_addr_ton) == (b"96110", 0, consts.SMPP_TON_INTL)


async def test_a_latin_text_goes_in_the_gsm_alphabet_and_a_name_may_send_it(store: AsyncStore, smsc: Smsc) -> None:
    ordered = await text(store, data={"text": "Pay [nothing], not 1 €. Call 96110 @ once"}, grade=Grade.LOW)
    async with sending(store, smsc, SmsSettings("FraudStop")):
        await until_state(store, ordered.id, FollowUpState.SENT)
    (pdu,) = smsc.phones[TO].messages
    assert smsc.phones[TO].texts() == ["Pay [nothing], not 1 €. Call 96110 @ once"]
    assert (pdu.data_coding, pdu.source_addr, pdu.source_addr_ton) == (0, b"FraudStop", consts.SMPP_TON_ALNUM)


@pytest.mark.parametrize("long", ["parts", "payload"])
async def test_a_long_text_is_read_whole_and_reported_once(long: Any, store: AsyncStore, smsc: Smsc) -> None:
    ordered = await text(store, data={"text": LONG})
    async with sending(store, smsc, SmsSettings("96110", long=long)):
        await until_state(store, ordered.id, FollowUpState.SENT)
    messages = smsc.phones[TO].messages
    assert smsc.phones[TO].texts() == [LONG]
    assert len(messages) == (1 if long == "payload" else 2)
    assert [pdu.registered_delivery for pdu in messages] == ([1] if long == "payload" else [0, 1])
    assert all(len(pdu.short_message or b"") <= 140 for pdu in messages)


async def test_a_long_text_that_is_throttled_in_its_middle_goes_on_where_it_was(store: AsyncStore, smsc: Smsc) -> None:
    smsc.statuses = [0, consts.SMPP_ESME_RTHROTTLED]
    ordered = await text(store, data={"text": LONG})
    async with sending(store, smsc):
        await until_state(store, ordered.id, FollowUpState.SENT)
    assert len(smsc.phones[TO].messages) == 2
    assert smsc.phones[TO].texts() == [LONG]


async def test_flash_can_be_asked_for_by_subunit_or_not_at_all(store: AsyncStore, smsc: Smsc) -> None:
    for last, flash in ((1, "subunit"), (2, "never")):
        ordered = await text(store, last)
        async with sending(store, smsc, SmsSettings("96110", flash=flash)):  # type: ignore[arg-type]
            await until_state(store, ordered.id, FollowUpState.SENT)
    first, second = (smsc.phones[f"861110000000{n}"].messages[0] for n in (1, 2))
    assert (first.data_coding, first.dest_addr_subunit) == (0x08, 1)
    assert (second.data_coding, second.dest_addr_subunit) == (0x08, None)


@pytest.mark.parametrize("tlv", [False, True])
async def test_a_receipt_ends_the_order(tlv: bool, store: AsyncStore, smsc: Smsc) -> None:
    ordered = await text(store)
    async with sending(store, smsc):
        await until_state(store, ordered.id, FollowUpState.SENT)
        await smsc.receipt("m1", "DELIVRD", tlv=tlv)
        told = await until_state(store, ordered.id, FollowUpState.DONE)
        await smsc.receipt("m1", "DELIVRD", tlv=tlv)
        await smsc.until(lambda: len(smsc.answers) == 2)
    assert told.result == "delivered"
    assert [pdu.status for pdu in smsc.answers] == [0, 0]


async def test_a_receipt_of_failure_says_why(store: AsyncStore, smsc: Smsc) -> None:
    ordered = await text(store)
    async with sending(store, smsc):
        await until_state(store, ordered.id, FollowUpState.SENT)
        await smsc.receipt("m1", "ENROUTE")
        await smsc.receipt("m1", "UNDELIV", "027")
        told = await until_state(store, ordered.id, FollowUpState.FAILED)
    assert told.result == "UNDELIV, error 027"


async def test_a_centre_that_answers_in_hexadecimal_and_reports_in_decimal_is_understood(
    store: AsyncStore, smsc: Smsc
) -> None:
    smsc.next_id = lambda n: f"{0x1A2B + n:08X}"
    ordered = await text(store)
    async with sending(store, smsc):
        await until_state(store, ordered.id, FollowUpState.SENT)
        await smsc.receipt(str(0x1A2C), "DELIVRD")
        await until_state(store, ordered.id, FollowUpState.DONE)


async def test_a_receipt_that_is_quicker_than_the_record_is_not_lost(store: AsyncStore, smsc: Smsc) -> None:
    ordered = await text(store)
    async with channel(store, smsc):
        await smsc.until(lambda: smsc.binds == 1)
        await smsc.receipt("m7", "DELIVRD")
        await smsc.until(lambda: len(smsc.answers) == 1)
        await store.call(lambda s: s.delivered(ordered.id, channel="smpp", reference="m7", now=time.time()))
        await until_state(store, ordered.id, FollowUpState.DONE)


@pytest.mark.parametrize("status", [consts.SMPP_ESME_RTHROTTLED, consts.SMPP_ESME_RMSGQFUL, consts.SMPP_ESME_RX_T_APPN])
async def test_a_busy_centre_gets_the_message_later_and_once(status: int, store: AsyncStore, smsc: Smsc) -> None:
    smsc.statuses = [status, status]
    ordered = await text(store)
    async with sending(store, smsc):
        told = await until_state(store, ordered.id, FollowUpState.SENT)
    assert told.tries == 3
    assert len(smsc.phones[TO].messages) == 1


async def test_a_number_that_the_centre_refuses_is_a_failed_order(store: AsyncStore, smsc: Smsc) -> None:
    smsc.statuses = [consts.SMPP_ESME_RINVDSTADR]
    ordered = await text(store)
    async with sending(store, smsc):
        told = await until_state(store, ordered.id, FollowUpState.FAILED)
    assert "Invalid Dest" in told.result


async def test_a_centre_that_comes_and_goes_gets_each_message_once(store: AsyncStore, smsc: Smsc) -> None:
    await smsc.stop()
    ordered = [await text(store, n) for n in range(1, 11)]
    async with sending(store, smsc):
        await smsc.start()
        for each in ordered:
            await until_state(store, each.id, FollowUpState.SENT)
        await smsc.stop()
        late = await text(store, 11)
        await smsc.start()
        await until_state(store, late.id, FollowUpState.SENT)
    assert {number: len(phone.messages) for number, phone in smsc.phones.items()} == {
        f"86111{n:08d}": 1 for n in range(1, 12)
    }


@pytest.mark.parametrize("fate", ["gone", "silence"])
async def test_a_message_that_was_not_answered_is_not_sent_again(fate: str, store: AsyncStore, smsc: Smsc) -> None:
    smsc.statuses = [fate]
    ordered = await text(store)
    async with sending(store, smsc, timeout_s=0.5):
        told = await until_state(store, ordered.id, FollowUpState.FAILED)
        other = await text(store, 2)
        await until_state(store, other.id, FollowUpState.SENT)
    assert told.result.startswith("it is not known whether it was sent")
    assert len(smsc.phones[TO].messages) == 1


async def test_a_node_that_dies_after_sending_does_not_send_again(
    store: AsyncStore, smsc: Smsc, tmp_path: Path
) -> None:
    ordered = await text(store)
    node = multiprocessing.get_context("spawn").Process(target=die_after_sending, args=(tmp_path, smsc.port))
    node.start()
    await asyncio.to_thread(node.join, WAIT_S)
    assert node.exitcode == -signal.SIGKILL
    left = await store.call(lambda s: s.follow_up(ordered.id))
    assert left.state is FollowUpState.ORDERED
    assert left.begun_at is not None
    async with sending(store, smsc):
        told = await until_state(store, ordered.id, FollowUpState.FAILED)
    assert "the node that was at it died" in told.result
    assert len(smsc.phones[TO].messages) == 1


def die_after_sending(folder: Path, port: int) -> None:
    class Dying(SqliteStore):
        def delivered(self, follow_up_id: int, **_: Any) -> Any:
            os.kill(os.getpid(), signal.SIGKILL)

    async def send() -> None:
        known = SmppSettings("127.0.0.1", port, "dissuade", PASSWORD)
        async with AsyncStore(lambda: Dying(folder / "store.db")) as store:
            made = SmppChannel(store, known, SmsSettings("96110"), decide_at=decide_at)
            async with made, delivering(store, [Served(made)], settings=DispatchSettings(timeout_s=0.5)):
                await asyncio.sleep(WAIT_S)

    asyncio.run(send())


async def test_a_centre_that_falls_silent_is_noticed_and_left(store: AsyncStore, smsc: Smsc) -> None:
    async with channel(store, smsc, enquire_s=0.1, timeout_s=0.3):
        await smsc.until(lambda: smsc.enquired >= 2)
        assert smsc.binds == 1
        smsc.mute = True
        await smsc.until(lambda: smsc.bound == 0)
        smsc.mute = False
        await smsc.until(lambda: smsc.binds == 2)


@pytest.mark.parametrize("trouble", ["unbind", "babble"])
async def test_a_centre_that_sends_us_away_or_babbles_is_bound_again(
    trouble: str, store: AsyncStore, smsc: Smsc
) -> None:
    async with channel(store, smsc):
        await smsc.until(lambda: smsc.binds == 1)
        await (smsc.request("unbind") if trouble == "unbind" else smsc.babble())
        await smsc.until(lambda: smsc.binds == 2)


async def test_questions_of_the_centre_are_answered(store: AsyncStore, smsc: Smsc) -> None:
    async with channel(store, smsc):
        await smsc.until(lambda: smsc.binds == 1)
        await smsc.request("enquire_link")
        await smsc.request("deliver_sm", esm_class=0, short_message=b"hello", source_addr="86111")
        await smsc.request("query_sm", message_id="x", source_addr="96110")
        await smsc.until(lambda: len(smsc.answers) == 3)
    assert {(pdu.command, pdu.status, pdu.sequence) for pdu in smsc.answers} == {
        ("enquire_link_resp", 0, 4242),
        ("deliver_sm_resp", 0, 4242),
        ("generic_nack", consts.SMPP_ESME_RINVCMDID, 4242),
    }


async def test_a_wrong_password_keeps_the_messages_waiting_and_says_why(store: AsyncStore, smsc: Smsc) -> None:
    ordered = await text(store)
    async with sending(store, smsc, password="wrong"):
        errors = await asyncio.wait_for(delayed(store), WAIT_S)
    told = await store.call(lambda s: s.follow_up(ordered.id))
    assert (told.state, told.begun_at) == (FollowUpState.ORDERED, None)
    assert not smsc.phones
    assert "does not let us in: Invalid Password" in errors[0]


async def delayed(store: AsyncStore) -> list[str]:
    while True:
        events = await store.call(lambda s: s.events(limit=1000), wake=False)
        if found := [str(each.data["error"]) for each in events if each.kind == "follow_up.delayed"]:
            return found
        await asyncio.sleep(0.02)
