"""Draw one of figures 4 to 12: a measure of every framework as the network grows.

A panel for each framework of the paper and its successors, and others for the frameworks without an
ancestor there. In each: the runs with the shared recipe and with that of 2016, their means and
intervals, and what was published in 2016.
"""

import numpy as np
import pandas as pd
from figures.measures import METRICS
from figures.sweep_data import (
    ACCURACY_COLUMNS,
    OWN,
    SHARED,
    SWEEPS,
    TIME_COLUMNS,
    Sweep,
    shape_sweep,
)
from figures.sweep_words import headline, what_was_measured
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
    card,
    footer,
    save,
    title,
)
from shared.frameworks import Framework, read_frameworks, read_paper
from shared.labels import dashed
from shared.script import Job, run
from shared.study import read_study
from shared.tables import read_table

PUBLISHED_NAME = "published 2016 (another machine)"
PUBLISHED_LOOKS = {
    "color": PUBLISHED, "linestyle": ":", "linewidth": 1.2, "marker": "D", "markersize": 5.5,
    "markerfacecolor": "white", "markeredgewidth": 1.1,
}  # fmt: skip
LINES = {SHARED: "-", OWN: "--"}
KINDS = {SHARED: "shared", OWN: "2016"}
COLUMNS = 3
# Frameworks without an ancestor that one panel can hold: they have as many markers.
A_PANEL = 4


def set_scales(axes: Axes, data: Sweep) -> None:
    """Make the x axis that of the sizes; make the y axis logarithmic, with plain numbers."""
    low, high = data.sizes[0], data.sizes[-1]
    if data.sweep == "depth":
        axes.set_xlim(low - 0.3, high + 0.3)
    else:
        # A step for twice the units.
        axes.set_xscale("log", base=2)
        axes.set_xlim(low / 1.3, high * 1.3)
    axes.set_xticks(data.sizes, data.sizes)
    axes.xaxis.set_minor_locator(NullLocator())
    if data.is_accuracy:
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
    values = [data.runs["value"]]
    for framework, kind in data.runs[["framework", "kind"]].drop_duplicates().to_numpy():
        means = data.means(framework, kind)
        values += [means["low"].dropna(), means["high"].dropna()]
    values = [each for each in values if len(each)]
    low = pd.concat([published["mean"] - published["sd"], *values])
    high = pd.concat([published["mean"] + published["sd"], *values])
    if data.is_accuracy:
        # Nothing is drawn nearer to 100 % than the axis can show.
        ends = to_error_scale(np.array([max(low.min(), 0), min(high.max(), 99.9)]))
        room = 0.05 * np.ptp(ends)
        return tuple(from_error_scale(ends + np.array([-room, room])))
    ends = np.log10([low[low > 0].min(), high.max()])
    room = 0.05 * np.ptp(ends)
    return tuple(10 ** (ends + np.array([-room, room])))


def look(framework: Framework, kind: str) -> dict:
    """How the line and the marks of a framework with a kind of recipe look."""
    face = framework.color if kind == SHARED else "white"
    edge = "white" if kind == SHARED else framework.color
    return {
        "color": framework.color, "linewidth": 1.5, "linestyle": LINES[kind],
        "markerfacecolor": face, "markeredgecolor": edge,
        "markeredgewidth": 0.5 if kind == SHARED else 1.1, **framework.marker,
    }  # fmt: skip


def draw_framework(axes: Axes, data: Sweep, framework: Framework, kind: str) -> None:
    """Draw a framework's runs with a kind of recipe: each, their means and the intervals."""
    runs = data.measured(framework.name, kind)
    if runs.empty:
        return
    # A line breaks where a network was not run.
    means = data.means(framework.name, kind).reindex(data.sizes)
    axes.plot(
        runs["size"], runs["value"], color=framework.color, linestyle="", marker=".",
        markersize=3.5, alpha=0.6, label=f"{framework.name} {kind} runs", zorder=3,
    )  # fmt: skip
    axes.errorbar(
        means.index, means["mean"],
        yerr=[means["mean"] - means["low"], means["high"] - means["mean"]],
        elinewidth=1.1, capsize=2.5, label=f"{framework.name} {kind} means",
        zorder=5 if kind == SHARED else 4, **look(framework, kind),
    )  # fmt: skip


def legend_entries(
    data: Sweep, framework: Framework, recipe_labels: dict[str, str]
) -> list[tuple[Line2D, str]]:
    """The samples and the words of a framework in its panel's legend: one for each recipe.

    A recipe of 2016 is named if it is in ``recipe_labels``.
    """
    entries = []
    for kind in (SHARED, OWN):
        found = data.measured(framework.name, kind).groupby("size").size()
        wanted = data.repetitions.get((framework.name, kind), 0)
        if not len(found):
            continue
        words = f"n={dashed(found.min(), found.max())}"
        if found.sum() < wanted:
            words = f"{found.sum()} of {wanted} runs"
        recipe = recipe_labels.get(data.own[framework.name]) if kind == OWN else None
        sample = Line2D([], [], **look(framework, kind))
        entries.append((sample, f"{framework.label}, {recipe or KINDS[kind]}, {words}"))
    return entries or [absent_entry(framework.label)]


