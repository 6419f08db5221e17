"""Figures and sentences have plain names, not those of the configuration."""

import pytest
from shared.labels import listed, network_label, recipe_label

FRAMEWORKS = {
    "torch7": "Torch7",
    "tensorflow-0.12": "TensorFlow 0.12",
    "theano-keras": "Theano (Keras 1.0.8)",
}


@pytest.mark.parametrize(
    ("recipe", "of", "label"),
    [
        ("torch7-2016", "torch7", "Torch7 2016"),
        ("torch7-2016-later", "torch7", "Torch7 2016 (later)"),
        ("tensorflow-0.12-2016", "tensorflow-0.12", "TensorFlow 2016"),
        ("theano-keras-2016", "theano-keras", "Theano 2016"),
        ("one-epoch", None, "one epoch"),
        # A recipe of a framework whose name does not say so.
        ("my-own", "torch7", "my own"),
    ],
)
def test_recipes(recipe, of, label):
    assert recipe_label(recipe, of, FRAMEWORKS) == label


def test_networks():
    assert network_label("relu-1x1024") == "1 ReLU layer of 1024"
    assert network_label("tanh-4x100") == "4 tanh layers of 100"


def test_lists():
    assert [listed(list("abc")), listed(["a", "b"]), listed(["a"]), listed([])] == [
        "a, b and c", "a and b", "a", "",
    ]  # fmt: skip
