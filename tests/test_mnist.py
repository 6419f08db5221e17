"""The IDX parser and the table of checksums, against files built byte by byte with struct."""

import hashlib
import struct

import numpy as np
import pytest
from data.mnist import check_format, parse_idx, read_data_file, sha256_of
from shared import dataset
from shared.script import InputError

# Two images of 2 x 3 pixels.
IMAGES = struct.pack(">BBBBIII", 0, 0, 8, 3, 2, 2, 3) + bytes(range(12))
LABELS = struct.pack(">BBBBI", 0, 0, 8, 1, 4) + bytes([7, 2, 1, 0])


def test_images_keep_their_shape_and_row_major_order():
    images = parse_idx(IMAGES, "images")
    assert images.dtype == np.uint8
    assert images.tolist() == [[[0, 1, 2], [3, 4, 5]], [[6, 7, 8], [9, 10, 11]]]


def test_labels_have_one_dimension():
    assert parse_idx(LABELS, "labels").tolist() == [7, 2, 1, 0]


FOREIGN = [
    b"<html>",
    b"\x1f\x8b\x08\x00gzip",
    b"\0\0",
    b"",
    b"\0\0\x08\0",
    struct.pack(">BBBBIf", 0, 0, 0x0D, 1, 1, 0.5),
    IMAGES[:10],
    IMAGES[:16],
    IMAGES[:27],
    # More than any file holds.
    struct.pack(">BBBBIII", 0, 0, 8, 3, 2**32 - 1, 2**32 - 1, 2**32 - 1),
    LABELS + b"\0\0",
]


@pytest.mark.parametrize("content", FOREIGN)
def test_a_file_of_another_format_is_named(content):
    with pytest.raises(InputError, match=r"^file is not a whole, uncompressed IDX file"):
        parse_idx(content, "file")


NAMES = [
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
]


def test_the_table_describes_the_published_data_set():
    table = dataset.read_mnist()
    assert list(table) == NAMES
    for name, facts in table.items():
        assert facts["items"] == (60000 if name.startswith("train") else 10000)
        assert len(bytes.fromhex(facts["sha256"])) == 32


def test_the_checksum_of_a_known_text():
    """SHA-256 of "abc" as FIPS 180-4's example gives it."""
    digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert sha256_of(b"abc") == digest


def test_a_file_is_read_only_with_the_right_checksum(tmp_path):
    name = "train-labels-idx1-ubyte"
    path = tmp_path / name
    digest = hashlib.sha256(LABELS).hexdigest()

    path.write_bytes(LABELS)
    assert read_data_file(tmp_path, name, {name: digest}).tolist() == [7, 2, 1, 0]

    # Whole, and of the same length.
    other = LABELS[:-1] + bytes([9])
    path.write_bytes(other)
    with pytest.raises(InputError) as caught:
        read_data_file(tmp_path, name, {name: digest})
    assert str(caught.value) == (
        f"{path} has the SHA-256 {hashlib.sha256(other).hexdigest()} instead of {digest}; delete "
        "it and run the download again."
    )


@pytest.mark.parametrize(
    ("images", "labels", "fault"),
    [
        ((5, 32, 32), [0] * 5, "the test set has images of 32 x 32 numbers;"),
        ((5, 784), [0] * 5, "the test set has images of 784 numbers;"),
        ((5, 28, 28), [0] * 4, "the test set has 5 images and labels of the shape [4];"),
        ((3, 28, 28), [0, 9, 10], "the test set has the label 10;"),
    ],
)
def test_a_data_set_of_another_format_is_refused(images, labels, fault):
    with pytest.raises(InputError) as caught:
        check_format(np.zeros(images, np.uint8), np.array(labels, np.uint8), "test")
    assert str(caught.value) == (
        f"{fault} name a data set with 28 x 28 pixels and the labels 0 to 9 in 'dataset' of "
        "config.yaml."
    )


def test_ten_classes_of_mnists_size_are_accepted():
    check_format(np.zeros((3, 28, 28), np.uint8), np.array([0, 9, 5], np.uint8), "test")
