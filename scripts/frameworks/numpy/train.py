"""Train a fully connected network on MNIST with NumPy."""

import argparse
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

    def update(self, gradient, learning_rate, iteration):
        self.first_moment += (1 - self.beta1) * (gradient - self.first_moment)
        self.second_moment += (1 - self.beta2) * (gradient * gradient - self.second_moment)
        correction = np.sqrt(1 - self.beta2 ** (iteration + 1)) / (
            1 - self.beta1 ** (iteration + 1)
        )
        self.parameters -= (
            learning_rate
            * correction
            * self.first_moment
            / (np.sqrt(self.second_moment) + self.epsilon)
        )


def batches(order, batch_size):
    """Split an order of images into batches."""
    return (order[start : start + batch_size] for start in range(0, len(order), batch_size))


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
    print("ready", flush=True)

    images = np.fromfile(args.train_images, dtype="<f4").reshape(-1, args.inputs)
    images = images.astype(args.precision, copy=False)
    labels = np.fromfile(args.train_labels, dtype=np.uint8)
    print("loaded", flush=True)

    sizes = [args.inputs] + [args.hidden_units] * args.hidden_layers + [10]
    parameters = np.fromfile(args.initial_weights, dtype="<f4").astype(args.precision)
    gradient = np.empty_like(parameters)
    layers = layers_of(parameters, sizes)
    gradients = layers_of(gradient, sizes)
    if args.optimizer == "sgd":
        optimizer = SGD(parameters, args.momentum, args.dampening, args.nesterov)
    else:
        optimizer = Adam(parameters, args.beta1, args.beta2, args.epsilon)
    print("built", flush=True)

    rng = np.random.default_rng(args.seed)
    order = np.arange(len(images))
    left_over = order[:0]
    iteration = 0
    for epoch in range(1, args.epochs + 1):
        if args.shuffle:
            rng.shuffle(order)
        epoch_order = np.concatenate([left_over, order])
        if args.partial_batch != "keep":
            whole_batches = len(epoch_order) - len(epoch_order) % args.batch_size
            epoch_order, rest = np.split(epoch_order, [whole_batches])
            if args.partial_batch == "wrap":
                left_over = rest
        for batch in batches(epoch_order, args.batch_size):
            outputs = forward(layers, images[batch], args.activation)
            backward(layers, gradients, outputs, labels[batch], args.activation)
            if args.weight_decay:
                gradient += args.weight_decay * parameters
            decay = (1 + args.learning_rate_gamma * iteration) ** -args.learning_rate_power
            optimizer.update(gradient, args.learning_rate * decay, iteration)
            iteration += 1
        print("epoch", epoch, flush=True)

    args.model.mkdir(parents=True, exist_ok=True)
    np.save(args.model / "parameters.npy", parameters)
    print("saved", flush=True)


if __name__ == "__main__":
    main()
