"""Put what all equivalence gates have found into one table, a row a framework, recipe and step."""

import argparse
import json
from pathlib import Path

import pandas as pd
from shared.markdown_table import markdown_table
from shared.script import run
from shared.tables import write_table

COLUMNS = [
    "framework",
    "recipe",
    "step",
    "difference",
    "tolerance",
    "change",
    "outcome",
    "left_out",
]
NUMBERS = ["difference", "tolerance", "change"]


def rows_of(pair: dict) -> list[dict]:
    """Return the rows of a framework with a recipe, from what scripts/equivalence_gate.py wrote.

    A framework that refuses the recipe has one row, with no step.
    """
    steps = pair["steps"] or [{"outcome": "refused"}]
    return [{**{column: pair.get(column) for column in COLUMNS}, **step} for step in steps]


def markdown(table: pd.DataFrame) -> str:
    """Return the table in Markdown, with numbers of two digits."""
    shown = table.copy()
    for column in NUMBERS:
        shown[column] = [f"{x:.1e}" if pd.notna(x) else "" for x in table[column]]
    return markdown_table(COLUMNS, shown.fillna("").to_numpy(), right=NUMBERS)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--differences", type=Path, nargs="+", required=True)
    parser.add_argument("--csv", type=Path, required=True)
    parser.add_argument("--markdown", type=Path, required=True)
    args = parser.parse_args()
    pairs = [json.loads(path.read_text()) for path in args.differences]
    rows = [row for pair in pairs for row in rows_of(pair)]
    table = pd.DataFrame(rows, columns=COLUMNS)
    write_table(table, args.csv, markdown(table), args.markdown, float_format="%.4g")


if __name__ == "__main__":
    run(main)
