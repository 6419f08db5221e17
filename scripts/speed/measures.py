"""What is compared: the measures of a timed run, and the sets of runs that belong together."""

from collections.abc import Iterable, Mapping

import pandas as pd
from shared.study import standing_recipe
from shared.time_model import TimeModel

# What a user waits for before the first epoch.
START_UP = ["train_start_seconds", "load_seconds", "build_seconds", "compile_seconds"]
# Each measure is a sum of columns of times.csv; a span that a framework does not have is empty.
MEASURES = {
    "train": ["train_seconds"],
    "epoch": ["epoch_seconds"],
    "start-up": START_UP,
    "whole training": [*START_UP, "train_seconds", "save_seconds"],
    "predict": ["predict_seconds"],
}
# What the measures are called in sentences.
WORDS = {
    "train": "training",
    "epoch": "an epoch",
    "start-up": "starting up",
    "whole training": "the whole training process",
    "predict": "prediction",
}
KEYS = ["framework", "recipe", "network", "block"]
TIME_COLUMNS = [
    *KEYS, "length", "day", "epochs", "measured_train_seconds",
    *dict.fromkeys(column for columns in MEASURES.values() for column in columns),
]  # fmt: skip
# The row of the networks that all frameworks have.
OVERALL = "all"
# The comparison of frameworks that have their own recipes of 2016.
OWN = "own"


def short_runs(times: pd.DataFrame) -> pd.DataFrame:
    """Return the runs that belong to blocks, with a column in seconds for each of `MEASURES`."""
    short = times[times["length"] == "short"]
    measures = {name: short[columns].sum(axis=1) for name, columns in MEASURES.items()}
    return short[[*KEYS, "day", "epochs"]].assign(**measures)


def own_of(runs: pd.DataFrame, own: Mapping[str, list[str]]) -> dict[str, str]:
    """Return the recipe of 2016 that represents each framework (`standing_recipe`).

    Args:
        runs: the columns framework, recipe and network.
        own: the recipes of 2016 of each framework of the paper.
    """
    chosen = {}
    for name, recipes in own.items():
        of_framework = runs[runs["framework"] == name].groupby("recipe")["network"]
        if recipe := standing_recipe(recipes, of_framework.nunique().to_dict()):
            chosen[name] = recipe
    return chosen


def with_comparison(runs: pd.DataFrame, own: Mapping[str, list[str]]) -> pd.DataFrame:
    """Return runs with the column comparison: their recipe, or `OWN` for the recipes of 2016.

    Runs with a recipe of 2016 that other frameworks have too are there twice. The arguments are
    those of `own_of`.
    """
    is_own = runs["framework"].map(own_of(runs, own)) == runs["recipe"]
    # A recipe that only its own framework runs is compared only in `OWN`.
    alone = runs.groupby("recipe")["framework"].transform("nunique") < 2
    shared = runs[~(is_own & alone)]
    return pd.concat(
        [shared.assign(comparison=shared["recipe"]), runs[is_own].assign(comparison=OWN)]
    )


def comparisons(runs: pd.DataFrame, own: Mapping[str, list[str]]) -> dict[str, pd.DataFrame]:
    """Return the runs that are fitted together, by their comparison (`with_comparison`).

    ``runs`` are as `short_runs` returns them.
    """
    return dict(iter(with_comparison(runs, own).groupby("comparison", sort=False)))


def networks_of_all(model: TimeModel, frameworks: Iterable[str]) -> tuple[list[str], list[str]]:
    """Return the frameworks that an overall comparison has, and the networks that all of them have.

    While fewer than two networks are common, the framework with the fewest networks is left out.
    """
    having = {name: model.networks_of(name) for name in frameworks}
    every = dict.fromkeys(network for networks in having.values() for network in networks)
    while having:
        common = [n for n in every if all(n in networks for networks in having.values())]
        if len(common) > 1 or len(having) == 1:
            return list(having), common
        del having[min(having, key=lambda name: len(having[name]))]
    return [], []


def scopes(model: TimeModel, frameworks: Iterable[str]) -> dict[str, tuple[list[str], list[str]]]:
    """Return what is compared: by network or `OVERALL`, the frameworks and the networks.

    Scopes with fewer than two frameworks are left out.
    """
    frameworks = [name for name in frameworks if model.networks_of(name)]
    networks = dict.fromkeys(n for name in frameworks for n in model.networks_of(name))
    found = {n: ([f for f in frameworks if (f, n) in model.counts], [n]) for n in networks}
    everybody, common = networks_of_all(model, frameworks)
    if len(common) > 1:
        found[OVERALL] = everybody, common
    return {
        name: (compared, of_scope)
        for name, (compared, of_scope) in found.items()
        if len(compared) > 1
    }
