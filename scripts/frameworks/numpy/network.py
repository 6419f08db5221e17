"""A fully connected network in plain NumPy: its parameters, its forward and its backward pass."""

import numpy as np


def tanh(z):
    return np.tanh(z, out=z)


def relu(z):
    return np.maximum(z, 0, out=z)


def sigmoid(z):
    return np.reciprocal(1 + np.exp(-z), out=z)


# Each derivative is written in terms of the activation's own output.
ACTIVATIONS = {
    "tanh": (tanh, lambda a: 1 - a * a),
    "relu": (relu, lambda a: a > 0),
    "sigmoid": (sigmoid, lambda a: a * (1 - a)),
}


def layers_of(parameters, sizes):
    """View a flat parameter vector as a list of (weights, biases), one pair a layer."""
    layers = []
    start = 0
    for inputs, outputs in zip(sizes, sizes[1:]):
        middle = start + inputs * outputs
        end = middle + outputs
        layers.append((parameters[start:middle].reshape(inputs, outputs), parameters[middle:end]))
        start = end
    return layers


def forward(layers, images, activation):
    """Return the activations of every layer, the images first and the logits last."""
    activate, _ = ACTIVATIONS[activation]
    outputs = [images]
    for weights, biases in layers[:-1]:
        z = outputs[-1] @ weights
        z += biases
        outputs.append(activate(z))
    weights, biases = layers[-1]
    outputs.append(outputs[-1] @ weights + biases)
    return outputs


def backward(layers, gradients, outputs, labels, activation, activation_module="separate"):
    """Write the gradient of the mean cross-entropy into the layers of ``gradients``.

    With a ``shared`` activation module, it is what Torch computes if one module is added after
    every hidden layer. The module keeps its last output only, so that the backward pass sees the
    last hidden layer's output in place of every hidden layer's. That is no gradient any more.
    """
    _, derivative = ACTIVATIONS[activation]
    logits = outputs[-1]
    delta = np.exp(logits - logits.max(axis=1, keepdims=True))
    delta /= delta.sum(axis=1, keepdims=True)
    delta[np.arange(len(labels)), labels] -= 1
    delta /= len(labels)
    # Terms this small change no weight. Their products would be denormal, and several times slower.
    delta[np.abs(delta) < 1e8 * np.finfo(delta.dtype).tiny] = 0
    last_hidden = outputs[-2]
    for i in reversed(range(len(layers))):
        weights_gradient, biases_gradient = gradients[i]
        seen = last_hidden if activation_module == "shared" and i > 0 else outputs[i]
        np.matmul(seen.T, delta, out=weights_gradient)
        np.sum(delta, axis=0, out=biases_gradient)
        if i > 0:
            delta = delta @ layers[i][0].T
            # Torch takes the derivative of ReLU from the module's input, which is each layer's own.
            delta *= derivative(outputs[i] if activation == "relu" else seen)
