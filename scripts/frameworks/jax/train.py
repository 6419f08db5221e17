"""Train a fully connected network on MNIST with JAX and Optax."""

import json
import sys
from functools import partial
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import optax
from network import ACTIVATIONS, forward, layers_of


def adam(beta1, beta2, epsilon):
    def corrected_epsilon(step):
        # Optax adds epsilon to the root of the second moment after its bias correction.
        return epsilon / jnp.sqrt(1 - beta2 ** (step + 1))

    scale_by_adam = optax.inject_hyperparams(optax.scale_by_adam, static_args=("b1", "b2"))
    return scale_by_adam(b1=beta1, b2=beta2, eps=corrected_epsilon)


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
    jax.config.update("jax_enable_x64", precision == "float64")
    rng = np.random.default_rng(seed)
    print("ready", flush=True)

    images = np.fromfile(train_images, dtype="<f4").reshape(-1, inputs)
    images = jnp.asarray(images, precision)
    labels = jnp.asarray(np.fromfile(train_labels, dtype=np.uint8))
    print("loaded", flush=True)

    weights = jnp.asarray(np.fromfile(initial_weights, dtype="<f4"), precision)
    parameters = layers_of(weights, [inputs] + [hidden_units] * hidden_layers + [10])

    def rate_of(step):
        rate = learning_rate / (1 + learning_rate_gamma * step) ** learning_rate_power
        # As in Torch, the first gradient enters the velocity undampened.
        return jnp.where(step > 0, rate * (1 - dampening), rate)

    rate = rate_of if learning_rate_gamma or dampening else learning_rate
    updates = [optax.add_decayed_weights(weight_decay)] if weight_decay else []
    if optimizer == "sgd":
        # In this order, the rate is inside the velocity.
        updates += [optax.scale_by_learning_rate(rate), optax.trace(momentum, nesterov)]
    else:
        updates += [adam(beta1, beta2, epsilon), optax.scale_by_learning_rate(rate)]
    optimizer = optax.chain(*updates)
    state = parameters, optimizer.init(parameters)
    print("built", flush=True)

    def loss_function(parameters, images, labels):
        logits = forward(parameters, images, activation)
        return optax.softmax_cross_entropy_with_integer_labels(logits, labels).mean()

    @partial(jax.jit, donate_argnames="state")
    def train_step(state, images, labels, batch):
        parameters, optimizer_state = state
        gradients = jax.grad(loss_function)(parameters, images[batch], labels[batch])
        updates, optimizer_state = optimizer.update(gradients, optimizer_state, parameters)
        return optax.apply_updates(parameters, updates), optimizer_state

    @partial(jax.jit, donate_argnames="state")
    def train_steps(state, images, labels, batches):
        def step(state, batch):
            return train_step(state, images, labels, batch), None

        state, _ = jax.lax.scan(step, state, batches)
        return state

    order = np.arange(len(images), dtype=np.int32)
    steps, rest = divmod(len(images), batch_size)
    batches = order[: steps * batch_size].reshape(steps, batch_size)
    train_steps = train_steps.lower(state, images, labels, batches).compile()
    # The step that some epochs or all of them take after these.
    last = {"keep": rest, "drop": 0, "wrap": batch_size if rest else 0}[partial_batch]
    if last:
        train_step = train_step.lower(state, images, labels, order[:last]).compile()
    print("compiled", flush=True)

    left_over = order[:0]
    for epoch in range(1, epochs + 1):
        if shuffle:
            rng.shuffle(order)
        epoch_order = np.concatenate([left_over, order])
        batches, left_over = np.split(epoch_order, [steps * batch_size])
        state = train_steps(state, images, labels, batches.reshape(steps, batch_size))
        if last and len(left_over) >= last:
            batch, left_over = np.split(left_over, [last])
            state = train_step(state, images, labels, batch)
        if partial_batch != "wrap":
            left_over = order[:0]
        jax.block_until_ready(state)
        print("epoch", epoch, flush=True)

    parameters, _ = state
    Path(model).mkdir(parents=True, exist_ok=True)
    jnp.savez(Path(model, "parameters.npz"), *jax.tree.leaves(parameters))
    print("saved", flush=True)


train(**json.loads(Path(sys.argv[1]).read_text()))
