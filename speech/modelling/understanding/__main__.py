"""``python -m speech.modelling.understanding train LANGUAGE``: learn the judgement of a language anew, in minutes.

Writes the weights, and beside them ``<language>.json``: how well replies are understood whose writer, or whose family,
was not learnt from. The same replies and seed give the same files.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from speech.judgement import FOLDER
from speech.modelling.understanding.examples import examples, judges
from speech.modelling.understanding.measures import by_family, by_writer, figures, limits
from speech.modelling.understanding.training import ROUNDS_BUNDLED, Settings, averaged
from speech.modelling.understanding.writing import write


def main(arguments: list[str] | None = None) -> int:
    """Train what is named; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m speech.modelling.understanding", description=__doc__)
    parser.add_argument("what", choices=["train"])
    parser.add_argument("language", choices=["zh-CN", "en"])
    parser.add_argument("--to", type=Path, default=FOLDER, help="folder for the weights (default: the bundled ones)")
    parser.add_argument("--seed", type=int, default=Settings().seed)
    given = parser.parse_args(arguments)
    settings = Settings(seed=given.seed)
    found = examples(given.language)
    unseen = by_writer(found, settings)
    chosen = limits(*unseen)
    path = given.to / f"{given.language}.npz"
    size = write(path, averaged(found, settings, ROUNDS_BUNDLED), chosen)
    sys.stdout.write(f"{path}: {size // 1024} KB\n")
    parts = {"by writer": figures(*unseen, chosen), "by family": figures(*by_family(found, settings), chosen)}
    measured = {
        "replies": len({(each.reply.writer, each.reply.asks, each.reply.text) for each in found if judges(each)}),
        "writers": len({each.reply.writer for each in found if judges(each)}),
        **parts,
    }
    path.with_suffix(".json").write_text(json.dumps(measured, indent=1) + "\n", encoding="utf-8")
    for name, part in parts.items():
        counts = part["all"]
        precision = counts["hits"] / (counts["hits"] + counts["false"])
        recall = counts["hits"] / (counts["hits"] + counts["missed"])
        sys.stdout.write(f"escalation, unseen {name}: precision {precision:.3f}, recall {recall:.3f}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
