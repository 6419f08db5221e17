"""Turn plain arrays into the HDF5 file that Caffe reads."""

import json
import sys
from pathlib import Path

import h5py
import numpy as np


def prepare(images, inputs, store, labels=None, **unknown):
    if unknown:
        sys.exit(f"cannot do what these settings ask for: {', '.join(unknown)}")
    Path(store).mkdir(parents=True, exist_ok=True)
    with h5py.File(Path(store, "images.h5"), "w") as file:
        file["data"] = np.fromfile(images, dtype="<f4").reshape(-1, inputs)
        if labels:
            # Caffe computes with floats only.
            file["label"] = np.fromfile(labels, dtype=np.uint8).astype(np.float32)


prepare(**json.loads(Path(sys.argv[1]).read_text()))
