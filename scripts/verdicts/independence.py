"""Find repetitions that are not independent.

They have identical scores or initial weights, or a published deviation of exactly 0. Each finding
is *declared* where the recipe itself says so (one seed for all repetitions, a network carried
over), *rounding* where the published values have so few digits that equal ones mean nothing, and
otherwise an *error*.
"""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd
from shared.digests import sha256
from shared.markdown_table import markdown_table
from shared.script import Job, run
from shared.tables import read_table, write_table
from verdicts.basis import MEASURES, PUBLISHED_COLUMNS, Basis, read_basis, with_networks

DECLARED, ROUNDING, ERROR = STATUSES = "declared", "rounding", "error"
COLUMNS = ["source", "framework", "recipe", "network", "what", "repetitions", "status", "finding"]
RUN_COLUMNS = ["framework", "recipe", "network", "seed", "scores_sha256"]
HEADINGS = [column.capitalize() for column in COLUMNS]
# Values of two decimals are printed in steps of this.
STEP = 0.01


def identical(
    table: pd.DataFrame, source: str, what: str, checksum: str, declaring: frozenset[str]
) -> list[list]:
    """Find repetitions of one framework, recipe and network that have the same checksum.

    ``declaring`` are the recipes that declare this; ``checksum`` names a column.
    """
    rows = []
    keys = ["framework", "recipe", "network", checksum]
    for (framework, recipe, network, _), group in table.groupby(keys, sort=False):
        if len(group) > 1:
            declared = recipe in declaring
            why = "as the recipe declares" if declared else "the recipe does not declare it"
            rows.append(
                [source, framework, recipe, network, what,
                 ", ".join(map(str, sorted(group["seed"]))), DECLARED if declared else ERROR,
                 f"identical {what}: {why}"]
            )  # fmt: skip
    return rows


def read_weights(paths: Iterable[Path]) -> pd.DataFrame:
    """Read initial weights, ``RECIPE/NETWORK/SEED.f32``; return a row for each, with its checksum.

    A network that is carried over has initial weights in its first repetition only; those of the
    others are not used.
    """
    rows = [("", path.parts[-3], path.parts[-2], int(path.stem), sha256(path)) for path in paths]
    return pd.DataFrame(rows, columns=["framework", "recipe", "network", "seed", "sha256"])


def weights_of(runs: pd.DataFrame, folder: Path, draws: dict[str, str]) -> list[Path]:
    """Return the files of the initial weights that runs have started from, each once.

    ``draws`` names, by recipe, the one whose weights it shares because it draws the same.
    """
    recipes = runs["recipe"].replace(draws)
    started = runs.assign(recipe=recipes)[["recipe", "network", "seed"]].drop_duplicates()
    return [folder / row.recipe / row.network / f"{row.seed}.f32" for row in started.itertuples()]


def is_rounded(means: pd.Series, repetitions: int) -> bool:
    """Whether all means can be those of so many values with two decimals."""
    steps = means * repetitions / STEP
    return bool(np.isclose(steps, steps.round(), atol=1e-6).all())


def audit_published(published: pd.DataFrame, basis: Basis) -> list[list]:
    """Find the published cells with a standard deviation of exactly 0."""
    rows = []
    for framework, cells in with_networks(published).groupby("framework", sort=False):
        # The public script's; a framework without a recipe in the configuration declares nothing.
        recipe = next(iter(basis.own.get(framework, [])), "")
        n = basis.study.repetitions[framework]
        for measure in MEASURES:
            if measure == "accuracy" and recipe in basis.same_seed:
                status, why = DECLARED, "one seed in all repetitions"
            elif is_rounded(cells[f"{measure}_mean"], n):
                status, why = ROUNDING, "values are printed with two decimals"
            else:
                status, why = ERROR, "nothing explains it"
            rows += [
                ["published", framework, recipe, network, measure, n, status,
                 f"a standard deviation of exactly 0: {why}"]
                for network in cells.loc[cells[f"{measure}_sd"] == 0, "network"]
            ]  # fmt: skip
    return rows


def audit(
    runs: pd.DataFrame, weights: Iterable[Path], published: pd.DataFrame, basis: Basis
) -> pd.DataFrame:
    """Return all findings (`COLUMNS`), errors first.

    ``repetitions`` are the seeds that are the same, or of a published cell how many there were.
    """
    either = basis.same_seed | basis.carried_over
    rows = [
        *identical(runs, "runs", "scores", "scores_sha256", basis.same_seed),
        *identical(read_weights(weights), "initial weights", "initial weights", "sha256", either),
        *audit_published(published, basis),
    ]
    table = pd.DataFrame(rows, columns=COLUMNS)
    return table.sort_values("status", key=lambda status: status != ERROR, kind="stable")


def markdown(table: pd.DataFrame) -> str:
    """Write the findings as Markdown, with a count of each status first."""
    counts = [f"{(table['status'] == status).sum()} {status}" for status in STATUSES]
    return "\n".join(
        [
            "# Independence of the repetitions\n",
            f"Findings: {', '.join(counts)}.\n",
            markdown_table(HEADINGS, table.itertuples(index=False)),
        ]
    )


def main(job: Job) -> None:
    runs = read_table(job.input.runs, RUN_COLUMNS)
    table = audit(
        runs,
        weights_of(runs, Path(job.input.weights[0]).parents[2], job.params.draws),
        read_table(job.input.published, PUBLISHED_COLUMNS),
        read_basis(job.input.recipes_2016, job.params.basis),
    )
    write_table(table, job.output.csv, markdown(table), job.output.markdown, float_format=None)


if __name__ == "__main__":
    run(main)
