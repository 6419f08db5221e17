"""Draw how much of the variance of accuracy is the recipe's, the framework's and the seed's."""

from pathlib import Path

import pandas as pd
from analysis.variance import BOOTSTRAP_SEED, OVERALL, SOURCES, interval, percent
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from shared.figure_style import INK, MUTED, WIDTH, footer, save, title
from shared.script import InputError, Job, run
from shared.tables import read_table

TABLE_COLUMNS = ["network", "source", "share", "share_low", "share_high", "runs", "problem"]
# From dark to light, so that the parts of a bar are told apart in grey too.
LOOKS = {
    "recipe": {"facecolor": "#1f4e79"},
    "framework": {"facecolor": "#d9772b"},
    "interaction": {"facecolor": "#f0c27b", "hatch": "////", "edgecolor": "#a87a2a"},
    "seed": {"facecolor": "#e3e3e3"},
}
NAMES = {
    "recipe": "recipe",
    "framework": "framework",
    "interaction": "interaction of both",
    "seed": "seed",
}
# Inches.
ROW = 0.42


def draw(table: pd.DataFrame) -> Figure:
    """Draw a bar for each network of `variance.analyse`, its parts being the shares.

    The interval of the recipe's share stands where its part ends; those of all shares stand beside
    the bar in figures.
    """
    missing = set(SOURCES) - set(table["source"])
    if missing:
        raise InputError(f"the table of variance lacks the source {min(missing)!r}; write it anew.")
    networks = list(pd.unique(table["network"]))
    top, bottom, left, right = 1.15, 0.75, 1.05, 4.55
    body = ROW * len(networks)
    total = top + body + bottom
    figure = Figure(figsize=(WIDTH, total))
    axes = figure.add_axes(
        (left / WIDTH, bottom / total, (WIDTH - left - right) / WIDTH, body / total)
    )
    columns = [1.03 + 0.262 * place for place in range(len(SOURCES))]
    for place, source in zip(columns, SOURCES, strict=True):
        axes.text(place, -0.62, NAMES[source].split()[0], size=8, weight="bold", va="bottom")
    for y, network in enumerate(networks):
        rows = table[table["network"] == network].set_index("source")
        problem = rows["problem"].astype(object).fillna("").iloc[0]
        if problem:
            axes.text(0.01, y, problem, va="center", color=MUTED, style="italic", size=8.5)
            continue
        start = 0.0
        for source, place in zip(SOURCES, columns, strict=True):
            row = rows.loc[source]
            axes.barh(y, row["share"], 0.62, left=start, linewidth=0, **LOOKS[source])
            start += row["share"]
            words = f"{percent(row['share'])}\n{interval(row['share_low'], row['share_high'])}"
            axes.text(place, y, words.strip(), va="center", size=7.5, linespacing=1.25)
        recipe = rows.loc["recipe"]
        axes.plot(
            [recipe["share_low"], recipe["share_high"]], [y, y],
            color="black", linewidth=1.4, marker="|", markersize=8, markeredgewidth=1.4,
        )  # fmt: skip
    axes.set_xlim(0, 1)
    axes.set_ylim(len(networks) - 0.5, -0.5)
    axes.set_yticks(
        range(len(networks)),
        ["all networks" if network == OVERALL else network for network in networks],
    )
    for label, network in zip(axes.get_yticklabels(), networks, strict=True):
        label.set_weight("bold" if network == OVERALL else "normal")
    axes.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0", "25", "50", "75", "100 %"])
    axes.tick_params(axis="y", length=0)
    title(
        figure,
        "Which framework, or which recipe?",
        "Shares of the variance of accuracy between the runs of a network, with 95 % intervals.",
    )
    figure.legend(
        handles=[Patch(label=NAMES[source], **LOOKS[source]) for source in SOURCES],
        loc="upper left", ncols=4, borderaxespad=0, bbox_to_anchor=(0.008, 1 - 0.62 / total),
        columnspacing=2.5, labelcolor=INK,
    )  # fmt: skip
    footer(
        figure,
        [
            "The black line is the interval of the recipe's share; bootstrap over the seeds of a "
            f"recipe, started with {BOOTSTRAP_SEED}. Every framework with a recipe weighs the same."
        ],
    )
    return figure


def main(job: Job) -> None:
    figure = draw(read_table(Path(job.input.table), TABLE_COLUMNS))
    save(figure, Path(job.output.svg), Path(job.output.png))


if __name__ == "__main__":
    run(main)
