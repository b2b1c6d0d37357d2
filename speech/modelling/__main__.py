"""``python -m speech.modelling NAME ... [--to FOLDER]``: rebuild the graphs of bundled models."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from speech.modelling.build import RECIPES, build
from speech.modelling.errors import ModellingError

BUNDLED = Path(__file__).parent.parent / "models"


def main(arguments: list[str] | None = None) -> int:
    """Build what is named; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m speech.modelling", description="Rebuild the graphs of bundled models."
    )
    parser.add_argument("names", nargs="+", metavar="NAME", help=f"one or more of: {', '.join(RECIPES)}")
    parser.add_argument(
        "--to", type=Path, default=BUNDLED, help="folder that holds the models (default: the bundled ones)"
    )
    given = parser.parse_args(arguments)
    for name in given.names:
        try:
            written = build(name, given.to / name)
        except ModellingError as error:
            sys.stderr.write(f"{name}: {error}\n")
            return 1
        for path in written:
            sys.stdout.write(f"{path} {path.stat().st_size} bytes\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
