"""A model of times: how long each framework takes on each network, and how sure that is.

The logarithm of a time is the sum of an effect of its cell (a framework with a network), an effect
of its block (what the machine did to all programs at that time), an effect of its framework in its
block (what changed for one program alone), and chance:

    log t = cell + block + framework in block + chance

The first two are fitted by least squares. A cell's estimate is its effect in the mean block, so
that it is the geometric mean of its times where all cells have all blocks. The third is random.

Frameworks differ in how much their times vary. Chance therefore has a deviation of its own for each
framework, pooled over its cells; with too few repetitions it is that of all frameworks together. A
cell with enough runs that varies clearly more than the framework's others is not pooled, and has
its own deviation (an F test).
The variance of a framework in a block is a multiple of that of its chance. The multiple k is the
same for all frameworks, and estimated by Henderson's third method (Biometrics 9, 1953).

The variance of a contrast w'y is then the sum of w^2 s^2 over the runs, and k times the sum of
(sum of w)^2 s^2 over the blocks of each framework. Its degrees of freedom are those of
Satterthwaite (Biometrics Bulletin 2, 1946), at most those of the fit.

Logarithms are natural. Differences of them are ratios of times.
"""

import gc
import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import stats

if TYPE_CHECKING:
    from statsmodels.regression.linear_model import RegressionResults

# Of the intervals of times and of their ratios, and the error rate of sets of ranks.
CONFIDENCE = 0.95
# A framework has its own deviation from this number of degrees of freedom on. With fewer, its
# intervals would be wider by a half than those from the deviation of all (Student's t).
OWN_FREEDOM = 4
# A cell can have its own deviation from this number on. Four runs have nearly three. The level of
# its F test is that of a single cell, because a deviation that is too large does less harm than one
# that is too small.
CELL_FREEDOM = 2.5
UNLIKE = 0.01

Cell = tuple[str, str]


@dataclass(frozen=True)
class Estimate:
    """A logarithm of a time or of a ratio, with its standard error and degrees of freedom.

    ``freedom`` is 0 where nothing was repeated. ``error`` is then not a number.
    """

    value: float
    error: float
    freedom: float

    def interval(self, confidence: float = CONFIDENCE) -> tuple[float, float]:
        """Return the ends of the interval of the time or ratio itself; not numbers if unknown."""
        if not self.freedom:
            return math.nan, math.nan
        half = float(stats.t.ppf((1 + confidence) / 2, self.freedom)) * self.error
        return math.exp(self.value - half), math.exp(self.value + half)

    @property
    def p(self) -> float:
        """The two-sided p value of the hypothesis that the logarithm is 0."""
        if not self.freedom:
            return math.nan
        if not self.error:
            return float(self.value == 0)
        return float(2 * stats.t.sf(abs(self.value) / self.error, self.freedom))


def summed(parts: Iterable[tuple[float, float]]) -> tuple[float, float]:
    """Return the sum of estimated variances, and its degrees of freedom (Satterthwaite).

    ``parts`` are variances with their own degrees of freedom. Those of a sum of 0 are infinite.
    """
    parts = list(parts)
    variance = sum(part for part, _ in parts)
    spread = sum(part**2 / freedom for part, freedom in parts)
    return variance, variance**2 / spread if spread else math.inf


