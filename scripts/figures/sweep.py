"""Draw one of figures 4 to 12: a measure of every framework as the network grows.

A panel for each framework of the paper and its successor, and one for the frameworks without an
ancestor there. In each: every run, the line through their medians, and what was published in 2016.
"""

from pathlib import Path

import numpy as np
import pandas as pd
from figures.measures import METRICS
from figures.sweep_data import RUN_COLUMNS, SWEEPS, Sweep, shape_sweep
from figures.sweep_footer import what_was_measured
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator
from shared.error_scale import EnoughTicks, from_error_scale, set_error_scale, to_error_scale
from shared.figure_style import (
    BANNER,
    CONTEXT,
    INK,
    MUTED,
    PUBLISHED,
    WIDTH,
    banner,
    footer,
    save,
    title,
)
from shared.frameworks import Framework, read_frameworks, read_paper
from shared.labels import ACTIVATION_LABELS
from shared.script import InputError, Job, run
from shared.study import read_study
from shared.tables import read_table

PUBLISHED_NAME = "published 2016 (another machine, its own recipe)"
COLUMNS = 3


def side_by_side(runs: pd.DataFrame) -> pd.Series:
    """Small shifts along the axis, so that runs with almost the same value are all seen."""
    rank = runs.groupby("size").cumcount()
    last = runs.groupby("size")["size"].transform("size") - 1
    # So far that three marks do not hide each other, and many stay clear of the next framework's.
    reach = (0.04 * last).clip(upper=0.1)
    return (2 * rank / last.clip(lower=1) - 1) * reach


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


def panel_entries(
    data: Sweep, paper: pd.DataFrame, lineage: str | None, frameworks: list[Framework]
) -> list[tuple[Line2D, str]]:
    """The entries of a panel's legend; ``lineage`` is its framework of the paper, or None."""
    family = [framework for framework in frameworks if framework.lineage == lineage]
    entries = [legend_entry(data, framework) for framework in family]
    if lineage is not None and lineage not in [framework.name for framework in family]:
        entries.insert(0, absent_entry(f"The {paper.year[lineage]} version"))
    return entries


def draw_head(figure: Figure, data: Sweep, top: float) -> None:
    """Write the title and explain the marks that all panels share, in the ``top`` inches."""
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
        bbox_to_anchor=(0.008, 1 - (top - 0.32) / figure.get_figheight()),
        labelcolor=INK, columnspacing=2.5,
    )  # fmt: skip


def draw(data: Sweep, paper: pd.DataFrame, frameworks: list[Framework]) -> Figure:
    """Draw the figure of ``data``.

    ``paper`` and ``frameworks`` are those of `frameworks.read_paper` and `read_frameworks`.
    Raises `InputError` where a framework of the runs is not among them.
    """
    with_runs = set(data.runs["framework"])
    unknown = with_runs - {framework.name for framework in frameworks}
    if unknown:
        raise InputError(
            f"the runs table names the framework {min(unknown)!r}, which has no description; "
            "delete that table and rerun."
        )
    measured = [framework for framework in frameworks if framework.name in with_runs]
    panels = [(row.label, lineage) for lineage, row in paper.iterrows()]
    if any(framework.lineage is None for framework in frameworks):
        panels.append(("Not in the paper", None))
    legends = [panel_entries(data, paper, lineage, frameworks) for _, lineage in panels]

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
        members = [framework for framework in measured if framework.lineage == lineage]
        others = [framework for framework in measured if framework.lineage != lineage]
        draw_panel(axes, data, lineage, members, others)
        draw_legend(axes, heading, entries, top=1 + above / panel)
        axes.set_ylim(limits)
        if column:
            axes.tick_params(axis="y", labelleft=False, length=0)
        if index + COLUMNS >= len(panels):
            axes.set_xlabel(SWEEPS[data.sweep][1])
    middle = (bottom + (total - top - bottom) / 2) / total
    figure.text(0.012, middle, data.metric.axis, rotation=90, va="center", ha="left")
    draw_head(figure, data, top)
    footer(figure, notes)
    return figure


def main(job: Job) -> None:
    params = job.params
    metric = METRICS[params.metric]
    published_columns = [
        "figures", "framework", "activation", "sweep", "hidden_layers", "hidden_units",
        f"{metric.column}_mean", f"{metric.column}_sd",
    ]  # fmt: skip
    data = shape_sweep(
        read_table(Path(job.input.runs), RUN_COLUMNS),
        read_table(Path(job.input.published), published_columns),
        metric,
        params.activation,
        params.sweep,
        params.recipe,
        params.repetitions,
        read_study(Path(job.input.recipes_2016)),
    )
    paper = read_paper(Path(job.input.lines))
    frameworks = read_frameworks(list(map(Path, job.input.frameworks)), paper)
    save(draw(data, paper, frameworks), Path(job.output.svg), Path(job.output.png))


if __name__ == "__main__":
    run(main)
