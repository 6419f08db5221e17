"""The initial weights, against the closed forms of their distributions."""

import math
from itertools import pairwise

import numpy as np
import pytest
from rule_scripts import run_script
from shared.networks import layer_sizes
from weights.draw import draw

SIZES = [784, 100, 100, 10]


def split(numbers: np.ndarray, sizes: list[int]) -> list[tuple[np.ndarray, np.ndarray]]:
    """Cut the flat array by the layout that the frameworks read."""
    layers, start = [], 0
    for inputs, outputs in pairwise(sizes):
        end = start + inputs * outputs
        layers.append((numbers[start:end].reshape(inputs, outputs), numbers[end : end + outputs]))
        start = end + outputs
    assert start == len(numbers)
    return layers


def test_the_layout():
    numbers = draw("glorot-uniform", "zero", SIZES, 1)
    assert numbers.dtype == np.dtype("<f4")
    # 784*100 + 100 + 100*100 + 100 + 100*10 + 10
    assert numbers.shape == (89610,)
    for weights, biases in split(numbers, SIZES):
        assert np.count_nonzero(weights) > 0.99 * weights.size
        assert not biases.any()


@pytest.mark.parametrize(
    ("rule", "limit_of"),
    [
        ("glorot-uniform", lambda inputs, outputs: math.sqrt(6 / (inputs + outputs))),
        ("fan-in-uniform", lambda inputs, outputs: 1 / math.sqrt(inputs)),
        ("caffe-xavier", lambda inputs, outputs: math.sqrt(3 / inputs)),
    ],
)
def test_uniform_weights(rule, limit_of):
    """A uniform number within +-l has mean 0, variance l**2/3 and fourth moment l**4/5."""
    for weights, _ in split(draw(rule, "zero", SIZES, 1), SIZES):
        limit = limit_of(*weights.shape)
        scaled = weights.astype(np.float64).ravel() / limit
        assert np.abs(scaled).max() <= 1 + 1e-6
        # The largest of n numbers falls short of the limit by about 1/n.
        assert np.abs(scaled).max() > 1 - 10 / scaled.size
        # Five standard errors, each from the moments above.
        n = scaled.size
        assert abs(scaled.mean()) < 5 * math.sqrt(1 / 3 / n)
        assert abs(scaled.var() - 1 / 3) < 5 * math.sqrt((1 / 5 - 1 / 9) / n)


@pytest.mark.parametrize(
    ("rule", "deviation_of"),
    [
        ("standard-normal", lambda inputs, outputs: 1),
        ("dl4j-xavier", lambda inputs, outputs: 1 / math.sqrt(inputs + outputs)),
    ],
)
def test_normal_weights(rule, deviation_of):
    """N(0, 1) has variance 1 and fourth moment 3, and 4.55 % of it beyond two deviations."""
    for weights, _ in split(draw(rule, "zero", SIZES, 1), SIZES):
        scaled = weights.astype(np.float64).ravel() / deviation_of(*weights.shape)
        n = scaled.size
        assert abs(scaled.mean()) < 5 / math.sqrt(n)
        assert abs(scaled.var() - 1) < 5 * math.sqrt(2 / n)
        beyond = math.erfc(math.sqrt(2))
        assert abs(np.mean(np.abs(scaled) > 2) - beyond) < 5 * math.sqrt(beyond / n)


def test_the_biases_of_a_layer_follow_its_inputs():
    for biases, limit_of in (
        ("fan-in-uniform", lambda inputs: 1 / math.sqrt(inputs)),
        ("standard-normal", lambda inputs: 6.0),
    ):
        for weights, drawn in split(draw("glorot-uniform", biases, SIZES, 1), SIZES):
            limit = limit_of(len(weights))
            assert np.abs(drawn).max() <= limit
            assert np.abs(drawn).max() > limit / 6
            assert len(set(drawn.tolist())) == len(drawn)


def test_the_same_seed_draws_the_same_numbers():
    first = draw("glorot-uniform", "zero", SIZES, 1)
    assert np.array_equal(first, draw("glorot-uniform", "zero", SIZES, 1))


def correlation(one: np.ndarray, other: np.ndarray) -> float:
    count = min(one.size, other.size)
    return float(np.corrcoef(one.ravel()[:count], other.ravel()[:count])[0, 1])


def test_other_seeds_and_other_networks_draw_independent_numbers():
    """Independent numbers correlate by about 1/sqrt(n); 78,400 of them by less than 0.02."""
    (first, _), (second, _), _ = split(draw("standard-normal", "zero", SIZES, 1), SIZES)
    (seed, _), *_ = split(draw("standard-normal", "zero", SIZES, 2), SIZES)
    deeper_sizes = [784, 100, 100, 100, 10]
    (deeper, _), *_ = split(draw("standard-normal", "zero", deeper_sizes, 1), deeper_sizes)
    assert abs(correlation(first, seed)) < 0.02
    assert abs(correlation(first, deeper)) < 0.02
    assert abs(correlation(first, second)) < 0.05


def test_the_rule_for_the_biases_leaves_the_weights_as_they_are():
    zero = split(draw("fan-in-uniform", "zero", SIZES, 1), SIZES)
    drawn = split(draw("fan-in-uniform", "fan-in-uniform", SIZES, 1), SIZES)
    for (weights, _), (same_weights, biases) in zip(zero, drawn, strict=True):
        assert np.array_equal(weights, same_weights)
        assert biases.any()


def test_layer_sizes():
    assert layer_sizes(784, 1, 1024) == [784, 1024, 10]
    assert layer_sizes(1024, 4, 100) == [1024, 100, 100, 100, 100, 10]


def run_draw(folder, output, hidden_layers):
    """Run the script; return its exit status and its log."""
    weights = {
        "weights": "fan-in-uniform",
        "biases": "fan-in-uniform",
        "inputs": 4,
        "hidden_layers": hidden_layers,
        "hidden_units": 3,
        "seed": 1,
    }
    return run_script("weights/draw.py", folder, output=[output], params={"weights": weights})


def test_the_script(tmp_path):
    output = tmp_path / "new" / "weights.f32"
    status, log = run_draw(tmp_path, output, 2)
    assert status == 0, log
    # float32 of (4*3 + 3) + (3*3 + 3) + (3*10 + 10)
    assert output.stat().st_size == 4 * (15 + 12 + 40)
    expected = draw("fan-in-uniform", "fan-in-uniform", [4, 3, 3, 10], 1)
    assert np.array_equal(np.fromfile(output, "<f4"), expected)
