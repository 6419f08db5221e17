"""The paper's table 1, lines of code: the published count beside the lines measured here."""

import pandas as pd
from shared.descriptions import read_all
from shared.frameworks import read_paper
from shared.markdown_table import markdown_table
from shared.script import Job, run
from shared.tables import read_by_framework, write_table

COLUMNS = [
    "framework", "label", "year", "language", "successor_of", "published_lines", "physical_lines",
    "code_lines",
]  # fmt: skip
HEADINGS = {
    "label": "Framework",
    "year": "Year",
    "language": "Language",
    "published_lines": "Lines in the paper",
    "physical_lines": "Lines here",
    "code_lines": "of these, code",
}
# Markdown has no indentation inside a table's cell.
BENEATH = "↳ "

Row = dict[str, str | int]


def build(
    published: dict[str, Row], measured: dict[str, Row], descriptions: dict[str, dict]
) -> list[Row]:
    """Return the table's lines (their keys are `COLUMNS`).

    ``published`` and ``measured`` are rows by framework, as reference/lines-of-code.csv and
    scripts/lines/count.py write them; ``descriptions`` are the frameworks' framework.yaml.

    The published frameworks come first, in the paper's order. Each has our own count beside it, if
    its programs are here, and its successors below it. Frameworks without an ancestor come last. An
    empty cell is a number that does not exist.
    """
    rows: list[Row] = []
    placed = set()

    def place(name: str) -> None:
        placed.add(name)
        paper, here = published.get(name, {}), measured.get(name, {})
        description = descriptions.get(name, {})
        rows.append(
            {
                "framework": name,
                "label": description.get("label") or paper["label"],
                "year": description.get("year") or paper["year"],
                "language": description.get("language") or paper["language"],
                "successor_of": description.get("successor_of") or "",
                "published_lines": paper.get("lines", ""),
                "physical_lines": here.get("physical_lines", ""),
                "code_lines": here.get("code_lines", ""),
            }
        )
        for other, its_description in descriptions.items():
            if its_description["successor_of"] == name and other not in placed:
                place(other)

    for name in published:
        place(name)
    for name in descriptions:
        if name not in placed:
            place(name)
    return rows


def markdown(rows: list[Row]) -> str:
    """Write the table in Markdown, with how its numbers were taken beneath."""
    right = [heading for column, heading in HEADINGS.items() if column.endswith("_lines")]
    cells = [[row[column] for column in HEADINGS] for row in rows]
    for row, line in zip(rows, cells, strict=True):
        if row["successor_of"]:
            line[0] = f"{BENEATH}{line[0]}"
    table = markdown_table(list(HEADINGS.values()), cells, right)
    note = (
        "A framework's lines are those of all its programs here, counted as the paper did "
        "(`wc -l`); code is without blank lines, comments and docstrings. "
        f"{BENEATH.strip()} marks a successor."
    )
    return f"{table}\n{note}\n"


def main(job: Job) -> None:
    measured = read_by_framework(job.input.lines, ["physical_lines", "code_lines"])
    rows = build(
        read_paper(job.input.published).to_dict("index"),
        measured.to_dict("index"),
        read_all(job.input.frameworks),
    )
    table = pd.DataFrame(rows, columns=COLUMNS)
    write_table(table, job.output.csv, markdown(rows), job.output.markdown, float_format=None)


if __name__ == "__main__":
    run(main)
