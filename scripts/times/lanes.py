"""Measure what it costs to time programs side by side on this machine.

Each of a few frameworks trains a small and a large network: alone, beside, beside, alone (ABBA, so
that a drift of the machine cancels out). *Beside* means that each other lane trains the reference's
large network meanwhile. The images are made up. All of this is repeated while the interval of the
cost contains the limit, because the number of lanes doubles or halves the time of all timed runs.
"""

import statistics
import tempfile
import time
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
from shared.script import Job, read_json, run, write_json
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
    (Conover, Practical Nonparametric Statistics, 1999, section 3.2); its ends are
    None where there are too few ratios.
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

    Without a limit, nobody asks: the configuration says how many programs run side by side.
    """
    if limit is None:
        return True
    ends = found["low"], found["high"]
    return None not in ends and not ends[0] <= limit <= ends[1]


def main(job: Job) -> None:
    threads = job.params.threads
    programs = job.params.programs
    end_with_parent()
    known = lanes(threads)
    result: dict[str, Any] = {"machine": machine(), "threads": threads, "lanes": len(known)}

    def started(name: str, settings: dict[str, Any], path: Path) -> tuple[list[str], dict]:
        command = command_with(programs[name]["commands"]["train"], settings, path)
        handle = Path(programs[name]["environment"])
        return command, program_variables(read_json(handle), handle.parent, threads, programs[name])

    own = known[0]
    result["gflops"] = statistics.median(calibrate(own) for _ in range(5))
    cells: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        all_settings = {}
        for network, settings in job.params.settings.items():
            (folder / network).mkdir()
            made_up = write_made_up(folder / network, settings, IMAGES)
            all_settings[network] = {**made_up, **settings, "epochs": EPOCHS}
        *_, large = all_settings.values()

        def neighbour(number: int, cores: list[int]) -> Program:
            settings = {**large, "epochs": ENDLESS, "model": str(folder / f"model-{number}")}
            return Program(
                *started(job.params.reference, settings, folder / f"{number}.json"), cores
            )

        def epoch_seconds(name: str, network: str) -> float:
            command, variables = started(name, all_settings[network], folder / "settings.json")
            found = launch(command, variables, own, job.params.limits["seconds"], {})
            epochs = numbered_spans(spans(found["milestones"], found["wall_seconds"]), "epoch")
            return statistics.median(epochs[1:])

        def measure(name: str, network: str) -> dict[str, Any]:
            """Return the ``seconds`` of an epoch in the order `ORDER`."""
            seconds = []
            for how in ORDER:
                others = known[1:] if how == "beside" else []
                neighbours = [neighbour(*each) for each in enumerate(others)]
                try:
                    if neighbours:
                        # Until they have loaded their images.
                        time.sleep(1.5)
                    seconds.append(epoch_seconds(name, network))
                finally:
                    for each in neighbours:
                        each.kill()
                        each.wait()
            return {"framework": name, "network": network, "seconds": seconds}

        for _ in range(ROUNDS if len(known) > 1 else 0):
            for name, network in product(programs, all_settings):
                cells.append(measure(name, network))
                print(cells[-1], flush=True)
            if is_decided(cost(cells), job.params.limit):
                break
    result["cells"] = cells
    result |= cost(cells) if cells else {"cost": None, "low": None, "high": None, "n": 0}
    write_json(job.output[0], result)


if __name__ == "__main__":
    run(main)
