"""Draw the initial weights of one network: the numbers that every framework starts from."""

from collections.abc import Callable
from itertools import pairwise

import numpy as np
from shared.arrays import write_array
from shared.networks import layer_sizes
from shared.script import Job, run

# A rule gets a generator, the layer's inputs and outputs, and the shape to fill; float64.
Rule = Callable[[np.random.Generator, int, int, tuple[int, ...]], np.ndarray]


def glorot_uniform(
    rng: np.random.Generator, inputs: int, outputs: int, shape: tuple[int, ...]
) -> np.ndarray:
    """U(+-sqrt(6 / (inputs + outputs))): Glorot and Bengio 2010, equation 16; Keras's default."""
    limit = np.sqrt(6 / (inputs + outputs))
    return rng.uniform(-limit, limit, shape)


def fan_in_uniform(
    rng: np.random.Generator, inputs: int, outputs: int, shape: tuple[int, ...]
) -> np.ndarray:
    """U(+-1 / sqrt(inputs)): what Torch7's nn.Linear does to its weights and to its biases."""
    limit = 1 / np.sqrt(inputs)
    return rng.uniform(-limit, limit, shape)


def caffe_xavier(
    rng: np.random.Generator, inputs: int, outputs: int, shape: tuple[int, ...]
) -> np.ndarray:
    """U(+-sqrt(3 / inputs)): Caffe's filler "xavier", which by default looks at the inputs only."""
    limit = np.sqrt(3 / inputs)
    return rng.uniform(-limit, limit, shape)


def standard_normal(
    rng: np.random.Generator, inputs: int, outputs: int, shape: tuple[int, ...]
) -> np.ndarray:
    """N(0, 1): the 2016 TensorFlow script, weights and biases (reference/recipes-2016.yaml)."""
    return rng.standard_normal(shape)


def dl4j_xavier(
    rng: np.random.Generator, inputs: int, outputs: int, shape: tuple[int, ...]
) -> np.ndarray:
    """N(0, 1) / sqrt(inputs + outputs): XAVIER as Deeplearning4j 0.4 had it; no factor of 2."""
    return rng.standard_normal(shape) / np.sqrt(inputs + outputs)


def zero(rng: np.random.Generator, inputs: int, outputs: int, shape: tuple[int, ...]) -> np.ndarray:
    """All zeros: Keras, Caffe and Deeplearning4j."""
    return np.zeros(shape)


# The names are those of a recipe's initialisation in config.yaml.
WEIGHTS: dict[str, Rule] = {
    "glorot-uniform": glorot_uniform,
    "fan-in-uniform": fan_in_uniform,
    "caffe-xavier": caffe_xavier,
    "standard-normal": standard_normal,
    "dl4j-xavier": dl4j_xavier,
}
BIASES: dict[str, Rule] = {
    "zero": zero,
    "fan-in-uniform": fan_in_uniform,
    "standard-normal": standard_normal,
}


def draw(weights: str, biases: str, sizes: list[int], seed: int) -> np.ndarray:
    """Draw a network's initial weights and biases.

    ``weights`` and ``biases`` name a rule, ``sizes`` are the layers' widths.

    Each array has a random stream of its own, which depends on the seed and the layers' sizes only:
    other networks get independent numbers, another activation gets the same, and another rule for
    the biases does not change the weights.

    Returns one flat little-endian float32 array: layer by layer the weights ``[inputs, outputs]``
    row-major, then the biases ``[outputs]``.
    """
    streams = iter(np.random.SeedSequence([seed, *sizes]).spawn(2 * (len(sizes) - 1)))
    arrays = []
    for inputs, outputs in pairwise(sizes):
        for rule, shape in ((WEIGHTS[weights], (inputs, outputs)), (BIASES[biases], (outputs,))):
            rng = np.random.Generator(np.random.PCG64(next(streams)))
            arrays.append(rule(rng, inputs, outputs, shape).ravel())
    return np.concatenate(arrays).astype("<f4")


def main(job: Job) -> None:
    told = job.params.weights
    sizes = layer_sizes(told["inputs"], told["hidden_layers"], told["hidden_units"])
    numbers = draw(told["weights"], told["biases"], sizes, told["seed"])
    write_array(numbers, job.output[0])


if __name__ == "__main__":
    run(main)
