"""What the tests share: the environments, built once from the checkout's own files."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

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


@pytest.fixture(scope="session")
def environments():
    """Build every framework's environment, and the workflow's; return their records by name."""
    snakemake("environments", "--cores", "2")
    folder = ROOT / "resources" / "environments"
    return {
        path.parent.name: json.loads(path.read_text()) for path in folder.glob("*/environment.json")
    }
