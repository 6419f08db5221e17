"""How accurate the networks are: by recipe and framework, and as the recipes of 2016 predict."""

import numpy as np
import pandas as pd
from analysis.cross import WELL
from page.inputs import Run, Tables
from shared.tables import without_carried_over

RUN_COLUMNS = ["framework", "recipe", "network", "epochs", "accuracy_all", "accuracy_of"]
PREDICTED_COLUMNS = ["recipe", "network", "epochs", "published", "predicted", "n", "logged"]
DIFFERENCE_COLUMNS = ["scope", "factor", "first", "second", "difference"]
# The factor that differs within a pair, while the other one is the same.
FACTORS = {"framework": "Two frameworks, same recipe", "recipe": "Two recipes, same framework"}


def by_recipe(run: Run, tables: Tables) -> pd.DataFrame:
    """Return the mean accuracy on all test images (%) of each recipe that several frameworks ran.

    Columns: framework, label, recipe, network, accuracy, n.
    """
    runs = tables.get("runs", RUN_COLUMNS)
    runs = runs[(runs["accuracy_of"] == "test") & runs["accuracy_all"].notna()]
    cells = without_carried_over(runs).groupby(["framework", "recipe", "network"], sort=False)[
        "accuracy_all"
    ]
    found = cells.agg(accuracy="mean", n="size").reset_index()
    several = found.groupby("recipe")["framework"].transform("nunique") > 1
    found = found[several]
    return found.assign(
        accuracy=found["accuracy"].astype(float) * 100,
        label=list(map(run.label, found["framework"])),
        recipe=list(map(run.label, found["recipe"])),
    )


def predicted(run: Run, tables: Tables) -> pd.DataFrame:
    """Return the cells of the authors' logs: predicted and logged accuracy (%), where both are."""
    table = tables.get("predicted", PREDICTED_COLUMNS).dropna(subset=["predicted", "logged"])
    return table[["network", "epochs", "n"]].assign(
        recipe=list(map(run.label, table["recipe"])),
        predicted=table["predicted"].astype(float) * 100,
        logged=table["logged"].astype(float) * 100,
        kind=np.where(table["published"].astype(bool), "published", "not published"),
    )


def differences(run: Run, tables: Tables) -> pd.DataFrame:
    """Return the difference of each pair (percentage points, without a sign).

    Columns: factor, first, second, difference. They are those of the recipes that train well, as in
    the answer above the chart.
    """
    table = tables.get("differences", DIFFERENCE_COLUMNS).dropna(subset=["difference"])
    table = table[table["scope"] == WELL]
    return pd.DataFrame(
        {
            "factor": [FACTORS.get(name, name) for name in table["factor"]],
            "first": list(map(run.label, table["first"])),
            "second": list(map(run.label, table["second"])),
            # Rounded, because the sums behind equal means can differ in their last bits.
            "difference": (table["difference"].astype(float).abs() * 100).round(4),
        }
    )
