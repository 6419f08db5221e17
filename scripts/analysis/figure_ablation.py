"""Draw an ablation as a waterfall: from a recipe of 2016 to the harmonised one, by steps."""

import numpy as np
import pandas as pd
from analysis.ablation import ALONE, COLUMNS, RUN_COLUMNS, START
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from shared.figure_style import INK, MUTED, WIDTH, footer, panel, save, title
from shared.labels import network_label
from shared.script import InputError, Job, run
from shared.tables import read_table

LEVEL, GAIN, LOSS, BAND = "#8c8c8c", "#9ec9e8", "#c45a2c", "#f5f5f5"
# A loss is hatched too, so that it differs from a gain in grey.
LOOKS = {True: {"facecolor": GAIN}, False: {"facecolor": LOSS, "hatch": "////"}}
# Inches.
ROW = 0.52
# Where in a row the cumulated change is, and the change alone.
BAR, DIAMOND = -0.14, 0.27


def accuracies(runs: pd.DataFrame, row: pd.Series) -> np.ndarray:
    """Return the accuracies (%) of the runs that a row of the table is the mean of."""
    names = ["framework", "network", "recipe"]
    return 100 * runs[(runs[names] == row[names]).all(axis=1)]["accuracy"].to_numpy()


def draw_panel(axes: Axes, part: pd.DataFrame, runs: pd.DataFrame) -> None:
    """Draw the rows of one network: the start, then each step from the level before it."""
    before = np.nan
    for _, row in part.iterrows():
        values, level, y = accuracies(runs, row), 100 * row["accuracy"], row["step"] + BAR
        if row["variant"] == ALONE:
            y = row["step"] + DIAMOND
            axes.plot(values, np.full(len(values), y), ".", color=MUTED, markersize=3.5)
            if len(values):
                axes.plot(level, y, "D", color=INK, markerfacecolor="white", markersize=4.5)
            continue
        if not len(values):
            axes.annotate(
                "no run", (0.03, y), xycoords=("axes fraction", "data"), va="center", size=7.5,
                color=MUTED, style="italic",
            )  # fmt: skip
            continue
        if row["variant"] == START:
            axes.plot([level, level], [y - 0.2, y + 0.2], color=LEVEL, linewidth=4)
        elif not np.isnan(before):
            axes.barh(y, level - before, 0.4, left=before, edgecolor=INK, linewidth=0.6,
                      **LOOKS[level >= before])  # fmt: skip
            axes.plot([before, before], [row["step"] - 1 + BAR, y], color=MUTED, linewidth=0.7)
        spread = np.linspace(-0.1, 0.1, len(values)) if len(values) > 1 else np.zeros(1)
        axes.plot(values, y + spread, "o", color=INK, markersize=3, zorder=3)
        # At the level's own end of the bar.
        loss = level < before
        axes.annotate(
            f"{level:.1f}, n={len(values)}",
            (min(values.min(), level) if loss else max(values.max(), level), y),
            (-5 if loss else 5, 0), textcoords="offset points", va="center",
            ha="right" if loss else "left", size=7.5,
        )  # fmt: skip
        before = level


def headline(chosen: pd.DataFrame, names: tuple[str, str]) -> str:
    """Return the finding, for the network on which all changes together add or take away most.

    The sentence gives this sum, and the change with the largest effect alone. The effect of a
    change in its place depends on the order of the changes.

    ``chosen`` are the rows of a start and a framework; ``names`` are those of start and end.
    """
    way = chosen[chosen["variant"] != ALONE]
    levels = way.groupby("network", sort=False)["accuracy"]
    # Not a number where the first or the last recipe was not run.
    sums = levels.agg(lambda of: of.iloc[-1] - of.iloc[0]).dropna()
    begin = f"From {names[0]} to {names[1]}"
    if sums.empty:
        return begin
    network = sums.abs().idxmax()
    alone = chosen[(chosen["variant"] == ALONE) & (chosen["network"] == network)]
    steps = alone[alone["effect"].notna()].set_index("change")["effect"]
    text = f"{begin}: {100 * sums[network]:+.1f} points with {network_label(network)}"
    if len(steps):
        change = steps.abs().idxmax()
        text += f"; largest change alone: {change}, {100 * steps[change]:+.1f}"
    return text.replace("-", "\N{MINUS SIGN}")


