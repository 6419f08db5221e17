"""Train a fully connected network on MNIST with PaddlePaddle."""

import json
import sys
from pathlib import Path

import numpy as np
import paddle
from network import ACTIVATIONS, FullyConnected
from paddle import nn


class Adam(paddle.optimizer.Adam):
    """Adam, with epsilon added to the uncorrected second moment."""

    def __init__(self, learning_rate, beta1, beta2, epsilon, **options):
        self.constant = epsilon
        self.beta2 = beta2
        self.steps = 0
        super().__init__(learning_rate, beta1, beta2, paddle.to_tensor(epsilon), **options)

    def step(self):
        # PaddlePaddle adds epsilon to the root of the second moment after its bias correction.
        self.steps += 1
        self._epsilon.fill_(self.constant / (1 - self.beta2**self.steps) ** 0.5)
        super().step()


def scale_velocity(optimizer, factor):
    """Multiply the velocity of each parameter."""
    for name, state in optimizer.state_dict().items():
        if "velocity" in name:
            state.scale_(factor)


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
    # PaddlePaddle rounds the momentum to float32.
    rounding = momentum / float(np.float32(momentum)) if momentum and precision == "float64" else 1
    if rounding != 1 and nesterov:
        sys.exit("PaddlePaddle cannot take Nesterov's step with a momentum in float64")
    paddle.set_default_dtype(precision)
    paddle.seed(seed)
    print("ready", flush=True)

    images = np.fromfile(train_images, dtype="<f4").reshape(-1, inputs)
    images = paddle.to_tensor(images, dtype=precision)
    labels = paddle.to_tensor(np.fromfile(train_labels, dtype=np.uint8), dtype="int64")
    print("loaded", flush=True)

    network = FullyConnected(inputs, hidden_layers, hidden_units, activation)
    network.set_weights(np.fromfile(initial_weights, dtype="<f4").astype(precision))
    loss_function = nn.CrossEntropyLoss()

    def decay(step):
        # As in Torch, the first gradient enters the velocity undampened.
        undampened = 1 if step == 0 else 1 - dampening
        return undampened / (1 + learning_rate_gamma * step) ** learning_rate_power

    changing = learning_rate_gamma or dampening
    rate = paddle.optimizer.lr.LambdaDecay(learning_rate, decay) if changing else learning_rate
    options = {"parameters": network.parameters(), "weight_decay": float(weight_decay)}
    if optimizer == "sgd":
        optimizer = paddle.optimizer.Momentum(rate, momentum, use_nesterov=nesterov, **options)
    else:
        optimizer = Adam(rate, beta1, beta2, epsilon, **options)
    print("built", flush=True)

    network.train()
    order = paddle.arange(len(images))
    left_over = order[:0]
    for epoch in range(1, epochs + 1):
        if shuffle:
            order = paddle.randperm(len(images))
        epoch_order = paddle.concat([left_over, order])
        starts = range(0, len(epoch_order), batch_size)
        batches = [epoch_order[i : i + batch_size] for i in starts]
        left_over = order[:0]
        if len(batches[-1]) < batch_size and partial_batch != "keep":
            last = batches.pop()
            if partial_batch == "wrap":
                left_over = last
        for batch in batches:
            logits = network(paddle.index_select(images, batch))
            loss = loss_function(logits, paddle.index_select(labels, batch))
            loss.backward()
            optimizer.step()
            optimizer.clear_grad()
            factor = rounding
            if changing:
                # It multiplies the whole velocity by the new rate; a gradient in it keeps its own.
                factor *= rate.last_lr
                rate.step()
                factor /= rate.last_lr
            if factor != 1:
                scale_velocity(optimizer, factor)
        print("epoch", epoch, flush=True)

    paddle.save(network.state_dict(), str(Path(model, "model.pdparams")))
    print("saved", flush=True)


train(**json.loads(Path(sys.argv[1]).read_text()))
