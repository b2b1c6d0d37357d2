"""As much of SIP (RFC 3261) and SDP (RFC 4566) as a phone needs that is called over UDP."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import unquote

_COMPACT = {"v": "via", "f": "from", "t": "to", "i": "call-id", "m": "contact", "c": "content-type"}
_REASONS = {
    100: "Trying",
    180: "Ringing",
    183: "Session Progress",
    200: "OK",
    404: "Not Found",
    405: "Method Not Allowed",
    408: "Request Timeout",
    480: "Temporarily Unavailable",
    481: "Call/Transaction Does Not Exist",
    486: "Busy Here",
    487: "Request Terminated",
    488: "Not Acceptable Here",
    503: "Service Unavailable",
    603: "Decline",
}


@dataclass(frozen=True, slots=True)
class Message:
    """A request or a response."""

    first: str
    headers: tuple[tuple[str, str], ...]
    """In order; names as they came."""
    body: str = ""

    @property
    def method(self) -> str:
        """Of a request; ``SIP/2.0`` of a response."""
        return self.first.partition(" ")[0]

    @property
    def uri(self) -> str:
        """The Request-URI."""
        return self.first.split(" ")[1]

    @property
    def user(self) -> str:
        """The user of the Request-URI."""
        return user_of(self.uri)

    def all(self, name: str) -> list[str]:
        """Values of every header of that name, lower case, in order."""
        return [value for each, value in self.headers if _COMPACT.get(each.lower(), each.lower()) == name]

    def one(self, name: str) -> str:
        """The first of them, or nothing."""
        return next(iter(self.all(name)), "")


def parse(packet: bytes) -> Message | None:
    """A message; ``None`` for keep-alives and what is none."""
    head, _, body = packet.decode("utf-8", "replace").partition("\r\n\r\n")
    first, *lines = head.split("\r\n")
    if "SIP/2.0" not in first:
        return None
    named = (line.partition(":") for line in lines)
    return Message(first, tuple((name.strip(), value.strip()) for name, _, value in named), body)


def response(
    request: Message, code: int, tag: str, *, contact: str = "", sdp: str = "", extra: Iterable[tuple[str, str]] = ()
) -> bytes:
    """The answer to a request, whose To gets our tag."""
    to = request.one("to")
    if code > 100 and ";tag=" not in to:
        to = f"{to};tag={tag}"
    headers = [("Via", value) for value in request.all("via")]
    headers += [("Record-Route", value) for value in request.all("record-route")]
    headers += [("From", request.one("from")), ("To", to), ("Call-ID", request.one("call-id"))]
    headers += [("CSeq", request.one("cseq")), *extra]
    if contact:
        headers.append(("Contact", f"<{contact}>"))
    return _packet(f"SIP/2.0 {code} {_REASONS.get(code, 'Unknown')}", headers, sdp)


@dataclass(slots=True)
class Dialog:
    """The callee's side of a dialog."""

    invite: Message
    tag: str = field(default_factory=lambda: secrets.token_hex(6))
    _cseq: int = 0

    def request(self, method: str, host: str, port: int) -> tuple[bytes, tuple[str, int]]:
        """A request of ours within it, and where it goes."""
        self._cseq += 1
        routes = self.invite.all("record-route")
        target = uri_of(self.invite.one("contact"))
        headers = [("Via", f"SIP/2.0/UDP {host}:{port};rport;branch=z9hG4bK{secrets.token_hex(8)}")]
        headers += [("Route", route) for route in routes]
        headers += [("Max-Forwards", "70"), ("From", f"{self.invite.one('to')};tag={self.tag}")]
        headers += [("To", self.invite.one("from")), ("Call-ID", self.invite.one("call-id"))]
        headers.append(("CSeq", f"{self._cseq} {method}"))
        return _packet(f"{method} {target} SIP/2.0", headers, ""), address_of(uri_of(routes[0]) if routes else target)


def uri_of(address: str) -> str:
    """The URI in a name-addr."""
    match = re.search(r"<([^>]*)>", address)
    return match[1] if match else address.partition(";")[0].strip()


def user_of(uri: str) -> str:
    """The user in a SIP URI."""
    user, at, _ = uri.partition(":")[2].partition("@")
    return unquote(user.partition(";")[0]) if at else ""


def address_of(uri: str) -> tuple[str, int]:
    """Host and port in a SIP URI."""
    where = uri.partition(":")[2].rpartition("@")[2].partition(";")[0]
    host, _, port = where.partition(":")
    return host, int(port or 5060)


@dataclass(frozen=True, slots=True)
class Media:
    """What an offer says of the sound."""

    host: str
    port: int
    formats: tuple[int, ...]
    events: int | None
    """Payload type of telephone-event (RFC 4733)."""


def offered(sdp: str) -> Media | None:
    """The audio of an offer; ``None`` if there is none."""
    host = re.search(r"^c=IN IP4 (\S+)", sdp, re.MULTILINE)
    media = re.search(r"^m=audio (\d+) RTP/AVP ([\d ]+)", sdp, re.MULTILINE)
    if host is None or media is None:
        return None
    events = re.search(r"^a=rtpmap:(\d+) telephone-event/8000", sdp, re.MULTILINE)
    formats = tuple(int(each) for each in media[2].split())
    return Media(host[1], int(media[1]), formats, int(events[1]) if events else None)


def answered(host: str, port: int, law: int, name: str, events: int | None) -> str:
    """The answer: one codec, 20 ms."""
    lines = ["v=0", f"o=- 1 1 IN IP4 {host}", "s=-", f"c=IN IP4 {host}", "t=0 0"]
    lines.append(f"m=audio {port} RTP/AVP {law}" + (f" {events}" if events is not None else ""))
    lines.append(f"a=rtpmap:{law} {name}/8000")
    if events is not None:
        lines += [f"a=rtpmap:{events} telephone-event/8000", f"a=fmtp:{events} 0-15"]
    return "\r\n".join([*lines, "a=ptime:20", "a=sendrecv", ""])


def _packet(first: str, headers: Iterable[tuple[str, str]], body: str) -> bytes:
    lines = [first, *(f"{name}: {value}" for name, value in headers)]
    if body:
        lines.append("Content-Type: application/sdp")
    lines += [f"Content-Length: {len(body.encode())}", "", body]
    return "\r\n".join(lines).encode()
