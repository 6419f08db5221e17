"""Score the MNIST test images with a network that train.py has saved."""

import argparse
import os

import numpy as np
from floatx import PRECISIONS  # Before Keras, which this tells its precision.
from keras.models import model_from_json

ACTIVATIONS = ["tanh", "relu", "sigmoid"]


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
    parser.add_argument("--precision", choices=PRECISIONS, default="float32")
    args = parser.parse_args()
    print("ready", flush=True)

    images = np.fromfile(args.test_images, dtype="<f4").reshape(-1, args.inputs)
    images = images.astype(args.precision, copy=False)
    print("loaded", flush=True)

    with open(os.path.join(args.model, "model.json")) as file:
        model = model_from_json(file.read())
    model.load_weights(os.path.join(args.model, "weights.h5"))
    print("built", flush=True)

    # Theano would compile this function with the first prediction.
    model.build()
    model.model._make_predict_function()
    print("compiled", flush=True)

    for repeat in range(1, args.repeats + 1):
        scores = model.predict(images, batch_size=args.batch_size, verbose=0)
        print("predicted", repeat, flush=True)

    scores.astype("<f4").tofile(args.scores)
    print("saved", flush=True)


if __name__ == "__main__":
    main()
