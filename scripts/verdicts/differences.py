"""The difference between our mean accuracy and the authors', with its interval.

Welch's interval for two means, or a prediction interval where the authors' value is one draw. The
rule that they serve is in numbers.py, the reasons for the margin are in docs/verdicts.md.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd
from scipy import stats
from shared.study import Facts
from shared.time_model import summed
from verdicts.basis import Basis, NotDecidable
from verdicts.draws import draws

# One point of a hundred. docs/verdicts.md says why.
ACCURACY_MARGIN = 0.01
# Each of the two one-sided tests errs in 5 % of the cases, so that the interval has 90 %.
CONFIDENCE = 0.90
# The standard deviation of the error of a value that is rounded to two decimals: it is uniform over
# one step.
ROUNDING_DEVIATION = 0.01 / math.sqrt(12)
# A cell is not pooled if its variance is clearly larger than that of the others. By chance alone,
# this happens in less than one of a hundred pools.
OUTLYING = 0.01


@dataclass(frozen=True)
class Mean:
    """A mean's value, the variance of its error, and the degrees of freedom of that variance."""

    value: float
    variance: float
    freedom: float


@dataclass(frozen=True)
class Spread:
    """The standard deviations between the draws of a recipe, and their degrees of freedom.

    ``pooled`` is None if no network has two draws. ``alone`` has the networks that are not pooled,
    because their deviation is different. Their value is None if a single draw has no deviation.
    """

    pooled: tuple[float, int] | None
    alone: Mapping[str, tuple[float, int] | None] = field(default_factory=dict)

    def of(
        self, network: str, n: int = 2, published: tuple[float, int] | None = None
    ) -> tuple[float, int] | None:
        """Return the deviation of a network with n draws.

        A network with a single draw may be like those that are alone. It then gets the pooled or
        the published deviation, whichever is larger.
        """
        if n == 1 and self.alone and network not in self.alone and self.pooled and published:
            return max(self.pooled, published)
        return self.alone.get(network, self.pooled)


def welch(ours: Mean, theirs: Mean) -> tuple[float, float]:
    """Return the interval of ``ours`` minus ``theirs``.

    Welch, The generalization of Student's problem, Biometrika 34 (1947); the degrees of freedom
    are those of Welch and Satterthwaite.
    """
    parts = ((mean.variance, mean.freedom) for mean in (ours, theirs) if mean.variance)
    half = half_width(*summed(parts))
    difference = ours.value - theirs.value
    return difference - half, difference + half


def prediction(
    mean: float, deviation: float, freedom: int, n: int, value: float
) -> tuple[float, float]:
    """Return the interval of a mean of n draws minus one further draw, ``value``.

    The variance of the difference is s^2 (1 + 1/n): Hahn and Meeker, Statistical Intervals (1991).
    """
    half = half_width(deviation**2 * (1 + 1 / n), freedom)
    return mean - value - half, mean - value + half


def half_width(variance: float, freedom: float) -> float:
    """Return half of the interval of a mean."""
    return float(stats.t.ppf((1 + CONFIDENCE) / 2, freedom)) * math.sqrt(variance)


def published_mean(mean: float, sd: float, repetitions: int, *, rounded: bool) -> Mean:
    """Return a published mean with its error.

    The published deviations are divided by n, so that the variance of the mean is sd^2 / (n - 1).
    If all repetitions are ``rounded`` to the same value, their errors are the same too, and do not
    average out.
    """
    freedom = repetitions - 1
    if rounded and not sd:
        return Mean(mean, ROUNDING_DEVIATION**2, freedom)
    deviation = sd * math.sqrt(repetitions / freedom)
    if rounded:
        deviation = max(deviation, ROUNDING_DEVIATION)
    return Mean(mean, deviation**2 / repetitions, freedom)


def pool(variances: Mapping[str, tuple[float, int]]) -> Spread:
    """Pool the variances of networks, each with its degrees of freedom.

    The smaller half of them is pooled. Then the others join, the smallest first, until one is too
    large to belong to the pool (an F test, with Bonferroni's correction). It and all larger ones
    stay alone. Large variances cannot hide each other this way, as they can in Cochran's test.
    """
    order = sorted(variances, key=lambda name: variances[name][0])
    if not order:
        return Spread(None)
    size = (len(order) + 1) // 2
    while size < len(order):
        pooled, freedom = pooled_variance([variances[name] for name in order[:size]])
        variance, own_freedom = variances[order[size]]
        # A variance that is not zero does not belong to a pool of zeros.
        ratio = variance / pooled if pooled else (math.inf if variance else 1.0)
        if stats.f.sf(ratio, own_freedom, freedom) * len(order) < OUTLYING:
            break
        size += 1
    variance, freedom = pooled_variance([variances[name] for name in order[:size]])
    alone = {name: (math.sqrt(variances[name][0]), variances[name][1]) for name in order[size:]}
    return Spread((math.sqrt(variance), freedom), alone)


def pooled_variance(variances: list[tuple[float, int]]) -> tuple[float, int]:
    """Return the mean of variances, weighted by their degrees of freedom, and the sum of these."""
    freedom = sum(each for _, each in variances)
    return sum(variance * each for variance, each in variances) / freedom, freedom


def spread_of(
    runs: pd.DataFrame, framework: str, recipe: str, basis: Basis, facts: Facts | None = None
) -> Spread:
    """Return the deviations of a recipe between its draws, over all of its networks.

    A network of which a draw has diverged has a deviation of its own. ``facts`` are as in `draws`.
    """
    variances, diverged = {}, {}
    for network in dict.fromkeys(runs["network"]):
        try:
            found = draws(runs, framework, recipe, network, basis, facts)
        except NotDecidable:
            continue
        n, values = len(found), found["accuracy"]
        if found["diverged"].any():
            diverged[network] = (float(values.std()), n - 1) if n > 1 else None
        elif n > 1:
            variances[network] = float(values.var()), n - 1
    spread = pool(variances)
    spread = Spread(spread.pooled, {**spread.alone, **diverged})
    if recipe not in basis.rounded:
        return spread
    return Spread(
        spread.pooled and _not_below(spread.pooled),
        {name: each and _not_below(each) for name, each in spread.alone.items()},
    )


def _not_below(deviation: tuple[float, int]) -> tuple[float, int]:
    """Return a deviation of rounded values that is not below that of the rounding itself."""
    return max(deviation[0], ROUNDING_DEVIATION), deviation[1]
