"""Measure what it costs to time programs side by side on this machine.

Each of a few frameworks trains a small and a large network: alone, beside, beside, alone (ABBA, so
that a drift of the machine cancels out). *Beside* means that each other lane trains the reference's
large network meanwhile. The images are made up. All of this is repeated while the interval of the
cost contains the limit, because the number of lanes doubles or halves the time of all timed runs.
"""

import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from launcher.command import command_with
from launcher.lanes import lanes
from launcher.machine import calibrate, end_with_parent, machine
from launcher.milestones import numbered_spans, spans
from launcher.program import Program, launch
from launcher.variables import program_variables
from scipy import stats
from shared.efficiency import ended_line
from shared.script import InputError, Job, read_json, run, write_json
from weights.made_up import write_made_up

ORDER = ("alone", "beside", "beside", "alone")
# Of a training; the first epoch does not count.
EPOCHS = 10
IMAGES = 8000
# A neighbour trains until it is ended.
ENDLESS = 100_000
# Confidence of the interval of the cost.
CONFIDENCE = 0.9
# How often the whole is measured at most.
ROUNDS = 3


def cost(cells: list[dict[str, Any]]) -> dict[str, Any]:
    """Return how much longer programs took side by side, as a share, with its interval.

    Args:
        cells: of each framework and network, the ``seconds`` of an epoch in the order `ORDER`.

    Each half of an ABBA gives a ratio. Their median is the cost, so that a few disturbed trainings
    do not decide: a disturbed timed run is repeated. The interval is that of order statistics
    (Conover, Practical Nonparametric Statistics, 1999, section 3.2). Its ends are None where there
    are too few ratios.
    """
    costs = []
    for cell in cells:
        first, second, third, fourth = cell["seconds"]
        costs += [second / first - 1, third / fourth - 1]
    interval = stats.quantile_test(costs, p=0.5).confidence_interval(CONFIDENCE)
    low, high = (None if np.isnan(end) else float(end) for end in interval)
    return {"cost": float(np.median(costs)), "low": low, "high": high, "n": len(costs)}


def is_decided(found: dict[str, Any], limit: float | None) -> bool:
    """Return whether an interval of the cost (`cost`) lies on one side of the limit.

    Without a limit, nothing has to be decided: the configuration sets the number of lanes.
    """
    if limit is None:
        return True
    ends = found["low"], found["high"]
    return None not in ends and not ends[0] <= limit <= ends[1]


@dataclass(frozen=True)
class Trial:
    """The programs that are tried, on the lanes of this machine.

    ``programs`` are by name. ``settings`` are those of a training, by network; the largest network
    is the last.
    """

    job: Job
    programs: dict[str, dict[str, Any]]
    folder: Path
    settings: dict[str, dict[str, Any]]
    lanes: list[list[int]]

    def command(
        self, name: str, settings: dict[str, Any], path: Path
    ) -> tuple[list[str], dict[str, str]]:
        """Return the command of a training program, whose settings are written, and variables."""
        program, threads = self.programs[name], self.job.params.threads
        handle = Path(program["environment"])
        variables = program_variables(read_json(handle), handle.parent, threads, program)
        return command_with(program["commands"]["train"], settings, path), variables

    @contextmanager
    def neighbours(self) -> Iterator[None]:
        """Train the reference's large network on each other lane meanwhile."""
        *_, large = self.settings.values()
        programs = []
        with ExitStack() as running:
            for number, cores in enumerate(self.lanes[1:]):
                settings = {**large, "epochs": ENDLESS, "model": str(self.folder / f"m-{number}")}
                path = self.folder / f"{number}.json"
                program = Program(*self.command(self.job.params.reference, settings, path), cores)
                running.callback(program.wait)
                running.callback(program.kill)
                programs.append(program)
            for program in programs:
                # It has read its images when it prints this. If it fails, its output ends.
                if not any(line == "built\n" for line in program.process.stdout or ()):
                    raise InputError(f"{self.job.params.reference} could not train beside others.")
            started = time.monotonic()
            yield
            print(ended_line(time.monotonic() - started, sum(map(len, self.lanes[1:]))), flush=True)

    def epoch_seconds(self, name: str, network: str) -> float:
        """Train on the first lane; return the median of all epochs but the first."""
        command, variables = self.command(
            name, self.settings[network], self.folder / "settings.json"
        )
        found = launch(command, variables, self.lanes[0], self.job.params.limits["seconds"], {})
        epochs = numbered_spans(spans(found["milestones"], found["wall_seconds"]), "epoch")
        return statistics.median(epochs[1:])

    def measure(self, name: str, network: str) -> dict[str, Any]:
        """Return the ``seconds`` of an epoch in the order `ORDER`."""
        seconds = []
        for how in ORDER:
            with self.neighbours() if how == "beside" else nullcontext():
                seconds.append(self.epoch_seconds(name, network))
        return {"framework": name, "network": network, "seconds": seconds}


def settings_with_images(job: Job, folder: Path) -> dict[str, dict[str, Any]]:
    """Return the settings of each network, with images that are made up in a folder."""
    found = {}
    for network, settings in job.params.settings.items():
        (folder / network).mkdir()
        made_up = write_made_up(folder / network, settings, IMAGES)
        found[network] = {**made_up, **settings, "epochs": EPOCHS}
    return found


def main(job: Job) -> None:
    end_with_parent()
    # If an environment could not be built, the other frameworks are still timed.
    programs = {
        name: program
        for name, program in job.params.programs.items()
        if Path(program["environment"]).exists()
    }
    known = lanes(job.params.threads)
    result = {"machine": machine(), "threads": job.params.threads, "lanes": len(known)}
    result["gflops"] = statistics.median(calibrate(known[0]) for _ in range(5))
    cells: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        trial = Trial(job, programs, folder, settings_with_images(job, folder), known)
        for _ in range(ROUNDS if programs and len(known) > 1 else 0):
            for name, network in product(programs, trial.settings):
                cells.append(trial.measure(name, network))
                print(cells[-1], flush=True)
            if is_decided(cost(cells), job.params.limit):
                break
    result["cells"] = cells
    result |= cost(cells) if cells else {"cost": None, "low": None, "high": None, "n": 0}
    write_json(job.output[0], result)


if __name__ == "__main__":
    run(main)
