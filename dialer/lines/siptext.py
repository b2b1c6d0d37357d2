"""The text of SIP: what messages say (numbers, names, Q.850 causes), and what is changed in ours. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

_COMPACT = {"f": "From", "t": "To", "m": "Contact", "i": "Call-ID", "v": "Via"}
_CAUSE = re.compile(
    r"""\bQ\.850\s*(?=[;,\s])(?P<params>(?:\s*;\s*[\w.-]+\s*=\s*(?:"[^"]*"|[^;,\s]+))*)""", re.IGNORECASE
)
_PARAM = re.compile(r"""([\w.-]+)\s*=\s*(?:"([^"]*)"|([^;,\s]+))""")
_USER = re.compile(r"""(?:sips?|tel):([^@;>\s?]+)""", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Q850Reason:
    """A ``Reason: Q.850`` header (RFC 3326)."""

    cause: int
    text: str = ""


def headers_of(message: str) -> list[tuple[str, str]]:
    """Return the headers of a SIP message in order, long names, folded lines joined."""
    head = re.split(r"\r?\n\r?\n", message, maxsplit=1)[0]
    lines = re.sub(r"\r?\n[ \t]+", " ", head).splitlines()[1:]
    pairs = (line.split(":", 1) for line in lines if ":" in line)
    return [(_COMPACT.get(name.strip().lower(), name.strip()), value.strip()) for name, value in pairs]


def q850_of(message: str) -> Q850Reason | None:
    """Return the Q.850 cause of a SIP message, or None."""
    for name, value in headers_of(message):
        if name.lower() != "reason":
            continue
        for found in _CAUSE.finditer(value + ";"):
            given = {key.lower(): quoted or bare for key, quoted, bare in _PARAM.findall(found["params"])}
            if given.get("cause", "").isdigit():
                return Q850Reason(int(given["cause"]), given.get("text", ""))
    return None


def user_of(uri: str) -> str:
    """Return the user part (the number) of a SIP or tel URI or name-addr; empty when it has none."""
    found = _USER.search(uri)
    if not found or ("@" not in uri and not uri.lower().lstrip(' "<').startswith("tel:")):
        return ""
    return found[1]


def called_of(message: str) -> str:
    """Return the number in the request line."""
    line = message.split("\n", 1)[0].split(" ")
    return user_of(line[1]) if len(line) > 1 else ""


def identity_headers(message: str) -> dict[str, str]:
    """Return From, P-Asserted-Identity and every X- header of an INVITE."""
    wanted = ("from", "p-asserted-identity")
    return {
        name: value for name, value in headers_of(message) if name.lower() in wanted or name.lower().startswith("x-")
    }


def offer_usual_events(sdp: str) -> str:
    """Return an SDP offer whose telephone-event has payload type 101.

    The wheel of pjsua2 offers 120. Many peers answer and send with 101 whatever was offered, and then their digits are
    lost; 101 is what everybody else offers.
    """
    found = re.search(r"^a=rtpmap:(\d+) telephone-event/8000", sdp, re.MULTILINE)
    if not found or re.search(r"^a=rtpmap:101 ", sdp, re.MULTILINE):
        return sdp
    usual = re.sub(rf"^(m=audio .*?) {found[1]}(?= |\r?$)", r"\1 101", sdp, flags=re.MULTILINE)
    return re.sub(rf"^a=(rtpmap|fmtp):{found[1]} ", r"a=\1:101 ", usual, flags=re.MULTILINE)


def over_tcp(uri: str) -> str:
    """Return a SIP URI, bare or in angle brackets, that is reached over TCP, unless it names a transport itself."""
    if "transport=" in uri:
        return uri
    return uri[:-1] + ";transport=tcp>" if uri.endswith(">") else uri + ";transport=tcp"
