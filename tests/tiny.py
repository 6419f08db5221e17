"""The tiny configuration of the whole workflow, and how the tests run it and ask what is due."""

import json
import os
import re
import shutil
import subprocess
import sys
from base64 import urlsafe_b64decode
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parent.parent
NETWORKS = ["tanh-1x100", "relu-1x64"]
FRAMEWORKS = ["numpy", "keras", "pytorch", "tensorflow"]
EXPERIMENTS = yaml.safe_load((ROOT / "config.yaml").read_text())["experiments"]
TINY = {
    "experiments": {
        **{name: {"enabled": False} for name in EXPERIMENTS},
        "harmonised": {
            "networks": NETWORKS,
            "seeds": [1],
            "frameworks": FRAMEWORKS,
            "fewer": None,
            "timed": False,
        },
        # One of these runs once more, which is to say that it is timed.
        "timed": {
            "enabled": True,
            "networks": ["relu-1x64"],
            "seeds": [1],
            "frameworks": ["numpy"],
            "recipes": ["harmonised"],
            "timed": True,
        },
    },
    "speedup": {"enabled": False},
    "recipes": {"harmonised": {"epochs": 1}},
    "measurement": {"predict_repeats": 2},
}
WRITTEN = ("results", "resources", "logs", "benchmarks", ".snakemake", ".git", "__pycache__")
FLAGS = ["--cores", "2", "--configfile", "tiny.json"]


def snakemake(*arguments, folder=ROOT, check=True):
    """Run this Python's Snakemake; return the finished process with its output in ``stdout``."""
    # The frameworks' programs must not see the test runner's own settings.
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST", "PYTHON"))}
    process = subprocess.run(
        [sys.executable, "-m", "snakemake", *map(str, arguments)],
        cwd=folder,
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    if check and process.returncode != 0:
        pytest.fail(f"snakemake {' '.join(map(str, arguments))} failed:\n{process.stdout[-8000:]}")
    return process


def copy_workflow(folder):
    """Copy the checkout without what runs have written; the environments are shared."""
    shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(*WRITTEN, "*.pyc"), symlinks=True)
    (folder / "tiny.json").write_text(json.dumps(TINY))
    return folder


def share_environments(folder):
    """Let a copy have the environments of the checkout, and what is recorded of their making."""
    (folder / "resources").mkdir()
    (folder / "resources" / "environments").symlink_to(ROOT / "resources" / "environments")
    records = folder / ".snakemake" / "metadata"
    records.mkdir(parents=True)
    # Snakemake names a record by the path of what was made.
    for record in (ROOT / ".snakemake" / "metadata").iterdir():
        if urlsafe_b64decode(record.name).startswith(b"resources/environments/"):
            shutil.copy2(record, records)


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
    output = snakemake("--dry-run", *FLAGS, *flags, folder=folder).stdout
    if "Nothing to be done" in output:
        return {}
    table = re.search(r"Job stats:\njob +count\n[- ]+\n(.*?)\n\n", output, re.DOTALL)[1]
    counts = {name: int(count) for name, count in (line.split() for line in table.splitlines())}
    del counts["total"], counts["all"]
    return counts


def edit(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
