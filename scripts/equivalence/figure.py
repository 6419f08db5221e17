"""Draw how far each framework is from the reference with each recipe: a heat map."""

import pandas as pd
from equivalence.table import COLUMNS
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from shared.figure_style import WIDTH, footer, heat_cell, panel, save, title
from shared.frameworks import Framework, read_frameworks, read_paper
from shared.script import Job, run
from shared.tables import read_table

# Light where there is no difference; the lightness falls all the way, to be read in grey.
COLOURS = colormaps["cividis_r"]
# Differences as shares of the tolerance: from a thousandth to ten times.
SHARES = LogNorm(0.001, 10, clip=True)
# How the configuration names a recipe with one change of an ablation: the start, this, the change.
CHANGED = "--"


def worst_steps(table: pd.DataFrame) -> pd.DataFrame:
    """Return the row of each framework and recipe whose difference is nearest its tolerance.

    Its column ``ratio`` is the difference over the tolerance; not a number where it was refused.
    ``row`` is the recipe. For a step of an ablation, it is the recipe at the start, followed by
    `CHANGED`.
    """
    start = table["recipe"].str.partition(CHANGED)[0]
    row = start.where(~table["recipe"].str.contains(CHANGED), start + CHANGED)
    rated = table.assign(ratio=table["difference"] / table["tolerance"], row=row)
    # What is beyond its tolerance comes first, then what is nearest to it.
    order = rated.sort_values("ratio", ascending=False, kind="stable", na_position="last").index
    return rated.loc[order].drop_duplicates(["framework", "row"]).sort_index()


def share(ratio: float) -> str:
    """Write a share of what is allowed: ``23 %``, ``<1 %``, ``12 x``."""
    if ratio > 1:
        return f"{ratio:.1f} x" if ratio < 9.95 else f"{ratio:.0f} x"
    return "0 %" if ratio == 0 else "<1 %" if ratio < 0.01 else f"{100 * ratio:.0f} %"


def headline(table: pd.DataFrame) -> str:
    """Return the finding: how many pairs of a framework and a recipe match the reference."""
    by_pair = table.groupby(["framework", "recipe"])["outcome"].agg(set)
    refused = by_pair.map(lambda outcomes: "refused" in outcomes)
    differs = by_pair.map(lambda outcomes: "differs" in outcomes)
    checked = (~refused).sum()
    text = f"{checked - differs.sum()} of {checked} framework-recipe pairs match the reference"
    text = (
        f"All {checked} framework-recipe pairs match the reference" if not differs.any() else text
    )
    were = "was" if refused.sum() == 1 else "were"
    return text + (f"; {refused.sum()} more {were} refused" if refused.any() else "")


def draw_cell(axes: Axes, x: int, y: int, row: pd.Series) -> None:
    """Draw a cell of the heat map; refused is hatched, what differs is framed and crossed."""
    if row["outcome"] == "refused":
        heat_cell(axes, x, y, "refused", None)
        return
    words, colour = share(row["ratio"]), COLOURS(SHARES(row["ratio"]))
    if row["outcome"] != "differs":
        heat_cell(axes, x, y, words, colour, size=7.5)
        return
    ink = heat_cell(axes, x, y, f"✗ {words}", colour, size=7.5, weight="bold").get_color()
    axes.add_patch(
        Rectangle((x - 0.46, y - 0.44), 0.92, 0.88, fill=False, edgecolor=ink, linewidth=1.4)
    )


def row_label(row: str, table: pd.DataFrame, labels: dict[str, str]) -> str:
    """Write what a row shows: a recipe, or how many of its changes share the row."""
    start = row.removesuffix(CHANGED)
    name = labels.get(start, start)
    if row == start:
        return name
    changed = table["recipe"][table["recipe"].str.startswith(row)].nunique()
    return f"{name}, {changed} change{'s' * (changed > 1)} (worst)"


def draw(table: pd.DataFrame, frameworks: list[Framework], labels: dict[str, str]) -> Figure:
    """Draw the table of equivalence/table.py: a row for each recipe, a column for each framework.

    ``labels`` are what recipes are called.
    """
    known = {framework.name for framework in frameworks}
    table = table[table["framework"].isin(known)]
    worst = worst_steps(table)
    rows = list(dict.fromkeys(worst["row"]))
    # The changed ones last, in the order of their starts.
    rows.sort(key=lambda row: row.endswith(CHANGED))
    names = [each.name for each in frameworks if each.name in set(worst["framework"])]
    # Inches.
    top, bottom, left, bar, row_height, names_room = 0.75, 0.6, 2.6, 0.75, 0.27, 1.1
    total = top + row_height * len(rows) + names_room + bottom
    figure = Figure(figsize=(WIDTH, total))
    lower, height = bottom + names_room, row_height * len(rows)
    axes = panel(figure, left, lower, WIDTH - left - bar - 0.1, height)
    for _, row in worst.iterrows():
        draw_cell(axes, names.index(row["framework"]), rows.index(row["row"]), row)
    axes.set_xlim(-0.5, len(names) - 0.5)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_yticks(range(len(rows)), [row_label(row, table, labels) for row in rows])
    shown = {framework.name: framework.label for framework in frameworks}
    axes.set_xticks(
        range(len(names)), [shown[name] for name in names], rotation=40, ha="right",
        rotation_mode="anchor",
    )  # fmt: skip
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    scale = panel(figure, WIDTH - bar + 0.1, lower, 0.12, height)
    colour_bar = figure.colorbar(ScalarMappable(SHARES, COLOURS), cax=scale)
    colour_bar.set_ticks(
        [0.001, 0.01, 0.1, 1, 10], labels=["0.1 %", "1 %", "10 %", "100 %", "10 x"]
    )
    colour_bar.ax.tick_params(labelsize=7, length=2)
    colour_bar.ax.minorticks_off()
    title(
        figure,
        headline(table),
        "Worst difference from the double-precision NumPy reference after a few steps, as a share "
        "of what is allowed.",
    )
    outcomes = {
        "differs": "Crossed and framed: beyond what is allowed, not run.",
        "refused": "Hatched: the framework refuses the recipe.",
    }
    marks = [words for outcome, words in outcomes.items() if outcome in set(worst["outcome"])]
    footer(
        figure,
        " ".join([*marks, "White: not asked for."]),
        "The limit is ten times the reference's own rounding error, or more. The reference in "
        "float32 therefore shows at most 10 %.",
    )
    return figure


def main(job: Job) -> None:
    frameworks = read_frameworks(job.input.frameworks, read_paper(job.input.lines))
    figure = draw(read_table(job.input.table, COLUMNS), frameworks, job.params.labels)
    save(figure, job.output.svg, job.output.png, job.params.mode)


if __name__ == "__main__":
    run(main)
