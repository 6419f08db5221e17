"""Train a fully connected network on MNIST with Keras 1.0 on Theano."""

import json
import os
import sys
from pathlib import Path

import floatx  # noqa: F401  Before Keras, which this tells its precision.
import numpy as np
from keras import backend as K
from keras.callbacks import Callback
from keras.layers import Activation, Dense
from keras.models import Sequential
from keras.optimizers import SGD, Adam
from keras.regularizers import l2
from keras.utils.np_utils import to_categorical
from theano.tensor.nnet import logsoftmax

ACTIVATIONS = ["tanh", "relu", "sigmoid"]


class LearningRate(Callback):
    """A rate that falls by a power law, and is dampened after the first step."""

    def __init__(self, initial, gamma, power, dampening):
        super().__init__()
        self.initial = initial
        self.gamma = gamma
        self.power = power
        self.dampening = dampening
        self.step = 0

    def on_batch_begin(self, batch, logs=None):
        rate = self.initial * (1 + self.gamma * self.step) ** -self.power
        # As in Torch, the first gradient enters the velocity undampened.
        if self.step > 0:
            rate *= 1 - self.dampening
        K.set_value(self.model.optimizer.lr, rate)
        self.step += 1


class PrintEpoch(Callback):
    """Counts epochs by itself: Keras 1 begins anew with each call of fit."""

    epoch = 0

    def on_epoch_end(self, epoch, logs=None):
        self.epoch += 1
        print("epoch", self.epoch, flush=True)


def softmax_cross_entropy(labels, logits):
    # Keras's own loss cuts probabilities off at 1e-7, and with them their gradient.
    return -K.sum(labels * logsoftmax(logits), axis=-1)


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
    # Keras 1 shuffles with NumPy's global generator.
    np.random.seed(seed)
    print("ready", flush=True)

    images = np.fromfile(train_images, dtype="<f4").reshape(-1, inputs)
    images = images.astype(precision, copy=False)
    labels = to_categorical(np.fromfile(train_labels, dtype=np.uint8), 10)
    print("loaded", flush=True)

    def decay():
        # A regulariser of Keras 1 serves one array only.
        return l2(weight_decay / 2) if weight_decay else None

    network = Sequential()
    fan_in = inputs
    for _ in range(hidden_layers):
        network.add(
            Dense(hidden_units, input_dim=fan_in, W_regularizer=decay(), b_regularizer=decay())
        )
        network.add(Activation(activation))
        fan_in = hidden_units
    network.add(Dense(10, input_dim=fan_in, W_regularizer=decay(), b_regularizer=decay()))
    set_weights(network, np.fromfile(initial_weights, dtype="<f4"))
    if optimizer == "sgd":
        optimizer = SGD(learning_rate, momentum, nesterov=nesterov)
    else:
        optimizer = Adam(learning_rate, beta1, beta2, epsilon)
    network.compile(loss=softmax_cross_entropy, optimizer=optimizer)
    print("built", flush=True)

    # compile() only describes the function; Theano would compile it in the first step.
    network.model._make_train_function()
    print("compiled", flush=True)

    callbacks = [PrintEpoch()]
    if learning_rate_gamma or dampening:
        callbacks.append(
            LearningRate(learning_rate, learning_rate_gamma, learning_rate_power, dampening)
        )
    fit = {"batch_size": batch_size, "callbacks": callbacks, "verbose": 0}
    if partial_batch == "keep":
        network.fit(images, labels, nb_epoch=epochs, shuffle=shuffle, **fit)
    else:
        # Keras keeps partial batches: it gets the images of whole batches, in an order drawn here.
        order = np.arange(len(images))
        left_over = order[:0]
        for _ in range(epochs):
            if shuffle:
                np.random.shuffle(order)
            epoch_order = np.concatenate([left_over, order])
            end = len(epoch_order) // batch_size * batch_size
            if partial_batch == "wrap":
                left_over = epoch_order[end:]
            batches = epoch_order[:end]
            network.fit(images[batches], labels[batches], nb_epoch=1, shuffle=False, **fit)

    os.makedirs(model, exist_ok=True)
    Path(model, "model.json").write_text(network.to_json())
    network.save_weights(os.path.join(model, "weights.h5"), overwrite=True)
    print("saved", flush=True)


train(**json.loads(Path(sys.argv[1]).read_text()))