class TimeModel:
    """The fitted model.

    Args:
        runs: the columns framework, network, block and ``measure``, in seconds, a row for each run.
            Times that are missing or not positive are dropped.

    Attributes:
        counts: the number of runs, by framework and network.
        deviations: by framework, the standard deviation of a run's logarithm and its degrees of
            freedom; not a number and 0 where nothing was repeated.
        alone: the same of each cell that has a deviation of its own.
        in_block: the variance of a framework in a block, divided by that of its chance.
    """

    def __init__(self, runs: pd.DataFrame, measure: str) -> None:
        runs = runs[runs[measure] > 0]
        keys = ["framework", "network"]
        self.counts: dict[Cell, int] = runs.groupby(keys, sort=False).size().to_dict()
        self._logs = np.log(runs[measure].to_numpy(float))
        self._frameworks = runs["framework"].to_numpy()
        self._columns = {cell: index for index, cell in enumerate(self.counts)}
        self._blocks = pd.factorize(runs["block"])[0]
        if not self._columns:
            self.deviations: dict[str, tuple[float, float]] = {}
            self.alone: dict[Cell, tuple[float, float]] = {}
            self.in_block = 0.0
            return
        cells = np.zeros((len(runs), len(self._columns)))
        of_run = zip(runs["framework"], runs["network"], strict=True)
        cells[range(len(runs)), [self._columns[cell] for cell in of_run]] = 1
        design = np.hstack([cells, _block_columns(runs["block"])])
        if np.linalg.matrix_rank(design) < design.shape[1]:
            # Not all blocks are linked by common cells, so blocks cannot be separated from cells.
            design = cells
        # Imported here, because this takes a second and most scripts need only other parts of this
        # file.
        from statsmodels.regression.linear_model import OLS

        fit = OLS(self._logs, design).fit()
        # The coefficients are these linear combinations of the logarithms.
        self._weights = fit.model.pinv_wexog
        self._find_deviations(fit, cells.astype(bool))

    def _find_deviations(self, fit: "RegressionResults", of_cells: np.ndarray) -> None:
        """Set the deviations; ``of_cells`` tells which runs (rows) are of which cell (columns)."""
        residuals = np.asarray(fit.resid)
        # The degrees of freedom that a run leaves, whose sum is that of the fit.
        free = 1 - np.einsum("ij,ji->i", fit.model.exog, self._weights)
        self._whole = _deviation(residuals, free)
        self.deviations, self.alone = {}, {}
        # Runs with one deviation: those of a framework, or of a cell that has its own.
        self._parts: list[tuple[np.ndarray, tuple[float, float]]] = []
        for name in dict.fromkeys(self._frameworks):
            own = self._frameworks == name
            pooled = own.copy()
            for network in self.networks_of(name):
                cell = (name, network)
                of_cell = of_cells[:, self._columns[cell]]
                if _varies_more(residuals, free, of_cell, own & ~of_cell):
                    self.alone[cell] = _deviation(residuals[of_cell], free[of_cell])
                    self._parts.append((of_cell, self.alone[cell]))
                    pooled &= ~of_cell
            deviation = _deviation(residuals[pooled], free[pooled])
            self.deviations[name] = deviation if deviation[1] >= OWN_FREEDOM else self._whole
            self._parts.append((pooled, self.deviations[name]))
        self.in_block = self._find_in_block(fit.model.exog)

    def _find_in_block(self, design: np.ndarray) -> float:
        """Return `in_block`, by Henderson's third method.

        All times are first divided by the deviations, so that chance varies alike in all. The
        result is 0 if such an effect cannot be separated from chance, as with a single network.
        """
        deviations = np.empty(len(self._logs))
        for own, (deviation, _) in self._parts:
            deviations[own] = deviation
        # Runs that do not vary, or whose deviation is not known, tell nothing.
        known = deviations > 0
        scale = 1 / deviations[known, np.newaxis]
        fixed, logs = design[known] * scale, self._logs[known, np.newaxis] * scale
        of_run = zip(self._frameworks[known], self._blocks[known], strict=True)
        random = pd.get_dummies([f"{name} {block}" for name, block in of_run]).to_numpy(float)

        def unexplained(values: np.ndarray, design: np.ndarray) -> tuple[float, int]:
            """Return a sum of squares, and the rank of the design that does not explain it."""
            fitted, _, rank, _ = np.linalg.lstsq(design, values)
            return float(((values - design @ fitted) ** 2).sum()), int(rank)

        before, rank = unexplained(logs, fixed)
        after, rank_of_both = unexplained(logs, np.hstack([fixed, random]))
        free, more = len(logs) - rank_of_both, rank_of_both - rank
        if not free or not more or not after:
            return 0.0
        chance = after / free
        return max(0.0, (before - after - more * chance) / unexplained(random, fixed)[0]) / chance

    def deviation(self, framework: str, network: str) -> tuple[float, float]:
        """Return the deviation of a cell, and its degrees of freedom."""
        return self.alone.get((framework, network), self.deviations[framework])

    @property
    def cells(self) -> list[Cell]:
        """Frameworks with their networks, in the order of the runs."""
        return list(self._columns)

    def networks_of(self, framework: str) -> list[str]:
        """Return the networks that a framework has times of."""
        return [network for name, network in self._columns if name == framework]

    def contrast(self, coefficients: dict[Cell, float]) -> Estimate:
        """Estimate a weighted sum of cells' logarithms."""
        weights = sum(
            factor * self._weights[self._columns[cell]] for cell, factor in coefficients.items()
        )
        weights = np.asarray(weights)
        value = float(weights @ self._logs)
        # Frameworks without a deviation of their own share one deviation.
        shares: dict[tuple[float, float], float] = {}
        for own, deviation in self._parts:
            of_blocks = np.bincount(self._blocks[own], weights[own])
            share = float((weights[own] ** 2).sum() + self.in_block * (of_blocks**2).sum())
            # Less is a rounding error of the weights of runs that do not count.
            if share > 1e-20:
                shares[deviation] = shares.get(deviation, 0.0) + share
        most = self._whole[1]
        if not most:
            return Estimate(value, math.nan, 0)
        variance, freedom = summed(
            (deviation**2 * share, own) for (deviation, own), share in shares.items()
        )
        return Estimate(value, math.sqrt(variance), min(freedom, most))

    def level(self, framework: str, networks: list[str]) -> Estimate:
        """Estimate the mean logarithm over networks, of a geometric mean of times."""
        return self.contrast({(framework, network): 1 / len(networks) for network in networks})

    def ratio(self, framework: str, other: str, networks: list[str]) -> Estimate:
        """Estimate the logarithm of a framework's time by that of another, over networks."""
        share = 1 / len(networks)
        return self.contrast(
            {(framework, network): share for network in networks}
            | {(other, network): -share for network in networks}
        )


