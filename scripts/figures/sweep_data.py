"""What figures 4 to 12 show: the runs with two recipes, the published values, and the intervals."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from figures.measures import METRICS, Metric
from scipy import special
from shared.study import Study, standing_recipe, warning

SWEEPS = {"depth": ("hidden_layers", "hidden layers"), "width": ("hidden_units", "hidden units")}
# The kinds of recipe: one for all frameworks, and that of a framework's script of 2016.
SHARED, OWN = "shared", "2016"
# What a footer tells of the runs.
RUN_FACTS = ["dataset", "train_images", "epochs"]
COLUMNS = ["framework", "recipe", "network", "activation", "hidden_layers", "hidden_units"]
ACCURACY_FACTS = ["accuracy_of"]
ACCURACY_COLUMNS = [*COLUMNS, *RUN_FACTS, *ACCURACY_FACTS, "seed", "accuracy"]
TIME_FACTS = ["compute_threads", "threads_used", "other_load", "timed_epochs", "timed_images"]
TIME_COLUMNS = [
    *COLUMNS, *RUN_FACTS, *TIME_FACTS, "block", "length", "train_seconds", "predict_seconds",
]  # fmt: skip
CONFIDENCE = 0.95
# With two runs the interval is 13 times as wide as their standard deviation: it says nothing.
FEWEST_FOR_INTERVAL = 3


@dataclass(frozen=True)
class Sweep:
    """What one figure shows.

    Attributes:
        recipe: The recipe that all frameworks share.
        own: The recipe of 2016 that is shown of each framework which has one.
        number: The paper's number of the figure.
        published: One row per point, with framework, size, mean, sd in the axis' unit.
        runs: One row per run, with framework, kind (`SHARED` or `OWN`), size, value in the axis'
            unit, and facts of the run.
        repetitions: By framework and kind, how many runs there should be.
        dependent: The recipes of 2016 whose repetitions are not independent: they have no interval.
        warning: Why the published values are not comparable and not shown; empty where they are.
    """

    metric: Metric
    activation: str
    sweep: str
    recipe: str
    own: dict[str, str]
    number: int
    published: pd.DataFrame
    runs: pd.DataFrame
    repetitions: dict[tuple[str, str], int]
    dependent: frozenset[str] = frozenset()
    warning: str = ""

    @property
    def sizes(self) -> list[int]:
        """Hidden layers (depth) or hidden units (width), ascending."""
        return sorted(self.published["size"].unique().tolist())

    @property
    def is_accuracy(self) -> bool:
        """Whether the figure shows accuracies, and no times."""
        return self.metric.column == "accuracy"

    def measured(self, framework: str, kind: str = SHARED) -> pd.DataFrame:
        """The framework's runs with a kind of recipe, by size."""
        runs = self.runs[(self.runs["framework"] == framework) & (self.runs["kind"] == kind)]
        return runs.sort_values("size", kind="stable")

    def means(self, framework: str, kind: str = SHARED) -> pd.DataFrame:
        """The mean of the runs of each size with the ends of its interval: mean, low, high.

        Of times, the geometric mean. Without an interval, ``low`` and ``high`` are not numbers.
        """
        independent = kind == SHARED or self.own.get(framework) not in self.dependent
        runs = self.measured(framework, kind)
        rows = {
            size: interval(values.to_numpy(), not self.is_accuracy, independent)
            for size, values in runs.groupby("size")["value"]
        }
        return pd.DataFrame.from_dict(rows, orient="index", columns=["mean", "low", "high"])


