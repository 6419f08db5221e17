"""What the terminal and the report say of runs that are missing, and of runs that need a look."""

import csv
from collections import Counter
from pathlib import Path


def read_rows(path: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV file; none if it is not there."""
    if not path.exists():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def not_run(rows: list[dict[str, str]], labels: dict[str, str]) -> list[str]:
    """Return a sentence for each framework and recipe whose gate is closed.

    ``rows`` are those of left-out-runs.csv; ``labels`` are the frameworks' by their names.
    """
    counts = Counter((row["framework"], row["recipe"], row["reason"]) for row in rows)
    return [
        f"{labels.get(framework, framework)} was not run with {recipe} "
        f"({runs} run{'s' * (runs > 1)}): {reason}"
        for (framework, recipe, reason), runs in sorted(counts.items())
    ]


def flagged(rows: list[dict[str, str]], labels: dict[str, str]) -> list[str]:
    """Return a sentence for each run of runs.csv that has a flag or has diverged."""
    sentences = []
    for row in rows:
        what = [row["flag"]] if row["flag"] else []
        what += ["it diverged"] if row["diverged"] == "True" else []
        if what:
            run = f"{row['recipe']}, {row['network']}, seed {row['seed']}"
            label = labels.get(row["framework"], row["framework"])
            sentences.append(f"Look at the run of {label} ({run}): {'; '.join(what)}.")
    return sentences


def on_runs(left_out_runs: Path, runs: Path, labels: dict[str, str]) -> list[str]:
    """Return the sentences about the runs of two tables; none where a table is not there."""
    return [*not_run(read_rows(left_out_runs), labels), *flagged(read_rows(runs), labels)]
