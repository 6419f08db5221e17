"""A fully connected network in PyTorch."""

import torch
from torch import nn

ACTIVATIONS = {"tanh": nn.Tanh, "relu": nn.ReLU, "sigmoid": nn.Sigmoid}


class FullyConnected(nn.Module):
    def __init__(self, inputs, hidden_layers, hidden_units, activation):
        super().__init__()
        layers = []
        for _ in range(hidden_layers):
            layers += [nn.Linear(inputs, hidden_units), ACTIVATIONS[activation]()]
            inputs = hidden_units
        self.layers = nn.Sequential(*layers, nn.Linear(inputs, 10))

    def forward(self, images):
        return self.layers(images)

    @torch.no_grad()
    def set_weights(self, weights):
        """Fill the layers from one flat tensor that holds, layer by layer, weights and biases."""
        for layer in self.layers:
            if isinstance(layer, nn.Linear):
                sizes = [layer.weight.numel(), layer.bias.numel()]
                kernel, bias, weights = weights.split([*sizes, len(weights) - sum(sizes)])
                layer.weight.copy_(kernel.view(layer.in_features, layer.out_features).T)
                layer.bias.copy_(bias)
