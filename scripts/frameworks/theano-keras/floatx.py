"""Give Keras 1 its precision, which it reads from ~/.keras/keras.json when it is imported."""

import argparse
import json
import os
import tempfile

import theano  # noqa: F401  Before the home folder changes: it keeps compiled networks there.

PRECISIONS = ["float32", "float64"]

parser = argparse.ArgumentParser(add_help=False)
parser.add_argument("--precision", choices=PRECISIONS, default="float32")
args, _ = parser.parse_known_args()
with tempfile.TemporaryDirectory() as home:
    os.makedirs(os.path.join(home, ".keras"))
    with open(os.path.join(home, ".keras", "keras.json"), "w") as file:
        json.dump({"floatx": args.precision}, file)
    os.environ["HOME"] = home
    import keras  # noqa: F401
