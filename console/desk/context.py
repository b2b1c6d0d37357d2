"""Everything that a page may need."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from fastapi import FastAPI

from campaigns.async_store import AsyncStore
from campaigns.delivery.document import Writer
from campaigns.intake.taking import Intake
from campaigns.policy import Policy, standard
from console.desk.apart import Apart
from console.desk.bulletins import Bulletins
from console.desk.library import Library
from console.desk.looks import Looks
from console.desk.stream import Broadcaster
from console.desk.talking import TalkingPoints
from console.desk.watch import Watch
from dialer.live import LiveDesk


@dataclass(frozen=True, slots=True)
class DeskSettings:
    """How the desk is served."""

    centre: str = ""
    """Name of the centre, as shown."""
    language: str = "zh-CN"
    """Of pages for somebody who chose none and whose browser asks for none that there is."""
    time_zone: str = "Asia/Shanghai"
    """IANA zone in which times are shown."""
    region: str = "CN"
    """Country of numbers that are typed without +, ISO 3166."""
    https: bool = False
    """Whether browsers speak HTTPS with it, directly or through a proxy."""
    proxied: bool = False
    """Whether a proxy stands before it, so that its X-Forwarded-For says from where somebody comes."""
    names: tuple[str, ...] = ()
    """Host names by which browsers may ask for it; addresses, localhost and this machine's name always may."""
    idle_s: float = 12 * 3600.0
    """A session that was not used for so long is over."""
    session_s: float = 24 * 3600.0
    """A session is over then in any case."""
    poll_s: float = 0.3
    """How often changes made by other processes are looked for."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is called at once, as configured."""

    lines: int
    calls_per_s: float
    cool_down_s: float
    """Between two calls to one number."""
    daily_limit: int
    """Calls to one number in 24 hours."""


@dataclass
class Desk:
    """The store, the live floor and the centre's settings, for pages. One per process."""

    store: AsyncStore
    settings: DeskSettings = field(default_factory=DeskSettings)
    live: LiveDesk | None = None
    """``None``: calls go on in another process; pages show what the store knows."""
    api: FastAPI | None = None
    """The HTTP API, served under the same port."""
    intake: Intake = field(default_factory=Intake)
    policy: Policy = field(default_factory=standard)
    """Of campaigns that have none of their own."""
    home: Path = field(default_factory=lambda: Path("var"))
    """Recordings are named below it (`campaigns.model.AttemptResult.recording`)."""
    bulletins: Path = field(default_factory=lambda: Path("var/bulletins"))
    on_leads: Callable[[], None] = lambda: None
    """Told when cases may be due earlier, so that nobody waits for a look at the queue."""
    talking_points: Callable[[str, str], TalkingPoints | None] = lambda language, scam_type: None
    """What to say to the subject of a case, by the lead's language and scam type."""
    looks: Looks = field(default_factory=Looks)
    clock: Callable[[], float] = time.time
    limits: Limits | None = None
    writer: Writer | None = None
    """Makes the sheets of orders."""
    library: Library | None = None
    """The scripts."""

    @cached_property
    def stream(self) -> Broadcaster:
        """What tells pages of changes."""
        return Broadcaster(self.store, self.live, poll_s=self.settings.poll_s)

    @cached_property
    def watch(self) -> Watch:
        """What looks at the floor."""
        return Watch(self.store, self.live, self.home, self.clock)

    @cached_property
    def apart(self) -> Apart:
        """What does work that takes long."""
        return Apart(self.store)

    @cached_property
    def bulletins_made(self) -> Bulletins:
        """The bulletins that were counted."""
        return Bulletins(self)
