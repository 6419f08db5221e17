"""Benchmarks of the workflow itself: how fast the programs are, and what the workflow costs.

`programs` runs each training program in turn with the NumPy one, several rounds, and prints the
ratios; `workflow` clones the checkout into a temporary folder and times what the README promises.
Both print Markdown for docs/benchmark.md. Leave the machine alone meanwhile. `dag` dry-runs
configurations of many runs, for docs/cluster.md.
"""

import argparse
import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

# Started by hand, it finds the workflow's modules by itself.
sys.path.insert(0, str(Path(__file__).parents[1]))

from configuration.settings import train_settings
from launcher.machine import choose_cores
from launcher.milestones import numbered_spans, spans
from launcher.program import launch
from launcher.settings import command_with
from launcher.variables import program_variables
from shared import descriptions
from shared.script import InputError, read_json, run_command
from shared.strict_yaml import read_yaml

NETWORKS = ["tanh-1x100", "tanh-4x100", "relu-1x1024"]
ROOT = Path(__file__).parents[2]


def train_seconds(framework: str, network: str, folder: Path) -> float:
    """Train once with the harmonised recipe, on one pinned core; return the epochs' seconds."""
    config = read_yaml(ROOT / "config.yaml")
    description = descriptions.read(descriptions.path_of(framework))
    recipe = config["recipes"]["harmonised"]
    data = ROOT / "results" / "data" / recipe["data"]
    weights = ROOT / "results" / "initial-weights" / "harmonised" / network / "1.f32"
    environment = ROOT / "resources" / "environments" / description["environment"]
    for path in (data, weights, environment):
        if not path.exists():
            raise InputError(f"{path} is missing; run `snakemake --cores 8` first.")
    store = ROOT / "results" / "stores" / framework / recipe["data"] / "train"
    images = {
        "train_images": str(data / "train-images.f32"),
        "train_labels": str(data / "train-labels.u8"),
    }
    settings = {
        **({"store": str(store)} if "prepare" in description else images),
        "initial_weights": str(weights),
        "model": str(folder / "model"),
        **train_settings(recipe, network, 784, seed=1),
    }
    command = description["train"]["command"].format(
        folder=descriptions.FRAMEWORKS / framework, environment=environment
    )
    handle = read_json(environment / "environment.json")
    result = launch(
        command_with(command, settings, folder / "settings.json"),
        program_variables(handle, environment, 1, description),
        choose_cores(1),
        1800,
        description.get("milestones", {}),
    )
    return sum(numbered_spans(spans(result["milestones"], result["wall_seconds"]), "epoch"))


def programs(frameworks: list[str], rounds: int) -> Iterator[str]:
    """Yield the lines of a table: seconds and ratio to NumPy, medians over the rounds."""
    yield "| framework | network | train (s) | NumPy in turn (s) | ratio | smallest-largest |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for framework in frameworks:
        for network in NETWORKS:
            pairs = []
            for _ in range(rounds):
                with tempfile.TemporaryDirectory() as folder:
                    own = train_seconds(framework, network, Path(folder))
                    pairs.append((own, train_seconds("numpy", network, Path(folder))))
            ratios = sorted(own / numpy for own, numpy in pairs)
            yield (
                f"| {framework} | {network} | {statistics.median(own for own, _ in pairs):.2f} "
                f"| {statistics.median(numpy for _, numpy in pairs):.2f} "
                f"| {statistics.median(ratios):.2f} | {ratios[0]:.2f}-{ratios[-1]:.2f} |"
            )


def own_seconds(results: Path) -> float:
    """Return the seconds that the framework programs of a finished run took, start to exit."""
    files = [*results.glob("runs/*/*/*/*/train.json"), *results.glob("runs/*/*/*/*/predict.json")]
    return sum(json.loads(path.read_text())["wall_seconds"] for path in files)


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

        yield "| what | wall (s) | of it the framework programs (s) | the workflow's own share |"
        yield "| --- | --- | --- | --- |"
        yield f"| building the environments, nothing cached | {seconds('environments'):.0f} | | |"
        sizes = {"quick": (["--profile", "profiles/quick"], clone / "results" / "quick")}
        if with_default:
            sizes["default"] = ([], clone / "results")
        for name, (flags, results) in sizes.items():
            wall = seconds(*flags)
            own = own_seconds(results)
            yield f"| {name} profile | {wall:.0f} | {own:.0f} | {100 * (1 - own / wall):.0f} % |"
        yield f"| again, with nothing to do | {seconds(*flags):.1f} | | |"


def many_runs(wanted: int, folder: Path) -> tuple[int, dict]:
    """Return how many runs, near the number that is wanted, and the configuration for them.

    They are new ones, as their results would lie in a folder that is called like ``folder``.
    """
    config = read_yaml(ROOT / "config.yaml")
    experiments = config["experiments"]
    runs = {
        "frameworks": ["numpy", "keras", "pytorch", "tensorflow"],
        "recipes": experiments["cross"]["recipes"],
        "networks": config["networks"],
    }
    for_a_seed = math.prod(map(len, runs.values()))
    seeds = max(1, round(wanted / for_a_seed))
    many = {"purpose": "comparison", "timed": True, **runs, "seeds": list(range(1, seeds + 1))}
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
    of_programs = commands.add_parser("programs")
    of_programs.add_argument("--frameworks", nargs="+", default=["keras", "pytorch", "tensorflow"])
    of_programs.add_argument("--rounds", type=int, default=3)
    of_workflow = commands.add_parser("workflow")
    of_workflow.add_argument("--cores", type=int, default=8)
    of_workflow.add_argument("--default", action="store_true", help="the default size too")
    of_dag = commands.add_parser("dag")
    of_dag.add_argument("--runs", type=int, nargs="+", default=[1000, 10_000], metavar="N")
    args = parser.parse_args()
    os.chdir(ROOT)
    if args.command == "programs":
        lines = programs(args.frameworks, args.rounds)
    elif args.command == "dag":
        lines = dag(args.runs)
    else:
        lines = workflow(args.cores, args.default)
    for line in lines:
        print(line, flush=True)


if __name__ == "__main__":
    run_command(main)
