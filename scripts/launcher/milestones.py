"""Milestones: the lines that a program prints when it reaches a point (docs/contract.md)."""

import re
from collections import Counter
from collections.abc import Callable
from itertools import combinations
from typing import Any

from shared.script import InputError

MILESTONE = re.compile(r"ready|loaded|built|compiled|saved|epoch [1-9]\d*|predicted [1-9]\d*")
# What a program repeats, by its role: the word of its numbered milestones.
ROLES = {"train": "epoch", "predict": "predicted"}
OPTIONAL_MILESTONES = {"compiled"}
# Seconds that a stamp may be late because this process is busy.
STAMP_SECONDS = 0.01
# No program computes this many times faster than the calibration. Its 512 x 512 matrix product
# reaches most of what a core can do. The rest of the factor allows for a disturbed calibration.
IMPOSSIBLE_SPEED = 5


def expected_milestones(role: str, repeats: int) -> list[str]:
    """Return the milestones that a program must print, in order.

    ``role`` is ``train`` (``repeats`` epochs) or ``predict`` (``repeats`` times the test set).
    """
    word = ROLES[role]
    return ["ready", "loaded", "built", *(f"{word} {i + 1}" for i in range(repeats)), "saved"]


def milestone_finder(patterns: dict[str, str]) -> Callable[[str], str | None]:
    """Return a function that takes a program's lines in turn and names the milestone of each.

    A line that is a milestone's name is that milestone. ``patterns`` finds others in a log that a
    framework prints anyway: by milestone, a regular expression to search for in a line. The first
    line with it is the milestone. For ``epoch`` and ``predicted``, each such line is one, and they
    are counted.
    """
    found: Counter[str] = Counter()

    def milestone_of(line: str) -> str | None:
        if MILESTONE.fullmatch(line):
            return line
        for name, pattern in patterns.items():
            if re.search(pattern, line):
                found[name] += 1
                if name in ROLES.values():
                    return f"{name} {found[name]}"
                return name if found[name] == 1 else None
        return None

    return milestone_of


def check_milestones(seen: list[str], expected: list[str]) -> None:
    """Raise `InputError` unless the milestones are the expected ones in their order."""
    seen = [name for name in seen if name not in OPTIONAL_MILESTONES]
    if not seen:
        raise InputError(f"the program printed no milestone; '{expected[0]}' comes first.")
    for name, wanted in zip(seen, expected, strict=False):
        if name != wanted:
            raise InputError(f"the program printed the milestone '{name}' where '{wanted}' is due.")
    if len(seen) < len(expected):
        raise InputError(f"the program ended without printing '{expected[len(seen)]}'.")
    if len(seen) > len(expected):
        raise InputError(f"the program printed '{seen[len(expected)]}' after its last milestone.")


def check_speed(
    milestones: list[dict[str, Any]], role: str, operations: float, gflops: float
) -> None:
    """Raise `InputError` if epochs or predictions took less time than their arithmetic can take.

    This finds programs that buffer their output, or print milestones without doing the work.

    Args:
        milestones: of a program that has printed all it must, with ``seconds`` since its start.
        role: ``train`` or ``predict``.
        operations: floating-point operations of an epoch, or of a prediction of all test images.
        gflops: of the calibration, on the same cores.
    """
    least = operations / (IMPOSSIBLE_SPEED * gflops * 1e9)
    word = ROLES[role]
    numbered = [place for place, m in enumerate(milestones) if m["name"].startswith(f"{word} ")]
    if not numbered:
        return
    for start, end in combinations(range(numbered[0] - 1, numbered[-1] + 1), 2):
        first, last = milestones[start], milestones[end]
        took, possible = last["seconds"] - first["seconds"], (end - start) * least
        if took + STAMP_SECONDS < possible:
            raise InputError(
                f"the milestone '{last['name']}' came {took:.2g} s after '{first['name']}', but "
                f"that takes {possible:.2g} s or more: {operations:.2g} operations for each "
                f"'{word}', at {IMPOSSIBLE_SPEED} times the speed of this machine's matrix "
                "product; let the program do its work and print each milestone when it reaches "
                "it, with the line flushed (docs/contract.md). If it does, the machine was too "
                "busy to be timed; rerun."
            )


def threads_used(milestones: list[dict[str, Any]]) -> float | None:
    """Return CPU seconds per wall second over the timed part: how many threads really worked.

    The timed part goes from ``built``, or ``compiled``, to the last epoch or prediction; None
    where it has no length.
    """
    first = [m for m in milestones if m["name"] in ("built", "compiled")][-1]
    last = milestones[-2]
    wall = last["seconds"] - first["seconds"]
    return (last["cpu_seconds"] - first["cpu_seconds"]) / wall if wall > 0 else None


def spans(milestones: list[dict[str, Any]], wall_seconds: float) -> dict[str, float]:
    """Return the seconds that led to each milestone, by its name, and to the ``exit``."""
    lengths, before = {}, 0.0
    for milestone in milestones:
        lengths[milestone["name"]] = milestone["seconds"] - before
        before = milestone["seconds"]
    lengths["exit"] = wall_seconds - before
    return lengths


def numbered_spans(spans: dict[str, float], word: str) -> list[float]:
    """Return the lengths of the spans ``word 1``, ``word 2``, ... in seconds, in their order."""
    numbered = {int(name.split()[1]): s for name, s in spans.items() if name.startswith(f"{word} ")}
    return [numbered[number] for number in sorted(numbered)]
