"""The words of figures 4 to 12: what was found, what the marks are, how the runs were made."""

import pandas as pd
from figures.sweep_data import FEWEST_FOR_INTERVAL, OWN, SHARED, SWEEPS, Sweep
from shared.frameworks import Framework
from shared.labels import ACTIVATION_LABELS, listed
from shared.study import plural, size_of, span

# Share of its threads' time: a program that leaves its cores idle for longer does not only compute.
IDLE = 0.1
# Seconds: CPU time comes in hundredths, which are too coarse for shorter trainings.
SHORT = 1.0
# Share of its cores: if other processes had more of them, a program may have waited for these.
BUSY = 0.1
# Letters of a footer's line.
LINE = 140


def table_of_means(data: Sweep, measured: list[Framework], kind: str) -> pd.DataFrame:
    """The mean, low and high of each framework and size: columns framework, size and these."""
    parts = [
        data.means(each.name, kind).rename_axis("size").reset_index().assign(framework=each.label)
        for each in measured
        if len(data.measured(each.name, kind))
    ]
    columns = ["size", "mean", "low", "high", "framework"]
    return pd.concat(parts) if parts else pd.DataFrame(columns=columns)


def on_training_images(data: Sweep, framework: Framework, kind: str) -> bool:
    """Whether a framework's accuracies with a kind of recipe are those of training images."""
    return (data.measured(framework.name, kind)["accuracy_of"] == "train").any()


def time_finding(data: Sweep, measured: list[Framework]) -> str:
    """The fastest and the slowest framework on the largest network that most frameworks ran.

    One framework is the fastest only if its interval lies below those of all others.
    """
    table = table_of_means(data, measured, SHARED)
    counts = table.groupby("size")["framework"].count()
    if counts.max() < 2 or table.empty:
        return ""
    size = max(counts.index[counts == counts.max()])
    ranked = table[table["size"] == size].sort_values("mean")
    first, last = ranked.iloc[0], ranked.iloc[-1]
    factor = last["mean"] / first["mean"]
    times = f"{factor:.1f}" if factor < 9.95 else f"{factor:.0f}"
    noun = SWEEPS[data.sweep][1].removesuffix("s" if size == 1 else "")
    # This is also false if there is no interval.
    alone = (first["high"] < ranked["low"].iloc[1:]).all()
    lead = "is fastest" if alone else "has the lowest mean"
    return (
        f"{first['framework']} {lead}, {last['framework']} takes {times} x as long ({size} {noun})"
    )


def accuracy_finding(data: Sweep, measured: list[Framework]) -> str:
    """How far the mean accuracies of frameworks differ, on the network where they differ most.

    With recipes of 2016, these are the paper's frameworks: a successor may have a recipe of its
    ancestor that was not published. Accuracies of training images do not count.
    """
    ranges = {}
    for kind in (SHARED, OWN):
        compared = [
            each
            for each in measured
            if not on_training_images(data, each, kind)
            and (kind == SHARED or each.role == "ancestor")
        ]
        by_size = table_of_means(data, compared, kind).groupby("size")["mean"]
        several = by_size.agg(["min", "max"])[by_size.count() > 1]
        if len(several):
            ranges[kind] = (several["max"] - several["min"]).max()
    if SHARED not in ranges:
        return ""
    words = f"with one recipe, frameworks differ by up to {ranges[SHARED]:.1f} points"
    if OWN not in ranges:
        return words
    return f"{words}; with recipes of 2016, the paper's frameworks by {ranges[OWN]:.1f}"


def headline(data: Sweep, measured: list[Framework]) -> str:
    """The title: what was found, or only what is shown where nothing can be found."""
    name = f"Figure {data.number}."
    activation = ACTIVATION_LABELS.get(data.activation, data.activation)
    found = ""
    if not data.warning.startswith("Installation check"):
        found = (accuracy_finding if data.is_accuracy else time_finding)(data, measured)
    if not found:
        return f"{name} {data.metric.title} as networks grow in {data.sweep}, {activation}"
    return f"{name} {data.metric.title}, {activation}: {found}"


