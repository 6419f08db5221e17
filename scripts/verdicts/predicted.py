"""Compare each recipe of 2016 with all cells of the authors' logs, published or not.

A cell is a framework, a network and a number of epochs. The recipes were read from the authors'
code, and 60 of the cells were published. The others are predictions: a recipe that is right meets
them too.

If it is right, both means are of the same distribution, and the deviation of the logs is that of
both. The difference then lies within the 95 % prediction interval t s (1/n + 1/m)^0.5 in 19 of 20
cells (Student's t with m - 1 degrees of freedom; n runs, m logged values).
"""

from collections.abc import Iterable

import numpy as np
import pandas as pd
from scipy import stats
from shared.markdown_table import markdown_table
from shared.script import Job, run
from shared.study import plural
from shared.tables import read_table, without_repeated_scores, write_table
from verdicts.basis import RUN_COLUMNS, Basis, read_basis
from verdicts.draws import counts, runs_of, sources
from verdicts.logs import logs_of, read_logged

COLUMNS = [
    "framework", "recipe", "set", "network", "epochs", "repetition", "published",
    "predicted", "n", "own_runs", "other_runs", "other_framework", "diverged",
    "logged", "logged_sd", "logged_n", "difference", "half_width",
]  # fmt: skip
CELL = ["network", "epochs", "repetition"]
# Misses that the text and the figure name, for each recipe.
MISSES = 3
# Of prediction intervals.
CONFIDENCE = 0.95


