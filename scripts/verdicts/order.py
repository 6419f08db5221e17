"""Judge the order of the frameworks: each pair once for each network.

A pair is judged where its order in 2016 is clear: the published times differ by more than the
margin, and the 90 % interval of their ratio does not contain 1. The order is *reproduced* where the
90 % interval of our ratio lies on the same side of 1, *not reproduced* where it lies on the other
side, and *ambiguous* where it contains 1. Each framework has its own recipe of 2016 and the clock
of its own script.
"""

import math
from collections import Counter
from itertools import combinations, product
from pathlib import Path

import pandas as pd
from analysis.timed_2016 import RUN_COLUMNS as TIME_COLUMNS
from shared.labels import listed
from shared.markdown_table import markdown_table
from shared.script import Job, run
from shared.strict_yaml import read_yaml
from shared.study import Study
from shared.tables import read_table, write_table
from shared.time_model import Estimate, TimeModel, summed
from speed.measures import own_of
from verdicts.basis import (
    AMBIGUOUS,
    NOT_REPRODUCED,
    NOT_RUN,
    PUBLISHED_COLUMNS,
    REPRODUCED,
    VERDICTS,
    Basis,
    NotDecidable,
    read_basis,
    timed_runs,
    with_networks,
)
from verdicts.clocks import as_in_2016, on_clocks
from verdicts.differences import CONFIDENCE
from verdicts.estimates import TIME_MARGIN, position, published_variance

COLUMNS = [
    "measure", "network", "faster", "slower", "published", "published_low", "published_high",
    "ours", "low", "high", "n", "verdict", "reason",
]  # fmt: skip
TITLES = {"train_seconds": "Training", "predict_seconds": "Prediction"}


def published_ratio(
    slower: pd.Series, faster: pd.Series, measure: str, study: Study
) -> tuple[float, float, float]:
    """Return the ratio of two published times and its 90 % interval (Welch, of the logarithms)."""
    ratio = slower[f"{measure}_mean"] / faster[f"{measure}_mean"]
    parts = []
    for cell in (slower, faster):
        repeated = study.repetitions[cell["framework"]]
        variance = published_variance(
            cell[f"{measure}_mean"],
            cell[f"{measure}_sd"],
            repeated,
            study.time_steps.get(cell["framework"], 0.0),
        )
        parts.append((variance, repeated - 1))
    variance, freedom = summed(parts)
    found = Estimate(math.log(ratio), math.sqrt(variance), freedom)
    return ratio, *found.interval(CONFIDENCE)


def comparable(times: pd.DataFrame, networks: list[str], basis: Basis) -> tuple[pd.DataFrame, dict]:
    """Return the timed runs with which frameworks are ordered, and why others have none.

    Of several recipes of a framework, one counts (`own_of`). The reasons are by framework and
    network.
    """
    found: list[pd.DataFrame] = []
    reasons: dict[tuple[str, str], str] = {}
    for framework, recipes in basis.own.items():
        if framework not in basis.study.frameworks:
            continue
        facts = basis.study.frameworks[framework]
        for recipe, network in product(recipes, networks):
            try:
                found.append(timed_runs(times, framework, recipe, network, facts, basis))
            except NotDecidable as obstacle:
                reasons.setdefault((framework, network), f"{obstacle}")
    runs = pd.concat(found) if found else times[:0]
    return runs[runs["recipe"] == runs["framework"].map(own_of(runs, basis.own))], reasons


def judge(times: pd.DataFrame, published: pd.DataFrame, basis: Basis) -> pd.DataFrame:
    """Return a row (`COLUMNS`) for each pair of frameworks whose order in 2016 is clear.

    Args:
        times: as `clocks.as_in_2016` returns them.
        published: reference/published.csv.
        basis: the facts of 2016. Its ``other_clocks`` are left out.
    """
    published, basis = with_networks(published), basis.on(times)
    networks = list(dict.fromkeys(published["network"]))
    runs, reasons = comparable(times, networks, basis)
    rows = []
    for measure in TITLES:
        model = TimeModel(runs, measure)
        for network in networks:
            cells = [
                cell
                for _, cell in published[published["network"] == network].iterrows()
                if (cell["framework"], measure) not in basis.other_clocks
            ]
            for pair in combinations(cells, 2):
                faster, slower = sorted(pair, key=lambda cell: cell[f"{measure}_mean"])
                ratio, low, high = published_ratio(slower, faster, measure, basis.study)
                if ratio <= TIME_MARGIN or low <= 1:
                    continue
                names = (slower["framework"], faster["framework"])
                judged = judge_pair(model, names, network, reasons)
                rows.append([measure, network, *reversed(names), ratio, low, high, *judged])
    return pd.DataFrame(rows, columns=COLUMNS).astype({"n": "Int64"})


