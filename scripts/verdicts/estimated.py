"""Means of our runs, and values that the true means may have.

The errors of runs are normal, with a deviation that is estimated too. Values are drawn from the
posterior distribution of all means together, with flat priors of the means (of an accuracy: from 0
to 1) and of the logarithms of the deviations: Gelman and others, Bayesian Data Analysis (2013),
section 3.2. Each mean alone then has Student's t distribution. A run or a deviation that several
means share is drawn once.
"""

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Deviation:
    """The standard deviation between runs, with its degrees of freedom.

    ``of`` names it: means whose runs have the same one share it.
    """

    of: Hashable
    value: float
    freedom: float


class Estimated(float):
    """A mean of runs.

    Attributes:
        runs: Names of the runs. Means may share some of them.
        deviation: That of a run.
        relative: Whether it is that of the run's logarithm, as for times, and not of the run
            itself.
        blocks, in_block: What the runs have in common with others of their blocks, by name, and its
            variance as a multiple of the runs' own.
    """

    runs: Sequence[Hashable]
    deviation: Deviation
    relative: bool
    blocks: Sequence[Hashable]
    in_block: float

    def __new__(
        cls,
        value: float,
        runs: Sequence[Hashable],
        deviation: Deviation,
        *,
        relative: bool = False,
        blocks: Sequence[Hashable] = (),
        in_block: float = 0.0,
    ) -> "Estimated":
        number = super().__new__(cls, value)
        number.runs, number.deviation, number.relative = runs, deviation, relative
        number.blocks, number.in_block = blocks, in_block
        return number


class Impossible(Exception):
    """A drawn accuracy is below 0, or not below 1."""


class Draw:
    """One draw of all deviations and errors."""

    def __init__(self, random: np.random.Generator) -> None:
        self.random = random
        self.deviations: dict[Hashable, float] = {}
        self.errors: dict[Hashable, float] = {}

    def value(self, mean: float) -> float:
        """Return what the true mean is in this draw; a number that is not estimated stays.

        Raises `Impossible`.
        """
        if not isinstance(mean, Estimated):
            return mean
        error = self._error(mean.runs)
        if mean.in_block:
            error += math.sqrt(mean.in_block) * self._error(mean.blocks)
        error *= self._deviation(mean.deviation)
        if mean.relative:
            return float(mean) * math.exp(error)
        if not 0 <= mean + error < 1:
            raise Impossible
        return float(mean) + error

    def _deviation(self, estimate: Deviation) -> float:
        if estimate.of not in self.deviations:
            chi2 = self.random.chisquare(estimate.freedom)
            self.deviations[estimate.of] = estimate.value * math.sqrt(estimate.freedom / chi2)
        return self.deviations[estimate.of]

    def _error(self, names: Sequence[Hashable]) -> float:
        """Return the mean error of some runs, with a deviation of 1."""
        new = [name for name in names if name not in self.errors]
        self.errors.update(zip(new, self.random.standard_normal(len(new)), strict=True))
        return sum(self.errors[name] for name in names) / len(names)
