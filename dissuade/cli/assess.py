"""``dissuade assess``."""

from __future__ import annotations

import json
import math
import os
import sys
from typing import Annotated, Any

import typer

from dissuade.cli.guard import NO
from dissuade.cli.state import state, use_lexicons
from dissuade.errors import ConfigError


def assess(
    context: typer.Context,
    language: Annotated[
        str, typer.Option("--language", help="Language of the replies, BCP 47: zh-CN, en.", metavar="TAG")
    ] = "zh-CN",
) -> None:
    """Say what replies mean: JSON lines in, JSON lines out.

    Each line of standard input is an object: id (any value, given back), text (what was said), asks (the signal that
    a yes to the question asserts, or null). Each line gets one line on standard output, in order and at once: id,
    answer (yes, no, unclear, none), signals (name, words, rule), risk (0 to 1), escalate. A line that cannot be used
    gets id and error, and the others go on. Rules of the centre's own (centre.lexicons) are used, as in a call. Exit
    code 1 if there were lines and none could be used.
    """
    from speech.lexicon import LexiconError, lexicon

    use_lexicons(state(context).read_config())
    try:
        lexicon(language)
    except LexiconError as error:
        raise ConfigError(str(error), "choose another --language, or mend the file") from error
    # A lone surrogate, which JSON can spell and UTF-8 cannot, goes out as JSON spells it.
    sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace", newline="\n")  # type: ignore[union-attr]
    used = refused = 0
    try:
        for number, line in enumerate(sys.stdin.buffer, 1):
            found = _assessed(line, number, language)
            refused += "error" in found
            used += "error" not in found
            sys.stdout.write(json.dumps(found, ensure_ascii=False) + "\n")
            sys.stdout.flush()
    except BrokenPipeError:
        # Whoever reads has had enough; what is left in the buffer must not fail once more at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    if refused and not used:
        raise typer.Exit(NO)


class _LineError(Exception):
    """A line cannot be used."""


def _assessed(line: bytes, number: int, language: str) -> dict[str, Any]:
    from speech.assess import assess as understand

    given: dict[str, Any] = {}
    try:
        given = _object(line)
        text, asks = _question(given)
    except _LineError as error:
        return {"id": given.get("id"), "error": f"line {number}: {error}"}
    found = understand(text, language=language, asks=asks)
    signals = [{"name": each.name, "words": each.words, "rule": each.rule} for each in found.signals]
    return {
        "id": given.get("id"),
        "answer": found.answer.value,
        "signals": signals,
        "risk": found.risk,
        "escalate": found.escalate,
    }


def _object(line: bytes) -> dict[str, Any]:
    try:
        found = json.loads(line.decode("utf-8-sig"), parse_constant=_finite, parse_float=_finite)
    except UnicodeDecodeError as error:
        raise _LineError("is not UTF-8") from error
    except json.JSONDecodeError as error:
        raise _LineError(f"is not JSON: {error.msg} at column {error.colno}") from error
    except (ValueError, RecursionError) as error:
        raise _LineError(f"is not JSON that can be used: {error}") from error
    if not isinstance(found, dict):
        raise _LineError('must be an object: {"id": 1, "text": "...", "asks": null}')
    return found


def _finite(number: str) -> float:
    """Python reads NaN and 1e999, and would write what is no JSON."""
    if not math.isfinite(found := float(number)):
        raise ValueError(f"{number} is no number of JSON")
    return found


def _question(given: dict[str, Any]) -> tuple[str, str | None]:
    from speech.assessment import SIGNALS

    text, asks = given.get("text"), given.get("asks")
    if not isinstance(text, str):
        raise _LineError("text must be a string" if "text" in given else "text is missing")
    if asks is not None and (not isinstance(asks, str) or asks not in SIGNALS):
        raise _LineError(f"asks must be null or a signal: {', '.join(sorted(SIGNALS))}")
    return text, asks
