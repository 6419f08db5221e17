"""Draw how far frameworks differ with one recipe, and recipes with one framework."""

import numpy as np
import pandas as pd
from analysis.cross import ALL, TRAINS_WELL, WELL
from analysis.differences import COLUMNS, FACTORS, MARGIN, largest_difference, levels_of
from analysis.opening_sentence import RECIPE_COLUMNS, SHARE_COLUMNS, share_sentence
from analysis.variance import networks_of, points
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from shared.figure_style import CONTEXT, GRID, INK, MUTED, WARNING, WIDTH, footer, save, title
from shared.labels import listed
from shared.script import Job, run
from shared.study import plural
from shared.tables import read_table

# Inches.
ROW = 0.27


def against(part: pd.DataFrame, wanted: str) -> pd.DataFrame:
    """Return the difference (points) of each level from a base level, with its interval, sorted.

    ``part`` has the rows of a factor of the table of differences. The base level is ``wanted``, or
    the first level if that was not run. It has the difference 0. The largest difference is first.
    """
    levels = levels_of(part)
    one = wanted if wanted in levels else levels[0]
    turned = part.rename(columns={"first": "second", "second": "first"}).assign(
        difference=-part["difference"], low=-part["high"], high=-part["low"]
    )
    both = pd.concat([part, turned])
    found = both[both["second"] == one].set_index("first")[["difference", "low", "high"]]
    found.loc[one] = [0.0, np.nan, np.nan]
    return 100 * found.sort_values("difference", ascending=False)


def signed(value: float) -> str:
    """Write a difference in points with its sign; never a negative zero."""
    return f"{round(value, 2) + 0.0:+.2f}".replace("-", "\N{MINUS SIGN}")


def draw_panel(axes: Axes, found: pd.DataFrame, labels: dict[str, str]) -> None:
    """Draw a dot for each row of `against`, its interval, and its value beside it."""
    margin = 100 * MARGIN
    axes.axvspan(-margin, margin, color=GRID, linewidth=0)
    axes.axvline(0, color=CONTEXT, linewidth=1)
    names = [labels.get(name, name) for name in found.index]
    for y, row in enumerate(found.itertuples()):
        one = row.difference == 0 and np.isnan(row.low) and found["difference"].eq(0).sum() == 1
        if not np.isnan(row.low):
            axes.plot([row.low, row.high], [y, y], color=INK, linewidth=1.4)
        axes.plot(row.difference, y, "o", color=INK, markersize=5,
                  markerfacecolor="white" if one else INK)  # fmt: skip
        axes.annotate(
            "reference" if one else signed(row.difference),
            (np.nanmax([row.difference, row.high]), y), (6, 0), textcoords="offset points",
            va="center", size=7.5, color=MUTED if one else INK,
        )  # fmt: skip
    axes.set_yticks(range(len(names)), names)
    axes.tick_params(axis="y", length=0)
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.set_xlabel("difference in accuracy (percentage points)")


def headline(parts: dict[str, pd.DataFrame], scope: str) -> str:
    """Return the finding: the largest differences, of what could be compared with ``scope``."""
    told = [
        f"{points(largest_difference(part)[0])} points between {factor}s"
        for factor, part in parts.items()
        if part["difference"].notna().any()
    ]
    if not told:
        return "Framework or recipe?"
    where = "Where recipes train well, accuracy" if scope == WELL else "Accuracy"
    return f"{where} differs by up to {listed(told)}"


def how_many(parts: dict[str, pd.DataFrame], scope: str) -> str:
    """Return the intervals of the largest differences, and what they are of."""
    bounds = [
        f"{points(low)} to {points(high)}"
        for _, low, high in map(largest_difference, parts.values())
        if pd.notna(high)
    ]
    interval = f"95 % interval {' and '.join(bounds)}; " if bounds else ""
    frameworks, recipes = (len(levels_of(parts[factor])) for factor in ("framework", "recipe"))
    trainings = plural(str(parts["framework"]["runs"].iloc[0]), "training")
    return (
        f"{interval}{trainings} of {plural(str(frameworks), 'framework')} with {scope} ({recipes})."
    )


