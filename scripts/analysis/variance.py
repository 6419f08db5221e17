"""Which framework, or which recipe? Differences in points first, then shares of the variance.

The differences are of differences.py. The shares divide the variance between the mean accuracies
of a network's cells (a framework with a recipe, each of the same weight, however many seeds it has;
Yates 1934, unweighted means). The means are fitted by least squares as a sum of a recipe's and a
framework's effect. A missing cell neither helps nor harms its framework. A training that two
frameworks both made counts once (`cross.different_trainings`).

    recipe       the mean square of the recipes' effects
    framework    the mean square of the frameworks' effects
    rest         the mean square of what the fit leaves, by its degrees of freedom

The rest contains the effect of the seeds, and that of a framework together with a recipe. Most
cells have one run, which cannot separate the two. What the rest adds to the other mean squares by
chance is subtracted (method of moments: Searle, Casella and McCulloch 1992). A component below 0
is set to 0.

The shares describe these frameworks, recipes and networks. They have no interval. A recipe that
fails can carry most of the variance, so there are shares with all recipes and with those that train
well, and the range of the recipe's share when any one recipe is left out.
"""

import numpy as np
import pandas as pd
from analysis.cross import (
    RUN_COLUMNS,
    TRAINS_WELL,
    cell_means,
    describe_recipes,
    different_trainings,
    scopes,
    select,
)
from analysis.differences import FACTORS, LEVEL, MARGIN, compare, largest_difference
from shared.markdown_table import markdown_table
from shared.script import Job, run, whole_file
from shared.tables import read_table, write_csv

SOURCES = ["recipe", "framework", "rest"]
# The row of all networks together.
OVERALL = "all"


def share_problem(cells: pd.DataFrame) -> str:
    """Return why the cells of a network have no shares; empty where they have."""
    frameworks, recipes = cells["framework"].nunique(), cells["recipe"].nunique()
    if frameworks < 2:
        return "there is one framework only"
    if recipes < 2:
        return "there is one recipe only"
    if np.linalg.matrix_rank(indicators(cells)) < frameworks + recipes - 1:
        return "the frameworks have no recipes in common"
    if len(cells) < frameworks + recipes:
        return "too few frameworks have several recipes"
    return "" if np.ptp(cells["mean"]) else "all accuracies are equal"


def indicators(cells: pd.DataFrame) -> np.ndarray:
    """Return a column of 0 and 1 for each recipe, then for each framework; a row for each cell."""
    levels = [pd.get_dummies(cells[factor]) for factor in ("recipe", "framework")]
    return np.hstack(levels).astype(float)


def components(cells: pd.DataFrame) -> np.ndarray:
    """Return the variance of each of `SOURCES` in a network, in fractions squared."""
    recipes, frameworks = cells["recipe"].nunique(), cells["framework"].nunique()
    columns, means = indicators(cells), (cells["mean"] - cells["mean"].mean()).to_numpy()
    # This matrix times the means gives the effects.
    effects = np.linalg.pinv(columns)
    residuals = means - columns @ effects @ means
    rest = residuals @ residuals / (len(cells) - recipes - frameworks + 1)
    found = []
    for rows in (effects[:recipes], effects[recipes:]):
        rows = rows - rows.mean(axis=0)
        found.append(((rows @ means) ** 2).mean() - rest * (rows**2).sum() / len(rows))
    # Smaller numbers are rounding errors.
    return np.array([value if value > 1e-15 else 0.0 for value in (*found, rest)])


def shares_of(runs: pd.DataFrame) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    """Return the components by network, with their mean as `OVERALL`, and why others have none."""
    found, problems = {}, {}
    for network, cells in cell_means(runs).groupby("network", sort=False):
        problems[network] = share_problem(cells)
        if not problems[network]:
            found[network] = components(cells)
    problems[OVERALL] = "" if found else next(iter(problems.values()), "no recipe trains well")
    if found:
        found[OVERALL] = np.mean(list(found.values()), axis=0)
    return found, problems


def recipe_share(runs: pd.DataFrame) -> float:
    """Return the recipe's share over all networks; not a number where it has none."""
    found, _ = shares_of(runs)
    return found[OVERALL][0] / found[OVERALL].sum() if found else np.nan


def analyse(runs: pd.DataFrame) -> pd.DataFrame:
    """Return a row for each scope, network and source; the last networks are `OVERALL`.

    ``runs`` as `cross.select` returns them. Columns: scope, network, source, variance (fraction
    squared), share, the numbers of frameworks, recipes and different trainings behind it, the range
    of the recipe's share over all networks without any one recipe (without_low, without_high), and
    problem: why there are no shares.
    """
    rows = []
    for scope, part in scopes(runs).items():
        once = different_trainings(part)
        found, problems = shares_of(once)
        without = [recipe_share(once[once["recipe"] != name]) for name in once["recipe"].unique()]
        told = [share for share in without if np.isfinite(share)] or [np.nan]
        for network, problem in problems.items():
            own = once if network == OVERALL else once[once["network"] == network]
            ran = part if network == OVERALL else part[part["network"] == network]
            variances = found.get(network, np.full(len(SOURCES), np.nan))
            for source, variance in zip(SOURCES, variances, strict=True):
                rows.append(
                    {
                        "scope": scope,
                        "network": network,
                        "source": source,
                        "variance": variance,
                        "share": variance / variances.sum(),
                        "frameworks": ran["framework"].nunique(),
                        "recipes": own["recipe"].nunique(),
                        "trainings": len(own),
                        "without_low": min(told) if network == OVERALL else np.nan,
                        "without_high": max(told) if network == OVERALL else np.nan,
                        "problem": problem,
                    }
                )
    return pd.DataFrame(rows)


