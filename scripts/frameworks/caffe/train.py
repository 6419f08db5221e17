"""Train a fully connected network on MNIST with Caffe."""

import json
import os
import random
import sys
from pathlib import Path

import h5py
import numpy as np
from prototxt import ACTIVATIONS, fill, network


def write_weights(path, weights, sizes):
    """Turn one flat array, layer by layer weights and biases, into a model of Caffe's."""
    names = [f"ip{number}" for number in range(1, len(sizes) - 1)] + ["scores"]
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


def train(
    store, initial_weights, model,
    inputs, hidden_layers, hidden_units, activation,
    batch_size, partial_batch, epochs, shuffle, seed, precision,
    optimizer, learning_rate, learning_rate_gamma=0.0, learning_rate_power=1.0, weight_decay=0.0,
    momentum=0.0, dampening=0.0, nesterov=False, beta1=0.9, beta2=0.999, epsilon=1e-8,
    **unknown
):  # fmt: skip
    if unknown:
        sys.exit(f"cannot do what these settings ask for: {', '.join(unknown)}")
    if activation not in ACTIVATIONS or precision != "float32":
        sys.exit(f"the caffe command cannot compute {activation} in {precision}")
    if optimizer not in ("sgd", "adam") or partial_batch not in ("keep", "drop", "wrap"):
        sys.exit(f"cannot train with {optimizer} and {partial_batch} partial batches")
    if dampening and learning_rate_gamma:
        sys.exit("Caffe cannot dampen the gradient while the learning rate falls")
    store = Path(store).resolve() / "images.h5"
    with h5py.File(store) as file:
        images = len(file["data"])
    left_over = images % batch_size
    if left_over and partial_batch != "wrap" and shuffle:
        sys.exit(f"Caffe cannot {partial_batch} a partial batch of images that it shuffles")

    model = Path(model)
    model.mkdir(parents=True, exist_ok=True)
    weights = model / "initial.caffemodel.h5"
    sizes = [inputs] + [hidden_units] * hidden_layers + [10]
    write_weights(weights, np.fromfile(initial_weights, dtype="<f4"), sizes)
    # All batches of Caffe have one size.
    if left_over and partial_batch != "wrap":
        images -= left_over
        if partial_batch == "keep":
            images += batch_size
        resize(store, model / "images.h5", images)
        store = model / "images.h5"
    elif shuffle:
        rotate(store, model / "images.h5", seed)
        store = model / "images.h5"
    # Caffe reads the names of its HDF5 files from a list.
    source = model / "images.txt"
    source.write_text(f"{store}\n")
    net = model / "train.prototxt"
    net.write_text(
        network(
            "train.prototxt",
            hidden_layers,
            hidden_units,
            activation,
            source=source,
            batch_size=batch_size,
            shuffle=str(shuffle).lower(),
        )
    )
    if optimizer == "adam":
        solver_type, momentum = "Adam", beta1
    else:
        solver_type = "Nesterov" if nesterov else "SGD"
    # The rate falls by a power law, or after the first step, whose gradient is not dampened.
    lr_policy, gamma = "inv", learning_rate_gamma
    if dampening:
        lr_policy, gamma = "multistep", 1 - dampening
    solver = model / "solver.prototxt"
    solver.write_text(
        fill(
            "solver.prototxt",
            net=net,
            type=solver_type,
            learning_rate=learning_rate,
            lr_policy=lr_policy,
            gamma=gamma,
            learning_rate_power=learning_rate_power,
            momentum=momentum,
            beta2=beta2,
            epsilon=epsilon,
            weight_decay=weight_decay,
            iterations=epochs * images // batch_size,
            iterations_per_epoch=-(-images // batch_size),
            snapshot_prefix=model / "mnist",
            seed=seed,
        )
    )
    os.execvp("caffe", ["caffe", "train", f"--solver={solver}", f"--weights={weights}"])


train(**json.loads(Path(sys.argv[1]).read_text()))
