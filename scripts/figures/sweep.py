"""Draw one of figures 4 to 12: a measure of every framework as the network grows.

A panel for each framework of the paper and its successor, and one for the frameworks without an
ancestor there. In each: every run, the line through their medians, and what was published in 2016.
"""

import argparse
import json
import statistics
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from shared.script import InputError, run
from shared.figure_style import (
    BANNER,
    CONTEXT,
    INK,
    MUTED,
    PUBLISHED,
    WIDTH,
    Framework,
    banner,
    footer,
    read_frameworks,
    read_paper,
    save,
    title,
)
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import (
    FixedLocator,
    FuncFormatter,
    Locator,
    LogLocator,
    MaxNLocator,
    NullLocator,
)
from shared.study import Study, add_study_flag, named, plural, read_study, span, warning
from shared.tables import read_table

PUBLISHED_NAME = "published 2016 (another machine, its own recipe)"
COLUMNS = 3
# Of the time of its compute threads: a program that leaves its cores idle for longer waits for
# something else than its arithmetic.
IDLE = 0.1
# Seconds: CPU time comes in hundredths, which are too coarse for shorter trainings.
SHORT = 1.0
# Cores that other processes kept busy: with more, a program may have waited for them.
BUSY = 0.1


@dataclass(frozen=True)
class Metric:
    """A measured quantity: its column in the runs table and how a figure shows it."""

    column: str
    title: str
    axis: str
    # From the unit of the tables to the unit of the axis.
    factor: float = 1


METRICS = {
    metric.column: metric
    for metric in (
        Metric("train_seconds", "Training time", "training time (s), logarithmic"),
        Metric("predict_seconds", "Prediction time", "prediction time (s), logarithmic"),
        Metric("accuracy", "Accuracy", "accuracy (%), logarithmic in the error", factor=100),
    )
}
SWEEPS = {
    "depth": ("hidden_layers", "hidden layers"),
    "width": ("hidden_units", "hidden units"),
}
ACTIVATION_LABELS = {"tanh": "tanh", "relu": "ReLU"}
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
        A row a point, with framework, size, mean, sd in the axis' unit.
    runs
        A row a run, with framework, size, seed, value in the axis' unit, and the columns
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


def is_true(column: pd.Series) -> pd.Series:
    """Truth values, also where a table spells them in another way than pandas does."""
    return column.astype(str).str.lower().isin(["true", "1", "yes"])


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


def side_by_side(runs: pd.DataFrame) -> pd.Series:
    """Small shifts along the axis, so that runs with almost the same value are all seen."""
    rank = runs.groupby("size").cumcount()
    last = runs.groupby("size")["size"].transform("size") - 1
    # So far that three marks do not hide each other, and many stay clear of the next framework's.
    reach = (0.04 * last).clip(upper=0.1)
    return (2 * rank / last.clip(lower=1) - 1) * reach


def to_error_scale(percent: np.ndarray) -> np.ndarray:
    """Accuracies in percent as -log10 of the error, in which 90 to 99 is as far as 99 to 99.9."""
    return -np.log10(np.clip(100 - np.asarray(percent, dtype=float), 1e-3, None))


def from_error_scale(scaled: np.ndarray) -> np.ndarray:
    """Undo `to_error_scale`."""
    return 100 - 10 ** -np.asarray(scaled, dtype=float)


class EnoughTicks(Locator):
    """The usual numbers of an axis, or closer ones where fewer than two of these can be seen."""

    def __init__(self, usual: Locator) -> None:
        self.usual = usual

    def __call__(self) -> list[float]:
        low, high = self.axis.get_view_interval()
        return self.tick_values(low, high)

    def tick_values(self, vmin: float, vmax: float) -> list[float]:
        ticks = [tick for tick in self.usual.tick_values(vmin, vmax) if vmin <= tick <= vmax]
        return ticks if len(ticks) > 1 else list(MaxNLocator(4).tick_values(vmin, vmax))


