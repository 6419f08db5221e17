"""Draw the mean accuracy of every framework with every recipe, a heat map for each network.

Accuracy is on all test images: a recipe's own rule may round, or count half of them.
"""

import numpy as np
import pandas as pd
from analysis.cross import MEASURE, RUN_COLUMNS, select
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from shared.error_scale import to_error_scale
from shared.figure_style import MUTED, WIDTH, footer, heat_cell, panel, save, title
from shared.frameworks import Framework, read_frameworks, read_paper
from shared.labels import network_label
from shared.script import Job, run
from shared.tables import read_table

COLUMNS = 2
# Its lightness rises all the way: the map can be read in grey.
COLOURS = colormaps["cividis"]


def mean_accuracies(runs: pd.DataFrame, frameworks: list[str], recipes: list[str]) -> pd.DataFrame:
    """Return the mean accuracy in per cent, a row for each framework and a column for each recipe.

    ``runs`` are those of one network. Not a number where there is no run.
    """
    means = 100 * runs.groupby(["framework", "recipe"])[MEASURE].mean().unstack()
    return means.reindex(index=frameworks, columns=recipes)


def typical_range(runs: pd.DataFrame, within: str, across: str) -> float:
    """Return how far mean accuracies differ ``across`` the levels of a factor, in points of 100.

    The range (largest less smallest) for each network and each level of ``within``; the median of
    these. Not a number where no level has two.
    """
    means = runs.groupby(["network", within, across])[MEASURE].mean()
    groups = means.groupby(["network", within])
    ranges = (groups.max() - groups.min())[groups.size() > 1]
    return 100 * float(ranges.median())


def headline(runs: pd.DataFrame) -> str:
    """Return the finding: how much a column and a row of the maps vary."""
    found = {
        "within a column (frameworks)": typical_range(runs, "recipe", "framework"),
        "within a row (recipes)": typical_range(runs, "framework", "recipe"),
    }
    told = [f"{size:.1f} points {what}" for what, size in found.items() if not np.isnan(size)]
    return f"Median difference of accuracy: {', '.join(told)}" if told else "Accuracy (%)"


def draw_panel(
    axes: Axes,
    means: pd.DataFrame,
    frameworks: list[Framework],
    own: dict[str, list[str]],
    scale: Normalize,
) -> None:
    """Fill the cells of `mean_accuracies`; hatch those without a run, frame the own recipes.

    ``own`` has the recipes of 2016 of each framework of the paper; the first, which is that of the
    public script, is framed.
    """
    for y, framework in enumerate(frameworks):
        for x, recipe in enumerate(means.columns):
            mean = means.loc[framework.name, recipe]
            if np.isnan(mean):
                heat_cell(axes, x, y, "no run", None, color=MUTED)
            else:
                colour = COLOURS(scale(to_error_scale(np.array([mean]))[0]))
                heat_cell(axes, x, y, f"{mean:.1f}", colour, dark=0.45, size=8)
    for y, framework in enumerate(frameworks):
        framed = own.get(framework.lineage or framework.name, [])[:1]
        for recipe in set(framed) & set(means.columns):
            corner = (list(means.columns).index(recipe) - 0.45, y - 0.42)
            # White around the black, to be seen on every colour.
            for colour, line in (("white", 3.2), ("black", 1.6)):
                axes.add_patch(
                    Rectangle(corner, 0.9, 0.84, fill=False, edgecolor=colour, linewidth=line)
                )
    axes.set_xlim(-0.5, len(means.columns) - 0.5)
    axes.set_ylim(len(frameworks) - 0.5, -0.5)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)


def draw(
    runs: pd.DataFrame,
    frameworks: list[Framework],
    recipes: list[str],
    networks: list[str],
    own: dict[str, list[str]],
    labels: dict[str, str],
) -> Figure:
    """Draw a panel for each network.

    ``runs`` as `cross.select` returns them; ``frameworks`` as `read_frameworks` returns them;
    ``own`` has the recipes of 2016 of each framework of the paper; ``labels`` are the recipes'
    names in a figure.
    """
    names = [framework.name for framework in frameworks]
    maps = {
        network: mean_accuracies(runs[runs["network"] == network], names, recipes)
        for network in networks
    }
    values = np.concatenate([means.to_numpy().ravel() for means in maps.values()])
    scaled = to_error_scale(values[~np.isnan(values)])
    scale = Normalize(scaled.min(), scaled.max())
    # Inches.
    rows = -(-len(networks) // COLUMNS)
    top, bottom, left, gap, between, names_room = 0.95, 0.4, 1.6, 0.2, 0.42, 1.2
    width = (WIDTH - left - 0.1 - gap * (COLUMNS - 1)) / COLUMNS
    height = 0.27 * len(frameworks)
    total = top + rows * height + (rows - 1) * between + names_room + bottom
    figure = Figure(figsize=(WIDTH, total))
    for index, network in enumerate(networks):
        row, column = divmod(index, COLUMNS)
        x = left + column * (width + gap)
        y = total - top - height * (row + 1) - between * row
        axes = panel(figure, x, y, width, height)
        draw_panel(axes, maps[network], frameworks, own, scale)
        axes.set_title(network_label(network), size=9.5, weight="bold", loc="left", pad=5)
        axes.set_yticks(range(len(names)), [] if column else [each.label for each in frameworks])
        lowest = index + COLUMNS >= len(networks)
        axes.set_xticks(
            range(len(recipes)), [labels.get(name, name) for name in recipes] if lowest else [],
            rotation=40, ha="right", rotation_mode="anchor",
        )  # fmt: skip
    framed = any(own.get(each.lineage or each.name) for each in frameworks)
    title(
        figure,
        headline(runs),
        f"Means over the seeds in %, {len(runs)} runs. The difference of a column or row is its "
        "largest less its smallest mean.",
    )
    footer(
        figure,
        "On all test images. Light is accurate, logarithmic in the error. "
        + "Framed: the recipe of the framework, or of its ancestor, in 2016." * framed,
    )
    return figure


def main(job: Job) -> None:
    paper = read_paper(job.input.lines)
    frameworks = read_frameworks(job.input.frameworks, paper)
    recipes, networks = job.params.recipes, job.params.networks
    runs = read_table(job.input.runs, RUN_COLUMNS)
    runs = select(runs, [framework.name for framework in frameworks], recipes, networks)
    figure = draw(runs, frameworks, recipes, networks, job.params.own, job.params.labels)
    save(figure, job.output.svg, job.output.png, job.params.mode)


if __name__ == "__main__":
    run(main)
