"""Programs that the machine has: finding one, running one, passing one on to an environment."""

import fcntl
import os
import shlex
import shutil
import subprocess
import sys
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from shared.script import InputError


def find_program(name: str, folders: Iterable[Path], mend: str) -> Path:
    """Return the path of a program in one of ``folders`` (or its bin/), or on the PATH.

    Raises `InputError` if it is not found; ``mend`` says how to get it.
    """
    for folder in folders:
        for path in (folder / name, folder / "bin" / name):
            # Unlike Path.is_file, this is false in a folder that this user may not read.
            if os.path.isfile(path) and os.access(path, os.X_OK):
                return path.absolute()
    if found := shutil.which(name):
        return Path(found).absolute()
    raise InputError(
        f"{name} is neither on the PATH nor in the configuration's program_folders: {mend}."
    )


def run_tool(command: list[str], failure: str, folder: Path) -> None:
    """Run a tool with its progress on stderr; if it fails, raise `InputError` with its last words.

    ``failure`` says what failed and how to fix it.
    """
    print(shlex.join(command), file=sys.stderr, flush=True)
    last: deque[str] = deque(maxlen=6)
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    ) as process:
        assert process.stdout
        for line in process.stdout:
            print(line, end="", file=sys.stderr, flush=True)
            last.append(line.strip())
    if process.returncode:
        words = " ".join(filter(None, last))
        if "No space left on device" in words or "os error 28" in words:
            raise InputError(
                f"no space left on the disk for {folder} or for uv's cache (UV_CACHE_DIR);"
                " free some and rerun."
            )
        raise InputError(f"{failure} {Path(command[0]).name} says: {words}")


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Let only one process at a time make what is in ``folder``; the others wait."""
    folder = folder.resolve()
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_name(f".{folder.name}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def write_program(path: Path, text: str) -> None:
    """Write an executable script."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


def pass_on(program: Path, folder: Path, variables: dict[str, str]) -> None:
    """Put into ``folder``/bin a program that starts ``program`` with more variables.

    A link is not enough for a program of the machine: it may look for its files beside the path by
    which it was started.
    """
    if program.is_relative_to(folder.resolve().parent / ".apt") and not variables:
        # Brought by apt beside the environment: the workflow's folder can be moved with both.
        link = folder / "bin" / program.name
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(os.path.relpath(program, link.parent.resolve()))
        return
    settings = [f"{name}={value}" for name, value in variables.items()]
    command = shlex.join(["exec", "env", *settings, str(program)])
    write_program(folder / "bin" / program.name, f'{command} "$@"')
