"""Data sets in MNIST's format: their four files, their checksums, and which one is used."""

import csv
from pathlib import Path
from typing import Any

HOME = Path(__file__).parents[2]
# The checksums of MNIST, and what no other data set may be called.
MNIST_CHECKSUMS = "reference/mnist.csv"
MNIST_LABEL = "MNIST"
# The files of a data set, uncompressed.
DATA_FILES = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)


def read_mnist() -> dict[str, dict[str, Any]]:
    """Return the ``sha256`` and the number of ``items`` of each of MNIST's four files."""
    with (HOME / MNIST_CHECKSUMS).open(newline="") as lines:
        rows = {row["file"]: row for row in csv.DictReader(lines)}
    return {
        name: {"sha256": rows[name]["sha256"], "items": int(rows[name]["items"])}
        for name in DATA_FILES
    }


def checksums_of(entry: dict) -> dict[str, str]:
    """Return the SHA-256 of each file of an entry of ``datasets``, in the order of `DATA_FILES`."""
    checksums = entry["checksums"]
    if checksums == MNIST_CHECKSUMS:
        return {name: facts["sha256"] for name, facts in read_mnist().items()}
    return {name: checksums[name].lower() for name in DATA_FILES}


def dataset(config: dict) -> dict[str, Any]:
    """Return the data set that is used: its name, label, checksums by file, and sources."""
    entry = config["datasets"][config["dataset"]]
    return {**entry, "name": config["dataset"], "checksums": checksums_of(entry)}
