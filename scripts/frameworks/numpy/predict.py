"""Score the MNIST test images with a network that train.py has saved."""

import argparse
from pathlib import Path

import numpy as np
from network import ACTIVATIONS, forward, layers_of


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
    print("ready", flush=True)

    images = np.fromfile(args.test_images, dtype="<f4").reshape(-1, args.inputs)
    images = images.astype(args.precision, copy=False)
    print("loaded", flush=True)

    sizes = [args.inputs] + [args.hidden_units] * args.hidden_layers + [10]
    layers = layers_of(np.load(args.model / "parameters.npy"), sizes)
    print("built", flush=True)

    scores = np.empty((len(images), 10), dtype="<f4")
    for repeat in range(1, args.repeats + 1):
        for start in range(0, len(images), args.batch_size):
            batch = slice(start, start + args.batch_size)
            scores[batch] = forward(layers, images[batch], args.activation)[-1]
        print("predicted", repeat, flush=True)

    scores.tofile(args.scores)
    print("saved", flush=True)


if __name__ == "__main__":
    main()
