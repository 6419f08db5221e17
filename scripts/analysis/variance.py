"""Divide the variance of accuracy among recipe, framework, their interaction and seed.

A two-way layout for each network: frameworks x recipes, with seeds as repetitions. Every cell (a
framework with a recipe) weighs the same, however many seeds it has (Yates 1934, unweighted means).
The cells' means are fitted by least squares as a sum of a recipe's and a framework's effect. The
variance of a run drawn from a random cell is then the sum of four finite-population components
(Cornfield and Tukey 1956; Gelman 2005, "Analysis of variance: why it is more important than ever"):

    recipe       the mean square of the recipes' effects
    framework    the mean square of the frameworks' effects
    interaction  the mean square of what the sum of effects leaves of the means
    seed         the mean of the cells' own variances, each divided by n - 1

In a complete table these are the sums of squares of the textbook's analysis of variance, divided by
the number of cells, and their shares are eta squared. Missing cells are filled in by their fit: a
recipe that a framework cannot run neither helps nor harms that framework.

The cells' means hold noise of the seeds, which would look like an effect. Each component of the
means m is a quadratic form m' A m. The expected part of the noise in it, trace(A S) with the
covariance S of the means, is subtracted (method of moments: Searle, Casella and McCulloch 1992). A
component below 0 is set to 0.

All frameworks start seed k of a recipe from the same weights, so the residuals of a seed are
correlated over frameworks and networks. S is therefore computed from whole seeds. The interval is a
bootstrap with the seed of a recipe as its unit: all residuals of a unit are multiplied by one
random number of mean 0 and variance 1 (the wild cluster bootstrap: Wu 1986; Cameron, Gelbach and
Miller 2008). Frameworks and recipes are not resampled: the question is about these alone.

Limits: the shares are those of these frameworks, recipes and networks. One recipe that fails can
carry most of the variance, so the table also has the recipe's smallest share without any one
recipe. Networks with much variance weigh more in the shares of all networks. Repetitions with
identical scores count as one run. Where a recipe trains one network on through its repetitions, the
seed's part contains the effect of the longer training.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from shared.markdown_table import markdown_table
from shared.script import InputError, Job, run
from shared.tables import read_table, without_repeated_scores, write_table

RUN_COLUMNS = ["framework", "recipe", "network", "seed", "accuracy", "scores_sha256"]
SOURCES = ["recipe", "framework", "interaction", "seed"]
# The row of all networks together.
OVERALL = "all"
REPLICATES = 4000
BOOTSTRAP_SEED = 2016


@dataclass(frozen=True)
class Layout:
    """The cells of one network: frameworks x recipes.

    Attributes
    ----------
    cells
        A row a cell, with framework, recipe, mean, variance (of its runs, divided by n - 1; of a
        single run, the mean variance of its recipe's cells or else the median of all) and n.
    noise
        Columns that the means would differ by if a unit of the bootstrap had another draw: cells x
        units, scaled so that noise @ noise.T is the covariance of the means.
    squares
        The same for the cells' variances: cells x units, with squares.sum(axis=1) the variances.
    units
        The (recipe, seed) of each column.
    """

    cells: pd.DataFrame
    noise: np.ndarray
    squares: np.ndarray
    units: list[tuple]

    @property
    def problem(self) -> str:
        """Why there are no shares; empty where there are."""
        frameworks, recipes = (self.cells[name].nunique() for name in ("framework", "recipe"))
        if frameworks < 2:
            return "there is one framework only"
        if recipes < 2:
            return "there is one recipe only"
        if np.linalg.matrix_rank(indicators(self.cells)) < frameworks + recipes - 1:
            return "the frameworks have no recipes in common"
        if len(self.cells) < frameworks + recipes:
            return "too few frameworks have several recipes"
        if (self.cells["n"] < 2).all():
            return "there is one seed only"
        return ""


def select(
    runs: pd.DataFrame, frameworks: list[str], recipes: list[str], networks: list[str]
) -> pd.DataFrame:
    """Return the runs of these frameworks with these recipes and networks, in the order given.

    Repetitions with identical scores are not independent: only the first is taken.

    Raises `InputError` where there is no run, or where a run is in the table twice.
    """
    chosen = runs[
        runs["framework"].isin(frameworks)
        & runs["recipe"].isin(recipes)
        & runs["network"].isin(networks)
        & runs["accuracy"].notna()
    ]
    if chosen.empty:
        raise InputError(
            f"the runs table holds no run of the frameworks {', '.join(frameworks)} with the "
            f"recipes {', '.join(recipes)}; enable the experiment whose purpose is cross."
        )
    twice = chosen[chosen.duplicated(RUN_COLUMNS[:4])]
    if len(twice):
        names = "/".join(str(value) for value in twice.iloc[0][RUN_COLUMNS[:4]])
        raise InputError(f"the runs table holds the run {names} twice; write it anew.")
    chosen = without_repeated_scores(chosen, ["framework", "recipe", "network"])
    order = {
        name: {value: place for place, value in enumerate(values)}
        for name, values in (("framework", frameworks), ("recipe", recipes), ("network", networks))
    }
    return chosen.sort_values(
        ["network", "recipe", "framework", "seed"],
        key=lambda column: column.map(order[column.name]) if column.name in order else column,
    )


def lay_out(runs: pd.DataFrame) -> Layout:
    """Arrange the runs of one network (`select`) in cells."""
    groups = runs.groupby(["framework", "recipe"], sort=False)["accuracy"]
    cells = groups.agg(mean="mean", variance="var", n="size").reset_index()
    # The variance of a single run is estimated from other cells.
    by_recipe = cells.groupby("recipe")["variance"].transform("mean")
    cells["variance"] = (
        cells["variance"].fillna(by_recipe).fillna(cells["variance"].median()).fillna(0.0)
    )

    units = list(dict.fromkeys(zip(runs["recipe"], runs["seed"], strict=True)))
    places = {unit: place for place, unit in enumerate(units)}
    noise = np.zeros((len(cells), len(units)))
    squares = np.zeros_like(noise)
    for row, cell in enumerate(cells.itertuples()):
        own = runs[(runs["framework"] == cell.framework) & (runs["recipe"] == cell.recipe)]
        columns = [places[unit] for unit in zip(own["recipe"], own["seed"], strict=True)]
        if cell.n == 1:
            noise[row, columns] = np.sqrt(cell.variance)
            squares[row, columns] = cell.variance
        else:
            residuals = (own["accuracy"] - cell.mean).to_numpy()
            noise[row, columns] = residuals / np.sqrt(cell.n * (cell.n - 1))
            squares[row, columns] = residuals**2 / (cell.n - 1)
    return Layout(cells, noise, squares, units)


def indicators(cells: pd.DataFrame) -> np.ndarray:
    """Return a column of 0 and 1 for each recipe, then for each framework; a row for each cell."""
    levels = [pd.get_dummies(cells[factor]) for factor in ("recipe", "framework")]
    return np.hstack(levels).astype(float)


def quadratic_forms(cells: pd.DataFrame) -> dict[str, np.ndarray]:
    """Return the matrix A of each source but the seed: its variance is m' A m of the means m."""
    recipes, frameworks = cells["recipe"].nunique(), cells["framework"].nunique()
    columns = indicators(cells)
    # This matrix times the means is the effects.
    effects = np.linalg.pinv(columns)

    def mean_square(rows: np.ndarray) -> np.ndarray:
        rows = rows - rows.mean(axis=0)
        return rows.T @ rows / len(rows)

    # Degrees of freedom that the fit leaves; in a complete table, (recipes - 1)(frameworks - 1).
    freedom = len(cells) - recipes - frameworks + 1
    scale = (recipes - 1) * (frameworks - 1) / (recipes * frameworks) / freedom
    return {
        "recipe": mean_square(effects[:recipes]),
        "framework": mean_square(effects[recipes:]),
        "interaction": scale * (np.eye(len(cells)) - columns @ effects),
    }


def components(layout: Layout, multipliers: np.ndarray | None = None) -> np.ndarray:
    """Return the variance of each of `SOURCES`, in fractions squared, [replicates, 4].

    Without ``multipliers`` there is one replicate, the estimate. With them, [replicates, units],
    the means are shifted by the noise times its multipliers. They then contain its variance twice,
    from the runs and from the shift, and it is subtracted twice.
    """
    means = layout.cells["mean"].to_numpy()[None, :]
    within = layout.cells["variance"].to_numpy()[None, :]
    if multipliers is not None:
        means = means + multipliers @ layout.noise.T
        within = multipliers**2 @ layout.squares.T
    # Sums of squares lose digits where the numbers are far from 0.
    means = means - layout.cells["mean"].mean()
    times = 1 if multipliers is None else 2
    parts = [
        np.einsum("ri,ij,rj->r", means, matrix, means)
        - times * np.einsum("iu,ij,ju->", layout.noise, matrix, layout.noise)
        for matrix in quadratic_forms(layout.cells).values()
    ]
    found = np.column_stack([*parts, within.mean(axis=1)])
    # Smaller numbers are rounding errors.
    return np.where(found > 1e-15, found, 0.0)


def shares(variances: np.ndarray) -> np.ndarray:
    """Return each row's parts of its sum; not a number where all are 0."""
    total = variances.sum(axis=-1, keepdims=True)
    return np.divide(variances, total, out=np.full_like(variances, np.nan), where=total > 0)


def smallest_recipe_share(runs: pd.DataFrame) -> tuple[float, str]:
    """Return the recipe's smallest share, over all networks, without any one recipe, and which.

    Not a number and an empty name where the shares need all recipes.
    """
    found = []
    for recipe in pd.unique(runs["recipe"]):
        rest = runs[runs["recipe"] != recipe]
        layouts = [lay_out(part) for _, part in rest.groupby("network", sort=False)]
        told = [components(layout) for layout in layouts if not layout.problem]
        if told:
            share = shares(np.sum(told, axis=0))[0, 0]
            found += [(share, recipe)] if np.isfinite(share) else []
    return min(found, default=(np.nan, ""))


def analyse(
    runs: pd.DataFrame, replicates: int = REPLICATES, seed: int = BOOTSTRAP_SEED
) -> pd.DataFrame:
    """Return a row for each network and source; the last ones are of all networks (`OVERALL`).

    ``runs`` as `select` returns them. Columns: network, source, variance (fraction squared), share
    with its 95 % interval share_low and share_high, the numbers of frameworks, recipes and runs
    behind it, smallest_recipe_share without the recipe left_out, and problem: why there are no
    shares.
    """
    layouts = {name: lay_out(part) for name, part in runs.groupby("network", sort=False)}
    units = list(dict.fromkeys(unit for layout in layouts.values() for unit in layout.units))
    # Each unit has one number for all networks: they share what seed k draws.
    multipliers = np.random.default_rng(seed).standard_normal((replicates, len(units)))
    variances, bootstrap = {}, {}
    for network, layout in layouts.items():
        if not layout.problem:
            drawn = multipliers[:, [units.index(unit) for unit in layout.units]]
            variances[network] = components(layout)
            bootstrap[network] = components(layout, drawn)
    problems = {network: layout.problem for network, layout in layouts.items()}
    if variances:
        variances[OVERALL] = np.sum(list(variances.values()), axis=0)
        bootstrap[OVERALL] = np.sum(list(bootstrap.values()), axis=0)
        problems[OVERALL] = ""
    else:
        problems[OVERALL] = next(iter(problems.values()))

    rows = []
    for network, problem in problems.items():
        # The shares of all networks leave out those without shares.
        used = [name for name in layouts if problem or not problems[name]]
        part = runs[runs["network"].isin(used if network == OVERALL else [network])]
        if not problem and not variances[network].any():
            problem = "all accuracies are equal"
        nothing = np.full((1, len(SOURCES)), np.nan)
        variance = variances.get(network, nothing)
        drawn = shares(bootstrap[network]) if not problem else nothing
        low, high = np.nanpercentile(drawn, [2.5, 97.5], axis=0) if not problem else nothing[[0, 0]]
        least, left_out = (np.nan, "") if problem else smallest_recipe_share(part)
        for place, source in enumerate(SOURCES):
            rows.append(
                {
                    "network": network,
                    "source": source,
                    "variance": variance[0, place],
                    "share": shares(variance)[0, place],
                    "share_low": low[place],
                    "share_high": high[place],
                    "frameworks": part["framework"].nunique(),
                    "recipes": part["recipe"].nunique(),
                    "runs": len(part),
                    "smallest_recipe_share": least,
                    "left_out": left_out,
                    "problem": problem,
                }
            )
    return pd.DataFrame(rows)


def percent(share: float) -> str:
    """Write a share in words that claim no more than it says: ``less than 1 %``, ``93 %``."""
    if share < 0.005:
        return "less than 1 %"
    return "more than 99 %" if share >= 0.995 else f"{100 * share:.0f} %"


def interval(low: float, high: float) -> str:
    """Write an interval of shares, ``(90-95 %)``; nothing where both ends round to one number."""
    ends = [f"{100 * end:.0f}" for end in (low, high)]
    return "" if ends[0] == ends[1] else f"({ends[0]}\N{EN DASH}{ends[1]} %)"


def markdown(table: pd.DataFrame) -> str:
    """Write the table of `analyse`, one row per network, and below it how it was made."""
    rows = []
    for network, part in table.groupby("network", sort=False):
        first = part.iloc[0]
        cells = [
            first["problem"]
            if first["problem"]
            else f"{percent(row.share)} {interval(row.share_low, row.share_high)}".strip()
            for row in part.itertuples()
        ]
        robust = (
            f"{percent(first['smallest_recipe_share'])} (without {first['left_out']})"
            if first["left_out"]
            else ""
        )
        name = "all networks" if network == OVERALL else network
        rows.append([name, *cells, robust, first["runs"]])
    headings = [
        "Network", "Recipe", "Framework", "Interaction", "Seed",
        "Recipe, at least, without any one recipe", "Runs",
    ]  # fmt: skip
    note = (
        "Shares of the variance of accuracy between the runs of a network, each cell of "
        "frameworks x recipes weighing the same; with their 95 % intervals, from a bootstrap over "
        f"the seeds of a recipe ({REPLICATES} replicates, seed {BOOTSTRAP_SEED}). "
        "`scripts/analysis/variance.py` says how, and where its limits are.\n"
    )
    return f"{markdown_table(headings, rows, ['Runs'])}\n{note}"


def main(job: Job) -> None:
    runs = read_table(Path(job.input.runs), RUN_COLUMNS)
    chosen = select(runs, job.params.frameworks, job.params.recipes, job.params.networks)
    table = analyse(chosen)
    write_table(table, Path(job.output.csv), markdown(table), Path(job.output.markdown))


if __name__ == "__main__":
    run(main)
