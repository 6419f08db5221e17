"""What a statement is judged on: the paper's own numbers, or runs with the recipes of a setting."""

import math
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import pairwise
from statistics import geometric_mean
from typing import Any

import numpy as np
import pandas as pd
from shared.networks import hidden_size
from shared.study import Facts
from shared.time_model import TimeModel
from verdicts.basis import (
    MEASURES,
    Basis,
    NotDecidable,
    NotRun,
    repeated_runs,
    timed_runs,
    with_networks,
)
from verdicts.differences import Spread, spread_of
from verdicts.draws import draws
from verdicts.logs import LOGGED_COLUMNS

# The frameworks and networks that the statements name.
THEANO, TORCH, CAFFE, TENSORFLOW, DL4J = ORIGINALS = (
    "theano-keras",
    "torch7",
    "caffe",
    "tensorflow-0.12",
    "deeplearning4j-0.4",
)
# The successor that conclusion 6 looks ahead to.
DL4J_SUCCESSOR = "deeplearning4j"
ALL_BUT_DL4J = tuple(name for name in ORIGINALS if name != DL4J)
TANH = tuple(f"tanh-{layers}x100" for layers in (1, 2, 3, 4))
RELU = tuple(f"relu-{layers}x100" for layers in (1, 2, 3, 4))
WIDTHS = (64, 128, 512, 1024)
WIDE = tuple(f"relu-1x{units}" for units in WIDTHS)
# The authors logged these, but the paper does not show them.
WIDE_TANH = tuple(f"tanh-1x{units}" for units in WIDTHS)
# The twelve networks of the paper's figures.
ALL_NETWORKS = (*TANH, *RELU, *WIDE)
TIMES = (("training", "train_seconds"), ("prediction", "predict_seconds"))
# The numbers of epochs that the authors logged.
EPOCHS = (1, 5, 10)
# The sets of the logs that the paper's figures are from; Torch has an earlier one too.
PUBLISHED_SETS = ("only", "later")
# What reference/recipes-2016.yaml says of a recipe whose script is not public.
UNKNOWN = "unknown"

Numbers = dict[str, float | NotDecidable]


class Estimated(float):
    """A mean of our runs, with its standard error and the degrees of freedom of that.

    A time's error is that of its logarithm, ``relative``. An accuracy's is in the accuracy's unit.
    """

    def __new__(
        cls, value: float, error: float, freedom: float, *, relative: bool = False
    ) -> "Estimated":
        number = super().__new__(cls, value)
        number.error, number.freedom, number.relative = error, freedom, relative
        return number

    error: float
    freedom: float
    relative: bool

    def drawn(self, random: np.random.Generator) -> float:
        """Return a value that the true mean may have: one from the t distribution around this."""
        off = self.error * random.standard_t(self.freedom)
        # One wrong answer in 10,000 remains, so that errors can be divided.
        return float(self) * np.exp(off) if self.relative else min(float(self) + off, 0.9999)


def each(names: Iterable[str], number: Callable[[str], float]) -> Numbers:
    """Return a number for each name, or the reason why it has none."""
    numbers: Numbers = {}
    for name in names:
        try:
            numbers[name] = float(number(name))
        except NotDecidable as reason:
            numbers[name] = reason
    return numbers


@dataclass(frozen=True)
class Evidence:
    """What the authors left: their code, their logs and their table. No run changes it.

    Attributes
    ----------
    scripts
        What reference/recipes-2016.yaml says, by framework.
    logged
        reference/logged-2016.csv, a row for each repetition.
    table_1
        The lines of code that the paper's table 1 gives.
    """

    scripts: Mapping[str, Any] = field(default_factory=dict)
    logged: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=LOGGED_COLUMNS))
    table_1: Mapping[str, int] = field(default_factory=dict)

    def of(self, framework: str) -> dict[str, Any]:
        """Return what is known of a framework's script, and of all where it says nothing else."""
        return {**self.scripts["all"], **self.scripts[framework]}


