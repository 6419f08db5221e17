"""A fully connected network in JAX: a function of its parameters and the images."""

import jax
import jax.numpy as jnp

ACTIVATIONS = {"tanh": jnp.tanh, "relu": jax.nn.relu, "sigmoid": jax.nn.sigmoid}


def layers_of(weights, sizes):
    """Cut one flat array that holds, layer by layer, weights and biases."""
    layers = []
    for fan_in, fan_out in zip(sizes, sizes[1:]):
        kernel, biases, weights = jnp.split(weights, [fan_in * fan_out, (fan_in + 1) * fan_out])
        layers.append((kernel.reshape(fan_in, fan_out), biases))
    return layers


def forward(layers, images, activation):
    """Return the logits."""
    *hidden, (kernel, biases) = layers
    for hidden_kernel, hidden_biases in hidden:
        images = ACTIVATIONS[activation](images @ hidden_kernel + hidden_biases)
    return images @ kernel + biases
