"""Who gets the orders of a node: the channels of its configuration, opened, and the dispatcher over them."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from contextlib import AsyncExitStack

from campaigns.async_store import AsyncStore
from campaigns.delivery.back_off import BackOff
from campaigns.delivery.dispatcher import Dispatcher, DispatchSettings
from campaigns.delivery.document import Writer
from campaigns.delivery.mqtt import Link, MqttOrders
from campaigns.delivery.relative import RelativeCall
from campaigns.delivery.routes import RouteError, Routes, Served
from campaigns.delivery.sheet import SheetFolder
from campaigns.delivery.smpp import SmppChannel, SmsSettings
from campaigns.delivery.smpp_session import SmppSettings
from campaigns.delivery.sms_texts import SmsTexts, TextsError
from campaigns.delivery.webhook import Webhook, WebhookError, WebhookSettings
from campaigns.follow_up import FollowUpKind
from campaigns.store import Decide
from dissuade.config import Config
from dissuade.config_delivery import WebhookSection
from dissuade.errors import ConfigError
from dissuade.secret import read_secret

DecideAt = Callable[[float], Decide]


async def make_dispatcher(
    config: Config,
    store: AsyncStore,
    link: Link | None,
    parts: AsyncExitStack,
    *,
    decide_at: DecideAt,
    on_case: Callable[[], None] = lambda: None,
) -> Dispatcher:
    """What delivers a node's orders, over channels that are open until ``parts`` end; raises `ConfigError`.

    ``link``: to the broker, if there is one. ``on_case`` is told when a call to a relative is to be made.
    """
    return Dispatcher(
        store,
        await _make_routes(config, store, link, parts, decide_at=decide_at, on_case=on_case),
        make_writer(config),
        decide_at=decide_at,
        printer=SheetFolder(config.home.orders),
        settings=DispatchSettings(back_off=BackOff(config.delivery.retry_s, config.delivery.retry_limit_s)),
    )


async def _make_routes(
    config: Config,
    store: AsyncStore,
    link: Link | None,
    parts: AsyncExitStack,
    *,
    decide_at: DecideAt,
    on_case: Callable[[], None],
) -> Routes:
    delivery = config.delivery
    served = [Served(RelativeCall(store, decide_at=decide_at, on_case=on_case))]
    for section in config.webhooks:
        try:
            webhook = await parts.enter_async_context(Webhook(webhook_settings(section)))
        except WebhookError as error:
            raise ConfigError(f"webhook {section.name}: {error}") from None
        served.append(Served(webhook, section.precincts))
    if delivery.mqtt:
        if link is None:
            raise ConfigError("delivery.mqtt names kinds, but no broker is configured", "set mqtt.host")
        served.append(Served(MqttOrders(link, frozenset(delivery.mqtt))))
    if config.sms.host:
        sms = SmsSettings(
            config.sms.sender, config.sms.sender_ton, config.sms.sender_npi, config.sms.flash, config.sms.long
        )
        channel = SmppChannel(store, smpp_settings(config), sms, decide_at=decide_at)
        served.append(Served(await parts.enter_async_context(channel)))
    if delivery.sheets:
        served.append(Served(SheetFolder(config.home.orders, frozenset(delivery.sheets))))
    try:
        return Routes(served)
    except RouteError as error:
        raise ConfigError(str(error), "correct [delivery], [[webhooks]] and [sms]") from None


def unserved(config: Config) -> dict[FollowUpKind, str]:
    """Kinds that nobody takes, at least somewhere, and where somebody does."""
    delivery = config.delivery
    everywhere: set[FollowUpKind] = {FollowUpKind.RELATIVE, *delivery.mqtt, *delivery.sheets}
    if config.sms.host:
        everywhere.add(FollowUpKind.SMS)
    somewhere: dict[FollowUpKind, set[str]] = {}
    for section in config.webhooks:
        for kind in section.kinds:
            somewhere.setdefault(kind, set()).update(section.precincts)
            if not section.precincts:
                everywhere.add(kind)
    return {kind: ", ".join(sorted(somewhere.get(kind, ()))) for kind in FollowUpKind if kind not in everywhere}


def make_writer(config: Config) -> Writer:
    """What tells orders to their receivers; raises `ConfigError` when the texts cannot be used."""
    centre = config.centre
    try:
        texts = SmsTexts(config.delivery.sms_texts, centre=centre.name, callback_number=centre.callback_number)
    except TextsError as error:
        raise ConfigError(str(error), "correct the file of delivery.sms_texts") from None
    return Writer(config.node.site, centre.name, centre.callback_number, texts)


def webhook_settings(section: WebhookSection) -> WebhookSettings:
    """How one receiver is reached; raises `ConfigError` when the secret cannot be read."""
    secret = read_secret(section.secret, section.secret_file, f"secret_file of webhook {section.name}")
    if not secret:
        raise ConfigError(f"the secret of webhook {section.name} is empty")
    return WebhookSettings(
        name=section.name,
        url=section.url,
        key_id=section.key_id,
        secret=secret.encode(),
        kinds=frozenset(section.kinds),
        timeout_s=section.timeout_s,
        ca_file=str(section.ca_file or ""),
    )


def smpp_settings(config: Config) -> SmppSettings:
    """How the message centre is reached; raises `ConfigError` when password or authorities cannot be read."""
    section = config.sms
    password = read_secret(section.password, section.password_file, "sms.password_file")
    if len(password) > 8 or not password.isascii():
        raise ConfigError("the password for the message centre has more than 8 characters, or others than ASCII")
    tls = None
    if section.tls:
        try:
            tls = ssl.create_default_context(cafile=str(section.ca_file) if section.ca_file else None)
        except (OSError, ssl.SSLError) as error:
            raise ConfigError(f"sms.ca_file {section.ca_file} cannot be used: {error}", "give a PEM file") from None
    return SmppSettings(
        section.host,
        section.port,
        section.system_id,
        password,
        system_type=section.system_type,
        tls=tls,
        enquire_s=section.enquire_s,
    )
