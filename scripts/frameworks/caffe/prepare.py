"""Turn plain arrays into the HDF5 file that Caffe reads."""

import argparse
from pathlib import Path

import h5py
import numpy as np


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", required=True)
    parser.add_argument("--labels")
    parser.add_argument("--inputs", type=int, required=True)
    parser.add_argument("--store", type=Path, required=True)
    args = parser.parse_args()

    images = np.fromfile(args.images, dtype="<f4").reshape(-1, args.inputs)
    args.store.mkdir(parents=True, exist_ok=True)
    with h5py.File(args.store / "images.h5", "w") as file:
        file["data"] = images
        if args.labels:
            # Caffe computes with floats only.
            file["label"] = np.fromfile(args.labels, dtype=np.uint8).astype(np.float32)


if __name__ == "__main__":
    main()
