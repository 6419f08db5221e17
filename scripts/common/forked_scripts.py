"""Run the rules' scripts in forks of one Python that has imported the large packages.

Snakemake starts a new Python for each script. Most scripts then import pandas or Matplotlib, which
takes longer than what they do. Python's own fork server imports these packages once.
"""

import multiprocessing
import os
import runpy
import signal
import subprocess
import sys
import tempfile
import threading
from multiprocessing import forkserver
from multiprocessing.connection import wait
from typing import Any

import snakemake.script
from launcher.machine import THREAD_VARIABLES
from launcher.processes import PR_SET_PDEATHSIG, prctl

# What scripts import, and what Snakemake imports before each of them. The workflow's own modules
# are not listed, because each script must import them as they are when it starts.
PACKAGES = [
    "snakemake.cli", "snakemake.script", "jsonschema", "matplotlib.backends.backend_agg",
    "matplotlib.backends.backend_svg", "matplotlib.figure", "numpy", "pandas", "psutil",
    "scipy.stats", "threadpoolctl", "yaml",
]  # fmt: skip
# The server takes about two seconds to start, and saves about half a second for each script.
ENOUGH_SCRIPTS = 10


def _run(script: str, threads: int, variables: dict[str, str]) -> None:
    """Run a script in this process, with these environment variables and no others."""
    import threadpoolctl

    # If the server is killed, Snakemake takes this job for failed. So this process ends too.
    prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    # Packages have set some variables, which programs must not inherit.
    os.environ.clear()
    os.environ.update(variables)
    tempfile.tempdir = None
    sys.argv = [script]
    sys.path.insert(0, variables["PYTHONPATH"])
    # BLAS is already loaded, so variables no longer change its number of threads.
    threadpoolctl.threadpool_limits(threads)
    runpy.run_path(script, run_name="__main__")


def use(script_variables: dict[str, str]) -> None:
    """Let Snakemake run scripts in forks, if they have no environment of their own.

    A script is run in a new Python as before if its rule has a benchmark, or if its parameter
    ``launch`` says that a program is timed. Linux counts the memory of the process that starts a
    program as the program's own, and a larger process takes longer to start a program.

    ``script_variables`` are those that all scripts get, with the folder of their modules as
    PYTHONPATH. Nothing changes if the system is not Linux (forks are not safe there), if Snakemake
    has other names for its parts, or if no server can be started.
    """
    python_script: Any = getattr(snakemake.script, "PythonScript", None)
    if sys.platform != "linux" or not hasattr(python_script, "execute_script"):
        return
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PACKAGES)
    try:
        forkserver.ensure_running()
    except OSError:
        # The temporary folder is full or read-only, or its path is too long for a socket.
        return
    in_new_python = python_script.execute_script
    # Only one thread at a time may start a process or read an exit status, because each start reads
    # the status of all processes that have ended.
    lock = threading.Lock()

    def execute_script(self: Any, script: str, edit: bool = False) -> None:
        apart = self.conda_env or self.container_img or self.env_modules or self.bench_record
        is_timed = any(how["timed"] for how in getattr(self.params, "launch", {}).values())
        if edit or apart or is_timed:
            in_new_python(self, script, edit)
            return
        # As Snakemake's shell sets them. A script may load libraries that read the threads.
        variables = {
            **os.environ,
            **script_variables,
            **dict.fromkeys(THREAD_VARIABLES, str(self.threads)),
            "TMPDIR": self.resources.get("tmpdir", tempfile.gettempdir()),
        }
        process = context.Process(target=_run, args=(script, self.threads, variables))
        try:
            with lock:
                process.start()
        except (OSError, EOFError):
            # The server cannot be reached, or cannot import a package. The script may not need it.
            in_new_python(self, script, edit)
            return
        wait([process.sentinel])
        with lock:
            process.join()
        if process.exitcode:
            raise subprocess.CalledProcessError(process.exitcode, [sys.executable, script])

    python_script.execute_script = execute_script
