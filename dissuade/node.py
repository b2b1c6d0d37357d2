"""One node: everything of a running `dissuade run`, wired from its configuration."""

from __future__ import annotations

import asyncio
import functools
import os
import time
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

import structlog

from campaigns.async_store import AsyncStore
from campaigns.commands import Command, CommandError, Feedback, HangUp, Pause, Resume
from campaigns.delivery.feedback import apply_feedback
from campaigns.intake.taking import Intake, Taken, take_message
from campaigns.mqtt import MqttLink, MqttSettings
from campaigns.policy import Policy, decider
from campaigns.sqlite_store import open_store
from campaigns.store import Decide
from campaigns.upkeep import Upkeep
from console.api import make_app
from console.server import WebServer
from dialer.call import CallSettings
from dialer.dissuaders import Dissuader
from dialer.escalation import EscalationDesk, EscalationSettings, Mode
from dialer.floor import Commands, Floor, FloorSettings
from dialer.lines import LinePool, LineSettings
from dialer.live import LiveDesk, Phase
from dialer.live_calls import LiveCalls
from dialer.live_floor import LiveFloor
from dialer.live_link import LinkError, LinkServer
from dialer.pacing import PacingSettings
from dialer.pressure import Pressure, PressureSettings
from dialer.recognition import Recognition
from dialer.robot import Robot, RobotSettings
from dialer.switchboard import Switchboard
from dialer.trunk import Trunk
from dissuade.config import Config
from dissuade.delivery import make_dispatcher
from dissuade.desk import api_settings, serve_desk
from dissuade.errors import ConfigError
from dissuade.intake import intake
from dissuade.languages import Languages
from dissuade.library import load_scripts
from dissuade.nightly import Nightly
from dissuade.secret import read_secret

log = structlog.get_logger(__name__)

_MQTT_LAST_S = 5.0
"""How long a node that is done waits for the broker to take its last events."""


@dataclass
class Stop:
    """Asks a node to end: the first time calls in progress go on to their end, the second time they are hung up."""

    asked: asyncio.Event = field(default_factory=asyncio.Event)
    now: asyncio.Event = field(default_factory=asyncio.Event)

    def __call__(self) -> None:
        """Ask once more."""
        (self.now if self.asked.is_set() else self.asked).set()


async def run_node(
    config: Config, *, until_idle: bool = False, stop: Stop | None = None, ready: Callable[[], None] | None = None
) -> None:
    """Work through the queue until ``stop`` is asked for, or, with ``until_idle``, until nothing is due.

    Raises the rooms' own errors (`LineError`, `SynthesisError`, `ModelError`, `StoreError`, ...) when it cannot start.
    """
    if not config.trunk.host:
        raise ConfigError("no trunk is configured", "set trunk.host in dissuade.toml; `dissuade demo` needs none")
    async with AsyncExitStack() as parts:
        floor = await _build(config, parts)
        stop = stop or Stop()
        watching = asyncio.create_task(_watch(stop, floor), name="stop")
        parts.callback(watching.cancel)
        if ready is not None:
            ready()
        await floor.run(until_idle=until_idle)


async def _watch(stop: Stop, floor: Floor) -> None:
    await stop.asked.wait()
    floor.stop()
    await stop.now.wait()
    await floor.end_calls()