def draw(
    table: pd.DataFrame, runs: pd.DataFrame, start: str, framework: str, labels: dict[str, str]
) -> Figure:
    """Draw a panel for each network of the ablation from ``start`` with one framework.

    ``table`` as `ablation.build` returns it, ``runs`` the runs that it was built from, ``labels``
    what recipes and frameworks are called.
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
    top, bottom, left, gap = 1.15, 0.85, 1.85, 0.2
    body = ROW * len(steps)
    total = top + body + bottom
    width = (WIDTH - left - 0.15 - gap * (len(networks) - 1)) / len(networks)
    figure = Figure(figsize=(WIDTH, total))
    used = runs[
        runs["recipe"].isin(chosen["recipe"])
        & (runs["framework"] == framework)
        & runs["network"].isin(networks)
    ]
    ends = 100 * used["accuracy"].agg(["min", "max"])
    room = max(ends["max"] - ends["min"], 0.5)
    end = steps["recipe"].iloc[-1]
    names = labels.get(start, start), labels.get(end, end)
    for column, network in enumerate(networks):
        axes = panel(figure, left + column * (width + gap), bottom, width, body)
        # A band for every second row shows which diamond belongs to which change.
        for row in steps["step"][::2]:
            axes.axhspan(row - 0.5, row + 0.5, color=BAND, linewidth=0, zorder=0)
        draw_panel(axes, chosen[chosen["network"] == network], runs)
        axes.set_xlim(ends["min"] - 0.2 * room, ends["max"] + 0.2 * room)
        axes.set_ylim(len(steps) - 0.5, -0.5)
        axes.set_title(network_label(network), size=9.5, weight="bold", loc="left", pad=5)
        changes = [row.change or names[0] for row in steps.itertuples()]
        axes.set_yticks(steps["step"], [] if column else changes)
        axes.tick_params(axis="y", length=0)
        axes.grid(axis="x")
        axes.set_xlabel("accuracy (%)")
    alone = chosen.loc[chosen["variant"] == ALONE, "runs"]
    title(
        figure,
        headline(chosen, names),
        f"All with {labels.get(framework, framework)}. A bar is what a change adds or takes away "
        "on top of those above it.",
    )
    samples = [
        Patch(label="gain", edgecolor=INK, **LOOKS[True]),
        Patch(label="loss", edgecolor=INK, **LOOKS[False]),
        Line2D([], [], linestyle="", marker="o", color=INK, markersize=3, label="a run"),
        Line2D(
            [], [], linestyle="", marker="D", color=INK, markerfacecolor="white", markersize=4.5,
            label=f"the change alone, on {names[0]}"
            + (" (small dots: its runs)" if (alone > 1).any() else ""),
        ),
    ]  # fmt: skip
    figure.legend(
        handles=samples, loc="upper left", ncols=4, borderaxespad=0,
        bbox_to_anchor=(0.008, 1 - 0.6 / total), columnspacing=2.0,
    )  # fmt: skip
    footer(
        figure,
        "Levels are means of n seeds, by each recipe's own rule of accuracy: it may round, or "
        "take training images. In another order, the steps have other sizes.",
    )
    return figure


def main(job: Job) -> None:
    table = read_table(job.input.table, COLUMNS).fillna({"change": ""})
    runs = read_table(job.input.runs, RUN_COLUMNS)
    figure = draw(table, runs, job.wildcards.recipe, job.params.framework, job.params.labels)
    save(figure, job.output.svg, job.output.png, job.params.mode)


if __name__ == "__main__":
    run(main)
