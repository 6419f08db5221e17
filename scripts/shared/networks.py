"""Networks by their names, ``activation-LAYERSxUNITS``: their layers and their arithmetic."""

import re
from itertools import pairwise

from shared.script import InputError

# Digits.
CLASSES = 10
NETWORK = r"(?P<activation>[a-z]+)-(?P<hidden_layers>\d+)x(?P<hidden_units>\d+)"


def _parts(network: str) -> re.Match[str]:
    match = re.fullmatch(NETWORK, network)
    if not match:
        raise InputError(f"{network!r} names no network; write one like 'tanh-3x100'.")
    return match


def activation_of(network: str) -> str:
    """Return the activation in a network's name, ``tanh`` of ``tanh-3x100``."""
    return _parts(network)["activation"]


def hidden_size(network: str) -> dict[str, int]:
    """Return how many hidden layers a network has, and how many units each of them has."""
    match = _parts(network)
    return {key: int(match[key]) for key in ("hidden_layers", "hidden_units")}


def network_columns(network: str) -> dict[str, str | int]:
    """Return what a row of a table says of a network: its name, its activation and its sizes."""
    return {"network": network, "activation": activation_of(network), **hidden_size(network)}


def layer_sizes(inputs: int, hidden_layers: int, hidden_units: int) -> list[int]:
    """Return the width of each layer of a network, the inputs first and the ten classes last."""
    return [inputs, *[hidden_units] * hidden_layers, CLASSES]


def operations(sizes: list[int], images: int, *, training: bool = True) -> int:
    """Return the floating-point operations of the matrix products of an epoch or a prediction.

    A layer with ``a`` inputs and ``b`` outputs takes 2 a b operations (a multiplication and an
    addition) for each image and product: forward, and in a ``training`` the gradient of the weights
    and, but for the first layer, the gradient of its inputs.

    Args:
        sizes: the layers' widths, the inputs first and the classes last.
        images: of an epoch, or of the test set.
    """
    products = [2 * a * b for a, b in pairwise(sizes)]
    return images * (3 * sum(products) - products[0] if training else sum(products))
