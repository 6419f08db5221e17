"""Snakemake's limit on the jobs that it starts per second."""

from typing import Any


def lift(workflow: Any) -> None:
    """Lift the limit, unless jobs go to a cluster, which alone needs it.

    Each scheduling round adds a timer for the limit. After some hundred jobs, the scheduler
    busy-waits and takes half a core from timed programs. Snakemake versions without this attribute
    are not changed.
    """
    if workflow.local_exec and hasattr(workflow.scheduler, "job_rate_limiter"):
        workflow.scheduler.job_rate_limiter = None
