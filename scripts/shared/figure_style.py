"""What the figures share: the look, and how they are written."""

import textwrap
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.text import Text
from matplotlib.transforms import Bbox
from shared.script import whole_file
from shared.study import check_words

# Inches. At 100 dots an inch this is the width of a report's page; the PNG has twice the dots.
WIDTH = 10.0
PNG_DOTS_PER_INCH = 200

INK = "#1f1f1f"
MUTED = "#5f5f5f"
PUBLISHED = "#7d7d7d"
CONTEXT = "#c6c6c6"
GRID = "#ececec"
# Of Okabe and Ito: dark enough to be read on white.
WARNING = "#d55e00"
# Inches that `banner` needs for its two lines.
BANNER = 0.72
# Inches that `save` adds above a figure for its line.
STRIP = 0.45

# A user's own matplotlibrc must not change a result.
matplotlib.rcdefaults()
matplotlib.rcParams.update(
    {
        "font.family": "DejaVu Sans",
        "font.size": 9,
        "text.color": INK,
        "axes.edgecolor": MUTED,
        "axes.labelcolor": INK,
        "axes.linewidth": 0.8,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.axisbelow": True,
        "xtick.color": MUTED,
        "ytick.color": MUTED,
        "xtick.labelcolor": INK,
        "ytick.labelcolor": INK,
        "grid.color": GRID,
        "legend.frameon": False,
        # Letters as outlines look the same where the font is not installed.
        "svg.fonttype": "path",
        # Otherwise the identifiers inside an SVG are random each time.
        "svg.hashsalt": "figure",
    }
)


def panel(figure: Figure, left: float, bottom: float, width: float, height: float) -> Axes:
    """Add axes whose place and size are given in inches, as those of the figure are."""
    across, up = figure.get_size_inches()
    return figure.add_axes((left / across, bottom / up, width / across, height / up))


def title(figure: Figure, headline: str, detail: str) -> None:
    """Write a bold headline and a line of detail in the figure's top left corner."""
    height = figure.get_figheight()
    # Eighty-four letters of this size are as wide as the figure; a finding may be longer.
    size = 12.5 * min(1, 84 / len(headline))
    figure.text(0.012, 1 - 0.12 / height, headline, size=size, weight="bold", va="top")
    figure.text(0.012, 1 - 0.38 / height, detail, size=9, color=MUTED, va="top")


def banner(figure: Figure, sentences: str) -> None:
    """Write a warning in large letters under the title, a line for each sentence."""
    lines = sentences.replace(". ", ".\n")
    # Sixty letters of this size are as wide as the figure; a data set's label may be longer.
    size = 17 * min(1, 60 / max(map(len, lines.split("\n"))))
    figure.text(
        0.012, 1 - 0.66 / figure.get_figheight(), lines, size=size, weight="bold", color=WARNING,
        va="top", linespacing=1.25,
    )  # fmt: skip


def card(headline: str, detail: str, words: str, reasons: list[str]) -> Figure:
    """Return a figure that says in large letters what it cannot show, and below them why."""
    lines = [line for sentence in reasons for line in textwrap.wrap(sentence, 80)]
    height = 1.95 + 0.26 * len(lines)
    figure = Figure(figsize=(WIDTH, height))
    title(figure, headline, detail)
    figure.text(
        0.5, 1 - 0.85 / height, words, size=26 * min(1, 42 / len(words)), weight="bold",
        color=WARNING, ha="center", va="top",
    )  # fmt: skip
    figure.text(
        0.5, 1 - 1.5 / height, "\n".join(lines), size=13, ha="center", va="top", linespacing=1.4,
    )  # fmt: skip
    return figure


def footer(figure: Figure, *lines: str) -> None:
    """Write what was measured, and how, in the figure's bottom left corner."""
    figure.text(
        0.012,
        0.08 / figure.get_figheight(),
        "\n".join(lines),
        size=8,
        color=MUTED,
        va="bottom",
        linespacing=1.4,
    )


def heat_cell(
    axes: Axes, x: int, y: int, words: str, colour: tuple | None, dark: float = 0.5, **style: Any
) -> Text:
    """Draw a cell of a heat map, one wide and one high, and return the words in its middle.

    A cell without a colour is hatched. The words are white on colours whose lightness (0 to 1) is
    below ``dark``. ``style`` is that of the words.
    """
    corner = (x - 0.5, y - 0.5)
    if colour is None:
        axes.add_patch(
            Rectangle(corner, 1, 1, facecolor="white", edgecolor="#d5d5d5", hatch="////",
                      linewidth=0)
        )  # fmt: skip
        style = {"size": 6.5, "bbox": {"facecolor": "white", "linewidth": 0, "pad": 1}, **style}
    else:
        axes.add_patch(Rectangle(corner, 1, 1, facecolor=colour, edgecolor="white", linewidth=0.8))
        # The perceived lightness of the cell decides which ink can be read on it.
        lightness = np.dot(colour[:3], (0.299, 0.587, 0.114))
        style = {"color": "white" if lightness < dark else INK, **style}
    return axes.text(x, y, words, ha="center", va="center", **style)


def save(figure: Figure, svg: str | Path, png: str | Path, mode: str = "default") -> None:
    """Write ``figure`` as SVG and PNG, the same bytes each time it is drawn from the same data.

    Above a figure of an installation check (``mode`` of the configuration) a large line says so. A
    figure that has a line of its own gives no mode.
    """
    area = Bbox.from_bounds(0, 0, *figure.get_size_inches())
    if words := check_words(mode):
        width, height = figure.get_size_inches()
        figure.text(
            0.012, 1 + 0.12 / height, words, size=17, weight="bold", color=WARNING, va="bottom"
        )
        area = Bbox.from_bounds(0, 0, width, height + STRIP)
    # The files must not contain the time or the version of matplotlib.
    with whole_file(svg) as path:
        metadata = {"Date": None, "Creator": None}
        figure.savefig(path, format="svg", metadata=metadata, bbox_inches=area)
    with whole_file(png) as path:
        figure.savefig(
            path, format="png", dpi=PNG_DOTS_PER_INCH, metadata={"Software": None},
            bbox_inches=area,
        )  # fmt: skip
