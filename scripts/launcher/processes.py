"""The processes that a program has started: what they use, and how they all end with it."""

import contextlib
import ctypes
import os
import signal

import psutil

# From <linux/prctl.h>.
PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36


def prctl(option: int, value: int) -> None:
    """Call Linux's prctl."""
    ctypes.CDLL(None).prctl(option, value)


def adopt_orphans() -> None:
    """Become the parent of each process that a descendant leaves behind, whatever its session."""
    prctl(PR_SET_CHILD_SUBREAPER, 1)


def descendants() -> list[psutil.Process]:
    """Return the processes that this one has started or adopted, and those that they started."""
    try:
        return psutil.Process().children(recursive=True)
    except psutil.Error:
        return []


def processor_seconds(processes: list[psutil.Process]) -> float:
    """Return the CPU seconds that processes have used, and that of children which have ended."""
    seconds = 0.0
    for process in processes:
        with contextlib.suppress(psutil.Error):
            times = process.cpu_times()
            seconds += times.user + times.system + times.children_user + times.children_system
    return seconds


def resident_gib(processes: list[psutil.Process]) -> float:
    """Return the memory that processes hold, in GiB."""
    held = 0
    for process in processes:
        with contextlib.suppress(psutil.Error):
            held += process.memory_info().rss
    return held / 2**30


def end(processes: list[psutil.Process]) -> list[str]:
    """Kill processes and what they start meanwhile; return the names of those that were running."""
    names = []
    for process in processes:
        with contextlib.suppress(psutil.Error):
            running = process.status() != psutil.STATUS_ZOMBIE
            if running:
                names.append(process.name())
                process.kill()
            process.wait(timeout=5)
    return names


def is_gone(pid: int) -> bool:
    """Return whether a process has ended, though its parent may not have noticed."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def core_seconds(cores: list[int]) -> float:
    """Return the seconds that these cores have not been free since the machine started.

    What a virtual machine's host gives to others (steal) counts.
    """
    times = psutil.cpu_times(percpu=True)
    return sum(
        sum(times[core]) - times[core].idle - getattr(times[core], "iowait", 0.0) for core in cores
    )


def kill_group(pid: int) -> None:
    """Kill all processes of a process's group."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)