def set_error_scale(axes: Axes) -> None:
    """Make the y axis, of accuracies in per cent, logarithmic in the error, with plain numbers."""
    axes.set_yscale("function", functions=(to_error_scale, from_error_scale))
    ticks = [10, 50, 70, 80, 85, 90, 95, 96, 97, 98, 99, 99.5]
    axes.yaxis.set_major_locator(EnoughTicks(FixedLocator(ticks)))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.yaxis.set_minor_locator(NullLocator())


def set_scales(axes: Axes, data: Sweep) -> None:
    """Name the sizes on the x axis; make the y axis logarithmic, with plain numbers."""
    sizes = pd.Series(data.sizes)
    positions = data.position(sizes)
    axes.set_xticks(positions, sizes)
    axes.set_xlim(positions.min() - 0.45, positions.max() + 0.45)
    axes.tick_params(axis="x", length=0)
    if data.metric.column == "accuracy":
        set_error_scale(axes)
    else:
        axes.set_yscale("log", nonpositive="clip")
        axes.yaxis.set_major_locator(EnoughTicks(LogLocator(subs=(1, 2, 5))))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axes.yaxis.set_minor_locator(NullLocator())
    axes.grid(axis="y", linewidth=0.8)


def value_limits(data: Sweep) -> tuple[float, float]:
    """The lowest and highest value to show, bars included, with room, in the axis' unit."""
    published = data.published if not data.warning else data.published.iloc[:0]
    low = pd.concat([published["mean"] - published["sd"], data.runs["value"]])
    high = pd.concat([published["mean"] + published["sd"], data.runs["value"]])
    if low.empty:
        # Neither runs nor published values are drawn.
        return (10, 99) if data.metric.column == "accuracy" else (1, 10)
    if data.metric.column == "accuracy":
        # Nothing is drawn nearer to 100 % than the axis can show.
        ends = to_error_scale(np.array([low.min(), min(high.max(), 99.9)]))
        room = 0.05 * np.ptp(ends)
        return tuple(from_error_scale(ends + np.array([-room, room])))
    ends = np.log10([low[low > 0].min(), high.max()])
    room = 0.05 * np.ptp(ends)
    return tuple(10 ** (ends + np.array([-room, room])))


def draw_published(axes: Axes, data: Sweep, lineage: str, shift: float) -> None:
    """Draw the paper's means as open diamonds, with a standard deviation up and down."""
    points = data.published[data.published["framework"] == lineage].sort_values("size")
    axes.errorbar(
        data.position(points["size"]) + shift, points["mean"], yerr=points["sd"],
        color=PUBLISHED, linestyle="--", linewidth=1, elinewidth=0.9, capsize=2.5,
        marker="D", markersize=5.5, markerfacecolor="white", markeredgewidth=1.1,
        label=PUBLISHED_NAME, zorder=2,
    )  # fmt: skip


def draw_framework(axes: Axes, data: Sweep, framework: Framework, shift: float) -> None:
    """Draw every run of a framework, and a line through the medians."""
    medians, runs = data.medians(framework.name), data.measured(framework.name)
    beside = side_by_side(runs)
    axes.plot(
        data.position(medians.index.to_series()) + shift, medians,
        color=framework.color, linewidth=1.5, label=f"{framework.name} medians", zorder=3,
    )  # fmt: skip
    axes.plot(
        data.position(runs["size"]) + shift + beside, runs["value"],
        color=framework.color, linestyle="", markeredgecolor="white", markeredgewidth=0.5,
        label=f"{framework.name} runs", zorder=4, **framework.marker,
    )  # fmt: skip


def legend_entry(data: Sweep, framework: Framework) -> tuple[Line2D, str]:
    """The sample and the words of a framework in its panel's legend."""
    words = f"{framework.label}, {framework.year}"
    found = len(data.measured(framework.name))
    if not found:
        return absent_entry(words)
    wanted = sum(data.repetitions[framework.name].values())
    sample = Line2D(
        [], [], color=framework.color, linewidth=1.5, markeredgecolor="white",
        markeredgewidth=0.5, **framework.marker,
    )  # fmt: skip
    return sample, words if found == wanted else f"{words}: {found} of {wanted} runs"


