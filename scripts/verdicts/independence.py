"""Find repetitions that are none: identical scores or initial weights, deviations of exactly 0.

Each finding is *declared* where the recipe itself says so (one seed for all repetitions, a network
carried over), *rounding* where the published values are printed so coarsely that equal ones mean
nothing, and else an *error*.
"""

import argparse
import hashlib
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd
from shared.script import InputError, run
from shared.markdown_table import markdown_table
from shared.tables import read_table, write_table
from verdicts.basis import (
    MEASURES,
    PUBLISHED_COLUMNS,
    Basis,
    add_basis_flags,
    basis_of,
    with_networks,
)

DECLARED, ROUNDING, ERROR = STATUSES = "declared", "rounding", "error"
COLUMNS = ["source", "framework", "recipe", "network", "what", "repetitions", "status", "finding"]
HEADINGS = [column.capitalize() for column in COLUMNS]
# The step in which values of two decimals are printed.
STEP = 0.01


def identical(table: pd.DataFrame, keys: list[str], checksum: str) -> Iterable[tuple]:
    """Yield the keys of each set in which repetitions have the same checksum, and their seeds."""
    for key, group in table.groupby([*keys, checksum], sort=False):
        if len(group) > 1:
            yield *key[:-1], sorted(group["seed"])


def listed(seeds: Iterable[int]) -> str:
    """Write seeds, ``1, 2, 3``."""
    return ", ".join(map(str, seeds))


def audit_scores(runs: pd.DataFrame, basis: Basis) -> list[list]:
    """Find runs of one framework, recipe and network whose class scores are the same."""
    rows = []
    keys = ["framework", "recipe", "network"]
    for framework, recipe, network, seeds in identical(runs, keys, "scores_sha256"):
        declared = recipe in basis.same_seed
        why = (
            "one seed in all repetitions, as the recipe declares"
            if declared
            else "the recipe does not declare it"
        )
        rows.append(
            [
                *("runs", framework, recipe, network, "scores", listed(seeds)),
                *(DECLARED if declared else ERROR, f"identical scores: {why}"),
            ]
        )
    return rows


def audit_weights(paths: Iterable[Path], basis: Basis) -> list[list]:
    """Find initial weights of one recipe and network, ``RECIPE/NETWORK/SEED.f32``, that are equal.

    A network that is carried over has initial weights in its first repetition only; those of the
    others are not used.
    """
    columns = ["recipe", "network", "seed", "sha256"]
    table = pd.DataFrame(map(read_weights, paths), columns=columns)
    rows = []
    for recipe, network, seeds in identical(table, ["recipe", "network"], "sha256"):
        declared = recipe in basis.same_seed | basis.carried_over
        why = "as the recipe declares" if declared else "the recipe does not declare it"
        rows.append(
            [
                *("initial weights", "", recipe, network, "initial weights", listed(seeds)),
                *(DECLARED if declared else ERROR, f"identical initial weights: {why}"),
            ]
        )
    return rows


def weights_of(runs: pd.DataFrame, folder: Path) -> list[Path]:
    """Return the files of the initial weights that runs have started from, each once."""
    started = runs[["recipe", "network", "seed"]].drop_duplicates()
    return [folder / row.recipe / row.network / f"{row.seed}.f32" for row in started.itertuples()]


def read_weights(path: Path) -> tuple[str, str, int, str]:
    """Return recipe, network and seed from a file's path, and its checksum."""
    if len(path.parts) < 3 or not path.stem.isdigit():
        raise InputError(f"{path} is not named RECIPE/NETWORK/SEED.f32; correct its name.")
    checksum = hashlib.sha256(path.read_bytes()).hexdigest()
    return path.parts[-3], path.parts[-2], int(path.stem), checksum


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
    rows = [
        *audit_scores(runs, basis),
        *audit_weights(weights, basis),
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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=Path, required=True, help="a row a run")
    parser.add_argument("--published", type=Path, required=True, help="the paper's values")
    parser.add_argument(
        "--initial-weights", type=Path, required=True, help="folder with RECIPE/NETWORK/SEED.f32"
    )
    add_basis_flags(parser)
    parser.add_argument("--strict", action="store_true", help="fail where there is an error")
    parser.add_argument("--csv", type=Path, required=True)
    parser.add_argument("--markdown", type=Path, required=True)
    args = parser.parse_args()
    columns = ["framework", "recipe", "network", "seed", "scores_sha256"]
    runs = read_table(args.runs, columns)
    table = audit(
        runs,
        weights_of(runs, args.initial_weights),
        read_table(args.published, PUBLISHED_COLUMNS),
        basis_of(args),
    )
    write_table(table, args.csv, markdown(table), args.markdown, float_format=None)
    errors = table[table["status"] == ERROR]
    if args.strict and len(errors):
        first = errors.iloc[0]
        place = [first[column] for column in ("framework", "recipe", "network")]
        raise InputError(
            f"{' '.join(filter(None, place))}: {first['finding']} "
            f"(repetitions {first['repetitions']}; {len(errors)} in all, see {args.markdown})."
        )


if __name__ == "__main__":
    run(main)
