"""Judge each published number of the paper: reproduced, not reproduced, not decidable, or not run.

The rule, for each cell (a framework of the paper x one of its twelve networks) under the recipe
that its authors' script had, from the runs of that framework itself:

An estimate is the mean over the repetitions with its 90 % t interval: two one-sided tests of
equivalence, each with 5 % error. It is *reproduced* where the whole interval lies within the range
of agreement around the published value, *not reproduced* where the whole interval lies outside, and
*not decidable* where it lies across an end of the range, or where a single accuracy has no second
one to give it an interval. It is *not run* where there are no runs, or where these had other data,
other epochs or another rule for accuracy than the framework in 2016.
The range of agreement reaches as far as a margin, or as the published value's own 90 % interval
where that is wider: nothing can be nearer to a number than the number itself is known.

- Accuracy is compared as such; the margin is `ACCURACY_MARGIN`. Runs with identical scores count
  once. A recipe that gives each repetition the same seed, or carries one network over, has no
  independent repetitions: its mean is judged as a point, without an interval. That of a network
  carried over rises with the repetitions, so it must be of as many as the authors'; or else the
  first and the last one of them, between which the others lie, take the place of an interval.
- A time is compared as a shape, because another machine's seconds are no criterion: first its
  ratio to the same framework's first network, with the margin `TIME_MARGIN` up and down; then its
  order among the frameworks for the same network. Against each other framework whose published
  time differs by more than the margin of their ratio, ours must be on the same side, and our
  interval of the ratio must not hold 1. The cell is not reproduced where either fails, and
  reproduced where both hold. The first network has the order alone. A single timed run is taken to
  be known to `SINGLE_RUN`.
- Torch was published with a script that is not public. Each of its cells is judged under the public
  script's recipe and under the one that the published curve needs, and is *reproduced* where either
  reproduces it, *not reproduced* where both do not, *not run* where neither was run, else *not
  decidable*. They differ only where tanh was meant: for ReLU, one without runs does not count.
"""

import argparse
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from shared.script import run
from shared.strict_yaml import read_yaml
from shared.markdown_table import markdown_table
from shared.study import Study
from shared.tables import read_table, write_table
from verdicts.basis import (
    CAFFE,
    MEASURES,
    NOT_DECIDABLE,
    NOT_RUN,
    PUBLISHED_COLUMNS,
    RUN_COLUMNS,
    Basis,
    NotDecidable,
    add_basis_flags,
    basis_of,
    repetitions,
    with_networks,
)

REPRODUCED, NOT_REPRODUCED = "reproduced", "not reproduced"
VERDICTS = (REPRODUCED, NOT_REPRODUCED, NOT_DECIDABLE, NOT_RUN)

# One point of a hundred: TensorFlow's accuracies are printed to that, and the paper's conclusions
# rest on differences that are larger (8 points for Torch and TensorFlow over depth). It is also
# several times the standard deviation between seeds, 0.001 to 0.003 for networks that train well.
ACCURACY_MARGIN = 0.01
# Half of the step of two decimals: a mean of rounded accuracies is not known better.
ROUNDING = 0.005
# A factor. Another processor has another balance of arithmetic to overhead, so a ratio of times
# can't be met closely. Among the five frameworks, the published ratios of tanh-4x100 to tanh-1x100
# go from 1.3 to 2.1: a factor of 1.25 up and down still tells those shapes apart, one of 1.5 does
# not. Caffe's and Torch's training grew by about a quarter with a layer.
TIME_MARGIN = 1.25
# A factor: how well the ratio of two times is known where one of them is of a single run. Most
# published training times have a standard deviation of 1 to 3 % of their mean, so that a ratio of
# two single ones lies within 1.65 x 1.41 x 3 % = 7 % of its mean in nine cases of ten.
SINGLE_RUN = 1.1
# Published times whose clock held something else than the work that grows with the network.
OTHER_CLOCK = {
    (CAFFE, "predict_seconds"): "the published time is of 5,000 images with the process' start "
    "(reference/recipes-2016.yaml), which no ratio of ours is like",
}
# 95 % quantiles of Student's t for 1, 2, ... 30 degrees of freedom (any table of them); for more,
# that of 30 is used, which is at most 3 % too wide.
STUDENT_T = (
    6.314, 2.920, 2.353, 2.132, 2.015, 1.943, 1.895, 1.860, 1.833, 1.812,
    1.796, 1.782, 1.771, 1.761, 1.753, 1.746, 1.740, 1.734, 1.729, 1.725,
    1.721, 1.717, 1.714, 1.711, 1.708, 1.706, 1.703, 1.701, 1.699, 1.697,
)  # fmt: skip

