"""Runs a line process on an inherited socket: ``python -m dialer.lines FD``."""

from __future__ import annotations

import faulthandler
import gc
import os
import signal
import socket
import sys

from dialer.lines import messages as m
from dialer.lines.errors import LineError
from dialer.lines.process import LineProcess


def main(descriptor: int) -> None:
    """Run it; ends the interpreter."""
    # Should pjsip crash, its owner logs in what.
    faulthandler.enable()
    # Ctrl-C in a terminal is for the pool's process, which then tells us.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # The default of 5 ms makes RTP late when the SIP thread is busy in Python.
    sys.setswitchinterval(0.0005)
    link = socket.socket(fileno=descriptor)
    setup = m.decode(link.recv(m.MAX_PACKET))
    assert isinstance(setup, m.Configure)
    try:
        line = LineProcess(link, setup)
    except LineError as error:
        link.send(m.encode(m.NotReady(str(error))))
        os._exit(1)
    # What lives now lives to the end; a collection in the media thread would only cost time.
    gc.collect()
    gc.freeze()
    line.run()
    # Everything was told goodbye; tearing pjsip down would take a second and gain nothing.
    os._exit(0)


if __name__ == "__main__":
    main(int(sys.argv[1]))
