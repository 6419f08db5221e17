"""How tests run a rule's script: in this process, or in one of its own as Snakemake does."""

import pickle
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

from snakemake.iocontainers import Namedlist

ROOT = Path(__file__).parent.parent
# Runs a script with the object that Snakemake would give it.
STARTER = """
import pickle, runpy, sys
sys.path.insert(0, sys.argv[1])
with open(sys.argv[3], "rb") as file:
    job = pickle.load(file)
runpy.run_path(sys.argv[2], init_globals={"snakemake": job}, run_name="__main__")
"""


def named(values):
    """Return a rule's files or parameters: by name (a dictionary) or in their order (a list)."""
    if isinstance(values, dict):
        return Namedlist(fromdict={name: _text(value) for name, value in values.items()})
    return Namedlist(toclone=[_text(value) for value in values])


def _text(value):
    """Return paths as Snakemake has them: as text."""
    if isinstance(value, Path):
        return str(value)
    return [_text(each) for each in value] if isinstance(value, list) else value


def job(*, input=(), output=(), params=(), wildcards=(), log=("log",), threads=1):
    """Return what Snakemake tells a script: dictionaries, or lists where there are no names."""
    return SimpleNamespace(
        input=named(input),
        output=named(output),
        params=named(params),
        wildcards=named(wildcards),
        log=named(log),
        threads=threads,
    )


def start_script(script, folder, *, cwd=None, env=None, **files):
    """Start a script, named by its path below scripts/, in a process of its own.

    ``files`` are those of `job`. The log is ``log`` in ``folder`` unless they name another.
    """
    described = job(**{"log": [folder / "log"], **files})
    (folder / "job.pickle").write_bytes(pickle.dumps(described))
    scripts = ROOT / "scripts"
    command = [sys.executable, "-c", STARTER, scripts, scripts / script, folder / "job.pickle"]
    return subprocess.Popen(list(map(str, command)), cwd=cwd, env=env)


def run_script(script, folder, **settings):
    """Run a script to its end; return its exit status and what is in its log."""
    status = start_script(script, folder, **settings).wait()
    log = Path(settings.get("log", [folder / "log"])[0])
    return status, log.read_text() if log.exists() else ""
