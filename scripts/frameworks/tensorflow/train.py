"""Train a fully connected network on MNIST with TensorFlow 2."""

import json
import sys
from pathlib import Path

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
    precision = tf.as_dtype(precision)
    tf.random.set_seed(seed)
    # In a graph this small, rewriting costs more time than it saves.
    tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": True})
    print("ready", flush=True)

    images = np.fromfile(train_images, dtype="<f4").reshape(-1, inputs)
    images = tf.constant(images, dtype=precision)
    labels = tf.constant(np.fromfile(train_labels, dtype=np.uint8), dtype=tf.int32)
    print("loaded", flush=True)

    weights = tf.constant(np.fromfile(initial_weights, dtype="<f4"), dtype=precision)
    network = FullyConnected(inputs, hidden_layers, hidden_units, activation, weights)
    variables = network.trainable_variables
    uses_step = learning_rate_gamma or dampening or optimizer == "adam"
    if optimizer == "sgd":
        optimizer = SGD(variables, momentum, nesterov)
    else:
        optimizer = Adam(variables, beta1, beta2, epsilon)
    step = tf.Variable(0, dtype=tf.int64)
    order = tf.range(len(images))
    left_over = tf.Variable(order[:0], shape=(None,))

    def rate_of(step):
        rate = tf.constant(learning_rate, precision)
        if learning_rate_gamma:
            rate *= (1 + learning_rate_gamma * tf.cast(step, precision)) ** -learning_rate_power
        if dampening:
            # As in Torch, the first gradient enters the velocity undampened.
            rate *= tf.where(step > 0, tf.constant(1 - dampening, precision), 1)
        return rate

    def train_step(batch):
        with tf.GradientTape() as tape:
            losses = tf.nn.sparse_softmax_cross_entropy_with_logits(
                tf.gather(labels, batch), network(tf.gather(images, batch))
            )
            loss = tf.reduce_mean(losses)
        gradients = tape.gradient(loss, variables)
        if weight_decay:
            gradients = [g + weight_decay * v for g, v in zip(gradients, variables)]
        optimizer.apply(variables, gradients, rate_of(step), step)
        if uses_step:
            step.assign_add(1)

    @tf.function
    def train_epoch():
        epoch_order = tf.random.shuffle(order) if shuffle else order
        epoch_order = tf.concat([left_over, epoch_order], axis=0)
        whole_batches = tf.size(epoch_order) // batch_size * batch_size
        for batch in tf.reshape(epoch_order[:whole_batches], (-1, batch_size)):
            train_step(batch)
        if partial_batch == "wrap":
            left_over.assign(epoch_order[whole_batches:])
        elif partial_batch == "keep" and len(images) % batch_size:
            train_step(epoch_order[whole_batches:])

    train_epoch = train_epoch.get_concrete_function()
    print("built", flush=True)

    for epoch in range(1, epochs + 1):
        train_epoch()
        print("epoch", epoch, flush=True)

    signature = tf.TensorSpec((None, inputs), precision)
    network_function = tf.function(network).get_concrete_function(signature)
    tf.saved_model.save(network, model, signatures=network_function)
    print("saved", flush=True)


train(**json.loads(Path(sys.argv[1]).read_text()))
