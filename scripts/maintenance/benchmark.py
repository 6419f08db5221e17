"""Benchmarks of the workflow itself: how fast the programs are, and what the workflow costs.

`workflow` clones the checkout into a temporary folder and times what the README promises. It prints
Markdown for docs/benchmark.md. Leave the machine alone meanwhile. `dag` dry-runs configurations of
many runs, for docs/cluster.md.
"""

import argparse
import json
import math
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

# Started by hand, it finds the workflow's modules by itself.
sys.path.insert(0, str(Path(__file__).parents[1]))

from shared.efficiency import program_seconds
from shared.script import InputError, run_command
from shared.strict_yaml import read_yaml

ROOT = Path(__file__).parents[2]


def workflow(cores: int, with_default: bool) -> Iterator[str]:
    """Yield the lines of a table: wall seconds of what the README promises, in a fresh clone."""
    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder) / "clone"
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
        variables = {**os.environ, "UV_CACHE_DIR": str(Path(folder) / "uv-cache")}

        def seconds(*arguments: str) -> float:
            command = [sys.executable, "-m", "snakemake", "--cores", str(cores), *arguments]
            start = time.monotonic()
            subprocess.run(command, cwd=clone, env=variables, check=True, capture_output=True)
            return time.monotonic() - start

        yield "| what | wall (s) | framework programs (core s) |"
        yield "| --- | --- | --- |"
        yield f"| building the environments, nothing cached | {seconds('environments'):.0f} | |"
        sizes = {"quick": (["--profile", "profiles/quick"], clone / "logs" / "quick")}
        if with_default:
            sizes["default"] = ([], clone / "logs")
        for name, (flags, logs) in sizes.items():
            since = time.time()
            wall = seconds(*flags)
            own = program_seconds(logs, since)
            yield f"| {name} profile | {wall:.0f} | {own:.0f} |"
        yield f"| again, with nothing to do | {seconds(*flags):.1f} | |"


def many_runs(wanted: int, folder: Path) -> tuple[int, dict]:
    """Return how many runs, near the number that is wanted, and the configuration for them.

    All of them are new, because their results would go to a new folder with the name of ``folder``.
    """
    config = read_yaml(ROOT / "config.yaml")
    experiments = config["experiments"]
    runs = {
        "frameworks": ["numpy", "keras", "pytorch", "tensorflow"],
        "recipes": experiments["cross"]["recipes"],
        "networks": experiments["paper"]["networks"],
    }
    for_a_seed = math.prod(map(len, runs.values()))
    seeds = max(1, round(wanted / for_a_seed))
    many = {"purpose": "comparison", **runs, "seeds": list(range(1, seeds + 1))}
    return for_a_seed * seeds, {
        "experiments": {**{name: {"enabled": False} for name in experiments}, "many": many},
        "speedup": {"enabled": False},
        "pathvars": {"results": f"results/{folder.name}", "logs": f"logs/{folder.name}"},
    }


def dag(counts: list[int]) -> Iterator[str]:
    """Yield the lines of a table: what it takes Snakemake to find out what to run."""
    yield "| runs | processor time (s) | memory (MiB) |"
    yield "| ---: | ---: | ---: |"
    for wanted in counts:
        with tempfile.TemporaryDirectory() as folder:
            runs, config = many_runs(wanted, Path(folder))
            path = Path(folder) / "many.json"
            path.write_text(json.dumps(config))
            command = [sys.executable, "-m", "snakemake", "--dry-run", "--quiet", "all"]
            command += ["--cores", "2", "--configfile", str(path)]
            with (Path(folder) / "output").open("w+") as output:
                process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
                _, status, usage = os.wait4(process.pid, 0)
                process.returncode = os.waitstatus_to_exitcode(status)
                output.seek(0)
                text = output.read()
            if process.returncode:
                raise InputError(f"the dry run of {runs} runs failed:\n{text[-2000:]}")
            seconds = usage.ru_utime + usage.ru_stime
            yield f"| {runs:,} | {seconds:.0f} | {usage.ru_maxrss / 2**10:,.0f} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    commands = parser.add_subparsers(dest="command", required=True)
    of_workflow = commands.add_parser("workflow")
    of_workflow.add_argument("--cores", type=int, default=8)
    of_workflow.add_argument("--default", action="store_true", help="the default size too")
    of_dag = commands.add_parser("dag")
    of_dag.add_argument("--runs", type=int, nargs="+", default=[1000, 10_000], metavar="N")
    args = parser.parse_args()
    os.chdir(ROOT)
    lines = dag(args.runs) if args.command == "dag" else workflow(args.cores, args.default)
    for line in lines:
        print(line, flush=True)


if __name__ == "__main__":
    run_command(main)
