"""Draw predicted against logged accuracies: a panel for each recipe of 2016."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator
from shared.error_scale import from_error_scale, set_error_scale, to_error_scale
from shared.figure_style import CONTEXT, INK, MUTED, WIDTH, footer, panel, save, title
from shared.frameworks import read_frameworks, read_paper
from shared.script import Job, run
from shared.tables import read_table
from verdicts.predicted import COLUMNS, agreeing, cell_name, largest

PANELS_IN_ROW = 3
# Inches.
LEFT, RIGHT, TOP, BOTTOM, GAP, BETWEEN, WORDS = 0.6, 0.1, 1.15, 1.1, 0.55, 0.75, 0.85
# Percents that an axis may name, and how far apart they must be, as a share of the axis.
TICKS = (10, 30, 50, 60, 70, 75, 80, 85, 88, 90, 91, 92, 93, 94, 95, 96, 97, 98, 99)
TICKS_APART = 0.085
# Points below this difference are as near as the margin of the verdicts, and have no name.
NAMED_FROM = 0.01
# Points of the page between two of their numbers.
NUMBERS_APART = 9


def apart(low: float, high: float) -> list[float]:
    """Return round percents of an axis whose numbers do not touch, from the largest down."""
    start, end = to_error_scale(np.array([low, high]))
    kept: list[float] = []
    last = np.inf
    for tick in reversed(TICKS):
        place = (to_error_scale(np.array(tick)) - start) / (end - start)
        if 0 <= place <= 1 and last - place > TICKS_APART:
            kept.append(tick)
            last = place
    return kept


def draw_panel(axes: Axes, cells: pd.DataFrame, colour: str) -> None:
    """Draw the cells of one recipe, percent: published ones full, the others empty."""
    values = 100 * cells[["predicted", "logged"]].to_numpy()
    ends = to_error_scale(np.array([values.min(), values.max()]))
    room = max(0.08 * np.ptp(ends), 0.02)
    low, high = from_error_scale(ends + np.array([-room, room]))
    set_error_scale(axes, "xy")
    axes.set_xlim(low, high)
    axes.set_ylim(low, high)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(FixedLocator(apart(low, high)))
    axes.plot([low, high], [low, high], color=MUTED, linewidth=0.8, zorder=1)
    with_deviation = cells[cells["logged_sd"].notna()]
    axes.errorbar(
        100 * with_deviation["predicted"], 100 * with_deviation["logged"],
        yerr=100 * with_deviation["logged_sd"], linestyle="", ecolor=CONTEXT, elinewidth=1.2,
        zorder=1,
    )  # fmt: skip
    for published, face in ((False, "white"), (True, colour)):
        part = cells[cells["published"] == published]
        axes.plot(
            100 * part["predicted"], 100 * part["logged"], linestyle="", marker="o", markersize=5,
            color=colour, markerfacecolor=face, markeredgewidth=1.1,
            zorder=3 if published else 2,
        )  # fmt: skip
    placed: list[np.ndarray] = []
    for index, row in enumerate(largest(cells).to_dict("records"), start=1):
        if abs(row["difference"]) < NAMED_FROM:
            continue
        point = 100 * np.array([row["predicted"], row["logged"]])
        # On the side of the line where the point is, in points of the page.
        shift = np.array([5, -3]) if row["difference"] > 0 else np.array([-5, 3])
        base = axes.transData.transform(point) * 72 / axes.figure.dpi
        while any(np.hypot(*(base + shift - other)) < NUMBERS_APART for other in placed):
            shift += (0, 1)
        placed.append(base + shift)
        axes.annotate(
            str(index), point, shift, textcoords="offset points", size=8, weight="bold", zorder=4,
            ha="left" if row["difference"] > 0 else "right", va="center",
        )  # fmt: skip


def deviation(row: dict) -> str:
    """Write the deviation of the logged repetitions, ``, sd 36``; nothing where there is none."""
    return "" if pd.isna(row["logged_sd"]) else f", sd {100 * row['logged_sd']:.1f}"


def described(cells: pd.DataFrame) -> str:
    """Write how near the predictions are, and the largest misses by their numbers."""
    sizes = 100 * cells["difference"].abs()
    lines = [f"{len(cells)} cells: median {sizes.median():.2f}, largest {sizes.max():.2f} points"]
    lines += [
        f"{index}  {cell_name(row)}: {100 * row['difference']:+.1f}{deviation(row)}"
        for index, row in enumerate(largest(cells).to_dict("records"), start=1)
        if abs(row["difference"]) >= NAMED_FROM
    ]
    return "\n".join(lines)


def draw(
    table: pd.DataFrame,
    panels: list[tuple[str, str]],
    labels: dict[str, str],
    colours: dict[str, str],
) -> Figure:
    """Draw a panel for each framework and recipe of ``panels``.

    Args:
        table: As verdicts/predicted.py writes it.
        labels: What the recipes are called.
        colours: By framework; one without a colour is drawn in ink.
    """
    rows = -(-len(panels) // PANELS_IN_ROW)
    width = (WIDTH - LEFT - RIGHT - (PANELS_IN_ROW - 1) * GAP) / PANELS_IN_ROW
    # A square panel, and its lines of text above it.
    step = width + BETWEEN + WORDS
    total = TOP + rows * step - BETWEEN + BOTTOM
    figure = Figure(figsize=(WIDTH, total))
    for index, (framework, recipe) in enumerate(panels):
        row, column = divmod(index, PANELS_IN_ROW)
        left = LEFT + column * (width + GAP)
        bottom = total - TOP - WORDS - width - row * step
        axes = panel(figure, left, bottom, width, width)
        cells = table[(table["framework"] == framework) & (table["recipe"] == recipe)]
        above = (bottom + width) / total
        figure.text(
            left / WIDTH, above + (WORDS + 0.04) / total, labels.get(recipe, recipe),
            weight="bold", va="bottom",
        )  # fmt: skip
        if cells.empty:
            axes.set_axis_off()
            axes.text(
                0.5, 0.5, "no runs of the size of 2016", ha="center", va="center", color=MUTED,
                transform=axes.transAxes,
            )  # fmt: skip
            continue
        draw_panel(axes, cells, colours.get(framework, INK))
        figure.text(
            left / WIDTH, above + WORDS / total, described(cells), size=7.5, va="top", color=MUTED,
            linespacing=1.3,
        )  # fmt: skip
        if row == rows - 1 or index + PANELS_IN_ROW >= len(panels):
            axes.set_xlabel("predicted (%)")
        if column == 0:
            axes.set_ylabel("logged in 2016 (%)")
    agree, known = agreeing(table)
    title(
        figure,
        f"{agree} of {known} means in the authors' logs lie within our 95 % prediction intervals"
        if known
        else "What our runs predict of the authors' logs: too little to tell",
        "Counted if the logs tell their deviation. All networks and epochs that were run here, "
        "with the framework itself or with NumPy. Logarithmic in the error.",
    )
    samples = [
        Line2D([], [], linestyle="", marker="o", color=INK, markerfacecolor=face, label=label)
        for face, label in ((INK, "published"), ("white", "logged, not published"))
    ]
    figure.legend(
        handles=[*samples, Line2D([], [], color=MUTED, linewidth=0.8, label="equal")],
        loc="upper left", ncols=3, borderaxespad=0, bbox_to_anchor=(0.008, 1 - 0.6 / total),
    )  # fmt: skip
    footer(
        figure,
        "A point is the mean of our runs and the mean of the authors' repetitions for one "
        "network and number of epochs.",
        "Grey bars: one standard deviation (sd) of their repetitions, cut where the panel "
        "ends. Theano: single repetitions.",
        f"The numbers name misses of at least {100 * NAMED_FROM:g} point, up to three in a "
        "panel: predicted minus logged, in points.",
    )
    return figure


def main(job: Job) -> None:
    paper = read_paper(job.input.lines)
    frameworks = read_frameworks(job.input.frameworks, paper)
    table = read_table(job.input.table, COLUMNS)
    own = job.params.own
    panels = [(name, recipe) for name in paper.index if name in own for recipe in own[name]]
    colours = {framework.name: framework.color for framework in frameworks}
    figure = draw(table, panels, job.params.labels, colours)
    save(figure, job.output.svg, job.output.png, job.params.mode)


if __name__ == "__main__":
    run(main)
