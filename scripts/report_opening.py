"""Write the opening of the report's page: the main finding, and what was skipped on this machine.

It is reStructuredText, which report/workflow.rst includes.
"""

import argparse
import csv
import json
import re
from collections import Counter
from pathlib import Path

from common import run, whole_file


def escaped(text: str) -> str:
    """Return ``text`` as one line in which reStructuredText finds no markup."""
    return re.sub(r"([\\*`_|<>:])", r"\\\1", " ".join(text.split()))


def opening(sentence: str, skipped: dict[str, str], rows: list[dict[str, str]]) -> str:
    """Return the paragraphs of the opening.

    Args:
        sentence: the main finding, or nothing.
        skipped: by label, what this machine lacks for a framework.
        rows: of left-out-runs.csv, one row per run.
    """
    paragraphs = [f"**{escaped(sentence)}**"] if sentence.strip() else []
    paragraphs += [
        f"**{escaped(label)} was skipped:** {escaped(missing)}"
        for label, missing in skipped.items()
    ]
    runs = Counter((row["framework"], row["recipe"], row["reason"]) for row in rows)
    paragraphs += [
        f"**{escaped(framework)} with the recipe {escaped(recipe)} is missing in all figures and"
        f" tables** ({count} runs): {escaped(reason)}"
        for (framework, recipe, reason), count in sorted(runs.items())
    ]
    return "".join(f"{paragraph}\n\n" for paragraph in paragraphs)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sentence", type=Path, help="from opening_sentence.py")
    parser.add_argument("--skipped", type=json.loads, required=True, help="JSON: reason by label")
    parser.add_argument("--left-out-runs", type=Path, required=True, help="left-out-runs.csv")
    parser.add_argument("--output", type=Path, required=True)
    args = parser.parse_args()
    with args.left_out_runs.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    sentence = args.sentence.read_text() if args.sentence else ""
    with whole_file(args.output) as path:
        path.write_text(opening(sentence, args.skipped, rows), encoding="utf-8")


if __name__ == "__main__":
    run(main)
