"""Draw how fast the arithmetic of each framework is: in 2016, and here beside the machine's."""

import pandas as pd
from arithmetic.table import COLUMNS, NARROW, WIDE
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullFormatter
from shared.figure_style import INK, MUTED, PUBLISHED, WIDTH, footer, panel, save, title
from shared.frameworks import Framework, read_frameworks, read_paper
from shared.script import Job, run
from shared.tables import read_table

# Inches.
ROW = 0.25
GAP = 0.35


def headline(table: pd.DataFrame, names: list[str]) -> str:
    """Return the finding: how near the frameworks come to the speed of a matrix product.

    ``names`` are what the framework of each row is called.
    """
    shares = table["share_of_machine"].reset_index(drop=True)
    if shares.isna().all():
        return "How fast the arithmetic is, apart from everything else"
    best, worst = shares.idxmax(), shares.idxmin()
    said = f"{names[best]} reaches {100 * shares[best]:.0f} % of the speed of a matrix product"
    return said if best == worst else f"{said}, {names[worst]} {100 * shares[worst]:.0f} %"


def draw(
    table: pd.DataFrame, paper: pd.DataFrame, frameworks: list[Framework], labels: dict[str, str]
) -> Figure:
    """Draw a point for each row of `table.build` that has a speed, on a logarithmic axis.

    ``paper`` and ``frameworks`` as `frameworks.read_paper` and `read_frameworks` return them;
    ``labels`` are what recipes are called.
    """
    known = {framework.name: framework for framework in frameworks}
    table = table[table["gflops"].notna()].reset_index(drop=True)
    measured = table["machine_gflops"].notna()
    places = [ROW * index + GAP * is_measured for index, is_measured in enumerate(measured)]
    top, bottom, left = 0.7, 0.8, 3.4
    body = places[-1] + ROW
    total = top + body + bottom
    figure = Figure(figsize=(WIDTH, total))
    axes = panel(figure, left, bottom, WIDTH - left - 0.35, body)
    names, words = [], []
    for row, y in zip(table.itertuples(), places, strict=True):
        framework = known.get(row.framework)
        label = paper.label.get(row.framework, row.framework)
        name = framework.label if framework else row.framework
        names.append(name)
        if pd.isna(row.machine_gflops):
            words.append(f"{label}, published 2016, n={row.runs}")
            look = {
                "color": PUBLISHED,
                "marker": "D",
                "markersize": 5.5,
                "markerfacecolor": "white",
            }
        else:
            words.append(f"{name}, {labels.get(row.recipe, row.recipe)}, n={row.runs}")
            marker = framework.marker if framework else {"marker": "o", "markersize": 5}
            look = {"color": framework.color if framework else INK, **marker}
            axes.plot(row.machine_gflops, y, "|", color=INK, markersize=11, markeredgewidth=1.6)
            axes.plot(
                [row.gflops, row.machine_gflops], [y, y], color=MUTED, linewidth=0.6, zorder=1
            )
        error = None if pd.isna(row.standard_error) else row.standard_error
        axes.errorbar(row.gflops, y, xerr=error, linestyle="", capsize=2.5, elinewidth=1, **look)
        axes.annotate(
            f"{row.gflops:.2g}" if row.gflops < 10 else f"{row.gflops:.0f}",
            (row.gflops, y), (0, 5), textcoords="offset points", ha="center", size=7.5, color=MUTED,
        )  # fmt: skip
    axes.set_xscale("log")
    axes.margins(x=0.06)
    axes.set_ylim(body - ROW / 2, -ROW * 0.9)
    axes.set_yticks(places, words)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x")
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set_xlabel("speed of the work that more hidden units add (GFLOP/s), logarithmic")
    title(
        figure,
        headline(table, names),
        f"Marginal speed of training between {NARROW} and {WIDE:,} hidden units, one layer, ReLU. "
        "Higher is better.",
    )
    footer(
        figure,
        "Bars: one standard error of n runs. Upright strokes: the matrix product of the "
        "machine here. The machine of 2016 is not known.",
    )
    return figure


def main(job: Job) -> None:
    paper = read_paper(job.input.lines)
    frameworks = read_frameworks(job.input.frameworks, paper)
    table = read_table(job.input.table, COLUMNS)
    figure = draw(table, paper, frameworks, job.params.labels)
    save(figure, job.output.svg, job.output.png, job.params.mode)


if __name__ == "__main__":
    run(main)
