"""Judge each published number of the paper: reproduced, not reproduced, not decidable, or not run.

The rule, for each cell (a framework of the paper x one of its twelve networks) under the recipe
that its authors' script had, from the runs of that framework itself:

An estimate is the mean over the repetitions with its 90 % t interval: two one-sided tests of
equivalence, each with 5 % error. It is *reproduced* where the whole interval lies within the range
of agreement around the published value, *not reproduced* where the whole interval lies outside, and
*not decidable* where it lies across an end of the range, or where a single accuracy has no second
one to give it an interval. It is *not run* where there are no runs, or where these had other data,
other epochs or another rule for accuracy than the framework in 2016.
The range of agreement reaches as far as a margin, or as the published value's own 90 % interval
where that is wider: we cannot ask for more precision than the published number has.

- Accuracy is compared as such; the margin is `ACCURACY_MARGIN`. Runs with identical scores count
  once. A recipe that gives each repetition the same seed, or carries one network over, has no
  independent repetitions: its mean is judged as a point, without an interval. That of a network
  carried over rises with the repetitions, so it must be of as many as the authors'; or else the
  first and the last one of them, between which the others lie, take the place of an interval.
- A time is compared as a shape, because seconds depend on the machine: first its ratio to the same
  framework's first network, with the margin `TIME_MARGIN` up and down; then its order among the
  frameworks for the same network. For each other framework whose published time differs by more
  than the margin of their ratio, ours must be on the same side, and our interval of the ratio must
  not contain 1. The cell is not reproduced where either fails, and reproduced where both hold. The
  first network has the order alone. A single timed run has the precision `SINGLE_RUN`.
- Torch was published with a script that is not public. Each of its cells is judged under the public
  script's recipe and under the one that the published curve needs, and is *reproduced* where either
  reproduces it, *not reproduced* where both do not, *not run* where neither was run, else *not
  decidable*. They differ only where tanh was meant: for ReLU, one without runs does not count.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
from shared.markdown_table import markdown_table
from shared.script import Job, run
from shared.strict_yaml import read_yaml
from shared.tables import read_table, write_table
from verdicts.accuracies import judge_accuracy, successors_say
from verdicts.basis import (
    MEASURES,
    NOT_DECIDABLE,
    NOT_RUN,
    PUBLISHED_COLUMNS,
    REPRODUCED,
    RUN_COLUMNS,
    VERDICTS,
    Basis,
    read_basis,
    with_networks,
)
from verdicts.times import judge_time, other_clocks

COLUMNS = [
    "framework", "network", "measure", "cell_verdict", "recipe", "verdict",
    "published_mean", "published_sd",
    # What is compared: the accuracy, or the ratio to the first network.
    "published", "agrees_from", "agrees_to", "ours", "low", "high",
    "n", "interval", "reason",
]  # fmt: skip
HEADINGS = [
    "Framework", "Network", "Verdict", "Recipe", "Published", "Agrees", "Ours", "Interval", "n",
    "Why",
]  # fmt: skip
NUMBERS = ["Published", "Ours", "n"]
TITLES = {
    "accuracy": "Accuracy",
    "train_seconds": "Training time, by the framework's first network",
    "predict_seconds": "Prediction time, by the framework's first network",
}


def combine(verdicts: list[str]) -> str:
    """Return a cell's verdict from those under its recipes."""
    if REPRODUCED in verdicts:
        return REPRODUCED
    if len(set(verdicts)) == 1:
        return verdicts[0]
    return NOT_DECIDABLE


