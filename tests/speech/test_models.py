"""Finding, checking and fetching models."""

from __future__ import annotations

import hashlib
import io
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from speech.models import (
    DOWNLOADS,
    ModelError,
    bundled,
    fetch,
    find,
    frames_per_chunk,
    installed_path,
    missing_files,
    sample_rate_hz,
)

pytestmark = pytest.mark.unit

WHOLE = ("am/final.mdl", "conf/mfcc.conf", "conf/model.conf", "graph/HCLG.fst", "graph/words.txt")


def archive(names: tuple[str, ...], top: str = "some-model/") -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as out:
        for name in names:
            out.writestr(top + name, "--sample-frequency=8000\n" if name.endswith("mfcc.conf") else "x")
    return packed.getvalue()


class Server(ThreadingHTTPServer):
    files: dict[str, tuple[bytes, int]]
    """Path to content and announced length."""

    def offer(self, content: bytes, announced: int | None = None) -> str:
        self.files["/some-model.zip"] = (content, len(content) if announced is None else announced)
        return f"http://127.0.0.1:{self.server_address[1]}/some-model.zip"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        if self.path not in self.server.files:
            self.send_error(404)
            return
        content, announced = self.server.files[self.path]
        self.send_response(200)
        self.send_header("Content-Length", str(announced))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(("127.0.0.1", 0), Handler) as serving:
        serving.files = {}
        thread = threading.Thread(target=serving.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield serving
        serving.shutdown()
        thread.join()


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def left_behind(home: Path) -> list[Path]:
    return [path for path in home.rglob("*") if path.is_file()]


def test_the_bundled_models_are_found_whole_with_their_own_rate() -> None:
    assert bundled() == ["en", "zh", "zh-grammar"]
    for name in bundled():
        assert find(name).sample_rate_hz == 8000
        assert find(name).dynamic == (name == "zh-grammar")
        assert frames_per_chunk(find(name).path) == 12


def test_a_model_that_does_not_tell_the_length_of_its_chunks_is_thought_slow(tmp_path: Path) -> None:
    (tmp_path / "model.conf").write_text("--beam=10\n")
    assert frames_per_chunk(tmp_path) == 30
    (tmp_path / "model.conf").write_text("--frames-per-chunk=21  # of 10 ms\n")
    assert frames_per_chunk(tmp_path) == 21
    (tmp_path / "model.conf").write_text("--frames-per-chunk=some\n")
    with pytest.raises(ModelError, match="--frames-per-chunk=some is not a number"):
        frames_per_chunk(tmp_path)


def test_a_directory_is_found_by_its_path() -> None:
    assert find(find("zh").path).path == find("zh").path


def test_an_unknown_model_is_refused_with_the_known_names() -> None:
    with pytest.raises(ModelError, match=r"'xh'.*en, zh, zh-grammar"):
        find("xh")


@pytest.mark.parametrize("lost", WHOLE)
def test_a_missing_file_is_named(tmp_path: Path, lost: str) -> None:
    for name in set(WHOLE) - {lost}:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert [part for part in missing_files(tmp_path) if lost in part]
    with pytest.raises(ModelError, match=lost):
        find(tmp_path)


@pytest.mark.parametrize(
    ("conf", "rate"),
    [
        ("--sample-frequency=8000\n", 8000),
        ("--use-energy=false\n", 16000),
        ("# --sample-frequency=8000\n", 16000),
        ("--sample-frequency=16000.0 # as trained", 16000),
    ],
)
def test_the_rate_is_what_mfcc_conf_says_else_kaldis_default(tmp_path: Path, conf: str, rate: int) -> None:
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf/mfcc.conf").write_text(conf)
    assert sample_rate_hz(tmp_path) == rate


def test_a_rate_that_is_no_number_is_refused(tmp_path: Path) -> None:
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf/mfcc.conf").write_text("--sample-frequency=high")
    with pytest.raises(ModelError, match="not a number"):
        sample_rate_hz(tmp_path)


def test_the_official_mandarin_model_is_known_by_its_checksum() -> None:
    assert DOWNLOADS["zh"].sha256 == "3af8b0e7e0f835ae9d414ce5df580237a3cfb08d586c9fbbb0f7ff29ad5b14ba"
    assert DOWNLOADS["zh"].url.endswith("/vosk-model-small-cn-0.22.zip")


def test_a_fetched_model_is_installed_and_told_about_while_it_comes(server: Server, tmp_path: Path) -> None:
    content = archive(WHOLE)
    told: list[tuple[int, int | None]] = []
    path = fetch("x", tmp_path, url=server.offer(content), sha256=sha256(content), progress=lambda *at: told.append(at))
    assert path == tmp_path / "models/some-model"
    assert find(path).sample_rate_hz == 8000
    assert told[-1] == (len(content), len(content))
    assert [entry.name for entry in (tmp_path / "models").iterdir()] == ["some-model"]


def test_a_model_that_is_there_is_not_fetched_again(server: Server, tmp_path: Path) -> None:
    content = archive(WHOLE)
    url = server.offer(content)
    first = fetch("x", tmp_path, url=url, sha256=sha256(content))
    server.files.clear()
    assert fetch("x", tmp_path, url=url, sha256=sha256(content)) == first


def test_a_wrong_checksum_leaves_nothing_behind(server: Server, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"expected 0{64}.*discarded.*mend"):
        fetch("x", tmp_path, url=server.offer(archive(WHOLE)), sha256="0" * 64)
    assert left_behind(tmp_path) == []


def test_a_download_that_breaks_off_leaves_nothing_behind(server: Server, tmp_path: Path) -> None:
    content = archive(WHOLE)
    url = server.offer(content[:100], announced=len(content))
    with pytest.raises(ModelError, match=f"broke off after 100 of {len(content)}"):
        fetch("x", tmp_path, url=url, sha256=sha256(content))
    assert left_behind(tmp_path) == []


def test_no_connection_is_said_with_the_mend(tmp_path: Path) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as closed:
        port = closed.server_address[1]
    with pytest.raises(ModelError, match=r"cannot be reached .*mend: connect this machine to the internet"):
        fetch("x", tmp_path, url=f"http://127.0.0.1:{port}/some-model.zip", sha256="0" * 64)


def test_an_address_that_the_server_does_not_know_is_said(server: Server, tmp_path: Path) -> None:
    url = server.offer(b"").replace("some", "no")
    with pytest.raises(ModelError, match="404"):
        fetch("x", tmp_path, url=url, sha256="0" * 64)


@pytest.mark.parametrize("name", ["../outside.txt", "/tmp/outside.txt"])
def test_names_that_leave_the_folder_are_refused(server: Server, tmp_path: Path, name: str) -> None:
    content = archive((name,), top="")
    with pytest.raises(ModelError, match="outside"):
        fetch("x", tmp_path, url=server.offer(content), sha256=sha256(content))
    assert left_behind(tmp_path) == []


@pytest.mark.parametrize("content", [b"no zip at all", archive(WHOLE[1:]), archive(WHOLE)[:-40]])
def test_what_is_no_whole_model_is_refused_though_its_checksum_fits(
    server: Server, tmp_path: Path, content: bytes
) -> None:
    with pytest.raises(ModelError, match="ZIP file"):
        fetch("x", tmp_path, url=server.offer(content), sha256=sha256(content))
    assert left_behind(tmp_path) == []


def test_an_unknown_name_needs_an_address(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="known: zh"):
        fetch("fr", tmp_path)


def test_other_addresses_than_the_webs_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="not a web address"):
        fetch("x", tmp_path, url="file:///etc/passwd", sha256="0" * 64)


def test_the_place_of_a_fetched_model_is_known_before(tmp_path: Path) -> None:
    assert installed_path("zh", tmp_path) == tmp_path / "models/vosk-model-small-cn-0.22"
