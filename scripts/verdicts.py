"""What the verdicts share: the paper's frameworks, recipes and networks, and runs that may judge.

The paper's frameworks stand for themselves: a successor's runs decide nothing about its ancestor.
"""

import argparse
from dataclasses import dataclass

import pandas as pd
from tables import without_repeated_scores

# The five frameworks of the paper, in its order.
THEANO, TORCH, CAFFE, TENSORFLOW, DL4J = ORIGINALS = (
    "theano-keras",
    "torch7",
    "caffe",
    "tensorflow-0.12",
    "deeplearning4j-0.4",
)
HARMONISED = "harmonised"
# The public script of Torch has a sigmoid where tanh was meant; the published curve is a later
# run's, whose script is not public (reference/recipes-2016.yaml).
TORCH_CURVE = "torch7-2016-curve"
# Epochs of every published number (section 4, first paragraph).
EPOCHS = 10
# Repetitions behind each published mean (reference/recipes-2016.yaml, from the authors' logs).
REPETITIONS = {THEANO: 10, TORCH: 6, CAFFE: 10, TENSORFLOW: 5, DL4J: 5}

MEASURES = ("accuracy", "train_seconds", "predict_seconds")
RUN_COLUMNS = [
    "framework", "recipe", "network", "seed", "epochs", "timed", "scores_sha256", *MEASURES,
]  # fmt: skip
PUBLISHED_COLUMNS = [
    "framework", "activation", "sweep", "hidden_layers", "hidden_units",
    *(f"{measure}_{statistic}" for measure in MEASURES for statistic in ("mean", "sd")),
]  # fmt: skip

NOT_DECIDABLE = "not decidable"


class NotDecidable(Exception):
    """The runs at hand cannot decide; the message is the reason, a clause without a full stop."""


@dataclass(frozen=True)
class Faults:
    """The recipes that declare a fault of 2016 which concerns what their repetitions are worth.

    Attributes
    ----------
    same_seed
        Every repetition has the same seed, so that all are one.
    carried_over
        The network is carried over, so that repetition k has seen 10 k epochs.
    rounded
        Accuracies are given with two decimals.
    """

    same_seed: frozenset[str] = frozenset()
    carried_over: frozenset[str] = frozenset()
    rounded: frozenset[str] = frozenset()


def add_fault_flags(parser: argparse.ArgumentParser) -> None:
    """Add the flags that `faults_of` reads: names of recipes, none by default."""
    for flag, what in (
        ("--same-seed", "recipes that give each repetition the same seed"),
        ("--carried-over", "recipes that carry the network over from repetition to repetition"),
        ("--rounded", "recipes that give accuracies with two decimals"),
    ):
        parser.add_argument(flag, nargs="*", default=[], metavar="RECIPE", help=what)


def faults_of(args: argparse.Namespace) -> Faults:
    """Return what the flags of `add_fault_flags` said."""
    return Faults(*map(frozenset, (args.same_seed, args.carried_over, args.rounded)))


def own_recipe(framework: str) -> str:
    """Return the recipe that the public script of a framework of the paper has."""
    return f"{framework}-2016"


def with_networks(published: pd.DataFrame) -> pd.DataFrame:
    """Return reference/published.csv with a column ``network``, ``activation-LAYERSxUNITS``."""
    sizes = published["hidden_layers"].astype(str) + "x" + published["hidden_units"].astype(str)
    return published.assign(network=published["activation"] + "-" + sizes)


def repetitions(
    runs: pd.DataFrame,
    framework: str,
    recipe: str,
    network: str,
    measure: str,
    carried_over: frozenset[str] = frozenset(),
) -> pd.Series:
    """Return a measure's values (fraction, or seconds of ten epochs) by seed, one a repetition.

    Runs with the same scores are one repetition of an accuracy. Their times are still measured
    one by one; times of runs that did not have the machine to themselves are no measurements.

    Raises
    ------
    NotDecidable
        If there are none, or they had other epochs than the paper's.
    """
    chosen = runs
    for column, value, reason in (
        ("framework", framework, f"{framework} has no runs here"),
        ("recipe", recipe, f"{framework} has no runs with the recipe {recipe}"),
        ("network", network, f"{framework} has no runs of {network} with the recipe {recipe}"),
    ):
        chosen = chosen[chosen[column] == value]
        if chosen.empty:
            raise NotDecidable(reason)
    expected = pd.Series(EPOCHS, chosen.index)
    if recipe in carried_over:
        # Whether the table counts a repetition's own epochs or all that its network has seen.
        expected = expected.where(chosen["epochs"] == EPOCHS, EPOCHS * chosen["seed"])
    wrong = chosen.loc[chosen["epochs"] != expected, "epochs"]
    if not wrong.empty:
        raise NotDecidable(
            f"{framework} was trained for {wrong.iloc[0]} epochs of {network} with the recipe "
            f"{recipe}, the paper's networks for {EPOCHS}"
        )
    if measure == "accuracy":
        chosen = without_repeated_scores(chosen, [])
    else:
        chosen = chosen[chosen["timed"]]
        if chosen.empty:
            raise NotDecidable(f"{framework} was not timed with the recipe {recipe} on {network}")
    values = chosen.set_index("seed")[measure]
    if measure == "train_seconds":
        values = values * EPOCHS / chosen.set_index("seed")["epochs"]
    return values
