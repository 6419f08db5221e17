"""Let a framework compile what it compiles once and keeps, before any run of it is timed.

Theano turns each network into C++, which takes a minute the first time and a second from then on.
Here its programs see a network once, with a batch of made-up images and no epoch.
"""

import itertools
import tempfile
from pathlib import Path

import numpy as np
from launcher.framework import Framework
from launcher.program import Refusal
from shared.script import Job, run, write_json


def write_data(folder: Path, train: dict, seed: int = 0) -> dict[str, Path]:
    """Write a batch of made-up images, labels and weights for a training; return its paths.

    ``train`` are the training program's settings (docs/contract.md).
    """
    rng = np.random.default_rng(seed)
    inputs, units, images = train["inputs"], train["hidden_units"], train["batch_size"]
    sizes = [inputs, *[units] * train["hidden_layers"], 10]
    weights = sum((fan_in + 1) * out for fan_in, out in itertools.pairwise(sizes))
    rng.random((images, inputs), dtype=np.float32).astype("<f4").tofile(folder / "images.f32")
    rng.integers(0, 10, images, dtype=np.uint8).tofile(folder / "labels.u8")
    (rng.standard_normal(weights) / 100).astype("<f4").tofile(folder / "weights.f32")
    return {
        "train_images": folder / "images.f32",
        "train_labels": folder / "labels.u8",
        "initial_weights": folder / "weights.f32",
        "model": folder / "model",
    }


def warm_up(framework: Framework, train: dict, predict: dict) -> dict[str, float]:
    """Run both programs once with no epoch; return the seconds that each took, start to exit.

    ``train`` and ``predict`` are their settings without paths. A program that refuses the recipe
    has nothing to compile: it and what follows it are skipped.
    """
    seconds: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        files = write_data(folder, train)
        scores = {"scores": folder / "scores.f32"}
        read = {"test_images": files["train_images"], "model": files["model"]}
        told = {
            "train": {**files, **train, "epochs": 0},
            "predict": {**read, **scores, **predict},
        }
        for role, settings in told.items():
            try:
                seconds[role] = framework.start(role, settings, folder)
            except Refusal:
                break
    return seconds


def main(job: Job) -> None:
    seconds = warm_up(Framework.of(job), **job.params.settings)
    write_json(job.output[0], seconds)


if __name__ == "__main__":
    run(main)
