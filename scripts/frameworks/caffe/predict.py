"""Score the MNIST test images with a network that train.py has saved."""

import argparse
import subprocess
import tempfile
from pathlib import Path

import h5py
from prototxt import ACTIVATIONS, network


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--store", type=Path, required=True)
    parser.add_argument("--scores", required=True)
    parser.add_argument("--inputs", type=int, required=True)
    parser.add_argument("--hidden-layers", type=int, required=True)
    parser.add_argument("--hidden-units", type=int, required=True)
    parser.add_argument("--activation", choices=ACTIVATIONS, required=True)
    parser.add_argument("--batch-size", type=int, required=True)
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--precision", choices=["float32", "float64"], default="float32")
    args = parser.parse_args()
    if args.precision == "float64":
        parser.error("the caffe command cannot compute in float64")

    store = args.store.resolve() / "images.h5"
    with h5py.File(store) as file:
        images = len(file["data"])
    [weights] = args.model.glob("mnist_iter_*.caffemodel.h5")
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "images.txt")
        source.write_text(f"{store}\n")
        output = Path(folder, "scores.h5")
        model = Path(folder, "deploy.prototxt")
        # HDF5Output writes the scores of one batch: all images are one.
        model.write_text(
            network("deploy.prototxt", args, source=source, images=images, output=output)
        )
        test = ["caffe", "test", f"--model={model}", f"--weights={weights}"]
        subprocess.run([*test, f"--iterations={args.repeats}"], check=True)
        # And it writes them only once: the scores are taken from a run of their own.
        subprocess.run([*test, "--iterations=1", "--stage=save"], check=True)
        with h5py.File(output) as file:
            file["data"][:].astype("<f4").tofile(args.scores)
    print("saved", flush=True)


if __name__ == "__main__":
    main()
