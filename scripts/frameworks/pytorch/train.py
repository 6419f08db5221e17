"""Train a fully connected network on MNIST with PyTorch."""

import itertools
import json
import sys
from pathlib import Path

import numpy as np
import torch
from network import ACTIVATIONS, FullyConnected
from torch import nn


def adam(parameters, lr, beta1, beta2, epsilon, weight_decay):
    optimizer = torch.optim.Adam(
        parameters, lr, betas=(beta1, beta2), weight_decay=weight_decay, fused=True
    )
    steps = itertools.count(1)

    def set_epsilon(optimizer, *_):
        # PyTorch adds epsilon to the root of the second moment after its bias correction.
        [group] = optimizer.param_groups
        group["eps"] = epsilon / (1 - beta2 ** next(steps)) ** 0.5

    optimizer.register_step_pre_hook(set_epsilon)
    return optimizer


def lower_learning_rate(scheduler):
    [rate] = scheduler.get_last_lr()
    scheduler.step()
    [next_rate] = scheduler.get_last_lr()
    # PyTorch would multiply the whole velocity by the new rate; each gradient in it keeps its own.
    for state in scheduler.optimizer.state.values():
        if state.get("momentum_buffer") is not None:
            state["momentum_buffer"] *= rate / next_rate


def train(
    train_images, train_labels, initial_weights, model,
    inputs, hidden_layers, hidden_units, activation,
    batch_size, partial_batch, epochs, shuffle, seed, precision,
    optimizer, learning_rate, learning_rate_gamma=0.0, learning_rate_power=1.0, weight_decay=0.0,
    momentum=0.0, dampening=0.0, nesterov=False, beta1=0.9, beta2=0.999, epsilon=1e-8,
    **unknown
):  # fmt: skip
    if unknown:
        sys.exit(f"cannot do what these settings ask for: {', '.join(unknown)}")
    if optimizer not in ("sgd", "adam") or partial_batch not in ("keep", "drop", "wrap"):
        sys.exit(f"cannot train with {optimizer} and {partial_batch} partial batches")
    if activation not in ACTIVATIONS or precision not in ("float32", "float64"):
        sys.exit(f"cannot compute {activation} in {precision}")
    if (nesterov or dampening) and not momentum:
        sys.exit("PyTorch cannot dampen the gradient or take Nesterov's step without momentum")
    if nesterov and dampening:
        sys.exit("PyTorch cannot take Nesterov's step with dampening")
    precision = getattr(torch, precision)
    torch.manual_seed(seed)
    print("ready", flush=True)

    images = np.fromfile(train_images, dtype="<f4").reshape(-1, inputs)
    images = torch.from_numpy(images).to(precision)
    labels = torch.from_numpy(np.fromfile(train_labels, dtype=np.uint8)).long()
    print("loaded", flush=True)

    network = FullyConnected(inputs, hidden_layers, hidden_units, activation).to(precision)
    network.set_weights(torch.from_numpy(np.fromfile(initial_weights, dtype="<f4")))
    loss_function = nn.CrossEntropyLoss()
    if optimizer == "sgd":
        optimizer = torch.optim.SGD(
            network.parameters(),
            lr=learning_rate,
            momentum=momentum,
            dampening=dampening,
            nesterov=nesterov,
            weight_decay=weight_decay,
            fused=True,
        )
    else:
        optimizer = adam(network.parameters(), learning_rate, beta1, beta2, epsilon, weight_decay)
    scheduler = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: (1 + learning_rate_gamma * step) ** -learning_rate_power
    )
    print("built", flush=True)

    network.train()
    order = torch.arange(len(images))
    left_over = order[:0]
    for epoch in range(1, epochs + 1):
        if shuffle:
            order = torch.randperm(len(images))
        *batches, last = torch.cat([left_over, order]).split(batch_size)
        left_over = order[:0]
        if len(last) == batch_size or partial_batch == "keep":
            batches.append(last)
        elif partial_batch == "wrap":
            left_over = last
        for batch in batches:
            loss = loss_function(network(images[batch]), labels[batch])
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
            if learning_rate_gamma:
                lower_learning_rate(scheduler)
        print("epoch", epoch, flush=True)

    Path(model).mkdir(parents=True, exist_ok=True)
    torch.save(network.state_dict(), Path(model, "model.pt"))
    print("saved", flush=True)


train(**json.loads(Path(sys.argv[1]).read_text()))
