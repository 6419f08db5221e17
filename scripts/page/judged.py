"""What was judged: the statements of the paper as cards, its numbers as the cells of a grid."""

import pandas as pd
from page.inputs import Run, Tables, records
from page.overview import KINDS, MEASURES, SETTINGS
from verdicts.basis import NOT_REPRODUCED, NUMBER_KEYS
from verdicts.checks import probable, written

STATEMENT_COLUMNS = [
    "id", "place", "statement", "setting", "verdict", "probability", "explanation",
]  # fmt: skip
NUMBER_COLUMNS = [
    *NUMBER_KEYS, "cell_verdict", "recipe", "verdict", "published_mean", "published", "ours",
    "agrees_from", "agrees_to", "difference", "low", "high", "n", "reason",
]  # fmt: skip


def statements(run: Run, tables: Tables) -> list[dict]:
    """Return a card for each statement: id, place, statement, and its verdicts by setting."""
    table = tables.get("verdicts-statements", STATEMENT_COLUMNS)
    cards = []
    for name, of in table.groupby("id", sort=False):
        first = of.iloc[0]
        verdicts = [
            {
                "setting": row["setting"],
                "label": SETTINGS.get(row["setting"], row["setting"]),
                "verdict": row["verdict"],
                # The explanation of an ambiguous verdict contains its probability.
                "probability": probable(row["verdict"], row["probability"]),
                "explanation": run.worded(row["explanation"]),
            }
            for row in of.to_dict("records")
        ]
        cards.append(
            {"id": name, "place": first["place"], "statement": first["statement"],
             "verdicts": verdicts}
        )  # fmt: skip
    return cards


def parts(statements: list[dict]) -> list[tuple[str, str]]:
    """Return the options of the selector of statements: a word of their places, and its label."""
    conclusions = [("conclusion", "The paper's conclusions")]
    there_are = any("conclusion" in each["place"] for each in statements)
    return [*(conclusions if there_are else []), ("", "All statements")]


def as_value(value: float | None, measure: str) -> str:
    """Write an accuracy in per cent, and a time in seconds."""
    if value is None or pd.isna(value):
        return "not measured"
    return f"{value * 100:.1f} %" if measure == "accuracy" else f"{written(value)} s"


def as_range(low: float | None, high: float | None, measure: str) -> str:
    """Write a range: of differences of accuracy in percentage points, or of ratios of times."""
    if low is None or high is None or pd.isna(low) or pd.isna(high):
        return "none"
    if measure == "accuracy":
        return f"{low * 100:+.1f} to {high * 100:+.1f} points"
    return f"{low:.2f} to {high:.2f}"


def decided_by(row: dict, run: Run) -> dict:
    """Return what decided one verdict, as a reader wants it: pairs of a name and a value."""
    measure = row["measure"]
    is_accuracy = measure == "accuracy"
    ours = "Ours" if is_accuracy else "Ours, scaled to 2016"
    what = "Difference" if is_accuracy else "Ours, scaled / published"
    difference = f"{100 * row['difference']:+.1f} points" if row["difference"] is not None else ""
    compared = [("Published", as_value(row["published"], measure))]
    if is_accuracy and row["published"] != row["published_mean"]:
        compared = [
            ("First repetition in the logs", as_value(row["published"], measure)),
            ("Published mean of all", as_value(row["published_mean"], measure)),
        ]
    facts = [
        *compared,
        (ours, as_value(row["ours"], measure)),
        *([("Difference", difference)] if difference else []),
        (f"{what}, 90 % interval", as_range(row["low"], row["high"], measure)),
        ("Reproduced within", as_range(row["agrees_from"], row["agrees_to"], measure)),
        ("Repetitions", "0" if row["n"] is None else f"{row['n']:.0f}"),
    ]
    if row["verdict"] == NOT_REPRODUCED and row.get("cause"):
        facts.append(("Cause of the misses", row["cause"]))
    if row.get("not_in_ours"):
        facts.append(("Differs from ours", row["not_in_ours"]))
    return {
        "recipe": run.label(row["recipe"]),
        "verdict": row["verdict"],
        "facts": facts,
        "reason": run.worded((row["reason"] or "")[:1].upper() + (row["reason"] or "")[1:]),
    }


def grid(run: Run, tables: Tables) -> list[dict]:
    """Return a grid for each measure: name, frameworks (labels), and rows of cells by network.

    A cell has a verdict, its kind, and what decided it under each recipe; None where nothing was
    published.
    """
    table = tables.get("verdicts-numbers", NUMBER_COLUMNS)
    found = []
    for measure, of in table.groupby("measure", sort=False):
        frameworks = of["framework"].unique()
        cells: dict[tuple[str, str], dict] = {}
        for row in records(of):
            key = (row["network"], row["framework"])
            verdict = row["cell_verdict"]
            title = f"{run.label(row['framework'])}, {row['network']}"
            new = {"title": title, "verdict": verdict, "kind": KINDS[verdict], "by": []}
            cell = cells.setdefault(key, new)
            cell["by"].append(decided_by(row, run))
        rows = [
            {"network": network, "cells": [cells.get((network, each)) for each in frameworks]}
            for network in of["network"].unique()
        ]
        label = MEASURES.get(measure, measure)
        found.append({"name": label, "frameworks": list(map(run.label, frameworks)), "rows": rows})
    return found
