"""A reference run: its tables and its provenance, for the passages of the documentation."""

import json
import textwrap
from pathlib import Path

import pandas as pd
from shared.script import InputError

WIDTH = 120


class ReferenceRun:
    """The tables of a reference run, by name, and its provenance."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.provenance = json.loads((folder / "provenance.json").read_text(encoding="utf-8"))
        self.labels: dict[str, str] = self.provenance["labels"]

    def table(self, name: str) -> pd.DataFrame:
        """Read a table; raise `InputError` where it is missing."""
        path = self.folder / "tables" / f"{name}.csv"
        if not path.is_file():
            raise InputError(
                f"{path} is missing; make the reference run again (docs/publishing.md)."
            )
        return pd.read_csv(path, dtype={"setting": str, "recipe": str})

    def label(self, framework: str) -> str:
        return self.labels.get(framework, framework)


def wrapped(text: str) -> str:
    """Return a paragraph in lines of at most `WIDTH` characters, with a line feed at its end."""
    words = " ".join(text.split())
    return textwrap.fill(words, WIDTH, break_long_words=False, break_on_hyphens=False) + "\n"


def made_by(facts: dict) -> str:
    """Say which commits measured and judged the run of a provenance."""
    measured, judged = facts["commit"][:7], facts.get("judged_by", facts["commit"])[:7]
    if judged == measured:
        return f"The run was finished with commit {measured}."
    return (
        f"The measurements were finished with commit {measured}. Commit {judged} made the "
        "verdicts, the figures and the page."
    )
