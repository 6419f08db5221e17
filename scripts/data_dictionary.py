"""Write the meaning and unit of each column of a table, from the schema that its rows must fit."""

import argparse
from pathlib import Path

from common import run, whole_file
from configuration import read_yaml


def dictionary(schema: dict) -> str:
    """Return a Markdown table with a row for each property of a row's JSON schema."""
    lines = ["| column | unit | meaning |", "| --- | --- | --- |"]
    for column, property_ in schema["properties"].items():
        lines.append(f"| `{column}` | {property_.get('unit', '')} | {property_['description']} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--schema", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    args = parser.parse_args()
    with whole_file(args.output) as path:
        path.write_text(dictionary(read_yaml(args.schema)))


if __name__ == "__main__":
    run(main)
