"""What the verdicts share: the facts of 2016, the networks of the paper, and runs that may judge.

A successor's runs decide nothing about its ancestor, the framework of the paper.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd
from shared.study import DATA_COLUMNS, Facts, Study, read_study, size_of, unlike
from shared.tables import without_repeated_scores

HARMONISED = "harmonised"

MEASURES = ("accuracy", "train_seconds", "predict_seconds")
RUN_COLUMNS = [
    "framework", "recipe", "network", "seed", "scores_sha256", *DATA_COLUMNS, "accuracy",
]  # fmt: skip
PUBLISHED_COLUMNS = [
    "framework", "activation", "sweep", "hidden_layers", "hidden_units",
    *(f"{measure}_{statistic}" for measure in MEASURES for statistic in ("mean", "sd")),
]  # fmt: skip

REPRODUCED, NOT_REPRODUCED = "reproduced", "not reproduced"
AMBIGUOUS, NOT_RUN = "ambiguous", "not run"
VERDICTS = (REPRODUCED, NOT_REPRODUCED, AMBIGUOUS, NOT_RUN)
# The columns that name a published number.
NUMBER_KEYS = ["framework", "network", "measure"]


class NotDecidable(Exception):
    """The runs at hand cannot decide; the message is the reason, a clause without a full stop."""

    verdict = AMBIGUOUS


class NotRun(NotDecidable):
    """There are no runs, or none on the data and of the size of 2016."""

    verdict = NOT_RUN


@dataclass(frozen=True)
class Basis:
    """What the verdicts rest on beside the runs.

    Attributes:
        study: What the networks of 2016 were trained and tested with.
        own: The recipes of 2016 of each framework of the paper, in the order of their names.
        same_seed: The recipes with the same seed in every repetition, so that all repetitions are
            one draw.
        carried_over: The recipes whose network is carried over, so that repetition k has seen 10 k
            epochs.
        rounded: The recipes that give accuracies with two decimals.
        alike: For each recipe of 2016, the recipes that do the same but for their number of epochs
            and for what a seed stands for; itself is first.
        reference: The framework that the gate of equivalence compares all others with.
        logs: The set of the authors' logs that a recipe is compared with, where it is not the
            published one.
        first_logged: By framework and network of a carried-over recipe, the accuracy of the first
            repetition in the authors' logs.
        other_clocks: By framework and measure, the published times that ours cannot be compared
            with, and why.
        not_in_ours: By framework and measure, what a published time also held, or what our program
            does in another way.
        no_run: Why none of the runs at hand can judge (`on`); empty where some may.
    """

    study: Study
    own: Mapping[str, list[str]] = field(default_factory=dict)
    same_seed: frozenset[str] = frozenset()
    carried_over: frozenset[str] = frozenset()
    rounded: frozenset[str] = frozenset()
    alike: Mapping[str, list[str]] = field(default_factory=dict)
    reference: str = ""
    logs: Mapping[str, str] = field(default_factory=dict)
    first_logged: Mapping[tuple[str, str], float] = field(default_factory=dict)
    other_clocks: Mapping[tuple[str, str], str] = field(default_factory=dict)
    not_in_ours: Mapping[tuple[str, str], str] = field(default_factory=dict)
    no_run: str = ""

    def on(self, runs: pd.DataFrame) -> "Basis":
        """Return the basis for runs or times: with the reason if none is like those of 2016."""
        if runs.empty or not unlike(runs, self.study).all():
            return self
        paper = self.study.common
        reason = (
            f"the runs are {size_of(runs)}, the paper's {paper.epochs} epochs of "
            f"{paper.train_images:,} images of {paper.dataset}"
        )
        return replace(self, no_run=reason)


def read_basis(recipes_2016: str, declared: Mapping) -> Basis:
    """Read the basis from reference/recipes-2016.yaml and from what a rule's parameters declare.

    ``declared`` has the keys ``own``, ``same_seed``, ``carried_over`` and ``rounded`` of `Basis`,
    and perhaps ``alike``, ``reference`` and ``logs``.
    """
    sets = {name: frozenset(declared[name]) for name in ("same_seed", "carried_over", "rounded")}
    return Basis(read_study(Path(recipes_2016)), **{**declared, **sets})


def with_networks(published: pd.DataFrame) -> pd.DataFrame:
    """Return published or logged values with a column ``network``, ``activation-LAYERSxUNITS``."""
    sizes = published["hidden_layers"].astype(str) + "x" + published["hidden_units"].astype(str)
    return published.assign(network=published["activation"] + "-" + sizes)


def repeated_runs(
    runs: pd.DataFrame, framework: str, recipe: str, network: str, facts: Facts, basis: Basis
) -> pd.DataFrame:
    """Return the runs that are repetitions of an accuracy. Runs with the same scores are one.

    ``facts`` are what the runs must have been trained and tested with.

    Raises:
        NotRun: If there are none, or they had other data, other epochs or another accuracy.
    """
    chosen = runs_of(runs, framework, recipe, network, facts, basis, "runs")
    epochs = pd.Series(facts.epochs, chosen.index)
    if recipe in basis.carried_over:
        # The table may count a repetition's own epochs, or all that its network has seen.
        epochs = epochs.where(chosen["epochs"] == facts.epochs, facts.epochs * chosen["seed"])
    require_epochs(chosen, epochs, facts)
    require(
        chosen, "accuracy_rule", facts.accuracy_rule,
        "the rule for accuracy is {found}, in 2016 it was {expected}",
    )  # fmt: skip
    require(
        chosen, "accuracy_images", facts.accuracy_images,
        "accuracy is that of {found:,} test images, in 2016 it was that of {expected:,}",
    )  # fmt: skip
    require(
        chosen, "accuracy_of", facts.accuracy_of,
        "accuracy is that of the {found} images, in 2016 it was that of the {expected} images",
    )  # fmt: skip
    return without_repeated_scores(chosen, [])


def timed_runs(
    times: pd.DataFrame, framework: str, recipe: str, network: str, facts: Facts, basis: Basis
) -> pd.DataFrame:
    """Return the timed runs of a network that belong to blocks.

    ``times`` is results/tables/times.csv. Its sizes are those of the recipe, for which times are
    derived, not those of the short runs.

    Raises:
        NotRun: If there are none, or the recipe has other data or other epochs than in 2016.
    """
    short = times[times["length"] == "short"]
    chosen = runs_of(short, framework, recipe, network, facts, basis, "timed runs")
    require_epochs(chosen, pd.Series(facts.epochs, chosen.index), facts)
    return chosen


def runs_of(
    runs: pd.DataFrame,
    framework: str,
    recipe: str,
    network: str,
    facts: Facts,
    basis: Basis,
    what: str,
) -> pd.DataFrame:
    """Return the runs of a network with the data of 2016; raise `NotRun` if there are none."""
    if basis.no_run:
        raise NotRun(basis.no_run)
    wanted = np.ones(len(runs), bool)
    for column, value, reason in (
        ("framework", framework, f"{framework} has no {what} here"),
        ("recipe", recipe, f"{framework} has no {what} with the recipe {recipe}"),
        ("network", network, f"{framework} has no {what} of {network} with the recipe {recipe}"),
    ):
        wanted &= (runs[column] == value).to_numpy(bool)
        if not wanted.any():
            raise NotRun(reason)
    chosen = runs[wanted]
    require(chosen, "dataset", facts.dataset, "the data set is {found}, not {expected}")
    require(
        chosen, "train_images", facts.train_images,
        "the runs used {found:,} of {expected:,} training images",
    )  # fmt: skip
    return chosen


def require_epochs(runs: pd.DataFrame, expected: pd.Series, facts: Facts) -> None:
    """Raise `NotRun` where a run of a network has other epochs than are expected of it."""
    wrong = runs.loc[runs["epochs"] != expected, "epochs"]
    if not wrong.empty:
        first = runs.iloc[0]
        raise NotRun(
            f"{first['framework']} was trained for {wrong.iloc[0]} epochs of {first['network']} "
            f"with the recipe {first['recipe']}, the paper's networks for {facts.epochs}"
        )


def require(runs: pd.DataFrame, column: str, expected: str | int, reason: str) -> None:
    """Raise `NotRun` with ``reason`` where a run has another value than the expected one."""
    other = runs.loc[runs[column] != expected, column]
    if not other.empty:
        raise NotRun(reason.format(found=other.iloc[0], expected=expected))
