"""All checks, one after the other; one that breaks is a finding, not an end."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING

from dissuade.doctor import ladder, network, orders, storage, voice
from dissuade.doctor.finding import Finding, fail, ok, warn

if TYPE_CHECKING:
    from dissuade.config import Config

Check = Callable[["Config"], Awaitable[list[Finding]]]

CHECKS: dict[str, Check] = {
    "home": storage.home,
    "store": storage.store,
    "retention": storage.retention,
    "policy": ladder.policies,
    "scripts": voice.scripts,
    "voice": voice.voices,
    "model": voice.models,
    "trunk": network.trunk,
    "dissuaders": network.dissuaders,
    "broker": network.broker,
    "orders": orders.receivers,
    "webhooks": orders.webhooks,
    "messages": orders.message_centre,
}


async def examine(config: Config, file: Path) -> AsyncIterator[Finding]:
    """Every finding as it is made. ``file``: the configuration, which may be absent."""
    yield _configuration(file)
    for name, check in CHECKS.items():
        try:
            findings = await check(config)
        except Exception as error:
            said, _, mend = str(error).partition("; mend: ")
            findings = [fail(name, said or type(error).__name__, mend or str(getattr(error, "mend", "")))]
        for finding in findings:
            yield finding


def _configuration(file: Path) -> Finding:
    if file.exists():
        return ok("configuration", str(file))
    return warn("configuration", f"no {file}: all is at its default", "dissuade init")
