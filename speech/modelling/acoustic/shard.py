"""Part of the training data, made in a process of its own, since espeak-ng can hang or end its process.

``python -m speech.modelling.acoustic.shard LANGUAGE SEED COUNT FILE [SKIPPED ...]`` is that process: it writes the
number of each utterance before it is begun, and ends itself when one takes too long. `make` starts it, and starts it
anew without the utterance that it did not survive.
"""

from __future__ import annotations

import faulthandler
import subprocess
import sys
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from speech.modelling.acoustic.features import Cepstra
from speech.modelling.acoustic.material import Chance
from speech.modelling.acoustic.utterance import Speaker
from speech.modelling.build import DATA
from speech.modelling.errors import ModellingError
from speech.modelling.phones import PhoneSet
from speech.modelling.voices import TRAINING

UTTERANCE_TIMEOUT_S = 30
"""One is spoken in milliseconds; a busy machine may take long."""
_DEATHS = 20
"""So many utterances may be lost in one shard."""


@dataclass(frozen=True)
class Shard:
    """Which utterances; the same figures make the same sound."""

    language: str
    seed: int
    count: int

    def make(self, file: Path) -> None:
        """Write the shard unless it is there.

        Raises:
            ModellingError: the process fails for another reason than one utterance, or loses too many.
        """
        skipped: list[str] = []
        while not file.exists():
            which = [self.language, str(self.seed), str(self.count), str(file), *skipped]
            command = [sys.executable, "-m", __name__, *which]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            begun = done.stdout.split()
            if done.returncode and (not begun or len(skipped) >= _DEATHS):
                raise ModellingError(f"{file.name} cannot be made: {done.stderr.strip()[-2000:]}")
            if done.returncode:
                skipped.append(begun[-1])


def write(shard: Shard, file: Path, skipped: Collection[int] = ()) -> None:
    """Speak the utterances and write their cepstra and labels; a file is there whole or not at all."""
    phones = PhoneSet.load(DATA / shard.language / "phones.txt")
    speaker, cepstra = Speaker(shard.language), Cepstra()
    frames: list[NDArray[np.float16]] = []
    labels: list[NDArray[np.uint8]] = []
    for number in range(shard.count):
        if number in skipped:
            continue
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()
        faulthandler.dump_traceback_later(UTTERANCE_TIMEOUT_S, exit=True)
        made = speaker.to_learn_from(TRAINING, Chance.of(shard.seed, number))
        seen = cepstra.of(made.pcm)
        frames.append(seen.astype(np.float16))
        labels.append(made.labels(phones, len(seen)))
    faulthandler.cancel_dump_traceback_later()
    unfinished = file.with_suffix(".unfinished.npz")
    np.savez(unfinished, frames=np.concatenate(frames), labels=np.concatenate(labels))
    unfinished.rename(file)


if __name__ == "__main__":
    _language, _seed, _count, _file, *_skipped = sys.argv[1:]
    write(Shard(_language, int(_seed), int(_count)), Path(_file), {int(number) for number in _skipped})
