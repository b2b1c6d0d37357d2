"""The command line. Rooms are imported by the command that needs them, so that help is there at once."""

from __future__ import annotations


def main() -> None:
    """Run the command line; no traceback reaches the user."""
    from dissuade.cli.app import app
    from dissuade.cli.guard import guarded

    guarded(app)
