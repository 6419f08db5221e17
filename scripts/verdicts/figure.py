"""Draw the verdicts on all published numbers: a grid of framework x network for each measure."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from shared.figure_style import GRID, INK, MUTED, WIDTH, card, footer, panel, save, title
from shared.frameworks import read_paper
from shared.labels import listed
from shared.script import Job, run
from shared.tables import read_table
from verdicts.basis import (
    AMBIGUOUS,
    MEASURES,
    NOT_REPRODUCED,
    NOT_RUN,
    NUMBER_KEYS,
    REPRODUCED,
    VERDICTS,
)
from verdicts.checks import written
from verdicts.differences import ACCURACY_MARGIN
from verdicts.estimates import TIME_MARGIN

COLUMNS = [
    *NUMBER_KEYS, "cell_verdict", "verdict", "published_mean", "published",
    "ours", "own_runs", "other_runs", "interval", "reason",
]  # fmt: skip
# Why a number is ambiguous. There are three causes, and more runs help only against the first one.
STRADDLES = "ambiguous: the interval contains an end of the margin"
NOISY = "ambiguous: published value too noisy"
OTHERWISE = "ambiguous: not comparable, or too few runs"
# Two colours of Okabe and Ito that colour-blind readers tell apart, of different lightness; the
# symbols differ by themselves: full, crossed, empty, a dash.
SYMBOLS = {
    REPRODUCED: {"marker": "o", "color": "#009e73", "markersize": 9},
    NOT_REPRODUCED: {"marker": "X", "color": "#d55e00", "markersize": 9},
    STRADDLES: {"marker": "o", "color": MUTED, "markersize": 8, "markerfacecolor": "white"},
    NOISY: {"marker": "s", "color": MUTED, "markersize": 7, "markerfacecolor": "white"},
    OTHERWISE: {"marker": "^", "color": MUTED, "markersize": 8, "markerfacecolor": "white"},
    NOT_RUN: {"marker": "_", "color": MUTED, "markersize": 8, "markerfacecolor": MUTED},
}
WITHIN = "reproduced if the interval lies within"
TITLES = {
    "accuracy": f"Accuracy (%): {WITHIN} {100 * ACCURACY_MARGIN:g} point",
    "train_seconds": f"Training time (s): {WITHIN} a factor of {TIME_MARGIN:g}",
    "predict_seconds": f"Prediction time (s): {WITHIN} a factor of {TIME_MARGIN:g}",
}
# After a value: who ran it, or where it was published.
BY_REFERENCE, FROM_LOGS = "*", "†"
# Published accuracies have three decimals.
ROUNDING = 0.0005
# Reasons that a card names.
REASONS = 4
# Inches.
ROW = 0.42
LEFT, TOP, BOTTOM, HEADING, NAMES = 1.4, 1.18, 0.7, 0.32, 0.3


def shape_cells(table: pd.DataFrame) -> pd.DataFrame:
    """Return a row for each framework, network and measure, with the verdict of the cell.

    Of a cell that was judged under several recipes, the shown value is that of the first recipe
    which has the cell's verdict.
    """
    decides = table["verdict"] == table["cell_verdict"]
    return (
        table.assign(decides=decides)
        .sort_values("decides", ascending=False, kind="stable")
        .drop_duplicates(NUMBER_KEYS)
        .sort_index()
    )


def symbol_of(row: dict) -> str:
    """Return the key of a cell's symbol: its verdict or, if it is ambiguous, the cause."""
    if row["cell_verdict"] != AMBIGUOUS:
        return row["cell_verdict"]
    if row["verdict"] != AMBIGUOUS or row["interval"] == "none":
        return OTHERWISE
    return NOISY if str(row["reason"]).startswith("uninformative") else STRADDLES


def number(value: float, measure: str) -> str:
    """Write an accuracy in percent, or seconds with three digits; a dash if it is not there."""
    if pd.isna(value):
        return "-"
    return f"{100 * value:.1f}" if measure == "accuracy" else written(value)


def marked(row: dict, column: str) -> str:
    """Write the value of a cell, ours or the published one, with its mark if it has one."""
    words = number(row[column], row["measure"])
    if column == "ours" and row["other_runs"] and not row["own_runs"]:
        return words + BY_REFERENCE
    # The paper's mean is that of all repetitions.
    if column == "published" and abs(row["published"] - row["published_mean"]) > ROUNDING:
        return words + FROM_LOGS
    return words


def headline(cells: pd.DataFrame) -> str:
    """Return the finding: how many numbers have each verdict."""
    counts = cells["cell_verdict"].value_counts()
    of = {verdict: counts.get(verdict, 0) for verdict in VERDICTS}
    parts = [
        f"{of[REPRODUCED]} are reproduced",
        f"{of[NOT_REPRODUCED]} are not",
        f"{of[AMBIGUOUS]} are ambiguous",
    ]
    if of[NOT_RUN]:
        parts.append(f"{of[NOT_RUN]} were not run")
    return f"Of {len(cells)} published numbers, {listed(parts)}"


