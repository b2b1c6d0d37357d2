"""Who gets the orders: receivers and the message centre reached for real, and what nobody takes."""

from __future__ import annotations

import asyncio
import ipaddress
import ssl
from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from dissuade.doctor.finding import Finding, fail, ok, warn

if TYPE_CHECKING:
    from dissuade.config import Config
    from dissuade.config_delivery import WebhookSection

WAIT_S = 5.0


async def receivers(config: Config) -> list[Finding]:
    """Every kind of order has a receiver, and the texts of messages can be used."""
    from dissuade.delivery import make_writer, unserved

    make_writer(config)
    nobody = unserved(config)
    if not nobody:
        return [ok("orders", "every kind has a receiver")]
    told = ", ".join(f"{kind.value} (but in {where})" if where else kind.value for kind, where in nobody.items())
    return [
        warn(
            "orders",
            f"nobody takes {told}: they stay ordered; sheets of visits, stop-payments and blocks are printed to"
            f" {config.home.orders}",
            "configure [[webhooks]], [sms] or [delivery]",
        )
    ]


async def webhooks(config: Config) -> list[Finding]:
    """Each receiver over HTTP lets us connect; nothing is sent."""
    return [await _webhook(section) for section in config.webhooks]


async def _webhook(section: WebhookSection) -> Finding:
    from campaigns.delivery.webhook import authorities
    from dissuade.delivery import webhook_settings

    settings = webhook_settings(section)
    parts = urlsplit(section.url)
    secure = parts.scheme == "https"
    host, port = parts.hostname or "", parts.port or (443 if secure else 80)
    what, where = f"webhook {section.name}", f"{host}:{port}"
    try:
        async with asyncio.timeout(WAIT_S):
            _, writer = await asyncio.open_connection(host, port, ssl=authorities(settings.ca_file) if secure else None)
            writer.close()
            with suppress(OSError, ssl.SSLError):
                await writer.wait_closed()
    except (OSError, ssl.SSLError, TimeoutError) as error:
        mend = "start it, or correct [[webhooks]]; orders wait for it"
        return fail(what, f"{where}: {str(error) or 'no answer'}", mend)
    if not secure and not _is_here(host):
        return warn(what, f"{where} accepts, but without TLS: orders hold personal data", "use an https address")
    return ok(what, f"{where} accepts")


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


async def message_centre(config: Config) -> list[Finding]:
    """The message centre lets us in."""
    if not config.sms.host:
        return []
    from campaigns.delivery.smpp_session import SmppError, SmppSession
    from dissuade.delivery import smpp_settings

    async def keep_nothing(pdu: object) -> bool:
        return False

    try:
        async with asyncio.timeout(2 * WAIT_S):
            session = await SmppSession.open(smpp_settings(config), keep_nothing)
    except (SmppError, TimeoutError) as error:
        return [fail("messages", str(error) or "no answer", "correct [sms]; messages wait for it")]
    await session.close()
    return [ok("messages", f"{config.sms.host}:{config.sms.port} lets us in")]
