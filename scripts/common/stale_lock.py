"""The lock of a Snakemake that was killed: told from one that is held, and cleared.

Snakemake's lock is a set of files, which outlive it. Beside them every Snakemake of this workflow
holds a lock of the operating system's, which ends with its process, whatever ends that.
"""

import fcntl
from pathlib import Path
from typing import IO


def clear(folder: Path) -> IO[str] | None:
    """Clear Snakemake's lock in ``folder`` (.snakemake) unless another Snakemake runs there.

    Returns the open file whose lock says that this one does: it is to be kept. None where the file
    system has no such locks; nothing is cleared then.
    """
    folder.mkdir(exist_ok=True)
    file = (folder / "running").open("w")
    try:
        # All that run share it, so who can have it alone is alone.
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        for path in (folder / "locks").glob("*"):
            path.unlink()
    except BlockingIOError:
        pass
    except OSError:
        return None
    fcntl.flock(file, fcntl.LOCK_SH)
    return file
