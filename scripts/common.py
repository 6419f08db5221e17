"""What every script of the workflow needs: one way to fail, one way to write."""

import errno
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


class InputError(Exception):
    """Something that a user can mend: the message is one sentence that names it and the mend."""


def run(main: Callable[[], None]) -> None:
    """Run a script's ``main``; end in one sentence, not a traceback, where a user can help.

    Exits with status 1 on `InputError` and on the operating system's refusals
    (no space, no permission, missing file); other exceptions are faults of the workflow and show
    their traceback.
    """
    try:
        main()
    except InputError as error:
        sys.exit(f"error: {error}")
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            place = error.filename or "the output"
            sys.exit(f"error: no space left on the disk for {place}; free some and rerun.")
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOENT):
            sys.exit(f"error: {error.filename}: {error.strerror}.")
        raise


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside ``path`` that takes its place only when the block succeeds.

    A reader therefore finds the whole file or none, whenever the writer is killed.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        yield temporary
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
