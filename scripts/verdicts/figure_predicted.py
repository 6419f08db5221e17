"""Draw predicted against logged accuracies: a panel for each recipe of 2016."""

from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from shared.error_scale import from_error_scale, set_error_scale, to_error_scale
from shared.figure_style import INK, MUTED, WIDTH, footer, save, title
from shared.frameworks import read_frameworks, read_paper
from shared.script import Job, run
from shared.tables import is_true, read_table
from verdicts.predicted import COLUMNS, cell_name, largest

PANELS_IN_ROW = 3
# Inches.
LEFT, RIGHT, TOP, BOTTOM, GAP, BETWEEN = 0.6, 0.1, 1.0, 0.85, 0.55, 0.75
# Points below this difference are as near as the margin of the verdicts, and have no name.
NAMED_FROM = 0.01


def draw_panel(axes: Axes, cells: pd.DataFrame, colour: str) -> None:
    """Draw the cells of one recipe, percent: published ones full, the others empty."""
    values = 100 * cells[["predicted", "logged"]].to_numpy()
    ends = to_error_scale(np.array([values.min(), values.max()]))
    room = max(0.08 * np.ptp(ends), 0.02)
    low, high = from_error_scale(ends + np.array([-room, room]))
    set_error_scale(axes, "xy")
    axes.set_xlim(low, high)
    axes.set_ylim(low, high)
    axes.plot([low, high], [low, high], color=MUTED, linewidth=0.8, zorder=1)
    for published, face in ((False, "white"), (True, colour)):
        part = cells[cells["published"] == published]
        axes.plot(
            100 * part["predicted"], 100 * part["logged"], linestyle="", marker="o", markersize=5,
            color=colour, markerfacecolor=face, markeredgewidth=1.1,
            zorder=3 if published else 2,
        )  # fmt: skip
    for index, row in enumerate(largest(cells).to_dict("records"), start=1):
        if abs(row["difference"]) < NAMED_FROM:
            continue
        x, y = 100 * row["predicted"], 100 * row["logged"]
        axes.annotate(
            str(index), (x, y), (5, -3) if row["difference"] > 0 else (-5, 3),
            textcoords="offset points", size=8, weight="bold", zorder=4,
            ha="left" if row["difference"] > 0 else "right", va="center",
        )  # fmt: skip


def described(cells: pd.DataFrame) -> str:
    """Write how near the predictions are, and the largest misses by their numbers."""
    sizes = 100 * cells["difference"].abs()
    lines = [f"{len(cells)} cells: median {sizes.median():.2f}, largest {sizes.max():.2f} points"]
    lines += [
        f"{index}  {cell_name(row)}: {100 * row['difference']:+.1f}"
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

    Parameters
    ----------
    table
        As verdicts/predicted.py writes it.
    labels
        What the frameworks are called.
    colours
        By framework; one without a colour is drawn in ink.
    """
    rows = -(-len(panels) // PANELS_IN_ROW)
    width = (WIDTH - LEFT - RIGHT - (PANELS_IN_ROW - 1) * GAP) / PANELS_IN_ROW
    # A square panel, and its lines of text above it.
    step = width + BETWEEN + 0.55
    total = TOP + 0.55 + rows * step - BETWEEN - 0.55 + BOTTOM
    figure = Figure(figsize=(WIDTH, total))
    for index, (framework, recipe) in enumerate(panels):
        row, column = divmod(index, PANELS_IN_ROW)
        left = LEFT + column * (width + GAP)
        bottom = total - TOP - 0.55 - width - row * step
        axes = figure.add_axes((left / WIDTH, bottom / total, width / WIDTH, width / total))
        cells = table[(table["framework"] == framework) & (table["recipe"] == recipe)]
        above = (bottom + width) / total
        figure.text(
            left / WIDTH, above + 0.68 / total, f"{labels[framework]}, {recipe}", weight="bold",
            va="bottom",
        )  # fmt: skip
        if cells.empty:
            axes.set_axis_off()
            axes.text(
                0.5, 0.5, "No runs of the size of 2016\nwith this recipe.", ha="center",
                va="center", color=MUTED, transform=axes.transAxes,
            )  # fmt: skip
            continue
        draw_panel(axes, cells, colours.get(framework, INK))
        figure.text(
            left / WIDTH, above + 0.64 / total, described(cells), size=7.5, va="top", color=MUTED,
            linespacing=1.3,
        )  # fmt: skip
        if row == rows - 1 or index + PANELS_IN_ROW >= len(panels):
            axes.set_xlabel("predicted (%)")
        if column == 0:
            axes.set_ylabel("logged in 2016 (%)")
    title(
        figure,
        "Recipes that predict: accuracies of 2016, published or not",
        "Each recipe of 2016 against all cells of the authors' logs that were run here. Both axes "
        "are logarithmic in the error.",
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
        [
            "A point is the mean of our runs and the mean of the authors' repetitions for one "
            "network and number of epochs.",
            f"Theano: single repetitions. The numbers name misses of at least {100 * NAMED_FROM:g} "
            "point, up to three of a panel: predicted minus logged, in points.",
        ],
    )
    return figure


def main(job: Job) -> None:
    paper = read_paper(Path(job.input.lines))
    frameworks = read_frameworks(list(map(Path, job.input.frameworks)), paper)
    table = read_table(Path(job.input.table), COLUMNS)
    table["published"] = is_true(table["published"])
    own = job.params.own
    panels = [(name, recipe) for name in paper.index if name in own for recipe in own[name]]
    colours = {framework.name: framework.color for framework in frameworks}
    figure = draw(table, panels, paper["label"].to_dict(), colours)
    save(figure, Path(job.output.svg), Path(job.output.png))


if __name__ == "__main__":
    run(main)
