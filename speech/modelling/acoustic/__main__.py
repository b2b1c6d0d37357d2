"""``python -m speech.modelling.acoustic LANGUAGE ... [--to FOLDER] [--tiny]``: make bundled models from nothing."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from speech.modelling.acoustic.settings import FULL, TINY
from speech.modelling.errors import ModellingError
from speech.modelling.voices import BASE


def main(arguments: list[str] | None = None) -> int:
    """Make what is named; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m speech.modelling.acoustic", description="Make bundled models from nothing."
    )
    parser.add_argument("languages", nargs="+", choices=sorted(BASE), metavar="LANGUAGE", help="zh or en")
    parser.add_argument(
        "--to", type=Path, default=Path("var/model/made"), help="folder for the models (default: var/model/made)"
    )
    parser.add_argument("--work", type=Path, default=Path("var/model"), help="folder for training data")
    parser.add_argument("--workers", type=int, default=2, help="processes that speak at a time")
    parser.add_argument("--tiny", action="store_true", help="a minute of speech: proves the builder, hears nothing")
    given = parser.parse_args(arguments)
    try:
        from speech.modelling.acoustic.make import make  # noqa: PLC0415
    except ModuleNotFoundError as error:
        sys.stderr.write(f"{error.name} is not installed in this environment; mend: make model\n")
        return 1
    for language in given.languages:
        try:
            made = make(
                language, TINY if given.tiny else FULL, given.work, given.to, workers=given.workers, report=_say
            )
        except ModellingError as error:
            sys.stderr.write(f"{language}: {error}\n")
            return 1
        for folder in made:
            total = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
            _say(f"{folder}: {total} bytes")
    return 0


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
