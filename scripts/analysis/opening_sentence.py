"""Write what the report opens with: is accuracy the recipe's or the framework's?

One sentence says the shares of the variance (variance.py), one the differences of the accuracies.
"""

from pathlib import Path
from typing import Any

import pandas as pd
from analysis.variance import OVERALL, RUN_COLUMNS, interval, percent, select
from shared.script import InputError, Job, run, whole_file
from shared.tables import read_table

TABLE_COLUMNS = ["network", "source", "share", "share_low", "share_high", "problem"]
NAMES = {
    "recipe": "the recipe",
    "framework": "the framework",
    "interaction": "what a framework makes of a recipe",
    "seed": "the seed",
}


def sentence_of_shares(table: pd.DataFrame) -> str:
    """Say which source explains most of the variance, or why that can't be said.

    ``table`` as `variance.analyse` returns it. A source is called the largest only where its
    interval lies above every other interval.
    """
    overall = table[table["network"] == OVERALL]
    if overall.empty:
        raise InputError(f"the table of variance lacks the network {OVERALL!r}; write it anew.")
    problem = overall["problem"].astype(object).fillna("").iloc[0]
    if problem:
        return (
            f"How much of the accuracy is the recipe's cannot be told from these runs: {problem}."
        )
    first, *others = overall.sort_values("share", ascending=False, kind="stable").itertuples()

    def words(row: Any) -> str:
        return f"{NAMES[row.source]} {percent(row.share)} {interval(row.share_low, row.share_high)}"

    listed = [words(row).strip() for row in (first, *others)]
    if any(other.share_high >= first.share_low for other in others):
        return (
            "No source stands out in the variance of accuracy: "
            f"{', '.join(listed[:-1])} and {listed[-1]}."
        )
    bounds = interval(first.share_low, first.share_high)
    begin = (
        f"{NAMES[first.source].capitalize()} explains {percent(first.share)} of the variance of "
        f"accuracy {bounds}"
    )
    return f"{begin.strip()}, {', '.join(listed[1:-1])} and {listed[-1]}."


def typical_range(runs: pd.DataFrame, within: str, across: str) -> float:
    """Return how far mean accuracies differ ``across`` the levels of a factor, in points of 100.

    The range (largest less smallest) for each network and each level of ``within``; the median of
    these. Not a number where no level has two.
    """
    means = runs.groupby(["network", within, across])["accuracy"].mean()
    groups = means.groupby(["network", within])
    ranges = (groups.max() - groups.min())[groups.size() > 1]
    return 100 * float(ranges.median())


def sentence_of_ranges(runs: pd.DataFrame) -> str:
    """Say in points of accuracy what the shares mean; nothing where it can't be said.

    ``runs`` as `variance.select` returns them.
    """
    frameworks = typical_range(runs, "recipe", "framework")
    recipes = typical_range(runs, "framework", "recipe")
    if pd.isna(frameworks) or pd.isna(recipes):
        return ""
    return (
        f"Between the frameworks with one recipe, accuracies differ by {frameworks:.1f} percentage "
        f"points; between the recipes with one framework, by {recipes:.1f} (largest less smallest "
        "mean, the median over all cases)."
    )


def main(job: Job) -> None:
    table = read_table(Path(job.input.variance), TABLE_COLUMNS)
    runs = read_table(Path(job.input.runs), RUN_COLUMNS)
    runs = select(runs, job.params.frameworks, job.params.recipes, job.params.networks)
    sentences = [sentence_of_shares(table), sentence_of_ranges(runs)]
    with whole_file(job.output[0]) as path:
        path.write_text(" ".join(filter(None, sentences)) + "\n")


if __name__ == "__main__":
    run(main)
