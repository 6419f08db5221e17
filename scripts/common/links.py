"""Links to the workflow, for a working folder that is not the workflow's own."""

import os
from pathlib import Path

from shared.script import InputError

# What the rules read.
READ = ("envs", "reference", "reference-run", "report", "requirements.txt", "schemas", "scripts")


def make(home: Path) -> None:
    """Link what the rules read from the workflow in ``home`` into the working folder.

    So the paths of the rules are relative to the working folder, and a finished one can be moved.
    Raises `InputError` if the folder has something else there, or cannot be written.
    """
    for name in READ:
        link, target = Path(name), home / name
        # A copy of the workflow may have no reference run.
        if not target.exists() or (link.exists() and link.samefile(target)):
            continue
        try:
            # The workflow was moved, or the link leads to another version of it.
            if link.is_symlink():
                link.unlink()
            elif link.exists():
                raise InputError(
                    f"{link.absolute()} is not the {name} of the workflow in {home}; run it in a "
                    "folder without one (snakemake --directory)."
                )
            link.symlink_to(os.path.relpath(target))
        except OSError as error:
            raise InputError(
                f"{link.absolute()} cannot be made ({error.strerror}); run the workflow in a "
                "folder where you may write (snakemake --directory)."
            ) from None