def draw_grid(axes: Axes, cells: pd.DataFrame, paper: pd.DataFrame, networks: list[str]) -> None:
    """Draw the verdicts of one measure."""
    frameworks = [name for name in paper.index if name in set(cells["framework"])]
    for row in cells.to_dict("records"):
        x, y = networks.index(row["network"]), frameworks.index(row["framework"])
        axes.plot(x - 0.24, y, linestyle="", markeredgewidth=1.2, **SYMBOLS[symbol_of(row)])
        for column, height, ink in (("ours", -0.19, INK), ("published", 0.19, MUTED)):
            axes.text(x - 0.06, y + height, marked(row, column), size=8, va="center", color=ink)
    axes.set_xlim(-0.5, len(networks) - 0.5)
    axes.set_ylim(len(frameworks) - 0.5, -0.5)
    axes.set_yticks(range(len(frameworks)), [paper.label[name] for name in frameworks])
    axes.set_xticks(range(len(networks)), networks, size=7.5)
    axes.tick_params(length=0)
    for y in range(len(frameworks) - 1):
        axes.axhline(y + 0.5, color=GRID, linewidth=0.8, zorder=0)
    axes.spines[:].set_visible(False)


def draw_card(cells: pd.DataFrame) -> Figure:
    """Say in large letters that nothing was judged, and the most frequent reasons."""
    reasons = cells["reason"].value_counts()
    words = [
        f"{reason[0].upper()}{reason[1:]}." + (f" ({count} numbers)" if len(reasons) > 1 else "")
        for reason, count in reasons[:REASONS].items()
    ]
    if len(reasons) > REASONS:
        words.append("The table of the verdicts has the other reasons.")
    return card(
        "The published numbers",
        f"{len(cells)} numbers of the 2016 paper: accuracies and times",
        "No published number was judged.",
        words,
    )


def draw(table: pd.DataFrame, paper: pd.DataFrame) -> Figure:
    """Draw the figure; where no cell was run, a card that says so.

    Args:
        table: As verdicts/numbers.py writes it.
        paper: As `frameworks.read_paper` returns it.
    """
    cells = shape_cells(table)
    if (cells["cell_verdict"] == NOT_RUN).all():
        return draw_card(cells)
    networks = list(dict.fromkeys(cells["network"]))
    measures = [measure for measure in MEASURES if measure in set(cells["measure"])]
    body = ROW * cells["framework"].nunique()
    total = TOP + BOTTOM + len(measures) * (HEADING + body + NAMES)
    figure = Figure(figsize=(WIDTH, total))
    for index, measure in enumerate(measures):
        of_measure = cells[cells["measure"] == measure]
        top = total - TOP - index * (HEADING + body + NAMES)
        counts = [
            f"{(of_measure['cell_verdict'] == verdict).sum()} {verdict}" for verdict in VERDICTS
        ]
        figure.text(0.012, (top - 0.1) / total, TITLES[measure], weight="bold", va="top")
        figure.text(
            0.988, (top - 0.1) / total, ", ".join(counts), ha="right", va="top", color=MUTED,
        )  # fmt: skip
        axes = panel(figure, LEFT, top - HEADING - body, WIDTH - LEFT - 0.1, body)
        draw_grid(axes, of_measure, paper, networks)
    title(
        figure,
        headline(cells),
        "Each framework of the paper under the recipe that its authors' script had.",
    )
    samples = [
        Line2D([], [], linestyle="", markeredgewidth=1.2, label=verdict, **symbol)
        for verdict, symbol in SYMBOLS.items()
    ]
    figure.legend(
        handles=samples, loc="upper left", ncols=3, borderaxespad=0, columnspacing=2.5,
        bbox_to_anchor=(0.008, 1 - 0.64 / total),
    )  # fmt: skip
    footer(
        figure,
        f"Ours above, published below in grey. {BY_REFERENCE} Run with NumPy alone; the "
        "framework has passed the equivalence check.",
        f"{FROM_LOGS} The first repetition in the authors' logs. The paper has the mean of ten "
        "repetitions, each of which trained the network further.",
        "Our times are divided by one factor for each framework and measure, so that the "
        "speed of the machine does not matter.",
    )
    return figure


def main(job: Job) -> None:
    table = read_table(job.input.verdicts, COLUMNS)
    figure = draw(table, read_paper(job.input.lines))
    save(figure, job.output.svg, job.output.png, job.params.mode)


if __name__ == "__main__":
    run(main)