def interval(
    values: np.ndarray, logarithmic: bool, independent: bool = True
) -> tuple[float, float, float]:
    """Return the mean of values and the ends of its 95 % interval, by Student's t.

    Of fewer than `FEWEST_FOR_INTERVAL` values, or dependent ones, the ends are not numbers.
    If ``logarithmic``, the mean is geometric, and the interval that of the mean logarithm.
    """
    used = np.log(values) if logarithmic else values
    mean, half = used.mean(), np.nan
    if len(used) >= FEWEST_FOR_INTERVAL and independent:
        # That of Student's t; `scipy.stats`, which has it too, takes most of a second to import.
        quantile = special.stdtrit(len(used) - 1, (1 + CONFIDENCE) / 2)
        half = quantile * used.std(ddof=1) / np.sqrt(len(used))
    ends = np.array([mean, mean - half, mean + half])
    mean, low, high = np.exp(ends) if logarithmic else ends
    return float(mean), float(low), float(high)


def shape_sweep(
    runs: pd.DataFrame,
    published: pd.DataFrame,
    metric: Metric,
    activation: str,
    sweep: str,
    recipe: str,
    own: dict[str, list[str]],
    repetitions: dict[str, dict[str, dict[str, int]]],
    study: Study,
    mode: str = "default",
    dependent: frozenset[str] = frozenset(),
) -> Sweep:
    """Take from the tables what one figure shows.

    Args:
        runs: The table of the measure: of runs for accuracies from 0 to 1, of times for seconds.
        published: The paper's values, of which the networks of a sweep are taken too.
        own: By framework to show, its recipes of 2016, which may be none.
        repetitions: By recipe, framework and network, how many runs there should be.
        study: What the published values were measured with.
        mode: That of the configuration.
        dependent: Recipes whose repetitions are not independent.
    """
    points = published[(published["activation"] == activation) & (published["sweep"] == sweep)]
    # In the published table the values stand under the same names with their kind appended.
    points = points.assign(
        size=points[SWEEPS[sweep][0]],
        mean=points[f"{metric.column}_mean"] * metric.factor,
        sd=points[f"{metric.column}_sd"] * metric.factor,
    )
    networks = points[["hidden_layers", "hidden_units", "size"]].drop_duplicates()
    size_of = {
        f"{activation}-{network.hidden_layers}x{network.hidden_units}": network.size
        for network in networks.itertuples(name="Network")
    }
    if metric.column != "accuracy":
        # A whole training checks what is derived from the short ones.
        runs = runs[runs["length"] == "short"]
        # The repetitions of a time are processes: independent with every recipe.
        dependent = frozenset()

    def planned(name: str, recipe: str) -> int:
        """Return on how many networks of the sweep a framework runs with a recipe."""
        return len(size_of.keys() & repetitions.get(recipe, {}).get(name, {}))

    chosen = {
        name: found
        for name, recipes in own.items()
        if (found := standing_recipe(recipes, {each: planned(name, each) for each in recipes}))
    }
    of_recipe = runs[runs["recipe"] == recipe]
    of_own = runs[runs["recipe"] == runs["framework"].map(chosen)]
    both = pd.concat([of_recipe.assign(kind=SHARED), of_own.assign(kind=OWN)])
    both = both[both["framework"].isin(own) & (both["activation"] == activation)]
    both = both.merge(networks, on=["hidden_layers", "hidden_units"])
    both = both.assign(value=both[metric.column] * metric.factor).dropna(subset=["value"])
    facts = [*RUN_FACTS, *(ACCURACY_FACTS if metric.column == "accuracy" else TIME_FACTS)]
    counts = {
        (name, kind): sum(
            count
            for network, count in repetitions.get(shown, {}).get(name, {}).items()
            if network in size_of
        )
        for name in own
        for kind, shown in ((SHARED, recipe), (OWN, chosen.get(name, "")))
    }
    # A sweep has three figures in a row: training time, prediction time, accuracy.
    first = int(points["figures"].iloc[0].split("-")[0])
    return Sweep(
        metric=metric,
        activation=activation,
        sweep=sweep,
        recipe=recipe,
        own=chosen,
        number=first + list(METRICS).index(metric.column),
        published=points[["framework", "size", "mean", "sd"]],
        runs=both[["framework", "kind", "size", "value", *facts]],
        repetitions=counts,
        dependent=frozenset(dependent),
        warning=warning(of_recipe, study, mode),
    )
