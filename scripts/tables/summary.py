"""Summarise the runs: median, mean and standard deviation over the repetitions of a network."""

import pandas as pd
from shared.script import Job, run, whole_file

KEYS = [
    "framework",
    "recipe",
    "network",
    "activation",
    "hidden_layers",
    "hidden_units",
    "epochs",
    "compute_threads",
]
MEASURES = [
    "train_seconds",
    "predict_seconds",
    "accuracy",
    "accuracy_all",
    "test_loss",
    "peak_memory_mib",
]


def summarise(runs: pd.DataFrame) -> pd.DataFrame:
    """Return a row for each framework, recipe and network, with ``n`` repetitions.

    Each measure has three columns, e.g. ``accuracy_median``, ``accuracy_mean`` and ``accuracy_sd``
    (of the sample, divided by n - 1; empty for one repetition). The order is the order of ``runs``.
    """
    groups = runs.groupby(KEYS, sort=False)
    summary = groups[MEASURES].agg(["median", "mean", "std"])
    summary.columns = [
        f"{measure}_{'sd' if statistic == 'std' else statistic}"
        for measure, statistic in summary.columns
    ]
    summary.insert(0, "n", groups.size())
    return summary.reset_index()


def main(job: Job) -> None:
    with whole_file(job.output[0]) as path:
        summarise(pd.read_csv(job.input.runs)).to_csv(path, index=False, float_format="%.6g")


if __name__ == "__main__":
    run(main)
