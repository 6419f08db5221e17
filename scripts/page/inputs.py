"""What the page is made from: those of the tables in results/tables that a run has."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
from shared.study import INSTALLATION_CHECK
from shared.tables import read_table


@dataclass(frozen=True)
class Run:
    """What the tables do not say of a run of the workflow.

    Attributes:
        mode: ``full``, ``default``, ``paper`` or ``installation check``.
        recipe: the recipe of the paper's figures, which all frameworks share.
        labels: how frameworks and recipes are called, by their names.
        own: the recipes of 2016 of each framework of the paper.
        skipped: by framework, what this machine lacks for it and how to get it.
        logs: the folder of the logs, as a link from the page.
    """

    mode: str
    recipe: str
    labels: Mapping[str, str] = field(default_factory=dict)
    own: Mapping[str, list[str]] = field(default_factory=dict)
    skipped: Mapping[str, str] = field(default_factory=dict)
    logs: str = "../logs"

    @property
    def is_check(self) -> bool:
        """Whether the runs are too small to judge anything."""
        return self.mode == INSTALLATION_CHECK

    def label(self, name: str) -> str:
        """Return how a framework or a recipe is called; itself if it has no label."""
        return self.labels.get(name, name)

    def worded(self, sentence: str) -> str:
        """Return a sentence of a table with labels in place of the names in it."""
        # At the start of a sentence, a name is capitalised. Without a hyphen, it could be a usual
        # word, as in "Caffe's clock".
        names = {name: label for name, label in self.labels.items() if label}
        names |= {name.capitalize(): label for name, label in names.items() if "-" in name}
        longest_first = "|".join(map(re.escape, sorted(names, key=len, reverse=True)))
        pattern = rf"(?<![\w-])({longest_first})(?![\w-]|\.\d)"
        return re.sub(pattern, lambda found: names[found[1]], sentence) if names else sentence


class Tables:
    """The tables of a run by their names. A table that the run does not have has no rows."""

    def __init__(self, paths: Iterable[Path]) -> None:
        self.paths = {path.stem: path for path in paths if path.suffix == ".csv"}

    def get(self, name: str, columns: list[str]) -> pd.DataFrame:
        """Return a table; raise `InputError` if it lacks one of the columns."""
        if name not in self.paths:
            return pd.DataFrame(columns=columns)
        return read_table(self.paths[name], columns)


def records(table: pd.DataFrame) -> list[dict]:
    """Return the rows of a table as JSON can have them: an empty cell is None."""
    return table.astype(object).where(table.notna(), None).to_dict("records")
