"""Vosk models: finding a directory, checking it, and fetching the official one where there is internet.

A model is named either by one of the bundled names or by the path of a Vosk model directory. The bundled models
(``zh``, ``zh-grammar``, ``en``) are our own, made from synthetic speech: they serve rehearsal and tests. For human
callers use ``vosk-model-small-cn-0.22`` (`fetch`) or ``vosk-model-cn-0.22``.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import urllib.error
import urllib.request
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

BUNDLED = Path(__file__).parent / "models"

_DEFAULT_RATE_HZ = 16000
"""Kaldi's ``--sample-frequency`` where ``mfcc.conf`` does not set it."""
_DEFAULT_CHUNK = 30
"""Where ``model.conf`` does not set ``--frames-per-chunk``: Kaldi's 20, and as much as such a model looks further ahead
than those that we made."""

_TIMEOUT_S = 30.0
_CHUNK = 1 << 16

Progress = Callable[[int, int | None], None]
"""Called with the bytes received and the bytes expected, if the server told them."""


class ModelError(Exception):
    """A model cannot be found, used or fetched; the message says what is wrong and the mend."""


@dataclass(frozen=True, slots=True)
class Model:
    """A model directory that has passed `find`."""

    name: str
    path: Path
    sample_rate_hz: int
    """What its features want, from its own ``conf/mfcc.conf``."""
    dynamic: bool
    """Whether a recogniser may be limited to a grammar."""
    frames_per_chunk: int
    """See the function of that name."""


@dataclass(frozen=True, slots=True)
class Download:
    """A model that can be fetched."""

    url: str
    sha256: str
    about: str


DOWNLOADS = {
    "zh": Download(
        "https://alphacephei.com/vosk/models/vosk-model-small-cn-0.22.zip",
        "3af8b0e7e0f835ae9d414ce5df580237a3cfb08d586c9fbbb0f7ff29ad5b14ba",
        "the official small Mandarin model, 42 MB, character error rate 23.54 on SpeechIO-02",
    ),
}


def bundled() -> list[str]:
    """Names of the models that come with the program."""
    return sorted(path.name for path in BUNDLED.iterdir() if (path / "am").is_dir())


def installed_path(name: str, home: Path) -> Path:
    """Where `fetch` puts a model below the program's home folder."""
    return home / "models" / Path(DOWNLOADS[name].url).stem


def find(model: str | Path) -> Model:
    """A model by bundled name or directory.

    Raises:
        ModelError: there is no such model, or files are missing from it.
    """
    name = str(model)
    path = BUNDLED / name if name in bundled() else Path(model).expanduser()
    if not path.is_dir():
        raise ModelError(
            f"there is no model {name!r}; mend: name one of {', '.join(bundled())} or give a Vosk model directory"
        )
    missing = missing_files(path)
    if missing:
        raise ModelError(
            f"{path} is not a whole Vosk model, it lacks {', '.join(missing)}; mend: unpack the model again"
        )
    dynamic = not (path / "graph" / "HCLG.fst").exists() and not (path / "HCLG.fst").exists()
    return Model(name, path, sample_rate_hz(path), dynamic, frames_per_chunk(path))


def missing_files(path: Path) -> list[str]:
    """What a directory lacks to be a Vosk model; empty if nothing. Both layouts that Vosk reads are known."""
    if (path / "final.mdl").exists():
        wanted = ["mfcc.conf", "HCLG.fst|HCLr.fst", "words.txt"]
    else:
        wanted = ["am/final.mdl", "conf/mfcc.conf", "conf/model.conf", "graph/HCLG.fst|graph/HCLr.fst"]
        if (path / "graph" / "HCLr.fst").exists():
            wanted.append("graph/Gr.fst")
        else:
            wanted.append("graph/words.txt")
    return [name.replace("|", " or ") for name in wanted if not any((path / one).exists() for one in name.split("|"))]


def sample_rate_hz(path: Path) -> int:
    """The sample rate that a model's features want.

    Raises:
        ModelError: the setting is not a number.
    """
    return _setting(path, "mfcc.conf", "--sample-frequency") or _DEFAULT_RATE_HZ


