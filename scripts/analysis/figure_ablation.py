"""Draw an ablation as a waterfall: from a recipe of 2016 to the harmonised one, by steps."""

from pathlib import Path

import numpy as np
import pandas as pd
from analysis.ablation import ALONE, COLUMNS, RUN_COLUMNS, START
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from shared.figure_style import INK, MUTED, WIDTH, footer, save, title
from shared.script import InputError, Job, run
from shared.tables import read_table

LEVEL, GAIN, LOSS = "#8c8c8c", "#9ec9e8", "#c45a2c"
# A loss is hatched too, so that it is told from a gain in grey.
LOOKS = {True: {"facecolor": GAIN}, False: {"facecolor": LOSS, "hatch": "////"}}
# Inches.
ROW = 0.42


def accuracies(runs: pd.DataFrame, row: pd.Series) -> np.ndarray:
    """Return the accuracies (%) of the runs that a row of the table is the mean of."""
    names = ["framework", "network", "recipe"]
    return 100 * runs[(runs[names] == row[names]).all(axis=1)]["accuracy"].to_numpy()


def draw_panel(axes: Axes, part: pd.DataFrame, runs: pd.DataFrame) -> None:
    """Draw the rows of one network: the start, then each step from the level before it."""
    before = np.nan
    for _, row in part.iterrows():
        values, level, y = accuracies(runs, row), 100 * row["accuracy"], row["step"]
        if row["variant"] == ALONE:
            axes.plot(values, np.full(len(values), y + 0.34), ".", color=MUTED, markersize=3.5)
            if len(values):
                axes.plot(level, y + 0.34, "D", color=INK, markerfacecolor="white", markersize=4.5)
            continue
        if not len(values):
            axes.annotate(
                "no run", (0.03, y), xycoords=("axes fraction", "data"), va="center", size=7.5,
                color=MUTED, style="italic",
            )  # fmt: skip
            continue
        if row["variant"] == START:
            axes.plot([level, level], [y - 0.22, y + 0.22], color=LEVEL, linewidth=4)
        elif not np.isnan(before):
            axes.barh(y, level - before, 0.44, left=before, edgecolor=INK, linewidth=0.6,
                      **LOOKS[level >= before])  # fmt: skip
            axes.plot([before, before], [y - 0.78, y - 0.22], color=MUTED, linewidth=0.7)
        spread = np.linspace(-0.1, 0.1, len(values)) if len(values) > 1 else np.zeros(1)
        axes.plot(values, y + spread, "o", color=INK, markersize=3, zorder=3)
        axes.annotate(
            f"{level:.1f}", (max(values.max(), level, np.nan_to_num(before)), y),
            (5, 0), textcoords="offset points", va="center", size=7.5,
        )  # fmt: skip
        before = level


def draw(table: pd.DataFrame, runs: pd.DataFrame, start: str, framework: str) -> Figure:
    """Draw a panel for each network of the ablation from ``start`` with one framework.

    ``table`` as `ablation.build` returns it, ``runs`` the runs that it was built from.
    """
    chosen = table[(table["from"] == start) & (table["framework"] == framework)]
    if chosen.empty:
        raise InputError(
            f"no step from {start} was run with {framework}; enable the experiment whose purpose "
            "is ablation."
        )
    networks = list(pd.unique(chosen["network"]))
    steps = chosen[chosen["network"] == networks[0]].query("variant != @ALONE")
    # Inches.
    top, bottom, left, gap = 1.1, 0.85, 1.75, 0.2
    body = ROW * (len(steps) + 0.3)
    total = top + body + bottom
    width = (WIDTH - left - 0.15 - gap * (len(networks) - 1)) / len(networks)
    figure = Figure(figsize=(WIDTH, total))
    ends = 100 * runs[
        runs["recipe"].isin(chosen["recipe"])
        & (runs["framework"] == framework)
        & runs["network"].isin(networks)
    ]["accuracy"].agg(["min", "max"])
    room = max(ends["max"] - ends["min"], 0.5)
    for column, network in enumerate(networks):
        axes = figure.add_axes(
            ((left + column * (width + gap)) / WIDTH, bottom / total, width / WIDTH, body / total)
        )
        draw_panel(axes, chosen[chosen["network"] == network], runs)
        axes.set_xlim(ends["min"] - 0.06 * room, ends["max"] + 0.25 * room)
        axes.set_ylim(len(steps) - 0.45, -0.6)
        axes.set_title(network, size=9.5, weight="bold", loc="left", pad=5)
        names = [row.change or start for row in steps.itertuples()]
        axes.set_yticks(steps["step"], [] if column else names)
        axes.tick_params(axis="y", length=0)
        axes.grid(axis="x")
        axes.set_xlabel("accuracy (%)")
    title(
        figure,
        f"From {start} to {steps['recipe'].iloc[-1]}, one change at a time",
        f"Framework: {framework}, the same all the way. Each bar is what a change adds or takes "
        "away on top of those above it.",
    )
    samples = [
        Patch(label="gain", edgecolor=INK, **LOOKS[True]),
        Patch(label="loss", edgecolor=INK, **LOOKS[False]),
        Line2D([], [], linestyle="", marker="o", color=INK, markersize=3, label="a run"),
        Line2D(
            [], [], linestyle="", marker="D", color=INK, markerfacecolor="white", markersize=4.5,
            label=f"the change alone, on {start} (small dots: its runs)",
        ),
    ]  # fmt: skip
    figure.legend(
        handles=samples, loc="upper left", ncols=4, borderaxespad=0,
        bbox_to_anchor=(0.008, 1 - 0.6 / total), columnspacing=2.0,
    )  # fmt: skip
    footer(figure, ["Levels are means over the seeds. The order of the changes is a choice."])
    return figure


def main(job: Job) -> None:
    table = read_table(Path(job.input.table), COLUMNS).fillna({"change": ""})
    runs = read_table(Path(job.input.runs), RUN_COLUMNS)
    figure = draw(table, runs, job.wildcards.recipe, job.params.framework)
    save(figure, Path(job.output.svg), Path(job.output.png))


if __name__ == "__main__":
    run(main)