def networks_of(table: pd.DataFrame) -> list[str]:
    """Return the networks of the table of `analyse`, without `OVERALL`."""
    return [name for name in table["network"].unique() if name != OVERALL]


def percent(share: float) -> str:
    """Write a share in words that claim no more than it says: ``less than 1 %``, ``93 %``."""
    if share < 0.005:
        return "less than 1 %"
    return "more than 99 %" if share >= 0.995 else f"{100 * share:.0f} %"


def points(fraction: float) -> str:
    """Write a difference of accuracies in percentage points, ``0.25`` or ``12.0``."""
    size = 100 * abs(fraction)
    return f"{size:.2f}" if size < 1 else f"{size:.1f}"


def differences_markdown(table: pd.DataFrame) -> str:
    """Write the largest differences and the test of equivalence, a row for each scope."""
    rows = []
    for (scope, factor), part in table.groupby(["scope", "factor"], sort=False):
        largest, low, high = largest_difference(part)
        tested = part["p_equivalent"].dropna()
        named = part["difference"].notna().any()
        rows.append(
            [
                scope,
                f"{factor}s with one {FACTORS[factor]}",
                points(largest) if named else part["problem"].iloc[0],
                f"{points(low)} to {points(high)}" if pd.notna(high) else part["problem"].iloc[0],
                points(part["largest"].iloc[0]) if named else "",
                f"{(tested < LEVEL).sum()} of {len(tested)}" if len(tested) else "",
                part["runs"].iloc[0],
            ]
        )
    headings = [
        "Recipes", "Compared", "Largest difference", "95 % interval", "In one case",
        f"Pairs alike within {points(MARGIN)}", "Runs",
    ]  # fmt: skip
    note = (
        "Percentage points of accuracy on all test images. The largest difference of two means, "
        "over all networks and what both were run with. Its interval is by a mixed model and holds "
        "for all pairs together. In one case: the largest difference in one network. Pairs are "
        "alike where two one-sided t tests reject a larger difference at 5 % (TOST). "
        "`differences.csv` has every pair, `scripts/analysis/differences.py` the model.\n"
    )
    return f"{markdown_table(headings, rows, ['Runs'])}\n{note}"


def shares_markdown(table: pd.DataFrame) -> str:
    """Write the table of `analyse`, a row for each scope and network."""
    rows = []
    for (scope, network), part in table.groupby(["scope", "network"], sort=False):
        first = part.iloc[0]
        shares = [first["problem"] or percent(share) for share in part["share"]]
        lowest, highest = first["without_low"], first["without_high"]
        without = f"{percent(lowest)} to {percent(highest)}" if pd.notna(lowest) else ""
        name = "all networks" if network == OVERALL else network
        rows.append([scope, name, *shares, without, first["trainings"]])
    headings = [
        "Recipes", "Network", "Recipe", "Framework", "Rest",
        "Recipe, if any one recipe is left out", "Trainings",
    ]  # fmt: skip
    note = (
        "Shares of the variance between the mean accuracies of a network's pairs of framework and "
        "recipe. They depend on which recipes are included. Trainings that two frameworks both "
        "made count once. The rest holds the seeds, and what single frameworks make of single "
        "recipes.\n"
    )
    return f"{markdown_table(headings, rows, ['Trainings'])}\n{note}"


def recipes_markdown(table: pd.DataFrame, labels: dict[str, str]) -> str:
    """Write the table of `cross.describe_recipes`."""
    rows = [
        [
            labels.get(row.recipe, row.recipe),
            f"{100 * row.lowest:.1f}",
            "yes" if row.trains_well else "no",
            f"{row.accuracy_rule}, {row.accuracy_images:,} images",
            f"{100 * row.rule_moves:+.2f}",
            f"{100 * row.rule_moves_low:+.2f} to {100 * row.rule_moves_high:+.2f}",
            row.runs,
        ]
        for row in table.itertuples()
    ]
    headings = [
        "Recipe", "Lowest accuracy (%)", "Trains well", "Its scoring rule", "The rule adds",
        "Range", "Runs",
    ]  # fmt: skip
    note = (
        "A recipe trains well if, with at least one framework, no network is below "
        f"{100 * TRAINS_WELL:.0f} % on all test images. The rule adds: accuracy by the recipe's "
        "own rule less accuracy on all test images, in percentage points.\n"
    )
    return f"{markdown_table(headings, rows, ['Runs'])}\n{note}"


def main(job: Job) -> None:
    runs = read_table(job.input.runs, RUN_COLUMNS)
    chosen = select(runs, job.params.frameworks, job.params.recipes, job.params.networks)
    tables = {
        "differences": compare(chosen),
        "variance": analyse(chosen),
        "recipes": describe_recipes(chosen),
    }
    for name, table in tables.items():
        write_csv(table, job.output[name])
    texts = [
        differences_markdown(tables["differences"]),
        shares_markdown(tables["variance"]),
        recipes_markdown(tables["recipes"], job.params.labels),
    ]
    with whole_file(job.output.markdown) as path:
        path.write_text("\n".join(texts))


if __name__ == "__main__":
    run(main)