def shape_runs(runs: pd.DataFrame, framework: str, recipe: str, basis: Basis) -> pd.DataFrame:
    """Return the draws of a recipe, for any number of epochs.

    Returns ``network``, ``epochs``, ``repetition``, ``seed`` (each draw once in a cell),
    ``framework``, ``accuracy`` and ``diverged``. ``repetition`` is 1 but for a network that is
    carried over, whose ``epochs`` are those of one repetition.
    """
    facts = basis.study.facts_of(framework, basis.logs.get(recipe))
    chosen = runs[
        runs["framework"].isin(sources(runs, framework, recipe, basis))
        & runs["recipe"].isin(basis.alike.get(recipe, [recipe]))
        & (runs["dataset"] == facts.dataset)
        & (runs["train_images"] == facts.train_images)
        & (runs["accuracy_rule"] == facts.accuracy_rule)
        & (runs["accuracy_images"] == facts.accuracy_images)
        & (runs["accuracy_of"] == facts.accuracy_of)
    ]
    chosen = without_repeated_scores(chosen, ["framework", "recipe", "network", "epochs"])
    carried_over = chosen["recipe"].isin(basis.carried_over)
    one_draw = carried_over | chosen["recipe"].isin(basis.same_seed)
    return (
        chosen.assign(
            repetition=chosen["seed"].where(carried_over, 1),
            epochs=(chosen["epochs"] // chosen["seed"]).where(carried_over, chosen["epochs"]),
            seed=chosen["seed"].mask(one_draw, 1),
            diverged=chosen["scores_sha256"].isna(),
            other=chosen["framework"] != framework,
        )
        # The framework's own runs first.
        .sort_values("other", kind="stable")
        .drop_duplicates([*CELL, "seed"])
    )


def shape_logs(logged: pd.DataFrame, framework: str, recipe: str, basis: Basis) -> pd.DataFrame:
    """Return the logged cells that a recipe is compared with, by `CELL`.

    Returns ``set``, ``published``, ``logged``, ``logged_sd`` (divided by n - 1) and ``logged_n``.
    The repetitions of a network that is carried over are cells of their own.
    """
    chosen = logs_of(logged, framework, recipe, basis)
    if recipe not in basis.carried_over:
        chosen = chosen.assign(repetition=1)
    cells = chosen.groupby(CELL, sort=False)
    table = cells.agg(
        set=("set", "first"),
        published=("published", "any"),
        logged=("accuracy", "mean"),
        logged_sd=("accuracy", "std"),
        logged_n=("accuracy", "size"),
    )
    if recipe in basis.same_seed:
        # Equal by their one seed, they are one draw.
        table = table.assign(logged_sd=float("nan"), logged_n=1)
    return table


def predict(runs: pd.DataFrame, logged: pd.DataFrame, basis: Basis) -> pd.DataFrame:
    """Return a row (`COLUMNS`) for each recipe of 2016 and logged cell that there are runs for.

    Args:
        runs: The workflow's runs table (schemas/runs.schema.yaml), of any experiments together.
        logged: As `logs.read_logged` returns it.
    """
    rows = []
    for framework, own in basis.own.items():
        for recipe in own:
            cells = shape_logs(logged, framework, recipe, basis)
            found = shape_runs(runs, framework, recipe, basis).groupby(CELL)
            groups = dict(iter(found))
            for key, cell in cells.iterrows():
                if key not in groups:
                    continue
                of_cell = groups[key]
                predicted = of_cell["accuracy"].mean()
                rows.append(
                    {
                        "framework": framework,
                        "recipe": recipe,
                        **dict(zip(CELL, key, strict=True)),
                        **cell,
                        **counts(of_cell, framework),
                        "predicted": predicted,
                        "diverged": int(of_cell["diverged"].sum()),
                        "difference": predicted - cell["logged"],
                    }
                )
    return pd.DataFrame(rows, columns=COLUMNS).assign(half_width=half_width)


def half_width(table: pd.DataFrame) -> pd.Series:
    """Return half of each prediction interval; not a number where the logs tell no deviation.

    This is so for a single logged value, and where all are equal (two decimals, or one seed).
    """
    deviation = table["logged_sd"].where(table["logged_sd"] > 0).astype(float)
    n, logged_n = table["n"].astype(float), table["logged_n"].astype(float)
    t = stats.t.ppf((1 + CONFIDENCE) / 2, logged_n - 1)
    return t * deviation * np.sqrt(1 / n + 1 / logged_n)


def agreeing(table: pd.DataFrame) -> tuple[int, int]:
    """Return how many differences lie within their prediction interval, and how many have one."""
    known = table.dropna(subset="half_width")
    return int((known["difference"].abs() <= known["half_width"]).sum()), len(known)


def largest(table: pd.DataFrame, number: int = MISSES) -> pd.DataFrame:
    """Return the rows with the largest differences of either sign, the largest first."""
    order = table["difference"].abs().sort_values(ascending=False, kind="stable").index
    return table.loc[order[:number]]


def cell_name(row: dict) -> str:
    """Write a cell, ``tanh-4x100, 1 epoch`` or ``tanh-4x100, 10 epochs, repetition 10``."""
    epochs = plural(str(row["epochs"]), "epoch")
    later = f", repetition {row['repetition']}" if row["repetition"] > 1 else ""
    return f"{row['network']}, {epochs}{later}"


def summarise(table: pd.DataFrame, own: Iterable[tuple[str, str]]) -> list[list]:
    """Return for each framework and recipe the cells, the median and the largest difference.

    Of the published cells and of the others, apart. The last column counts the differences within
    their prediction interval, if there are any.
    """
    rows: list[list] = []
    for framework, recipe in own:
        of_recipe = table[(table["framework"] == framework) & (table["recipe"] == recipe)]
        if of_recipe.empty:
            rows.append([framework, recipe, "", 0, "", "", "no runs", ""])
        for published in (True, False):
            part = of_recipe[of_recipe["published"].astype(bool) == published]
            if part.empty:
                continue
            sizes = part["difference"].abs()
            worst = largest(part, 1).to_dict("records")[0]
            agree, known = agreeing(part)
            rows.append(
                [
                    framework, recipe, "published" if published else "not published", len(part),
                    f"{sizes.median():.4f}", f"{sizes.max():.4f}", cell_name(worst),
                    f"{agree} of {known}" if known else "",
                ]
            )  # fmt: skip
    return rows


def pairs(basis: Basis) -> list[tuple[str, str]]:
    """Return the frameworks and recipes of 2016 in the order of the study."""
    return [(name, recipe) for name in basis.study.frameworks for recipe in basis.own.get(name, [])]


def markdown(table: pd.DataFrame, basis: Basis) -> str:
    """Write the table as Markdown: a summary, then every cell, the largest differences first."""
    headings = [
        "Framework", "Recipe", "Cells", "Number", "Median", "Largest", "Where", "In the interval",
    ]  # fmt: skip
    parts = [
        "# Predicted and logged accuracies\n",
        "Each recipe of 2016 against all cells of the authors' logs that there are runs for. "
        "Differences are absolute values. *In the interval* counts the differences within their "
        "95 % prediction interval. Cells whose logs tell no deviation have none.\n",
        markdown_table(headings, summarise(table, pairs(basis)), ["Number", "Median", "Largest"]),
    ]
    headings = ["Cell", "Published", "Predicted", "n", "Logged", "sd", "n logged", "Difference"]
    for framework, recipe in pairs(basis):
        of_recipe = table[(table["framework"] == framework) & (table["recipe"] == recipe)]
        if of_recipe.empty:
            continue
        rows = [
            [
                cell_name(row),
                "yes" if row["published"] else "no",
                f"{row['predicted']:.3f}" + (" (diverged)" if row["diverged"] else ""),
                runs_of(row),
                f"{row['logged']:.3f}",
                "" if pd.isna(row["logged_sd"]) else f"{row['logged_sd']:.4f}",
                row["logged_n"],
                f"{row['difference']:+.4f}",
            ]
            for row in largest(of_recipe, len(of_recipe)).to_dict("records")
        ]
        parts += [
            f"## {framework}, {recipe}\n",
            markdown_table(headings, rows, ["Predicted", "Logged", "sd", "Difference"]),
        ]
    return "\n".join(parts)


def main(job: Job) -> None:
    basis = read_basis(job.input.recipes_2016, job.params.basis)
    logged = read_logged(job.input.logged)
    table = predict(read_table(job.input.runs, RUN_COLUMNS), logged, basis)
    write_table(table, job.output.csv, markdown(table, basis), job.output.markdown)


if __name__ == "__main__":
    run(main)
