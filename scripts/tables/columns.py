"""Write the meaning and unit of each column of a table, from the schema that its rows must fit."""

from pathlib import Path

from shared.markdown_table import markdown_table
from shared.script import Job, run, whole_file
from shared.strict_yaml import read_yaml


def dictionary(schema: dict) -> str:
    """Return a Markdown table with a row for each property of a row's JSON schema."""
    rows = [
        [f"`{column}`", described.get("unit", ""), described["description"]]
        for column, described in schema["properties"].items()
    ]
    return markdown_table(["column", "unit", "meaning"], rows)


def main(job: Job) -> None:
    with whole_file(job.output[0]) as path:
        path.write_text(dictionary(read_yaml(Path(job.input.schema))))


if __name__ == "__main__":
    run(main)
