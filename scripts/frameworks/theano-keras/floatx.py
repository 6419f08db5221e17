"""Give Keras 1 its precision, which it reads from ~/.keras/keras.json when it is imported."""

import json
import os
import sys
import tempfile
from pathlib import Path

import theano  # noqa: F401  Before the home folder changes: it keeps compiled networks there.

precision = json.loads(Path(sys.argv[1]).read_text())["precision"]
if precision not in ("float32", "float64"):
    sys.exit(f"cannot compute in {precision}")
with tempfile.TemporaryDirectory() as home:
    os.makedirs(os.path.join(home, ".keras"))
    with open(os.path.join(home, ".keras", "keras.json"), "w") as file:
        json.dump({"floatx": precision}, file)
    os.environ["HOME"] = home
    import keras  # noqa: F401