# What `judge_order` says where the paper has no order to hold ours against.
NO_ORDER = "no other framework's published time is clearly different"

COLUMNS = [
    "framework",
    "network",
    "measure",
    "cell_verdict",
    "recipe",
    "verdict",
    "published_mean",
    "published_sd",
    # What is compared: the accuracy, or the ratio to the first network.
    "published",
    "agrees_from",
    "agrees_to",
    "ours",
    "low",
    "high",
    "n",
    "interval",
    "reason",
]
HEADINGS = {
    "framework": "Framework",
    "network": "Network",
    "cell_verdict": "Verdict",
    "recipe": "Recipe",
    "published": "Published",
    "agreement": "Agrees",
    "ours": "Ours",
    "bounds": "Interval",
    "n": "n",
    "reason": "Why",
}
TITLES = {
    "accuracy": "Accuracy",
    "train_seconds": "Training time, by the framework's first network",
    "predict_seconds": "Prediction time, by the framework's first network",
}


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


def student_t(freedom: int) -> float:
    """Return the 95 % quantile of Student's t for so many degrees of freedom, 1 or more."""
    return STUDENT_T[min(freedom, len(STUDENT_T)) - 1]


def position(low: float, high: float, agrees_from: float, agrees_to: float) -> str:
    """Return the verdict on an interval that is held against a range of agreement."""
    if agrees_from <= low and high <= agrees_to:
        return REPRODUCED
    if high < agrees_from or agrees_to < low:
        return NOT_REPRODUCED
    return NOT_DECIDABLE


def published_half_width(sd: float, repetitions: int) -> float:
    """Return half of the 90 % interval of a published mean.

    The published deviations are divided by n, not n - 1 (TensorFlow's 0.0049 is that of 2 + 3
    values 0.01 apart), so that the standard error is sd / sqrt(n - 1).
    """
    return student_t(repetitions - 1) * sd / math.sqrt(repetitions - 1)


def estimate_accuracy(values: pd.Series, framework: str, recipe: str, basis: Basis) -> Estimate:
    """Estimate the accuracy from that of each repetition with scores of its own."""
    mean, n = values.mean(), len(values)
    point = dict(value=mean, low=mean, high=mean, n=n)
    if recipe in basis.same_seed:
        return Estimate(**{**point, "n": 1}, interval="none: the same seed in each repetition")
    if recipe in basis.carried_over:
        wanted = basis.study.repetitions[framework]
        if n == wanted:
            return Estimate(**point, interval="none: one network carried over")
        if {1, wanted} <= set(values.index):
            ends = values[[1, wanted]]
            return Estimate(mean, ends.min(), ends.max(), n, "the first and the last repetition")
        few = (
            f"{wanted} repetitions of one network were published; neither are all of them here, "
            "nor the first and the last"
        )
        return Estimate(**point, interval="none", obstacle=few)
    if n < 2:
        return Estimate(**point, interval="none", obstacle="one repetition has no interval")
    half = student_t(n - 1) * values.std() / math.sqrt(n)
    kind = "90 % t, independent repetitions"
    if recipe in basis.rounded and half < ROUNDING:
        half, kind = ROUNDING, "rounding to two decimals"
    return Estimate(mean, mean - half, mean + half, n, kind)


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


def shown(ours: Estimate) -> dict:
    """Return an estimate's columns; an interval that does not exist is empty."""
    bounds = {} if ours.interval.startswith("none") else {"low": ours.low, "high": ours.high}
    return {"ours": ours.value, "n": ours.n, "interval": ours.interval, **bounds}


