"""Train a fully connected network on MNIST with Caffe."""

import argparse
import os
import random
from pathlib import Path

import h5py
import numpy as np
from prototxt import ACTIVATIONS, fill, network


def write_weights(args, path):
    """Turn one flat array, layer by layer weights and biases, into a model of Caffe's."""
    weights = np.fromfile(args.initial_weights, dtype="<f4")
    names = [f"ip{number}" for number in range(1, args.hidden_layers + 1)] + ["scores"]
    sizes = [args.inputs] + [args.hidden_units] * args.hidden_layers + [10]
    with h5py.File(path, "w") as file:
        for name, fan_in, fan_out in zip(names, sizes, sizes[1:]):
            kernel, bias, weights = np.split(weights, [fan_in * fan_out, (fan_in + 1) * fan_out])
            # Caffe's weights are [fan out, fan in].
            file[f"data/{name}/0"] = kernel.reshape(fan_in, fan_out).T
            file[f"data/{name}/1"] = bias


def resize(store, path, length):
    """Link the images of a store, the last ones cut off or empty ones without a label added."""
    with h5py.File(store) as images, h5py.File(path, "w") as file:
        for name, dataset in images.items():
            layout = h5py.VirtualLayout((length, *dataset.shape[1:]), dataset.dtype)
            linked = min(length, len(dataset))
            layout[:linked] = h5py.VirtualSource(dataset)[:linked]
            file.create_virtual_dataset(name, layout, fillvalue=-1 if name == "label" else 0)


def rotate(store, path, seed):
    """Link the images of a store in an order that starts at another one for each seed.

    Caffe shuffles the images in memory, anew in each epoch, but in every process alike: the
    solver's random_seed does not reach that. So that runs with different seeds see different
    batches, they shuffle rotated images.
    """
    with h5py.File(store) as images, h5py.File(path, "w") as file:
        for name, dataset in images.items():
            start = random.Random(seed).randrange(len(dataset))
            rows = h5py.VirtualSource(dataset)
            layout = h5py.VirtualLayout(dataset.shape, dataset.dtype)
            layout[: len(dataset) - start] = rows[start:]
            layout[len(dataset) - start :] = rows[:start]
            file.create_virtual_dataset(name, layout)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--store", type=Path, required=True)
    parser.add_argument("--initial-weights", required=True)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--inputs", type=int, required=True)
    parser.add_argument("--hidden-layers", type=int, required=True)
    parser.add_argument("--hidden-units", type=int, required=True)
    parser.add_argument("--activation", choices=ACTIVATIONS, required=True)
    parser.add_argument("--optimizer", choices=["sgd", "adam"], required=True)
    parser.add_argument("--learning-rate", type=float, required=True)
    parser.add_argument("--learning-rate-gamma", type=float, default=0.0)
    parser.add_argument("--learning-rate-power", type=float, default=1.0)
    parser.add_argument("--momentum", type=float, default=0.0)
    parser.add_argument("--dampening", type=float, default=0.0)
    parser.add_argument("--nesterov", action="store_true")
    parser.add_argument("--beta1", type=float, default=0.9)
    parser.add_argument("--beta2", type=float, default=0.999)
    parser.add_argument("--epsilon", type=float, default=1e-8)
    parser.add_argument("--weight-decay", type=float, default=0.0)
    parser.add_argument("--batch-size", type=int, required=True)
    parser.add_argument("--partial-batch", choices=["keep", "drop", "wrap"], default="keep")
    parser.add_argument("--epochs", type=int, required=True)
    parser.add_argument("--shuffle", action="store_true")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--precision", choices=["float32", "float64"], default="float32")
    args = parser.parse_args()
    if args.precision == "float64":
        parser.error("the caffe command cannot compute in float64")
    if args.dampening and args.learning_rate_gamma:
        parser.error("Caffe cannot dampen the gradient while the learning rate falls")
    store = args.store.resolve() / "images.h5"
    with h5py.File(store) as file:
        images = len(file["data"])
    partial_batch = images % args.batch_size
    if partial_batch and args.partial_batch != "wrap" and args.shuffle:
        parser.error(
            f"Caffe cannot {args.partial_batch} a partial batch of images that it shuffles"
        )

    args.model.mkdir(parents=True, exist_ok=True)
    weights = args.model / "initial.caffemodel.h5"
    write_weights(args, weights)
    # All batches of Caffe have one size.
    if partial_batch and args.partial_batch != "wrap":
        images -= partial_batch
        if args.partial_batch == "keep":
            images += args.batch_size
        resize(store, args.model / "images.h5", images)
        store = args.model / "images.h5"
    elif args.shuffle:
        rotate(store, args.model / "images.h5", args.seed)
        store = args.model / "images.h5"
    # Caffe reads the names of its HDF5 files from a list.
    source = args.model / "images.txt"
    source.write_text(f"{store}\n")
    net = args.model / "train.prototxt"
    net.write_text(
        network(
            "train.prototxt",
            args,
            source=source,
            batch_size=args.batch_size,
            shuffle=str(args.shuffle).lower(),
        )
    )
    if args.optimizer == "adam":
        solver_type, momentum = "Adam", args.beta1
    else:
        solver_type, momentum = "Nesterov" if args.nesterov else "SGD", args.momentum
    # The rate falls by a power law, or after the first step, whose gradient is not dampened.
    lr_policy, gamma = "inv", args.learning_rate_gamma
    if args.dampening:
        lr_policy, gamma = "multistep", 1 - args.dampening
    solver = args.model / "solver.prototxt"
    solver.write_text(
        fill(
            "solver.prototxt",
            net=net,
            type=solver_type,
            learning_rate=args.learning_rate,
            lr_policy=lr_policy,
            gamma=gamma,
            learning_rate_power=args.learning_rate_power,
            momentum=momentum,
            beta2=args.beta2,
            epsilon=args.epsilon,
            weight_decay=args.weight_decay,
            iterations=args.epochs * images // args.batch_size,
            iterations_per_epoch=-(-images // args.batch_size),
            snapshot_prefix=args.model / "mnist",
            seed=args.seed,
        )
    )
    os.execvp("caffe", ["caffe", "train", f"--solver={solver}", f"--weights={weights}"])


if __name__ == "__main__":
    main()
