"""``dissuade leads`` and ``dissuade token``: what a duty officer sees."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from campaigns.async_store import AsyncStore
from campaigns.policy import standard
from campaigns.sqlite_store import SqliteStore
from dissuade.config import Config
from dissuade.config_file import load
from dissuade.errors import ConfigError
from dissuade.home import Home
from dissuade.intake import intake
from dissuade.node import serve_api
from tests.campaigns.intake.test_workbook import book
from tests.dissuade.program import Program

pytestmark = pytest.mark.program

ROWS = [["被叫", "姓名", "级别", "备注"], [11100000011, "王芳", "高", "对方发来通缉令"], ["110", "李强", "", ""]]


@pytest.fixture
def workbook(tmp_path: Path) -> Path:
    path = tmp_path / "leads.xlsx"
    path.write_bytes(book(ROWS, sheets=("名单", "说明")))
    return path


def test_a_preview_says_who_is_called_and_writes_nothing(program: Program, workbook: Path) -> None:
    options = (workbook, "--campaign", "spring", "--map", "被叫=number", "--sheet", "名单")
    found = program.read("leads", "preview", *options)
    assert (found["campaign_state"], found["read"], found["now"], found["proposed"]) == ("new", 2, 1, 1)
    assert found["never_reasons"] == {"never_dialled": 1}
    told = program("leads", "preview", *options, "--language", "zh").stdout
    assert [
        word for word in ("立即呼叫", "不呼叫", "紧急或服务号码", "按备注推定", "第 3 行, 被叫") if word not in told
    ] == []
    english = program("leads", "preview", *options, "--language", "en").stdout
    assert [word for word in ("now", "never", "an emergency or service number", "line 3") if word not in english] == []
    assert program.read("campaign", "status") == []


def test_a_file_that_calls_nobody_is_told_by_the_exit_code(program: Program, tmp_path: Path) -> None:
    bad = tmp_path / "bad.jsonl"
    bad.write_text('{"number": "110"}\n', encoding="utf-8")
    assert program.read("leads", "preview", bad, "--campaign", "spring", code=1)["never"] == 1


def test_own_columns_sheet_and_language_come_from_the_configuration(program: Program, workbook: Path) -> None:
    program.home.mkdir()
    (program.home / "dissuade.toml").write_text(
        '[centre]\nlanguage = "zh"\n[intake.columns]\n"被叫" = "number"\n', encoding="utf-8"
    )
    report = program.read("leads", "import", workbook, "--campaign", "spring")
    assert (report["accepted"], report["rejected"], report["proposed"], report["kind"]) == (1, 1, 1, "xlsx")
    assert report["errors"][0]["reason"] == "紧急、热线或服务号码，从不拨打"
    assert report["errors"][0]["heading"] == "被叫"


def test_a_mistake_in_the_mapping_is_named(program: Program, workbook: Path) -> None:
    done = program("leads", "import", workbook, "--campaign", "spring", "--map", "被叫=phone2")
    assert done.returncode == 2
    assert "no field of a lead is named phone2" in done.stderr


def test_a_token_is_shown_once_listed_and_revoked(program: Program) -> None:
    made = program.read("token", "create", "预警平台", "--scope", "leads:write", "--scope", "read")
    assert made["scopes"] == ["leads:write", "read"]
    secret = made["token"].split("_", 2)[2]
    listed = program.read("token", "list")
    assert listed[0]["name"] == "预警平台"
    assert secret not in str(listed)
    stored = b"".join(path.read_bytes() for path in (program.home / "store").iterdir())
    assert secret.encode() not in stored
    assert program("token", "revoke", "预警平台").returncode == 0
    assert program("token", "revoke", "预警平台").returncode == 1


async def test_a_node_serves_the_api_with_the_tokens_of_the_command_line(
    program: Program, free_port: Callable[[], int], tmp_path: Path
) -> None:
    port = free_port()
    program.home.mkdir()
    (program.home / "dissuade.toml").write_text(
        f'[api]\nport = {port}\n[intake]\ncampaign = "spring"\n', encoding="utf-8"
    )
    token = program.read("token", "create", "platform", "--scope", "leads:write")["token"]
    config: Config = load(home=Home(program.home))
    woken = asyncio.Event()
    async with contextlib.AsyncExitStack() as parts:
        store = await parts.enter_async_context(AsyncStore(lambda: SqliteStore(config.store_path)))
        await store.call(lambda s: s.create_campaign("spring", now=0.0))
        taking = intake(config, standard())
        parts.push_async_callback((await serve_api(config, store, taking, on_leads=woken.set)).stop)
        client = await parts.enter_async_context(httpx.AsyncClient(trust_env=False, timeout=30))
        response = await client.post(
            f"http://127.0.0.1:{port}/api/v1/leads",
            json=[{"number": "11100000011"}],
            headers={"Authorization": f"Bearer {token}"},
        )
        assert (response.status_code, response.json()["accepted"]) == (200, 1)
        assert woken.is_set()
        assert len(await store.call(lambda s: s.cases())) == 1


@pytest.mark.unit
@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('[api]\ncertificate = "a.pem"\n', "certificate and key"),
        ("[api]\nport = 70000\n", "api.port"),
        ('[intake.columns]\n"被叫" = "numer"\n', "numer"),
        ('[centre]\ntime_zone = "Mars/Phobos"\n', "Mars/Phobos"),
    ],
)
def test_a_mistake_in_the_settings_of_leads_and_api_is_named(tmp_path: Path, text: str, reason: str) -> None:
    (tmp_path / "dissuade.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=reason):
        load(home=Home(tmp_path))