def absent_entry(name: str) -> tuple[Line2D, str]:
    """The entry, without a sample, of what was not measured."""
    return Line2D([], [], linestyle=""), f"{name}: not measured here"


def draw_panel(
    axes: Axes, data: Sweep, lineage: str | None, members: list[Framework], others: list[Framework]
) -> None:
    """Draw what is published of ``lineage``, the runs of ``members``, the means of ``others``.

    ``lineage`` is the panel's framework of the paper, or None.
    """
    set_scales(axes, data)
    for framework in others:
        means = data.means(framework.name).reindex(data.sizes)
        axes.plot(
            means.index, means["mean"], color=CONTEXT, linewidth=1,
            label=f"{framework.name} for comparison", zorder=1,
        )  # fmt: skip
    if lineage is not None and not data.warning:
        points = data.published[data.published["framework"] == lineage].sort_values("size")
        axes.errorbar(
            points["size"], points["mean"], yerr=points["sd"], label=PUBLISHED_NAME, zorder=2,
            elinewidth=0.9, capsize=2.5, **PUBLISHED_LOOKS,
        )  # fmt: skip
    for framework in members:
        for kind in (OWN, SHARED):
            draw_framework(axes, data, framework, kind)


def draw_legend(axes: Axes, heading: str, entries: list[tuple[Line2D, str]], top: float) -> None:
    """Write a panel's heading and the ``entries`` of `legend_entries` from ``top`` down.

    ``top`` is in heights of the panel, over 1: nothing of the legend lies on the data.
    """
    legend = axes.legend(
        [sample for sample, _ in entries], [words for _, words in entries],
        title=heading, alignment="left", loc="upper left", bbox_to_anchor=(-0.01, top),
        borderaxespad=0, borderpad=0, labelspacing=0.35, handlelength=2.4, handletextpad=0.6,
        fontsize=8, title_fontproperties={"weight": "bold", "size": 10},
    )  # fmt: skip
    for sample, words in zip(legend.legend_handles, legend.get_texts(), strict=True):
        if sample.get_linestyle() == "None":
            words.set_color(MUTED)
            words.set_style("italic")


def panels_of(
    paper: pd.DataFrame, frameworks: list[Framework]
) -> list[tuple[str, str | None, list[Framework]]]:
    """The panels: heading, framework of the paper or None, and the frameworks in it.

    Those without a lineage share panels. A panel has only a few, so that readers can distinguish
    them.
    """
    panels: list[tuple[str, str | None, list[Framework]]] = [
        (row.label, lineage, [each for each in frameworks if each.lineage == lineage])
        for lineage, row in paper.iterrows()
    ]
    rest = [each for each in frameworks if each.lineage is None]
    for start in range(0, len(rest), A_PANEL):
        number = f" ({start // A_PANEL + 1})" if len(rest) > A_PANEL else ""
        panels.append((f"Not in the paper{number}", None, rest[start : start + A_PANEL]))
    return panels


def panel_entries(
    data: Sweep,
    paper: pd.DataFrame,
    lineage: str | None,
    family: list[Framework],
    recipe_labels: dict[str, str],
) -> list[tuple[Line2D, str]]:
    """The entries of a panel's legend; ``lineage`` is its framework of the paper, or None.

    ``recipe_labels`` says what recipes are called. Those of 2016 are named if there is another one
    than ``<lineage>-2016``.
    """
    own = {data.own[each.name] for each in family if len(data.measured(each.name, OWN))}
    named = recipe_labels if own - {f"{lineage}-2016"} else {}
    entries = [entry for framework in family for entry in legend_entries(data, framework, named)]
    if lineage is not None and lineage not in [framework.name for framework in family]:
        entries.insert(0, absent_entry(f"The {paper.year[lineage]} version"))
    return entries


def draw_head(figure: Figure, data: Sweep, measured: list[Framework], top: float) -> None:
    """Write the title and explain the marks that all panels share, in the ``top`` inches."""
    better = "higher" if data.is_accuracy else "lower"
    title(
        figure,
        headline(data, measured),
        f"Networks grow in {data.sweep}. {better.capitalize()} is better. Measured here on one "
        f"machine{'' if data.warning else ', beside the 2016 paper'}.",
    )
    samples = [
        Line2D([], [], color=INK, linestyle=LINES[kind], marker="o", markersize=5,
               markerfacecolor=INK if kind == SHARED else "white", label=words)
        for kind, words in (
            (SHARED, "shared: one recipe for all"),
            (OWN, "2016: recipe of the authors\' script"),
        )
        if (data.runs["kind"] == kind).any()
    ]  # fmt: skip
    if data.warning:
        banner(figure, data.warning)
    else:
        samples.append(Line2D([], [], label=PUBLISHED_NAME, **PUBLISHED_LOOKS))
    if data.runs["framework"].nunique() > 1:
        samples.append(Line2D([], [], color=CONTEXT, linewidth=1.4, label="others (shared)"))
    figure.legend(
        handles=samples, loc="upper left", ncols=4, borderaxespad=0, handlelength=2.6,
        bbox_to_anchor=(0.008, 1 - (top - 0.32) / figure.get_figheight()),
        labelcolor=INK, columnspacing=1.8, fontsize=8.5,
    )  # fmt: skip


