"""The carrier's trunk: how a number becomes a SIP URI, and as whom we call."""

from __future__ import annotations

import socket
from dataclasses import dataclass, field
from typing import Literal

import phonenumbers

from dialer.lines import LineError, SipAccount


@dataclass(frozen=True, slots=True)
class Trunk:
    """One trunk. Numbers that come in are E.164."""

    host: str
    port: int = 5060
    transport: Literal["udp", "tcp"] = "udp"
    register: bool = False
    username: str = ""
    password: str = field(default="", repr=False)
    realm: str = "*"
    domain: str = ""
    """Domain of From and P-Asserted-Identity; the host if empty."""
    caller_number: str = "96110"
    caller_name: str = ""
    number_format: Literal["e164", "national", "plain"] = "e164"
    dial_prefix: str = ""

    def uri(self, number: str) -> str:
        """SIP URI of a number on this trunk."""
        return f"sip:{self.dial_prefix}{self._written(number)}@{self._server}"

    def account(self) -> SipAccount:
        """The account that line processes register, or dial, with."""
        user = self.username or self.caller_number
        return SipAccount(
            id_uri=f"sip:{user}@{self.domain or self.host}",
            registrar_uri=f"sip:{self._server}" if self.register else "",
            username=self.username,
            password=self.password,
            realm=self.realm,
        )

    @property
    def caller(self) -> str:
        """The From of a call: a name-addr."""
        return f"{self._quoted_name}{self._identity}"

    @property
    def asserted_identity(self) -> str:
        """The P-Asserted-Identity of a call (RFC 3325): a name-addr."""
        return self.caller

    def local_address(self) -> str:
        """Our own address on the way to the trunk; raises `LineError` when the host is unknown or out of reach."""
        try:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
                probe.connect((self.host, self.port))  # sends nothing: only chooses the route
                return str(probe.getsockname()[0])
        except OSError as error:
            raise LineError(f"trunk.host {self.host!r} cannot be reached ({error.strerror}): correct it") from error

    def _written(self, number: str) -> str:
        match self.number_format:
            case "e164":
                return number
            case "plain":
                return number.removeprefix("+")
            case "national":
                return str(phonenumbers.national_significant_number(phonenumbers.parse(number)))

    @property
    def _server(self) -> str:
        suffix = ";transport=tcp" if self.transport == "tcp" else ""
        return f"{self.host}:{self.port}{suffix}"

    @property
    def _quoted_name(self) -> str:
        if not self.caller_name:
            return ""
        escaped = self.caller_name.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}" '

    @property
    def _identity(self) -> str:
        return f"<sip:{self.caller_number}@{self.domain or self.host}>"
