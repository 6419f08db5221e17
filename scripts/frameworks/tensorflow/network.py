"""A fully connected network in TensorFlow 2, as a tf.Module."""

import tensorflow as tf

ACTIVATIONS = {"tanh": tf.tanh, "relu": tf.nn.relu, "sigmoid": tf.sigmoid}


class Dense(tf.Module):
    """Keeps its weights as [outputs, inputs]: their gradient is then the faster product."""

    def __init__(self, weights, biases, activation):
        super().__init__()
        self.weights = tf.Variable(weights)
        self.biases = tf.Variable(biases)
        self.activation = activation

    def __call__(self, x):
        x = tf.matmul(x, self.weights, transpose_b=True)
        return self.activation(tf.nn.bias_add(x, self.biases))


class FullyConnected(tf.Module):
    """Takes its weights from one flat tensor that holds, layer by layer, weights and biases."""

    def __init__(self, inputs, hidden_layers, hidden_units, activation, weights):
        super().__init__()
        self.layers = []
        sizes = [inputs] + [hidden_units] * hidden_layers + [10]
        activations = [ACTIVATIONS[activation]] * hidden_layers + [tf.identity]
        for fan_in, fan_out, activate in zip(sizes, sizes[1:], activations):
            kernel, biases, weights = tf.split(weights, [fan_in * fan_out, fan_out, -1])
            kernel = tf.transpose(tf.reshape(kernel, (fan_in, fan_out)))
            self.layers.append(Dense(kernel, biases, activate))

    def __call__(self, images):
        for layer in self.layers:
            images = layer(images)
        return images
