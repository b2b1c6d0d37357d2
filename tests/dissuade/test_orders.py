"""Orders of a node as it is configured: to their receivers, answered, listed, printed, examined."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from campaigns.async_store import AsyncStore
from campaigns.commands import Feedback
from campaigns.delivery.signing import signed_headers
from campaigns.follow_up import FollowUpKind, FollowUpState
from campaigns.model import CaseState
from campaigns.policy import decider
from campaigns.sqlite_store import SqliteStore
from campaigns.store import Store, StoreError
from dissuade.cli.app import app
from dissuade.config import Config
from dissuade.config_file import load
from dissuade.delivery import make_dispatcher, unserved
from dissuade.doctor import Verdict, orders
from dissuade.errors import ConfigError
from dissuade.home import Home
from dissuade.node import give_feedback
from tests.campaigns.delivery.cases import WAIT_S, lead, order, until_state, waits
from tests.campaigns.delivery.receiver import KEY_ID, SECRET, Receiver
from tests.campaigns.delivery.smsc import PASSWORD, Smsc

pytestmark = pytest.mark.wire


@pytest.fixture
async def receivers() -> AsyncIterator[list[Receiver]]:
    made = [Receiver(time.time) for _ in range(2)]
    for each in made:
        await each.start()
    yield made
    for each in made:
        await each.stop()


@pytest.fixture
async def smsc() -> AsyncIterator[Smsc]:
    smsc = Smsc()
    await smsc.start()
    yield smsc
    await smsc.stop()


def configured(folder: Path, receivers: list[Receiver], smsc: Smsc) -> Config:
    (folder / "secret").write_bytes(SECRET + b"\n")
    (folder / "password").write_text(PASSWORD)
    block = '[[webhooks]]\nname = "{}"\nurl = "{}"\nkinds = ["visit"]\nkey_id = "{}"\nsecret_file = "secret"\n'
    blocks = [block.format(f"desk{n}", each.url, KEY_ID) for n, each in enumerate(receivers)]
    text = (
        f'[node]\nsite = "gz"\n{blocks[0]}{blocks[1]}precincts = ["广州市/天河区"]\n[delivery]\nsheets = ["block"]\n'
        f'[sms]\nhost = "127.0.0.1"\nport = {smsc.port}\nsystem_id = "dissuade"\npassword_file = "password"\n'
    )
    (folder / "dissuade.toml").write_text(text, encoding="utf-8")
    return load(home=Home(folder))


async def test_each_order_goes_to_the_receiver_that_is_configured_for_it(
    tmp_path: Path, receivers: list[Receiver], smsc: Smsc
) -> None:
    config = configured(tmp_path, receivers, smsc)
    async with AsyncExitStack() as parts:
        store = await parts.enter_async_context(AsyncStore(lambda: SqliteStore(tmp_path / "store.db")))
        await store.call(lambda s: s.create_campaign("spring", now=time.time()))
        dispatcher = await make_dispatcher(config, store, None, parts, decide_at=decider)
        running = asyncio.create_task(dispatcher.run())
        sent = [
            await order(store, FollowUpKind.VISIT, 1),
            await order(store, FollowUpKind.VISIT, 2, precinct="深圳市/天河区"),
            await order(store, FollowUpKind.SMS, 3),
            await order(store, FollowUpKind.BLOCK, 4),
            await order(store, FollowUpKind.RELATIVE, 5),
        ]
        stop = await order(store, FollowUpKind.STOP_PAYMENT, 6)
        told = [await until_state(store, each.id, FollowUpState.SENT) for each in sent]
        async with asyncio.timeout(WAIT_S):
            while not (config.home.orders / f"stop_payment-{stop.id}.html").exists():
                await asyncio.sleep(0.02)
        running.cancel()
        await asyncio.wait([running])
        left = await store.call(lambda s: s.follow_up(stop.id))
    assert [each.channel for each in told] == ["desk1", "desk0", "smpp", "sheet", "call"]
    assert left.state is FollowUpState.ORDERED
    assert [len(each.requests) for each in receivers] == [1, 1]
    assert list(smsc.phones) == ["8611100000003"]


def test_what_nobody_takes_is_known_beforehand(tmp_path: Path) -> None:
    hook: dict[str, Any] = {"name": "a", "url": "http://127.0.0.1:1/", "secret": "s"}
    webhooks = [{**hook, "kinds": ["visit"], "precincts": ["广州市"]}, {**hook, "name": "b", "kinds": ["block"]}]
    config = Config(node={"home": tmp_path}, webhooks=webhooks)  # type: ignore[arg-type]
    assert unserved(config) == {FollowUpKind.SMS: "", FollowUpKind.VISIT: "广州市", FollowUpKind.STOP_PAYMENT: ""}


@pytest.mark.parametrize(
    ("sections", "complaint"),
    [
        ({"delivery": {"mqtt": ["visit"]}}, "no broker is configured"),
        ({"sms": {"host": "127.0.0.1"}, "delivery": {"mqtt": []}, "webhooks": ["sms"]}, "both take sms orders"),
        ({"sms": {"host": "127.0.0.1", "password_file": "/none/there"}}, "sms.password_file"),
        ({"delivery": {"sms_texts": "/none/there"}}, "delivery.sms_texts"),
    ],
)
async def test_a_configuration_that_cannot_work_is_refused_at_the_start(
    sections: dict[str, Any], complaint: str, tmp_path: Path
) -> None:
    if kinds := sections.get("webhooks"):
        sections["webhooks"] = [{"name": "a", "url": "http://127.0.0.1:1/", "secret": "s", "kinds": kinds}]
    config = Config(node={"home": tmp_path}, **sections)
    async with AsyncExitStack() as parts:
        store = await parts.enter_async_context(AsyncStore(lambda: SqliteStore(tmp_path / "store.db")))
        with pytest.raises(ConfigError) as refused:
            await make_dispatcher(config, store, None, parts, decide_at=decider)
    assert complaint in f"{refused.value} {refused.value.mend}"


async def test_feedback_over_mqtt_ends_the_order_and_moves_the_case(tmp_path: Path) -> None:
    async with AsyncStore(lambda: SqliteStore(tmp_path / "store.db")) as store:
        await store.call(lambda s: s.create_campaign("spring", now=time.time()))
        asked = await order(store, FollowUpKind.VISIT)
        told = Feedback(command="feedback", order=asked.id, state="done", result="met", note="", by="station")
        assert await give_feedback(store, decider, told) == "done"
        assert (await store.call(lambda s: s.case(asked.case_id))).state is CaseState.CLOSED
        with pytest.raises(StoreError, match="cannot become failed"):
            await give_feedback(store, decider, told.model_copy(update={"state": "failed"}))


async def test_the_doctor_connects_to_receivers_and_sends_nothing(
    tmp_path: Path, receivers: list[Receiver], smsc: Smsc, free_port: Callable[[], int]
) -> None:
    config = configured(tmp_path, receivers, smsc)
    found = [*await orders.webhooks(config), *await orders.message_centre(config)]
    assert [each.verdict for each in found] == [Verdict.OK] * 3
    assert [len(each.requests) for each in receivers] == [0, 0]
    (nobody,) = await orders.receivers(config)
    assert nobody.verdict is Verdict.WARN
    assert "nobody takes stop_payment:" in nobody.said
    await receivers[0].stop()
    (tmp_path / "password").write_text("wrong")
    found = [*await orders.webhooks(config), *await orders.message_centre(config)]
    assert [each.verdict for each in found] == [Verdict.FAIL, Verdict.OK, Verdict.FAIL]
    assert "wrong" not in found[-1].said


def test_the_check_of_signatures_in_the_guide_works(repository: Path) -> None:
    guide = (repository / "docs" / "integrator.md").read_text(encoding="utf-8")
    (snippet,) = (code for code in re.findall(r"```python\n(.*?)```", guide, re.DOTALL) if "def is_ours" in code)
    names: dict[str, Any] = {}
    exec(snippet, names)  # the guide's own words
    body = b'{"key": "gz-1"}'
    headers = signed_headers(body, key_id="1", secret=names["SECRETS"]["1"], now=time.time())
    assert names["is_ours"](headers, body)
    assert not names["is_ours"](headers, body + b" ")
    assert not names["is_ours"]({**headers, "X-Dissuade-Key-Id": "9"}, body)
    old = signed_headers(body, key_id="1", secret=names["SECRETS"]["1"], now=time.time() - 400)
    assert not names["is_ours"](old, body)


@pytest.fixture
def command(tmp_path: Path) -> Callable[..., str]:
    home = Home(tmp_path)
    home.make()
    store: Store = SqliteStore(tmp_path / "store" / "dissuade.db")
    store.create_campaign("spring", now=time.time())
    store.add_leads("spring", [lead(1), lead(2)], now=time.time(), decide=waits)
    store.close()

    def run(*words: object) -> str:
        done = CliRunner().invoke(app, ["--home", str(tmp_path), "follow-ups", *map(str, words)])
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done.output

    return run


def test_an_order_is_placed_listed_shown_printed_and_answered(command: Callable[..., str], tmp_path: Path) -> None:
    assert command("list").strip() == "no orders"
    assert "order 1: visit for case 1 is ordered, due by" in command("order", 1, "visit", "--by", "officer Li")
    assert "is ordered already" in command("order", 1, "visit")
    message = command("order", 2, "sms", "--within", "30min", "--text", "请回电 96110").split()[1].rstrip(":")
    listed = command("list")
    assert "+86111****0001" in listed
    assert "+8611100000001" not in listed
    assert "visit" not in command("list", "--kind", "sms")
    assert command("list", "--overdue").strip() == "no orders"
    assert "请回电 96110" in command("show", message)
    path = Path(command("sheet", 1).strip())
    assert path == tmp_path / "orders" / "visit-1.html"
    assert path.stat().st_mode & 0o777 == 0o600
    assert (
        "Visit order" in Path(command("sheet", 1, "--out", tmp_path / "a.html", "--language", "en").strip()).read_text()
    )
    assert command("feedback", 1, "done", "--result", "met") == "order 1 is done met\ncase 1 is closed met\n"
    with pytest.raises(StoreError, match="cannot become failed"):
        command("feedback", 1, "failed")
    assert "visit" not in command("list")
    assert "done met" in command("list", "--all", "--case", 1)


def test_the_relative_to_be_called_may_be_named(command: Callable[..., str]) -> None:
    command("order", 1, "relative", "--relative", "111 0000 0088", "--relation", "儿子")
    assert '"number": "+8611100000088"' in command("show", 1, "--json")
