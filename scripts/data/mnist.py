"""The four files of a data set in MNIST's format: names, checksums, and how they are read.

The configuration says which data set is used and what its checksums are (`datasets`).
"""

import hashlib
import math
from pathlib import Path

import numpy as np
from shared.networks import CLASSES
from shared.script import InputError

# Pixels a side of an image.
SIDE = 28

# The IDX format's code for elements that are unsigned bytes.
UNSIGNED_BYTE = 0x08


def sha256_of(content: bytes) -> str:
    """Return the SHA-256 of a file's content as hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def parse_idx(content: bytes, name: str) -> np.ndarray:
    """Parse an IDX file of unsigned bytes (format: yann.lecun.com/exdb/mnist).

    The header is two zero bytes, the type of the elements, the number of dimensions, and each
    dimension's size as a big-endian uint32; the elements follow in row-major order.

    Returns a read-only uint8 array of the header's shape. Raises `InputError`, which calls the
    file ``name``, where the content is another format, ends early or goes on after the last
    element.
    """
    dimensions = content[3] if content[:3] == bytes([0, 0, UNSIGNED_BYTE]) else 0
    header = 4 + 4 * dimensions
    if dimensions and len(content) >= header:
        shape = np.frombuffer(content, ">u4", count=dimensions, offset=4).tolist()
        if len(content) == header + math.prod(shape):
            return np.frombuffer(content, np.uint8, offset=header).reshape(shape)
    raise InputError(
        f"{name} is not a whole, uncompressed IDX file of unsigned bytes; name another data set in "
        "'dataset' of config.yaml."
    )


def read_data_file(folder: Path, name: str, checksums: dict[str, str]) -> np.ndarray:
    """Read one of the four files after comparing it with its checksum.

    Raises `InputError` where the file is not the one that the checksums name.
    """
    path = folder / name
    content = path.read_bytes()
    found = sha256_of(content)
    if found != checksums[name]:
        raise InputError(
            f"{path} has the SHA-256 {found} instead of {checksums[name]}; delete it and run the "
            "download again."
        )
    return parse_idx(content, str(path))


def check_format(images: np.ndarray, labels: np.ndarray, part: str) -> None:
    """Raise `InputError` unless these are images of 28 x 28 pixels, each with one of ten labels.

    ``images`` and ``labels`` are arrays of `parse_idx`; ``part`` is their name in the sentence.
    """
    if images.ndim != 3 or images.shape[1:] != (SIDE, SIDE):
        fault = f"images of {' x '.join(map(str, images.shape[1:]))} numbers"
    elif labels.shape != (len(images),):
        fault = f"{len(images)} images and labels of the shape {list(labels.shape)}"
    elif labels.max(initial=0) >= CLASSES:
        fault = f"the label {labels.max()}"
    else:
        return
    raise InputError(
        f"the {part} set has {fault}; name a data set with 28 x 28 pixels and the labels 0 to 9 "
        "in 'dataset' of config.yaml."
    )
