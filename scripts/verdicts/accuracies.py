"""Judge one published accuracy. The rule is in numbers.py."""

import pandas as pd
from verdicts.basis import NOT_DECIDABLE, Basis, NotDecidable, repetitions
from verdicts.estimates import (
    ACCURACY_MARGIN,
    estimate_accuracy,
    position,
    published_half_width,
    shown,
    where,
)


def judge_accuracy(runs: pd.DataFrame, cell: pd.Series, recipe: str, basis: Basis) -> dict:
    """Judge one published accuracy under one recipe; return the row's own columns."""
    mean = cell["accuracy_mean"]
    framework = cell["framework"]
    facts = basis.study.frameworks[framework]
    margin = max(
        ACCURACY_MARGIN,
        published_half_width(cell["accuracy_sd"], basis.study.repetitions[framework]),
    )
    # A hundred-thousandth: sums of binary fractions must not decide at the range's end.
    agrees_from, agrees_to = round(mean - margin, 5), round(mean + margin, 5)
    row = {"published": mean, "agrees_from": agrees_from, "agrees_to": agrees_to}
    try:
        values = repetitions(runs, framework, recipe, cell["network"], "accuracy", facts, basis)
    except NotDecidable as reason:
        return {**row, "verdict": reason.verdict, "reason": f"{reason}"}
    ours = estimate_accuracy(values, framework, recipe, basis)
    low, high = round(ours.low, 5), round(ours.high, 5)
    verdict = NOT_DECIDABLE if ours.obstacle else position(low, high, agrees_from, agrees_to)
    return {
        **row,
        **shown(ours),
        "verdict": verdict,
        "reason": ours.obstacle or where(verdict, "accuracy"),
    }


def successors_say(
    runs: pd.DataFrame, cell: pd.Series, recipe: str, successors: dict[str, str], basis: Basis
) -> str:
    """Say which accuracy a successor has with the recipe of an ancestor that is not here."""
    for successor, ancestor in successors.items():
        if ancestor == cell["framework"]:
            try:
                facts = basis.study.frameworks[ancestor]
                values = repetitions(
                    runs, successor, recipe, cell["network"], "accuracy", facts, basis
                )
            except NotDecidable:
                continue
            return (
                f"; its successor {successor} has {values.mean():.3f} with it (n = {len(values)})"
            )
    return ""
