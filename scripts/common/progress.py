"""A calm terminal: which stage begins, how long it may still take, and what came out in the end.

Snakemake's own lines about each job go to its log file (.snakemake/log), where `Terminal` leaves
them. Warnings and errors stay in the terminal.
"""

import logging
import os
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from shared.remarks import on_runs

# Seconds that a job of a rule takes, for the first estimate; measured with the default
# configuration on two cores. From the first finished job on, the run's own times count.
TYPICAL_SECONDS = {
    "environment": 11.0,
    "build": 40.0,
    "warm_up": 3.0,
    "equivalence_train": 2.0,
    "equivalence_predict": 1.5,
    "train": 6.0,
    "train_with_threads": 10.0,
    "predict": 0.5,
    "lanes": 120.0,
    "time_run": 6.0,
    "audit": 4.5,
    "page": 3.0,
    "report": 5.0,
}
OTHER_SECONDS = 0.3
# In a long stage, the terminal says how much is left at least this often (seconds).
QUIET_SECONDS = 600.0
# What Snakemake says of each job and of itself. Its log file has it.
NOISY_EVENTS = {
    "run_info", "workflow_started", "shellcmd", "job_info", "job_started", "job_finished",
    "group_info", "resources_info", "progress",
}  # fmt: skip
NOISY_LINES = (
    "Assuming unrestricted shared filesystem usage",
    "Building DAG of jobs",
    "Conda environments: ignored",
    "Group jobs: inactive",
    "Removing temporary output",
    "Select jobs to execute",
    "Using shell:",
)
# Snakemake adds this to the job's own error, which already has the end of the script's log.
SAID_TWICE = "RuleException:\nCalledProcessError"


def duration(seconds: float) -> str:
    """Write a duration as one would say it: ``40 s``, ``12 min``, ``1 h 50 min``."""
    if seconds < 90:
        return f"{max(seconds, 0):.0f} s"
    minutes = round(seconds / 60)
    hours, rest = divmod(minutes, 60)
    return f"{hours} h {rest:02d} min" if hours else f"{minutes} min"


class Estimate:
    """How long the remaining jobs will take, estimated from finished jobs of the same kind.

    A kind is a rule and a framework. Without a finished job of a kind, those of its rule count,
    then `TYPICAL_SECONDS`.
    """

    def __init__(self, kinds: Iterable[tuple[str, str]], cores: int) -> None:
        self.left = Counter(kinds)
        self.cores = cores
        self.seconds: dict[tuple[str, str], list[float]] = {}
        # How many cores one job of a rule takes.
        self.threads: dict[str, int] = {}

    def finish(self, kind: tuple[str, str], seconds: float, threads: int) -> None:
        """Count a finished job of a kind, which took ``seconds`` on ``threads`` cores."""
        self.left[kind] -= 1
        self.seconds.setdefault(kind, []).append(seconds)
        self.threads[kind[0]] = threads

    def _typical(self, kind: tuple[str, str]) -> float:
        measured = self.seconds.get(kind) or [
            each for other, found in self.seconds.items() if other[0] == kind[0] for each in found
        ]
        if measured:
            return sum(measured) / len(measured)
        return TYPICAL_SECONDS.get(kind[0], OTHER_SECONDS)

    def remaining(self) -> float:
        """Return the seconds that are left if all cores are kept busy."""
        work = sum(
            count * self._typical(kind) * min(self.threads.get(kind[0], 1), self.cores)
            for kind, count in self.left.items()
        )
        return work / self.cores


