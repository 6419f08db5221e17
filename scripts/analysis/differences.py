"""Compare frameworks with one recipe, and recipes with one framework, in points of accuracy.

All frameworks start a seed of a recipe and network from the same weights. When recipes are
compared, runs of several frameworks are therefore not independent. A mixed model takes account of
this (the split plot: Pinheiro and Bates 2000, "Mixed-effects models in S and S-PLUS", section 1.6):

    mean = framework + recipe + network + case + error

A mean is over the seeds of a framework with a recipe and a network. A case is a recipe with a
network. Its random effect is what all frameworks share: the seeds, and how well the recipe suits
the depth. The error is what remains: a framework's seeds, and how well it works with the recipe.
Frameworks are therefore compared within cases, and recipes between cases.

The weights depend on seed and layer sizes only, so recipes that share them differ less by chance.
That makes the intervals too wide rather than too narrow. Networks of other sizes have other
weights. The model takes them as independent.

Intervals hold for all pairs at once (Tukey and Kramer), with the degrees of freedom of a complete
split plot. Two frameworks have the same accuracy if two one-sided t tests (Schuirmann 1987) both
reject a difference of `MARGIN`. All pairs have the same accuracy if all of these tests reject. This
needs no correction for the number of tests (Berger 1982).

The model takes errors as independent. If two frameworks take the images in the same order, they
make the same training. The model counts it once (`cross.different_trainings`).

The model also assumes errors of one size. Recipes that fail have errors that are up to a hundred
times as large, so the intervals would be wrong. Therefore only recipes that train well are
modelled. All recipes together are only described, by the mean difference over the cases that both
have.
"""

import itertools
import warnings
from functools import cache

import numpy as np
import pandas as pd
from analysis.cross import ALL, cell_means, different_trainings, scopes
from scipy import stats

# Half a percentage point: about twice the standard deviation between seeds of networks that train
# well, and small beside the 13 points between the published values with four tanh layers.
MARGIN = 0.005
LEVEL = 0.05
FACTORS = {"framework": "recipe", "recipe": "framework"}
COLUMNS = [
    "scope", "factor", "first", "second", "difference", "low", "high", "p_equivalent", "largest",
    "runs", "problem",
]  # fmt: skip


def spread(cells: pd.DataFrame, factor: str) -> pd.DataFrame:
    """Return the means of `cell_means`, a row for each pair of the other factor and the network."""
    return cells.pivot(index=[FACTORS[factor], "network"], columns=factor, values="mean")[
        pd.unique(cells[factor])
    ]


def pairs(cells: pd.DataFrame, factor: str) -> pd.DataFrame:
    """Return the mean difference, first minus second, of each two levels over what both have."""
    table = spread(cells, factor)
    found = [
        (first, second, (table[first] - table[second]).mean())
        for first, second in itertools.combinations(table.columns, 2)
    ]
    return pd.DataFrame(found, columns=["first", "second", "difference"])


def model_problem(cells: pd.DataFrame, factor: str) -> str:
    """Return why the model cannot compare the levels of a factor; empty where it can."""
    levels = cells[factor].nunique()
    if levels < 2:
        return f"there is one {factor} only"
    if cells["framework"].nunique() < 2:
        return "runs of one framework give no interval"
    if freedom(cells, factor) < 1:
        return "there are too few runs for an interval"
    if np.linalg.matrix_rank(design(cells)) < design(cells).shape[1]:
        return "the frameworks have no recipes in common"
    if not np.ptp(cells["mean"]):
        return "all accuracies are equal"
    cases = pd.get_dummies(cells["recipe"] + "/" + cells["network"], dtype=float)
    within = np.hstack([cases, design(cells)["framework"]])
    rest = cells["mean"] - within @ np.linalg.lstsq(within, cells["mean"], rcond=None)[0]
    # Accuracies have four decimals. Smaller differences are rounding errors.
    return "" if np.abs(rest).max() > 1e-9 else "the frameworks differ alike in all cases"


def freedom(cells: pd.DataFrame, factor: str) -> int:
    """Return the degrees of freedom of the errors that a factor is compared with."""
    cases = len(cells[["recipe", "network"]].drop_duplicates())
    if factor == "framework":
        return len(cells) - cases - cells["framework"].nunique() + 1
    return cases - cells["recipe"].nunique() - cells["network"].nunique() + 1


