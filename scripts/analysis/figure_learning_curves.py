"""Draw learning curves: the accuracy after one epoch and more, a line for each recipe."""

from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator
from shared.error_scale import from_error_scale, set_error_scale, to_error_scale
from shared.figure_style import INK, MUTED, WIDTH, footer, save, title
from shared.frameworks import Framework, read_frameworks, read_paper
from shared.script import InputError, Job, run
from shared.study import read_study
from shared.tables import read_table

# On all test images: the rule of a recipe may round, or use half of the images.
MEASURE = "accuracy_all"
RUN_COLUMNS = ["framework", "recipe", "network", "seed", "epochs", MEASURE]
# Recipes of one framework have the same colour and different dashes.
DASHES = ["-", "--", ":"]
COLUMNS = 2


def looks(curves: list[dict], frameworks: list[Framework]) -> list[dict]:
    """Return colour and dash of each curve: those of the framework whose recipe it is."""
    colours = {framework.name: framework.color for framework in frameworks}
    owners = [curve["of"] for curve in curves]
    return [
        {
            "color": colours.get(owner, INK),
            "linestyle": DASHES[owners[:index].count(owner) % len(DASHES)],
        }
        for index, owner in enumerate(owners)
    ]


def points(runs: pd.DataFrame, curve: dict) -> pd.DataFrame:
    """Return the runs of a curve in the order of their epochs, accuracies in per cent.

    ``epochs`` is what a run has seen: more than its recipe says where that carries a network over.
    """
    chosen = runs[runs["recipe"].isin(curve["points"])]
    return chosen.assign(accuracy=100 * chosen[MEASURE]).sort_values(["epochs", "seed"])


def draw_panel(
    axes: Axes, runs: pd.DataFrame, curves: list[dict], styles: list[dict], paper_epochs: int
) -> None:
    """Draw the curves of one network: every run, and a line through the medians.

    A dotted line is where the paper stopped.
    """
    axes.axvline(paper_epochs, color=MUTED, linewidth=0.8, linestyle=(0, (1, 2)))
    for curve, style in zip(curves, styles, strict=True):
        found = points(runs, curve)
        medians = found.groupby("epochs")["accuracy"].median()
        axes.plot(medians.index, medians, linewidth=1.8, label=curve["recipe"], **style)
        axes.plot(found["epochs"], found["accuracy"], "o", markersize=4, color=style["color"])


def draw(
    runs: pd.DataFrame,
    curves: list[dict],
    frameworks: list[Framework],
    framework: str,
    networks: list[str],
    paper_epochs: int,
) -> Figure:
    """Draw a panel for each network.

    Parameters
    ----------
    runs
        The workflow's runs table; only the runs of ``framework`` are drawn.
    curves
        For each, the ``recipe`` that it is of, the framework whose recipe that is (``of``, or
        None), and the recipes that are its ``points``.
    frameworks
        Those whose recipes these are, for their colours.
    paper_epochs
        Where the paper stopped.

    Raises `InputError` where there is none of these runs.
    """
    recipes = [recipe for curve in curves for recipe in curve["points"]]
    chosen = runs[
        (runs["framework"] == framework)
        & runs["recipe"].isin(recipes)
        & runs["network"].isin(networks)
        & (runs["epochs"] > 0)
    ]
    if chosen.empty:
        raise InputError(
            f"no learning curve was run with {framework}; enable the experiment whose purpose is "
            "learning-curves."
        )
    styles = looks(curves, frameworks)
    # Inches.
    rows = -(-len(networks) // COLUMNS)
    legend_rows = -(-len(curves) // 3)
    top, bottom, left, gap, between, height = 0.95 + 0.19 * legend_rows, 0.85, 0.75, 0.3, 0.55, 3.0
    width = (WIDTH - left - 0.2 - gap * (COLUMNS - 1)) / COLUMNS
    if len(networks) == 1:
        width = WIDTH - left - 0.2
    total = top + rows * height + (rows - 1) * between + bottom
    figure = Figure(figsize=(WIDTH, total))
    ends = to_error_scale(100 * chosen[MEASURE].agg(["min", "max"]).to_numpy())
    room = max(0.05 * np.ptp(ends), 0.01)
    low, high = from_error_scale(ends + np.array([-room, room]))
    epochs = sorted(chosen["epochs"].unique())
    for index, network in enumerate(networks):
        row, column = divmod(index, COLUMNS)
        axes = figure.add_axes(
            (
                (left + column * (width + gap)) / WIDTH,
                (total - top - (row + 1) * height - row * between) / total,
                width / WIDTH,
                height / total,
            )
        )
        of_network = chosen[chosen["network"] == network]
        draw_panel(axes, of_network, curves, styles, paper_epochs)
        axes.set_xscale("log")
        axes.set_xticks(epochs, epochs)
        axes.xaxis.set_minor_locator(NullLocator())
        set_error_scale(axes)
        axes.set_ylim(low, high)
        axes.grid(axis="y")
        axes.set_title(network, size=9.5, weight="bold", loc="left", pad=5)
        if column:
            axes.tick_params(labelleft=False)
        if index + COLUMNS >= len(networks):
            axes.set_xlabel("epochs, logarithmic")
        handles, labels = axes.get_legend_handles_labels()
    figure.supylabel("accuracy (%), logarithmic in the error", x=0.012, size=9)
    title(
        figure,
        "Learning curves",
        f"Framework: {framework}, the same for all recipes. Accuracy on all test images; the "
        "dotted line is where the paper stopped.",
    )
    figure.legend(
        handles, labels, loc="upper left", ncols=3, borderaxespad=0,
        bbox_to_anchor=(0.008, 1 - 0.6 / total), columnspacing=2.0,
    )  # fmt: skip
    footer(
        figure, ["Every dot is a training of its own, from the first epoch on; lines join medians."]
    )
    return figure


def main(job: Job) -> None:
    paper = read_paper(Path(job.input.lines))
    figure = draw(
        read_table(Path(job.input.runs), RUN_COLUMNS),
        job.params.curves,
        read_frameworks(list(map(Path, job.input.frameworks)), paper),
        job.params.framework,
        job.params.networks,
        read_study(Path(job.input.recipes_2016)).common.epochs,
    )
    save(figure, Path(job.output.svg), Path(job.output.png))


if __name__ == "__main__":
    run(main)
