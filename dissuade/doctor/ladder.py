"""What follows for the cases: the policies of the node and of its campaigns."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from dissuade.doctor.finding import Finding, fail, ok

if TYPE_CHECKING:
    from dissuade.config import Config


async def policies(config: Config) -> list[Finding]:
    """Each can be read, and says when its campaign calls."""
    return await asyncio.to_thread(_policies, config)


def _policies(config: Config) -> list[Finding]:
    from campaigns.policy import Policy, PolicyError, parse_policy
    from dissuade.storage import opened

    def read(name: str, text: str | None) -> Finding:
        try:
            policy: Policy = config.policy.default() if text is None else parse_policy(text, name=name)
        except PolicyError as error:
            mend = "correct the file" if text is None else "set it anew: dissuade campaign policy set"
            return fail("policy", str(error).replace("\n", "; "), mend)
        hours = ", ".join(f"{grade} {hours.text}" for grade, hours in policy.hours.items())
        return ok("policy", f"{name}: {hours} ({policy.time_zone})")

    with opened(config) as store:
        own = [each for each in store.campaigns() if each.policy]
    default = str(config.policy.file or "standard")
    return [read(default, None), *(read(f"campaign {each.name}", each.policy) for each in own)]
