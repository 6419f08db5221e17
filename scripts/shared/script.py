"""What every script shares: how it is started, how it fails, and how it writes.

A rule's script is a pure function of the rule's files and parameters with a small ``main(job)``.
"""

import errno
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol


class InputError(Exception):
    """A mistake that a user can fix: one sentence that says what is wrong and how to fix it."""


class Job(Protocol):
    """What Snakemake tells a rule's script: the files by name, and the values of ``params``."""

    input: Any
    output: Any
    params: Any
    wildcards: Any
    log: Any
    threads: int


# Where `announce` writes; a rule's script has its own standard error in the log.
_terminal = 2


@contextmanager
def one_sentence() -> Iterator[None]:
    """End with status 1 and one sentence, not a traceback, where a user can help.

    That is on `InputError` and on the operating system's refusals (no space, no permission, missing
    file). Other exceptions are faults of the workflow and show their traceback.
    """
    try:
        yield
    except InputError as error:
        sys.exit(f"error: {error}")
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            place = error.filename or "the output"
            sys.exit(f"error: no space left on the disk for {place}; free some and rerun.")
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOENT):
            sys.exit(f"error: {error.filename}: {error.strerror}.")
        raise


def run(main: Callable[[Job], None]) -> None:
    """Run the ``main`` of a rule's script, with all output in the rule's log."""
    global _terminal
    # Snakemake puts this object into the script that it starts.
    job = sys.modules["__main__"].snakemake
    _terminal = os.dup(2)
    # A rule that another workflow derives from one of these has no log.
    if job.log:
        log = os.open(job.log[0], os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o666)
        for stream in (1, 2):
            os.dup2(log, stream)
    with one_sentence():
        main(job)


def run_command(main: Callable[[], None]) -> None:
    """Run the ``main`` of a program that people start by hand."""
    with one_sentence():
        main()


def announce(sentence: str) -> None:
    """Write a line into the log that the user should also see in the terminal."""
    print(sentence, flush=True)
    os.write(_terminal, f"{sentence}\n".encode())


@contextmanager
def whole_file(path: str | Path) -> Iterator[Path]:
    """Yield a temporary path beside ``path`` that takes its place only when the block succeeds.

    A reader therefore finds the whole file or none, even if the writer is killed.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        yield temporary
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def write_json(path: str | Path, document: Any) -> None:
    """Write a JSON file that is whole or not there."""
    with whole_file(path) as part:
        part.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


def read_json(path: str | Path, *keys: str) -> Any:
    """Read a rule's JSON file; raise `InputError` where it is damaged or lacks one of ``keys``."""
    try:
        content = json.loads(Path(path).read_text(encoding="utf-8"))
    except ValueError:
        raise InputError(f"{path} is not valid JSON; delete it and rerun.") from None
    for key in keys:
        if key not in content:
            raise InputError(f"{path}: the key {key} is missing; delete the file and rerun.")
    return content
