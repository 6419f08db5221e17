"""The footer of figures 4 to 12: what the marks are, and how the runs were made."""

import statistics

import pandas as pd
from figures.sweep_data import Sweep
from shared.frameworks import Framework
from shared.study import named, plural, span

# Share of its threads' time: a program that leaves its cores idle for longer does not only compute.
IDLE = 0.1
# Seconds: CPU time comes in hundredths, which are too coarse for shorter trainings.
SHORT = 1.0
# Cores: if other processes kept more of them busy, a program may have waited for these.
BUSY = 0.1


def numbers(values: pd.Series) -> str:
    """The different values of a column, ``1`` or ``1 and 2``."""
    return " and ".join(str(value) for value in sorted(values.unique()))


def who_waited(data: Sweep, measured: list[Framework]) -> list[str]:
    """The frameworks that left their cores idle in a run's epochs, and for how much of the time.

    Not told from runs beside which the machine was busy.
    """
    idle = 1 - data.runs["threads_used"] / data.runs["compute_threads"]
    idle = idle.where((data.runs["value"] >= SHORT) & (data.runs["other_cores_busy"] <= BUSY))
    most = idle.groupby(data.runs["framework"]).max()
    return [
        f"{each.label} (up to {100 * most[each.name]:.0f} %)"
        for each in measured
        if most[each.name] > IDLE
    ]


def what_was_measured(data: Sweep, measured: list[Framework]) -> list[str]:
    """The footer: what the dots and lines are, and how the runs of ``measured`` were made."""
    if not measured:
        return [f"No run of these networks has the recipe {data.recipe} here."]
    threads, epochs = numbers(data.runs["compute_threads"]), numbers(data.runs["epochs"])
    epochs = plural(epochs, "epoch")
    images = span(data.runs["train_images"])
    bars = "" if data.warning else "; bars are the published standard deviations"
    counts = [n for framework in measured for n in data.repetitions[framework.name].values()]
    if max(counts) == 1:
        marks = "Every run is a mark; lines join them"
    else:
        range_ = f"{min(counts)} to {max(counts)}" if min(counts) < max(counts) else max(counts)
        marks = (
            "Every run is a mark, side by side so that all are seen; "
            f"lines join the medians of {range_} runs a network"
        )
    lines = [
        f"{marks}{bars}.",
        f"{named(data.runs)}, {epochs} of {images} images, recipe {data.recipe}, "
        f"{plural(threads, 'compute thread')}.",
    ]
    totals = {each.label: sum(data.repetitions[each.name].values()) for each in measured}
    usual = max(statistics.multimode(totals.values()))
    fewer = [f"{number} of {label}" for label, number in totals.items() if number < usual]
    if fewer:
        lines.append(f"Fewer runs than the usual {usual}: {', '.join(fewer)}.")
    # The threads are counted in the epochs, not while a program predicts.
    waited = who_waited(data, measured) if data.metric.column == "train_seconds" else []
    if waited:
        names = ", ".join(waited)
        lines.append(f"Cores idle for more than {100 * IDLE:.0f} % of a training: {names}.")
    return lines