def judge_pair(model: TimeModel, names: tuple[str, str], network: str, reasons: dict) -> list:
    """Return our ratio, its interval, the smaller number of runs, the verdict and the reason.

    The ratio is that of the first framework's time by the second one's.
    """
    for name in names:
        if (name, network) not in model.counts:
            reason = reasons.get((name, network), f"{name} has no timed runs here")
            return [math.nan, math.nan, math.nan, pd.NA, NOT_RUN, reason]
    found = model.ratio(*names, [network])
    low, high = found.interval(CONFIDENCE)
    n = min(model.counts[name, network] for name in names)
    ours = [math.exp(found.value), low, high, n]
    if not found.freedom:
        return [*ours, AMBIGUOUS, "nothing was repeated, so that our ratio has no interval"]
    verdict = position(low, high, 1, math.inf)
    reason = {
        REPRODUCED: "the same order",
        NOT_REPRODUCED: "the order is reversed",
        AMBIGUOUS: "the interval of our ratio contains 1",
    }[verdict]
    return [*ours, verdict, reason]


def one_cause(of_measure: pd.DataFrame) -> str:
    """Say whether one framework is in all reversed pairs; empty if fewer than two are reversed.

    Where all are of the same two frameworks, nothing tells which of them has changed.
    """
    reversed_pairs = of_measure[of_measure["verdict"] == NOT_REPRODUCED]
    count = len(reversed_pairs)
    if count < 2:
        return ""
    names = Counter([*reversed_pairs["faster"], *reversed_pairs["slower"]])
    (name, most), (other, second) = names.most_common(2)
    if second == count:
        return (
            f"All {count} reversed pairs are of {name} and {other}. The runs cannot say which of "
            "the two has changed."
        )
    if most == count:
        side = reversed_pairs["slower"] == name
        words = "faster" if side.all() else "slower" if not side.any() else "in another place"
        return (
            f"One cause: {name} is in all {count} reversed pairs. Compared with the others, it is "
            f"{words} here than in 2016."
        )
    return f"Reversed pairs: {count}. No framework is in all of them; {name} is in {most}."


def markdown(table: pd.DataFrame, left_out: dict[tuple[str, str], str]) -> str:
    """Write the verdicts as Markdown: for each measure, a row for each pair."""
    parts = ["# The order of the frameworks\n"]
    for measure, title in TITLES.items():
        of_measure = table[table["measure"] == measure]
        rows = []
        for (faster, slower), of_pair in of_measure.groupby(["faster", "slower"], sort=False):
            counts = of_pair["verdict"].value_counts()
            reversed_in = of_pair.loc[of_pair["verdict"] == NOT_REPRODUCED, "network"]
            known = of_pair["ours"].dropna()
            ours = f"{known.min():.2f} to {known.max():.2f}" if len(known) else ""
            theirs = f"{of_pair['published'].min():.2f} to {of_pair['published'].max():.2f}"
            where = "all" if len(reversed_in) == len(of_pair) else listed(list(reversed_in))
            verdicts = [counts.get(verdict, 0) for verdict in VERDICTS]
            rows.append([faster, slower, theirs, ours, *verdicts, where])
        headings = [
            "Faster in 2016", "Slower", "By a factor of", "Ours", *VERDICTS, "Reversed in",
        ]  # fmt: skip
        parts += [f"## {title}\n", markdown_table(headings, rows, VERDICTS)]
        cause = one_cause(of_measure)
        if cause:
            parts.append(f"{cause}\n")
        for (name, of_clock), why in left_out.items():
            if of_clock == measure:
                parts.append(f"Without {name}: {why}.\n")
    parts.append(
        "Each pair counts once for each network on which its order in 2016 is clear: the published "
        f"times differ by more than a factor of {TIME_MARGIN}, and the 90 % interval of their "
        "ratio does not contain 1. A factor of less than 1 is a reversed order.\n"
    )
    return "\n".join(parts)


def main(job: Job) -> None:
    timed = read_yaml(Path(job.input.timed))
    basis = on_clocks(read_basis(job.input.recipes_2016, job.params.basis), timed)
    times = read_table(job.input.times, TIME_COLUMNS)
    table = judge(
        as_in_2016(times, timed, job.params.predict_repeats),
        read_table(job.input.published, PUBLISHED_COLUMNS),
        basis,
    )
    text = markdown(table, dict(basis.other_clocks))
    write_table(table, job.output.csv, text, job.output.markdown)


if __name__ == "__main__":
    run(main)
