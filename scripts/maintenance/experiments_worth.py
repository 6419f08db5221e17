"""Say what each experiment of a finished run costs, and which verdicts depend on it.

`python scripts/maintenance/experiments_worth.py` takes the run in this folder. For each experiment
it leaves out the runs that no other experiment asks for, judges the rest again as the profile
rejudge does, and counts the verdicts that are no longer the same. It prints Markdown for
docs/benchmark.md. Each experiment takes some 20 seconds; names of experiments limit it to these.
For a run with a profile, `--configfile` names the profile's configuration, as for Snakemake.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

# Started by hand, it finds the workflow's modules by itself.
sys.path.insert(0, str(Path(__file__).parents[1]))

import pandas as pd
import yaml
from configuration import experiments
from configuration.plan import Plan
from maintenance.simulate import read_records
from shared.descriptions import read_all
from shared.script import InputError, run_command
from shared.strict_yaml import read_yaml
from snakemake.utils import update_config
from verdicts.basis import NUMBER_KEYS

RUN = ["framework", "recipe", "network", "seed"]
TIMING = ["framework", "recipe", "length", "network", "block"]
# The columns that name the runs of each measured table.
MEASURED = {"runs": RUN, "left-out-runs": RUN, "times": TIMING, "left-out-times": TIMING}
# The columns that name a verdict, and the one that has it. A number has one row for each recipe.
VERDICTS = {
    "verdicts-numbers": (NUMBER_KEYS, "cell_verdict"),
    "verdicts-statements": (["id", "setting"], "verdict"),
}
# A run has one or two of these files: what the launcher recorded of its programs.
RECORDS = ("train.json", "predict.json", "times.json")


def asked_for(plan: Plan) -> dict[tuple[str, ...], str]:
    """Return the folder below results/ of each run of a plan, by what names it."""
    folders = {}
    for columns, kind, runs in ((RUN, "runs", plan.runs), (TIMING, "times", plan.timings)):
        for run in runs:
            name = tuple(str(getattr(run, column)) for column in columns)
            folders[name] = f"{kind}/{'/'.join(name)}"
    return folders


def seconds_of(records: dict[str, dict]) -> dict[str, float]:
    """Return the seconds of the jobs that started a framework's programs, by the run's folder."""
    seconds: dict[str, float] = {}
    for path, record in records.items():
        if Path(path).name in RECORDS:
            folder = str(Path(path).parent)
            seconds.setdefault(folder, 0.0)
            seconds[folder] += record["endtime"] - record["starttime"]
    return seconds


def judge(
    results: Path, kept: set[tuple[str, ...]], files: list[Path], changes: dict
) -> dict[str, pd.Series]:
    """Judge the runs that are kept, with a changed configuration, and return all verdicts."""
    with tempfile.TemporaryDirectory() as folder:
        tables = Path(folder, "measured", "tables")
        tables.mkdir(parents=True)
        for path in (results / "tables").iterdir():
            columns = MEASURED.get(path.stem)
            if path.suffix == ".csv" and columns:
                table = pd.read_csv(path, dtype=str, keep_default_na=False)
                rows = [name in kept for name in table[columns].itertuples(index=False, name=None)]
                table[rows].to_csv(tables / path.name, index=False)
            else:
                (tables / path.name).symlink_to(path.absolute())
        Path(folder, "config.yaml").symlink_to(Path("config.yaml").absolute())
        changed = Path(folder, "changed.yaml")
        changed.write_text(yaml.safe_dump({**changes, "rejudge": "measured"}))
        judged = {name: Path("results/rejudged/tables", f"{name}.csv") for name in VERDICTS}
        rejudge = Path("profiles/rejudge/rejudge.yaml")
        configured = [str(file.absolute()) for file in (*files, rejudge, changed)]
        command = [sys.executable, "-m", "snakemake", "--cores", str(os.cpu_count())]
        command += ["--snakefile", str(Path("Snakefile").absolute()), "--directory", folder]
        command += ["--configfile", *configured, "--", *map(str, judged.values())]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            raise InputError(f"Judging again failed. Snakemake says:\n{done.stderr}")
        verdicts = {}
        for name, (columns, verdict) in VERDICTS.items():
            table = pd.read_csv(Path(folder, judged[name]), dtype=str, keep_default_na=False)
            verdicts[name] = table.drop_duplicates(columns).set_index(columns)[verdict]
        return verdicts


def lines(results: Path, files: list[Path], names: list[str]) -> Iterator[str]:
    """Yield the lines of a table: what each of the named experiments costs and decides.

    An empty list of ``names`` means all of them. ``files`` are those of a profile.
    """
    config, frameworks = read_yaml(Path("config.yaml")), read_all()
    for file in files:
        update_config(config, read_yaml(file))
    known = experiments.enabled(config)
    for name in names:
        if name not in known:
            raise InputError(f"There is no enabled experiment {name}; correct the name.")
    folders = asked_for(Plan(config, frameworks))
    seconds = seconds_of(read_records(Path(".snakemake/metadata")))
    before = judge(results, set(folders), files, {})
    yield "| experiment | runs | core minutes | numbers | statements |"
    yield "| --- | ---: | ---: | ---: | ---: |"
    for name in names or known:
        others = {key: value for key, value in config["experiments"].items() if key != name}
        kept = set(asked_for(Plan({**config, "experiments": others}, frameworks)))
        alone = [folder for run, folder in folders.items() if run not in kept]
        minutes = sum(seconds.get(f"{results}/{folder}", 0.0) for folder in alone) / 60
        after = judge(results, kept, files, {"experiments": {name: {"enabled": False}}})
        changed = [
            str((verdicts != after[table].reindex(verdicts.index)).sum())
            for table, verdicts in before.items()
        ]
        yield f"| `{name}` | {len(alone)} | {minutes:.1f} | {' | '.join(changed)} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("experiments", nargs="*", metavar="EXPERIMENT")
    parser.add_argument("--configfile", nargs="+", type=Path, default=[], metavar="FILE")
    parser.add_argument("--results", type=Path, default=Path("results"), metavar="FOLDER")
    args = parser.parse_args()
    if not (args.results / "tables/verdicts-numbers.csv").is_file():
        raise InputError(
            f"{args.results} has no verdicts; run `snakemake --cores 8` to its end first."
        )
    for line in lines(Path(os.path.relpath(args.results)), args.configfile, args.experiments):
        print(line, flush=True)


if __name__ == "__main__":
    run_command(main)
