"""Compare a framework's scores with the reference's: may it run with this recipe?

What is compared are log-probabilities, the logarithm of the softmax of the scores, since a constant
may be added to an image's scores. The reference is the NumPy program in float64.

The tolerance is computed: ten times what the recipe's precision costs the reference itself. For
float32 this cost is the largest difference between the NumPy program in float32 and in float64. It
includes how far the recipe's own arithmetic spreads a rounding error. For float64 it is the
rounding of the scores, which all programs write as float32. The factor is ten because the same sums
round differently in another order, which changes the largest of 5,000 differences.
"""

from pathlib import Path

import numpy as np
from scipy import special
from shared.script import Job, run, write_json

TOLERANCE_FACTOR = 10
# The rounding errors of the reference may cancel by luck. The least cost is therefore some units in
# the last place of a log-probability.
SMALLEST_COST = 1e-6
# What a program usually does differently, by the first step after which its scores differ.
USUAL_CAUSES = {
    "0 steps": "the weights are read in another order or transposed, the activation is another "
    "one, or the scores are not logits (a softmax was applied)",
    "1 step": "the learning rate, the mean of the loss over a batch, the weight decay, or a "
    "softmax that is applied twice",
    "epoch": "momentum, dampening or Nesterov's step, Adam's moments, a learning rate that should "
    "fall, the partial batch at the end of an epoch, or images that are shuffled",
}
# The largest relative error of a number that is rounded to float32.
FLOAT32_ROUNDING = 2.0**-24


def log_probabilities(scores: np.ndarray) -> np.ndarray:
    """Return the logarithm of the softmax of scores ``[images, 10]``, in float64."""
    return special.log_softmax(scores.astype(np.float64), axis=1)


def largest_difference(scores: np.ndarray, reference: np.ndarray) -> float:
    """Return the largest difference of a log-probability; infinite where a score is not finite."""
    if not np.isfinite(scores).all():
        return float("inf")
    return float(np.abs(log_probabilities(scores) - log_probabilities(reference)).max())


def rounding_of(scores: np.ndarray) -> float:
    """Return the error that a log-probability may have because scores are written as float32.

    Both programs round, and a program may write scores that are log-probabilities already.
    """
    largest = max(np.abs(scores).max(), np.abs(log_probabilities(scores)).max())
    return 2 * FLOAT32_ROUNDING * float(largest)


def judge(
    scores: dict[str, np.ndarray],
    reference: dict[str, np.ndarray],
    single: dict[str, np.ndarray] | None,
) -> list[dict]:
    """Return for each case how far a framework is from the reference, and how far it may be.

    Args:
        scores: of the framework, by case, ``[images, 10]``.
        reference: the same of the NumPy program in float64.
        single: the same of the NumPy program in float32; None where the recipe's precision is
            float64.

    ``change`` is how far the reference's own log-probabilities have moved since the first case. If
    the reference diverges, only the cases before that are judged.
    """
    start = next(iter(reference.values()))
    rows = []
    for case, expected in reference.items():
        if not np.isfinite(expected).all():
            break
        if single is None:
            cost = rounding_of(expected)
        else:
            cost = max(largest_difference(single[case], expected), SMALLEST_COST)
        difference, tolerance = largest_difference(scores[case], expected), TOLERANCE_FACTOR * cost
        rows.append(
            {
                "step": case,
                "difference": difference,
                "tolerance": tolerance,
                "change": largest_difference(start, expected),
                "outcome": "equivalent" if difference <= tolerance < np.inf else "differs",
            }
        )
    return rows


def reason(refusal: str | None, rows: list[dict]) -> str | None:
    """Return why a framework may not run with a recipe; None where it may.

    The text contains no number, because the runs are rerun when it changes.
    """
    if refusal:
        return f"refused: {refusal}"
    if not rows:
        return "the reference's scores are not finite before the first step; change the recipe."
    for row in rows:
        if row["outcome"] == "differs":
            return (
                f"its scores differ from the reference's after {row['step']}. Usual causes: "
                f"{USUAL_CAUSES[row['step']]}."
            )
    return None


def read_scores(path: Path) -> tuple[str, dict[str, np.ndarray]]:
    """Return the refusal, or an empty text, and the scores by case."""
    with np.load(path) as arrays:
        scores = dict(arrays)
    return str(scores.pop("refusal")), scores


def main(job: Job) -> None:
    refusal, scores = read_scores(Path(job.input.scores))
    without, reference = read_scores(Path(job.input.reference))
    if without and not refusal:
        refusal = f"there is no reference: {without}"
    single = read_scores(Path(job.input.single))[1] if job.input.single else None
    rows = [] if refusal else judge(scores, reference, single)
    left_out = reason(refusal, rows)
    names = {name: job.wildcards[name] for name in ("framework", "recipe")}
    write_json(job.output.differences, {**names, "left_out": left_out, "steps": rows})
    # The numbers are in a file of their own, so that this one changes only with the outcome.
    write_json(job.output.gate, {"left_out": left_out})


if __name__ == "__main__":
    run(main)
