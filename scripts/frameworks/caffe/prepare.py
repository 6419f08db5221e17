"""Turn plain arrays into the HDF5 file that Caffe reads."""

import json
import sys
from pathlib import Path

import h5py
import numpy as np

settings = json.loads(Path(sys.argv[1]).read_text())
images = np.fromfile(settings.pop("images"), dtype="<f4").reshape(-1, settings.pop("inputs"))
labels = settings.pop("labels", None)
store = Path(settings.pop("store"))
if settings:
    sys.exit(f"cannot do what these settings ask for: {', '.join(settings)}")

store.mkdir(parents=True, exist_ok=True)
with h5py.File(store / "images.h5", "w") as file:
    file["data"] = images
    if labels:
        # Caffe computes with floats only.
        file["label"] = np.fromfile(labels, dtype=np.uint8).astype(np.float32)
