"""Notice files that change between the program that wrote them and the one that reads them.

The launcher records the checksum of what each program writes. The next reader compares the files
with this checksum, so that a program's result cannot be taken for another one's.
"""

import hashlib
from pathlib import Path

from shared.script import InputError

# Snakemake writes it into each folder that a job has made.
TIME_STAMP = ".snakemake_timestamp"


def files_in(path: Path) -> list[Path]:
    """Return a file itself, or all files below a folder by their names."""
    if not path.is_dir():
        return [path]
    return sorted(file for file in path.rglob("*") if file.is_file() and file.name != TIME_STAMP)


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file, or of the names and contents of a folder's files."""
    if path.is_file():
        with path.open("rb") as content:
            return hashlib.file_digest(content, "sha256").hexdigest()
    digest = hashlib.sha256()
    for file in files_in(path):
        digest.update(f"{file.relative_to(path)}\n{sha256(file)}\n".encode())
    return digest.hexdigest()


def check_unchanged(path: Path, expected: str) -> None:
    """Raise `InputError` if a file or folder is not what its program has written."""
    if not path.exists() or sha256(path) != expected:
        raise InputError(
            f"{path} has changed since its program wrote it; delete it and rerun. If that happens "
            "again, another program writes there."
        )


def fingerprint(paths: list[Path]) -> dict[Path, tuple[int, int, int]]:
    """Return inode, bytes and time of change (ns) of the files that are there, also in folders.

    No program can set the time of change, so that a file with the same fingerprint has the same
    content. Reading all files instead would take longer than some trainings.
    """
    found = {}
    for path in paths:
        for file in filter(Path.is_file, files_in(path)):
            status = file.stat()
            found[file] = (status.st_ino, status.st_size, status.st_ctime_ns)
    return found