def frames_per_chunk(path: Path) -> int:
    """How many frames of 10 ms a model takes at once: so much of what was said last it has not looked at yet.

    Raises:
        ModelError: the setting is not a number.
    """
    return _setting(path, "model.conf", "--frames-per-chunk") or _DEFAULT_CHUNK


def _setting(path: Path, file: str, name: str) -> int | None:
    conf = path / "conf" / file
    conf = conf if conf.exists() else path / file
    for line in conf.read_text("utf-8").splitlines() if conf.exists() else ():
        key, equals, value = line.partition("#")[0].strip().partition("=")
        if key.strip() == name and equals:
            try:
                return int(float(value))
            except ValueError:
                raise ModelError(f"{conf}: {name}={value} is not a number; mend: unpack the model again") from None
    return None


def fetch(
    name: str,
    home: Path,
    *,
    url: str | None = None,
    sha256: str | None = None,
    progress: Progress | None = None,
) -> Path:
    """Download, check and unpack a model; returns its directory. What is already there is not fetched again.

    Nothing appears under ``home`` unless all of it is right.

    Args:
        name: a key of `DOWNLOADS`, or any name if ``url`` and ``sha256`` are given.
        home: the program's home folder.
        url: a mirror to fetch from.
        sha256: checksum of the ZIP file, in hexadecimal.
        progress: told how much has come.

    Raises:
        ModelError: unknown name, no connection, wrong checksum, or a ZIP file that is broken or no model.
    """
    known = DOWNLOADS.get(name)
    url = url or (known.url if known else None)
    sha256 = sha256 or (known.sha256 if known else None)
    if url is None or sha256 is None:
        raise ModelError(
            f"no model {name!r} is known to fetch; known: {', '.join(DOWNLOADS)}; mend: give url and sha256"
        )
    target = home / "models" / Path(url).stem
    if target.is_dir() and not missing_files(target):
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".fetch-", dir=target.parent) as folder:
        archive = Path(folder) / "model.zip"
        found = _download(url, archive, progress)
        if found != sha256.lower():
            raise ModelError(
                f"{url} came with sha256 {found}, expected {sha256}; it was discarded; mend: fetch again, "
                "or download it by another way and configure its directory"
            )
        unpacked = _unpack(archive, Path(folder) / "unpacked")
        shutil.rmtree(target, ignore_errors=True)
        unpacked.rename(target)
    return target


def _download(url: str, archive: Path, progress: Progress | None) -> str:
    if not url.startswith(("https://", "http://")):
        raise ModelError(f"{url} is not a web address; mend: give one that begins with https://")
    digest = hashlib.sha256()
    received = 0
    try:
        with urllib.request.urlopen(url, timeout=_TIMEOUT_S) as response, archive.open("wb") as out:  # noqa: S310
            length = response.headers.get("Content-Length")
            expected = int(length) if length else None
            while chunk := response.read(_CHUNK):
                out.write(chunk)
                digest.update(chunk)
                received += len(chunk)
                if progress:
                    progress(received, expected)
    except urllib.error.HTTPError as error:
        raise ModelError(f"{url}: the server answered {error.code} {error.reason}; mend: check the address") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", error)
        raise ModelError(
            f"{url} cannot be reached ({reason}); mend: connect this machine to the internet, or download the file "
            "elsewhere, unpack it here and configure its directory as the model"
        ) from None
    if expected is not None and received < expected:
        raise ModelError(f"{url} broke off after {received} of {expected} bytes; mend: fetch again")
    return digest.hexdigest()


def _unpack(archive: Path, into: Path) -> Path:
    try:
        with zipfile.ZipFile(archive) as packed:
            for name in packed.namelist():
                if not (into / name).resolve().is_relative_to(into.resolve()):
                    raise ModelError(
                        f"the ZIP file holds {name!r}, which would be written outside its folder; discarded"
                    )
            packed.extractall(into)
    except (zipfile.BadZipFile, EOFError) as error:
        raise ModelError(f"what came is not a sound ZIP file ({error}); mend: fetch again") from None
    for folder in [into, *(path for path in into.iterdir() if path.is_dir())]:
        if not missing_files(folder):
            return folder
    raise ModelError("the ZIP file holds no whole Vosk model; mend: check the address")
