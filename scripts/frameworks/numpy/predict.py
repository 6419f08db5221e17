"""Score the MNIST test images with a network that train.py has saved."""

import json
import sys
from pathlib import Path

import numpy as np
from network import ACTIVATIONS, forward, layers_of


def predict(
    model, test_images, scores, inputs, hidden_layers, hidden_units, activation,
    batch_size, repeats, precision, **unknown
):  # fmt: skip
    if unknown:
        sys.exit(f"cannot do what these settings ask for: {', '.join(unknown)}")
    if activation not in ACTIVATIONS or precision not in ("float32", "float64"):
        sys.exit(f"cannot compute {activation} in {precision}")
    print("ready", flush=True)

    images = np.fromfile(test_images, dtype="<f4").reshape(-1, inputs)
    images = images.astype(precision, copy=False)
    print("loaded", flush=True)

    sizes = [inputs] + [hidden_units] * hidden_layers + [10]
    layers = layers_of(np.load(Path(model, "parameters.npy")), sizes)
    print("built", flush=True)

    logits = np.empty((len(images), 10), dtype="<f4")
    for repeat in range(1, repeats + 1):
        for start in range(0, len(images), batch_size):
            batch = slice(start, start + batch_size)
            logits[batch] = forward(layers, images[batch], activation)[-1]
        print("predicted", repeat, flush=True)

    logits.tofile(scores)
    print("saved", flush=True)


predict(**json.loads(Path(sys.argv[1]).read_text()))
