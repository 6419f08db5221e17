"""Draw figure 13: the lines of code of each framework's programs, beside the paper's counts."""

from dataclasses import dataclass

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from shared.figure_style import INK, MUTED, PUBLISHED, WIDTH, footer, panel, save, title
from shared.frameworks import Framework, read_frameworks, read_paper
from shared.script import Job, run
from shared.tables import read_table

# Inches.
ROW = 0.25
LINEAGE_GAP = 0.2


@dataclass(frozen=True)
class Bar:
    """One row of the figure: ``code`` of its ``physical`` lines are neither blank nor comment.

    ``code`` is None for what the paper counted; both are None for what was not counted here.
    """

    words: str
    lineage: str | None
    color: str
    physical: int | None
    code: int | None = None


def shape_bars(table: pd.DataFrame, paper: pd.DataFrame, frameworks: list[Framework]) -> list[Bar]:
    """The rows of the figure from top to bottom: each lineage's, then those without an ancestor.

    Args:
        table: Columns framework, physical_lines, code_lines; a row for each framework.
        paper, frameworks: As `frameworks.read_paper` and `read_frameworks` return them.
    """
    counts = table.set_index("framework")[["physical_lines", "code_lines"]]
    bars = []
    for lineage in [*paper.index, None]:
        family = [framework for framework in frameworks if framework.lineage == lineage]
        if lineage is not None:
            row = paper.loc[lineage]
            words = f"{row.label}, {row.language}"
            bars.append(Bar(words, lineage, PUBLISHED, int(row.lines)))
            if lineage not in [framework.name for framework in family]:
                bars.append(Bar(f"The {row.year} version", lineage, INK, None))
        for framework in family:
            words = f"{framework.label}, {framework.year}, {framework.language}"
            physical, code = None, None
            if framework.name in counts.index:
                physical, code = (int(count) for count in counts.loc[framework.name])
            bars.append(Bar(words, lineage, framework.color, physical, code))
    return bars


def heights(bars: list[Bar]) -> list[float]:
    """How far each row's middle lies under the first's, in inches, with a gap between lineages."""
    at = 0.0
    places = []
    for index, bar in enumerate(bars):
        if index:
            at += ROW + (LINEAGE_GAP if bar.lineage != bars[index - 1].lineage else 0)
        places.append(at)
    return places


def draw(bars: list[Bar]) -> Figure:
    """Draw the bars of `shape_bars`."""
    places = heights(bars)
    top, bottom, left = 1.0, 0.55, 2.75
    body = places[-1] + ROW
    figure = Figure(figsize=(WIDTH, top + body + bottom))
    total = figure.get_figheight()
    axes = panel(figure, left, bottom, WIDTH - left - 0.2, body)
    longest = max(bar.physical or 0 for bar in bars)
    room = 0.012 * longest
    for bar, y in zip(bars, places, strict=True):
        if bar.physical is None:
            words, style = "not measured here", {"color": MUTED, "style": "italic"}
        elif bar.code is None:
            axes.barh(y, bar.physical, 0.72 * ROW, color="white", edgecolor=PUBLISHED, hatch="////")
            words, style = f"{bar.physical}", {}
        else:
            axes.barh(y, bar.physical, 0.72 * ROW, color=bar.color, alpha=0.35)
            axes.barh(y, bar.code, 0.72 * ROW, color=bar.color)
            words, style = f"{bar.physical}, {bar.code} of them code", {}
        axes.text((bar.physical or 0) + room, y, words, va="center_baseline", size=8.5, **style)
    axes.set_ylim(body - ROW / 2, -ROW / 2)
    # The words after the longest bar need room too.
    axes.set_xlim(0, 1.24 * longest)
    axes.set_yticks(places, [bar.words for bar in bars])
    for label, bar in zip(axes.get_yticklabels(), bars, strict=True):
        label.set_weight("bold" if bar.color == PUBLISHED else "normal")
    axes.tick_params(axis="y", length=0)
    axes.spines["bottom"].set_visible(False)
    axes.tick_params(axis="x", labelbottom=False, length=0)
    title(
        figure,
        "Figure 13. Lines of code",
        "Lower is better, though a line is not worth the same in every language.",
    )
    samples = [
        Patch(facecolor="white", edgecolor=PUBLISHED, hatch="////", label="published 2016 (bold)"),
        Patch(facecolor=INK, label="measured here: lines of code"),
        Patch(facecolor=INK, alpha=0.35, label="with blank lines and comments"),
    ]
    figure.legend(
        handles=samples, loc="upper left", ncols=3, borderaxespad=0, columnspacing=2.5,
        bbox_to_anchor=(0.008, 1 - 0.62 / total),
    )  # fmt: skip
    footer(
        figure,
        "Counted here: the source files that each framework's description names. "
        "The 2016 counts are the lines of the authors' files, blank ones and comments included.",
    )
    return figure


def main(job: Job) -> None:
    paper = read_paper(job.input.lines)
    table = read_table(job.input.table, ["framework", "physical_lines", "code_lines"])
    frameworks = read_frameworks(job.input.frameworks, paper)
    bars = shape_bars(table, paper, frameworks)
    save(draw(bars), job.output.svg, job.output.png, job.params.mode)


if __name__ == "__main__":
    run(main)
