"""The desk of a node: its pages, and the API, wired from the configuration."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable

import structlog

from campaigns.async_store import AsyncStore
from campaigns.intake.taking import Intake
from campaigns.messages import tongue_of
from campaigns.policy import Policy
from campaigns.sqlite_store import open_store
from console.api import ApiSettings, make_app
from console.desk import Desk, DeskSettings, make_desk
from console.desk.context import Limits
from console.desk.talking import TalkingPoints
from console.desk.uploads import FOLDER, Uploads
from console.server import WebServer
from dialer.live import LiveDesk
from dialer.live_link import LinkedNodes
from dissuade.config import Config
from dissuade.delivery import make_writer
from dissuade.desk_library import DeskLibrary
from dissuade.errors import ConfigError
from dissuade.intake import intake
from dissuade.library import load_scripts, load_talking_points
from scripts.loader import NoScriptError

_MOST = 2000
"""Connections at once: each open page holds one for what changes."""

log = structlog.get_logger(__name__)


class ServedDesk:
    """A desk on its port."""

    def __init__(self, desk: Desk, server: WebServer, address: str) -> None:
        self._desk = desk
        self._server = server
        self.address = address
        """Where a browser on this machine finds it."""

    async def stop(self) -> None:
        """Answer what is under way, and end."""
        await self._desk.stream.close()
        await self._server.stop()


def api_settings(config: Config, taking: Intake, on_leads: Callable[[], None]) -> ApiSettings:
    """How the API answers."""
    per_s = config.api.requests_per_second
    return ApiSettings(intake=taking, on_leads=on_leads, requests_per_s=per_s, burst=max(10.0, 3 * per_s))


async def serve_desk(
    config: Config,
    store: AsyncStore,
    taking: Intake,
    policy: Policy,
    *,
    live: LiveDesk | None = None,
    on_leads: Callable[[], None] = lambda: None,
) -> ServedDesk:
    """The pages, and the API beside them.

    Raises `console.server.ServeError`, `ConfigError` or `scripts.loader.ScriptError` when they cannot be served.
    """
    section, limits = config.desk, config.policy
    https = section.certificate is not None
    desk = Desk(
        store,
        DeskSettings(
            centre=config.centre.name,
            language={"zh": "zh-CN", "en": "en"}[tongue_of(config.centre.language)],
            time_zone=config.centre.time_zone,
            region=config.centre.region,
            https=https or section.proxied,
            proxied=section.proxied,
            names=section.names,
            idle_s=section.idle_hours * 3600,
            session_s=section.session_hours * 3600,
        ),
        live=live,
        api=make_app(store, api_settings(config, taking, on_leads)),
        intake=taking,
        policy=policy,
        home=config.home.root,
        bulletins=config.home.bulletins,
        on_leads=on_leads,
        talking_points=talking_points(config),
        writer=make_writer(config),
        library=DeskLibrary(config, load_scripts(config)),
        limits=Limits(
            lines=config.lines.count,
            calls_per_s=config.lines.calls_per_second,
            cool_down_s=limits.cool_down_s,
            daily_limit=limits.daily_limit,
        ),
    )
    Uploads(desk.home / FOLDER).sweep(desk.clock())
    server = WebServer(
        make_desk(desk),
        section="desk",
        host=section.host,
        port=section.port,
        certificate=section.certificate,
        key=section.key,
        most=_MOST,
    )
    await server.start()
    log.info("the desk is there", host=section.host, port=server.port, https=https)
    return ServedDesk(desk, server, f"{'https' if https else 'http'}://{_named(section.host)}:{server.port}/")


def talking_points(config: Config) -> Callable[[str, str], TalkingPoints | None]:
    """What to say, by a lead's language and scam type; raises `scripts.loader.ScriptError`."""
    points, scripts = load_talking_points(config), load_scripts(config)

    def choose(language: str, scam_type: str) -> TalkingPoints | None:
        found = points.choose(language, scam_type)
        try:
            short = scripts.choose(language, scam_type).talking_points
        except NoScriptError:
            short = ()
        if found is None:
            return TalkingPoints(short=short) if short else None
        return TalkingPoints(short, found.ask, found.told, found.convinces, found.act, found.never)

    return choose


async def run_desk(config: Config, stop: asyncio.Event, *, ready: Callable[[str], None]) -> None:
    """Serve the desk apart from a node until ``stop`` is set, over the same store, with the calls of all nodes that run
    on this machine with the same home folder.

    Raises `ConfigError`, `console.server.ServeError` or `campaigns.store.StoreError` when it cannot start.
    """
    if not config.desk.port:
        raise ConfigError("no desk is configured", "set desk.port in dissuade.toml")
    limits = config.policy
    config.store_path.parent.mkdir(parents=True, exist_ok=True)
    opener = functools.partial(
        open_store, config.store_path, cool_down_s=limits.cool_down_s, daily_limit=limits.daily_limit
    )
    policy = limits.default()
    async with AsyncStore(opener) as store, LinkedNodes(config.home.run) as live:
        served = await serve_desk(config, store, intake(config, policy), policy, live=live)
        ready(served.address)
        try:
            await stop.wait()
        finally:
            await served.stop()


def _named(host: str) -> str:
    return {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