def judge(
    runs: pd.DataFrame, published: pd.DataFrame, successors: dict[str, str], basis: Basis
) -> pd.DataFrame:
    """Judge every published number.

    Parameters
    ----------
    runs
        The workflow's runs table (schemas/runs.schema.yaml), of any experiments together.
    published
        reference/published.csv.
    successors
        The framework of the paper that each successor follows.
    basis
        The facts of 2016, and what the recipes declare.

    Returns
    -------
    DataFrame
        `COLUMNS`; a row for each framework, network, measure and recipe. ``cell_verdict`` is the
        same for the recipes of a cell.
    """
    published, basis = with_networks(published), basis.on(runs)
    here = set(runs["framework"])
    rows = []
    for measure in MEASURES:
        for _, cell in published.iterrows():
            framework = cell["framework"]
            judged = []
            own = basis.own.get(framework, [])
            if not own:
                reason = f"no recipe of the configuration is of {framework}"
                judged.append({"recipe": "", "verdict": NOT_RUN, "reason": reason})
            for recipe in own:
                if measure == "accuracy":
                    row = judge_accuracy(runs, cell, recipe, basis)
                    if framework not in here:
                        row["reason"] += successors_say(runs, cell, recipe, successors, basis)
                else:
                    row = judge_time(runs, published, cell, recipe, measure, basis)
                judged.append({"recipe": recipe, **row})
            # For ReLU the recipes of a framework do the same.
            deciding = [
                row for row in judged if cell["activation"] == "tanh" or "ours" in row
            ] or judged[:1]
            verdict = combine([row["verdict"] for row in deciding])
            rows += [
                {
                    "framework": framework,
                    "network": cell["network"],
                    "measure": measure,
                    "cell_verdict": verdict,
                    "published_mean": cell[f"{measure}_mean"],
                    "published_sd": cell[f"{measure}_sd"],
                    **row,
                }
                for row in deciding
            ]
    return pd.DataFrame(rows, columns=COLUMNS).astype({"n": "Int64"})


def range_of(low: float, high: float, write: Callable[[float], str]) -> str:
    """Write a range, or nothing where there is none."""
    return "" if pd.isna(low) else f"{write(low)} to {write(high)}"


def markdown(table: pd.DataFrame) -> str:
    """Write the verdicts as Markdown: the counts, then a table for each measure."""
    cells = table.drop_duplicates(["framework", "network", "measure"])
    counts = [
        [TITLES[measure], *((of_measure["cell_verdict"] == v).sum() for v in VERDICTS)]
        for measure, of_measure in cells.groupby("measure", sort=False)
    ]
    parts = [
        "# The published numbers\n",
        markdown_table(["Measure", *VERDICTS], counts, right=VERDICTS),
        "The rule, and what each verdict means, is in docs/verdicts.md.\n",
    ]
    for measure, of_measure in table.groupby("measure", sort=False):

        def write(value: float, digits: int = 3 if measure == "accuracy" else 2) -> str:
            return "" if pd.isna(value) else f"{value:.{digits}f}"

        rows = []
        for row in of_measure.to_dict("records"):
            published = write(row["published"])
            if measure == "accuracy":
                published += f" ± {row['published_sd']:.4f}"
            same = row["verdict"] == row["cell_verdict"]
            rows.append(
                [
                    row["framework"],
                    row["network"],
                    row["cell_verdict"],
                    row["recipe"] + ("" if same else f": {row['verdict']}"),
                    published,
                    range_of(row["agrees_from"], row["agrees_to"], write),
                    write(row["ours"]),
                    range_of(row["low"], row["high"], write) or row["interval"]
                    if isinstance(row["interval"], str)
                    else "",
                    "" if pd.isna(row["n"]) else row["n"],
                    row["reason"],
                ]
            )
        parts += [f"## {TITLES[measure]}\n", markdown_table(HEADINGS, rows, NUMBERS)]
    return "\n".join(parts)


def main(job: Job) -> None:
    paths = map(Path, job.input.frameworks)
    successors = {path.parent.name: read_yaml(path)["successor_of"] for path in paths}
    clocks = other_clocks(read_yaml(Path(job.input.timed)))
    table = judge(
        read_table(Path(job.input.runs), RUN_COLUMNS),
        read_table(Path(job.input.published), PUBLISHED_COLUMNS),
        successors,
        replace(read_basis(job.input.recipes_2016, job.params.basis), other_clocks=clocks),
    )
    write_table(table, Path(job.output.csv), markdown(table), Path(job.output.markdown))


if __name__ == "__main__":
    run(main)
