"""The tiny configuration of the whole workflow, and how the tests run it and ask what is due."""

import functools
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
import yaml
from environments.build import RECORD, builder_digest, digests
from environments.files import read_environment_file
from environments.tools import write_program
from forked_python import ForkedPython

ROOT = Path(__file__).parent.parent
NETWORKS = ["tanh-1x100", "relu-1x64"]
FRAMEWORKS = ["numpy", "keras", "pytorch", "tensorflow"]
# Each of these frameworks has an environment of its name.
ENVIRONMENTS = FRAMEWORKS
EXPERIMENTS = yaml.safe_load((ROOT / "config.yaml").read_text())["experiments"]
TINY = {
    "experiments": {
        **{name: {"enabled": False} for name in EXPERIMENTS},
        "harmonised": {"networks": NETWORKS, "seeds": [1], "frameworks": FRAMEWORKS, "fewer": None},
        "times": {
            "purpose": "times",
            "networks": ["relu-1x64"],
            "blocks": 1,
            "frameworks": ["numpy"],
            "recipes": ["harmonised"],
            "fewer": None,
        },
    },
    "speedup": {"enabled": False},
    "recipes": {"harmonised": {"epochs": 1}},
    # Other tests may run beside these, so no run counts as disturbed.
    "measurement": {
        "predict_repeats": 2,
        "timed": {"epochs": 2, "images": 6000},
        "lanes": 1,
        "side_by_side": {"frameworks": ["numpy"], "networks": ["relu-1x64"]},
        "disturbed_share": None,
    },
}
# The files at the top of a checkout, if Git does not know them (an unpacked archive).
TOP = {
    ".ci", ".dockerignore", ".github", ".gitignore", ".pre-commit-config.yaml",
    ".snakemake-workflow-catalog.yml", ".zenodo.json", "CHANGELOG.md", "CITATION.cff",
    "CONTRIBUTING.md", "Containerfile", "LICENSE", "README.md", "Snakefile", "config",
    "config.yaml", "docs", "envs", "examples", "profiles", "pyproject.toml", "reference",
    "reference-run", "report", "requirements-dev.in", "requirements-dev.txt", "requirements.in",
    "requirements.txt", "rules", "schemas", "scripts", "tests", "workflow",
}  # fmt: skip
# The tests' own commits need no identity, and no setting of the user's changes them.
GIT = {
    **{"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull},
    **{f"GIT_{role}_NAME": "tests" for role in ("AUTHOR", "COMMITTER")},
    **{f"GIT_{role}_EMAIL": "tests@example.org" for role in ("AUTHOR", "COMMITTER")},
}
FLAGS = ["--cores", "2", "--configfile", "tiny.json"]


@functools.cache
def forking_snakemake():
    """Return a Python that has what Snakemake and the workflow's rules import."""
    modules = ["snakemake.cli", "snakemake.report.html_reporter", "smart_open", "nbformat"]
    return ForkedPython([sys.executable], [*modules, "jsonschema", "numpy", "pandas", "psutil"])


def snakemake(*arguments, folder=ROOT, check=True):
    """Run this Python's Snakemake; return the finished process with its output in ``stdout``."""
    # The frameworks' programs must not see the test runner's own settings.
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST", "PYTHON"))}
    arguments = list(map(str, arguments))
    with tempfile.NamedTemporaryFile() as output:
        status = forking_snakemake().run(
            ["-m", "snakemake", *arguments], folder, environment, output.name
        )
        process = subprocess.CompletedProcess(arguments, status, Path(output.name).read_text())
    if check and process.returncode != 0:
        pytest.fail(f"snakemake {' '.join(arguments)} failed:\n{process.stdout[-8000:]}")
    return process


def git(*arguments, folder=ROOT, **variables):
    """Run Git without the user's settings; return what it prints."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    return subprocess.run(
        ["git", *map(str, arguments)],
        cwd=folder,
        env={**environment, **GIT, **variables},
        check=True,
        capture_output=True,
        text=True,
    ).stdout


def workflow_files(root=ROOT):
    """Return the paths, relative to ``root``, of the workflow's files in a checkout.

    With Git these are the tracked files, and new ones in the same folders; whatever else lies in
    the checkout, like a virtual environment, is not the workflow's.
    """
    try:
        if Path(git("rev-parse", "--show-toplevel", folder=root).strip()).samefile(root):
            tracked = git("ls-files", "-z", folder=root).split("\0")
            untracked = git("ls-files", "-z", "--others", "--exclude-standard", folder=root)
            folders = {name.split("/")[0] for name in tracked if "/" in name}
            new = [name for name in untracked.split("\0") if name.split("/")[0] in folders]
            # A tracked file may have been deleted since.
            return [name for name in filter(None, tracked + new) if os.path.lexists(root / name)]
    except (OSError, subprocess.CalledProcessError):
        pass
    found = [path for name in TOP for path in (root / name, *(root / name).rglob("*"))]
    return [
        str(path.relative_to(root))
        for path in found
        if (path.is_file() or path.is_symlink()) and "__pycache__" not in path.parts
    ]


def copy_workflow(folder):
    """Copy the workflow's files as they are in the checkout, and add the tiny configuration."""
    for name in workflow_files():
        # A run of the tiny configuration cannot be compared with the reference run.
        if name.startswith("reference-run/"):
            continue
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, folder / name, follow_symlinks=False)
    (folder / "tiny.json").write_text(json.dumps(TINY))
    return folder


