"""Train a fully connected network on MNIST with TensorFlow 0.12."""

import argparse
import os

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


def learning_rate(step, args):
    """Return the rate of a step: it falls by a power law, and is dampened after the first one."""
    rate = tf.constant(args.learning_rate, args.precision)
    if args.learning_rate_gamma:
        decay = 1 + args.learning_rate_gamma * tf.cast(step, args.precision)
        rate *= decay**-args.learning_rate_power
    if args.dampening:
        # As in Torch, the first gradient enters the velocity undampened.
        rate *= 1 - args.dampening * tf.cast(step > 0, args.precision)
    return rate


def build_train_step(loss, args):
    step = tf.Variable(0, trainable=False, name="global_step")
    rate = learning_rate(step, args)
    # TensorFlow would round these to float32 if they were plain floats.
    momentum, beta1, beta2, epsilon = np.array(
        [args.momentum, args.beta1, args.beta2, args.epsilon], args.precision
    )
    if args.optimizer == "adam":
        optimizer = tf.train.AdamOptimizer(rate, beta1, beta2, epsilon)
        return optimizer.minimize(loss, global_step=step)
    # TensorFlow keeps the learning rate out of the velocity; as a factor of the loss it is in it.
    optimizer = tf.train.MomentumOptimizer(1.0, momentum, use_nesterov=args.nesterov)
    return optimizer.minimize(rate * loss, global_step=step)


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
    np.random.seed(args.seed)
    print("ready", flush=True)

    train_images = np.fromfile(args.train_images, dtype="<f4").reshape(-1, args.inputs)
    train_images = train_images.astype(args.precision, copy=False)
    train_labels = np.fromfile(args.train_labels, dtype=np.uint8).astype(np.int32)
    print("loaded", flush=True)

    initial_weights = np.fromfile(args.initial_weights, dtype="<f4").astype(args.precision)
    images = tf.placeholder(args.precision, [None, args.inputs], name="images")
    labels = tf.placeholder(tf.int32, [None], name="labels")
    logits = build_network(
        images, args.hidden_layers, args.hidden_units, args.activation, initial_weights
    )
    tf.identity(logits, name="logits")
    loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(logits, labels))
    if args.weight_decay:
        squares = [tf.nn.l2_loss(variable) for variable in tf.trainable_variables()]
        loss += args.weight_decay * tf.add_n(squares)
    train_step = build_train_step(loss, args)

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
    for epoch in range(1, args.epochs + 1):
        if args.shuffle:
            np.random.shuffle(order)
        epoch_order = np.concatenate([left_over, order])
        end = len(epoch_order)
        if args.partial_batch != "keep":
            end -= end % args.batch_size
        for start in range(0, end, args.batch_size):
            batch = epoch_order[start : start + args.batch_size]
            session.run(
                train_step, feed_dict={images: train_images[batch], labels: train_labels[batch]}
            )
        if args.partial_batch == "wrap":
            left_over = epoch_order[end:]
        print("epoch", epoch, flush=True)

    os.makedirs(args.model, exist_ok=True)
    tf.train.Saver(tf.trainable_variables()).save(session, os.path.join(args.model, "model.ckpt"))
    print("saved", flush=True)


if __name__ == "__main__":
    main()