def absent_entry(name: str) -> tuple[Line2D, str]:
    """The entry, without a sample, of what was not measured."""
    return Line2D([], [], linestyle=""), f"{name}: not measured here"


def draw_panel(
    axes: Axes,
    data: Sweep,
    lineage: str | None,
    members: list[Framework],
    others: list[Framework],
) -> None:
    """Draw what is published of ``lineage``, the runs of ``members``, the medians of ``others``.

    ``lineage`` is the panel's framework of the paper, or None.
    """
    set_scales(axes, data)
    for framework in others:
        medians = data.medians(framework.name)
        axes.plot(
            data.position(medians.index.to_series()), medians,
            color=CONTEXT, linewidth=1, label=f"{framework.name} for comparison", zorder=1,
        )  # fmt: skip
    # Published, ancestor and successor stand beside each other, not upon each other.
    published = None if data.warning else lineage
    slots = len(members) + (published is not None)
    shifts = list(0.25 * (np.arange(slots) - (slots - 1) / 2))
    if published is not None:
        draw_published(axes, data, published, shifts.pop(0))
    for framework, shift in zip(members, shifts, strict=True):
        draw_framework(axes, data, framework, shift)


def draw_legend(axes: Axes, heading: str, entries: list[tuple[Line2D, str]], top: float) -> None:
    """Write a panel's heading and the ``entries`` of `legend_entry` from ``top`` down.

    ``top`` is in heights of the panel, over 1: nothing of the legend lies on the data.
    """
    legend = axes.legend(
        [sample for sample, _ in entries], [words for _, words in entries],
        title=heading, alignment="left", loc="upper left", bbox_to_anchor=(-0.01, top),
        borderaxespad=0, borderpad=0, labelspacing=0.35, handlelength=1.8, handletextpad=0.6,
        fontsize=8.5, title_fontproperties={"weight": "bold", "size": 10},
    )  # fmt: skip
    for sample, words in zip(legend.legend_handles, legend.get_texts(), strict=True):
        if sample.get_linestyle() == "None":
            words.set_color(MUTED)
            words.set_style("italic")
            words.set_size(8)


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