def _block_columns(blocks: pd.Series) -> np.ndarray:
    """Return columns for all blocks but the last; the effects of all blocks add up to 0."""
    indicators = pd.get_dummies(blocks).to_numpy(float)
    return indicators[:, :-1] - indicators[:, -1:]


def _deviation(residuals: np.ndarray, free: np.ndarray) -> tuple[float, float]:
    """Return the standard deviation of residuals, and its degrees of freedom."""
    # Rounding errors are no degree of freedom.
    freedom = float(free.sum())
    if freedom < 1e-6:
        return math.nan, 0
    return math.sqrt(float(residuals @ residuals) / freedom), freedom


def _varies_more(
    residuals: np.ndarray, free: np.ndarray, of_cell: np.ndarray, rest: np.ndarray
) -> bool:
    """Return whether a cell's runs vary clearly more than the framework's other ones."""
    deviation, freedom = _deviation(residuals[of_cell], free[of_cell])
    of_rest, freedom_of_rest = _deviation(residuals[rest], free[rest])
    if freedom < CELL_FREEDOM or freedom_of_rest < OWN_FREEDOM or not of_rest:
        return False
    return stats.f.sf((deviation / of_rest) ** 2, freedom, freedom_of_rest) < UNLIKE


def compare(model: TimeModel, frameworks: list[str], networks: list[str]) -> pd.DataFrame:
    """Compare frameworks in pairs over networks that all of them have.

    Returns:
        A row for each pair: framework, other, ratio (of the framework's time by the other's), low,
        high, p, and adjusted_p, the p value that Holm's method has adjusted for all pairs (Holm,
        Scandinavian Journal of Statistics 6, 1979). Not numbers where nothing was repeated.
    """
    rows = []
    for framework, other in combinations(frameworks, 2):
        found = model.ratio(framework, other, networks)
        ends = found.interval()
        rows.append([framework, other, math.exp(found.value), *ends, found.p])
    table = pd.DataFrame(rows, columns=["framework", "other", "ratio", "low", "high", "p"])
    known = table["p"].notna()
    table["adjusted_p"] = math.nan
    if known.any():
        table.loc[known, "adjusted_p"] = _adjusted(table.loc[known, "p"])
    return table


def _adjusted(p: pd.Series) -> np.ndarray:
    """Return p values that Holm's method has adjusted."""
    from statsmodels.stats.multitest import multipletests

    # multipletests collects garbage at each call. It skips frozen objects, and then takes no time.
    gc.freeze()
    try:
        return multipletests(p, method="holm")[1]
    finally:
        gc.unfreeze()


def rank_sets(pairs: pd.DataFrame, frameworks: list[str]) -> pd.DataFrame:
    """Return the ranks that the comparisons allow each framework; 1 is the fastest.

    A framework's lowest possible rank is one more than the number of those that are faster for
    sure, and its highest one leaves room for those that are slower for sure. With adjusted p
    values, all sets together hold the true ranks with `CONFIDENCE` (Al Mohamad, Goeman and van
    Zwet, Biometrics 78, 2022).

    Args:
        pairs: as `compare` returns them.

    Returns:
        By framework: rank (by the estimate), rank_low, rank_high. Both ends are all ranks where
        nothing was repeated.
    """
    sure = pairs["adjusted_p"] < 1 - CONFIDENCE
    slower = pairs["ratio"] > 1
    losers = pairs["framework"].where(slower, pairs["other"])
    winners = pairs["other"].where(slower, pairs["framework"])
    lost, lost_surely, won_surely = (
        names.value_counts().reindex(frameworks, fill_value=0)
        for names in (losers, losers[sure], winners[sure])
    )
    return pd.DataFrame(
        {"rank": lost + 1, "rank_low": lost_surely + 1, "rank_high": len(frameworks) - won_surely}
    ).rename_axis("framework")
