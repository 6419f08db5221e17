"""Say how long a finished run would have taken with other numbers of cores.

`python scripts/maintenance/simulate.py --cores 2 4 8 16 64` reads what Snakemake recorded of each
job in this folder (.snakemake/metadata): when it ran, and which files it needed. It then simulates
the jobs behind the page (`--page results/index.html`) on so many cores. A job starts as soon as its
files are there and a core is free; timed runs start last. We assume that a job takes as long as it
did. This is not quite true, because programs that run at the same time share the memory's
bandwidth. Trainings with several threads take all cores, as in the workflow.
"""

import argparse
import base64
import heapq
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

# Started by hand, it finds the workflow's modules by itself.
sys.path.insert(0, str(Path(__file__).parents[1]))

from shared.script import InputError, run_command

# The rules whose jobs take all cores, and those whose jobs come last.
ALL_CORES = {"lanes", "train_with_threads"}
LAST = {"time_run"}


@dataclass
class Finished:
    """A job that has run: its rule, its seconds, and the numbers of the jobs that it needed."""

    rule: str
    seconds: float
    needs: set[int] = field(default_factory=set)


def read_records(metadata: Path) -> dict[str, dict[str, Any]]:
    """Return what Snakemake recorded of each file that it made, by the file's path."""
    records = {}
    for path in sorted(metadata.rglob("*")):
        if path.is_file():
            coded = "".join(path.relative_to(metadata).parts).replace("@", "")
            record = json.loads(path.read_text())
            # Without an end, the job was stopped.
            if record.get("endtime") is not None:
                records[base64.b64decode(coded).decode()] = record
    return records


def read_jobs(metadata: Path, page: str) -> list[Finished]:
    """Return the recorded jobs that made ``page``; `InputError` where there is no record of it."""
    records = read_records(metadata)
    numbers: dict[tuple, int] = {}
    jobs: list[Finished] = []
    made_by: dict[str, int] = {}
    for name, record in records.items():
        # The outputs of one job have one log and one end. Their starts differ by microseconds.
        key = (record["rule"], record["endtime"], tuple(record["log"]))
        if key not in numbers:
            numbers[key] = len(jobs)
            jobs.append(Finished(record["rule"], record["endtime"] - record["starttime"]))
        made_by[name] = numbers[key]
    for name, number in made_by.items():
        jobs[number].needs |= {
            made_by[path] for path in records[name]["input"] if path in made_by
        } - {number}
    if page not in made_by:
        raise InputError(f"{metadata} has no record of {page}; run `snakemake --cores 8` first.")
    return behind(jobs, made_by[page])


def behind(jobs: list[Finished], last: int) -> list[Finished]:
    """Return the jobs that the job number ``last`` needed, directly or not, and itself."""
    found, waiting = {last}, [last]
    while waiting:
        more = jobs[waiting.pop()].needs - found
        found |= more
        waiting.extend(more)
    new = {number: place for place, number in enumerate(sorted(found))}
    return [
        Finished(job.rule, job.seconds, {new[need] for need in job.needs})
        for job in (jobs[number] for number in new)
    ]


def simulate(jobs: list[Finished], cores: int) -> float:
    """Return the seconds that the jobs take on so many cores."""
    order = TopologicalSorter({number: job.needs for number, job in enumerate(jobs)})
    order.prepare()
    ready: list[tuple[bool, int]] = []
    running: list[tuple[float, int]] = []
    now, free = 0.0, cores
    while order.is_active():
        for number in order.get_ready():
            heapq.heappush(ready, (jobs[number].rule in LAST, number))
        held = []
        while ready and free:
            entry = heapq.heappop(ready)
            needed = cores if jobs[entry[1]].rule in ALL_CORES else 1
            if needed > free:
                held.append(entry)
                continue
            free -= needed
            heapq.heappush(running, (now + jobs[entry[1]].seconds, entry[1]))
        for entry in held:
            heapq.heappush(ready, entry)
        now, number = heapq.heappop(running)
        free += cores if jobs[number].rule in ALL_CORES else 1
        order.done(number)
    return now


def lines(jobs: list[Finished], counts: list[int]) -> Iterator[str]:
    """Yield the lines of a table: minutes for each number of cores."""
    yield "| cores | minutes |"
    yield "| ---: | ---: |"
    for cores in counts:
        yield f"| {cores} | {simulate(jobs, cores) / 60:.0f} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--cores", type=int, nargs="+", default=[2, 4, 8, 16, 64], metavar="N")
    parser.add_argument("--page", default="results/index.html", metavar="FILE")
    args = parser.parse_args()
    if min(args.cores) < 1:
        raise InputError("--cores needs numbers of 1 or more.")
    for line in lines(read_jobs(Path(".snakemake/metadata"), args.page), args.cores):
        print(line)


if __name__ == "__main__":
    run_command(main)
