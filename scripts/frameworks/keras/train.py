"""Train a fully connected network on MNIST with Keras 3."""

import json
import sys
from pathlib import Path

import keras
import numpy as np

ACTIVATIONS = ["tanh", "relu", "sigmoid"]


class LearningRate(keras.optimizers.schedules.LearningRateSchedule):
    """A rate that falls by a power law, and is dampened after the first step."""

    def __init__(self, initial, gamma, power, dampening):
        self.initial = initial
        self.gamma = gamma
        self.power = power
        self.dampening = dampening

    def __call__(self, step):
        step = keras.ops.cast(step, keras.config.floatx())
        rate = self.initial * (1 + self.gamma * step) ** -self.power
        # As in Torch, the first gradient enters the velocity undampened.
        return keras.ops.where(step > 0, rate * (1 - self.dampening), rate)

    def get_config(self):
        return vars(self)


class PrintEpoch(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        print("epoch", epoch + 1, flush=True)


def set_weights(network, weights):
    """Fill the layers from one flat array that holds, layer by layer, weights and biases."""
    arrays = []
    for array in network.get_weights():
        arrays.append(weights[: array.size].reshape(array.shape))
        weights = weights[array.size :]
    network.set_weights(arrays)


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
    keras.config.set_floatx(precision)
    keras.utils.set_random_seed(seed)
    print("ready", flush=True)

    images = np.fromfile(train_images, dtype="<f4").reshape(-1, inputs)
    images = images.astype(precision, copy=False)
    labels = np.fromfile(train_labels, dtype=np.uint8)
    print("loaded", flush=True)

    # Keras's own weight_decay is decoupled from the gradient; the regulariser is not.
    decay = keras.regularizers.L2(weight_decay / 2) if weight_decay else None
    regularizers = {"kernel_regularizer": decay, "bias_regularizer": decay}
    network = keras.Sequential([keras.Input((inputs,))])
    for _ in range(hidden_layers):
        network.add(keras.layers.Dense(hidden_units, activation, **regularizers))
    network.add(keras.layers.Dense(10, **regularizers))
    set_weights(network, np.fromfile(initial_weights, dtype="<f4"))

    rate = float(learning_rate)
    if learning_rate_gamma or dampening:
        rate = LearningRate(learning_rate, learning_rate_gamma, learning_rate_power, dampening)
    # Keras would round these to float32 if they were plain floats.
    momentum, beta1, beta2 = np.float64([momentum, beta1, beta2])
    if optimizer == "sgd":
        optimizer = keras.optimizers.SGD(rate, momentum, nesterov)
    else:
        optimizer = keras.optimizers.Adam(rate, beta1, beta2, epsilon)
    network.compile(
        optimizer=optimizer,
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        steps_per_execution=-(-len(images) // batch_size),
        # Compiling with XLA would take longer than it saves on a network of this size.
        jit_compile=False,
    )
    print("built", flush=True)

    fit = {"batch_size": batch_size, "callbacks": [PrintEpoch()], "verbose": 0}
    if partial_batch == "keep":
        network.fit(images, labels, epochs=epochs, shuffle=shuffle, **fit)
    else:
        # Keras keeps partial batches: it gets the images of whole batches, in an order drawn here.
        rng = np.random.default_rng(seed)
        order = np.arange(len(images))
        left_over = order[:0]
        for epoch in range(epochs):
            if shuffle:
                rng.shuffle(order)
            epoch_order = np.concatenate([left_over, order])
            end = len(epoch_order) // batch_size * batch_size
            if partial_batch == "wrap":
                left_over = epoch_order[end:]
            batches = epoch_order[:end]
            network.fit(
                images[batches],
                labels[batches],
                initial_epoch=epoch,
                epochs=epoch + 1,
                shuffle=False,
                **fit,
            )

    Path(model).mkdir(parents=True, exist_ok=True)
    network.save(Path(model, "model.keras"))
    print("saved", flush=True)


train(**json.loads(Path(sys.argv[1]).read_text()))
