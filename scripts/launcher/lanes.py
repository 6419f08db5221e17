"""Lanes: the cores that one timed program has to itself, so that several can run side by side."""

import fcntl
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from shared.script import InputError

SYSTEM = Path("/sys/devices/system")
# Seconds between two looks for a free lane.
WAIT_SECONDS = 0.05


def _numbers(text: str) -> list[int]:
    """Return the numbers of a list as Linux writes it, e.g. ``0-2,8``."""
    numbers: list[int] = []
    for part in filter(None, text.strip().split(",")):
        first, _, last = part.partition("-")
        numbers += range(int(first), int(last or first) + 1)
    return numbers


def physical_cores(usable: set[int], system: Path = SYSTEM) -> list[list[int]]:
    """Return one logical core for each physical one, in a list for each NUMA node.

    Args:
        usable: the logical cores that this process may use.
        system: Linux's folder with the topology. Where it says nothing, each logical core counts.
    """
    nodes: dict[str, list[int]] = {}
    seen: set[int] = set()
    for core in sorted(usable):
        if core in seen:
            continue
        siblings = system / f"cpu/cpu{core}/topology/thread_siblings_list"
        seen |= set(_numbers(siblings.read_text())) if siblings.is_file() else {core}
        node = next((path.name for path in (system / f"cpu/cpu{core}").glob("node[0-9]*")), "")
        nodes.setdefault(node, []).append(core)
    return list(nodes.values())


def groups(threads: int, nodes: list[list[int]]) -> list[list[int]]:
    """Return the lanes of a machine: groups of ``threads`` cores of one node each.

    The last cores come first, because operating systems tend to serve interrupts on the first. If
    no node has enough cores, there is one lane across nodes.

    Raises `InputError` where the machine has too few physical cores.
    """
    found = [
        cores[max(0, end - threads) : end]
        for cores in nodes
        for end in range(len(cores), threads - 1, -threads)
    ]
    every = [core for cores in nodes for core in cores]
    if threads > len(every):
        raise InputError(
            f"compute_threads is {threads}, but this machine gives {len(every)} cores; lower it in "
            "config.yaml."
        )
    return found or [every[-threads:]]


def lanes(threads: int) -> list[list[int]]:
    """Return the lanes of this machine for programs with ``threads``.

    With more threads than physical cores, hyperthreads count as cores.
    """
    usable = os.sched_getaffinity(0)
    nodes = physical_cores(usable)
    if sum(map(len, nodes)) < threads:
        nodes = [sorted(usable)]
    return groups(threads, nodes)


def _locked(cores: list[int], folder: Path) -> ExitStack | None:
    """Return what holds the locks of all these cores; None where another program has one."""
    with ExitStack() as held:
        for core in cores:
            file = held.enter_context((folder / f"core-{core}").open("a"))
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return None
        return held.pop_all()


@contextmanager
def reserved(threads: int) -> Iterator[list[int]]:
    """Wait for a free lane and hold it; yield its cores.

    The locks are files, so that several workflows of one user share a machine.
    """
    known = lanes(threads)
    folder = Path(tempfile.gettempdir()) / f"timed-cores-{os.getuid()}"
    folder.mkdir(exist_ok=True)
    while True:
        for cores in known:
            held = _locked(cores, folder)
            if held is not None:
                with held:
                    yield cores
                return
        time.sleep(WAIT_SECONDS)
