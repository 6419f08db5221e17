"""What each framework ran on: versions, BLAS, kernels, and how fast its matrix products are."""

from pathlib import Path
from typing import Any

import pandas as pd
from shared.descriptions import read_all
from shared.markdown_table import markdown_table
from shared.processors import check_one_processor
from shared.script import Job, read_json, run
from shared.tables import write_table

HEADINGS = {
    "label": "Framework",
    "runtime": "Runtime",
    "versions": "Versions",
    "library": "Arithmetic library",
    "kernels": "Kernels",
    "gflops": "GFLOP/s",
    "percent_of_machine": "% of the fastest matrix product",
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
GFLOP/s are the operations of the matrix products of a large network, divided by the whole time of a
training step. The machine's speed is the best of one NumPy matrix product before each audit:
{machine:.0f} GFLOP/s on {threads} core(s) of a processor that calls itself {processor}. Kernels in
brackets are what the library takes by itself where it was told to take better ones.
"""


def named(libraries: list[dict[str, Any]]) -> str:
    """Return the names and versions of libraries."""
    return "; ".join(f"{each['name']} {each['version'] or UNKNOWN}" for each in libraries)


def arithmetic(audit: dict[str, Any], description: dict[str, Any]) -> dict[str, str]:
    """Return what computes the matrix products: the columns that speak of libraries.

    ``audit`` is what audit/kernels.py wrote, ``description`` the framework's framework.yaml.
    """
    used = [library for library in audit["libraries"] if library["used"]]
    # If a library always has its slowest kernels, we cannot see whether it is used. Then the
    # description says what computes.
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
    # An environment of Java may also contain a Python, for its other packages.
    runtime = next((key for key in runtimes if key in packages), None)
    versions = [
        # Of Maven's coordinates, the artifact; no suffix of a local build.
        f"{name.rpartition(':')[2]} {packages.get(name, UNKNOWN)}"
        for name in description.get("packages", [])
    ]
    compiler, *compiled_in = audit.get("built_with") or [description["language"]]
    return {
        "framework": framework,
        "label": description["label"],
        "runtime": f"{runtimes[runtime]} {packages[runtime]}" if runtime else compiler,
        "versions": ", ".join([*versions, *compiled_in]),
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


def main(job: Job) -> None:
    audits = {Path(path).stem: read_json(path) for path in job.input.audits}
    descriptions = read_all(job.input.frameworks)
    if job.params.one_processor:
        check_one_processor({name: audits[name]["machine"]["processor"] for name in audits})
    machine_gflops = max(audit["calibration_gflops"] for audit in audits.values())
    rows = [row(name, audits[name], descriptions[name], machine_gflops) for name in audits]
    table = pd.DataFrame(rows, columns=COLUMNS)
    write_table(table, job.output.csv, markdown(rows), job.output.markdown)


if __name__ == "__main__":
    run(main)
