"""The four files of MNIST: what they must be, and how their format is read.

What they must be stands in reference/mnist.csv, so that a changed checksum is a changed input.
"""

import csv
import hashlib
import math
from pathlib import Path
from typing import NamedTuple

import numpy as np
from common import InputError

TRAIN_IMAGES = "train-images-idx3-ubyte"
TRAIN_LABELS = "train-labels-idx1-ubyte"
TEST_IMAGES = "t10k-images-idx3-ubyte"
TEST_LABELS = "t10k-labels-idx1-ubyte"
NAMES = (TRAIN_IMAGES, TRAIN_LABELS, TEST_IMAGES, TEST_LABELS)

# The IDX format's code for elements that are unsigned bytes.
UNSIGNED_BYTE = 0x08


class MnistFile(NamedTuple):
    """One line of reference/mnist.csv, about the uncompressed file."""

    sha256: str
    bytes: int
    items: int


def read_checksums(path: Path) -> dict[str, MnistFile]:
    """Read reference/mnist.csv: the name of each of the four files and what it must be.

    Raises `InputError` where a file or a column is missing, or a number is none.
    """
    with path.open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    table = {}
    for row in rows:
        try:
            facts = MnistFile(row["sha256"].lower(), int(row["bytes"]), int(row["items"]))
            table[row["file"]] = facts
        except (KeyError, TypeError, ValueError, AttributeError):
            raise InputError(
                f"{path}: each line needs a file, its sha256, and its bytes and items as whole "
                "numbers; restore the file from the repository."
            ) from None
    for name in NAMES:
        if name not in table:
            raise InputError(f"{path}: {name} is missing; restore the file from the repository.")
    return {name: table[name] for name in NAMES}


def fault_of(content: bytes, facts: MnistFile) -> str | None:
    """Say what is wrong with a file's content, or None where it is the file wanted."""
    if len(content) != facts.bytes:
        return f"has {len(content)} bytes instead of {facts.bytes}"
    digest = hashlib.sha256(content).hexdigest()
    if digest != facts.sha256:
        return f"has the SHA-256 {digest} instead of {facts.sha256}"
    return None


def parse_idx(content: bytes, name: str) -> np.ndarray:
    """Parse an IDX file of unsigned bytes (format: yann.lecun.com/exdb/mnist).

    The header is two zero bytes, the type of the elements, the number of dimensions, and each
    dimension's size as a big-endian uint32; the elements follow in row-major order.

    Returns a read-only uint8 array of the header's shape. Raises `InputError`, which calls the
    file ``name``, where the content is another format, ends early or goes on after the last
    element.
    """
    mend = "delete it and run the download again."
    if len(content) < 4 or content[:2] != b"\0\0" or content[3] == 0:
        raise InputError(
            f"{name} is no uncompressed IDX file (it starts with the bytes "
            f"'{content[:4].hex(' ')}'); {mend}"
        )
    if content[2] != UNSIGNED_BYTE:
        raise InputError(
            f"{name} is an IDX file of type 0x{content[2]:02x}, not of unsigned bytes (0x08); "
            f"{mend}"
        )
    dimensions = content[3]
    header = 4 + 4 * dimensions
    if len(content) < header:
        raise InputError(
            f"{name} is truncated: its header needs {header} bytes and it has {len(content)}; "
            f"{mend}"
        )
    shape = [int(size) for size in np.frombuffer(content, ">u4", count=dimensions, offset=4)]
    length = header + math.prod(shape)
    if len(content) < length:
        raise InputError(
            f"{name} is truncated: its header promises {length} bytes and it has "
            f"{len(content)}; {mend}"
        )
    if len(content) > length:
        raise InputError(
            f"{name} has {len(content) - length} bytes too many after its last element; {mend}"
        )
    return np.frombuffer(content, np.uint8, offset=header).reshape(shape)


def read_idx(path: Path) -> np.ndarray:
    """Read an IDX file of unsigned bytes; see `parse_idx`.

    MNIST's images are uint8 ``[items, 28, 28]``, its labels uint8 ``[items]``.
    """
    return parse_idx(path.read_bytes(), str(path))


def read_mnist_file(folder: Path, name: str, checksums: dict[str, MnistFile]) -> np.ndarray:
    """Read one of the four files after holding it against its checksum.

    Raises `InputError` where the file is missing, is not the one that the checksums name, or has
    another number of items.
    """
    path = folder / name
    if not path.is_file():
        raise InputError(f"{path} does not exist; run the download first.")
    content = path.read_bytes()
    fault = fault_of(content, checksums[name])
    if fault:
        raise InputError(f"{path} {fault}; delete it and run the download again.")
    array = parse_idx(content, str(path))
    if len(array) != checksums[name].items:
        raise InputError(
            f"{path} holds {len(array)} items instead of the {checksums[name].items} that the "
            "table of checksums names; restore that table from the repository."
        )
    return array
