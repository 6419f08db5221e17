"""Judge each published number of the paper: reproduced, not reproduced, ambiguous, or not run.

The rule, for each cell (a framework of the paper x one of its twelve networks) under the recipe
that its authors' script had:

A number is *reproduced* where a whole 90 % interval lies within a margin (two one-sided tests of
equivalence, each with 5 % error), *not reproduced* where it lies wholly outside, and *ambiguous*
where it contains an end of the margin, or where there is no interval. It is *not run* where there
are no runs, or where these had other data, other epochs or another rule for accuracy than the
framework in 2016.

- An accuracy is judged by the difference between our mean and the published one (differences.py),
  with the fixed margin `ACCURACY_MARGIN`. Each draw (draws.py) counts once: a run of the framework
  itself, or one of the reference with another seed. Deviations are pooled over the networks of a
  recipe. The published value is a mean of repetitions; or a single draw, where the script gave all
  repetitions one seed or carried one network over (whose first repetition in the logs is compared).
  A published value whose own deviation makes the interval wider than the margin is *ambiguous*
  because it is uninformative, unless the interval lies wholly outside.
- A time is judged by its shape (times.py), because seconds depend on the machine. One scale for
  each framework and measure takes the machines out: it is fitted in logarithms over all of the
  framework's networks. The residual of each network is judged, with the margin `TIME_MARGIN` up and
  down. Its interval counts our repetitions and the published deviation. A published time that is
  too noisy is uninformative, as an accuracy is. Our time is put together as the script's clock of
  2016 would have shown it (clocks.py); where it cannot be, the time is ambiguous. The order of the
  frameworks is judged apart (order.py).
- Torch has two recipes of 2016. Each of its cells is judged under each that has comparable runs,
  and is *reproduced* where one reproduces it, *not reproduced* where none does, *not run* where
  none was run, else *ambiguous*. The published accuracies are those of training images
  (docs/torch-2016.md), so those of the public script's recipe decide nothing about them.
"""

from dataclasses import replace
from pathlib import Path

import pandas as pd
from analysis.timed_2016 import RUN_COLUMNS as TIME_COLUMNS
from shared.markdown_table import markdown_table
from shared.script import Job, run
from shared.strict_yaml import read_yaml
from shared.tables import read_table, write_table
from verdicts.accuracies import judge_accuracy
from verdicts.basis import (
    AMBIGUOUS,
    MEASURES,
    NOT_REPRODUCED,
    NOT_RUN,
    NUMBER_KEYS,
    PUBLISHED_COLUMNS,
    REPRODUCED,
    RUN_COLUMNS,
    VERDICTS,
    Basis,
    read_basis,
    with_networks,
)
from verdicts.clocks import as_in_2016, on_clocks
from verdicts.differences import ACCURACY_MARGIN, spread_of
from verdicts.draws import runs_of
from verdicts.estimates import TIME_MARGIN, position
from verdicts.logs import first_repetitions, read_logged
from verdicts.times import judge_times, told_apart

COLUMNS = [
    *NUMBER_KEYS, "cell_verdict", "recipe", "verdict",
    "published_mean", "published_sd",
    # What is compared: accuracies, or seconds, ours divided by the scale. The range and the
    # interval are those of the difference of accuracies, and of the ratio of times.
    "published", "ours", "difference", "agrees_from", "agrees_to", "low", "high",
    "n", "own_runs", "other_runs", "other_framework", "interval", "reason",
    # Of times only: our seconds divided by the published ones, whether one cause explains the
    # misses, and what the published time also contained.
    "scale", "cause", "not_in_ours",
]  # fmt: skip
HEADINGS = [
    "Framework", "Network", "Verdict", "Recipe", "Published", "Ours", "Agrees", "Interval", "n",
    "Why",
]  # fmt: skip
NUMBERS = ["Published", "Ours"]
# Other margins, to see how much the counts depend on them: of differences, and of ratios.
ACCURACY_MARGINS = (0.005, ACCURACY_MARGIN, 0.02)
TIME_MARGINS = (1.15, TIME_MARGIN, 1.5)
TITLES = {
    "accuracy": "Accuracy",
    "train_seconds": "Training time, by its shape",
    "predict_seconds": "Prediction time, by its shape",
}


def combine(verdicts: list[str]) -> str:
    """Return a cell's verdict from those under its recipes."""
    if REPRODUCED in verdicts:
        return REPRODUCED
    if len(set(verdicts)) == 1:
        return verdicts[0]
    return AMBIGUOUS


