"""What a rule's script consists of: its own file, and the modules of scripts/ that it imports."""

import re
from functools import cache
from pathlib import Path

SCRIPTS = Path("scripts")
# This module starts scripts, reports errors and writes files. The results do not depend on it.
IGNORED = {SCRIPTS / "shared" / "script.py"}
# `from module import name`, or several names in brackets. A parser would take half a second for all
# scripts, each time that Snakemake starts.
IMPORT = re.compile(r"^ *from ([\w.]+) import (\([^)]*\)|.*)", re.MULTILINE)
# Scripts that make tables and figures import pandas. With other packages, they may compute or draw
# something else. Those that run programs do not, and new packages rerun no program.
MAKES_TABLES = re.compile(r"^ *(?:import|from) pandas\b", re.MULTILINE)
PACKAGES = "requirements.txt"


@cache
def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@cache
def _imported(path: Path) -> frozenset[Path]:
    """Return the files of scripts/ that a file imports itself, anywhere in it."""
    candidates = []
    for package, names in IMPORT.findall(_text(path)):
        module = SCRIPTS.joinpath(*package.split("."))
        candidates += [module, *(module / name for name in re.findall(r"\w+", names))]
    files = {candidate.with_name(f"{candidate.name}.py") for candidate in candidates}
    return frozenset(file for file in files if file.is_file())


@cache
def code(script: str) -> list[str]:
    """Return the paths of a script, named by its path below scripts/, and of all that it imports.

    Snakemake compares them by content, so a script that was only touched reruns nothing. The list
    of packages, requirements.txt, is among them if the script uses pandas.
    """
    found: set[Path] = set()
    left = [SCRIPTS / script]
    while left:
        path = left.pop()
        if path not in found and path not in IGNORED:
            found.add(path)
            left.extend(_imported(path))
    uses_pandas = any(MAKES_TABLES.search(_text(path)) for path in found)
    return sorted(map(str, found)) + [PACKAGES] * uses_pandas