def design(cells: pd.DataFrame) -> pd.DataFrame:
    """Return the columns of the fixed effects, without the first recipe and the first network."""
    parts = [
        pd.get_dummies(pd.Categorical(cells[name], pd.unique(cells[name])), dtype=float)
        for name in ("framework", "recipe", "network")
    ]
    return pd.concat(
        {"framework": parts[0], "recipe": parts[1].iloc[:, 1:], "network": parts[2].iloc[:, 1:]},
        axis=1,
    )


@cache
def range_quantile(levels: int, degrees: int) -> float:
    """Return the quantile of the studentised range. It is cached, because SciPy is slow here."""
    return stats.studentized_range.ppf(1 - LEVEL, levels, degrees)


class Model:
    """The mixed model of `cell_means`, fitted by restricted maximum likelihood."""

    def __init__(self, cells: pd.DataFrame) -> None:
        # Imported here, because this takes a second and most scripts need only constants of this
        # file.
        from statsmodels.regression.mixed_linear_model import MixedLM

        self.cells, self.columns = cells, design(cells).columns
        # The optimiser works best with numbers around 1.
        self.size = cells["mean"].std()
        with warnings.catch_warnings():
            # A variance of 0 is a valid estimate, but MixedLM warns.
            warnings.simplefilter("ignore")
            fit = MixedLM(
                ((cells["mean"] - cells["mean"].mean()) / self.size).to_numpy(),
                design(cells).to_numpy(),
                groups=(cells["recipe"] + "/" + cells["network"]).to_numpy(),
            ).fit(method=["bfgs", "powell"])
        self.effects = self.size * np.asarray(fit.fe_params)
        fixed = len(self.effects)
        self.covariance = self.size**2 * np.asarray(fit.cov_params())[:fixed, :fixed]

    def pairs(self, factor: str) -> pd.DataFrame:
        """Return what `pairs` does, with intervals (low, high) and p_equivalent."""
        levels = list(pd.unique(self.cells[factor]))
        # The first recipe has no column: its effect is 0.
        rows = np.array([self.columns == (factor, level) for level in levels], float)
        ones, others = map(list, zip(*itertools.combinations(range(len(levels)), 2), strict=True))
        contrasts = rows[ones] - rows[others]
        error = np.sqrt(np.einsum("ij,jk,ik->i", contrasts, self.covariance, contrasts))
        degrees = freedom(self.cells, factor)
        half = error * range_quantile(len(levels), degrees) / np.sqrt(2)
        difference = contrasts @ self.effects
        return pd.DataFrame(
            {
                "first": [levels[one] for one in ones],
                "second": [levels[other] for other in others],
                "difference": difference,
                "low": difference - half,
                "high": difference + half,
                "p_equivalent": stats.t.sf((MARGIN - np.abs(difference)) / error, degrees),
            }
        )


def compare(runs: pd.DataFrame) -> pd.DataFrame:
    """Return a row for each scope, factor and pair of its levels (`COLUMNS`), in fractions.

    ``runs`` as `cross.select` returns them. ``largest`` is the largest difference of two levels in
    a single case. Where there are no intervals, ``problem`` says why. A factor without pairs has
    one row without names.
    """
    tables = []
    for scope, part in scopes(runs).items():
        if scope != ALL:
            part = different_trainings(part)
        cells = cell_means(part)
        problems = {
            factor: "no recipe trains well"
            if part.empty
            else "described only"
            if scope == ALL
            else model_problem(cells, factor)
            for factor in FACTORS
        }
        model = None if all(problems.values()) else Model(cells)
        for factor, problem in problems.items():
            table = model.pairs(factor) if model and not problem else pairs(cells, factor)
            if table.empty:
                table = pd.DataFrame({"first": [""], "second": [""]})
                problem = problem if part.empty else f"there is one {factor} only"
            seen = spread(cells, factor)
            largest = (seen.max(axis=1) - seen.min(axis=1)).max()
            told = {"scope": scope, "factor": factor, "largest": largest, "runs": len(part)}
            tables.append(table.assign(**told, problem=problem))
    return pd.concat(tables, ignore_index=True).reindex(columns=COLUMNS)


def levels_of(part: pd.DataFrame) -> list[str]:
    """Return the frameworks or recipes that the rows of a factor compare."""
    return list(dict.fromkeys([*part["first"], *part["second"]]))


def largest_difference(part: pd.DataFrame) -> tuple[float, float, float]:
    """Return the largest difference of the pairs of a factor with its interval.

    It contains the true difference if the intervals of all pairs contain theirs. The ends are not
    numbers if there are no intervals.
    """
    size, half = part["difference"].abs(), (part["high"] - part["low"]) / 2
    return size.max(), np.maximum(0, (size - half).max()), (size + half).max()
