"""Draw learning curves: the accuracy after one epoch and more, a line for each recipe."""

import numpy as np
import pandas as pd
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator
from shared.error_scale import from_error_scale, set_error_scale, to_error_scale
from shared.figure_style import MUTED, WIDTH, footer, panel, save, title
from shared.labels import dashed, listed, network_label
from shared.script import InputError, Job, run
from shared.study import read_study
from shared.tables import read_table

# On all images: the rule of a recipe may round, or use half of them.
MEASURE = "accuracy_all"
RUN_COLUMNS = ["framework", "recipe", "network", "seed", "epochs", MEASURE, "accuracy_of"]
# From dark to light, and with different dashes, so that curves also differ in grey. These are not
# the colours of frameworks, because one framework made all curves.
COLOURS = colormaps["viridis"]
DASHES = ["-", "--", ":", "-."]
COLUMNS = 2


def looks(curves: list[dict]) -> list[dict]:
    """Return colour and dash of each curve."""
    colours = COLOURS(np.linspace(0, 0.55, len(curves)))
    return [
        {"color": to_hex(colour), "linestyle": DASHES[place % len(DASHES)]}
        for place, colour in enumerate(colours)
    ]


def spaced(heights: list[float], gap: float) -> list[float]:
    """Return heights in their order, pushed upwards until they are at least ``gap`` apart."""
    places, last = dict.fromkeys(range(len(heights)), 0.0), -np.inf
    for place in sorted(places, key=lambda place: heights[place]):
        last = places[place] = max(heights[place], last + gap)
    return list(places.values())


def points(runs: pd.DataFrame, curve: dict) -> pd.DataFrame:
    """Return the runs of a curve in the order of their epochs, accuracies in per cent.

    ``epochs`` is what a run has seen: more than its recipe says where that carries a network over.
    """
    chosen = runs[runs["recipe"].isin(curve["points"])]
    return chosen.assign(accuracy=100 * chosen[MEASURE]).sort_values(["epochs", "seed"])


def headline(runs: pd.DataFrame, curves: list[dict], paper_epochs: int) -> str:
    """Return the finding: how much the curves rise after the paper's epochs, for the same seeds.

    ``runs`` are those of one network.
    """
    gains, seeds, ends = [], set(), set()
    for curve in curves:
        by_seed = points(runs, curve).pivot_table(values="accuracy", index="epochs", columns="seed")
        if paper_epochs in by_seed.index and by_seed.index[-1] > paper_epochs:
            gained = (by_seed.iloc[-1] - by_seed.loc[paper_epochs]).dropna()
            if len(gained):
                gains.append(gained.median())
                seeds.add(len(gained))
                ends.add(int(by_seed.index[-1]))
    if not gains:
        return "Learning curves"
    several = f"{len(gains)} recipes gain {min(gains):+.1f} to {max(gains):+.1f} points"
    found = several if len(gains) > 1 else f"accuracy changes by {gains[0]:+.1f} points"
    return (
        f"After the paper's {paper_epochs} epochs, {found} until epoch "
        f"{dashed(min(ends), max(ends))} (n={dashed(min(seeds), max(seeds))})"
    )


