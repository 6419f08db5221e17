"""Train a fully connected network on MNIST with TensorFlow 2."""

import argparse

import numpy as np
import tensorflow as tf
from network import ACTIVATIONS, FullyConnected


class SGD(tf.Module):
    """Stochastic gradient descent with momentum; the learning rate is inside the velocity."""

    def __init__(self, variables, momentum, nesterov):
        super().__init__()
        self.momentum = momentum
        self.nesterov = nesterov
        self.velocities = [tf.Variable(tf.zeros_like(variable)) for variable in variables]

    def apply(self, variables, gradients, learning_rate, step):
        for variable, velocity, gradient in zip(variables, self.velocities, gradients):
            tf.raw_ops.ResourceApplyKerasMomentum(
                var=variable.handle,
                accum=velocity.handle,
                lr=learning_rate,
                grad=gradient,
                momentum=tf.constant(self.momentum, variable.dtype),
                use_nesterov=self.nesterov,
            )


class Adam(tf.Module):
    def __init__(self, variables, beta1, beta2, epsilon):
        super().__init__()
        self.beta1 = beta1
        self.beta2 = beta2
        self.epsilon = epsilon
        self.first_moments = [tf.Variable(tf.zeros_like(variable)) for variable in variables]
        self.second_moments = [tf.Variable(tf.zeros_like(variable)) for variable in variables]

    def apply(self, variables, gradients, learning_rate, step):
        moments = zip(self.first_moments, self.second_moments)
        for variable, (first, second), gradient in zip(variables, moments, gradients):
            tf.raw_ops.ResourceApplyAdam(
                var=variable.handle,
                m=first.handle,
                v=second.handle,
                beta1_power=self.beta1 ** tf.cast(step + 1, variable.dtype),
                beta2_power=self.beta2 ** tf.cast(step + 1, variable.dtype),
                lr=learning_rate,
                beta1=tf.constant(self.beta1, variable.dtype),
                beta2=tf.constant(self.beta2, variable.dtype),
                epsilon=tf.constant(self.epsilon, variable.dtype),
                grad=gradient,
            )


def build_optimizer(variables, args):
    if args.optimizer == "sgd":
        return SGD(variables, args.momentum, args.nesterov)
    return Adam(variables, args.beta1, args.beta2, args.epsilon)


def learning_rate(step, args):
    """Return the rate of a step: it falls by a power law, and is dampened after the first one."""
    rate = tf.constant(args.learning_rate, args.precision)
    if args.learning_rate_gamma:
        decay = 1 + args.learning_rate_gamma * tf.cast(step, args.precision)
        rate *= decay**-args.learning_rate_power
    if args.dampening:
        rate *= tf.where(step > 0, tf.constant(1 - args.dampening, args.precision), 1)
    return rate


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
    parser.add_argument("--precision", choices=["float32", "float64"], default="float32")
    args = parser.parse_args()
    precision = tf.as_dtype(args.precision)
    tf.random.set_seed(args.seed)
    # In a graph this small, rewriting costs more time than it saves.
    tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": True})
    print("ready", flush=True)

    images = np.fromfile(args.train_images, dtype="<f4").reshape(-1, args.inputs)
    images = tf.constant(images, dtype=precision)
    labels = tf.constant(np.fromfile(args.train_labels, dtype=np.uint8), dtype=tf.int32)
    print("loaded", flush=True)

    weights = tf.constant(np.fromfile(args.initial_weights, dtype="<f4"), dtype=precision)
    model = FullyConnected(
        args.inputs, args.hidden_layers, args.hidden_units, args.activation, weights
    )
    variables = model.trainable_variables
    optimizer = build_optimizer(variables, args)
    step = tf.Variable(0, dtype=tf.int64)
    uses_step = args.learning_rate_gamma or args.dampening or args.optimizer == "adam"
    order = tf.range(len(images))
    left_over = tf.Variable(order[:0], shape=(None,))

    def train_step(batch):
        with tf.GradientTape() as tape:
            losses = tf.nn.sparse_softmax_cross_entropy_with_logits(
                tf.gather(labels, batch), model(tf.gather(images, batch))
            )
            loss = tf.reduce_mean(losses)
        gradients = tape.gradient(loss, variables)
        if args.weight_decay:
            gradients = [g + args.weight_decay * v for g, v in zip(gradients, variables)]
        optimizer.apply(variables, gradients, learning_rate(step, args), step)
        if uses_step:
            step.assign_add(1)

    @tf.function
    def train_epoch():
        epoch_order = tf.random.shuffle(order) if args.shuffle else order
        epoch_order = tf.concat([left_over, epoch_order], axis=0)
        whole_batches = tf.size(epoch_order) // args.batch_size * args.batch_size
        for batch in tf.reshape(epoch_order[:whole_batches], (-1, args.batch_size)):
            train_step(batch)
        if args.partial_batch == "wrap":
            left_over.assign(epoch_order[whole_batches:])
        elif args.partial_batch == "keep" and len(images) % args.batch_size:
            train_step(epoch_order[whole_batches:])

    train_epoch = train_epoch.get_concrete_function()
    print("built", flush=True)

    for epoch in range(1, args.epochs + 1):
        train_epoch()
        print("epoch", epoch, flush=True)

    images_signature = tf.TensorSpec((None, args.inputs), precision)
    tf.saved_model.save(
        model, args.model, signatures=tf.function(model).get_concrete_function(images_signature)
    )
    print("saved", flush=True)


if __name__ == "__main__":
    main()