def draw(
    differences: pd.DataFrame,
    shares: pd.DataFrame,
    recipes: pd.DataFrame,
    labels: dict[str, str],
    reference: dict[str, str],
) -> Figure:
    """Draw a panel for the frameworks and one for the recipes, with the same scale.

    Args:
        differences, shares, recipes: The tables of `differences.compare`, `variance.analyse` and
            `cross.describe_recipes`.
        labels: What frameworks and recipes are called.
        reference: The framework and the recipe that the others are compared with.

    Where too little was run, a panel has a sentence in large letters.
    """
    well = differences[differences["scope"] == WELL]
    scope = WELL if well["difference"].notna().any() else ALL
    parts = {
        factor: differences[(differences["scope"] == scope) & (differences["factor"] == factor)]
        for factor in FACTORS
    }
    found = {
        factor: against(part, reference[factor])
        for factor, part in parts.items()
        if part["difference"].notna().any()
    }
    intervals = any(table["low"].notna().any() for table in found.values())
    lines = [
        f"Means over {listed(networks_of(shares))}, on all test images. "
        + ("Lines: 95 % intervals of a mixed model, for all pairs together. " if intervals else "")
        + (f"Grey: within {points(MARGIN)} points." if found else ""),
        share_sentence(shares),
    ]
    bad = recipes[~recipes["trains_well"]]
    if scope == WELL and len(bad):
        names = [
            f"{labels.get(row.recipe, row.recipe)} ({100 * row.lowest:.1f} %)"
            for row in bad.itertuples()
        ]
        lines.append(
            f"Left out, as a network stays below {100 * TRAINS_WELL:.0f} % (the lowest): "
            f"{listed(names)}."
        )
    # Inches.
    top, left, gap, right = 1.0, 1.75, 2.05, 0.65
    bottom = 0.62 + 0.17 * len(lines)
    body = ROW * max([len(table) for table in found.values()] + [3])
    total = top + body + bottom
    width = (WIDTH - left - gap - right) / 2
    figure = Figure(figsize=(WIDTH, total))
    ends = np.array([100 * MARGIN, *(np.nanmax(np.abs(table)) for table in found.values())]).max()
    values = np.concatenate([table.to_numpy().ravel() for table in found.values()] or [[0.0]])
    low, high = np.nanmin([*values, -100 * MARGIN]), np.nanmax([*values, 100 * MARGIN])
    for place, (factor, other) in enumerate(FACTORS.items()):
        x = left + place * (width + gap)
        axes = figure.add_axes((x / WIDTH, bottom / total, width / WIDTH, body / total))
        axes.set_title(
            f"{factor}s, with one {other}".capitalize(), size=9.5, weight="bold", loc="left", pad=5
        )
        if factor in found:
            draw_panel(axes, found[factor], labels)
            axes.set_xlim(low - 0.04 * ends, high + 0.22 * (high - low))
            continue
        axes.set_axis_off()
        problem = parts[factor]["problem"].iloc[0]
        axes.text(
            0.0, 0.5, f"The {factor}s cannot\nbe compared:\n{problem}.", size=15, weight="bold",
            color=WARNING, va="center",
        )  # fmt: skip
    title(figure, headline(parts, scope), how_many(parts, scope))
    footer(figure, *filter(None, lines))
    return figure


def main(job: Job) -> None:
    figure = draw(
        read_table(job.input.differences, COLUMNS).fillna({"problem": ""}),
        read_table(job.input.variance, SHARE_COLUMNS),
        read_table(job.input.recipes, RECIPE_COLUMNS),
        job.params.labels,
        job.params.reference,
    )
    save(figure, job.output.svg, job.output.png, job.params.mode)


if __name__ == "__main__":
    run(main)