def who_waited(data: Sweep, measured: list[Framework]) -> list[str]:
    """The frameworks that left their cores idle in a run's epochs, and for how much of the time.

    Runs whose cores other processes used are left out.
    """
    runs = data.runs[data.runs["kind"] == SHARED]
    idle = 1 - runs["threads_used"] / runs["compute_threads"]
    idle = idle.where((runs["value"] >= SHORT) & (runs["other_load"].fillna(0) <= BUSY))
    most = idle.groupby(runs["framework"]).max()
    return [
        f"{each.label} (up to {100 * most[each.name]:.0f} %)"
        for each in measured
        if each.name in most.index and most[each.name] > IDLE
    ]


def wrapped(start: str, names: list[str]) -> list[str]:
    """Write ``start`` and a list of names in as many lines as they need."""
    lines = [f"{start} {names[0]}"]
    for name in names[1:]:
        if len(lines[-1]) + len(name) > LINE:
            lines[-1] += ","
            lines.append(name)
        else:
            lines[-1] += f", {name}"
    lines[-1] += "."
    return lines


def what_marks_mean(data: Sweep, measured: list[Framework]) -> str:
    """The line on marks, bars and dots."""
    tables = [table_of_means(data, measured, kind) for kind in (SHARED, OWN)]
    mean, unit = ("mean", "seeds") if data.is_accuracy else ("geometric mean", "timed blocks")
    marks = [f"Large marks: {mean} of n {unit}."]
    if any(table["low"].notna().any() for table in tables):
        marks.append(f"Bars: 95 % intervals, if n is {FEWEST_FOR_INTERVAL} or more.")
    if len(data.runs) > sum(map(len, tables)):
        marks.append("Small dots: single runs.")
    if not data.warning:
        marks.append("Grey bars: the published standard deviations.")
    return " ".join(marks)


def of_shared_runs(data: Sweep) -> list[str]:
    """The lines on the runs with the shared recipe."""
    runs = data.runs[data.runs["kind"] == SHARED]
    if runs.empty:
        return []
    line = f"Shared: {size_of(runs)}, recipe {data.recipe}"
    if not data.is_accuracy:
        line += f", {plural(span(runs['compute_threads']), 'compute thread')}"
    lines = [f"{line}."]
    if data.metric.column == "train_seconds":
        lines.append(
            f"Derived from short runs: {span(runs['timed_epochs'])} epochs of "
            f"{span(runs['timed_images'])} images. The table ten-epochs compares them with "
            "whole trainings."
        )
    return lines


def of_own_runs(data: Sweep, measured: list[Framework], recipe_labels: dict[str, str]) -> list[str]:
    """The lines on the runs with recipes of 2016."""
    with_own = [each for each in measured if len(data.measured(each.name, OWN))]
    if not with_own:
        return []

    def recipes(frameworks: list[Framework]) -> list[str]:
        """What their recipes of 2016 are called."""
        names = (data.own[each.name] for each in frameworks)
        return list(dict.fromkeys(recipe_labels.get(name, name) for name in names))

    rule = ", each with its own rule of accuracy" if data.is_accuracy else ""
    lines = wrapped(f"Recipes of 2016{rule}:", recipes(with_own))
    if data.is_accuracy:
        trained = [each for each in with_own if on_training_images(data, each, OWN)]
        if trained:
            lines.append(
                f"Accuracy on training images, so not in the title: {listed(recipes(trained))}."
            )
    dependent = [
        each
        for each in with_own
        if data.own[each.name] in data.dependent
        and data.measured(each.name, OWN)["size"].value_counts().max() >= FEWEST_FOR_INTERVAL
    ]
    if dependent:
        lines.append(
            f"No interval for {listed(recipes(dependent))}: the repetitions are not independent."
        )
    return lines


def what_was_measured(
    data: Sweep, measured: list[Framework], recipe_labels: dict[str, str]
) -> list[str]:
    """The footer: what the marks are, and how the runs of ``measured`` were made."""
    lines = [
        what_marks_mean(data, measured),
        *of_shared_runs(data),
        *of_own_runs(data, measured, recipe_labels),
    ]
    # The threads are counted in the epochs, not while a program predicts.
    waited = who_waited(data, measured) if data.metric.column == "train_seconds" else []
    if waited:
        lines += wrapped(f"Cores idle for more than {100 * IDLE:.0f} % of a training:", waited)
    return lines
