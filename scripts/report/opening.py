"""Write the opening of the report's page: the main finding, and what was skipped on this machine.

It is reStructuredText, which report/workflow.rst includes.
"""

import argparse
import json
import re
from pathlib import Path

from shared.remarks import flagged, not_run, read_rows
from shared.script import run, whole_file


def escaped(text: str) -> str:
    """Return ``text`` as one line in which reStructuredText finds no markup."""
    return re.sub(r"([\\*`_|<>:])", r"\\\1", " ".join(text.split()))


def opening(sentence: str, skipped: dict[str, str], remarks: list[str]) -> str:
    """Return the paragraphs of the opening.

    Args:
        sentence: the main finding, or nothing.
        skipped: by label, what this machine lacks for a framework.
        remarks: sentences about runs that are missing or that need a look.
    """
    paragraphs = [f"**{escaped(sentence)}**"] if sentence.strip() else []
    paragraphs += [
        f"**{escaped(label)} was skipped:** {escaped(missing)}"
        for label, missing in skipped.items()
    ]
    paragraphs += map(escaped, remarks)
    return "".join(f"{paragraph}\n\n" for paragraph in paragraphs)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sentence", type=Path, help="from opening_sentence.py")
    parser.add_argument("--skipped", type=json.loads, required=True, help="JSON: reason by label")
    parser.add_argument("--labels", type=json.loads, required=True, help="JSON: by framework")
    parser.add_argument("--runs", type=Path, required=True, help="runs.csv")
    parser.add_argument("--left-out-runs", type=Path, required=True, help="left-out-runs.csv")
    parser.add_argument("--output", type=Path, required=True)
    args = parser.parse_args()
    remarks = not_run(read_rows(args.left_out_runs), args.labels)
    remarks += flagged(read_rows(args.runs), args.labels)
    sentence = args.sentence.read_text() if args.sentence else ""
    with whole_file(args.output) as path:
        path.write_text(opening(sentence, args.skipped, remarks), encoding="utf-8")


if __name__ == "__main__":
    run(main)
