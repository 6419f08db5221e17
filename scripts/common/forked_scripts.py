"""Run the rules' scripts in forks of one Python that has imported the large packages.

Snakemake starts a new Python for each script. Most scripts then import pandas or Matplotlib, which
takes longer than what they do. Python's own fork server imports these packages once.
"""

import multiprocessing
import os
import runpy
import subprocess
import sys
import tempfile
import threading
from multiprocessing import forkserver
from multiprocessing.connection import wait
from typing import Any

import snakemake.script

# What scripts import, and what Snakemake imports before each of them. No module of the workflow is
# among these: a script has its modules as they are when it starts.
PACKAGES = [
    "snakemake.cli",
    "snakemake.script",
    "jsonschema",
    "matplotlib.backends.backend_agg",
    "matplotlib.backends.backend_svg",
    "matplotlib.figure",
    "numpy",
    "pandas",
    "psutil",
    "scipy.stats",
    "threadpoolctl",
    "yaml",
]
# The server takes about two seconds to start, and saves about half a second for each script.
ENOUGH_SCRIPTS = 10


def _run(script: str, folder: str, threads: int, variables: dict[str, str]) -> None:
    """Be the process of a script: what Snakemake's shell would set is set here."""
    import threadpoolctl

    # The server's folder is the one in which Snakemake was started, before --directory.
    os.chdir(folder)
    os.environ.update(variables)
    sys.path.insert(0, variables["PYTHONPATH"])
    # BLAS is loaded already, and no variable changes its number of threads.
    threadpoolctl.threadpool_limits(threads)
    runpy.run_path(script, run_name="__main__")


def use(modules: str) -> None:
    """Let Snakemake run scripts in forks, but those in environments of their own or benchmarked.

    ``modules`` is the folder of the modules that scripts import. Nothing is changed where Snakemake
    has other names for its parts, where the system is not Linux, whose forks are safe, and where no
    server can be started.
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
    # A process is started, and its exit status is read, by one thread at a time: each start reads
    # the status of all processes that have ended.
    lock = threading.Lock()

    def execute_script(self: Any, script: str, edit: bool = False) -> None:
        own = self.conda_env or self.container_img or self.env_modules or self.bench_record
        if edit or own:
            in_new_python(self, script, edit)
            return
        variables = {
            "PYTHONPATH": modules,
            "SNAKEMAKE_PROCESS": str(os.getpid()),
            "TMPDIR": self.resources.get("tmpdir", tempfile.gettempdir()),
        }
        process = context.Process(target=_run, args=(script, os.getcwd(), self.threads, variables))
        with lock:
            process.start()
        wait([process.sentinel])
        with lock:
            process.join()
        if process.exitcode:
            raise subprocess.CalledProcessError(process.exitcode, [sys.executable, script])

    python_script.execute_script = execute_script
