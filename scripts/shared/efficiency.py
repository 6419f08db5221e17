"""How much of a run's time the framework programs take, and how much the workflow itself."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

# The records of programs, below the folder of the results. Those of gates and audits have no time.
RECORDS = ("runs/*/*/*/*/*.json", "times/*/*/*/*/*/times.json", "threads/*/*/*/*/*/train.json")


def _seconds(record: Any) -> Iterator[float]:
    """Yield the wall seconds of each program in a record, disturbed ones too."""
    if isinstance(record, dict):
        if "wall_seconds" in record:
            yield record["wall_seconds"] * max(1, record["compute_threads"])
        else:
            record = list(record.values())
    if isinstance(record, list):
        for each in record:
            yield from _seconds(each)


def last_run(results: Path, seconds: float, cores: int, steps: int) -> dict[str, Any]:
    """Return how long the run that ends now took, and the share of its programs.

    Args:
        results: the folder of the results.
        seconds: since its start.
        cores: those that it used.
        steps: how many jobs it ran.

    ``share`` is that of trainings and predictions of the cores' time. Gates, audits and warm-ups
    are the workflow's own.
    """
    programs = program_seconds(results, time.time() - seconds)
    return {
        "seconds": round(seconds, 1),
        "cores": cores,
        "steps": steps,
        "program_core_seconds": round(programs, 1),
        "share": round(programs / seconds / cores, 3) if seconds else 0.0,
    }


def program_seconds(results: Path, since: float = 0.0) -> float:
    """Return the core seconds that framework programs took in trainings and predictions.

    ``since`` is a time of the clock in seconds; records that are older do not count.
    """
    paths = {path for pattern in RECORDS for path in results.glob(pattern)}
    recent = [path for path in sorted(paths) if path.stat().st_mtime >= since]
    return sum(second for path in recent for second in _seconds(json.loads(path.read_text())))
