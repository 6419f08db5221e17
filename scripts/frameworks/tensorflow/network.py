"""A fully connected network in TensorFlow 2, as a tf.Module."""

import tensorflow as tf

ACTIVATIONS = {"tanh": tf.tanh, "relu": tf.nn.relu, "sigmoid": tf.sigmoid}


class Dense(tf.Module):
    def __init__(self, weights, biases, activation):
        super().__init__()
        self.weights = tf.Variable(weights)
        self.biases = tf.Variable(biases)
        self.activation = activation

    def __call__(self, x):
        return self.activation(tf.nn.bias_add(tf.matmul(x, self.weights), self.biases))


class FullyConnected(tf.Module):
    """Takes its weights from one flat tensor that holds, layer by layer, weights and biases."""

    def __init__(self, inputs, hidden_layers, hidden_units, activation, weights):
        super().__init__()
        self.layers = []
        sizes = [inputs] + [hidden_units] * hidden_layers + [10]
        activations = [ACTIVATIONS[activation]] * hidden_layers + [tf.identity]
        for fan_in, fan_out, activate in zip(sizes, sizes[1:], activations):
            kernel, biases, weights = tf.split(weights, [fan_in * fan_out, fan_out, -1])
            self.layers.append(Dense(tf.reshape(kernel, (fan_in, fan_out)), biases, activate))

    def __call__(self, images):
        for layer in self.layers:
            images = layer(images)
        return images
