"""The charts of the page, as Altair makes them.

Colours are the variables of templates/page.css, so that one chart fits a light page, a dark one and
paper. Marks differ by shape or by filling too.
"""

import altair as alt
import pandas as pd
from page.overview import AMBIGUOUS, CONFIRMED, NOT_RUN, REFUTED, SYMBOLS, VERDICTS, Total
from page.ranking import seconds

INK, MUTED, LINE = "var(--ink)", "var(--muted)", "var(--line)"
ACCENT, PAPER = "var(--accent)", "var(--card)"
FONT = "system-ui, sans-serif"
# The height of a row with its name above its marks, in pixels.
TALL = 44
COLOURS = {
    CONFIRMED: "var(--holds)",
    REFUTED: "var(--fails)",
    AMBIGUOUS: "var(--ambiguous)",
    NOT_RUN: "var(--not-run)",
}
TEXT_COLOURS = {
    CONFIRMED: "var(--on-holds)",
    REFUTED: "var(--on-fails)",
    AMBIGUOUS: "var(--on-ambiguous)",
    NOT_RUN: "var(--on-ambiguous)",
}
# Accuracies (%) that an axis names. It is logarithmic in the error, which is 100 % minus the
# accuracy.
NAMED_ACCURACIES = (
    99.5, 99, 98.5, 98, 97, 96, 95, 94, 92, 90, 88, 86, 84, 82, 80, 75, 70, 60, 50, 30, 10,
)  # fmt: skip
# And the seconds that an axis may name.
NAMED_SECONDS = [digit * 10.0**power for power in range(-4, 5) for digit in (1, 2, 5)]


def finished(chart: alt.TopLevelMixin, **size: object) -> dict:
    """Return the Vega-Lite document of a chart, with the look that all of them share."""
    return (
        chart.properties(width="container", **size)
        .configure(font=FONT, background="transparent", aria=False)
        .configure_view(stroke=None)
        .configure_axis(
            labelColor=INK, titleColor=MUTED, gridColor=LINE, domainColor=LINE, tickColor=LINE,
            labelFontSize=13, titleFontSize=12, titleFontWeight="normal", labelLimit=150,
        )
        .configure_axisY(domain=False, ticks=False, labelPadding=10, grid=False)
        .to_dict()
    )  # fmt: skip


def _colour(scale: dict[str, str], field: str) -> alt.Color:
    """Return the colours of a field's values, without a legend."""
    return alt.Color(
        field, type="nominal", legend=None,
        scale=alt.Scale(domain=list(scale), range=list(scale.values())),
    )  # fmt: skip


def verdicts(found: list[Total]) -> dict:
    """Draw how many verdicts of each kind each group has: a bar of parts, with their numbers."""
    rows = []
    for total in found:
        start = 0
        for verdict in VERDICTS:
            count = total.counts[verdict]
            middle, end = (start + count / 2) / total.sum, (start + count) / total.sum
            # The symbol needs room too.
            said = f"{SYMBOLS[verdict]} {count}" if count / total.sum > 0.1 else f"{count}"
            rows.append(
                {"group": total.group, "kind": verdict, "verdict": total.word(verdict),
                 "count": count, "of": total.sum, "said": said, "from": start / total.sum,
                 "to": end, "middle": middle}
            )  # fmt: skip
            start += count
    data = pd.DataFrame(rows)
    base = alt.Chart(data[data["count"] > 0]).encode(
        y=alt.Y("group:N", sort=None, axis=None), tooltip=["group", "verdict", "count", "of"]
    )
    bars = base.mark_bar(height=20, strokeWidth=2, yOffset=9).encode(
        x=alt.X("from:Q", axis=None, scale=alt.Scale(domain=[0, 1])),
        x2="to:Q",
        color=_colour(COLOURS, "kind"),
        # With an outline, as in the legend, because the fill is nearly the colour of the
        # background.
        stroke=alt.condition(alt.datum.kind == NOT_RUN, alt.value(MUTED), alt.value(PAPER)),
    )
    counts = (
        base.transform_filter("datum.to - datum.from > 0.04")
        .mark_text(fontSize=12, fontWeight="bold", yOffset=9)
        .encode(x="middle:Q", text="said:N", color=_colour(TEXT_COLOURS, "kind"))
    )
    groups = alt.Chart(data.drop_duplicates("group")).encode(
        y=alt.Y("group:N", sort=None, axis=None)
    )
    # Both colour scales have the same field, but not the same colours.
    layers = alt.layer(bars, counts, names(groups, "group")).resolve_scale(color="independent")
    return finished(layers, height=alt.Step(48))


