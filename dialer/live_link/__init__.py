"""The live floor over a UNIX socket: a node serves it, the desk in another process of the same machine uses it."""

from dialer.live_link.nodes import LinkedNodes
from dialer.live_link.places import LinkError
from dialer.live_link.server import LinkServer

__all__ = ["LinkError", "LinkServer", "LinkedNodes"]
