"""What this machine lacks: packages for the scripts, programs for environments of frameworks."""

import os
import sys
from importlib.util import find_spec
from pathlib import Path

from configuration.plan import Plan
from environments import build
from environments.files import read_environment_file, read_parts
from shared import descriptions
from shared.script import InputError

# Of those in requirements.txt, Snakemake's own Python may lack these.
PACKAGES = ("altair", "matplotlib", "pygount", "statsmodels", "threadpoolctl", "vl_convert")


def check_packages(requirements: Path) -> None:
    """Raise `InputError` if this Python, which runs the scripts, lacks a package."""
    for package in PACKAGES:
        if find_spec(package) is None:
            raise InputError(
                f"{sys.executable}, the Python of this Snakemake, lacks the package {package}: run "
                f"`pip install -r {requirements}` there and rerun, or use `--sdm conda`."
            )


def by_framework(plan: Plan) -> dict[str, str]:
    """Return what this machine lacks for the environments of frameworks, and how to get it.

    An environment that is already there lacks nothing. Raises `InputError` for a mistake in the
    files of an environment, which is no reason to skip a framework.
    """
    folders = [Path(os.path.expanduser(folder)) for folder in plan.config["program_folders"]]
    found = {}
    for framework in plan.used_frameworks:
        environment = plan.frameworks[framework]["environment"]
        if Path(descriptions.HANDLE.format(environment=environment)).exists():
            continue
        path = Path("envs") / f"{environment}.yaml"
        file, parts = read_environment_file(path), read_parts(path)
        try:
            build.find_needs(file, parts, folders)
        except InputError as error:
            found[framework] = str(error)
    return found
