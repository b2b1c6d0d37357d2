"""The log: nothing personal in it."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from dissuade.logs import mask_numbers, set_up

pytestmark = pytest.mark.unit


@pytest.fixture
def log_file(tmp_path: Path) -> Iterator[Path]:
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    set_up(tmp_path / "logs" / "x.log", console_level=logging.CRITICAL)
    yield tmp_path / "logs" / "x.log"
    for handler in list(root.handlers):
        root.removeHandler(handler)
        handler.close()
    for handler in before:
        root.addHandler(handler)
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("calling sip:+8611100000011@192.0.2.1:5060", "calling sip:+86111****0011@192.0.2.1:5060"),
        ("called +8611100000011.", "called +86111****0011."),
        ("plain 11100000011 too", "plain 111****0011 too"),
        ("at 1763782608.123 attempt 42 port 41234", "at 1763782608.123 attempt 42 port 41234"),
        ("folder demo-20261122-041328", "folder demo-20261122-041328"),
        ("digest 3af8b0e7e0f835ae9d414ce5df580237", "digest 3af8b0e7e0f835ae9d414ce5df580237"),
    ],
)
def test_numbers_are_masked_and_nothing_else(text: str, masked: str) -> None:
    assert mask_numbers(text) == masked


def test_no_number_and_no_spoken_word_reaches_the_file(log_file: Path) -> None:
    log = structlog.get_logger("here")
    log.info("call ended", number="+8611100000011", lead={"number": "+8611100000012"}, text="我已经转账了")
    logging.getLogger("library").warning("INVITE to %s failed", "sip:+8611100000013@x")
    try:
        raise ValueError("bad number +8611100000014")
    except ValueError:
        log.exception("failed")
    text = log_file.read_text(encoding="utf-8")
    lines = [json.loads(line) for line in text.splitlines()]
    assert [line["event"] for line in lines] == ["call ended", "INVITE to sip:+86111****0013@x failed", "failed"]
    assert lines[0]["number"] == "+86111****0011"
    assert "ValueError" in lines[2]["exception"]
    assert "0000001" not in text
    assert "转账" not in text


def test_the_file_is_for_its_owner_alone(log_file: Path) -> None:
    assert log_file.stat().st_mode & 0o077 == 0
