"""Draw how far each framework is from the reference with each recipe: a heat map."""

from pathlib import Path

import numpy as np
import pandas as pd
from equivalence.table import COLUMNS
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from shared.figure_style import INK, WIDTH, footer, save, title
from shared.frameworks import Framework, read_frameworks, read_paper
from shared.script import Job, run
from shared.tables import read_table

# Light where there is no difference; the lightness falls all the way, to be read in grey.
COLOURS = colormaps["cividis_r"]
# Powers of ten of the difference over the tolerance: from a thousandth of it to ten times it.
LOWEST, HIGHEST = -3.0, 1.0
# How a cell names its worst step.
MARKS = {"0 steps": "0", "1 step": "1", "10 steps": "10", "epoch": "e"}


def worst_steps(table: pd.DataFrame) -> pd.DataFrame:
    """Return the row of each framework with each recipe whose difference is nearest its tolerance.

    Its column ``ratio`` is the difference over the tolerance; not a number where it was refused.
    """
    rated = table.assign(ratio=table["difference"] / table["tolerance"])
    order = rated["ratio"].fillna(-1).sort_values(ascending=False, kind="stable").index
    return rated.loc[order].drop_duplicates(["framework", "recipe"]).sort_index()


def draw_cell(axes: Axes, x: int, y: int, row: pd.Series) -> None:
    """Draw a cell of the heat map; refused is hatched, what differs is framed and crossed."""
    corner = (x - 0.5, y - 0.5)
    if row["outcome"] == "refused":
        axes.add_patch(
            Rectangle(corner, 1, 1, facecolor="white", edgecolor="#d5d5d5", hatch="////",
                      linewidth=0)
        )  # fmt: skip
        axes.text(x, y, "refused", ha="center", va="center", size=7, color=INK,
                  bbox={"facecolor": "white", "linewidth": 0, "pad": 1})  # fmt: skip
        return
    with np.errstate(divide="ignore"):
        power = np.clip(np.log10(row["ratio"]), LOWEST, HIGHEST)
    colour = COLOURS((power - LOWEST) / (HIGHEST - LOWEST))
    axes.add_patch(Rectangle(corner, 1, 1, facecolor=colour, edgecolor="white", linewidth=0.8))
    # The perceived lightness of the cell decides which ink can be read on it.
    ink = "white" if np.dot(colour[:3], (0.299, 0.587, 0.114)) < 0.5 else INK
    differs = row["outcome"] == "differs"
    words = f"{row['difference']:.0e}".replace("e-0", "e-").replace("e+0", "e+")
    words = f"{words}  {MARKS[row['step']]}"
    axes.text(x, y, f"✗ {words}" if differs else words, ha="center", va="center", size=7.5,
              color=ink, weight="bold" if differs else "normal")  # fmt: skip
    if differs:
        axes.add_patch(
            Rectangle((x - 0.46, y - 0.44), 0.92, 0.88, fill=False, edgecolor=ink, linewidth=1.4)
        )


def draw(table: pd.DataFrame, frameworks: list[Framework]) -> Figure:
    """Draw the table of equivalence/table.py: one row per recipe, one column per framework."""
    worst = worst_steps(table)
    recipes = list(dict.fromkeys(table["recipe"]))
    names = [framework.name for framework in frameworks]
    # Inches.
    top, bottom, left, row_height, names_room = 0.75, 0.6, 2.6, 0.27, 1.1
    total = top + row_height * len(recipes) + names_room + bottom
    figure = Figure(figsize=(WIDTH, total))
    axes = figure.add_axes(
        (left / WIDTH, (bottom + names_room) / total, (WIDTH - left - 0.1) / WIDTH,
         row_height * len(recipes) / total)
    )  # fmt: skip
    for _, row in worst.iterrows():
        if row["framework"] in names:
            draw_cell(axes, names.index(row["framework"]), recipes.index(row["recipe"]), row)
    axes.set_xlim(-0.5, len(names) - 0.5)
    axes.set_ylim(len(recipes) - 0.5, -0.5)
    axes.set_yticks(range(len(recipes)), recipes)
    labels = [framework.label for framework in frameworks]
    axes.set_xticks(range(len(names)), labels, rotation=40, ha="right", rotation_mode="anchor")
    axes.tick_params(length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)
    title(
        figure,
        "Does each framework compute what the reference computes?",
        "The largest difference of a log-probability, at the step where it is nearest its "
        "tolerance or farthest beyond.",
    )
    footer(
        figure,
        [
            "After the number: 0, 1 or 10 steps, or e, an epoch. Dark is near the tolerance, "
            "logarithmic. Crossed and framed: beyond it, not run.",
            "Hatched: the framework refuses. White: not asked for.",
        ],
    )
    return figure


def main(job: Job) -> None:
    paths = list(map(Path, job.input.frameworks))
    frameworks = read_frameworks(paths, read_paper(Path(job.input.lines)))
    figure = draw(read_table(Path(job.input.table), COLUMNS), frameworks)
    save(figure, Path(job.output.svg), Path(job.output.png))


if __name__ == "__main__":
    run(main)