def share_environments(folder, shared=ROOT / "resources" / "environments"):
    """Let a copy use environments through a link, as docs/offline.md says."""
    (folder / "resources").mkdir()
    (folder / "resources" / "environments").symlink_to(shared)


def stand_in(folder):
    """Let NumPy's programs stand in for all frameworks of the tiny configuration, in a copy.

    Each keeps its name, its label and its place in the figures. `own_python` has environments for
    them, so that no framework is installed.
    """
    programs = folder / "scripts" / "frameworks"
    numpy = yaml.safe_load((programs / "numpy" / "framework.yaml").read_text())
    for name in FRAMEWORKS[1:]:
        path = programs / name / "framework.yaml"
        description = yaml.safe_load(path.read_text())
        kept = ("label", "year", "language", "successor_of", "color", "environment")
        told = {key: description[key] for key in kept}
        told |= {role: numpy[role] for role in ("train", "predict")}
        path.write_text(yaml.safe_dump(told, sort_keys=False))
        for file in (programs / "numpy").glob("*.py"):
            shutil.copy2(file, programs / name)


def own_python(folder):
    """Write environments whose Python is the tests' own, as if they had been built from envs/."""
    for name in ENVIRONMENTS:
        packages = read_environment_file(ROOT / "envs" / f"{name}.yaml").versions()
        packages["python"] = ".".join(map(str, sys.version_info[:3]))
        write_program(folder / name / "bin" / "python", f'exec "{sys.executable}" "$@"')
        handle = {
            **{"name": name, "kind": "local", "path": ["bin"], "variables": {}},
            "packages": packages,
        }
        files = digests(ROOT / "envs" / f"{name}.yaml")
        record = {"files": files, "builder": builder_digest(), "handle": handle}
        for file, content in ((RECORD, record), ("environment.json", handle)):
            (folder / name / file).write_text(json.dumps(content, indent=2, sort_keys=True) + "\n")


def own_environments(folder):
    """Replace the link to the environments by a folder with their handles and records alone."""
    link = folder / "resources" / "environments"
    shared = link.resolve()
    link.unlink()
    for name in ENVIRONMENTS:
        (link / name).mkdir(parents=True)
        for file in ("environment.json", RECORD):
            shutil.copy2(shared / name / file, link / name)


def copy_finished(finished, folder):
    """Copy a workflow that has been run; what is large is shared until a job replaces it."""

    def copy(source, target):
        if os.path.getsize(source) > 1e6:
            os.link(source, target)
        else:
            shutil.copy2(source, target)

    shutil.copytree(finished, folder, symlinks=True, copy_function=copy)
    return folder


def jobs(folder, *flags):
    """Return what a dry run would run: the number of jobs of each rule."""
    return counts_of(snakemake("--dry-run", *FLAGS, *flags, folder=folder).stdout)


def counts_of(output):
    """Return the number of jobs of each rule that a dry run says it would run."""
    if "Nothing to be done" in output:
        return {}
    table = re.search(r"Job stats:\njob +count\n[- ]+\n(.*?)\n\n", output, re.DOTALL)[1]
    counts = {name: int(count) for name, count in (line.split() for line in table.splitlines())}
    # Where files are asked for, `all` is not.
    return {name: count for name, count in counts.items() if name not in ("total", "all")}


def edit(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
