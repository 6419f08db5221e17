"""Score the MNIST test images with a network that train.py has saved."""

import argparse
from pathlib import Path

import numpy as np
import torch
from network import ACTIVATIONS, FullyConnected


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--test-images", required=True)
    parser.add_argument("--scores", required=True)
    parser.add_argument("--inputs", type=int, required=True)
    parser.add_argument("--hidden-layers", type=int, required=True)
    parser.add_argument("--hidden-units", type=int, required=True)
    parser.add_argument("--activation", choices=ACTIVATIONS, required=True)
    parser.add_argument("--batch-size", type=int, required=True)
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--precision", choices=["float32", "float64"], default="float32")
    args = parser.parse_args()
    precision = getattr(torch, args.precision)
    print("ready", flush=True)

    images = np.fromfile(args.test_images, dtype="<f4").reshape(-1, args.inputs)
    images = torch.from_numpy(images).to(precision)
    print("loaded", flush=True)

    model = FullyConnected(args.inputs, args.hidden_layers, args.hidden_units, args.activation)
    model.to(precision)
    model.load_state_dict(torch.load(args.model / "model.pt", weights_only=True))
    print("built", flush=True)

    model.eval()
    for repeat in range(1, args.repeats + 1):
        with torch.inference_mode():
            scores = torch.cat([model(batch) for batch in images.split(args.batch_size)])
        print("predicted", repeat, flush=True)

    scores.numpy().astype("<f4").tofile(args.scores)
    print("saved", flush=True)


if __name__ == "__main__":
    main()
