"""Train a fully connected network on MNIST with TensorFlow 0.12."""

import json
import os
import sys
from pathlib import Path

import numpy as np
import tensorflow as tf

ACTIVATIONS = {"tanh": tf.tanh, "relu": tf.nn.relu, "sigmoid": tf.sigmoid}


def build_network(images, hidden_layers, hidden_units, activation, initial_weights):
    """Return the logits [batch, 10] of a batch of images.

    ``initial_weights`` is one flat array that holds, layer by layer, weights and biases.
    """
    activate = ACTIVATIONS[activation]
    sizes = [images.get_shape()[1].value] + [hidden_units] * hidden_layers + [10]
    outputs = images
    for layer, (fan_in, fan_out) in enumerate(zip(sizes, sizes[1:])):
        if layer > 0:
            outputs = activate(outputs)
        kernel, biases, initial_weights = np.split(
            initial_weights, [fan_in * fan_out, (fan_in + 1) * fan_out]
        )
        with tf.name_scope(f"layer{layer + 1}"):
            weights = tf.Variable(kernel.reshape(fan_in, fan_out), name="weights")
            biases = tf.Variable(biases, name="biases")
            outputs = tf.nn.xw_plus_b(outputs, weights, biases)
    return outputs


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
    np.random.seed(seed)
    print("ready", flush=True)

    train_images = np.fromfile(train_images, dtype="<f4").reshape(-1, inputs)
    train_images = train_images.astype(precision, copy=False)
    train_labels = np.fromfile(train_labels, dtype=np.uint8).astype(np.int32)
    print("loaded", flush=True)

    weights = np.fromfile(initial_weights, dtype="<f4").astype(precision)
    images = tf.placeholder(precision, [None, inputs], name="images")
    labels = tf.placeholder(tf.int32, [None], name="labels")
    logits = build_network(images, hidden_layers, hidden_units, activation, weights)
    tf.identity(logits, name="logits")
    loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(logits, labels))
    if weight_decay:
        squares = [tf.nn.l2_loss(variable) for variable in tf.trainable_variables()]
        loss += weight_decay * tf.add_n(squares)

    step = tf.Variable(0, trainable=False, name="global_step")
    rate = tf.constant(learning_rate, precision)
    if learning_rate_gamma:
        rate *= (1 + learning_rate_gamma * tf.cast(step, precision)) ** -learning_rate_power
    if dampening:
        # As in Torch, the first gradient enters the velocity undampened.
        rate *= 1 - dampening * tf.cast(step > 0, precision)
    # TensorFlow would round these to float32 if they were plain floats.
    momentum, beta1, beta2, epsilon = np.array([momentum, beta1, beta2, epsilon], precision)
    if optimizer == "sgd":
        # TensorFlow keeps the rate out of the velocity; as a factor of the loss it is in it.
        optimizer = tf.train.MomentumOptimizer(1.0, momentum, use_nesterov=nesterov)
        train_step = optimizer.minimize(rate * loss, global_step=step)
    else:
        optimizer = tf.train.AdamOptimizer(rate, beta1, beta2, epsilon)
        train_step = optimizer.minimize(loss, global_step=step)

    # TensorFlow 0.12 takes all cores unless its session is told otherwise; it reads no variable.
    threads = int(os.environ.get("OMP_NUM_THREADS", 0))
    config = tf.ConfigProto(
        intra_op_parallelism_threads=threads, inter_op_parallelism_threads=threads
    )
    session = tf.Session(config=config)
    session.run(tf.global_variables_initializer())
    print("built", flush=True)

    order = np.arange(len(train_images))
    left_over = order[:0]
    for epoch in range(1, epochs + 1):
        if shuffle:
            np.random.shuffle(order)
        epoch_order = np.concatenate([left_over, order])
        end = len(epoch_order)
        if partial_batch != "keep":
            end -= end % batch_size
        for start in range(0, end, batch_size):
            batch = epoch_order[start : start + batch_size]
            session.run(
                train_step, feed_dict={images: train_images[batch], labels: train_labels[batch]}
            )
        if partial_batch == "wrap":
            left_over = epoch_order[end:]
        print("epoch", epoch, flush=True)

    os.makedirs(model, exist_ok=True)
    tf.train.Saver(tf.trainable_variables()).save(session, os.path.join(model, "model.ckpt"))
    print("saved", flush=True)


train(**json.loads(Path(sys.argv[1]).read_text()))
