"""The data variants, from a small MNIST that struct builds."""

import hashlib
import struct
from pathlib import Path

import numpy as np
import pytest
from data.prepare import check, flatten, selection
from rule_scripts import run_script
from shared.scoring_order import restored, shuffled
from shared.script import InputError

TRAIN, TEST = 6, 3


def image(value: int) -> bytes:
    """Return 28 x 28 bytes: 255 at the top left, ``value`` at the bottom right, 0 elsewhere."""
    return bytes([255]) + bytes(782) + bytes([value])


@pytest.fixture
def mnist(tmp_path) -> Path:
    """Six training images, marked 10 to 15 with labels 0 to 5, and three for testing, 20 to 22."""
    folder = tmp_path / "mnist"
    folder.mkdir()
    for part, count, mark, label in (("train", TRAIN, 10, 0), ("t10k", TEST, 20, 7)):
        images = struct.pack(">BBBBIII", 0, 0, 8, 3, count, 28, 28)
        images += b"".join(image(mark + i) for i in range(count))
        labels = struct.pack(">BBBBI", 0, 0, 8, 1, count) + bytes(range(label, label + count))
        for name, content in (("images-idx3", images), ("labels-idx1", labels)):
            file = f"{part}-{name}-ubyte"
            (folder / file).write_bytes(content)
    return folder


@pytest.fixture
def prepare(mnist):
    """Return a function that makes the variant; it returns the exit status and the log."""
    files = sorted(mnist.iterdir())
    checksums = {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}
    names = ("train-images.f32", "train-labels.u8", "test-images.f32", "test-labels.u8")
    variant = {"divide_by": 255, "image_size": 28, "skip": 0, "train_images": TRAIN}

    def run(test_images=TEST, **changes):
        return run_script(
            "data/prepare.py",
            mnist.parent,
            input={"files": files},
            output={
                name.partition(".")[0].replace("-", "_"): mnist.parent / "variant" / name
                for name in names
            },
            params={
                "checksums": checksums,
                "test_images": test_images,
                "variant": {**variant, "order_seed": None, **changes},
            },
        )

    return run


def test_the_written_arrays(mnist, prepare):
    """With no seed: the file's order, little-endian float32 without a header."""
    status, log = prepare(skip=1, train_images=4)
    assert status == 0, log
    variant = mnist.parent / "variant"

    content = (variant / "train-images.f32").read_bytes()
    assert len(content) == 4 * 784 * 4
    numbers = struct.unpack("<3136f", content)
    for i in range(4):
        pixels = numbers[784 * i : 784 * (i + 1)]
        # The nearest float32 to the quotient, which struct finds for itself.
        last = struct.unpack("<f", struct.pack("<f", (11 + i) / 255))[0]
        assert pixels == (1.0, *[0.0] * 782, last)
    assert (variant / "train-labels.u8").read_bytes() == bytes([1, 2, 3, 4])

    numbers = struct.unpack("<2352f", (variant / "test-images.f32").read_bytes())
    marks = [round(255 * numbers[784 * i + 783]) for i in range(3)]
    # In an order of their own (scripts/shared/scoring_order.py).
    assert sorted(marks) == [20, 21, 22]
    assert restored(np.array(marks)).tolist() == [20, 21, 22]
    assert (variant / "test-labels.u8").read_bytes() == bytes([7, 8, 9])


def test_the_test_images_are_in_another_order_than_their_labels():
    images = np.arange(10000)
    seen = shuffled(images)
    assert sorted(seen) == images.tolist()
    assert restored(seen).tolist() == images.tolist()
    # Of 10,000 in a random order one is expected where it was.
    assert np.count_nonzero(seen == images) < 10


def test_the_order_is_drawn_for_the_training_images_alone(mnist, prepare):
    status, log = prepare(order_seed=0, divide_by=1)
    assert status == 0, log
    variant = mnist.parent / "variant"
    labels = list((variant / "train-labels.u8").read_bytes())
    assert sorted(labels) == [0, 1, 2, 3, 4, 5]
    assert labels != [0, 1, 2, 3, 4, 5]
    numbers = struct.unpack("<4704f", (variant / "train-images.f32").read_bytes())
    # Each image keeps its label.
    assert [numbers[784 * i + 783] for i in range(TRAIN)] == [10 + label for label in labels]
    assert (variant / "test-labels.u8").read_bytes() == bytes([7, 8, 9])


