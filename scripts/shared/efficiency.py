"""How much of a run's time the framework programs take, and how much the workflow itself.

The launcher ends the log of each program with a line that says how long the program took. These
lines are added up here: trainings, predictions, gates, warm-ups, audits, and disturbed runs too.
"""

import re
import time
from pathlib import Path
from typing import Any

_ENDED = re.compile(r"^\[program: (\d+\.\d+) s, cores: (\d+)\]$", re.MULTILINE)
# Compilers are no framework programs.
_BUILDS = "builds"


def ended_line(seconds: float, cores: int) -> str:
    """Return the last line of a program's log: its wall ``seconds``, and the cores that it had."""
    return f"[program: {seconds:.3f} s, cores: {cores}]"


def last_run(logs: Path, seconds: float, cores: int, steps: int) -> dict[str, Any]:
    """Return how long the run that ends now took, and the share of its programs.

    Args:
        logs: the folder of the logs.
        seconds: since its start.
        cores: those that it used.
        steps: how many jobs it ran.

    ``share`` is that of framework programs of the cores' time.
    """
    programs = program_seconds(logs, time.time() - seconds)
    return {
        "seconds": round(seconds, 1),
        "cores": cores,
        "steps": steps,
        "program_core_seconds": round(programs, 1),
        "share": round(programs / seconds / cores, 3) if seconds else 0.0,
    }


def program_seconds(logs: Path, since: float = 0.0) -> float:
    """Return the core seconds that framework programs took.

    ``since`` is a time of the clock in seconds; logs that are older do not count.
    """
    recent = [
        path
        for path in logs.rglob("*.log")
        if path.relative_to(logs).parts[0] != _BUILDS and path.stat().st_mtime >= since
    ]
    return sum(
        float(seconds) * int(cores)
        for path in recent
        for seconds, cores in _ENDED.findall(path.read_text(errors="replace"))
    )
