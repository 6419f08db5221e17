"""Estimate how long each framework takes, the ratios between frameworks, and their sets of ranks.

The model is in shared/time_model.py. One is fitted for each measure and each recipe, and one for
the frameworks of the paper with their own recipes of 2016 (`own`).
"""

import math
from collections.abc import Mapping

import pandas as pd
from shared.descriptions import read_all
from shared.script import Job, run
from shared.tables import read_table, write_csv
from shared.time_model import TimeModel, compare, rank_sets
from speed.checks import compare_epochs, compare_same, same_programs
from speed.measures import (
    MEASURES,
    OVERALL,
    TIME_COLUMNS,
    comparisons,
    networks_of_all,
    scopes,
    short_runs,
)

TIMES = [
    "framework", "recipe", "network", "measure", "n", "seconds", "low", "high",
    # The standard deviation of a run's logarithm, and its degrees of freedom; and the variance of a
    # framework in a block, divided by that deviation's square. ``other_day`` says how many runs
    # were made on another day than most of their block: the machine may have changed.
    "deviation", "freedom", "in_block", "other_day", "remark",
]  # fmt: skip
RATIOS = [
    "recipe", "network", "measure", "framework", "other", "ratio", "low", "high", "p",
    "adjusted_p",
]  # fmt: skip
RANKS = [
    "recipe", "network", "measure", "framework", "rank", "rank_low", "rank_high", "frameworks",
    "networks", "n",
]  # fmt: skip
TOO_LITTLE = "too little for an interval: nothing was repeated"
VARIES_MORE = "varies more than the framework's other networks, so it has its own deviation"

Tables = tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]


def times_of(model: TimeModel, runs: pd.DataFrame, measure: str, compared: list[str]) -> list[list]:
    """Return the rows (`TIMES`) of one model: each cell, and the level of each framework."""
    named = runs.groupby("framework")["recipe"].first()
    usual = runs.groupby("block")["day"].agg(lambda days: days.mode().iloc[0])
    late = runs[runs["day"] != runs["block"].map(usual)].groupby(["framework", "network"]).size()
    overall, networks = networks_of_all(model, compared)
    rows = []

    def add(framework: str, network: str, of_row: list[str]) -> None:
        cells = [(framework, each) for each in of_row]
        n = sum(model.counts[cell] for cell in cells)
        found = model.level(framework, of_row)
        low, high = found.interval()
        deviation, freedom = model.deviation(framework, network)
        remark = "" if found.freedom else TOO_LITTLE
        if (framework, network) in model.alone:
            remark = VARIES_MORE
        rows.append(
            [framework, named[framework], network, measure, n, math.exp(found.value), low, high,
             deviation, freedom, model.in_block, sum(late.get(cell, 0) for cell in cells), remark]
        )  # fmt: skip

    for framework, network in model.cells:
        add(framework, network, [network])
    for framework in overall if len(networks) > 1 else []:
        add(framework, OVERALL, networks)
    return rows


def build(times: pd.DataFrame, own: Mapping[str, list[str]], variants: list[str]) -> Tables:
    """Return the tables of times (`TIMES`), ratios (`RATIOS`) and sets of ranks (`RANKS`).

    Args:
        times: results/tables/times.csv.
        own: the recipes of 2016 of each framework of the paper.
        variants: the frameworks that are another one under another name; they are not ranked.
    """
    rows: list[list] = []
    ratios, ranks = [pd.DataFrame(columns=RATIOS)], [pd.DataFrame(columns=RANKS)]
    for recipe, runs in comparisons(short_runs(times), own).items():
        for measure in MEASURES:
            model = TimeModel(runs, measure)
            ranked = [name for name in pd.unique(runs["framework"]) if name not in variants]
            rows += times_of(model, runs, measure, ranked)
            for scope, (frameworks, networks) in scopes(model, ranked).items():
                key = {"recipe": recipe, "network": scope, "measure": measure}
                pairs = compare(model, frameworks, networks)
                ratios.append(pairs.assign(**key)[RATIOS])
                found = rank_sets(pairs, frameworks).reset_index()
                n = [sum(model.counts[f, each] for each in networks) for f in frameworks]
                counts = {"frameworks": len(frameworks), "networks": len(networks), "n": n}
                ranks.append(found.assign(**key, **counts)[RANKS])
    # A recipe that a successor has too is fitted by itself and in `own`; the first one counts.
    found = pd.DataFrame(rows, columns=TIMES).drop_duplicates(TIMES[:4])
    return found, _together(ratios), _together(ranks)


def _together(tables: list[pd.DataFrame]) -> pd.DataFrame:
    """Put tables together; the first one, which is empty, says which columns there are."""
    return pd.concat(tables[1:], ignore_index=True) if tables[1:] else tables[0]


def main(job: Job) -> None:
    times = read_table(job.input.times, TIME_COLUMNS)
    described = read_all(job.input.frameworks)
    variants = [name for name, each in described.items() if each.get("variant_of")]
    tables = build(times, job.params.own, variants)
    for table, path in (
        *zip(tables, (job.output.times, job.output.ratios, job.output.ranks), strict=True),
        (compare_same(times, same_programs(described)), job.output.same_program),
        (compare_epochs(times), job.output.ten_epochs),
    ):
        write_csv(table, path)


if __name__ == "__main__":
    run(main)
