"""Score the MNIST test images with a network that train.py has saved."""

import json
import sys
from pathlib import Path

import numpy as np
import paddle
from network import ACTIVATIONS, FullyConnected


def predict(
    model, test_images, scores, inputs, hidden_layers, hidden_units, activation,
    batch_size, repeats, precision, **unknown
):  # fmt: skip
    if unknown:
        sys.exit(f"cannot do what these settings ask for: {', '.join(unknown)}")
    if activation not in ACTIVATIONS or precision not in ("float32", "float64"):
        sys.exit(f"cannot compute {activation} in {precision}")
    paddle.set_default_dtype(precision)
    print("ready", flush=True)

    images = np.fromfile(test_images, dtype="<f4").reshape(-1, inputs)
    images = paddle.to_tensor(images, dtype=precision)
    print("loaded", flush=True)

    network = FullyConnected(inputs, hidden_layers, hidden_units, activation)
    network.set_state_dict(paddle.load(str(Path(model, "model.pdparams"))))
    print("built", flush=True)

    network.eval()
    starts = range(0, len(images), batch_size)
    for repeat in range(1, repeats + 1):
        with paddle.no_grad():
            logits = paddle.concat([network(images[i : i + batch_size]) for i in starts])
        print("predicted", repeat, flush=True)

    logits.numpy().astype("<f4").tofile(scores)
    print("saved", flush=True)


predict(**json.loads(Path(sys.argv[1]).read_text()))
