"""Summarise runs and timed runs: median, mean and standard deviation over those of a network."""

import pandas as pd
from shared.script import Job, run
from shared.tables import write_csv

KEYS = [
    *("framework", "recipe", "network", "activation", "hidden_layers", "hidden_units"),
    # A network that is carried over has seen more of them in each repetition.
    "epochs",
]
ACCURACIES = ["accuracy", "accuracy_all", "test_loss"]
TIMES = ["train_seconds", "epoch_seconds", "predict_seconds", "peak_memory_mib"]


def summarise(runs: pd.DataFrame, measures: list[str], count: str) -> pd.DataFrame:
    """Return a row for each framework, recipe and network, with their number as ``count``.

    Each measure has three columns, e.g. ``accuracy_median``, ``accuracy_mean`` and ``accuracy_sd``
    (of the sample, divided by n - 1; empty for one run). The order is the order of ``runs``.
    """
    groups = runs.groupby(KEYS, sort=False)
    summary = groups[measures].agg(["median", "mean", "std"])
    summary.columns = [
        f"{measure}_{'sd' if statistic == 'std' else statistic}"
        for measure, statistic in summary.columns
    ]
    summary.insert(0, count, groups.size())
    return summary.reset_index()


def main(job: Job) -> None:
    runs, times = pd.read_csv(job.input.runs), pd.read_csv(job.input.times)
    # A whole run checks how times are derived; it belongs to no block.
    short = times[times["length"] == "short"]
    table = summarise(runs, ACCURACIES, "n").merge(
        summarise(short, TIMES, "n_times"), on=KEYS, how="outer", sort=False
    )
    table[["n", "n_times"]] = table[["n", "n_times"]].fillna(0).astype(int)
    write_csv(table, job.output[0])


if __name__ == "__main__":
    run(main)
