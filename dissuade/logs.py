"""The program's log: one JSON object a line in ``logs/dissuade.log``, short lines on the console.

Numbers are masked in both, and what was said in a call is never logged: it stands in the store alone.
"""

from __future__ import annotations

import logging
import logging.handlers
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import structlog
from structlog.typing import EventDict, Processor

from campaigns.numbers import mask

LARGEST_BYTES = 10_000_000
KEPT_FILES = 5
"""Older ones beside the current, ``dissuade.log.1`` being the newest of them."""

SPOKEN = frozenset({"text", "words", "transcript", "partial", "utterance", "said"})
"""Keys under which the rooms pass what somebody said."""

_NUMBER = re.compile(r"(?<![0-9A-Za-z.])(?:\+[0-9]{7,15}|[0-9]{10,15})(?!\.?[0-9A-Za-z])")
"""Shorter runs of digits without a plus are dates and the like: no number is passed about so."""
_OWN = frozenset({"timestamp", "level", "logger", "_record", "_from_structlog"})


def mask_numbers(text: str) -> str:
    """``text`` with all but the ends of every telephone number replaced by stars."""
    return _NUMBER.sub(lambda found: mask(found[0]), text)


def guard(_logger: object, _method: str, event: EventDict) -> EventDict:
    """The processor: nothing personal passes."""
    for key in list(event):
        if key in SPOKEN:
            event[key] = "(not logged)"
        elif key not in _OWN:
            event[key] = _guarded(event[key])
    return event


def _guarded(value: Any) -> Any:
    if isinstance(value, bool | float | None):
        return value
    if isinstance(value, int):
        text = str(value)
        masked = mask_numbers(text)
        return value if masked == text else masked
    if isinstance(value, str):
        return mask_numbers(value)
    if isinstance(value, Mapping):
        return {key: "(not logged)" if key in SPOKEN else _guarded(each) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_guarded(each) for each in value]
    return mask_numbers(str(value))


def set_up(file: Path, *, console_level: int = logging.INFO) -> None:
    """Log to ``file`` from INFO on and to standard error from ``console_level`` on. Raises `OSError`."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.format_exc_info,
        guard,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    file.touch(mode=0o600)
    to_file = logging.handlers.RotatingFileHandler(
        file, maxBytes=LARGEST_BYTES, backupCount=KEPT_FILES, encoding="utf-8"
    )
    to_file.setLevel(logging.INFO)
    to_console = logging.StreamHandler(sys.stderr)
    to_console.setLevel(console_level)
    to_file.setFormatter(_formatter(shared, structlog.processors.JSONRenderer(ensure_ascii=False)))
    to_console.setFormatter(_formatter(shared, _short))
    root = logging.getLogger()
    for old in list(root.handlers):
        root.removeHandler(old)
        old.close()
    root.addHandler(to_file)
    root.addHandler(to_console)
    root.setLevel(min(logging.INFO, console_level))
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )


def open_file() -> Path | None:
    """The file that is logged to now."""
    handlers = logging.getLogger().handlers
    files = [each for each in handlers if isinstance(each, logging.handlers.RotatingFileHandler)]
    return Path(files[0].baseFilename) if files else None


def _formatter(shared: list[Processor], renderer: Processor) -> structlog.stdlib.ProcessorFormatter:
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer]
    )


def _short(_logger: object, _method: str, event: EventDict) -> str:
    """``12:00:01 warning another node took the case back attempt=3``; tracebacks are in the file alone."""
    event.pop("exception", None)
    event.pop("logger", None)
    clock = str(event.pop("timestamp", ""))[11:19]
    level = event.pop("level", "")
    said = event.pop("event", "")
    rest = " ".join(f"{key}={value}" for key, value in event.items())
    return " ".join(filter(None, [clock, level if level != "info" else "", str(said), rest]))
