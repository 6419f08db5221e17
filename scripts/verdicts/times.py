"""Judge the published times of a framework by their shape over the networks.

Seconds on different machines cannot be compared. One scale for a framework and a measure, fitted to
all of its networks, takes the machines out:

    log ours = scale + log published + residual

The residual of each network is judged. Its interval counts our repetitions (shared/time_model.py)
and the published deviation. The rule is in numbers.py, an example in docs/verdicts.md.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from shared.networks import activation_of
from shared.study import Study
from shared.time_model import Estimate, TimeModel, summed
from verdicts.basis import AMBIGUOUS, NOT_REPRODUCED, REPRODUCED, Basis, NotDecidable, timed_runs
from verdicts.differences import CONFIDENCE, half_width
from verdicts.estimates import TIME_MARGIN, position, published_variance

# With two networks, both residuals are half of their distance, and opposite.
FEWEST_NETWORKS = 3
WHERE = {
    REPRODUCED: "the residual lies within the margin",
    NOT_REPRODUCED: "the residual lies outside the margin",
    AMBIGUOUS: "the interval of the residual contains an end of the margin",
}


@dataclass(frozen=True)
class Shape:
    """Times of a framework with a recipe, ours and published, of some networks.

    Attributes:
        model: Fitted to our times, in seconds.
        framework: Its name in the model.
        networks: In the order of the published table.
        published: The logarithms of the published times.
        variances: Those of the published logarithms.
        freedom: The degrees of freedom of each published variance.
    """

    model: TimeModel
    framework: str
    networks: list[str]
    published: np.ndarray
    variances: np.ndarray
    freedom: int

    def estimate(self, weights: np.ndarray) -> Estimate:
        """Estimate a weighted sum over networks of log ours less log published."""
        cells = [(self.framework, network) for network in self.networks]
        ours = self.model.contrast(dict(zip(cells, weights, strict=True)))
        theirs = weights**2 * self.variances
        value = ours.value - float(weights @ self.published)
        if not ours.freedom:
            return Estimate(value, math.nan, 0)
        variance, freedom = summed(
            [(ours.error**2, ours.freedom), *((float(each), self.freedom) for each in theirs)]
        )
        return Estimate(value, math.sqrt(variance), freedom)

    @property
    def scale(self) -> Estimate:
        """The logarithm of our seconds by the published ones."""
        return self.estimate(np.full(len(self.networks), 1 / len(self.networks)))

    def residual_weights(self, index: int) -> np.ndarray:
        """Return the weights of a network's residual."""
        count = len(self.networks)
        return np.eye(count)[index] - 1 / count

    def residuals(self) -> list[Estimate]:
        """Return the residual of each network."""
        return [self.estimate(self.residual_weights(i)) for i in range(len(self.networks))]


def judge_times(
    times: pd.DataFrame,
    cells: pd.DataFrame,
    framework: str,
    recipe: str,
    measure: str,
    basis: Basis,
) -> dict[str, dict]:
    """Judge a framework's times under one recipe; return by network the own columns.

    ``times`` are those of `clocks.as_in_2016`, ``cells`` the published values that they are
    compared with: of one framework, which is the same except in `told_apart`.
    """
    cells = cells.set_index("network")
    rows: dict[str, dict[str, Any]] = {}
    found: dict[str, pd.DataFrame] = {}
    common = {
        "agrees_from": 1 / TIME_MARGIN,
        "agrees_to": TIME_MARGIN,
        "not_in_ours": basis.not_in_ours.get((framework, measure), ""),
    }
    for network, mean in cells[f"{measure}_mean"].items():
        rows[network] = {"published": mean, **common}
        try:
            found[network] = timed_runs(
                times, framework, recipe, network, basis.study.frameworks[framework], basis
            )
        except NotDecidable as obstacle:
            rows[network] |= {"verdict": obstacle.verdict, "reason": f"{obstacle}"}
    if not found:
        return rows
    shape = shape_of(found, cells, framework, measure, basis.study)
    why = basis.other_clocks.get((framework, measure), "")
    if not why and len(found) < FEWEST_NETWORKS:
        why = f"a scale needs {FEWEST_NETWORKS} networks, and {len(found)} were timed"
    scale = shape.scale.value
    for index, network in enumerate(shape.networks):
        level = shape.model.level(framework, [network]).value
        n = shape.model.counts[framework, network]
        rows[network] |= {"ours": math.exp(level - scale), "scale": math.exp(scale), "n": n}
        if why:
            rows[network] |= {"interval": "none", "verdict": AMBIGUOUS, "reason": why}
        else:
            rows[network] |= judge_residual(shape, index)
    if not why:
        verdicts = [rows[network]["verdict"] for network in shape.networks]
        cause = one_cause(shape, verdicts)
        for network in shape.networks:
            rows[network]["cause"] = cause
    return rows