def where(verdict: str, what: str) -> str:
    """Say where an estimate lies that was judged by `position`."""
    return {
        REPRODUCED: f"the {what} lies within the range of agreement",
        NOT_REPRODUCED: f"the {what} lies outside the range of agreement",
        NOT_DECIDABLE: f"the {what}'s interval lies across an end of the range of agreement",
    }[verdict]


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
    family = published[published["framework"] == framework]
    first = family.iloc[0]
    facts = basis.study.frameworks[framework]
    expected, margin = published_ratio(cell, first, measure, basis.study)
    row: dict[str, Any] = {"published": expected}
    if network != first["network"]:
        row |= {"agrees_from": expected / margin, "agrees_to": expected * margin}
    try:
        times = repetitions(runs, framework, recipe, network, measure, facts, basis)
        if (framework, measure) in OTHER_CLOCK:
            raise NotDecidable(OTHER_CLOCK[framework, measure])
        order, why = judge_order(runs, published, cell, times, measure, basis)
        if network == first["network"]:
            row |= {"ours": 1.0, "n": len(times), "interval": "none: the first network itself"}
            return {**row, "verdict": order, "reason": why}
        base = repetitions(runs, framework, recipe, first["network"], measure, facts, basis)
    except NotDecidable as reason:
        return {**row, "verdict": reason.verdict, "reason": f"{reason}"}
    ours = estimate_ratio(times, base)
    ratio = NOT_DECIDABLE if ours.obstacle else position(
        ours.low, ours.high, row["agrees_from"], row["agrees_to"]
    )  # fmt: skip
    parts = [ours.obstacle or where(ratio, "ratio"), why]
    # An order about which the paper says nothing takes nothing from the ratio.
    found = {ratio, order} if why != NO_ORDER else {ratio}
    verdict = next(v for v in (NOT_REPRODUCED, NOT_DECIDABLE, REPRODUCED) if v in found)
    return {**row, **shown(ours), "verdict": verdict, "reason": "; ".join(parts)}


def judge_order(
    runs: pd.DataFrame,
    published: pd.DataFrame,
    cell: pd.Series,
    times: pd.Series,
    measure: str,
    basis: Basis,
) -> tuple[str, str]:
    """Hold a framework against each other one that is here, for one network.

    Returns the verdict on the order and the reason.
    """
    clear = False
    against: dict[str, list[str]] = {verdict: [] for verdict in VERDICTS}
    others = published[
        (published["network"] == cell["network"]) & (published["framework"] != cell["framework"])
    ]
    for _, other in others.iterrows():
        name = other["framework"]
        ratio, margin = published_ratio(cell, other, measure, basis.study)
        if (name, measure) in OTHER_CLOCK or 1 / margin <= ratio <= margin:
            continue
        clear = True
        theirs = any_recipe(runs, other, measure, basis)
        if theirs is None:
            continue
        ours = estimate_ratio(times, theirs)
        if ours.obstacle or ours.low <= 1 <= ours.high:
            against[NOT_DECIDABLE].append(name)
        else:
            same = (ours.value > 1) == (ratio > 1)
            against[REPRODUCED if same else NOT_REPRODUCED].append(name)
    if not clear:
        return NOT_DECIDABLE, NO_ORDER
    if against[NOT_REPRODUCED]:
        return NOT_REPRODUCED, f"the order is reversed with {', '.join(against[NOT_REPRODUCED])}"
    if against[NOT_DECIDABLE]:
        return NOT_DECIDABLE, f"the order is open with {', '.join(against[NOT_DECIDABLE])}"
    if against[REPRODUCED]:
        return REPRODUCED, f"the order is the same with {', '.join(against[REPRODUCED])}"
    return NOT_DECIDABLE, "no framework to order it with has timed runs here"


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


def combine(verdicts: list[str]) -> str:
    """Return a cell's verdict from those under its recipes."""
    if REPRODUCED in verdicts:
        return REPRODUCED
    if len(set(verdicts)) == 1:
        return verdicts[0]
    return NOT_DECIDABLE


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