def draw_panel(
    axes: Axes,
    runs: pd.DataFrame,
    curves: list[dict],
    styles: list[dict],
    paper_epochs: int,
    labels: dict[str, str],
    limits: tuple[float, float],
) -> None:
    """Draw the curves of one network: every run, and a line through the medians.

    Each line has its name at its end. A dotted line is where the paper stopped.
    """
    axes.axvline(paper_epochs, color=MUTED, linewidth=0.8, linestyle=(0, (1, 2)))
    axes.annotate(
        f"the paper: {paper_epochs} epochs", (paper_epochs, 1), xycoords=("data", "axes fraction"),
        xytext=(0, 3), textcoords="offset points", size=7.5, color=MUTED, ha="center",
    )  # fmt: skip
    ends = []
    for curve, style in zip(curves, styles, strict=True):
        found = points(runs, curve)
        medians = found.groupby("epochs")["accuracy"].median()
        name = labels.get(curve["recipe"], curve["recipe"])
        axes.plot(medians.index, medians, linewidth=1.8, label=name, **style)
        axes.plot(found["epochs"], found["accuracy"], "o", markersize=4, color=style["color"])
        if len(medians):
            ends.append((name, style["color"], medians.index[-1], medians.iloc[-1]))
    low, high = to_error_scale(np.array(limits))
    heights = [float((to_error_scale(np.array([end[3]]))[0] - low) / (high - low)) for end in ends]
    for (name, colour, epochs, _), height in zip(ends, spaced(heights, 0.055), strict=True):
        axes.annotate(
            name, (epochs, height), xycoords=("data", "axes fraction"), xytext=(7, 0),
            textcoords="offset points", va="center", size=8, weight="bold", color=colour,
        )  # fmt: skip


def draw(
    runs: pd.DataFrame,
    curves: list[dict],
    framework: str,
    networks: list[str],
    paper_epochs: int,
    labels: dict[str, str],
) -> Figure:
    """Draw a panel for each network.

    Args:
        runs: The workflow's runs table; only the runs of ``framework`` are drawn.
        curves: For each, the ``recipe`` that it is of, and the recipes that are its ``points``.
        paper_epochs: Where the paper stopped.
        labels: What recipes and frameworks are called.

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
    styles = looks(curves)
    # Inches.
    rows = -(-len(networks) // COLUMNS)
    top, bottom, left, gap, between, height = 0.9, 0.85, 0.75, 0.3, 0.55, 3.0
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
        x = left + column * (width + gap)
        y = total - top - (row + 1) * height - row * between
        axes = panel(figure, x, y, width, height)
        of_network = chosen[chosen["network"] == network]
        axes.set_xscale("log")
        # Room for the names, of letters that are .075 inches wide.
        longest = max(len(labels.get(curve["recipe"], curve["recipe"])) for curve in curves)
        taken = min(0.5, (0.075 * longest + 0.15) / width)
        first, last = 0.9 * epochs[0], 1.05 * epochs[-1]
        axes.set_xlim(first, first * (last / first) ** (1 / (1 - taken)))
        draw_panel(axes, of_network, curves, styles, paper_epochs, labels, (low, high))
        axes.set_xticks(epochs, epochs)
        axes.xaxis.set_minor_locator(NullLocator())
        set_error_scale(axes)
        axes.set_ylim(low, high)
        axes.grid(axis="y")
        axes.set_title(network_label(network), size=9.5, weight="bold", loc="left", pad=5)
        if column:
            axes.tick_params(labelleft=False)
        if index + COLUMNS >= len(networks):
            axes.set_xlabel("epochs, logarithmic")
    on_training = [
        labels.get(curve["recipe"], curve["recipe"])
        for curve in curves
        if (points(chosen, curve)["accuracy_of"] == "train").any()
    ]
    images = "all test images" + (
        f" ({listed(on_training)}: training images)" if on_training else ""
    )
    figure.supylabel("accuracy (%), logarithmic in the error", x=0.012, size=9)
    title(
        figure,
        headline(chosen[chosen["network"] == networks[0]], curves, paper_epochs),
        f"All with {labels.get(framework, framework)}: accuracy on {images}, {len(chosen)} "
        "trainings.",
    )
    footer(
        figure,
        "Each dot is a training of its own, from the first epoch on. Lines join medians. Gains "
        "are those of the same seeds.",
    )
    return figure


def main(job: Job) -> None:
    figure = draw(
        read_table(job.input.runs, RUN_COLUMNS),
        job.params.curves,
        job.params.framework,
        job.params.networks,
        read_study(job.input.recipes_2016).common.epochs,
        job.params.labels,
    )
    save(figure, job.output.svg, job.output.png, job.params.mode)


if __name__ == "__main__":
    run(main)
