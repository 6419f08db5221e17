"""Draw how much faster each framework trains with more compute threads."""

import pandas as pd
from matplotlib.figure import Figure
from shared.figure_style import INK, MUTED, WIDTH, footer, panel, save, title
from shared.frameworks import Framework, read_frameworks, read_paper
from shared.labels import listed, network_label
from shared.script import Job, run
from shared.study import plural
from shared.tables import read_table

# Inches.
ROW = 0.3
MARKERS = "osD^vP*X"
COLUMNS = ["framework", "compute_threads", "threads_used", "speed_up"]
# Share of the time: a core that is idle for longer is named.
IDLE = 0.1


def idle(table: pd.DataFrame, frameworks: list[Framework]) -> str:
    """Say which frameworks left the core of their one thread idle; more threads gain from that."""
    alone = table[table["compute_threads"] == 1].set_index("framework")["threads_used"]
    names = [
        f"{each.label} ({100 * alone[each.name]:.0f} % busy)"
        for each in frameworks
        if alone.get(each.name, 1) < 1 - IDLE
    ]
    return f" Idle at times with one thread: {listed(names)}." if names else ""


def headline(table: pd.DataFrame, frameworks: list[Framework]) -> str:
    """Return the finding: how much the most threads speed up the training, at least and at most."""
    most = table["compute_threads"].max()
    faster = table[table["compute_threads"] == most].set_index("framework")["speed_up"]
    labels = {each.name: each.label for each in frameworks}
    ends = [faster.idxmin(), faster.idxmax()]
    told = [f"{faster[name]:.2f} ({labels[name]})" for name in dict.fromkeys(ends)]
    return f"With {most} threads, training is {' to '.join(told)} times as fast"


def draw(table: pd.DataFrame, frameworks: list[Framework], network: str) -> Figure:
    """Draw a row for each framework, a mark for each number of threads.

    ``table`` has the columns `COLUMNS`, as threads/table.py writes it.
    """
    shown = [f for f in frameworks if f.name in set(table["framework"])]
    counts = sorted(table["compute_threads"].unique())
    top, bottom, left = 0.95, 0.85, 2.6
    body = ROW * len(shown)
    figure = Figure(figsize=(WIDTH, top + body + bottom))
    total = figure.get_figheight()
    axes = panel(figure, left, bottom, WIDTH - left - 0.3, body)
    for y, framework in enumerate(shown):
        rows = table[table["framework"] == framework.name].sort_values("compute_threads")
        axes.plot(rows["speed_up"], [y] * len(rows), color=framework.color, lw=2, zorder=2)
        for threads, speed_up in zip(rows["compute_threads"], rows["speed_up"], strict=True):
            marker = MARKERS[counts.index(threads) % len(MARKERS)]
            axes.plot(speed_up, y, marker, color=framework.color, ms=7, mec="white", zorder=3)
        last = rows["speed_up"].iloc[-1]
        slower = last == rows["speed_up"].min()
        axes.annotate(
            f"{last:.2f}",
            (last, y),
            (-8 if slower else 8, 0),
            textcoords="offset points",
            ha="right" if slower else "left",
            va="center",
            size=8.5,
            # Over the dotted lines.
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 1},
        )
    for threads in counts:
        axes.axvline(threads, color=MUTED, lw=0.8, ls=":", zorder=1)
    axes.set_ylim(len(shown) - 0.5, -0.5)
    axes.set_xlim(
        min(0.9, table["speed_up"].min() - 0.3), max(counts[-1], table["speed_up"].max()) + 0.3
    )
    axes.set_yticks(range(len(shown)), [framework.label for framework in shown])
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x")
    axes.set_xlabel("times as fast as with one thread (dotted lines: the ideal)")
    title(
        figure,
        headline(table, shown),
        f"An epoch of {network_label(network)}. Further right is better. One run for each number "
        "of threads.",
    )
    for threads in counts:
        marker = MARKERS[counts.index(threads) % len(MARKERS)]
        axes.plot([], [], marker, color=INK, ms=7, ls="", label=plural(str(threads), "thread"))
    place = (0.008, 1 - 0.6 / total)
    figure.legend(loc="upper left", ncols=len(counts), borderaxespad=0, bbox_to_anchor=place)
    how = (
        "The median of all epochs but the first, alone on the machine, each thread on its own core."
    )
    footer(figure, f"{how}{idle(table, shown)}")
    return figure


def main(job: Job) -> None:
    table = read_table(job.input.table, COLUMNS)
    frameworks = read_frameworks(job.input.frameworks, read_paper(job.input.lines))
    figure = draw(table, frameworks, job.params.network)
    save(figure, job.output.svg, job.output.png, job.params.mode)


if __name__ == "__main__":
    run(main)
