"""What the tests share: the environments, built once from the checkout's own files."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parent.parent


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


@pytest.fixture(scope="session")
def environments():
    """Build every framework's environment, and the workflow's; return their records by name."""
    snakemake("environments", "--cores", "2")
    folder = ROOT / "resources" / "environments"
    return {
        path.parent.name: json.loads(path.read_text()) for path in folder.glob("*/environment.json")
    }
