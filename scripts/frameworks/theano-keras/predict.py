"""Score the MNIST test images with a network that train.py has saved."""

import json
import os
import sys
from pathlib import Path

import floatx  # noqa: F401  Before Keras, which this tells its precision.
import numpy as np
from keras.models import model_from_json

ACTIVATIONS = ["tanh", "relu", "sigmoid"]


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

    network = model_from_json(Path(model, "model.json").read_text())
    network.load_weights(os.path.join(model, "weights.h5"))
    print("built", flush=True)

    # Theano would compile this function with the first prediction.
    network.build()
    network.model._make_predict_function()
    print("compiled", flush=True)

    for repeat in range(1, repeats + 1):
        logits = network.predict(images, batch_size=batch_size, verbose=0)
        print("predicted", repeat, flush=True)

    logits.astype("<f4").tofile(scores)
    print("saved", flush=True)


predict(**json.loads(Path(sys.argv[1]).read_text()))
