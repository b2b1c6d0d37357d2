"""What can go wrong while a graph is built."""

from __future__ import annotations


class ModellingError(Exception):
    """The word list, the sentences or the tools do not allow a graph to be built; the message says the mend."""
