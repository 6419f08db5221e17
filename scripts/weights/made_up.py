"""Made-up data for trainings that nobody scores: warm-ups, audits and the trial of lanes."""

from pathlib import Path
from typing import Any

import numpy as np
from shared.arrays import write_array
from shared.networks import CLASSES, layer_sizes
from weights.draw import draw


def write_made_up(folder: Path, train: dict[str, Any], images: int) -> dict[str, str]:
    """Write random images, labels and weights, the same every time; return their settings.

    Args:
        folder: where the files go.
        train: the training program's settings (docs/contract.md) on the network.
        images: how many.

    Returns:
        The paths of the files, and that of the model, by the names of the settings.
    """
    rng = np.random.default_rng(0)
    sizes = layer_sizes(*(train[key] for key in ("inputs", "hidden_layers", "hidden_units")))
    paths = {
        "train_images": folder / "images.f32",
        "train_labels": folder / "labels.u8",
        "initial_weights": folder / "weights.f32",
    }
    pixels = rng.random((images, train["inputs"]), dtype=np.float32).astype("<f4")
    write_array(pixels, paths["train_images"])
    write_array(rng.integers(0, CLASSES, images, dtype=np.uint8), paths["train_labels"])
    write_array(draw("glorot-uniform", "zero", sizes, seed=0), paths["initial_weights"])
    return {name: str(path) for name, path in paths.items()} | {"model": str(folder / "model")}
