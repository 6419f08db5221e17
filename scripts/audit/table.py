"""What each framework ran on: versions, BLAS, kernels, and how fast its matrix products are."""

import argparse
import csv
import json
from pathlib import Path
from typing import Any

from shared.script import run, whole_file
from shared.descriptions import read_all
from shared.markdown_table import markdown_table
from shared.processors import check_one_processor

HEADINGS = {
    "label": "Framework",
    "runtime": "Runtime",
    "versions": "Versions",
    "library": "Matrix products by",
    "kernels": "Kernels",
    "gflops": "GFLOP/s",
    "percent_of_machine": "% of machine",
}
COLUMNS = [
    "framework",
    *HEADINGS,
    "own_choice",
    "calibration_gflops",
    "compute_threads",
    "processor",
    "loaded_too",
]
UNKNOWN = "unknown"
NOTE = """\
The GFLOP/s are those of the matrix products of a large network in training, by the time of all that
a step does; the machine's are those of one product of NumPy's, the best of those before each audit:
{machine:.0f} GFLOP/s on {threads} core(s) of a processor that calls itself {processor}. Kernels in
brackets are what the library takes by itself where it was told to take better ones.
"""


def named(libraries: list[dict[str, Any]]) -> str:
    """Return the names and versions of libraries."""
    return "; ".join(f"{each['name']} {each['version'] or UNKNOWN}" for each in libraries)


def arithmetic(audit: dict[str, Any], description: dict[str, Any]) -> dict[str, str]:
    """Return what computes the matrix products: the columns that speak of libraries.

    ``audit`` is what scripts/audit.py wrote, ``description`` the framework's framework.yaml.
    """
    used = [library for library in audit["libraries"] if library["used"]]
    # A library that has its slowest kernels anyway may be used or not: the description knows.
    doubtful = [library for library in audit["libraries"] if library["used"] is None]
    shown = used or ([] if "arithmetic" in description else doubtful)
    if shown:
        library = ("" if used else "perhaps ") + named(shown)
    else:
        own_code = "its own code" if audit["files_known"] else UNKNOWN
        library = description.get("arithmetic", own_code)
    return {
        "library": library,
        "kernels": "; ".join(each["kernels"] or UNKNOWN for each in shown),
        "own_choice": "; ".join(each["own_choice"] or "" for each in shown),
        "loaded_too": named([each for each in audit["libraries"] if each not in shown]),
    }


def row(
    framework: str, audit: dict[str, Any], description: dict[str, Any], machine_gflops: float
) -> dict[str, Any]:
    """Return a framework's line (its keys are `COLUMNS`).

    ``machine_gflops`` is what the machine can do.
    """
    packages = audit["environment"]["packages"]
    runtimes = {"openjdk": "OpenJDK", "python": "Python"}
    # An environment of Java may hold a Python too, for what else it brings.
    runtime = next((key for key in runtimes if key in packages), None)
    versions = [
        # Of Maven's coordinates, the artifact; no suffix of a local build.
        f"{name.rpartition(':')[2]} {packages.get(name, UNKNOWN)}"
        for name in description.get("packages", [])
    ]
    return {
        "framework": framework,
        "label": description["label"],
        "runtime": f"{runtimes[runtime]} {packages[runtime]}"
        if runtime
        else description["language"],
        "versions": ", ".join(versions),
        **arithmetic(audit, description),
        "gflops": f"{audit['gflops']:.1f}",
        "percent_of_machine": f"{100 * audit['gflops'] / machine_gflops:.0f}",
        "calibration_gflops": f"{audit['calibration_gflops']:.1f}",
        "compute_threads": audit["compute_threads"],
        "processor": audit["machine"]["processor"],
    }


def markdown(rows: list[dict[str, Any]]) -> str:
    """Write the table in Markdown, with what its numbers mean beneath."""
    cells = [{column: line[column] for column in HEADINGS} for line in rows]
    for line, row in zip(rows, cells, strict=True):
        if line["own_choice"]:
            row["kernels"] = f"{row['kernels']} ({line['own_choice']})"
    right = [HEADINGS[column] for column in ("gflops", "percent_of_machine")]
    table = markdown_table(list(HEADINGS.values()), [list(row.values()) for row in cells], right)
    note = NOTE.format(
        machine=max(float(line["calibration_gflops"]) for line in rows),
        threads=rows[0]["compute_threads"],
        processor=rows[0]["processor"],
    )
    return f"{table}\n{note}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--audits", type=Path, nargs="+", required=True, help="from audit.py")
    parser.add_argument(
        "--frameworks", type=Path, nargs="+", required=True, help="their framework.yaml files"
    )
    parser.add_argument("--csv", type=Path, required=True)
    parser.add_argument("--markdown", type=Path, required=True)
    parser.add_argument(
        "--one-processor", action="store_true", help="refuse times of different processors"
    )
    args = parser.parse_args()

    audits = {path.stem: json.loads(path.read_text()) for path in args.audits}
    descriptions = read_all(args.frameworks)
    if args.one_processor:
        check_one_processor({name: audits[name]["machine"]["processor"] for name in audits})
    machine_gflops = max(audit["calibration_gflops"] for audit in audits.values())
    rows = [row(name, audits[name], descriptions[name], machine_gflops) for name in audits]

    with whole_file(args.csv) as part, part.open("w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    with whole_file(args.markdown) as part:
        part.write_text(markdown(rows))


if __name__ == "__main__":
    run(main)
