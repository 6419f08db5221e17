"""Run a framework's own programs on the cases of the gate.

The programs start from the same initial weights and take the images in the order of the file. They
score the first test images after 0 steps, after 1 step and after an epoch of 20.5 batches. The half
batch shows what the recipe does with the images that an epoch leaves over. If a program refuses a
setting, its own sentence is kept. equivalence/gate.py judges the scores.
"""

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from launcher.checks import check_scores
from launcher.framework import Framework

# The first ones of the file. They are not a whole number of batches, so a partial one is predicted
# too.
TEST_IMAGES = 500
STEPS = ("0 steps", "1 step", "epoch")


@dataclass(frozen=True)
class Case:
    """A training: on how many of the first images, and how often it goes over them."""

    images: int
    epochs: int


def cases(batch_size: int, partial_batch: str, images: int) -> dict[str, Case]:
    """Return the cases by the steps that are done before the scores are taken (`STEPS`).

    The case without a step has a partial batch if all ``images`` of the recipe leave one over,
    because a program may refuse it. With the partial batch rule ``wrap``, there are two epochs, and
    the batch in the middle spans both.
    """
    found = (
        Case(batch_size + images % batch_size, 0),
        Case(batch_size, 1),
        Case(20 * batch_size + batch_size // 2, 2 if partial_batch == "wrap" else 1),
    )
    return dict(zip(STEPS, found, strict=True))


def image_settings(
    framework: Framework, part: str, files: dict[str, Path], inputs: int, folder: Path
) -> dict[str, Path]:
    """Return the settings for the images of a ``part``, train or test, and its labels.

    ``files`` are the images and labels as plain arrays; for a framework that cannot read these they
    are put into a store of its own in ``folder``.
    """
    if "prepare" not in framework.commands:
        return {f"{part}_{name}": path for name, path in files.items()}
    store = {"store": folder / "store"}
    framework.run("prepare", {**files, "inputs": inputs, **store}, folder)
    return store


def write_first(source: Path, path: Path, count: int, item_bytes: int) -> Path:
    """Write the first ``count`` items of a file, each of ``item_bytes`` bytes; return the path."""
    with source.open("rb") as file:
        path.write_bytes(file.read(count * item_bytes))
    return path


def train(
    framework: Framework, settings: dict[str, Any], data: dict[str, Path], models: Path
) -> None:
    """Train each case; leave its model in a folder of ``models`` with the case's name.

    ``settings`` are those of the training program without paths and epochs; ``data`` has the files
    of all training ``images`` and ``labels`` and of the initial ``weights``. If the recipe
    shuffles, images are shuffled only in the case without a step: a program may refuse to shuffle,
    and each program shuffles in its own way.
    """
    images = data["labels"].stat().st_size
    for name, case in cases(settings["batch_size"], settings["partial_batch"], images).items():
        with tempfile.TemporaryDirectory() as temporary:
            folder = Path(temporary)
            item_bytes = {"images": 4 * settings["inputs"], "labels": 1}
            files = {
                kind: write_first(data[kind], folder / kind, case.images, size)
                for kind, size in item_bytes.items()
            }
            told = {
                **image_settings(framework, "train", files, settings["inputs"], folder),
                "initial_weights": data["weights"],
                "model": models / name.replace(" ", "-"),
                **settings,
                "epochs": case.epochs,
                "shuffle": settings["shuffle"] and case.epochs == 0,
            }
            framework.run("train", told, folder, case.epochs)


def predict(
    framework: Framework, settings: dict[str, Any], images: Path, models: Path
) -> dict[str, np.ndarray]:
    """Return the scores of the first test images by case, float32 ``[TEST_IMAGES, 10]``.

    ``settings`` are those of the prediction program without paths; it predicts once. ``images`` is
    the file of all test images, ``models`` what `train` has left.
    """
    scores = {}
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        first = write_first(images, folder / "images", TEST_IMAGES, 4 * settings["inputs"])
        files = image_settings(framework, "test", {"images": first}, settings["inputs"], folder)
        for name in STEPS:
            path = folder / "scores"
            model = models / name.replace(" ", "-")
            told = {**files, "model": model, "scores": path, **settings}
            framework.run("predict", told, folder, 1)
            check_scores(path, TEST_IMAGES)
            scores[name] = np.fromfile(path, dtype="<f4").reshape(TEST_IMAGES, 10)
    return scores
