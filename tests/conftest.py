"""What the tests share, also those that run side by side: environments and finished workflows."""

import fcntl
import json
import os
import shutil
import sys
from collections import Counter

import pytest
import yaml
from environments import java
from environments.files import CLOSURE
from tiny import (
    ENVIRONMENTS,
    FLAGS,
    ROOT,
    copy_finished,
    copy_workflow,
    own_environments,
    own_python,
    share_environments,
    snakemake,
    stand_in,
)

SMALL = f"""\
name: small
channels: [conda-forge, nodefaults]
dependencies:
  - python=3.11.13
  - pip=25.3
  - pip:
      - Asked_For==1.0
      {CLOSURE}
      - brought.along==2.0 ; sys_platform == 'linux'
"""


def describe(folder, name, **keys):
    """Write a framework's description, which is valid except for ``keys``; return its path.

    The programs that it names by default exist, but are empty.
    """
    path = folder / name / "framework.yaml"
    path.parent.mkdir(parents=True)
    description = {
        "label": name,
        "year": 2026,
        "language": "Python",
        "successor_of": None,
        "color": "#336699",
        "environment": "numpy",
        "train": {"command": "python train.py", "files": ["train.py"]},
        "predict": {"command": "python predict.py", "files": ["predict.py"]},
        **keys,
    }
    for role in ("train", "predict"):
        if role not in keys:
            (path.parent / f"{role}.py").touch()
    path.write_text(yaml.safe_dump(description, sort_keys=False))
    return path


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Mark as slow what needs a framework's environment, or the workflow run to its end.

    One worker runs all tests of a file, which share its fixtures, unless they are in other groups.
    Groups with slow tests come first. The fast ones then keep all workers busy until the end. Only
    one of the groups that need the frameworks' environments is among the first: while it builds
    them, the others would wait.
    """
    slow, size = Counter(), Counter()
    waiting: dict[str, None] = {}
    for item in items:
        if {"environments", "finished", "numpy_environment"} & set(item.fixturenames):
            item.add_marker("slow")
        if not item.get_closest_marker("xdist_group"):
            item.add_marker(pytest.mark.xdist_group(item.path.stem))
        slow[group_of(item)] += item.get_closest_marker("slow") is not None
        size[group_of(item)] += 1
        if "environments" in item.fixturenames:
            waiting[group_of(item)] = None
    builds = next(iter(waiting), None)

    def place(name):
        late = name in waiting if slow[name] else 2
        return (name != builds, late, -slow[name], -size[name], name)

    items.sort(key=lambda item: place(group_of(item)))


def group_of(item):
    """Return the name of the tests that one worker runs together with this one."""
    return item.get_closest_marker("xdist_group").args[0]


@pytest.fixture(scope="session")
def once(tmp_path_factory):
    """Return a function that fills a folder once for all workers, and returns the folder.

    It takes the folder's name and a function that fills it. Meanwhile the other workers wait, if
    they want the same folder or another with the same ``lock``.
    """
    base = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        # The folder of the whole session; each worker has its own in it.
        base = base.parent

    def make(name, fill, lock=None):
        folder, filled = base / "once" / name, base / "once" / f"{name}.filled"
        filled.parent.mkdir(exist_ok=True)
        with (base / "once" / f"{lock or name}.lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            if not filled.exists():
                # Another worker may have failed.
                shutil.rmtree(folder, ignore_errors=True)
                folder.mkdir()
                fill(folder)
                filled.touch()
        return folder

    return make


@pytest.fixture(scope="session")
def environments(once):
    """Build every framework's environment, and the workflow's; return their records by name."""
    # Two Snakemakes cannot work in the checkout at the same time.
    once("environments", lambda _: snakemake("environments", "--cores", "2"), lock="checkout")
    folder = ROOT / "resources" / "environments"
    return {
        path.parent.name: json.loads(path.read_text()) for path in folder.glob("*/environment.json")
    }


def private(folder, tmp_path_factory):
    """Return a worker's own copy of the workflow that all workers share in ``folder``.

    Its tests make hard links to files of this copy. That changes a file's ctime, which the launcher
    watches, so a program of another worker must not read the same file.
    """
    copy = tmp_path_factory.mktemp(folder.name) / "workflow"
    return shutil.copytree(folder / "workflow", copy, symlinks=True)


@pytest.fixture(scope="session")
def finished(once, tmp_path_factory):
    """A copy in which the tiny configuration has been run, with NumPy in place of frameworks."""

    def fill(folder):
        copy = copy_workflow(folder / "workflow")
        stand_in(copy)
        (folder / "environments").mkdir()
        own_python(folder / "environments")
        share_environments(copy, folder / "environments")
        snakemake(*FLAGS, folder=copy)

    return private(once("finished", fill), tmp_path_factory)


@pytest.fixture(scope="session")
def finished_alone(finished, once, tmp_path_factory):
    """The finished workflow with a folder of environments of its own, as Snakemake records them.

    The folder has only the handles and records: a dry run can read them, but no program can run in
    them.
    """

    def fill(folder):
        copy = copy_finished(finished, folder / "workflow")
        own_environments(copy)
        handles = [f"resources/environments/{name}/environment.json" for name in ENVIRONMENTS]
        snakemake(*FLAGS, "--force", "--", *handles, folder=copy)

    return private(once("finished-alone", fill), tmp_path_factory)


@pytest.fixture
def changed(finished, tmp_path):
    """A copy of the finished workflow that a test may change."""
    return copy_finished(finished, tmp_path / "workflow")


def program(path, lines):
    """Write an executable shell script, which needs nothing of the PATH."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/bash\nPATH=/usr/bin:/bin\n{lines}\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def small(tmp_path):
    """A small environment file of Python."""
    path = tmp_path / "small.yaml"
    path.write_text(SMALL)
    return path


@pytest.fixture
def bare_machine(tmp_path, monkeypatch):
    """A machine with no programs except env and what a test puts into the folder that this returns.

    Programs in /bin can still be started by their paths.
    """
    folder = tmp_path / "programs"
    folder.mkdir()
    (folder / "env").symlink_to("/usr/bin/env")
    monkeypatch.setattr(sys, "executable", str(folder / "python"))
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "no-pyenv"))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setattr(java, "JDK_FOLDERS", tmp_path / "no-jdks")
    return folder
