"""The frameworks' own descriptions, scripts/frameworks/<name>/framework.yaml: read and checked."""

import os
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from shared.script import InputError
from shared.strict_yaml import read_yaml
from shared.validation import SCHEMAS, validate

FRAMEWORKS = Path("scripts/frameworks")
# Where programs of compiled languages are, in a folder for each framework.
BUILDS = Path("resources/builds")
# What a build leaves beside them.
BUILT = str(BUILDS / "{framework}" / "versions.json")
ENVIRONMENTS = Path("resources/environments")
# The handle that programs of an environment are started with.
HANDLE = str(ENVIRONMENTS / "{environment}" / "environment.json")
# A framework's programs, in the order in which they are started; not every one builds or prepares.
ROLES = ("build", "prepare", "train", "predict")


def path_of(framework: str, folder: Path = FRAMEWORKS) -> Path:
    """Return the path of a framework's description."""
    return folder / framework / "framework.yaml"


def source_folder(framework: str, description: dict) -> Path:
    """Return the folder that a framework's sources lie in: for a variant, that of its original."""
    return FRAMEWORKS / description.get("variant_of", framework)


@cache
def _schema() -> Any:
    return read_yaml(SCHEMAS / "framework.schema.yaml")


def read(path: Path) -> dict:
    """Read a framework.yaml; the keys are those of schemas/framework.schema.yaml.

    Raises `InputError` where it does not fit the schema, or names a source file or
    another framework that does not exist.
    """
    description = read_yaml(path)
    validate(description, _schema(), str(path))
    for key in ("variant_of", "successor_of"):
        other = description.get(key)
        if other is not None and not path_of(other, path.parent.parent).is_file():
            raise InputError(f"{path}: {key}: there is no framework '{other}'; correct it.")
    for role in ROLES:
        for file in source_files(path, description, [role]):
            if not file.is_file():
                raise InputError(f"{path}: {role}.files: {file} does not exist; correct the list.")
    return description


def read_all(paths: Iterable[str | Path] | None = None) -> dict[str, dict]:
    """Read the descriptions of frameworks; the key is the name of a framework's folder.

    Without ``paths``, of all frameworks that there are.
    """
    if paths is None:
        paths = sorted(FRAMEWORKS.glob("*/framework.yaml"))
    return {path.absolute().parent.name: read(path) for path in map(Path, paths)}


def source_files(path: Path, description: dict, roles: Iterable[str] = ROLES) -> list[Path]:
    """Return the source files of a framework's programs; one that several share, once.

    ``path`` is that of its description, beside which its files are looked for.
    """
    return list(
        dict.fromkeys(
            # A variant's files lie in the folder of its original.
            Path(os.path.normpath(path.parent / file))
            for role in roles
            if role in description
            for file in description[role].get("files", [])
        )
    )
