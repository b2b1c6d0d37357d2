"""A SIP library over processes of pjsua2: legs that call, speak, listen, record, join and hang up.

It knows nothing of campaigns, speech or scripts.

    LineError            a line, a leg or the trunk cannot do what was asked
     +- NoSlotError      every call slot that may be used is taken
"""

from dialer.lines.errors import LineError, NoSlotError
from dialer.lines.leg import Leg, LegEnd, Played
from dialer.lines.messages import Registered
from dialer.lines.pool import LinePool
from dialer.lines.settings import LineSettings, SipAccount

__all__ = [
    "Leg",
    "LegEnd",
    "LineError",
    "LinePool",
    "LineSettings",
    "NoSlotError",
    "Played",
    "Registered",
    "SipAccount",
]
