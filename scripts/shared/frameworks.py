"""The frameworks as figures and tables show them: their descriptions beside the paper's table 1."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd
from shared.descriptions import read_all
from shared.script import InputError
from shared.tables import read_by_framework

# A framework's colour shows its lineage and its marker its role, so figures can be read in grey.
# Frameworks of one lineage and role get these markers in turn.
ROLE_MARKERS = {
    "ancestor": [{"marker": "s", "markersize": 4.6}],
    "successor": [{"marker": "o", "markersize": 5.0}, {"marker": "h", "markersize": 5.8}],
    "reference": [
        {"marker": "^", "markersize": 6.2},
        {"marker": "v", "markersize": 6.2},
        {"marker": "P", "markersize": 6.2},
        {"marker": "X", "markersize": 6.2},
    ],
}


@dataclass(frozen=True)
class Framework:
    """What a figure has to know of a framework.

    ``lineage`` is the framework of the paper that this one is or succeeds, or None. ``place``
    counts the frameworks with the same lineage and role, from 0.
    """

    name: str
    label: str
    year: int
    language: str
    color: str
    lineage: str | None
    role: str
    place: int = 0

    @property
    def marker(self) -> dict:
        """What matplotlib wants to know of the framework's marker."""
        markers = ROLE_MARKERS[self.role]
        return markers[self.place % len(markers)]


def read_paper(path: str | Path) -> pd.DataFrame:
    """The paper's table 1: label, year, lines and language, indexed by the framework's name."""
    return read_by_framework(path, ["label", "year", "lines", "language"])


def read_frameworks(paths: Iterable[str | Path], paper: pd.DataFrame) -> list[Framework]:
    """Read the description files, ancestors before successors, each in the paper's order.

    Args:
        paths: Files ``<name>/framework.yaml``; the folder's name is the framework's.
        paper: The paper's table 1 (`read_paper`); its index says what an ancestor is.
    """
    frameworks = []
    descriptions = read_all(paths)
    for name, description in descriptions.items():
        ancestor = description["successor_of"]
        if ancestor is not None and ancestor not in paper.index:
            raise InputError(
                f"framework.yaml of {name}: successor_of is {ancestor!r}, which is no framework "
                f"of the paper; use null or one of {', '.join(paper.index)}."
            )
        role = "ancestor" if name in paper.index else "successor" if ancestor else "reference"
        frameworks.append(
            Framework(
                name=name,
                **{key: description[key] for key in ("label", "year", "language", "color")},
                lineage=name if name in paper.index else ancestor,
                role=role,
            )
        )
    roles, lineages = list(ROLE_MARKERS), list(paper.index)
    frameworks.sort(
        key=lambda framework: (
            roles.index(framework.role),
            lineages.index(framework.lineage) if framework.lineage else len(lineages),
            # A variant comes after all others, so that it takes no framework's marker.
            "variant_of" in descriptions[framework.name],
            framework.name,
        )
    )
    seen: Counter = Counter()
    for index, framework in enumerate(frameworks):
        kind = framework.lineage, framework.role
        frameworks[index] = replace(framework, place=seen[kind])
        seen[kind] += 1
    return frameworks
