"""Score the MNIST test images with a network that train.py has saved."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import h5py
from prototxt import network

settings = json.loads(Path(sys.argv[1]).read_text())
if (precision := settings.pop("precision")) != "float32":
    sys.exit(f"the caffe command cannot compute in {precision}")
# The images have their own size, and HDF5Output writes the scores of one batch: all are one.
del settings["inputs"], settings["batch_size"]

store = Path(settings.pop("store")).resolve() / "images.h5"
with h5py.File(store) as file:
    images = len(file["data"])
[weights] = Path(settings.pop("model")).glob("mnist_iter_*.caffemodel.h5")
with tempfile.TemporaryDirectory() as folder:
    source = Path(folder, "images.txt")
    source.write_text(f"{store}\n")
    output = Path(folder, "scores.h5")
    net = Path(folder, "deploy.prototxt")
    net.write_text(
        network(
            "deploy.prototxt",
            settings.pop("hidden_layers"),
            settings.pop("hidden_units"),
            settings.pop("activation"),
            source=source,
            images=images,
            output=output,
        )
    )
    test = ["caffe", "test", f"--model={net}", f"--weights={weights}"]
    repeats, scores = settings.pop("repeats"), settings.pop("scores")
    if settings:
        sys.exit(f"cannot do what these settings ask for: {', '.join(settings)}")
    subprocess.run([*test, f"--iterations={repeats}"], check=True)
    # And it writes them only once: the scores are taken from a run of their own.
    subprocess.run([*test, "--iterations=1", "--stage=save"], check=True)
    with h5py.File(output) as file:
        file["data"][:].astype("<f4").tofile(scores)
print("saved", flush=True)