def judge(
    runs: pd.DataFrame, published: pd.DataFrame, successors: dict[str, str], basis: Basis
) -> pd.DataFrame:
    """Judge every published number.

    Parameters
    ----------
    runs
        The workflow's runs table (schemas/runs.schema.yaml), of any experiments together.
    published
        reference/published.csv.
    successors
        The framework of the paper that each successor follows.
    basis
        The facts of 2016, and what the recipes declare.

    Returns
    -------
    DataFrame
        `COLUMNS`; a row for each framework, network, measure and recipe. ``cell_verdict`` is the
        same for the recipes of a cell.
    """
    published, basis = with_networks(published), basis.on(runs)
    here = set(runs["framework"])
    rows = []
    for measure in MEASURES:
        for _, cell in published.iterrows():
            framework = cell["framework"]
            judged = []
            own = basis.own.get(framework, [])
            if not own:
                reason = f"no recipe of the configuration is of {framework}"
                judged.append({"recipe": "", "verdict": NOT_RUN, "reason": reason})
            for recipe in own:
                if measure == "accuracy":
                    row = judge_accuracy(runs, cell, recipe, basis)
                    if framework not in here:
                        row["reason"] += successors_say(runs, cell, recipe, successors, basis)
                else:
                    row = judge_time(runs, published, cell, recipe, measure, basis)
                judged.append({"recipe": recipe, **row})
            # For ReLU the recipes of a framework do the same.
            deciding = [
                row for row in judged if cell["activation"] == "tanh" or "ours" in row
            ] or judged[:1]
            verdict = combine([row["verdict"] for row in deciding])
            rows += [
                {
                    "framework": framework,
                    "network": cell["network"],
                    "measure": measure,
                    "cell_verdict": verdict,
                    "published_mean": cell[f"{measure}_mean"],
                    "published_sd": cell[f"{measure}_sd"],
                    **row,
                }
                for row in deciding
            ]
    return pd.DataFrame(rows, columns=COLUMNS).astype({"n": "Int64"})


def range_of(low: float, high: float, write: Callable[[float], str]) -> str:
    """Write a range, or nothing where there is none."""
    return "" if pd.isna(low) else f"{write(low)} to {write(high)}"


def markdown(table: pd.DataFrame) -> str:
    """Write the verdicts as Markdown: the counts, then a table for each measure."""
    cells = table.drop_duplicates(["framework", "network", "measure"])
    counts = [
        [TITLES[measure], *((of_measure["cell_verdict"] == v).sum() for v in VERDICTS)]
        for measure, of_measure in cells.groupby("measure", sort=False)
    ]
    parts = [
        "# The published numbers\n",
        markdown_table(["Measure", *VERDICTS], counts, right=VERDICTS),
        "The rule, and what each verdict means, is in docs/verdicts.md.\n",
    ]
    for measure, of_measure in table.groupby("measure", sort=False):

        def write(value: float, digits: int = 3 if measure == "accuracy" else 2) -> str:
            return "" if pd.isna(value) else f"{value:.{digits}f}"

        rows = []
        for row in of_measure.to_dict("records"):
            published = write(row["published"])
            if measure == "accuracy":
                published += f" ± {row['published_sd']:.4f}"
            same = row["verdict"] == row["cell_verdict"]
            rows.append(
                [
                    row["framework"],
                    row["network"],
                    row["cell_verdict"],
                    row["recipe"] + ("" if same else f": {row['verdict']}"),
                    published,
                    range_of(row["agrees_from"], row["agrees_to"], write),
                    write(row["ours"]),
                    range_of(row["low"], row["high"], write) or row["interval"]
                    if isinstance(row["interval"], str)
                    else "",
                    "" if pd.isna(row["n"]) else row["n"],
                    row["reason"],
                ]
            )
        right = [HEADINGS[column] for column in ("published", "ours", "n")]
        parts += [f"## {TITLES[measure]}\n", markdown_table(list(HEADINGS.values()), rows, right)]
    return "\n".join(parts)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=Path, required=True, help="a row a run")
    parser.add_argument("--published", type=Path, required=True, help="the paper's values")
    parser.add_argument("--frameworks", type=Path, nargs="+", required=True, help="framework.yaml")
    add_basis_flags(parser)
    parser.add_argument("--csv", type=Path, required=True)
    parser.add_argument("--markdown", type=Path, required=True)
    args = parser.parse_args()
    successors = {
        path.absolute().parent.name: read_yaml(path)["successor_of"] for path in args.frameworks
    }
    table = judge(
        read_table(args.runs, RUN_COLUMNS),
        read_table(args.published, PUBLISHED_COLUMNS),
        successors,
        basis_of(args),
    )
    write_table(table, args.csv, markdown(table), args.markdown)


if __name__ == "__main__":
    run(main)
