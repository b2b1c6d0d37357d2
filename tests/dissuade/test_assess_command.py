"""``dissuade assess``: replies in, what they mean out, a line each."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from speech.assess import assess
from tests.dissuade.program import PROGRAM, TIMEOUT_S
from tests.speech.corpus import corpus

pytestmark = pytest.mark.program


def run(home: Path, given: bytes, *options: str, code: int = 0) -> list[dict[str, Any]]:
    done = subprocess.run(
        [PROGRAM, "assess", *options],
        input=given,
        env={**os.environ, "DISSUADE_HOME": str(home), "LC_ALL": "C"},
        capture_output=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    assert done.returncode == code, done.stderr.decode()
    assert b"Traceback" not in done.stderr
    return [json.loads(line) for line in done.stdout.decode("utf-8").splitlines()]


def lines(*values: object) -> bytes:
    return b"".join(json.dumps(value, ensure_ascii=False).encode() + b"\n" for value in values)


@contextmanager
def started(home: Path, *options: str) -> Iterator[subprocess.Popen[bytes]]:
    command = [PROGRAM, "assess", *options]
    env = {**os.environ, "DISSUADE_HOME": str(home)}
    with subprocess.Popen(command, env=env, stdin=-1, stdout=-1, stderr=-1) as process:
        yield process
        process.kill()


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_every_reply_gets_its_line_in_order_as_the_robot_itself_would_judge(language: str, tmp_path: Path) -> None:
    replies = corpus(language, "dev")
    found = run(
        tmp_path, lines(*({"id": r.id, "text": r.text, "asks": r.asks} for r in replies)), "--language", language
    )
    assert [each["id"] for each in found] == [reply.id for reply in replies]
    for reply, each in zip(replies, found, strict=True):
        expected = assess(reply.text, language=language, asks=reply.asks)
        assert each == {
            "id": reply.id,
            "answer": expected.answer.value,
            "signals": [{"name": s.name, "words": s.words, "rule": s.rule} for s in expected.signals],
            "risk": expected.risk,
            "escalate": expected.escalate,
        }


BAD = [
    (b"nope", None, "is not JSON"),
    (b"", None, "is not JSON"),
    (b"[]", None, "must be an object"),
    (b'"text"', None, "must be an object"),
    (b'{"id": 5}', 5, "text is missing"),
    (b'{"id": "a", "text": 5}', "a", "text must be a string"),
    (b'{"id": "a", "text": null}', "a", "text must be a string"),
    (b'{"id": 1, "text": "x", "asks": "fraud"}', 1, "asks must be null or a signal: about_to_send,"),
    (b'{"id": 1, "text": "x", "asks": ["money_sent"]}', 1, "asks must be null or a signal"),
    (b'{"id": 1, "text": "\xff"}', None, "is not UTF-8"),
    (b'{"id": NaN, "text": "x"}', None, "NaN is no number of JSON"),
    (b'{"id": 1e999, "text": "x"}', None, "1e999 is no number of JSON"),
    (b"[" * 100_000, None, "is not JSON"),
]


def test_a_bad_line_is_told_with_number_and_reason_and_the_rest_go_on(tmp_path: Path) -> None:
    good = {"id": "好", "text": "我转了三万"}
    between = lines(good) + lines(good).join(bad + b"\n" for bad, _, _ in BAD) + lines(good)
    found = run(tmp_path, between)
    assert len(found) == 2 * len(BAD) + 1
    assert all(each == found[0] for each in found[::2])
    assert found[0]["escalate"] is True
    for number, (told, (_, its_id, reason)) in enumerate(zip(found[1::2], BAD, strict=True), 1):
        assert told.keys() == {"id", "error"}
        assert told["id"] == its_id
        assert told["error"].startswith(f"line {2 * number}: ")
        assert reason in told["error"]


def test_any_id_is_given_back(tmp_path: Path) -> None:
    ids = [None, 7, 1.5, "a", "甲", True, ["a", {"b": None}], {"call": 3}, "\ud800"]
    given = [json.dumps({"id": each, "text": "喂\ud83d", "more": "is not looked at"}).encode() for each in ids]
    assert [each["id"] for each in run(tmp_path, b"\n".join(given))] == ids


def test_without_an_id_the_line_is_judged_all_the_same(tmp_path: Path) -> None:
    (found,) = run(tmp_path, b"\xef\xbb\xbf" + lines({"text": "转了", "asks": "money_sent"}))
    assert (found["id"], found["answer"]) == (None, "yes")


def test_nothing_given_is_nothing_said(tmp_path: Path) -> None:
    assert run(tmp_path, b"") == []


def test_if_no_line_could_be_used_the_exit_code_says_so(tmp_path: Path) -> None:
    assert len(run(tmp_path, b"a\nb\n", code=1)) == 2


def test_an_unknown_language_is_told(tmp_path: Path) -> None:
    with started(tmp_path, "--language", "fr") as process:
        said, complaint = process.communicate(b"", timeout=TIMEOUT_S)
    assert (process.returncode, said) == (2, b"")
    assert b"there is no lexicon for 'fr'; there are en, zh-CN" in complaint


def test_each_line_is_answered_before_the_next_is_given(tmp_path: Path) -> None:
    with started(tmp_path) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for number in range(3):
            process.stdin.write(lines({"id": number, "text": "喂"}))
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["id"] == number


def test_a_reader_who_leaves_early_ends_it_without_complaint(tmp_path: Path) -> None:
    with started(tmp_path) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdin.write(lines({"id": 0, "text": "喂"}))
        process.stdin.flush()
        process.stdout.readline()
        process.stdout.close()
        process.stdin.write(lines(*({"id": number, "text": "喂"} for number in range(9))))
        process.stdin.close()
        assert process.wait(TIMEOUT_S) == 0
        assert process.stderr.read() == b""
