"""Environments behind a link, which other checkouts use too (docs/offline.md)."""

from collections.abc import Iterable
from pathlib import Path

from environments import build
from shared import descriptions
from shared.script import InputError


def _handle(environment: str) -> Path:
    return Path(descriptions.HANDLE.format(environment=environment))


def names() -> list[str]:
    """Return the environments that lie behind a link and are there."""
    environments = sorted(path.stem for path in Path("envs").glob("*.yaml"))
    handles = {name: _handle(name) for name in environments}
    return [
        name
        for name, handle in handles.items()
        if build.is_shared(handle.parent) and handle.exists()
    ]


def check(environments: Iterable[str], conda: str | None) -> None:
    """Raise `InputError` if one of these cannot be used here; ``conda`` is conda's folder."""
    for name in environments:
        folder = Path(conda) if conda else None
        refusal = build.refusal(Path(f"envs/{name}.yaml"), _handle(name).parent, folder)
        if refusal:
            raise InputError(refusal)
