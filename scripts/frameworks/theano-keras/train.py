"""Train a fully connected network on MNIST with Keras 1.0 on Theano."""

import argparse
import os

import numpy as np
from floatx import PRECISIONS  # Before Keras, which this tells its precision.
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


def build_model(args):
    def decay():
        # A regulariser of Keras 1 serves one array only.
        return l2(args.weight_decay / 2) if args.weight_decay else None

    model = Sequential()
    fan_in = args.inputs
    for _ in range(args.hidden_layers):
        model.add(
            Dense(
                args.hidden_units,
                input_dim=fan_in,
                W_regularizer=decay(),
                b_regularizer=decay(),
            )
        )
        model.add(Activation(args.activation))
        fan_in = args.hidden_units
    model.add(Dense(10, input_dim=fan_in, W_regularizer=decay(), b_regularizer=decay()))
    return model


def softmax_cross_entropy(labels, logits):
    # Keras's own loss cuts probabilities off at 1e-7, and with them their gradient.
    return -K.sum(labels * logsoftmax(logits), axis=-1)


def set_weights(model, weights):
    """Fill the layers from one flat array that holds, layer by layer, weights and biases."""
    arrays = []
    for array in model.get_weights():
        arrays.append(weights[: array.size].reshape(array.shape))
        weights = weights[array.size :]
    model.set_weights(arrays)


def build_optimizer(args):
    if args.optimizer == "sgd":
        return SGD(lr=args.learning_rate, momentum=args.momentum, nesterov=args.nesterov)
    return Adam(args.learning_rate, beta_1=args.beta1, beta_2=args.beta2, epsilon=args.epsilon)


def fit_whole_batches(model, images, labels, callbacks, args):
    """Train with whole batches only, and with an order of the images that is drawn here."""
    order = np.arange(len(images))
    left_over = order[:0]
    for _ in range(args.epochs):
        if args.shuffle:
            np.random.shuffle(order)
        epoch_order = np.concatenate([left_over, order])
        whole_batches = len(epoch_order) // args.batch_size * args.batch_size
        epoch_order, rest = np.split(epoch_order, [whole_batches])
        if args.partial_batch == "wrap":
            left_over = rest
        model.fit(
            images[epoch_order],
            labels[epoch_order],
            batch_size=args.batch_size,
            nb_epoch=1,
            shuffle=False,
            callbacks=callbacks,
            verbose=0,
        )


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--train-images", required=True)
    parser.add_argument("--train-labels", required=True)
    parser.add_argument("--initial-weights", required=True)
    parser.add_argument("--model", required=True)
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
    parser.add_argument("--precision", choices=PRECISIONS, default="float32")
    args = parser.parse_args()
    # Keras 1 shuffles with NumPy's global generator.
    np.random.seed(args.seed)
    print("ready", flush=True)

    images = np.fromfile(args.train_images, dtype="<f4").reshape(-1, args.inputs)
    images = images.astype(args.precision, copy=False)
    labels = to_categorical(np.fromfile(args.train_labels, dtype=np.uint8), 10)
    print("loaded", flush=True)

    model = build_model(args)
    set_weights(model, np.fromfile(args.initial_weights, dtype="<f4"))
    model.compile(loss=softmax_cross_entropy, optimizer=build_optimizer(args))
    print("built", flush=True)

    # compile() only describes the function; Theano would compile it in the first step.
    model.model._make_train_function()
    print("compiled", flush=True)

    callbacks = [PrintEpoch()]
    if args.learning_rate_gamma or args.dampening:
        callbacks.append(
            LearningRate(
                args.learning_rate,
                args.learning_rate_gamma,
                args.learning_rate_power,
                args.dampening,
            )
        )
    if args.partial_batch == "keep":
        model.fit(
            images,
            labels,
            batch_size=args.batch_size,
            nb_epoch=args.epochs,
            shuffle=args.shuffle,
            callbacks=callbacks,
            verbose=0,
        )
    else:
        fit_whole_batches(model, images, labels, callbacks, args)

    os.makedirs(args.model, exist_ok=True)
    with open(os.path.join(args.model, "model.json"), "w") as file:
        file.write(model.to_json())
    model.save_weights(os.path.join(args.model, "weights.h5"), overwrite=True)
    print("saved", flush=True)


if __name__ == "__main__":
    main()