def judge(
    runs: pd.DataFrame, times: pd.DataFrame, published: pd.DataFrame, basis: Basis
) -> pd.DataFrame:
    """Judge every published number.

    Args:
        runs: The workflow's runs table (schemas/runs.schema.yaml), of any experiments together.
        times: The table of timed runs (schemas/times.schema.yaml), as `clocks.as_in_2016` returns
            it.
        published: reference/published.csv.
        basis: The facts of 2016, and what the recipes declare.

    Returns `COLUMNS`; a row for each framework, network, measure and recipe. ``cell_verdict`` is
    the same for the recipes of a cell.
    """
    published, of_times, basis = with_networks(published), basis.on(times), basis.on(runs)
    rows: list[dict] = []
    for measure in MEASURES:
        for framework, cells in published.groupby("framework", sort=False):
            own = basis.own.get(framework, [])
            if measure == "accuracy":
                judged = [judge_accuracies(runs, cells, each, basis) for each in own]
            else:
                judged = [
                    judge_times(times, cells, framework, each, measure, of_times) for each in own
                ]
            for _, cell in cells.iterrows():
                of_cell = [
                    {"recipe": recipe, **of_recipe[cell["network"]]}
                    for recipe, of_recipe in zip(own, judged, strict=True)
                ]
                rows += cell_rows(cell, measure, of_cell)
    table = pd.DataFrame(rows, columns=COLUMNS)
    return table.astype({"n": "Int64", "own_runs": "Int64", "other_runs": "Int64"})


def judge_accuracies(
    runs: pd.DataFrame, cells: pd.DataFrame, recipe: str, basis: Basis
) -> dict[str, dict]:
    """Judge a framework's published accuracies under one recipe; return by network the own columns.

    ``cells`` are the published values of the framework.
    """
    framework = cells.iloc[0]["framework"]
    spread = spread_of(runs, framework, recipe, basis)
    return {
        cell["network"]: judge_accuracy(runs, cell, recipe, spread, basis)
        for _, cell in cells.iterrows()
    }


def cell_rows(cell: pd.Series, measure: str, judged: list[dict]) -> list[dict]:
    """Return the rows of a cell from those under its recipes, with the verdict of the cell."""
    framework = cell["framework"]
    if not judged:
        reason = f"no recipe of the configuration is of {framework}"
        judged = [{"recipe": "", "verdict": NOT_RUN, "reason": reason}]
    # A recipe without comparable runs decides nothing where another one has some.
    deciding = [row for row in judged if "ours" in row] or judged[:1]
    known = {
        "framework": framework,
        "network": cell["network"],
        "measure": measure,
        "cell_verdict": combine([row["verdict"] for row in deciding]),
        "published_mean": cell[f"{measure}_mean"],
        "published_sd": cell[f"{measure}_sd"],
    }
    return [known | row for row in deciding]


def with_margin(rows: pd.DataFrame, least: float, most: float) -> list[int]:
    """Return how many cells have each of `VERDICTS` if these are the ends of the margin."""
    verdicts = rows["verdict"].where(
        rows["low"].isna(),
        [position(low, high, least, most) for low, high in rows[["low", "high"]].values],
    )
    cells = verdicts.groupby([rows[name] for name in NUMBER_KEYS], sort=False)
    found = [combine(list(of_cell)) for _, of_cell in cells]
    return [found.count(verdict) for verdict in VERDICTS]


