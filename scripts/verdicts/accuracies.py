"""Judge one published accuracy. The rule is in numbers.py."""

import math

import pandas as pd
from verdicts.basis import AMBIGUOUS, NOT_REPRODUCED, REPRODUCED, Basis, NotDecidable
from verdicts.differences import (
    ACCURACY_MARGIN,
    Mean,
    Spread,
    half_width,
    prediction,
    published_mean,
    welch,
)
from verdicts.draws import counts, draws
from verdicts.estimates import position

WHERE = {
    REPRODUCED: "the difference lies within the margin",
    NOT_REPRODUCED: "the difference lies outside the margin",
    AMBIGUOUS: "the interval of the difference contains an end of the margin",
}


def judge_accuracy(
    runs: pd.DataFrame, cell: pd.Series, recipe: str, spread: Spread, basis: Basis
) -> dict:
    """Judge one published accuracy under one recipe; return the row's own columns.

    ``spread`` is the recipe's, of the same runs (`differences.spread_of`).
    """
    framework, network = cell["framework"], cell["network"]
    published, compared = compared_value(cell, recipe, basis)
    row = {"published": published, "agrees_from": -ACCURACY_MARGIN, "agrees_to": ACCURACY_MARGIN}
    try:
        found = draws(runs, framework, recipe, network, basis)
    except NotDecidable as obstacle:
        return {**row, "verdict": obstacle.verdict, "reason": f"{obstacle}"}
    mean, n = found["accuracy"].mean(), len(found)
    row |= {"ours": mean, "difference": mean - published, **counts(found, framework)}
    diverged = int(found["diverged"].sum())
    remark = f"; {diverged} of {n} runs diverged" if diverged else ""
    repeated = basis.study.repetitions[framework]
    one_draw = recipe in basis.same_seed | basis.carried_over
    theirs = published_mean(
        published, cell["accuracy_sd"], repeated, rounded=recipe in basis.rounded
    )
    of_published = (math.sqrt(theirs.variance * repeated), repeated - 1)
    known = spread.of(network, n, None if one_draw else of_published)
    why = ""
    if math.isnan(published):
        why = "the authors' logs have no first repetition of this network"
    # If all of a few runs diverged, this says little about a single one that did not.
    elif diverged and (known is None or (one_draw and diverged == n)):
        why = f"so few runs cannot tell how often a network diverges{remark}"
    elif known is None:
        why = "one run has no interval, and no network of this recipe has two runs"
    if known is None or why:
        return {**row, "interval": "none", "verdict": AMBIGUOUS, "reason": why}
    deviation, freedom = known
    if one_draw:
        ends = prediction(mean, deviation, freedom, n, published)
        # However many runs we have, the published draw stays a single one.
        at_best = half_width(deviation**2, math.inf)
        kind = "90 % prediction"
    else:
        ends = welch(Mean(mean, deviation**2 / n, freedom), theirs)
        at_best = half_width(theirs.variance, theirs.freedom)
        kind = "90 % Welch"
    # Rounded to a hundred-thousandth, so that binary rounding errors do not decide at an end of the
    # margin.
    low, high = (round(end, 5) for end in ends)
    verdict = position(low, high, -ACCURACY_MARGIN, ACCURACY_MARGIN)
    reason = WHERE[verdict]
    if verdict == AMBIGUOUS and at_best > ACCURACY_MARGIN:
        reason = (
            f"uninformative: the published value is known to {100 * at_best:.1f} points only, so "
            "that no number of runs could reproduce it"
        )
    own = " of this network alone" if network in spread.alone else ""
    if not own and known != spread.pooled:
        own = " (the published one)"
    return {
        **row,
        "low": low,
        "high": high,
        "interval": f"{kind}, deviation {deviation:.4f}{own} with {freedom} degrees of freedom",
        "verdict": verdict,
        "reason": f"{reason}; compared with {compared}{remark}",
    }


def compared_value(cell: pd.Series, recipe: str, basis: Basis) -> tuple[float, str]:
    """Return the value of 2016 that runs with a recipe are compared with, and what it is.

    It is not a number where the authors' logs do not have it.
    """
    if recipe in basis.carried_over:
        key = (cell["framework"], cell["network"])
        return basis.first_logged.get(key, math.nan), "the first repetition in the logs"
    if recipe in basis.same_seed:
        return cell["accuracy_mean"], "the published value, a single draw"
    return cell["accuracy_mean"], "the published mean"
