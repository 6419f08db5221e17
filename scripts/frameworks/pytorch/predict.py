"""Score the MNIST test images with a network that train.py has saved."""

import json
import sys
from pathlib import Path

import numpy as np
import torch
from network import ACTIVATIONS, FullyConnected


def predict(
    model, test_images, scores, inputs, hidden_layers, hidden_units, activation,
    batch_size, repeats, precision, **unknown
):  # fmt: skip
    if unknown:
        sys.exit(f"cannot do what these settings ask for: {', '.join(unknown)}")
    if activation not in ACTIVATIONS or precision not in ("float32", "float64"):
        sys.exit(f"cannot compute {activation} in {precision}")
    precision = getattr(torch, precision)
    print("ready", flush=True)

    images = np.fromfile(test_images, dtype="<f4").reshape(-1, inputs)
    images = torch.from_numpy(images).to(precision)
    print("loaded", flush=True)

    network = FullyConnected(inputs, hidden_layers, hidden_units, activation).to(precision)
    network.load_state_dict(torch.load(Path(model, "model.pt"), weights_only=True))
    print("built", flush=True)

    network.eval()
    for repeat in range(1, repeats + 1):
        with torch.inference_mode():
            logits = torch.cat([network(batch) for batch in images.split(batch_size)])
        print("predicted", repeat, flush=True)

    logits.numpy().astype("<f4").tofile(scores)
    print("saved", flush=True)


predict(**json.loads(Path(sys.argv[1]).read_text()))
