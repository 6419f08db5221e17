"""The commit that is checked out."""

import subprocess


def checked_out() -> str:
    """Return its name, or nothing; scripts/publish/ says what is missing."""
    try:
        command = ["git", "rev-parse", "HEAD"]
        return subprocess.run(command, capture_output=True, text=True).stdout.strip()
    except OSError:
        return ""
