"""The sections about orders beside the telephone: who gets them, and how."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator

from campaigns.follow_up import FollowUpKind
from dissuade.config_section import Port, Seconds, Section

_BUILT_IN = frozenset({"call", "mqtt", "sheet", "smpp"})
_SHEETS = frozenset({FollowUpKind.VISIT, FollowUpKind.STOP_PAYMENT, FollowUpKind.BLOCK})


class DeliverySection(Section):
    """Orders beside the telephone (sms, visit, stop_payment, block); calls to relatives need nothing here."""

    mqtt: tuple[FollowUpKind, ...] = Field(
        default=(),
        description="Kinds that are published to the broker of [mqtt], on dissuade/<site>/orders/<kind>, with numbers "
        "in full.",
    )
    sheets: tuple[FollowUpKind, ...] = Field(
        default=(),
        description="Kinds for which the printable sheet in orders/ below home is the delivery: somebody looks there. "
        "Of an order that nobody takes a sheet is printed, too, but it stays ordered.",
    )
    sms_texts: Path | None = Field(
        default=None, description="YAML file with texts of your own for sms; they go before the built-in ones."
    )
    retry_s: Seconds = Field(
        default=5.0, description="Seconds before a delivery that failed is tried again; doubles with each."
    )
    retry_limit_s: Seconds = Field(default=60.0, description="The longest of these, in seconds.")

    @model_validator(mode="after")
    def _check(self) -> Self:
        if wrong := set(self.sheets) - _SHEETS:
            raise ValueError(f"sheets: there is none for {', '.join(sorted(wrong))}")
        if FollowUpKind.RELATIVE in self.mqtt:
            raise ValueError("mqtt: relative: the robot calls relatives itself")
        if self.retry_s > self.retry_limit_s:
            raise ValueError("retry_s must not be above retry_limit_s")
        return self


class WebhookSection(Section):
    """A neighbouring system that takes orders over HTTP."""

    name: str = Field(pattern=r"^[A-Za-z0-9_.-]+$", description="Under this name an order is recorded as sent.")
    url: str
    kinds: tuple[FollowUpKind, ...] = Field(min_length=1)
    precincts: tuple[str, ...] = ()
    key_id: str = Field(default="1", pattern=r"^[A-Za-z0-9_.-]+$")
    secret: SecretStr = SecretStr("")
    secret_file: Path | None = None
    timeout_s: float = Field(default=10.0, gt=0, le=50)
    ca_file: Path | None = None

    @field_validator("url")
    @classmethod
    def _is_http(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username or parts.fragment:
            raise ValueError("an address such as https://orders.example/dissuade is expected, without a password in it")
        return url

    @field_validator("name")
    @classmethod
    def _is_its_own(cls, name: str) -> str:
        if name in _BUILT_IN:
            raise ValueError(f"{name} is the name of a built-in way; choose another")
        return name

    @model_validator(mode="after")
    def _check(self) -> Self:
        if bool(self.secret.get_secret_value()) == bool(self.secret_file):
            raise ValueError("give secret or secret_file: orders are signed with it")
        if FollowUpKind.RELATIVE in self.kinds:
            raise ValueError("kinds: relative: the robot calls relatives itself")
        return self


class SmsSection(Section):
    """Text messages through a message centre (SMSC), over SMPP 3.4."""

    host: str = Field(default="", description="Message centre. Empty: no text messages are sent over SMPP.")
    port: Port = 2775
    tls: bool = False
    ca_file: Path | None = Field(
        default=None, description="PEM file of the authorities that its certificate is checked against."
    )
    system_id: str = Field(default="", max_length=15, pattern=r"^[\x20-\x7e]*$")
    password: SecretStr = Field(
        default=SecretStr(""), max_length=8, description="Better in password_file. SMPP 3.4 takes 8 characters."
    )
    password_file: Path | None = Field(default=None, description="A file that holds the password and nothing else.")
    system_type: str = Field(default="", max_length=12, pattern=r"^[\x20-\x7e]*$")
    sender: str = Field(
        default="96110",
        pattern=r"^(\+?[0-9]{1,20}|[A-Za-z0-9 .-]{1,11})$",
        description="Who the message is from: a short code, a number, or a name of up to 11 letters.",
    )
    sender_ton: int = Field(default=0, ge=0, le=6, description="Type of number of the sender, if it is one.")
    sender_npi: int = Field(default=1, ge=0, le=18, description="Its numbering plan.")
    flash: Literal["data_coding", "subunit", "never"] = Field(
        default="data_coding",
        description="How the network is asked to show an urgent message at once: by message class 0 in data_coding, "
        "by dest_addr_subunit, or never.",
    )
    long: Literal["parts", "payload"] = Field(
        default="parts", description="A text of more than one message: cut by us, or whole in message_payload."
    )
    enquire_s: float = Field(
        default=30.0, ge=1, le=600, description="Silence in seconds after which the connection is tried."
    )
