"""What a statement is judged on: the paper's own numbers, or runs with the recipes of a setting."""

from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise

import numpy as np
import pandas as pd
from shared.study import Facts
from verdicts.basis import Basis, NotDecidable, NotRun, repetitions, with_networks

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
ALL_NETWORKS = (*TANH, *RELU, *WIDE)

Numbers = dict[str, float | NotDecidable]


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
class Setting:
    """What a statement is judged on.

    Attributes
    ----------
    mean
        (framework, network, measure) to the mean: accuracy as a fraction, times in seconds.
        Raises NotDecidable.
    lines
        Lines of code of each framework, counted as in the paper.
    initialisation_only
        For a framework of the paper, the same mean of (network, measure) where nothing of its 2016
        recipe is changed but the initial weights.
    """

    name: str
    mean: Callable[[str, str, str], float]
    lines: dict[str, int] = field(default_factory=dict)
    initialisation_only: Mapping[str, Callable[[str, str], float]] = field(default_factory=dict)

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
        return float(np.exp(np.mean(np.log(self.series(framework, measure, networks)))))

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


def of_published(published: pd.DataFrame, lines: dict[str, int]) -> Setting:
    """Return the paper's own numbers as a setting."""
    table = with_networks(published).set_index(["framework", "network"])

    def mean(framework: str, network: str, measure: str) -> float:
        if (framework, network) not in table.index:
            raise NotDecidable(f"the paper has no numbers of {framework}")
        return table.loc[(framework, network), f"{measure}_mean"]

    return Setting("published", mean, lines)


def recipe_of_2016(basis: Basis, as_tanh: Container[str]) -> Callable[[str, str], str]:
    """Return a function: a framework's own recipe for a network.

    ``as_tanh`` are the recipes that take tanh where a network names it. Torch has two recipes of
    2016: the public script has a sigmoid there, but the statements are about the published curve,
    which needs tanh (reference/recipes-2016.yaml). Deeplearning4j's successor has its ancestor's
    recipe.
    """

    def recipe(framework: str, network: str) -> str:
        original = original_of(framework)
        own = basis.own.get(original, [])
        if not own:
            raise NotRun(f"no recipe of the configuration is of {original}")
        if network.startswith("tanh"):
            return next((name for name in own if name in as_tanh), own[0])
        return own[0]

    return recipe


def original_of(framework: str) -> str:
    """Return the framework of the paper whose recipe and facts count for a framework."""
    return DL4J if framework == DL4J_SUCCESSOR else framework


def of_runs(
    name: str,
    runs: pd.DataFrame,
    recipe_of: Callable[[str, str], str],
    facts_of: Callable[[str], Facts],
    lines: dict[str, int],
    basis: Basis,
    initialisation_only: Mapping[str, Iterable[str]],
) -> Setting:
    """Return runs as a setting.

    Parameters
    ----------
    runs
        The workflow's runs table (schemas/runs.schema.yaml), of any experiments together.
    recipe_of
        (framework, network) to the recipe whose runs count.
    facts_of
        Framework to what its runs must have been trained and tested with.
    initialisation_only
        For a framework of the paper, the framework and recipe of the runs where nothing of its
        2016 recipe is changed but the initial weights.
    """
    basis = basis.on(runs)

    def mean(framework: str, recipe: str, facts: Facts, network: str, measure: str) -> float:
        return repetitions(runs, framework, recipe, network, measure, facts, basis).mean()

    def mean_of(framework: str, network: str, measure: str) -> float:
        recipe = recipe_of(framework, network)
        return mean(framework, recipe, facts_of(framework), network, measure)

    changed = {
        original: partial(mean, framework, recipe, facts_of(original))
        for original, (framework, recipe) in initialisation_only.items()
    }
    return Setting(name, mean_of, lines, changed)
