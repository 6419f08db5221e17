"""Go from a recipe of 2016 to the harmonised one, one change at a time.

Each change is made twice: alone, on the recipe of 2016, and cumulated, on top of the changes before
it. The two effects differ where changes depend on each other. The order of the changes is a choice,
so the table has both.
"""

import numpy as np
import pandas as pd
from shared.markdown_table import markdown_table
from shared.script import Job, run
from shared.tables import read_table, write_table

RUN_COLUMNS = ["framework", "recipe", "network", "seed", "accuracy"]
START, ALONE, CUMULATED = "start", "alone", "cumulated"
COLUMNS = [
    "from", "framework", "network", "step", "change", "variant", "recipe", "runs", "accuracy", "sd",
    "effect", "standard_error",
]  # fmt: skip

Steps = dict[str, list[dict[str, str]]]


def effect(runs: pd.Series, before: pd.Series) -> tuple[float, float]:
    """Return the difference of two mean accuracies and its standard error, in fractions.

    The error is that of independent runs (Welch). It is not a number where one side has fewer than
    two runs.
    """
    error = np.hypot(runs.sem(), before.sem())
    return runs.mean() - before.mean(), error


def build(runs: pd.DataFrame, steps: Steps) -> pd.DataFrame:
    """Return a row for the start of each ablation, and two for each of its steps (`COLUMNS`).

    Args:
        runs: Those of all experiments. Only frameworks and networks with runs of at least half of
            the steps' recipes are in the table.
        steps: For each recipe to start from, its changes in their order: what is changed
            (``change``) and the names of the recipes with it ``alone`` and with all changes so far
            (``cumulated``).

    The ``effect`` of a change alone is relative to the start, that of a cumulated change relative
    to the step before it. It is empty where there are no runs.
    """
    rows = []
    for start, changes in steps.items():
        # Step, change, variant, recipe, and the recipe that it is compared with.
        places: list[tuple[int, str, str, str, str | None]] = [(0, "", START, start, None)]
        before = start
        for step, change in enumerate(changes, start=1):
            places.append((step, change["change"], ALONE, change[ALONE], start))
            places.append((step, change["change"], CUMULATED, change[CUMULATED], before))
            before = change[CUMULATED]

        own = {recipe for *_, recipe, _ in places[1:]}
        found = runs[runs["recipe"].isin({start, *own})]
        for (framework, network), part in found.groupby(["framework", "network"], sort=False):
            # Other experiments run the target too, and may run a step.
            if 2 * part[part["recipe"].isin(own)]["recipe"].nunique() < len(own):
                continue
            accuracies = {name: part[part["recipe"] == name]["accuracy"] for name in {start, *own}}
            for *place, recipe, against in places:
                values = accuracies[recipe]
                change_of = effect(values, accuracies[against]) if against else (np.nan, np.nan)
                row = (start, framework, network, *place, recipe)
                row += (len(values), values.mean(), values.std(), *change_of)
                rows.append(dict(zip(COLUMNS, row, strict=True)))
    return pd.DataFrame(rows, columns=COLUMNS)


def points(effect: float, error: float) -> str:
    """Write an effect in percentage points with its standard error."""
    if np.isnan(effect):
        return "no run"
    # No negative zero.
    return f"{round(100 * effect, 1) + 0.0:+.1f}" + (
        "" if np.isnan(error) else f" ± {100 * error:.1f}"
    )


def markdown(table: pd.DataFrame) -> str:
    """Write a table for each recipe to start from, framework and network."""
    if table.empty:
        return "No step of an ablation was run.\n"
    parts = []
    headings = ["Change", "alone", "in its place", "accuracy so far (%)", "runs"]
    for (start, framework, network), part in table.groupby(COLUMNS[:3], sort=False):
        first = part[part["variant"] == START].iloc[0]
        rows = [[f"({start})", "", "", f"{100 * first['accuracy']:.1f}", first["runs"]]]
        for _, step in part[part["variant"] != START].groupby("step"):
            alone, so_far = (
                step[step["variant"] == variant].iloc[0] for variant in (ALONE, CUMULATED)
            )
            reached = "" if not so_far["runs"] else f"{100 * so_far['accuracy']:.1f}"
            rows.append(
                [
                    so_far["change"],
                    points(alone["effect"], alone["standard_error"]),
                    points(so_far["effect"], so_far["standard_error"]),
                    reached,
                    f"{alone['runs']} and {so_far['runs']}",
                ]
            )
        text = markdown_table(headings, rows, headings[1:])
        parts.append(f"{framework}, {network}, from {start}:\n\n{text}")
    parts.append(
        "Percentage points of accuracy, ± one standard error over the seeds; alone on the first "
        "recipe, and in its place on top of the changes above it.\n"
    )
    return "\n".join(parts)


def main(job: Job) -> None:
    table = build(read_table(job.input.runs, RUN_COLUMNS), job.params.steps)
    write_table(table, job.output.csv, markdown(table), job.output.markdown)


if __name__ == "__main__":
    run(main)