def draw(data: Sweep, paper: pd.DataFrame, frameworks: list[Framework]) -> Figure:
    """Draw the figure of ``data``.

    ``paper`` and ``frameworks`` as `figure_style.read_paper` and `read_frameworks` return them.
    """
    unknown = set(data.runs["framework"]) - {framework.name for framework in frameworks}
    if unknown:
        raise InputError(
            f"the runs table names the framework {min(unknown)!r}, which has no description; "
            "add its framework.yaml to --frameworks."
        )
    with_runs = set(data.runs["framework"])
    measured = [framework for framework in frameworks if framework.name in with_runs]
    panels = [(row.label, lineage) for lineage, row in paper.iterrows()]
    if any(framework.lineage is None for framework in frameworks):
        panels.append(("Not in the paper", None))

    legends = []
    for _, lineage in panels:
        family = [framework for framework in frameworks if framework.lineage == lineage]
        entries = [legend_entry(data, framework) for framework in family]
        if lineage is not None and lineage not in [framework.name for framework in family]:
            entries.insert(0, absent_entry(f"The {paper.year[lineage]} version"))
        legends.append(entries)

    # Inches; the room above a panel holds its legend.
    above = 0.25 + 0.175 * max(len(entries) for entries in legends)
    notes = what_was_measured(data, measured)
    top, panel, between, left, gap = 0.92, 2.05, 0.42, 0.8, 0.28
    top += BANNER if data.warning else 0
    bottom = 0.54 + 0.155 * len(notes)
    rows = -(-len(panels) // COLUMNS)
    width = (WIDTH - left - 0.15 - gap * (COLUMNS - 1)) / COLUMNS
    total = top + bottom + rows * (above + panel) + (rows - 1) * between
    figure = Figure(figsize=(WIDTH, total))
    limits = value_limits(data)
    for index, ((heading, lineage), entries) in enumerate(zip(panels, legends, strict=True)):
        row, column = divmod(index, COLUMNS)
        x = left + column * (width + gap)
        y = total - top - (row + 1) * (above + panel) - row * between
        axes = figure.add_axes((x / WIDTH, y / total, width / WIDTH, panel / total))
        draw_panel(
            axes,
            data,
            lineage,
            [framework for framework in measured if framework.lineage == lineage],
            [framework for framework in measured if framework.lineage != lineage],
        )
        draw_legend(axes, heading, entries, top=1 + above / panel)
        axes.set_ylim(limits)
        if column:
            axes.tick_params(axis="y", labelleft=False, length=0)
        if index + COLUMNS >= len(panels):
            axes.set_xlabel(SWEEPS[data.sweep][1])
    middle = (bottom + (total - top - bottom) / 2) / total
    figure.text(0.012, middle, data.metric.axis, rotation=90, va="center", ha="left")

    better = "higher" if data.metric.column == "accuracy" else "lower"
    activation = ACTIVATION_LABELS.get(data.activation, data.activation)
    title(
        figure,
        f"Figure {data.number}. {data.metric.title} as networks grow in {data.sweep}, {activation}",
        f"{better.capitalize()} is better. Measured here on one machine"
        + ("." if data.warning else ", beside the 2016 paper."),
    )
    samples = [
        Line2D(
            [], [], color=CONTEXT, linewidth=1.4,
            label="medians of the other frameworks measured here",
        ),
    ]  # fmt: skip
    if data.warning:
        banner(figure, data.warning)
    else:
        published = Line2D(
            [], [], color=PUBLISHED, linestyle="--", linewidth=1, marker="D", markersize=5.5,
            markerfacecolor="white", markeredgewidth=1.1, label=PUBLISHED_NAME,
        )  # fmt: skip
        samples.insert(0, published)
    figure.legend(
        handles=samples, loc="upper left", ncols=2, borderaxespad=0, handlelength=3,
        bbox_to_anchor=(0.008, 1 - (top - 0.32) / total), labelcolor=INK, columnspacing=2.5,
    )  # fmt: skip
    footer(figure, notes)
    return figure


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=Path, required=True, help="a row a run")
    parser.add_argument("--published", type=Path, required=True, help="the paper's values")
    parser.add_argument("--frameworks", type=Path, nargs="+", required=True, help="framework.yaml")
    parser.add_argument("--lines", type=Path, required=True, help="the paper's table 1")
    add_study_flag(parser)
    parser.add_argument("--metric", choices=METRICS, required=True)
    parser.add_argument("--activation", choices=ACTIVATION_LABELS, required=True)
    parser.add_argument("--sweep", choices=SWEEPS, required=True)
    parser.add_argument("--recipe", required=True)
    parser.add_argument(
        "--repetitions",
        type=json.loads,
        required=True,
        help="as JSON, by framework and network, how many runs there should be; "
        "other frameworks are not shown",
    )
    parser.add_argument("--svg", type=Path, required=True)
    parser.add_argument("--png", type=Path, required=True)
    args = parser.parse_args()
    paper = read_paper(args.lines)
    metric = METRICS[args.metric]
    published_columns = [
        "figures", "framework", "activation", "sweep", "hidden_layers", "hidden_units",
        f"{metric.column}_mean", f"{metric.column}_sd",
    ]  # fmt: skip
    data = shape_sweep(
        read_table(args.runs, RUN_COLUMNS),
        read_table(args.published, published_columns),
        metric,
        args.activation,
        args.sweep,
        args.recipe,
        args.repetitions,
        read_study(args.recipes_2016),
    )
    save(draw(data, paper, read_frameworks(args.frameworks, paper)), args.svg, args.png)


if __name__ == "__main__":
    run(main)