def by_median(rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows of times whose scale is the median of a framework's ratios, not their mean.

    One network that is far from the others moves a mean. The widths of the intervals stay.
    """
    ratios = rows["ours"] / rows["published"]
    shape = ratios.groupby([rows[name] for name in ("framework", "measure", "recipe")])
    return rows.assign(**{end: rows[end] / shape.transform("median") for end in ("low", "high")})


def sensitivity(table: pd.DataFrame) -> str:
    """Write how many numbers have each verdict with other margins, and another scale of times."""
    is_accuracy = table["measure"] == "accuracy"
    accuracies, times = table[is_accuracy], table[~is_accuracy]
    rows = [
        ["Accuracy", f"{margin:g}", *with_margin(accuracies, -margin, margin)]
        for margin in ACCURACY_MARGINS
    ]
    rows += [
        ["Times", f"a factor of {margin:g}", *with_margin(times, 1 / margin, margin)]
        for margin in TIME_MARGINS
    ]
    median = with_margin(by_median(times), 1 / TIME_MARGIN, TIME_MARGIN)
    rows.append(["Times, the median as scale", f"a factor of {TIME_MARGIN:g}", *median])
    return markdown_table(["Measure", "Margin", *VERDICTS], rows, right=VERDICTS)


def range_of(low: float, high: float, spec: str) -> str:
    """Write a range in a format, or nothing where there is none."""
    return "" if pd.isna(low) else f"{low:{spec}} to {high:{spec}}"


def markdown(table: pd.DataFrame) -> str:
    """Write the verdicts as Markdown: the counts, then a table for each measure."""
    cells = table.drop_duplicates(NUMBER_KEYS)
    counts = [
        [TITLES[measure], *((of_measure["cell_verdict"] == v).sum() for v in VERDICTS)]
        for measure, of_measure in cells.groupby("measure", sort=False)
    ]
    ambiguous = cells[(cells["measure"] == "accuracy") & (cells["cell_verdict"] == AMBIGUOUS)]
    uninformative = ambiguous["reason"].str.startswith("uninformative").sum()
    parts = [
        "# The published numbers\n",
        markdown_table(["Measure", *VERDICTS], counts, right=VERDICTS),
        f"Of the ambiguous accuracies, {uninformative} are uninformative: their published "
        "deviation is too large for any verdict.\n",
        "The rule, and what each verdict means, is in docs/verdicts.md.\n",
        "With other margins, or another scale of the times:\n",
        sensitivity(table),
    ]
    for measure, of_measure in table.groupby("measure", sort=False):
        # Of differences of accuracies, and of ratios of times.
        number, spec = (".3f", "+.3f") if measure == "accuracy" else (".2f", ".2f")
        rows = []
        for row in of_measure.fillna({"interval": ""}).to_dict("records"):
            published, ours = (
                "" if pd.isna(row[column]) else f"{row[column]:{number}}"
                for column in ("published", "ours")
            )
            # The deviation belongs to the published mean, not to a first repetition.
            if measure == "accuracy" and row["published"] == row["published_mean"]:
                published += f" ± {row['published_sd']:.4f}"
            same = row["verdict"] == row["cell_verdict"]
            rows.append(
                [
                    row["framework"],
                    row["network"],
                    row["cell_verdict"],
                    row["recipe"] + ("" if same else f": {row['verdict']}"),
                    published,
                    ours,
                    range_of(row["agrees_from"], row["agrees_to"], spec),
                    range_of(row["low"], row["high"], spec) or row["interval"],
                    runs_of(row),
                    row["reason"],
                ]
            )
        parts.append(f"## {TITLES[measure]}\n")
        if measure != "accuracy":
            parts += shapes(of_measure)
        parts.append(markdown_table(HEADINGS, rows, NUMBERS))
    return "\n".join(parts)


def shapes(of_measure: pd.DataFrame) -> list[str]:
    """Write what the cells of a framework have in common: the scale, the misses and their cause."""
    rows = []
    for (framework, recipe), cells in of_measure.groupby(["framework", "recipe"], sort=False):
        scales, causes = cells["scale"].dropna(), cells["cause"].dropna()
        missed = (cells["verdict"] == NOT_REPRODUCED).sum()
        rows.append(
            [
                framework,
                recipe,
                f"{scales.iloc[0]:.3f}" if len(scales) else "",
                f"{missed} of {len(scales)}",
                causes.iloc[0] if len(causes) else "",
                cells["not_in_ours"].fillna("").iloc[0],
            ]
        )
    headings = [
        "Framework", "Recipe", "Scale", "Missed", "Cause", "What the time of 2016 also held",
    ]  # fmt: skip
    return [
        "Ours is in the seconds of 2016: divided by the scale, which is one for each framework. "
        "The interval is that of our time by the published one.\n",
        markdown_table(headings, rows, ["Scale", "Missed"]),
    ]


def control(counts: pd.DataFrame) -> str:
    """Write the table of `told_apart`; empty where nothing was timed."""
    if counts.empty:
        return ""
    headings = ["Our times of", "Recipe", "Networks", *counts.columns[3:]]
    return (
        "\n## How far verdicts on training times tell frameworks apart\n\n"
        "Each framework's times are judged by the published times of every framework. The table "
        "counts the networks that are *reproduced*. If a framework reproduces another one's times "
        "as often as its own, *reproduced* only says that the shape is roughly right.\n\n"
        f"{markdown_table(headings, counts.to_numpy().tolist(), headings[2:])}"
    )


def main(job: Job) -> None:
    timed = read_yaml(Path(job.input.timed))
    basis = read_basis(job.input.recipes_2016, job.params.basis)
    times = as_in_2016(read_table(job.input.times, TIME_COLUMNS), timed, job.params.predict_repeats)
    published = read_table(job.input.published, PUBLISHED_COLUMNS)
    table = judge(
        read_table(job.input.runs, RUN_COLUMNS),
        times,
        published,
        replace(
            on_clocks(basis, timed),
            first_logged=first_repetitions(read_logged(job.input.logged), basis),
        ),
    )
    text = markdown(table) + control(told_apart(times, with_networks(published), basis.on(times)))
    write_table(table, job.output.csv, text, job.output.markdown)


if __name__ == "__main__":
    run(main)