async def _build(config: Config, parts: AsyncExitStack) -> Floor:
    """Start every part; what was started ends in reverse order with ``parts``."""
    policy = config.policy.default()
    config.store_path.parent.mkdir(parents=True, exist_ok=True)
    limits = config.policy
    opener = functools.partial(
        open_store, config.store_path, cool_down_s=limits.cool_down_s, daily_limit=limits.daily_limit
    )
    store = await parts.enter_async_context(AsyncStore(opener))
    recognition = parts.enter_context(Recognition(os.cpu_count() or 2))
    scripts = load_scripts(config)
    languages = Languages(config, recognition)
    parts.push_async_callback(languages.close)
    await languages.warm(scripts, _details(config))

    trunk = make_trunk(config)
    pool = LinePool(line_settings(config, trunk))
    await pool.start()
    parts.push_async_callback(pool.stop)

    calls, escalation = LiveCalls(config.node.name), _desk(config)
    robot = Robot(store, scripts, escalation, _robot_settings(config, policy), live=calls)
    switchboard = Switchboard(
        pool,
        trunk,
        robot,
        language=languages.get,
        recognition=recognition,
        keep=config.lines.kept,
        settings=CallSettings(ring_timeout_s=config.lines.ring_timeout_s),
        needs_human=functools.partial(_needs_human, calls),
    )
    section = config.pacing
    pressure = Pressure(
        switchboard.reading,
        PressureSettings(
            tight_s=section.tight_s,
            short_s=section.short_s,
            tight_busy=section.tight_busy,
            short_busy=section.short_busy,
        ),
    )
    floor = Floor(
        store,
        switchboard.place,
        FloorSettings(
            node=config.node.name,
            lines=config.lines.count,
            calls_per_second=config.lines.calls_per_second,
            policy=policy,
            pacing=PacingSettings(reserve=section.reserve, expected=section.expected),
        ),
        pressure=pressure,
        desk=escalation.dissuaders,
    )
    pressure.on_change = floor.wake
    parts.push_async_callback(_start(pressure.run(), "pressure"))
    decide_at = functools.partial(decider, default=policy)
    upkeep = Upkeep(store, decide_at=decide_at, on_change=floor.wake)
    parts.push_async_callback(_start(upkeep.run(), "upkeep"))
    parts.push_async_callback(_start(Nightly(config).run(), "nightly"))
    taking = intake(config, policy)
    link: MqttLink | None = None
    if config.mqtt.host:
        feedback = functools.partial(give_feedback, store, decide_at)
        link = MqttLink(
            store,
            mqtt_settings(config),
            functools.partial(obey, Commands(floor, store), feedback),
            functools.partial(take_leads, store, taking, floor.wake),
        )
        parts.push_async_callback(_start_mqtt(link))
    if config.api.port:
        parts.push_async_callback((await serve_api(config, store, taking, on_leads=floor.wake)).stop)
    live = LiveFloor(
        floor,
        escalation,
        store,
        calls,
        number_uri=trunk.uri,
        trunk_up=lambda: any(told is None or told.active for told in pool.registration),
        broker_up=lambda: None if link is None else link.connected.is_set(),
    )
    parts.push_async_callback(_start(live.run(), "live floor"))
    await _link_desks(config, live, parts)
    if config.desk.port:
        served = await serve_desk(config, store, taking, policy, live=live, on_leads=floor.wake)
        parts.push_async_callback(served.stop)
    dispatcher = await make_dispatcher(config, store, link, parts, decide_at=decide_at, on_case=floor.wake)
    parts.push_async_callback(_start(dispatcher.run(), "deliveries"))
    return floor


def _needs_human(calls: LiveCalls, attempt_id: int) -> bool:
    call = calls.get(attempt_id)
    return call is not None and call.phase_now in (Phase.OFFERED, Phase.JOINED)


async def _link_desks(config: Config, live: LiveDesk, parts: AsyncExitStack) -> None:
    """Let `dissuade desk` on this machine see the calls; without, calls are made all the same."""
    server = LinkServer(live, config.node.name, config.home.run)
    try:
        await server.start()
    except LinkError as error:
        log.warning("a desk in another process will not see this node's calls", reason=str(error))
        return
    parts.push_async_callback(server.stop)


def _start(work: Coroutine[object, object, None], name: str) -> Callable[[], Awaitable[None]]:
    """Let something go on beside the floor; returns what ends it."""
    task = asyncio.create_task(work, name=name)

    async def end() -> None:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    return end


def _start_mqtt(link: MqttLink) -> Callable[[], Awaitable[None]]:
    """Start the link to the broker; returns what ends it."""
    end_link = _start(link.run(), "mqtt")

    async def end() -> None:
        if link.connected.is_set():
            await link.caught_up(timeout_s=_MQTT_LAST_S)
        await end_link()

    return end


