"""Estimates of times: a ratio and its interval, and the range of agreement of a published one.

The rule that they serve is in numbers.py.
"""

import math
from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd
from scipy import stats
from shared.study import Study
from verdicts.basis import AMBIGUOUS, NOT_REPRODUCED, REPRODUCED

# A factor. Another processor has another balance of arithmetic to overhead, so we cannot expect the
# same ratio of times. Among the five frameworks, the published ratios of tanh-4x100 to tanh-1x100
# go from 1.3 to 2.1: a factor of 1.25 up and down still tells those shapes apart, one of 1.5 does
# not. Caffe's and Torch's training grew by about a quarter with a layer.
TIME_MARGIN = 1.25
# A factor: how precise the ratio of two times is where one of them is of a single run. Most
# published training times have a standard deviation of 1 to 3 % of their mean, so that a ratio of
# two single ones lies within 1.65 x 1.41 x 3 % = 7 % of its mean in nine cases of ten.
SINGLE_RUN = 1.1


@dataclass(frozen=True)
class Estimate:
    """A mean, its 90 % interval and where that comes from.

    ``obstacle`` says why the estimate cannot be judged, and is empty if it can. ``low`` and
    ``high`` are both the value where there is no interval.
    """

    value: float
    low: float
    high: float
    n: int
    interval: str
    obstacle: str = ""


@cache
def student_t(freedom: int) -> float:
    """Return the 95 % quantile of Student's t for so many degrees of freedom, 1 or more."""
    return float(stats.t.ppf(0.95, freedom))


def position(low: float, high: float, agrees_from: float, agrees_to: float) -> str:
    """Return the verdict on an interval that is compared with a range of agreement."""
    if agrees_from <= low and high <= agrees_to:
        return REPRODUCED
    if high < agrees_from or agrees_to < low:
        return NOT_REPRODUCED
    return AMBIGUOUS


def published_half_width(sd: float, repetitions: int) -> float:
    """Return half of the 90 % interval of a published mean.

    The published deviations are divided by n, not n - 1 (TensorFlow's 0.0049 is that of 2 + 3
    values 0.01 apart), so that the standard error is sd / sqrt(n - 1).
    """
    return student_t(repetitions - 1) * sd / math.sqrt(repetitions - 1)


def estimate_ratio(above: pd.Series, below: pd.Series) -> Estimate:
    """Estimate the ratio of two times by their geometric means, its interval from the logarithms.

    The degrees of freedom are those of the smaller sample, never too many.
    """
    logs = np.log(above), np.log(below)
    ratio = math.exp(logs[0].mean() - logs[1].mean())
    n = min(map(len, logs))
    if n < 2:
        kind = "one timed run, taken to be known to 10 %"
        return Estimate(ratio, ratio / SINGLE_RUN, ratio * SINGLE_RUN, n, kind)
    error = math.sqrt(sum(log.var() / len(log) for log in logs))
    factor = math.exp(student_t(n - 1) * error)
    return Estimate(ratio, ratio / factor, ratio * factor, n, "90 % t of the logarithm, timed runs")


def published_ratio(
    above: pd.Series, below: pd.Series, measure: str, study: Study
) -> tuple[float, float]:
    """Return the ratio of two published mean times, and the factor up and down that agrees with it.

    The factor is `TIME_MARGIN`, or the 90 % interval of the ratio where that is wider.
    """
    ratio = above[f"{measure}_mean"] / below[f"{measure}_mean"]
    widths = [
        published_half_width(cell[f"{measure}_sd"], study.repetitions[cell["framework"]])
        / cell[f"{measure}_mean"]
        for cell in (above, below)
    ]
    return ratio, max(TIME_MARGIN, math.exp(math.hypot(*widths)))


def shown(ours: Estimate) -> dict:
    """Return an estimate's columns; an interval that does not exist is empty."""
    bounds = {} if ours.interval.startswith("none") else {"low": ours.low, "high": ours.high}
    return {"ours": ours.value, "n": ours.n, "interval": ours.interval, **bounds}


def where(verdict: str, what: str) -> str:
    """Say where an estimate lies that was judged by `position`."""
    return {
        REPRODUCED: f"the {what} lies within the range of agreement",
        NOT_REPRODUCED: f"the {what} lies outside the range of agreement",
        AMBIGUOUS: f"the {what}'s interval lies across an end of the range of agreement",
    }[verdict]