def nothing_to_show(data: Sweep) -> Figure:
    """A card that says that there is no run, and how to get some."""
    what = "accuracies" if data.is_accuracy else "times"
    purpose = "comparison" if data.is_accuracy else "times"
    recipes = "either recipe" if data.own else f"the recipe {data.recipe}"
    return card(
        headline(data, []),
        f"Networks of the paper's figure {data.number}",
        f"No {what} were measured.",
        [
            *([f"{data.warning}"] if data.warning else []),
            f"No run of these networks with {recipes} is in the table. To have some, enable an "
            f"experiment of purpose {purpose} with these networks.",
        ],
    )


def draw(
    data: Sweep,
    paper: pd.DataFrame,
    frameworks: list[Framework],
    recipe_labels: dict[str, str] | None = None,
) -> Figure:
    """Draw the figure of ``data``; where there is no run, a card that says so.

    ``paper`` and ``frameworks`` are those of `frameworks.read_paper` and `read_frameworks`;
    ``recipe_labels`` says what recipes are called.
    """
    with_runs = set(data.runs["framework"])
    if not with_runs:
        return nothing_to_show(data)
    measured = [framework for framework in frameworks if framework.name in with_runs]
    panels = panels_of(paper, frameworks)
    labels = recipe_labels or {}
    legends = [panel_entries(data, paper, lineage, family, labels) for _, lineage, family in panels]
    notes = what_was_measured(data, measured, labels)

    # Inches; the room above a panel holds its legend.
    top, panel, between, left, gap = 0.92, 2.05, 0.42, 0.8, 0.28
    top += BANNER if data.warning else 0
    bottom = 0.54 + 0.155 * len(notes)
    rows = [range(start, min(start + COLUMNS, len(panels)))
            for start in range(0, len(panels), COLUMNS)]  # fmt: skip
    above = [0.25 + 0.17 * max(len(legends[index]) for index in row) for row in rows]
    width = (WIDTH - left - 0.15 - gap * (COLUMNS - 1)) / COLUMNS
    total = top + bottom + sum(above) + len(rows) * panel + (len(rows) - 1) * between
    figure = Figure(figsize=(WIDTH, total))
    limits = value_limits(data)
    for index, ((heading, lineage, family), entries) in enumerate(
        zip(panels, legends, strict=True)
    ):
        row, column = divmod(index, COLUMNS)
        x = left + column * (width + gap)
        y = total - top - sum(above[: row + 1]) - (row + 1) * panel - row * between
        axes = figure.add_axes((x / WIDTH, y / total, width / WIDTH, panel / total))
        members = [framework for framework in measured if framework in family]
        others = [framework for framework in measured if framework not in family]
        draw_panel(axes, data, lineage, members, others)
        draw_legend(axes, heading, entries, top=1 + above[row] / panel)
        axes.set_ylim(limits)
        if column:
            axes.tick_params(axis="y", labelleft=False, length=0)
        if index + COLUMNS >= len(panels):
            axes.set_xlabel(SWEEPS[data.sweep][1])
    middle = (bottom + (total - top - bottom) / 2) / total
    figure.text(0.012, middle, data.metric.axis, rotation=90, va="center", ha="left")
    draw_head(figure, data, measured, top)
    footer(figure, *notes)
    return figure


def main(job: Job) -> None:
    params = job.params
    metric = METRICS[params.metric]
    published_columns = [
        "figures", "framework", "activation", "sweep", "hidden_layers", "hidden_units",
        f"{metric.column}_mean", f"{metric.column}_sd",
    ]  # fmt: skip
    columns = ACCURACY_COLUMNS if metric.column == "accuracy" else TIME_COLUMNS
    data = shape_sweep(
        read_table(job.input.runs, columns),
        read_table(job.input.published, published_columns),
        metric,
        params.activation,
        params.sweep,
        params.recipe,
        params.own,
        params.repetitions,
        read_study(job.input.recipes_2016),
        params.mode,
        frozenset(params.dependent),
    )
    paper = read_paper(job.input.lines)
    frameworks = read_frameworks(job.input.frameworks, paper)
    figure = draw(data, paper, frameworks, params.labels)
    save(figure, job.output.svg, job.output.png)


if __name__ == "__main__":
    run(main)
