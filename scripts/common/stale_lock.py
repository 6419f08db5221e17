"""Find and clear the lock of a Snakemake that was killed.

Snakemake's lock is a set of files, which outlive its process. Every Snakemake of this workflow also
holds a lock of the operating system. This one always ends with the process, even if it is killed.
"""

import fcntl
from pathlib import Path
from typing import IO


def clear(folder: Path) -> IO[str] | None:
    """Clear Snakemake's lock in ``folder`` (.snakemake) unless another Snakemake runs there.

    Returns the open file with this Snakemake's own lock. The caller must keep it. Returns None, and
    clears nothing, if the file system has no such locks.
    """
    folder.mkdir(exist_ok=True)
    file = (folder / "running").open("w")
    try:
        # All running Snakemakes share this lock. Only a single one can get it exclusively.
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        for path in (folder / "locks").glob("*"):
            path.unlink()
    except BlockingIOError:
        pass
    except OSError:
        return None
    fcntl.flock(file, fcntl.LOCK_SH)
    return file