class Terminal(logging.Filter):
    """Decides which of Snakemake's lines the terminal shows, and adds those on progress.

    ``stages`` is the stage of each rule.
    """

    def __init__(self, logger: logging.Logger, stages: dict[str, str]) -> None:
        super().__init__()
        self.logger, self.stages = logger, stages
        self.begun: set[str] = set()
        self.running: dict[int, tuple[tuple[str, str], int, float]] = {}
        self.started = self.last_line = time.monotonic()
        self.estimate: Estimate | None = None
        # The number of steps and cores of this run, which has not begun.
        self.steps, self.cores = 0, 1

    def say(self, line: str) -> None:
        """Show a line in the terminal, and keep it in the log file."""
        self.last_line = time.monotonic()
        self.logger.info(line)

    @property
    def elapsed(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self.started

    def begin(self, jobs: Iterable[tuple[str, str]], cores: int) -> None:
        """Say how much there is to do; ``jobs`` are the rule and the framework of each one."""
        kinds = list(jobs)
        self.steps, self.cores = len(kinds), cores
        self.estimate = Estimate(kinds, cores)
        left = duration(self.estimate.remaining())
        self.say(
            f"{len(kinds):,} step{'s' * (len(kinds) > 1)} on {cores} core{'s' * (cores > 1)}: "
            f"about {left}. "
            "What each step prints is in logs/, and Snakemake's own log in .snakemake/log."
        )

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether the terminal shows a record, and note what it says of a job."""
        event = getattr(getattr(record, "event", None), "value", None)
        if event == "job_info":
            self._start(vars(record))
        elif event == "job_finished":
            self._finish(vars(record).get("job_id"))
        message = str(record.msg)
        if record.levelno > logging.INFO:
            return not message.startswith(SAID_TWICE)
        return event not in NOISY_EVENTS and not message.startswith(NOISY_LINES)

    def _start(self, job: dict[str, Any]) -> None:
        rule, framework = job["rule_name"], (job["wildcards"] or {}).get("framework", "")
        threads = job.get("threads") or 1
        self.running[job["jobid"]] = ((rule, framework), threads, time.monotonic())
        stage = self.stages.get(rule, "")
        if stage and stage not in self.begun:
            self.begun.add(stage)
            self._report(f"Stage {stage}")

    def _finish(self, number: int | None) -> None:
        if number not in self.running:
            return
        kind, threads, started = self.running.pop(number)
        if self.estimate:
            self.estimate.finish(kind, time.monotonic() - started, threads)
        if time.monotonic() - self.last_line > QUIET_SECONDS:
            self._report("Still running")

    def _report(self, what: str) -> None:
        elapsed = duration(time.monotonic() - self.started)
        left = f", about {duration(self.estimate.remaining())} left" if self.estimate else ""
        self.say(f"[{elapsed}] {what}{left}")


def quiet(logger: logging.Logger, stages: dict[str, str]) -> Terminal:
    """Let the terminal show only what a user wants to read; return what decides that."""
    terminal = Terminal(logger, stages)
    for handler in logger.handlers:
        # Snakemake's own handler has this name. The user's logger plugins stay as they are.
        if handler.name == "DefaultStreamHandler":
            handler.addFilter(terminal)
    return terminal


def last_lines(
    results: Path, skipped: dict[str, str], labels: dict[str, str], last: dict[str, Any]
) -> list[str]:
    """Return what the terminal says in the end: remarks on runs, what was skipped, the result.

    ``last`` are the ``seconds`` that the run took, and the ``share`` of the cores' time that
    framework programs took (`efficiency.last_run`).
    """
    pages = [os.path.relpath(results / name) for name in ("index.html", "report.html")]
    there = [page for page in pages if Path(page).exists()]
    where = f" Open {there[0]}." if there else ""
    if len(there) > 1:
        where += f" How each result was made is in {there[1]}."
    tables = results / "tables"
    return [
        *on_runs(tables / "left-out-runs.csv", tables / "runs.csv", labels),
        *(f"{labels[name]} was skipped: {missing}" for name, missing in skipped.items()),
        *(
            [f"Framework programs took {100 * last['share']:.0f} % of the cores' time."]
            if last["share"]
            else []
        ),
        f"Done in {duration(last['seconds'])}.{where}",
    ]
