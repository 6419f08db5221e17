"""Score the MNIST test images with a network that train.py has saved."""

import argparse

import numpy as np
import tensorflow as tf
from network import ACTIVATIONS


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", required=True)
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
    images = tf.constant(images, dtype=args.precision)
    print("loaded", flush=True)

    model = tf.saved_model.load(args.model).signatures["serving_default"]
    print("built", flush=True)

    for repeat in range(1, args.repeats + 1):
        batches = range(0, len(images), args.batch_size)
        scores = [model(images[i : i + args.batch_size])["output_0"] for i in batches]
        scores = tf.concat(scores, axis=0).numpy()
        print("predicted", repeat, flush=True)

    scores.astype("<f4").tofile(args.scores)
    print("saved", flush=True)


if __name__ == "__main__":
    main()
