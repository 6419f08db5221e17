"""What figures 4 to 12 show: the runs, the published values, and how many runs there should be."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from figures.measures import METRICS, Metric
from shared.script import InputError
from shared.study import Study, warning
from shared.tables import is_true

SWEEPS = {
    "depth": ("hidden_layers", "hidden layers"),
    "width": ("hidden_units", "hidden units"),
}
RUN_COLUMNS = [
    "framework", "recipe", "network", "activation", "hidden_layers", "hidden_units", "seed",
    "dataset", "train_images", "epochs", "timed", "compute_threads", "threads_used",
    "other_cores_busy", *METRICS,
]  # fmt: skip


# What a footer tells of the runs.
RUN_FACTS = [
    "dataset", "train_images", "epochs", "compute_threads", "threads_used", "other_cores_busy",
]  # fmt: skip


@dataclass(frozen=True)
class Sweep:
    """What one figure shows.

    Attributes
    ----------
    number
        The paper's number of the figure.
    published
        One row per point, with framework, size, mean, sd in the axis' unit.
    runs
        One row per run, with framework, size, seed, value in the axis' unit, and the columns
        `RUN_FACTS` of the runs table.
    repetitions
        By framework and size, how many runs there should be.
    warning
        Why the published values are not comparable and not shown; empty where they are.
    """

    metric: Metric
    activation: str
    sweep: str
    recipe: str
    number: int
    published: pd.DataFrame
    runs: pd.DataFrame
    repetitions: dict[str, dict[int, int]]
    warning: str = ""

    @property
    def sizes(self) -> list[int]:
        """Hidden layers (depth) or hidden units (width), ascending."""
        return sorted(self.published["size"].unique().tolist())

    def position(self, sizes: pd.Series) -> pd.Series:
        """Where sizes stand on the axis: a step for a layer, or for twice the units."""
        return sizes.astype(float) if self.sweep == "depth" else np.log2(sizes)

    def measured(self, framework: str) -> pd.DataFrame:
        """The framework's runs, by size and seed."""
        runs = self.runs[self.runs["framework"] == framework]
        return runs.sort_values(["size", "seed"])

    def medians(self, framework: str) -> pd.Series:
        """The median of the framework's runs for each size that it was run with."""
        return self.measured(framework).groupby("size")["value"].median()


def shape_published(
    published: pd.DataFrame, metric: Metric, activation: str, sweep: str
) -> tuple[int, pd.DataFrame]:
    """The number of the paper's figure, and its points.

    The points have the columns framework, hidden_layers, hidden_units, size, mean, sd; mean and sd
    in the axis' unit.
    """
    rows = published[(published["activation"] == activation) & (published["sweep"] == sweep)]
    if rows.empty:
        known = published[["activation", "sweep"]].drop_duplicates().agg(" in ".join, axis=1)
        raise InputError(
            f"the paper has no figure of {activation} in {sweep}; it has {', '.join(known)}."
        )
    # A sweep has three figures in a row: training time, prediction time, accuracy.
    first = int(rows["figures"].iloc[0].split("-")[0])
    # In the published table the values stand under the same names with their kind appended.
    name = metric.column
    points = rows[["framework", "hidden_layers", "hidden_units"]].assign(
        size=rows[SWEEPS[sweep][0]],
        mean=rows[f"{name}_mean"] * metric.factor,
        sd=rows[f"{name}_sd"] * metric.factor,
    )
    return first + list(METRICS).index(name), points


def shape_sweep(
    runs: pd.DataFrame,
    published: pd.DataFrame,
    metric: Metric,
    activation: str,
    sweep: str,
    recipe: str,
    repetitions: dict[str, dict[str, int]],
    study: Study,
) -> Sweep:
    """Take from the tables what one figure shows.

    Parameters
    ----------
    runs
        The workflow's runs table; seconds and accuracies from 0 to 1.
    published
        The paper's values, of which the networks of a sweep are taken too.
    repetitions
        The frameworks to show, and how many runs there should be of each of their networks.
    study
        What the published values were measured with.

    Raises
    ------
    InputError
        If no run has the recipe, or the paper has no such figure.
    """
    number, points = shape_published(published, metric, activation, sweep)
    chosen = runs[runs["recipe"] == recipe]
    if chosen.empty:
        known = ", ".join(sorted(runs["recipe"].astype(str).unique())) or "none"
        raise InputError(f"no run has the recipe {recipe!r}; the runs table has {known}.")
    not_comparable = warning(chosen, study)
    if metric.column != "accuracy":
        # The others shared the machine.
        chosen = chosen[is_true(chosen["timed"])]
    networks = points[["hidden_layers", "hidden_units", "size"]].drop_duplicates()
    shown = chosen["framework"].isin(repetitions)
    chosen = chosen[shown & (chosen["activation"] == activation)].merge(
        networks, on=["hidden_layers", "hidden_units"]
    )
    chosen = chosen.assign(value=chosen[metric.column] * metric.factor).dropna(subset=["value"])
    size_of = {
        f"{activation}-{network.hidden_layers}x{network.hidden_units}": network.size
        for network in networks.itertuples(name="Network")
    }
    return Sweep(
        metric=metric,
        activation=activation,
        sweep=sweep,
        recipe=recipe,
        number=number,
        published=points[["framework", "size", "mean", "sd"]],
        runs=chosen[["framework", "size", "seed", "value", *RUN_FACTS]],
        repetitions={
            framework: {size_of[name]: count for name, count in counts.items() if name in size_of}
            for framework, counts in repetitions.items()
        },
        warning=not_comparable,
    )
