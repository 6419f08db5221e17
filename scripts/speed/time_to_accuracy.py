"""How long does it take to reach an accuracy? The epochs that it takes, times an epoch's time.

Accuracy is known only after the numbers of epochs of the learning curves. The first of these with a
mean accuracy that is high enough counts. The network may have reached it earlier, so the interval
begins at the epoch after the last one that was too low.
"""

import re

import pandas as pd
from shared.script import Job, run
from shared.tables import read_table, write_csv

TARGETS = (0.95, 0.97)
SPEED_COLUMNS = ["framework", "recipe", "network", "measure", "n", "seconds", "low", "high"]
RUN_COLUMNS = ["framework", "recipe", "network", "epochs", "accuracy_all", "accuracy_of"]
COLUMNS = [
    "framework", "recipe", "network", "target", "epochs", "at_least_epochs", "seconds", "low",
    "high", "accuracy_by", "accuracy_runs", "n", "remark",
]  # fmt: skip


def curves(runs: pd.DataFrame) -> pd.DataFrame:
    """Return the mean accuracy on the test images by framework, recipe, network and epochs.

    A run with the recipe ``<recipe>--<n>-epochs`` belongs to ``<recipe>``. Columns: accuracy, runs.
    """
    runs = runs[runs["accuracy_of"] == "test"]
    plain = [re.sub(r"--\d+-epochs$", "", recipe) for recipe in runs["recipe"]]
    groups = runs.assign(recipe=plain).groupby(["framework", "recipe", "network", "epochs"])
    return groups["accuracy_all"].agg(accuracy="mean", runs="size")


def epochs_to(curve: pd.DataFrame, target: float) -> tuple[int, int] | None:
    """Return the epochs after which the target is reached, and the fewest that it may have taken.

    ``curve`` has an accuracy by its numbers of epochs, in their order. None if it is not reached.
    """
    fewest = 1
    for epochs, accuracy in curve["accuracy"].items():
        # Means of decimals are not exact in binary.
        if accuracy >= target - 1e-9:
            return int(epochs), fewest
        fewest = int(epochs) + 1
    return None


def build(speed: pd.DataFrame, runs: pd.DataFrame, reference: str) -> pd.DataFrame:
    """Return a row (`COLUMNS`) for each timed cell that has accuracies, and each target.

    A framework that runs with a recipe computes what the reference computes. If it has accuracies
    after fewer numbers of epochs than the reference, those of the reference count.

    Args:
        speed: speed.csv.
        runs: runs.csv.
        reference: the name of the reference program.
    """
    known = curves(runs)
    rows = []
    for row in speed[speed["measure"] == "epoch"].to_dict("records"):
        found = [
            (name, known.loc[(name, row["recipe"], row["network"])])
            for name in dict.fromkeys([row["framework"], reference])
            if (name, row["recipe"], row["network"]) in known.index.droplevel("epochs")
        ]
        if not found:
            continue
        name, curve = max(found, key=lambda each: len(each[1]))
        of_row = {key: row[key] for key in ("framework", "recipe", "network", "n")}
        of_row |= {"accuracy_by": name, "accuracy_runs": int(curve["runs"].sum())}
        for target in TARGETS:
            reached = epochs_to(curve, target)
            times: dict[str, str | float]
            if reached is None:
                times = {"remark": f"not reached in {curve.index[-1]} epochs"}
            else:
                epochs, fewest = reached
                times = {
                    "epochs": epochs,
                    "at_least_epochs": fewest,
                    "seconds": epochs * row["seconds"],
                    "low": fewest * row["low"],
                    "high": epochs * row["high"],
                }
            rows.append({**of_row, "target": target, **times})
    return pd.DataFrame(rows, columns=COLUMNS).astype(
        {"epochs": "Int64", "at_least_epochs": "Int64"}
    )


def main(job: Job) -> None:
    table = build(
        read_table(job.input.speed, SPEED_COLUMNS),
        read_table(job.input.runs, RUN_COLUMNS),
        job.params.reference,
    )
    write_csv(table, job.output[0])


if __name__ == "__main__":
    run(main)
