"""Compare the training times of each framework with different numbers of compute threads."""

import statistics
from pathlib import Path

import pandas as pd
from launcher.milestones import numbered_spans
from shared.processors import check_one_processor
from shared.script import InputError, Job, read_json, run
from shared.tables import write_csv


def row(path: Path, metrics: dict) -> dict:
    """Return what a training's metrics say, by its path .../<framework>/<recipe>/<network>/<seed>/.

    ``epoch_seconds`` is the median of all epochs but the first, which may contain compilation.
    """
    epochs = numbered_spans(metrics["spans"], "epoch")
    return {
        "framework": path.parts[-5],
        "recipe": path.parts[-4],
        "network": path.parts[-3],
        "compute_threads": metrics["compute_threads"],
        "epoch_seconds": statistics.median(epochs[1:]),
        "threads_used": metrics["threads_used"],
    }


def compare(rows: list[dict]) -> pd.DataFrame:
    """Return the rows with their ``speed_up``: the time with the fewest threads over their own."""
    table = pd.DataFrame(rows).sort_values(["framework", "compute_threads"], ignore_index=True)
    fewest = table.groupby("framework")["epoch_seconds"].transform("first")
    return table.assign(speed_up=fewest / table["epoch_seconds"])


def main(job: Job) -> None:
    # A framework that was left out (docs/equivalence.md) has no epochs.
    trainings = {Path(path): read_json(path) for path in job.input.metrics}
    ran = {path: metrics for path, metrics in trainings.items() if "left_out" not in metrics}
    if not ran:
        raise InputError(
            "no framework may run with speedup.recipe (results/tables/equivalence.md says why);"
            " name another recipe there, or set speedup.enabled to false."
        )
    if job.params.one_processor:
        check_one_processor({f"{path}": ran[path]["machine"]["processor"] for path in ran})
    rows = [row(path, metrics) for path, metrics in ran.items()]
    write_csv(compare(rows), job.output[0], float_format="%.4g")


if __name__ == "__main__":
    run(main)
