"""The IDX parser and the table of checksums, against files built byte by byte with struct."""

import hashlib
import struct
from pathlib import Path

import numpy as np
import pytest
from common import InputError
from mnist import NAMES, MnistFile, fault_of, read_checksums, read_idx, read_mnist_file

ROOT = Path(__file__).parents[1]
# Two images of 2 x 3 pixels.
IMAGES = struct.pack(">BBBBIII", 0, 0, 8, 3, 2, 2, 3) + bytes(range(12))
LABELS = struct.pack(">BBBBI", 0, 0, 8, 1, 4) + bytes([7, 2, 1, 0])
MEND = "delete it and run the download again."


def error_of(content: bytes, tmp_path: Path) -> str:
    """Write a file, read it, and return the sentence without the folder."""
    path = tmp_path / "file"
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        read_idx(path)
    return str(caught.value).replace(f"{tmp_path}/", "")


def test_images_keep_their_shape_and_row_major_order(tmp_path):
    path = tmp_path / "images"
    path.write_bytes(IMAGES)
    images = read_idx(path)
    assert images.dtype == np.uint8
    assert images.tolist() == [[[0, 1, 2], [3, 4, 5]], [[6, 7, 8], [9, 10, 11]]]


def test_labels_have_one_dimension(tmp_path):
    path = tmp_path / "labels"
    path.write_bytes(LABELS)
    assert read_idx(path).tolist() == [7, 2, 1, 0]


@pytest.mark.parametrize(
    ("content", "start"),
    [
        (b"<html>", "3c 68 74 6d"),
        (b"\x1f\x8b\x08\x00gzip", "1f 8b 08 00"),
        (b"\0\0", "00 00"),
        (b"", ""),
        (b"\0\0\x08\0", "00 00 08 00"),
    ],
)
def test_a_foreign_file_is_named(content, start, tmp_path):
    assert error_of(content, tmp_path) == (
        f"file is no uncompressed IDX file (it starts with the bytes '{start}'); {MEND}"
    )


def test_another_element_type_is_refused(tmp_path):
    assert error_of(struct.pack(">BBBBIf", 0, 0, 0x0D, 1, 1, 0.5), tmp_path) == (
        f"file is an IDX file of type 0x0d, not of unsigned bytes (0x08); {MEND}"
    )


def test_a_header_that_ends_early_is_truncated(tmp_path):
    assert error_of(IMAGES[:10], tmp_path) == (
        f"file is truncated: its header needs 16 bytes and it has 10; {MEND}"
    )


@pytest.mark.parametrize("length", [16, 27])
def test_elements_that_end_early_are_truncated(length, tmp_path):
    assert error_of(IMAGES[:length], tmp_path) == (
        f"file is truncated: its header promises 28 bytes and it has {length}; {MEND}"
    )


def test_sizes_beyond_any_file_are_truncated_not_overflown(tmp_path):
    content = struct.pack(">BBBBIII", 0, 0, 8, 3, 2**32 - 1, 2**32 - 1, 2**32 - 1)
    promised = 16 + (2**32 - 1) ** 3
    assert error_of(content, tmp_path) == (
        f"file is truncated: its header promises {promised} bytes and it has 16; {MEND}"
    )


def test_trailing_bytes_are_refused(tmp_path):
    assert error_of(LABELS + b"\0\0", tmp_path) == (
        f"file has 2 bytes too many after its last element; {MEND}"
    )


def test_the_table_describes_the_published_data_set():
    """Bytes follow from the format: a header of 16 or 8, then 784 or 1 for each item."""
    table = read_checksums(ROOT / "reference" / "mnist.csv")
    assert list(table) == list(NAMES)
    for name, facts in table.items():
        assert facts.items == (60000 if name.startswith("train") else 10000)
        assert facts.bytes == (16 + 784 * facts.items if "images" in name else 8 + facts.items)
        assert len(bytes.fromhex(facts.sha256)) == 32


def test_a_table_without_one_of_the_files_is_refused(tmp_path):
    path = tmp_path / "mnist.csv"
    path.write_text("file,sha256,bytes,items\ntrain-images-idx3-ubyte,00,1,1\n")
    with pytest.raises(InputError) as caught:
        read_checksums(path)
    assert str(caught.value) == (
        f"{path}: train-labels-idx1-ubyte is missing; restore the file from the repository."
    )


@pytest.mark.parametrize(
    "text",
    [
        "file,sha256,bytes\nx,00,1\n",
        "file,sha256,bytes,items\nx,00,many,1\n",
        "file,sha256,bytes,items\nx\n",
    ],
)
def test_a_table_with_a_wrong_line_is_refused(text, tmp_path):
    path = tmp_path / "mnist.csv"
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        read_checksums(path)
    assert str(caught.value) == (
        f"{path}: each line needs a file, its sha256, and its bytes and items as whole numbers; "
        "restore the file from the repository."
    )


def test_the_checksum_of_a_known_text():
    """SHA-256 of "abc" as FIPS 180-4's example gives it."""
    digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert fault_of(b"abc", MnistFile(digest, 3, 1)) is None
    assert fault_of(b"abcd", MnistFile(digest, 3, 1)) == "has 4 bytes instead of 3"
    assert fault_of(b"abd", MnistFile(digest, 3, 1)).endswith(f" instead of {digest}")


def test_a_file_is_read_only_with_the_right_checksum_and_items(tmp_path):
    name = "train-labels-idx1-ubyte"
    path = tmp_path / name
    right = MnistFile(hashlib.sha256(LABELS).hexdigest(), len(LABELS), 4)

    with pytest.raises(InputError) as caught:
        read_mnist_file(tmp_path, name, {name: right})
    assert str(caught.value) == f"{path} does not exist; run the download first."

    path.write_bytes(LABELS)
    assert read_mnist_file(tmp_path, name, {name: right}).tolist() == [7, 2, 1, 0]

    with pytest.raises(InputError) as caught:
        read_mnist_file(tmp_path, name, {name: right._replace(items=5)})
    assert str(caught.value) == (
        f"{path} holds 4 items instead of the 5 that the table of checksums names; "
        "restore that table from the repository."
    )

    path.write_bytes(LABELS[:-1])
    with pytest.raises(InputError) as caught:
        read_mnist_file(tmp_path, name, {name: right})
    assert str(caught.value) == f"{path} has 11 bytes instead of 12; {MEND}"
