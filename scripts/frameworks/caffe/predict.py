"""Score the MNIST test images with a network that train.py has saved."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import h5py
from prototxt import ACTIVATIONS, network


def predict(
    model, store, scores, inputs, hidden_layers, hidden_units, activation,
    batch_size, repeats, precision, **unknown
):  # fmt: skip
    if unknown:
        sys.exit(f"cannot do what these settings ask for: {', '.join(unknown)}")
    if activation not in ACTIVATIONS or precision != "float32":
        sys.exit(f"the caffe command cannot compute {activation} in {precision}")

    store = Path(store).resolve() / "images.h5"
    with h5py.File(store) as file:
        images = len(file["data"])
    [weights] = Path(model).glob("mnist_iter_*.caffemodel.h5")
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "images.txt")
        source.write_text(f"{store}\n")
        output = Path(folder, "scores.h5")
        net = Path(folder, "deploy.prototxt")
        # HDF5Output writes the scores of one batch: all images are one.
        net.write_text(
            network(
                "deploy.prototxt",
                hidden_layers,
                hidden_units,
                activation,
                source=source,
                images=images,
                output=output,
            )
        )
        test = ["caffe", "test", f"--model={net}", f"--weights={weights}"]
        subprocess.run([*test, f"--iterations={repeats}"], check=True)
        # And it writes them only once: the scores are taken from a run of their own.
        subprocess.run([*test, "--iterations=1", "--stage=save"], check=True)
        with h5py.File(output) as file:
            file["data"][:].astype("<f4").tofile(scores)
    print("saved", flush=True)


predict(**json.loads(Path(sys.argv[1]).read_text()))
