"""The commit that is checked out."""

import subprocess


def checked_out() -> str:
    """Return its name; nothing if this folder is no Git checkout, or Git is missing."""
    try:
        command = ["git", "rev-parse", "HEAD"]
        return subprocess.run(command, capture_output=True, text=True).stdout.strip()
    except OSError:
        return ""
