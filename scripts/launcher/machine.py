"""The machine: what it is, how fast its cores are, and which of them a program gets."""

import contextlib
import os
import platform
import signal
import sys
import time
from pathlib import Path
from typing import Any

import psutil

# Libraries read the number of their threads from one of these, once, when they are loaded.
THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "BLIS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "TF_NUM_INTRAOP_THREADS",
    "TF_NUM_INTEROP_THREADS",
    # XLA, and so JAX.
    "NPROC",
    # Rayon, and so Candle.
    "RAYON_NUM_THREADS",
)
# The extensions that decide which kernels a library has, as Linux's /proc/cpuinfo names them.
VECTOR_EXTENSIONS = {"avx", "avx2", "fma", "avx512f", "avx512_bf16", "amx_tile"}


def _keep_to(cores: set[int]) -> None:
    """Let all threads of this process run on these cores only."""
    for task in Path("/proc/self/task").iterdir():
        # One may have ended since it was listed.
        with contextlib.suppress(ProcessLookupError):
            os.sched_setaffinity(int(task.name), cores)


def calibrate(cores: list[int] | None, repeats: int = 20, size: int = 512) -> float:
    """Return the GFLOP/s of a float32 matrix product with a thread on each of these cores.

    The median of ``repeats`` products of two ``size`` x ``size`` matrices, 2 size^3 operations
    each. It distinguishes a slow machine from a slow program. None means one core that this process
    happens to get.
    """
    # Snakemake sets these to a job's threads: to all cores, if one program is timed at a time.
    # After each program that is started, OpenBLAS starts as many threads again, and they would spin
    # on the cores that are measured. It reads the variables when NumPy is imported.
    count = len(cores or [0])
    os.environ.update(dict.fromkeys(THREAD_VARIABLES, str(count)))
    # Imported here, because most launchers calibrate nothing.
    import numpy as np
    from threadpoolctl import threadpool_limits

    everywhere = os.sched_getaffinity(0) if cores else None
    a = np.full((size, size), 0.5, dtype=np.float32)
    seconds = []
    try:
        if cores:
            _keep_to(set(cores))
        with threadpool_limits(count):
            for _ in range(repeats + 3):
                start = time.monotonic()
                a @ a
                seconds.append(time.monotonic() - start)
    finally:
        if everywhere:
            _keep_to(everywhere)
    return 2 * size**3 / float(np.median(seconds[3:])) / 1e9


def end_with_parent() -> None:
    """Make sure that the program ends too if the launcher's parent ends the launcher."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("error: ended by SIGTERM."))


def same_processor(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Return whether two machines, as `machine` describes them, have the same processor."""
    return all(one[key] == other[key] for key in ("processor", "cores"))


def machine() -> dict[str, Any]:
    """Describe the machine: what a result depends on, and which one of a cluster's nodes it is."""
    model, flags = platform.processor() or platform.machine(), set()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        lines = cpuinfo.read_text().split("\n\n")[0].splitlines()
        pairs = (line.partition(":") for line in lines)
        fields = {name.strip(): value.strip() for name, _, value in pairs}
        model = fields.get("model name", model)
        flags = set(fields.get("flags", "").split())
    return {
        "node": platform.node(),
        "processor": model,
        "vector_extensions": sorted(flags & VECTOR_EXTENSIONS),
        "cores": psutil.cpu_count(),
        "memory_mib": psutil.virtual_memory().total // 2**20,
        "system": f"{platform.system()} {platform.machine()}",
    }
