"""Score the MNIST test images with a network that train.py has saved."""

import argparse
from pathlib import Path

import keras
import numpy as np

ACTIVATIONS = ["tanh", "relu", "sigmoid"]


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

    model = keras.saving.load_model(args.model / "model.keras", compile=False)
    print("built", flush=True)

    for repeat in range(1, args.repeats + 1):
        scores = model.predict(images, batch_size=args.batch_size, verbose=0)
        print("predicted", repeat, flush=True)

    scores.astype("<f4").tofile(args.scores)
    print("saved", flush=True)


if __name__ == "__main__":
    main()