def differences(table: pd.DataFrame) -> dict:
    """Draw how far each pair of frameworks, or of recipes, differs (percentage points)."""
    marks = (
        alt.Chart(table)
        .mark_point(size=90, filled=True, opacity=0.55, fill=ACCENT, yOffset=9)
        .encode(
            x=alt.X(
                "difference:Q",
                title="Percentage points (stretched near 0)",
                scale=alt.Scale(type="symlog", constant=0.2, domainMin=0),
                axis=alt.Axis(values=[0, 0.2, 0.5, 1, 2, 5, 10, 20, 50], format="~g"),
            ),
            y=alt.Y("factor:N", sort=None, axis=None),
            tooltip=["first", "second", alt.Tooltip("difference:Q", format=".2f")],
        )
    )
    factors = alt.Chart(table.drop_duplicates("factor")).encode(
        y=alt.Y("factor:N", sort=None, axis=None)
    )
    return finished(marks + names(factors, "factor"), height=alt.Step(TALL))


def lines(base: alt.Chart) -> alt.Chart:
    """Return a thin line for each row of a chart, on which its marks are."""
    return base.mark_rule(stroke=LINE, yOffset=9).encode(x=alt.value(0), x2=alt.value("width"))


def names(base: alt.Chart, field: str) -> alt.Chart:
    """Return the names of the rows, above the marks: beside them, they would fill half a phone."""
    return base.mark_text(align="left", yOffset=-8, fontSize=13, fill=INK).encode(
        x=alt.value(0), text=alt.Text(field, type="nominal")
    )


def in_short(row: dict, *, among_ranked: bool) -> str:
    """Write a time and its ranks: ``4.95 s, rank 1 to 2``.

    A framework without ranks among others that have some is a variant, and not ranked.
    """
    if pd.isna(row["rank_low"]):
        return seconds(row["seconds"]) + (", not ranked" if among_ranked else "")
    low, high = int(row["rank_low"]), int(row["rank_high"])
    return f"{seconds(row['seconds'])}, rank {low}" + (f" to {high}" if high > low else "")


def times(table: pd.DataFrame, first: dict[str, str]) -> dict:
    """Draw the times of one measure, network and recipe, ranked, with their intervals.

    ``first`` are the values that the parameters have at first; the page's selectors change them.
    """
    ranked = table.groupby(list(first))["rank_low"].transform("count") > 0
    shown = table.assign(
        may_be_first=table["rank_low"] == 1,
        short=[
            in_short(row, among_ranked=of_some)
            for row, of_some in zip(table.to_dict("records"), ranked, strict=True)
        ],
    )
    y = alt.Y("label:N", axis=None, sort=alt.EncodingSortField("seconds", op="min"))
    base = (
        alt.Chart(shown)
        .add_params(*(alt.param(name=f"{name}_chosen", value=v) for name, v in first.items()))
        .transform_filter(" && ".join(f"datum.{name} == {name}_chosen" for name in first))
        .encode(
            y=y,
            tooltip=[
                alt.Tooltip("label", title="framework"),
                alt.Tooltip("seconds", format=".4g"),
                alt.Tooltip("low", title="95 % from", format=".4g"),
                alt.Tooltip("high", title="to", format=".4g"),
                alt.Tooltip("short", title="in short"),
                alt.Tooltip("n", title="timed runs"),
            ],
        )
    )
    scale = alt.Scale(type="log", nice=False, padding=12)
    x = alt.X(
        "seconds:Q", title="Seconds (logarithmic)", scale=scale,
        axis=alt.Axis(values=NAMED_SECONDS, format="~g", labelOverlap=True),
    )  # fmt: skip
    intervals = (
        base.transform_filter("isValid(datum.low)")
        .mark_rule(strokeWidth=4, opacity=0.5, stroke=ACCENT, yOffset=9)
        .encode(x=alt.X("low:Q", scale=scale), x2="high:Q")
    )
    # One time alone would have an axis without length.
    room = (
        base.transform_calculate(least="datum.seconds * 0.9", most="datum.seconds * 1.1")
        .mark_rule(opacity=0)
        .encode(x=alt.X("least:Q", scale=scale), x2="most:Q")
    )
    dots = base.mark_point(size=100, strokeWidth=2.5, opacity=1, stroke=ACCENT, yOffset=9).encode(
        x=x, fill=alt.condition("datum.may_be_first", alt.value(ACCENT), alt.value(PAPER))
    )
    values = base.mark_text(align="right", yOffset=-8, fontSize=12, fill=MUTED).encode(
        x=alt.value("width"), text="short:N"
    )
    return finished(
        alt.layer(lines(base), room, intervals, dots, names(base, "label"), values),
        height=alt.Step(TALL),
    )


