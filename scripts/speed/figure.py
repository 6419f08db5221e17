"""Draw how long each framework takes, ranked, with intervals and sets of ranks."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, LogLocator, NullFormatter
from shared.error_scale import EnoughTicks
from shared.figure_style import MUTED, WIDTH, banner, footer, panel, save, title
from shared.frameworks import Framework, read_frameworks, read_paper
from shared.labels import dashed, listed, network_label
from shared.script import Job, run
from shared.study import read_study, warning
from shared.tables import read_table
from shared.time_model import CONFIDENCE
from speed.measures import OVERALL, WORDS
from speed.table import RANKS, TIMES

MEASURES = ("train", "predict")
# Networks beside the overall mean; more do not fit.
NETWORKS = 3
# Inches.
ROW, HEADING, AXIS = 0.235, 0.3, 0.36
TOP, WARNED, BOTTOM = 0.72, 0.62, 0.62
LEFT, GAP, RANK, RIGHT, FIRST = 1.95, 0.14, 0.42, 0.05, 1.4
# Of the seconds that an axis may name: 10 to the power of these.
POWERS = range(-4, 6)
# Names in a headline; more are counted.
NAMED = 3


def shown_networks(table: pd.DataFrame) -> list[str]:
    """Return what the columns show: the overall mean, and the networks with most runs.

    If networks have equally many, take those at the ends and in the middle of the table.
    """
    single = table[table["network"] != OVERALL]
    counts = single.groupby("network", sort=False)["n"].median()
    most = list(counts.index[counts == counts.max()])
    if len(most) > NETWORKS:
        most = [most[0], most[len(most) // 2], most[-1]]
    return [*([OVERALL] if OVERALL in set(table["network"]) else []), *most]


def first_places(ranks: pd.DataFrame, labels: dict[str, str]) -> str:
    """Say which frameworks may be the fastest: those whose sets of ranks contain 1."""
    of_scope = ranks.sort_values("rank")
    names = [labels[name] for name in of_scope.loc[of_scope["rank_low"] == 1, "framework"]]
    if not names:
        return "nobody is compared"
    if len(names) == 1:
        return f"{names[0]} is the fastest"
    if len(names) == len(of_scope):
        return f"no difference between {len(names)} frameworks is sure"
    if len(names) > NAMED:
        return f"{names[0]} or one of {len(names) - 1} others is the fastest"
    return f"{listed(names, 'or')} is the fastest"


def headline(ranks: pd.DataFrame, labels: dict[str, str], scope: str) -> str:
    """Return the finding: who is the fastest in training and in prediction."""
    found: dict[str, list[str]] = {}
    for measure in MEASURES:
        of_measure = ranks[(ranks["measure"] == measure) & (ranks["network"] == scope)]
        if len(of_measure):
            found.setdefault(first_places(of_measure, labels), []).append(WORDS[measure])
    clauses = [f"{' and '.join(what)}: {who}" for who, what in found.items()]
    return ". ".join(f"{each[0].upper()}{each[1:]}" for each in clauses) or "How long it takes"


def called(scope: str, ranks: pd.DataFrame) -> str:
    """Return what a scope is called: a network, or how many networks all frameworks have."""
    if scope != OVERALL:
        return network_label(scope)
    common = ranks.loc[ranks["network"] == OVERALL, "networks"].max()
    return f"{common:g} networks"


def spread(times: pd.DataFrame, scope: str, ranks: pd.DataFrame) -> str:
    """Say how far the slowest framework is from the fastest one, and on how many runs it rests."""
    of_scope = times[times["network"] == scope]
    factors = [
        f"{of_measure['seconds'].max() / of_measure['seconds'].min():.3g} in {WORDS[measure]}"
        for measure, of_measure in of_scope.groupby("measure", sort=False)
    ]
    runs = dashed(of_scope["n"].min(), of_scope["n"].max())
    where = f", over the {called(scope, ranks)} that all have" if scope == OVERALL else ""
    others = times.loc[~times["network"].isin([scope, OVERALL]), "n"]
    each = f"; {dashed(others.min(), others.max())} for one network" if len(others) else ""
    return (
        f"From fastest to slowest{where}: a factor of {listed(factors)}. Runs for each dot: "
        f"{runs}{each}."
    )


def round_seconds() -> EnoughTicks:
    """Return a locator of the round numbers that a logarithmic axis names.

    These are 1 and 3 in each decade, or closer ones where the axis is short.
    """
    return EnoughTicks(
        *(
            FixedLocator([float(f"{digit}e{power}") for power in POWERS for digit in digits])
            for digits in ((1, 3), (1, 2, 5), range(1, 9))
        )
    )


def draw_panel(
    axes: Axes, times: pd.DataFrame, ranks: pd.DataFrame, shown: list[Framework]
) -> None:
    """Draw a dot with its interval for each framework, and its set of ranks on the right."""
    times, ranks = times.set_index("framework"), ranks.set_index("framework")
    for y, framework in enumerate(shown):
        if framework.name not in times.index:
            continue
        row = times.loc[framework.name]
        if pd.notna(row["low"]):
            axes.plot([row["low"], row["high"]], [y, y], color=framework.color, lw=2, alpha=0.6)
        axes.plot(row["seconds"], y, ls="", color=framework.color, mec="white", **framework.marker)
        if framework.name in ranks.index:
            places = ranks.loc[framework.name, ["rank_low", "rank_high"]]
            axes.text(
                1.04, y, dashed(*places), size=7.5, va="center",
                transform=axes.get_yaxis_transform(),
            )  # fmt: skip
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(round_seconds())
    axes.xaxis.set_minor_locator(LogLocator(subs="all", numticks=50))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.set_ylim(len(shown) - 0.5, -0.5)
    axes.set_yticks([])
    axes.tick_params(labelsize=7.5)
    axes.grid(axis="x")
    for y in range(len(shown)):
        axes.axhline(y, color="#f4f4f4", lw=0.8, zorder=0)


def ranked(
    times: pd.DataFrame, frameworks: list[Framework], scopes: list[str], measure: str
) -> list[Framework]:
    """Return the frameworks that have times, the fastest first.

    The first scope decides.
    """
    of_measure = times[times["measure"] == measure]
    # A framework that lacks a scope comes after those that have it.
    keys = of_measure.pivot_table(values="seconds", index="framework", columns="network")
    keys = keys.reindex(columns=scopes).dropna(how="all").sort_values(scopes)
    by_name = {framework.name: framework for framework in frameworks}
    return [by_name[name] for name in keys.index if name in by_name]


def another_day(times: pd.DataFrame, shown: list[Framework]) -> list[str]:
    """Return a line with the frameworks whose runs are all of another day (`table.TIMES`), if any.

    If the workflow runs past midnight, most frameworks have a few runs of another day.
    """
    late = (times["other_day"] == times["n"]).groupby(times["framework"]).all()
    labels = [framework.label for framework in shown if late.get(framework.name, False)]
    if not labels:
        return []
    return [f"Run on another day than most others: {listed(labels)}. The machine may have changed."]


def draw(
    times: pd.DataFrame, ranks: pd.DataFrame, frameworks: list[Framework], note: str = ""
) -> Figure:
    """Draw a row of panels for training and one for prediction, a column for each scope.

    Args:
        times: speed.csv, of one recipe.
        ranks: speed-ranks.csv, of one recipe.
        frameworks: those that are drawn; others are left out.
        note: a warning in large letters, if any.
    """
    names = {framework.name for framework in frameworks}
    times = times[times["measure"].isin(MEASURES) & times["framework"].isin(names)]
    if times.empty:
        figure = Figure(figsize=(WIDTH, 1.2))
        title(figure, "Times: too little to compare", "No framework was timed with this recipe.")
        return figure
    scopes = shown_networks(times)
    rows = {m: ranked(times, frameworks, scopes, m) for m in MEASURES if m in set(times["measure"])}
    top = TOP + (WARNED if note else 0)
    heights = {m: HEADING + ROW * len(shown) + AXIS for m, shown in rows.items()}
    total = top + sum(heights.values()) + BOTTOM
    figure = Figure(figsize=(WIDTH, total))
    width = (WIDTH - LEFT - RIGHT - (GAP + RANK) * len(scopes)) / (len(scopes) - 1 + FIRST)
    y = total - top
    for measure, shown in rows.items():
        x = LEFT
        body = ROW * len(shown)
        for index, scope in enumerate(scopes):
            wide = width * (FIRST if index == 0 else 1)
            axes = panel(figure, x, y - HEADING - body, wide, body)
            of_panel = [
                table[(table["measure"] == measure) & (table["network"] == scope)]
                for table in (times, ranks)
            ]
            draw_panel(axes, of_panel[0], of_panel[1], shown)
            what = called(scope, ranks)
            head = f"{WORDS[measure].capitalize()}: {what}" if index == 0 else what
            axes.set_title(head, size=8.5, loc="left", weight="bold" if index == 0 else "normal")
            axes.text(
                1.04, 1, "rank", size=7, color=MUTED, transform=axes.transAxes, va="bottom"
            )  # fmt: skip
            if index == 0:
                axes.set_yticks(range(len(shown)), [framework.label for framework in shown])
                axes.tick_params(axis="y", length=0, labelsize=8.5)
            x += wide + RANK + GAP
        y -= heights[measure]
    labels = {framework.name: framework.label for framework in frameworks}
    ranks = ranks[ranks["framework"].isin(names)]
    drawn = times[times["network"].isin(scopes)]
    title(figure, headline(ranks, labels, scopes[0]), spread(drawn, scopes[0], ranks))
    if note:
        banner(figure, note)
    footer(
        figure,
        "Seconds, log scale: all epochs of the recipe (derived from short runs; without "
        "start-up and compilation), and the 10,000 test images.",
        f"Bars: {100 * CONFIDENCE:.0f} % intervals. Means are geometric.",
        "Rank: the places that a framework may have, by comparisons of all pairs (Holm). "
        "If the places of two do not overlap, their order is sure.",
        *another_day(drawn, frameworks),
    )
    return figure


def main(job: Job) -> None:
    recipe = job.params.recipe
    times = read_table(job.input.times, TIMES)
    ranks = read_table(job.input.ranks, RANKS)
    frameworks = read_frameworks(job.input.frameworks, read_paper(job.input.lines))
    columns = ["recipe", "dataset", "train_images", "epochs"]
    runs = read_table(job.input.runs, columns)
    study = read_study(job.input.recipes_2016)
    note = warning(runs[runs["recipe"] == recipe], study, job.params.mode)
    figure = draw(
        times[times["recipe"] == recipe], ranks[ranks["recipe"] == recipe], frameworks, note
    )
    save(figure, job.output.svg, job.output.png)


if __name__ == "__main__":
    run(main)