def told_apart(times: pd.DataFrame, published: pd.DataFrame, basis: Basis) -> pd.DataFrame:
    """Judge each framework's training times by the published ones of every framework: a control.

    ``times`` are those of `clocks.as_in_2016`, ``published`` those of `basis.with_networks`.
    Returns a row for each framework and recipe that was timed: framework, recipe, networks (how
    many were timed), and a column for each framework of the paper: how many are reproduced.
    """
    frameworks = list(published["framework"].unique())
    rows = []
    for framework in frameworks:
        for recipe in basis.own.get(framework, []):
            row: dict[str, str | int] = {"framework": framework, "recipe": recipe}
            for other in frameworks:
                theirs = published[published["framework"] == other]
                judged = judge_times(times, theirs, framework, recipe, "train_seconds", basis)
                row["networks"] = sum("ours" in cell for cell in judged.values())
                row[other] = sum(cell["verdict"] == REPRODUCED for cell in judged.values())
            if row["networks"]:
                rows.append(row)
    return pd.DataFrame(rows)


def shape_of(
    found: dict[str, pd.DataFrame], cells: pd.DataFrame, framework: str, measure: str, study: Study
) -> Shape:
    """Return the shape of networks' timed runs; ``cells`` are published values by network."""
    networks = list(found)
    chosen = cells.loc[networks]
    means, deviations = (chosen[f"{measure}_{what}"].to_numpy(float) for what in ("mean", "sd"))
    # Of the published times, as the two frameworks can differ (`told_apart`).
    published = cells["framework"].iloc[0]
    repeated, step = study.repetitions[published], study.time_steps.get(published, 0.0)
    variances = np.array(
        [published_variance(*each, repeated, step) for each in zip(means, deviations, strict=True)]
    )
    model = TimeModel(pd.concat(found.values()), measure)
    return Shape(model, framework, networks, np.log(means), variances, repeated - 1)


def judge_residual(shape: Shape, index: int) -> dict[str, Any]:
    """Judge one network of a shape; return its interval, verdict and reason."""
    weights = shape.residual_weights(index)
    residual = shape.estimate(weights)
    if not residual.freedom:
        reason = "nothing was repeated, so that our times have no interval"
        return {"interval": "none", "verdict": AMBIGUOUS, "reason": reason}
    low, high = residual.interval(CONFIDENCE)
    verdict = position(low, high, 1 / TIME_MARGIN, TIME_MARGIN)
    reason = WHERE[verdict]
    theirs = summed((float(each), shape.freedom) for each in weights**2 * shape.variances)
    # However often we repeat, the published value stays as uncertain as it is.
    at_best = math.exp(half_width(*theirs))
    if verdict == AMBIGUOUS and at_best > TIME_MARGIN:
        reason = (
            f"uninformative: the published time is known to a factor of {at_best:.2f} only, so "
            "that no number of runs could reproduce it"
        )
    deviation, _ = shape.model.deviation(shape.framework, shape.networks[index])
    kind = (
        f"90 % t of the logarithm, deviation of our runs {deviation:.3f}, "
        f"{residual.freedom:.0f} degrees of freedom"
    )
    return {"low": low, "high": high, "interval": kind, "verdict": verdict, "reason": reason}


def one_cause(shape: Shape, verdicts: list[str]) -> str:
    """Say whether one cause explains all cells that are not reproduced; empty if fewer than two.

    Two causes are tried. Our times may grow more or less with the network than the published ones
    (as a power of them), and networks with tanh may be faster or slower by a factor. A cause
    explains the cells if its interval does not contain 1 and if all remaining residuals lie within
    the margin.
    """
    missed = verdicts.count(NOT_REPRODUCED)
    if missed < 2:
        return ""
    residuals = np.array([each.value for each in shape.residuals()])
    is_tanh = np.array([activation_of(network) == "tanh" for network in shape.networks], float)
    best = None
    for name, values in (("size", shape.published), ("tanh", is_tanh)):
        centred = values - values.mean()
        if not centred.any():
            continue
        weights = centred / (centred @ centred)
        slope = shape.estimate(weights)
        low, high = slope.interval(CONFIDENCE)
        largest = float(np.abs(residuals - slope.value * centred).max())
        if low <= 1 <= high or largest > math.log(TIME_MARGIN):
            continue
        if best is None or largest < best[0]:
            best = largest, name, slope.value
    if best is None:
        return f"no single cause that is tried here explains the {missed} misses"
    _, name, slope_value = best
    if name == "tanh":
        words = "slower" if slope_value > 0 else "faster"
        factor = math.exp(abs(slope_value))
        what = f"tanh is {words} relative to ReLU by a factor of {factor:.2f}"
    else:
        grow = "more" if slope_value > 0 else "less"
        what = f"our times grow {grow}, as the power {1 + slope_value:.2f} of the published ones"
    return f"one cause explains the {missed} misses: {what}"