def test_the_scale_of_each_divisor():
    images = np.arange(256, dtype=np.uint8).repeat(784).reshape(256, 28, 28)
    unit = flatten(images, 28, 255)
    assert unit.dtype == np.dtype("<f4")
    assert unit[0, 0] == 0 and unit[255, 783] == 1
    # Correctly rounded division: no float32 lies nearer to the exact quotient.
    exact = np.arange(256) / 255
    assert np.array_equal(unit[:, 0], exact.astype(np.float32))
    # A power of two and 1 are exact.
    assert flatten(images, 28, 256)[:, 5].tolist() == [value / 256 for value in range(256)]
    assert flatten(images, 28, 1)[:, 5].tolist() == list(range(256))


def test_padding_puts_the_image_in_the_middle():
    images = np.full((1, 28, 28), 3, dtype=np.uint8)
    images[0, 0, 0] = 7
    padded = flatten(images, 32, 1)
    assert padded.shape == (1, 1024)
    square = padded.reshape(32, 32)
    # Row 2, column 2 of 32 is the image's corner; 784 pixels in all, none on the border.
    assert padded[0, 2 * 32 + 2] == 7
    assert np.count_nonzero(square) == 784
    border = [square[:2], square[30:], square[:, :2], square[:, 30:]]
    assert all(not part.any() for part in border)


def test_selection_is_a_permutation_of_the_images_after_the_skipped():
    assert selection(5, 3, None).tolist() == [5, 6, 7]
    drawn = selection(5000, 55000, 0)
    assert sorted(drawn.tolist()) == list(range(5000, 60000))
    assert np.array_equal(drawn, selection(5000, 55000, 0))
    assert not np.array_equal(drawn, selection(5000, 55000, 1))
    # An image stays at its place only by chance: one of 55,000 on average.
    assert np.count_nonzero(drawn == np.arange(5000, 60000)) < 10


@pytest.mark.parametrize(("skip", "count"), [(1, 60000), (0, 60001)])
def test_variants_that_cannot_be(skip, count):
    with pytest.raises(InputError) as caught:
        check(skip, count, available=60000)
    assert str(caught.value) == (
        f"skip {skip} and train_images {count} do not lie within the 60000 training images; lower "
        "one of them."
    )


def test_the_limits_are_allowed():
    check(5000, 55000, available=60000)
    check(0, 60000, available=60000)


def test_a_damaged_file_ends_in_one_sentence_and_leaves_no_array(mnist, prepare):
    path = mnist / "train-images-idx3-ubyte"
    right = hashlib.sha256(path.read_bytes()).hexdigest()
    path.write_bytes(path.read_bytes()[:-1])
    wrong = hashlib.sha256(path.read_bytes()).hexdigest()
    status, log = prepare()
    assert status == 1
    assert log == (
        f"error: {path} has the SHA-256 {wrong} instead of {right}; delete it and run the download "
        "again.\n"
    )
    assert not (mnist.parent / "variant").exists()


def test_a_test_set_of_another_size_is_refused(mnist, prepare):
    status, log = prepare(test_images=10000)
    assert status == 1
    assert log == (
        "error: the test set has 3 images; name a data set with 10000 in 'dataset' of "
        "config.yaml.\n"
    )
    assert not (mnist.parent / "variant").exists()


def sample(mnist, images, **changes):
    """Write the training images that an accuracy is taken of; return the status and the log."""
    files = sorted(mnist.iterdir())
    variant = {"divide_by": 255, "image_size": 28, "skip": 0, "train_images": 2, "order_seed": 0}
    folder = mnist.parent / "variant"
    return run_script(
        "data/prepare_sample.py",
        mnist.parent,
        input={"files": files},
        output={"images": folder / "images.f32", "labels": folder / "labels.u8"},
        params={
            "checksums": {
                file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files
            },
            "images": images,
            "variant": variant | changes,
        },
    )


def test_the_sample_of_training_images_is_in_the_files_order(mnist):
    """Also where the variant has another order or fewer images. Its programs see another order."""
    status, log = sample(mnist, 4, skip=2)
    assert status == 0, log
    folder = mnist.parent / "variant"
    assert (folder / "labels.u8").read_bytes() == bytes([2, 3, 4, 5])
    numbers = struct.unpack("<3136f", (folder / "images.f32").read_bytes())
    marks = [round(255 * numbers[784 * i + 783]) for i in range(4)]
    assert marks == shuffled(np.array([12, 13, 14, 15])).tolist()
    assert restored(np.array(marks)).tolist() == [12, 13, 14, 15]


def test_too_few_training_images_for_a_sample(mnist):
    status, log = sample(mnist, 5, skip=2)
    assert status == 1
    assert log == (
        "error: accuracy of: train needs 5 training images after the 2 that the data variant "
        "skips, and there are 6; take the accuracy of the test images.\n"
    )
    assert not (mnist.parent / "variant").exists()
