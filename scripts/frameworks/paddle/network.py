"""A fully connected network in PaddlePaddle."""

import paddle
from paddle import nn

ACTIVATIONS = {"tanh": nn.Tanh, "relu": nn.ReLU, "sigmoid": nn.Sigmoid}


class FullyConnected(nn.Layer):
    def __init__(self, inputs, hidden_layers, hidden_units, activation):
        super().__init__()
        layers = []
        for _ in range(hidden_layers):
            layers += [nn.Linear(inputs, hidden_units), ACTIVATIONS[activation]()]
            inputs = hidden_units
        self.layers = nn.Sequential(*layers, nn.Linear(inputs, 10))

    def forward(self, images):
        return self.layers(images)

    @paddle.no_grad()
    def set_weights(self, weights):
        """Fill the layers from one flat array that holds, layer by layer, weights and biases."""
        for parameter in self.parameters():
            parameter.set_value(weights[: parameter.size].reshape(parameter.shape))
            weights = weights[parameter.size :]