def _accuracy_axis(title: str) -> dict:
    """Return an axis of accuracies that is logarithmic in the error: 98 and 99 % are far apart."""
    return {
        "type": "quantitative",
        "title": title,
        "scale": alt.Scale(type="log", reverse=True, nice=False, padding=12),
        "axis": alt.Axis(
            values=[100 - value for value in NAMED_ACCURACIES],
            labelExpr="format(100 - datum.value, '~g') + ' %'",
            labelOverlap="greedy",
            labelSeparation=10,
            grid=True,
            gridOpacity=0.6,
        ),
    }


def _with_errors(table: pd.DataFrame, *columns: str) -> pd.DataFrame:
    """Return a table with the error (%) of each accuracy, at least as an axis can show it."""
    return table.assign(**{f"error_{c}": (100 - table[c]).clip(lower=0.01) for c in columns})


def accuracies(table: pd.DataFrame, network: str, framework: str) -> dict:
    """Draw the accuracy of every framework with every recipe, with one framework marked."""
    base = (
        alt.Chart(_with_errors(table, "accuracy"))
        .add_params(
            alt.param(name="network_chosen", value=network),
            alt.param(name="framework_chosen", value=framework),
        )
        .transform_filter("datum.network == network_chosen")
        .encode(
            x=alt.X("error_accuracy", **_accuracy_axis("Accuracy on all test images")),
            y=alt.Y("recipe:N", sort=None, axis=None),
            tooltip=[
                alt.Tooltip("label", title="framework"),
                "recipe",
                alt.Tooltip("accuracy:Q", title="accuracy (%)", format=".2f"),
                alt.Tooltip("n:Q", title="runs"),
            ],
        )
    )
    others = base.transform_filter("datum.label != framework_chosen").mark_tick(
        thickness=2, height=16, color=MUTED, opacity=0.7, yOffset=9
    )
    chosen = base.transform_filter("datum.label == framework_chosen").mark_point(
        size=110, filled=True, opacity=1, fill=ACCENT, yOffset=9
    )
    # One line and one name for each recipe, not for each of its marks.
    recipes = base.transform_aggregate(marks="count()", groupby=["recipe"])
    recipes = recipes.encode(tooltip=alt.value(None))
    layers = lines(recipes) + others + chosen + names(recipes, "recipe")
    return finished(layers, height=alt.Step(TALL))


def predicted(table: pd.DataFrame) -> dict:
    """Draw predicted against logged accuracies; the line is where both are equal."""
    table = _with_errors(table, "predicted", "logged")
    ends = [table[["error_predicted", "error_logged"]].min().min(), 90]
    x = alt.X("error_predicted", **_accuracy_axis("Ours, with the recipe of 2016"))
    y = alt.Y("error_logged", **_accuracy_axis("In the authors' logs"))
    line = (
        alt.Chart(pd.DataFrame({"error_logged": ends, "error_predicted": ends}))
        .mark_line(stroke=MUTED, strokeWidth=1.5)
        .encode(x=x, y=y)
    )
    kinds = {"published": ACCENT, "not published": PAPER}
    marks = (
        alt.Chart(table)
        .add_params(alt.param(name="recipe_chosen", value=""))
        .transform_filter("recipe_chosen == '' || datum.recipe == recipe_chosen")
        .mark_point(size=70, opacity=0.85, strokeWidth=2, stroke=ACCENT)
        .encode(
            x=x,
            y=y,
            fill=alt.Fill(
                "kind:N", legend=None,
                scale=alt.Scale(domain=list(kinds), range=list(kinds.values())),
            ),
            tooltip=[
                "recipe", "network", "epochs", "kind", "n",
                alt.Tooltip("logged:Q", format=".1f"), alt.Tooltip("predicted:Q", format=".1f"),
            ],
        )
    )  # fmt: skip
    return finished(line + marks, height=420)
