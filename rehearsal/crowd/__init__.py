"""Phones on plain sockets: hundreds in one process, for load and for measuring on the wire.

pjsua2 carries four calls a process and hands sound up when it sees fit. These phones speak as much SIP and RTP as a
callee needs, send a packet every 20 ms, and know from the kernel when each of the robot's packets came.
"""

from rehearsal.crowd.exchange import CrowdExchange
from rehearsal.crowd.leg import CrowdLeg

__all__ = ["CrowdExchange", "CrowdLeg"]
