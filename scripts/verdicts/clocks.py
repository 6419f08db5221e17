"""Our times as each clock of 2016 would have shown them, and what these clocks also ran over.

reference/timed-2016.yaml says what each published time holds. One rule applies to all frameworks:
our time is computed from the spans that the clock ran over. A clock whose time we cannot compute in
this way (``not_comparable``) judges nothing. What else differs (``not_in_ours``) is told beside the
verdict.
"""

from dataclasses import replace

import pandas as pd
from analysis.timed_2016 import predict_seconds, train_seconds
from verdicts.basis import Basis

# The measures of 2016 by what reference/timed-2016.yaml calls them.
CLOCKS = {"train_seconds": "train", "predict_seconds": "predict"}


def as_in_2016(times: pd.DataFrame, timed: dict, repeats: int) -> pd.DataFrame:
    """Return the table of times with the times of the paper's frameworks by their clocks of 2016.

    Args:
        times: results/tables/times.csv.
        timed: reference/timed-2016.yaml.
        repeats: how often our prediction programs predict all images.
    """
    times = times.copy()
    for framework, facts in timed.items():
        own = times["framework"] == framework
        rows = times[own]
        times.loc[own, "train_seconds"] = train_seconds(rows, facts["train"])
        times.loc[own, "predict_seconds"] = predict_seconds(rows, facts["predict"], repeats)
    return times


def on_clocks(basis: Basis, timed: dict) -> Basis:
    """Return the basis with what reference/timed-2016.yaml says of the published times."""

    def told(key: str) -> dict[tuple[str, str], str]:
        return {
            (framework, measure): facts[clock][key]
            for framework, facts in timed.items()
            for measure, clock in CLOCKS.items()
            if facts[clock].get(key)
        }

    return replace(basis, other_clocks=told("not_comparable"), not_in_ours=told("not_in_ours"))