async def take_leads(store: AsyncStore, taking: Intake, on_leads: Callable[[], None], message: bytes) -> Taken:
    """Take over the leads in a neighbouring system's message. Raises `SourceError` or `StoreError`."""
    taken = await take_message(store, message, taking, now=time.time())
    if taken.read > taken.rejected:
        on_leads()
    return taken


async def serve_api(config: Config, store: AsyncStore, taking: Intake, *, on_leads: Callable[[], None]) -> WebServer:
    """The API on its port; raises `console.server.ServeError`."""
    section = config.api
    server = WebServer(
        make_app(store, api_settings(config, taking, on_leads)),
        section="api",
        host=section.host,
        port=section.port,
        certificate=section.certificate,
        key=section.key,
    )
    await server.start()
    log.info("the API is there", host=section.host, port=server.port, https=section.certificate is not None)
    return server


async def give_feedback(store: AsyncStore, decide_at: Callable[[float], Decide], told: Feedback) -> str:
    """Record what became of an order and decide on its case; returns the order's state. Raises `StoreError`."""
    now = time.time()
    order = await store.call(
        lambda s: apply_feedback(
            s,
            told.order,
            told.state,
            result=told.result,
            note=told.note,
            by=told.by,
            now=now,
            decide=decide_at(now),
        )
    )
    return order.state.value


async def obey(commands: Commands, feedback: Callable[[Feedback], Awaitable[str]], command: Command) -> str | None:
    """Carry out a neighbouring system's command; returns what to tell it. Raises `CommandError`."""
    match command:
        case Pause(campaign=campaign, by=by):
            await commands.pause(campaign, by=by)
        case Resume(campaign=campaign, by=by):
            await commands.resume(campaign, by=by)
        case HangUp(attempt=attempt):
            if not await commands.hang_up(attempt):
                raise CommandError(f"attempt {attempt} is not in progress on this node")
        case Feedback():
            return await feedback(command)
    return None


def make_trunk(config: Config) -> Trunk:
    """The trunk as configured; raises `ConfigError` when the password file cannot be read."""
    section = config.trunk
    return Trunk(
        host=section.host,
        port=section.port,
        transport=section.transport,
        register=section.register_,
        username=section.username,
        password=read_secret(section.password, section.password_file, "trunk.password_file"),
        realm=section.realm,
        domain=section.domain,
        caller_number=section.caller_number,
        caller_name=section.caller_name,
        number_format=section.number_format,
        dial_prefix=section.dial_prefix,
    )


def line_settings(config: Config, trunk: Trunk, *, processes: int | None = None) -> LineSettings:
    """How the line processes are set up; raises `LineError` when the trunk's host is unknown."""
    return LineSettings(
        processes=processes or config.lines.processes,
        slots_per_process=config.lines.slots_per_process,
        host=config.lines.bind_host or trunk.local_address(),
        first_rtp_port=config.lines.first_rtp_port,
        rtp_ports=config.lines.rtp_ports,
        transport=trunk.transport,
        account=trunk.account(),
    )


def mqtt_settings(config: Config) -> MqttSettings:
    """How the broker is reached."""
    return MqttSettings(
        host=config.mqtt.host,
        port=config.mqtt.port,
        site=config.node.site,
        node=config.node.name,
        username=config.mqtt.username,
        password=config.mqtt.password.get_secret_value(),
        tls=config.mqtt.tls,
        ca_file=str(config.mqtt.ca_file or ""),
        full_numbers=config.mqtt.full_numbers,
    )


def _desk(config: Config) -> EscalationDesk:
    section = config.escalation
    return EscalationDesk(
        [Dissuader(each.name, each.uri) for each in config.dissuaders],
        EscalationSettings(
            mode=Mode(section.mode),
            ring_timeout_s=section.ring_timeout_s,
            wait_s=section.wait_s,
            wrap_up_s=section.wrap_up_s,
        ),
    )


def _details(config: Config) -> dict[str, str]:
    return {"centre": config.centre.name, "callback_number": config.centre.callback_number}


def _robot_settings(config: Config, policy: Policy) -> RobotSettings:
    return RobotSettings(
        home=config.home.root, recordings=config.home.recordings, details=_details(config), policy=policy
    )
