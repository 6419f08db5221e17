"""The authors' logged repetitions, reference/logged-2016.csv (facts in logged-2016.md)."""

from pathlib import Path

import pandas as pd
from shared.tables import read_table
from verdicts.basis import MEASURES, Basis, with_networks

LOGGED_COLUMNS = [
    "set", "framework", "activation", "hidden_layers", "hidden_units", "epochs", "repetition",
    *MEASURES, "published",
]  # fmt: skip


def read_logged(path: str | Path) -> pd.DataFrame:
    """Read the logs, with a column ``network``."""
    return with_networks(read_table(path, LOGGED_COLUMNS))


def first_repetitions(logged: pd.DataFrame, basis: Basis) -> dict[tuple[str, str], float]:
    """Return `Basis.first_logged`."""
    carried_over = {name for name, own in basis.own.items() if basis.carried_over.intersection(own)}
    chosen = logged[
        logged["framework"].isin(carried_over)
        & (logged["epochs"] == basis.study.common.epochs)
        & (logged["repetition"] == 1)
    ]
    return chosen.set_index(["framework", "network"])["accuracy"].to_dict()


def logs_of(logged: pd.DataFrame, framework: str, recipe: str, basis: Basis) -> pd.DataFrame:
    """Return a framework's logs that a recipe is compared with.

    Where a framework has several sets, that is the published one unless the recipe names another.
    """
    chosen = logged[logged["framework"] == framework]
    published = chosen.loc[chosen["published"], "set"].unique()
    wanted = [basis.logs[recipe]] if recipe in basis.logs else published
    return chosen[chosen["set"].isin(wanted)]
