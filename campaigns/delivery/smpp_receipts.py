"""Delivery receipts: what a message centre says became of a message."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import Any

_RECEIPT = 0b0000_0100
"""esm_class of a deliver_sm that is an SMSC delivery receipt (SMPP 3.4, 5.2.12)."""
_KIND_BITS = 0b0011_1100
_ID = re.compile(rb"\bid:\s*([^\s]+)", re.IGNORECASE)
_STATE = re.compile(rb"\bstat:\s*([A-Z]+)", re.IGNORECASE)
_ERROR = re.compile(rb"\berr:\s*([0-9A-F]+)", re.IGNORECASE)


class Fate(Enum):
    """What became of it."""

    DELIVERED = "delivered"
    FAILED = "failed"
    UNDER_WAY = "under way"


_FATES = {
    "DELIVRD": Fate.DELIVERED,
    "EXPIRED": Fate.FAILED,
    "DELETED": Fate.FAILED,
    "UNDELIV": Fate.FAILED,
    "UNKNOWN": Fate.FAILED,
    "REJECTD": Fate.FAILED,
    "ACCEPTD": Fate.UNDER_WAY,
    "ENROUTE": Fate.UNDER_WAY,
}
_STATES = {
    1: "ENROUTE",
    2: "DELIVRD",
    3: "EXPIRED",
    4: "DELETED",
    5: "UNDELIV",
    6: "ACCEPTD",
    7: "UNKNOWN",
    8: "REJECTD",
}
"""message_state (5.2.28) by the words of the receipt's text (appendix B)."""


@dataclass(frozen=True, slots=True)
class DeliveryReceipt:
    """One receipt."""

    message_id: str
    fate: Fate
    said: str
    """``UNDELIV``, with the network's error code if it gave one."""

    def names(self) -> tuple[str, ...]:
        """The ids under which the message may be known: some centres answer in hexadecimal and report in decimal."""
        found = [self.message_id]
        if self.message_id.isdecimal():
            number = int(self.message_id)
            found += [str(number), f"{number:x}", f"{number:X}", f"{number:08x}", f"{number:08X}"]
        elif re.fullmatch(r"[0-9a-fA-F]{1,16}", self.message_id):
            found += [str(int(self.message_id, 16)), self.message_id.lower(), self.message_id.upper()]
        return tuple(dict.fromkeys(found))


def read_receipt(pdu: Any) -> DeliveryReceipt | None:
    """The receipt in a deliver_sm; ``None`` if it is something else, or names no message."""
    if (pdu.esm_class or 0) & _KIND_BITS != _RECEIPT:
        return None
    text = bytes(pdu.short_message or getattr(pdu, "message_payload", None) or b"")
    named = getattr(pdu, "receipted_message_id", None)
    found = _ID.search(text)
    message_id = bytes(named) if named else found[1] if found else b""
    if not message_id:
        return None
    state = getattr(pdu, "message_state", None)
    stated = _STATE.search(text)
    word = stated[1].decode().upper() if stated else _STATES.get(state or 0, "")
    error = _ERROR.search(text)
    code = error[1].decode() if error else ""
    said = word if not code.strip("0") else f"{word}, error {code}"
    return DeliveryReceipt(message_id.decode("latin-1").strip("\0"), _FATES.get(word, Fate.UNDER_WAY), said)
