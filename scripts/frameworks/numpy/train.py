"""Train a fully connected network on MNIST with NumPy."""

import json
import sys
from pathlib import Path

import numpy as np
from network import ACTIVATIONS, backward, forward, layers_of


class SGD:
    """Stochastic gradient descent with momentum, dampening and Nesterov's step."""

    def __init__(self, parameters, momentum, dampening, nesterov):
        self.parameters = parameters
        self.momentum = momentum
        self.dampening = dampening
        self.nesterov = nesterov
        self.velocity = np.zeros_like(parameters)
        self.step = np.empty_like(parameters)

    def update(self, gradient, learning_rate, iteration):
        # As in Torch, the first gradient enters the velocity undampened.
        dampening = self.dampening if iteration > 0 else 0
        gradient *= learning_rate * (1 - dampening)
        self.velocity *= self.momentum
        self.velocity += gradient
        if self.nesterov:
            np.multiply(self.velocity, self.momentum, out=self.step)
            self.step += gradient
            self.parameters -= self.step
        else:
            self.parameters -= self.velocity


class Adam:
    """Adam, with epsilon added to the uncorrected second moment, as in section 2 of the paper."""

    def __init__(self, parameters, beta1, beta2, epsilon):
        self.parameters = parameters
        self.beta1 = beta1
        self.beta2 = beta2
        self.epsilon = epsilon
        self.first_moment = np.zeros_like(parameters)
        self.second_moment = np.zeros_like(parameters)
        self.step = np.empty_like(parameters)

    def update(self, gradient, learning_rate, iteration):
        # In place: a new array for each of these products would take three times as long.
        np.multiply(gradient, gradient, out=self.step)
        self.step *= 1 - self.beta2
        self.second_moment *= self.beta2
        self.second_moment += self.step
        gradient *= 1 - self.beta1
        self.first_moment *= self.beta1
        self.first_moment += gradient
        correction = np.sqrt(1 - self.beta2 ** (iteration + 1)) / (
            1 - self.beta1 ** (iteration + 1)
        )
        np.sqrt(self.second_moment, out=self.step)
        self.step += self.epsilon
        np.divide(self.first_moment, self.step, out=self.step)
        self.step *= learning_rate * correction
        self.parameters -= self.step


def train(
    train_images, train_labels, initial_weights, model,
    inputs, hidden_layers, hidden_units, activation,
    batch_size, partial_batch, epochs, shuffle, seed, precision,
    optimizer, learning_rate, learning_rate_gamma=0.0, learning_rate_power=1.0, weight_decay=0.0,
    momentum=0.0, dampening=0.0, nesterov=False, beta1=0.9, beta2=0.999, epsilon=1e-8,
    activation_module="separate", **unknown
):  # fmt: skip
    if unknown:
        sys.exit(f"cannot do what these settings ask for: {', '.join(unknown)}")
    if optimizer not in ("sgd", "adam") or partial_batch not in ("keep", "drop", "wrap"):
        sys.exit(f"cannot train with {optimizer} and {partial_batch} partial batches")
    if activation not in ACTIVATIONS or precision not in ("float32", "float64"):
        sys.exit(f"cannot compute {activation} in {precision}")
    if activation_module not in ("separate", "shared"):
        sys.exit(f"cannot take the activation_module {activation_module}")
    rng = np.random.default_rng(seed)
    print("ready", flush=True)

    images = np.fromfile(train_images, dtype="<f4").reshape(-1, inputs)
    images = images.astype(precision, copy=False)
    labels = np.fromfile(train_labels, dtype=np.uint8)
    print("loaded", flush=True)

    sizes = [inputs] + [hidden_units] * hidden_layers + [10]
    parameters = np.fromfile(initial_weights, dtype="<f4").astype(precision)
    gradient = np.empty_like(parameters)
    layers = layers_of(parameters, sizes)
    gradients = layers_of(gradient, sizes)
    if optimizer == "sgd":
        optimizer = SGD(parameters, momentum, dampening, nesterov)
    else:
        optimizer = Adam(parameters, beta1, beta2, epsilon)
    print("built", flush=True)

    order = np.arange(len(images))
    left_over = order[:0]
    iteration = 0
    for epoch in range(1, epochs + 1):
        if shuffle:
            rng.shuffle(order)
        epoch_order = np.concatenate([left_over, order])
        end = len(epoch_order)
        if partial_batch != "keep":
            end -= end % batch_size
        for start in range(0, end, batch_size):
            batch = epoch_order[start : start + batch_size]
            outputs = forward(layers, images[batch], activation)
            backward(layers, gradients, outputs, labels[batch], activation, activation_module)
            if weight_decay:
                gradient += weight_decay * parameters
            decay = (1 + learning_rate_gamma * iteration) ** -learning_rate_power
            optimizer.update(gradient, learning_rate * decay, iteration)
            iteration += 1
        if partial_batch == "wrap":
            left_over = epoch_order[end:]
        print("epoch", epoch, flush=True)

    Path(model).mkdir(parents=True, exist_ok=True)
    np.save(Path(model, "parameters.npy"), parameters)
    print("saved", flush=True)


train(**json.loads(Path(sys.argv[1]).read_text()))
