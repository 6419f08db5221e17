"""Make the reference run of the repository from a finished run, and fill the documentation with it.

`python scripts/maintenance/reference_run.py` copies the tables, the figures (SVG) and the page of
results/ to reference-run/, without the machines' host names, and writes its provenance. Then it
fills the passages of README.md and docs/ (maintenance/reference_facts.py). `--fill` does only that.
`--rejudged` copies what `snakemake --profile profiles/rejudge` made of the reference run's own
measurements: what was measured, and where, stays as it is.
"""

import argparse
import json
import re
import shutil
import sys
from pathlib import Path
from typing import Any

# Started by hand, it finds the workflow's modules by itself.
sys.path.insert(0, str(Path(__file__).parents[1]))

import pandas as pd
from common.commit import checked_out
from configuration.check import MEASURED
from maintenance.published_run import ReferenceRun, made_by, wrapped
from maintenance.reference_facts import fill
from shared.descriptions import read_all
from shared.script import InputError, read_json, run_command

REFERENCE = Path("reference-run")
REJUDGED = Path("results/rejudged")
# Columns that name a machine.
NAMES_OF_MACHINES = ["node"]
PROVENANCE_LINK = (
    '<p class="report"><a href="provenance.json">provenance.json</a> has the commit, the machine '
    "and all versions. The commands are in docs/publishing.md of the repository.</p>"
)
# A run with fewer images is an installation check.
LEAST_IMAGES = 50_000


def documents() -> list[Path]:
    """Return the Markdown files that may have passages."""
    return [Path("README.md"), *sorted(Path("docs").glob("*.md"))]


def check(results: Path) -> None:
    """Raise `InputError` unless ``results`` is those of a finished run of full size."""
    needed = [
        results / name
        for name in ("tables/times.csv", "tables/ten-epochs.csv", "last-run.json", "index.html")
    ]
    for path in needed:
        if not path.is_file():
            raise InputError(
                f"{path} is missing; run `snakemake --cores 8 --profile profiles/reference` to "
                "its end first."
            )
    images = pd.read_csv(results / "tables/runs.csv")["train_images"].min()
    if images < LEAST_IMAGES:
        raise InputError(
            f"{results} is an installation check, with {images:,} training images; name the "
            "results of a run with `--profile profiles/reference`."
        )
    if pd.read_csv(results / "tables/ten-epochs.csv").empty:
        raise InputError(
            f"{results} has no timed runs of all epochs; name the results of a run with "
            "`--profile profiles/reference`."
        )


def copy_tables(results: Path, folder: Path) -> None:
    """Copy the tables of a run without the columns that name machines."""
    folder.mkdir(parents=True)
    for path in sorted((results / "tables").iterdir()):
        if path.suffix == ".csv":
            table = pd.read_csv(path, dtype=str, keep_default_na=False)
            table.drop(columns=NAMES_OF_MACHINES, errors="ignore").to_csv(
                folder / path.name, index=False
            )
        else:
            shutil.copy(path, folder)


def copy_page(results: Path, target: Path, nodes: list[str]) -> None:
    """Copy the page without host names and links to logs.

    It links to the provenance in place of Snakemake's report, which is not published.
    """
    text = (results / "index.html").read_text(encoding="utf-8")
    for node in nodes:
        text = text.replace(f'"{node}"', '"a machine"')
    text = text.replace('data-logs="here"', 'data-logs="elsewhere"')
    text = re.sub(r'<p class="report">.*?</p>', PROVENANCE_LINK, text, flags=re.DOTALL)
    target.write_text(text, encoding="utf-8")


def commit_of() -> str:
    """Return the commit that is checked out; it must be the one that made the run."""
    commit = checked_out()
    if not commit:
        raise InputError("this folder is not a Git checkout; run this in one, or give --commit.")
    return commit


