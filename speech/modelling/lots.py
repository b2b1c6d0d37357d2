"""Lots that names draw, for what is to be as chance would have it, and the same on every machine and day."""

from __future__ import annotations

import hashlib


def lot(name: str) -> int:
    """The number of 64 bits that a name draws."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big")
