"""The settings file of a program: everything that it is told, as one flat JSON object."""

import json
import shlex
from pathlib import Path
from typing import Any

from shared.script import InputError, whole_file


def write_json(path: str | Path, document: Any) -> None:
    """Write a JSON file that is whole or not there."""
    with whole_file(path) as part:
        part.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


def read_json(path: str | Path) -> Any:
    """Read a JSON file that a rule has written; raise `InputError` where it is damaged."""
    try:
        return json.loads(Path(path).read_text(encoding="utf-8"))
    except ValueError:
        raise InputError(f"{path} is not valid JSON; delete it and rerun.") from None


def command_with(command: str, settings: dict[str, Any], path: Path) -> list[str]:
    """Write ``settings`` to ``path``; return the words that start a program with them."""
    write_json(path, settings)
    return [*shlex.split(command), str(path)]