def cause_unknown(framework: str, network: str) -> float:
    """Stand for runs of another program or with other initial weights, if there are none."""
    raise NotDecidable("the paper's numbers do not tell what causes a drop")


def epochs_unknown(framework: str, network: str, epochs: int) -> float:
    """Stand for the accuracy after fewer epochs, if it is not known."""
    raise NotDecidable("no accuracy after fewer epochs is known")


@dataclass(frozen=True)
class Setting:
    """What a statement is judged on.

    Attributes
    ----------
    mean
        (framework, network, measure) to the mean: accuracy as a fraction, times in seconds.
        Raises NotDecidable. A mean of our runs is `Estimated`, and so are the three below.
    lines
        Lines of code of each framework, counted as in the paper.
    evidence
        What the authors left. It is the same in all settings.
    after
        (framework, network, epochs) to the mean accuracy after another number of epochs.
    right_gradients
        (framework, network) to the mean accuracy of the reference program with the framework's
        recipe, without a shared activation module. Tests compare its gradients with finite
        differences.
    other_weights
        The same where nothing of that recipe is changed but the initial weights.
    reference
        The name of the reference program.
    stand_ins
        Framework, network and epochs of the accuracies so far that are the reference program's.
    """

    name: str
    mean: Callable[[str, str, str], float]
    lines: dict[str, int] = field(default_factory=dict)
    evidence: Evidence = field(default_factory=Evidence)
    after: Callable[[str, str, int], float] = epochs_unknown
    right_gradients: Callable[[str, str], float] = cause_unknown
    other_weights: Callable[[str, str], float] = cause_unknown
    reference: str = ""
    stand_ins: set[tuple[str, str, int]] = field(default_factory=set)

    def drawn(self, random: np.random.Generator) -> "Setting":
        """Return a setting whose estimated means are replaced by values that they may truly have.

        All errors are taken to be independent.
        """

        def once(number: Callable[..., float]) -> Callable[..., float]:
            @cache
            def value(*key: str | int) -> float:
                mean = number(*key)
                return mean.drawn(random) if isinstance(mean, Estimated) else mean

            return value

        return replace(
            self,
            mean=once(self.mean),
            after=once(self.after),
            right_gradients=once(self.right_gradients),
            other_weights=once(self.other_weights),
        )

    def series(self, framework: str, measure: str, networks: Iterable[str]) -> list[float]:
        """Return the means of some networks."""
        return [self.mean(framework, network, measure) for network in networks]

    def growth(self, framework: str, measure: str, networks: tuple[str, ...]) -> float:
        """Return the last network's mean by the first one's."""
        last, first = self.series(framework, measure, (networks[-1], networks[0]))
        return last / first

    def growths(
        self, frameworks: Iterable[str], measure: str, networks: tuple[str, ...]
    ) -> Numbers:
        """Return each framework's `growth`."""
        return each(frameworks, lambda name: self.growth(name, measure, networks))

    def smallest_step(self, framework: str, measure: str, networks: Iterable[str]) -> float:
        """Return the smallest ratio of a network's mean to that of the one before."""
        values = self.series(framework, measure, networks)
        return min(after / before for before, after in pairwise(values))

    def level(self, framework: str, measure: str, networks: Iterable[str]) -> float:
        """Return the geometric mean over networks."""
        return geometric_mean(self.series(framework, measure, networks))

    def gain(self, framework: str, networks: tuple[str, ...]) -> float:
        """Return the last network's accuracy less the first one's."""
        first, last = self.series(framework, "accuracy", (networks[0], networks[-1]))
        return last - first

    def gains(self, frameworks: Iterable[str], networks: tuple[str, ...]) -> Numbers:
        """Return each framework's `gain`."""
        return each(frameworks, lambda name: self.gain(name, networks))

    def error(self, framework: str, network: str) -> float:
        """Return the share of wrong answers."""
        return 1 - self.mean(framework, network, "accuracy")

    def error_growth(self, framework: str, networks: tuple[str, ...]) -> float:
        """Return the last network's share of wrong answers by the first one's."""
        return self.error(framework, networks[-1]) / self.error(framework, networks[0])


