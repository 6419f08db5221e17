"""Judge one published time: by its ratio to the framework's first network, and by its order.

The rule is in numbers.py.
"""

from typing import Any

import pandas as pd
from verdicts.basis import (
    AMBIGUOUS,
    NOT_REPRODUCED,
    REPRODUCED,
    VERDICTS,
    Basis,
    NotDecidable,
    repetitions,
)
from verdicts.estimates import estimate_ratio, position, published_ratio, shown, where

# What `judge_order` says where the paper has no order to compare ours with.
NO_ORDER = "no other framework's published time is clearly different"


def other_clocks(timed: dict) -> dict[tuple[str, str], str]:
    """Return the published times that ours cannot be compared with, and why (`Basis`).

    ``timed`` is reference/timed-2016.yaml. The time of a whole process holds more than the work
    that grows with the network.
    """
    reason = (
        "the published time is of {:,} images with the process' start (reference/timed-2016.yaml), "
        "ours is of the predictions alone"
    )
    return {
        (name, "predict_seconds"): reason.format(facts["predict"]["images"])
        for name, facts in timed.items()
        if facts["predict"]["process"]
    }


def judge_time(
    runs: pd.DataFrame,
    published: pd.DataFrame,
    cell: pd.Series,
    recipe: str,
    measure: str,
    basis: Basis,
) -> dict:
    """Judge one published time under one recipe by its ratio and its order."""
    framework, network = cell["framework"], cell["network"]
    first = published[published["framework"] == framework].iloc[0]
    facts = basis.study.frameworks[framework]
    expected, margin = published_ratio(cell, first, measure, basis.study)
    row: dict[str, Any] = {"published": expected}
    if network != first["network"]:
        row |= {"agrees_from": expected / margin, "agrees_to": expected * margin}
    try:
        times = repetitions(runs, framework, recipe, network, measure, facts, basis)
        if (framework, measure) in basis.other_clocks:
            raise NotDecidable(basis.other_clocks[framework, measure])
        order, why = judge_order(runs, published, cell, times, measure, basis)
        if network == first["network"]:
            row |= {"ours": 1.0, "n": len(times), "interval": "none: the first network itself"}
            return {**row, "verdict": order, "reason": why}
        base = repetitions(runs, framework, recipe, first["network"], measure, facts, basis)
    except NotDecidable as obstacle:
        return {**row, "verdict": obstacle.verdict, "reason": f"{obstacle}"}
    ours = estimate_ratio(times, base)
    ratio = position(ours.low, ours.high, row["agrees_from"], row["agrees_to"])
    # Where the paper has no order, the ratio decides alone.
    found = {ratio, order} if why != NO_ORDER else {ratio}
    verdict = next(v for v in (NOT_REPRODUCED, AMBIGUOUS, REPRODUCED) if v in found)
    reason = f"{where(ratio, 'ratio')}; {why}"
    return {**row, **shown(ours), "verdict": verdict, "reason": reason}


def judge_order(
    runs: pd.DataFrame,
    published: pd.DataFrame,
    cell: pd.Series,
    times: pd.Series,
    measure: str,
    basis: Basis,
) -> tuple[str, str]:
    """Compare a framework with each other one that has runs here, for one network.

    Return the verdict on the order and the reason.
    """
    clear = False
    against: dict[str, list[str]] = {verdict: [] for verdict in VERDICTS}
    others = published[
        (published["network"] == cell["network"]) & (published["framework"] != cell["framework"])
    ]
    for _, other in others.iterrows():
        name = other["framework"]
        ratio, margin = published_ratio(cell, other, measure, basis.study)
        if (name, measure) in basis.other_clocks or 1 / margin <= ratio <= margin:
            continue
        clear = True
        theirs = any_recipe(runs, other, measure, basis)
        if theirs is None:
            continue
        ours = estimate_ratio(times, theirs)
        if ours.low <= 1 <= ours.high:
            against[AMBIGUOUS].append(name)
        else:
            same = (ours.value > 1) == (ratio > 1)
            against[REPRODUCED if same else NOT_REPRODUCED].append(name)
    if not clear:
        return AMBIGUOUS, NO_ORDER
    if against[NOT_REPRODUCED]:
        return NOT_REPRODUCED, f"the order is reversed with {', '.join(against[NOT_REPRODUCED])}"
    if against[AMBIGUOUS]:
        return AMBIGUOUS, f"the order is open with {', '.join(against[AMBIGUOUS])}"
    if against[REPRODUCED]:
        return REPRODUCED, f"the order is the same with {', '.join(against[REPRODUCED])}"
    return AMBIGUOUS, "no framework to order it with has timed runs here"


def any_recipe(runs: pd.DataFrame, cell: pd.Series, measure: str, basis: Basis) -> pd.Series | None:
    """Return a cell's times under the first of its recipes that has some, or None."""
    framework = cell["framework"]
    facts = basis.study.frameworks[framework]
    for recipe in basis.own.get(framework, []):
        try:
            return repetitions(runs, framework, recipe, cell["network"], measure, facts, basis)
        except NotDecidable:
            continue
    return None
