"""Orders over MQTT: published to whoever is subscribed, with QoS 1, on ``dissuade/<site>/orders/<kind>``.

Not retained: a broker keeps only the last message of a topic, and it would keep personal data. A receiver that is
away at times subscribes with a session that outlives the connection. An order that nobody is subscribed to waits.
"""

from __future__ import annotations

from typing import Protocol

import aiomqtt

from campaigns.delivery.channel import Parcel, Receipt, UnavailableError
from campaigns.follow_up import FollowUpKind
from campaigns.mqtt_client import to_json


class Link(Protocol):
    """The node's link to its broker: `campaigns.mqtt.MqttLink`."""

    async def publish(self, topic: str, payload: str) -> bool:
        """Whether the broker has anybody to pass it to; raises `aiomqtt.MqttError`."""
        ...


class MqttOrders:
    """See `campaigns.delivery.channel.Channel`. Receivers drop repetitions by ``key``."""

    name = "mqtt"
    tells_repetitions = True

    def __init__(self, link: Link, kinds: frozenset[FollowUpKind]) -> None:
        self.kinds = kinds
        self._link = link

    async def deliver(self, parcel: Parcel) -> Receipt:
        """See `Channel`."""
        try:
            somebody = await self._link.publish(f"orders/{parcel.order.kind.value}", to_json(parcel.document))
        except (aiomqtt.MqttError, OSError) as error:
            raise UnavailableError(str(error)) from None
        if not somebody:
            raise UnavailableError(f"nobody is subscribed to {parcel.order.kind.value} orders", down=False)
        return Receipt()