def provenance(results: Path, commit: str) -> dict[str, Any]:
    """Return where the run comes from: its machine without its name, its size and its versions."""
    last = read_json(results / "last-run.json")
    runs = pd.read_csv(results / "tables/runs.csv")
    times = pd.read_csv(results / "tables/times.csv")
    left_out = pd.read_csv(results / "tables/left-out-times.csv")
    records = map(read_json, sorted(results.glob("times/*/*/*/*/*/times.json")))
    # A run that was left out has no training.
    machine = next((record["train"]["machine"] for record in records if "train" in record), None)
    if machine is None:
        raise InputError(f"{results}/times has no record of a timed run; name a finished run.")
    environments = {}
    for path in sorted(Path("resources/environments").glob("*/environment.json")):
        environments[path.parent.name] = read_json(path)["packages"]
    descriptions = read_all()
    frameworks = [
        name
        for name in dict.fromkeys([*runs["framework"], *times["framework"]])
        if not descriptions[name].get("variant_of")
    ]
    return {
        "commit": commit,
        "day": str(times["day"].max()),
        "processor": machine["processor"],
        "vector_extensions": machine["vector_extensions"],
        "cores": machine["cores"],
        "memory_gib": round(machine["memory_mib"] / 1024),
        "system": machine["system"],
        "minutes": round(last["seconds"] / 60),
        "steps": last["steps"],
        "frameworks": len(frameworks),
        "labels": {name: each["label"] for name, each in descriptions.items()},
        "accuracy_runs": len(runs),
        "timed_runs": len(times),
        "lanes": int(times["lanes"].max()),
        "disturbed": int(left_out["reason"].str.startswith("disturbed:").sum()),
        "environments": environments,
    }


def rejudged(results: Path, folder: Path, commit: str) -> dict[str, Any]:
    """Return the provenance of a reference run that another commit has judged again.

    Raises `InputError` unless ``results`` are all results of judging this run.
    """
    needed = [Path("index.html"), *(Path("tables", path.name) for path in folder.glob("tables/*"))]
    for path in needed:
        if not (results / path).is_file():
            raise InputError(
                f"{results / path} is missing; run `snakemake --cores 2 --profile profiles/rejudge`"
                " to its end first."
            )
    for name in MEASURED:
        table = Path("tables", name)
        if (results / table).read_bytes() != (folder / table).read_bytes():
            raise InputError(
                f"{results / table} is not that of {folder}, so another run was judged; run "
                "`snakemake --cores 2 --profile profiles/rejudge` without `rejudge=`."
            )
    return read_json(folder / "provenance.json") | {"judged_by": commit}


def make(results: Path, folder: Path, facts: dict[str, Any], nodes: list[str]) -> None:
    """Write a reference run from results, their provenance and the names of machines in them.

    The old one is kept until the new one is complete.
    """
    part = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    copy_tables(results, part / "tables")
    (part / "figures").mkdir()
    for path in sorted((results / "figures").glob("*.svg")):
        shutil.copy(path, part / "figures")
    copy_page(results, part / "index.html", nodes)
    (part / "provenance.json").write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")
    (part / "README.md").write_text(
        "# The reference run\n\n"
        + wrapped(
            "The tables, figures and page of one run of the profile `reference` on "
            f"{facts['day']}. {made_by(facts)} `python scripts/maintenance/reference_run.py` "
            "writes this folder anew from `results/` (docs/publishing.md). Host names are left "
            "out."
        ),
        encoding="utf-8",
    )
    shutil.rmtree(folder, ignore_errors=True)
    part.rename(folder)


def fill_documents(folder: Path) -> None:
    """Fill the passages of all documents, and copy the pictures of the README."""
    reference = ReferenceRun(folder)
    for path in documents():
        text = path.read_text(encoding="utf-8")
        filled = fill(text, reference, str(path))
        if filled != text:
            path.write_text(filled, encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--results", type=Path, default=Path("results"))
    parser.add_argument("--commit", help="that made the results; by default the one checked out")
    parser.add_argument("--rejudged", action="store_true", help="the measurements stay")
    parser.add_argument("--fill", action="store_true", help="fill the documents only")
    args = parser.parse_args()
    if args.rejudged:
        facts = rejudged(REJUDGED, REFERENCE, args.commit or commit_of())
        make(REJUDGED, REFERENCE, facts, [])
    elif not args.fill:
        check(args.results)
        nodes = set(pd.read_csv(args.results / "tables/times.csv")["node"].dropna())
        facts = provenance(args.results, args.commit or commit_of())
        make(args.results, REFERENCE, facts, sorted(nodes))
    if not (REFERENCE / "provenance.json").is_file():
        raise InputError(f"{REFERENCE} is not a reference run; run without --fill first.")
    fill_documents(REFERENCE)


if __name__ == "__main__":
    run_command(main)
