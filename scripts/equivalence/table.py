"""Put the results of all equivalence gates into one table, a row per framework, recipe, step."""

import pandas as pd
from shared.markdown_table import markdown_table
from shared.script import Job, read_json, run
from shared.tables import write_table

COLUMNS = [
    "framework", "recipe", "step", "difference", "tolerance", "change", "outcome", "left_out",
]  # fmt: skip
NUMBERS = ["difference", "tolerance", "change"]


def rows_of(pair: dict) -> list[dict]:
    """Return the rows of a framework with a recipe, from what equivalence/gate.py wrote.

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


def main(job: Job) -> None:
    rows = [row for path in job.input.differences for row in rows_of(read_json(path))]
    table = pd.DataFrame(rows, columns=COLUMNS)
    write_table(table, job.output.csv, markdown(table), job.output.markdown, float_format="%.4g")


if __name__ == "__main__":
    run(main)
