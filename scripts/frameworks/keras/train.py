"""Train a fully connected network on MNIST with Keras 3."""

import argparse
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


def build_model(args):
    # Keras's own weight_decay is decoupled from the gradient; the regulariser is not.
    decay = keras.regularizers.L2(args.weight_decay / 2) if args.weight_decay else None
    model = keras.Sequential([keras.Input((args.inputs,))])
    for _ in range(args.hidden_layers):
        model.add(
            keras.layers.Dense(
                args.hidden_units,
                activation=args.activation,
                kernel_regularizer=decay,
                bias_regularizer=decay,
            )
        )
    model.add(keras.layers.Dense(10, kernel_regularizer=decay, bias_regularizer=decay))
    return model


def set_weights(model, weights):
    """Fill the layers from one flat array that holds, layer by layer, weights and biases."""
    arrays = []
    for array in model.get_weights():
        arrays.append(weights[: array.size].reshape(array.shape))
        weights = weights[array.size :]
    model.set_weights(arrays)


def build_optimizer(args):
    learning_rate = args.learning_rate
    if args.learning_rate_gamma or args.dampening:
        learning_rate = LearningRate(
            args.learning_rate, args.learning_rate_gamma, args.learning_rate_power, args.dampening
        )
    # Keras would round these to float32 if they were plain floats.
    momentum, beta1, beta2 = np.float64([args.momentum, args.beta1, args.beta2])
    if args.optimizer == "sgd":
        return keras.optimizers.SGD(learning_rate, momentum, args.nesterov)
    return keras.optimizers.Adam(learning_rate, beta1, beta2, args.epsilon)


def fit_whole_batches(model, images, labels, args):
    """Train with whole batches only, and with an order of the images that is drawn here."""
    rng = np.random.default_rng(args.seed)
    order = np.arange(len(images))
    left_over = order[:0]
    for epoch in range(args.epochs):
        if args.shuffle:
            rng.shuffle(order)
        epoch_order = np.concatenate([left_over, order])
        whole_batches = len(epoch_order) // args.batch_size * args.batch_size
        epoch_order, rest = np.split(epoch_order, [whole_batches])
        if args.partial_batch == "wrap":
            left_over = rest
        model.fit(
            images[epoch_order],
            labels[epoch_order],
            batch_size=args.batch_size,
            initial_epoch=epoch,
            epochs=epoch + 1,
            shuffle=False,
            callbacks=[PrintEpoch()],
            verbose=0,
        )


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--train-images", required=True)
    parser.add_argument("--train-labels", required=True)
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
    keras.config.set_floatx(args.precision)
    keras.utils.set_random_seed(args.seed)
    print("ready", flush=True)

    images = np.fromfile(args.train_images, dtype="<f4").reshape(-1, args.inputs)
    images = images.astype(args.precision, copy=False)
    labels = np.fromfile(args.train_labels, dtype=np.uint8)
    print("loaded", flush=True)

    model = build_model(args)
    set_weights(model, np.fromfile(args.initial_weights, dtype="<f4"))
    model.compile(
        optimizer=build_optimizer(args),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        steps_per_execution=-(-len(images) // args.batch_size),
        # Compiling with XLA would take longer than it saves on a network of this size.
        jit_compile=False,
    )
    print("built", flush=True)

    if args.partial_batch == "keep":
        model.fit(
            images,
            labels,
            batch_size=args.batch_size,
            epochs=args.epochs,
            shuffle=args.shuffle,
            callbacks=[PrintEpoch()],
            verbose=0,
        )
    else:
        fit_whole_batches(model, images, labels, args)

    args.model.mkdir(parents=True, exist_ok=True)
    model.save(args.model / "model.keras")
    print("saved", flush=True)


if __name__ == "__main__":
    main()
