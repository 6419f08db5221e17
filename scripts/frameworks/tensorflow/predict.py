"""Score the MNIST test images with a network that train.py has saved."""

import json
import sys
from pathlib import Path

import numpy as np
import tensorflow as tf
from network import ACTIVATIONS


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
    images = tf.constant(images, dtype=precision)
    print("loaded", flush=True)

    network = tf.saved_model.load(model).signatures["serving_default"]
    print("built", flush=True)

    for repeat in range(1, repeats + 1):
        batches = range(0, len(images), batch_size)
        logits = [network(images[i : i + batch_size])["output_0"] for i in batches]
        logits = tf.concat(logits, axis=0).numpy()
        print("predicted", repeat, flush=True)

    logits.astype("<f4").tofile(scores)
    print("saved", flush=True)


predict(**json.loads(Path(sys.argv[1]).read_text()))
