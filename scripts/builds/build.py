"""Compile a framework's programs in a folder of their own, and record what compiled them."""

import shlex
import shutil
import subprocess
from pathlib import Path

from launcher.framework import Framework
from launcher.program import launch
from shared.script import InputError, Job, run, write_json


def copy_sources(files: list[str], sources: Path, folder: Path) -> None:
    """Copy ``files``, which lie below ``sources``, to the same places below ``folder``.

    So a compiler that writes beside its sources does not change the checkout.
    """
    for file in files:
        copy = folder / Path(file).relative_to(sources)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, copy)


def version(command: str, variables: dict[str, str], folder: Path) -> str:
    """Return the first line that a command prints; raise `InputError` if there is none."""
    answer = subprocess.run(
        shlex.split(command), env=variables, cwd=folder, capture_output=True, text=True
    )
    lines = answer.stdout.split("\n")
    if answer.returncode or not lines[0].strip():
        raise InputError(
            f"`{command}`, of build.versions in a framework.yaml, tells no version: correct it;"
            f" it says: {' '.join(answer.stderr.split())}"
        )
    return lines[0].strip()


def main(job: Job) -> None:
    build, framework, folder = job.params.build, Framework.of(job), Path(job.output[0]).parent
    shutil.rmtree(folder, ignore_errors=True)
    copy_sources(job.input.files, job.params.sources, folder)
    environment = Path(job.input.environment).parent.absolute()
    command = build["command"].format(environment=environment)
    print("$", command, flush=True)
    launch(
        shlex.split(command),
        framework.variables,
        None,
        framework.time_limit,
        {},
        memory_limit=framework.memory_limit,
        folder=folder,
    )
    versions = [version(each, framework.variables, folder) for each in build["versions"]]
    write_json(job.output[0], versions)


if __name__ == "__main__":
    run(main)
