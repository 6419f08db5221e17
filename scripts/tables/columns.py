"""Write the meaning and unit of each column of a table, from the schema that its rows must fit."""

from pathlib import Path

from shared.script import Job, run, whole_file
from shared.strict_yaml import read_yaml


def dictionary(schema: dict) -> str:
    """Return a Markdown table with a row for each property of a row's JSON schema."""
    lines = ["| column | unit | meaning |", "| --- | --- | --- |"]
    for column, property_ in schema["properties"].items():
        lines.append(f"| `{column}` | {property_.get('unit', '')} | {property_['description']} |")
    return "\n".join(lines) + "\n"


def main(job: Job) -> None:
    with whole_file(job.output[0]) as path:
        path.write_text(dictionary(read_yaml(Path(job.input.schema))))


if __name__ == "__main__":
    run(main)
