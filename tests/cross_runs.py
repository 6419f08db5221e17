"""Made-up runs of frameworks x recipes x networks, for the tests of the analysis."""

import itertools

import numpy as np
import pandas as pd

NETWORKS = ["tanh-1x100", "tanh-2x100", "tanh-3x100", "tanh-4x100"]
SUCCESSORS = {"theano": "keras", "torch": "pytorch", "tf12": "tensorflow", "dl4j04": "dl4j"}
WELL = {"theano": 0.974, "caffe": 0.950, "dl4j04": 0.972, "harmonised": 0.975}
ALL = {**WELL, "torch": 0.60, "curve": 0.80, "tf12": 0.93}


def make_runs(accuracies: dict[tuple[str, str], list[float]], network="tanh-1x100"):
    """Runs of a network from the accuracies of each (framework, recipe), seeds 1, 2, ..."""
    rows = [
        {"framework": f, "recipe": r, "network": network, "seed": seed, "accuracy": accuracy,
         "accuracy_all": accuracy, "accuracy_rule": "overall", "accuracy_images": 10000,
         "test_loss": np.nan, "scores_sha256": f"{f}/{r}/{network}/{seed}", "epochs": 10}
        for (f, r), values in accuracies.items()
        for seed, accuracy in enumerate(values, start=1)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def default_design(recipes):
    """(framework, recipe, network, seed) of the default runs: most cells have one, many none."""
    asked = set()

    def ask(frameworks, names, networks=NETWORKS, seeds=(1,)):
        names = [name for name in names if name in recipes]
        asked.update(itertools.product(frameworks, names, networks, seeds))

    everything = [*ALL]
    first_last = [NETWORKS[0], NETWORKS[3]]
    ask(["numpy", "pytorch"], everything)
    ask(["torch", "caffe"], everything, first_last)
    ask(["theano"], everything, NETWORKS[3:])
    ask(["theano", "torch", "caffe", "tf12", "dl4j04", "keras", "tensorflow"], ["harmonised"])
    ask(["keras", "tensorflow", "tf12"], ["tf12"])
    ask(["dl4j"], ["tf12", "harmonised", "dl4j04"], first_last)
    ask(["theano", "keras"], ["theano"])
    ask(["dl4j04"], ["dl4j04"])
    ask(["torch"], ["torch", "curve"], NETWORKS, (1, 2, 3))
    ask(["caffe"], ["caffe"], NETWORKS, (1, 2, 3))
    ask(["tf12"], ["tf12"], NETWORKS, (2, 3))
    ask(["numpy", "tensorflow"], ["tf12", "harmonised"], NETWORKS, (2,))
    return sorted(asked)


def simulate(random, means, noise, shared=0.5):
    """Runs of the default design: a recipe's mean, and noise of its size.

    ``shared`` is the part of the noise's variance that all frameworks have in common, because they
    start from the same weights. Half of it is also common to all recipes.
    """
    drawn = {}

    def draw(*key):
        return drawn.setdefault(key, random.standard_normal())

    cells = {}
    for f, r, network, seed in default_design(means):
        value = np.sqrt(shared / 2) * (draw(network, seed) + draw(r, network, seed))
        value += np.sqrt(1 - shared) * draw(f, r, network, seed)
        cells.setdefault(network, {}).setdefault((f, r), []).append(means[r] + noise[r] * value)
    return pd.concat([make_runs(part, network) for network, part in cells.items()])
