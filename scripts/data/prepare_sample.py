"""Write the training images on which some recipes compute their accuracy (docs/torch-2016.md).

They are the first ones after those that the data variant skips, in the file's order. A prediction
program gets them in place of the test images.
"""

from pathlib import Path

from data.mnist import check_format, read_data_file
from data.prepare import flatten
from shared.arrays import write_array
from shared.dataset import DATA_FILES
from shared.scoring_order import shuffled
from shared.script import InputError, Job, run


def check(skip: int, count: int, available: int) -> None:
    """Raise `InputError` if there are fewer than ``count`` images after ``skip``."""
    if skip + count > available:
        raise InputError(
            f"accuracy of: train needs {count} training images after the {skip} that the data "
            f"variant skips, and there are {available}; take the accuracy of the test images."
        )


def main(job: Job) -> None:
    variant, count = job.params.variant, job.params.images
    folder, skip = Path(job.input.files[0]).parent, variant["skip"]
    images, labels = (read_data_file(folder, name, job.params.checksums) for name in DATA_FILES[:2])
    check_format(images, labels, "training")
    check(skip, count, len(images))
    chosen = shuffled(images[skip : skip + count])
    write_array(flatten(chosen, variant["image_size"], variant["divide_by"]), job.output.images)
    write_array(labels[skip : skip + count], job.output.labels)


if __name__ == "__main__":
    run(main)
