"""Caffe's description of a fully connected network, from the templates in this folder."""

from pathlib import Path
from string import Template

# Caffe's names of its layers.
ACTIVATIONS = {"tanh": "TanH", "relu": "ReLU", "sigmoid": "Sigmoid"}


def fill(template, **values):
    """Return the text of a template of this folder with its $names replaced."""
    return Template((Path(__file__).parent / template).read_text()).substitute(values)


def network(template, hidden_layers, hidden_units, activation, **values):
    """Return the text of a network's template with its hidden layers put in."""
    layers = ""
    bottom = "data"
    for number in range(1, hidden_layers + 1):
        layers += fill(
            "hidden_layer.prototxt",
            number=number,
            bottom=bottom,
            hidden_units=hidden_units,
            activation=ACTIVATIONS[activation],
        )
        bottom = f"ip{number}"
    return fill(template, hidden_layers=layers.strip(), last_hidden_layer=bottom, **values)
