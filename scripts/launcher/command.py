"""The command of a program: its settings file holds all its settings in one flat JSON object."""

import shlex
from pathlib import Path
from typing import Any

from shared.script import write_json


def command_with(command: str, settings: dict[str, Any], path: Path) -> list[str]:
    """Write ``settings`` to ``path``; return the words that start a program with them."""
    write_json(path, settings)
    return [*shlex.split(command), str(path)]