def of_published(published: pd.DataFrame, lines: dict[str, int], evidence: Evidence) -> Setting:
    """Return the paper's own numbers as a setting; where it has none, those of its authors' logs.

    ``published`` is reference/published.csv.
    """
    table = with_networks(published).set_index(["framework", "network"])
    logged = evidence.logged[evidence.logged["set"].isin(PUBLISHED_SETS)]
    logs = with_networks(logged).groupby(["framework", "network", "epochs"])[list(MEASURES)].mean()

    def in_logs(framework: str, network: str, measure: str, epochs: int) -> float:
        if framework == DL4J_SUCCESSOR:
            raise NotDecidable(f"the paper is older than {DL4J_SUCCESSOR}, the successor")
        if (framework, network, epochs) not in logs.index:
            raise NotDecidable(f"neither the paper nor its authors' logs have {framework}")
        return logs.loc[(framework, network, epochs), measure]

    @cache
    def mean(framework: str, network: str, measure: str) -> float:
        if (framework, network) not in table.index:
            return in_logs(framework, network, measure, EPOCHS[-1])
        return table.loc[(framework, network), f"{measure}_mean"]

    def after(framework: str, network: str, epochs: int) -> float:
        return in_logs(framework, network, "accuracy", epochs)

    return Setting("published", mean, lines, evidence, after)


def recipe_of_2016(basis: Basis, evidence: Evidence) -> Callable[[str], str]:
    """Return a function: a framework to the recipe that its published numbers had.

    Torch's public script is not the one of the published run, and stands for nothing here.
    Deeplearning4j's successor has its ancestor's recipe.
    """

    def recipe(framework: str) -> str:
        original = original_of(framework)
        own = basis.own.get(original, [])
        if not own:
            raise NotRun(f"no recipe of the configuration is of {original}")
        published = evidence.of(original).get("published_recipe", own[0])
        if published == UNKNOWN:
            raise NotDecidable(f"the script of {original}'s published run is not public")
        return published

    return recipe


def original_of(framework: str) -> str:
    """Return the framework of the paper whose recipe and facts count for a framework."""
    return DL4J if framework == DL4J_SUCCESSOR else framework


def of_shared_blocks(times: pd.DataFrame) -> pd.DataFrame:
    """Return the short timed runs of the blocks that all networks have, by framework and recipe.

    A network with more blocks than others would be compared with other minutes of the machine. If
    no block has all networks, all runs count.
    """
    short = times[times["length"] == "short"]
    pair = ["framework", "recipe"]
    networks = short.groupby(pair)["network"].transform("nunique")
    whole = short.groupby([*pair, "block"])["network"].transform("nunique") == networks
    some = whole.groupby([short[name] for name in pair]).transform("any")
    return short[whole | ~some]


