"""Our times as each clock of 2016 would have shown them, and what these clocks also ran over.

reference/timed-2016.yaml says what each published time holds. The same rule is for all frameworks:
our time is put together from the spans that the clock ran over. A clock that cannot be put together
(``not_comparable``) judges nothing. What else differs (``not_in_ours``) is told beside the verdict.
"""

import pandas as pd
from analysis.timed_2016 import predict_seconds, train_seconds

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


def other_clocks(timed: dict) -> dict[tuple[str, str], str]:
    """Return the published times that ours cannot be compared with, and why (`Basis`)."""
    return _told(timed, "not_comparable")


def not_in_ours(timed: dict) -> dict[tuple[str, str], str]:
    """Return what published times also held, and what our programs do in another way (`Basis`)."""
    return _told(timed, "not_in_ours")


def _told(timed: dict, key: str) -> dict[tuple[str, str], str]:
    return {
        (framework, measure): facts[clock][key]
        for framework, facts in timed.items()
        for measure, clock in CLOCKS.items()
        if facts[clock].get(key)
    }
