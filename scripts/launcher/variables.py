"""The environment variables of a program, and the line that repeats it by hand."""

import os
import re
import shlex
from pathlib import Path

from launcher.machine import THREAD_VARIABLES, machine


def openblas_kernels(description: dict) -> dict[str, str]:
    """Return the variable that tells an old OpenBLAS the best kernels it has for this processor.

    ``description`` is a framework's; its key ``openblas_kernels`` names them. A value that the user
    has set stays.
    """
    extensions = machine()["vector_extensions"]
    kernels = description.get("openblas_kernels", {})
    usable = [name for extension, name in kernels.items() if extension in extensions]
    return {"OPENBLAS_CORETYPE": os.environ.get("OPENBLAS_CORETYPE", usable[0])} if usable else {}


def own_variables(
    environment: dict, folder: Path, threads: int, description: dict
) -> dict[str, str]:
    """Return the environment variables that a program needs beside the user's, without the PATH.

    Args:
        environment: the environment's own record (environment.json).
        folder: where that record lies; relative paths in it start there.
        threads: compute threads.
        description: the framework's description, or its ``variables`` and ``openblas_kernels``.
    """
    described = {
        name: value.replace("{environment}", str(folder.resolve()))
        for name, value in description.get("variables", {}).items()
    }
    return {
        **environment.get("variables", {}),
        # Python would write compiled files into the source folders.
        "PYTHONDONTWRITEBYTECODE": "1",
        **dict.fromkeys(THREAD_VARIABLES, str(threads)),
        **openblas_kernels(description),
        **described,
    }


def program_path(environment: dict, folder: Path) -> str:
    """Return the folders of an environment's programs, as the start of a PATH."""
    return os.pathsep.join(str((folder / path).resolve()) for path in environment["path"])


def program_variables(
    environment: dict, folder: Path, threads: int, description: dict
) -> dict[str, str]:
    """Return all environment variables that a program is started with (see `own_variables`)."""
    path = [program_path(environment, folder), os.environ.get("PATH", "")]
    # The workflow's own modules are no part of a framework's environment.
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return {
        **kept,
        "PATH": os.pathsep.join(path),
        **own_variables(environment, folder, threads, description),
    }


def by_hand(
    command: list[str], path: str, variables: dict[str, str], cores: list[int] | None, written: Path
) -> str:
    """Return a line for a shell in this folder that repeats a program.

    Args:
        command: the program and, as its last word, its settings file.
        path: the start of its PATH.
        variables: those that it needs beside the user's and the PATH.
        cores: the cores that it is pinned to, or None.
        written: what it writes. The line uses a copy of the settings that writes to the folder for
            temporary files, so that the run's own output stays as it is.
    """

    def quoted(text: str) -> str:
        if (here := str(Path.cwd())) not in text:
            return shlex.quote(text)
        # Relative to the folder, so that the line also holds where that has moved.
        escaped = re.sub(r'([\\"$`])', r"\\\1", text)
        return f'"{escaped.replace(here, "$PWD")}"'

    *program, settings = command
    folder = "${TMPDIR:-/tmp}"
    elsewhere = f'"{folder}/settings.json"'
    copy = rf'sed "s|{written}\"|{folder}/{written.name}\"|" {quoted(settings)} > {elsewhere}'
    words = [f'PATH={quoted(path)}:"$PATH"']
    words += [f"{name}={quoted(value)}" for name, value in variables.items()]
    if cores:
        words += ["taskset", "--cpu-list", ",".join(map(str, cores))]
    return " ".join([copy, "&& env", *words, *map(quoted, program), elsewhere])