def of_runs(
    name: str,
    runs: pd.DataFrame,
    times: pd.DataFrame,
    recipe_of: Callable[[str], str],
    facts_of: Callable[[str], Facts],
    lines: dict[str, int],
    evidence: Evidence,
    basis: Basis,
    initialisation_only: Mapping[str, str],
    with_right_gradients: Mapping[str, str | None],
) -> Setting:
    """Return runs as a setting.

    A framework that has runs with a recipe computes what the reference program computes
    (docs/equivalence.md). If it has none of a network, or of fewer epochs, the accuracy of the
    reference program with the same recipe stands in.

    Parameters
    ----------
    runs
        The workflow's runs table (schemas/runs.schema.yaml), of any experiments together.
    times
        The table of timed runs (schemas/times.schema.yaml). Means of times are geometric.
    recipe_of
        Framework to the recipe whose runs count.
    facts_of
        Framework to what its runs must have been trained and tested with.
    initialisation_only
        For a recipe, the one in which nothing is changed but the initial weights.
    with_right_gradients
        For a recipe that makes the reference's gradients wrong, the one in which nothing else is
        changed; None where there is none.
    """
    of_times, basis = basis.on(times), basis.on(runs)
    # Its gradients are known to be right.
    reference = basis.reference
    times = of_shared_blocks(times)
    stand_ins: set[tuple[str, str, int]] = set()

    def recipe_in(framework: str) -> str:
        if basis.no_run:
            raise NotRun(basis.no_run)
        return recipe_of(framework)

    @cache
    def spread(framework: str, recipe: str, facts: Facts) -> Spread:
        return spread_of(runs, framework, recipe, basis, facts)

    def estimated(accuracies: pd.Series, spread: Spread, network: str) -> Estimated:
        known = spread.of(network)
        if known is None:
            raise NotDecidable("no seed was repeated, so that our accuracies have no error")
        error = known[0] / math.sqrt(len(accuracies))
        return Estimated(accuracies.mean(), error, known[1])

    # Most numbers are needed by several statements.
    @cache
    def accuracy_by(framework: str, network: str, epochs: int) -> tuple[Estimated, bool]:
        """Return an accuracy, and whether the framework has run it itself."""
        recipe, facts = recipe_in(framework), replace(facts_of(framework), epochs=epochs)
        found = draws(runs, framework, recipe, network, basis, facts)
        own = framework in set(found["framework"])
        # After fewer epochs, the deviation is taken to be that after ten.
        deviations = spread(framework, recipe, facts_of(framework))
        return estimated(found["accuracy"], deviations, network), own

    def accuracy(framework: str, network: str, epochs: int) -> Estimated:
        found, own = accuracy_by(framework, network, epochs)
        if not own:
            stand_ins.add((framework, network, epochs))
        return found

    @cache
    def model(measure: str) -> TimeModel:
        recipes = {}
        for framework in times["framework"].unique():
            with suppress(NotDecidable):
                recipes[framework] = recipe_of(framework)
        return TimeModel(times[times["recipe"] == times["framework"].map(recipes)], measure)

    @cache
    def seconds(framework: str, network: str, measure: str) -> Estimated:
        if of_times.no_run:
            raise NotRun(of_times.no_run)
        if why := of_times.other_clocks.get((framework, measure)):
            raise NotDecidable(f"{framework}: {why}")
        recipe, facts = recipe_of(framework), facts_of(framework)
        found = timed_runs(times, framework, recipe, network, facts, of_times)[measure]
        deviation, freedom = model(measure).deviation(framework, network)
        if not freedom:
            raise NotDecidable("nothing was repeated, so that our times have no error")
        error = deviation / math.sqrt(len(found))
        return Estimated(geometric_mean(found), error, freedom, relative=True)

    def mean(framework: str, network: str, measure: str) -> Estimated:
        if measure == "accuracy":
            return accuracy(framework, network, facts_of(framework).epochs)
        return seconds(framework, network, measure)

    @cache
    def by_reference(framework: str, network: str, recipe: str, other: str | None) -> Estimated:
        facts = facts_of(framework)
        # A stand-in tells nothing about the framework's own gradients.
        repeated_runs(runs, framework, recipe, network, facts, basis)
        if other is None:
            raise NotDecidable(f"{recipe} has no recipe in which only the tried cause is changed")
        found = repeated_runs(runs, reference, other, network, facts, basis)
        deviations = spread(reference, other, facts)
        if not deviations.pooled:
            deviations = spread(framework, recipe, facts)
        return estimated(found["accuracy"], deviations, network)

    def right_gradients(framework: str, network: str) -> Estimated:
        recipe = recipe_in(framework)
        # A network with one hidden layer shares no module.
        one_layer = hidden_size(network)["hidden_layers"] == 1
        other = recipe if one_layer else with_right_gradients.get(recipe, recipe)
        return by_reference(framework, network, recipe, other)

    def other_weights(framework: str, network: str) -> Estimated:
        recipe = recipe_in(framework)
        return by_reference(framework, network, recipe, initialisation_only.get(recipe))

    return Setting(
        name, mean, lines, evidence, accuracy, right_gradients, other_weights, reference, stand_ins
    )
