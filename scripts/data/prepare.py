"""Turn the data set into one data variant: the plain arrays that every framework reads."""

from pathlib import Path

import numpy as np
from data.mnist import SIDE, check_format, read_data_file
from shared.arrays import write_array
from shared.dataset import DATA_FILES
from shared.scoring_order import shuffled
from shared.script import InputError, Job, run


def check(skip: int, count: int, available: int) -> None:
    """Raise `InputError` for a variant that ``available`` training images cannot give."""
    if skip + count > available:
        raise InputError(
            f"skip {skip} and train_images {count} do not lie within the {available} "
            "training images; lower one of them."
        )


def selection(skip: int, count: int, order_seed: int | None) -> np.ndarray:
    """Return the indices of the used training images, int64 ``[count]``, in their fixed order.

    Without a seed, the order is that of the file. Otherwise it is a permutation by the PCG64
    generator, which gives the same numbers in all versions of NumPy.
    """
    if order_seed is None:
        return np.arange(skip, skip + count)
    return skip + np.random.Generator(np.random.PCG64(order_seed)).permutation(count)


def flatten(images: np.ndarray, image_size: int, divide_by: float) -> np.ndarray:
    """Pad, flatten and scale images for a fully connected network.

    ``images`` is uint8 ``[n, 28, 28]``. A border of zeros of equal width brings each to
    ``image_size`` pixels a side. The division is in float32, as a framework would do it.

    Returns little-endian float32 ``[n, image_size**2]``.
    """
    border = (image_size - SIDE) // 2
    padded = np.pad(images, ((0, 0), (border, border), (border, border)))
    scaled = padded.reshape(len(images), -1).astype("<f4")
    scaled /= np.float32(divide_by)
    return scaled


def main(job: Job) -> None:
    variant, expected = job.params.variant, job.params.test_images
    divide_by, image_size = variant["divide_by"], variant["image_size"]
    images, labels, test_images, test_labels = (
        read_data_file(Path(job.input.files[0]).parent, name, job.params.checksums)
        for name in DATA_FILES
    )
    check_format(images, labels, "training")
    check_format(test_images, test_labels, "test")
    if len(test_images) != expected:
        raise InputError(
            f"the test set has {len(test_images)} images; name a data set with {expected} in "
            "'dataset' of config.yaml."
        )
    check(variant["skip"], variant["train_images"], len(images))
    used = selection(variant["skip"], variant["train_images"], variant["order_seed"])

    write_array(flatten(images[used], image_size, divide_by), job.output.train_images)
    write_array(labels[used], job.output.train_labels)
    write_array(flatten(shuffled(test_images), image_size, divide_by), job.output.test_images)
    write_array(test_labels, job.output.test_labels)


if __name__ == "__main__":
    run(main)
