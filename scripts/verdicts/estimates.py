"""How an interval is judged, and how well a published time is known.

The rule that they serve is in numbers.py.
"""

from verdicts.basis import AMBIGUOUS, NOT_REPRODUCED, REPRODUCED

# A factor. Another processor has another balance of arithmetic to overhead, so we cannot expect the
# same ratio of times. The margin is wide: two residuals within it allow a ratio of networks to be
# off by 1.56, and the published ratios of tanh-4x100 to tanh-1x100 differ by less (1.6 to 2.1).
# The table of verdicts therefore counts how often a framework's times reproduce another one's.
TIME_MARGIN = 1.25


def position(low: float, high: float, agrees_from: float, agrees_to: float) -> str:
    """Return the verdict on an interval that is compared with a range of agreement."""
    if agrees_from <= low and high <= agrees_to:
        return REPRODUCED
    if high < agrees_from or agrees_to < low:
        return NOT_REPRODUCED
    return AMBIGUOUS


def published_variance(mean: float, sd: float, repetitions: int, step: float = 0.0) -> float:
    """Return the variance of the logarithm of a published mean time.

    The published deviations are divided by n, not n - 1 (TensorFlow's 0.0049 is that of 2 + 3
    values 0.01 apart), so that the variance of the mean is sd^2 / (n - 1). The logarithm's is that
    divided by the mean's square (the delta method).

    If times were rounded to multiples of ``step``, the variance is at least that of rounding,
    step^2 / 12. Equal times all round in the same way, so this error does not average out.
    """
    return max(sd**2 / (repetitions - 1), step**2 / 12) / mean**2
