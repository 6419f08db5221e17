"""What the tests share: the environments, built once from the checkout's own files."""

import json
import sys

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
    """Write a framework's description, valid but for ``keys``; return its path.

    A program that it names without being told to is there, and empty.
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


def pytest_collection_modifyitems(items):
    """Mark as slow what needs a framework's environment, or the workflow run to its end."""
    for item in items:
        if {"environments", "finished", "numpy_environment"} & set(item.fixturenames):
            item.add_marker("slow")


@pytest.fixture(scope="session")
def environments():
    """Build every framework's environment, and the workflow's; return their records by name."""
    snakemake("environments", "--cores", "2")
    folder = ROOT / "resources" / "environments"
    return {
        path.parent.name: json.loads(path.read_text()) for path in folder.glob("*/environment.json")
    }


@pytest.fixture(scope="session")
def finished_really(environments, tmp_path_factory):
    """A copy of the workflow in which real frameworks have run the tiny configuration."""
    folder = copy_workflow(tmp_path_factory.mktemp("really") / "workflow")
    share_environments(folder)
    snakemake(*FLAGS, folder=folder)
    return folder


@pytest.fixture(scope="session")
def finished(tmp_path_factory):
    """A copy in which the tiny configuration has been run, with NumPy in place of frameworks."""
    folder = copy_workflow(tmp_path_factory.mktemp("finished") / "workflow")
    stand_in(folder)
    shared = tmp_path_factory.mktemp("environments")
    own_python(shared)
    share_environments(folder, shared)
    snakemake(*FLAGS, folder=folder)
    return folder


@pytest.fixture(scope="session")
def finished_alone(finished, tmp_path_factory):
    """The finished workflow with a folder of environments of its own, as Snakemake records them.

    In the folder are only their handles and records: they can be asked about, but not used.
    """
    folder = copy_finished(finished, tmp_path_factory.mktemp("alone") / "workflow")
    own_environments(folder)
    handles = [f"resources/environments/{name}/environment.json" for name in ENVIRONMENTS]
    snakemake(*FLAGS, "--force", "--", *handles, folder=folder)
    return folder


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
    """A machine without any program but env and what a test puts into the folder that this returns.

    What stands in /bin can still be started by its path.
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
