"""Check the times by themselves: the same program under two names, and ten epochs that were run.

- same-program: a framework and a variant of it with the same commands. Their times differ only by
  chance, so the interval of their ratio should contain 1 in nineteen of twenty cases.
- ten-epochs: the training times that were derived from short runs, and those of runs that trained
  for all epochs with all images.
"""

import math

import pandas as pd
from shared.time_model import Estimate, TimeModel
from speed.measures import MEASURES, OVERALL, comparisons, short_runs

SAME = [
    "framework", "again", "recipe", "network", "measure", "n", "n_again", "ratio", "low", "high",
    "contains_1",
]  # fmt: skip
EPOCHS = [
    "framework", "recipe", "network", "n_short", "n_whole", "derived", "measured", "ratio", "low",
    "high",
]  # fmt: skip
ROLES = ("train", "predict")


def same_programs(descriptions: dict[str, dict]) -> dict[str, str]:
    """Return the variants that run the very programs of their original, by the variant's name."""

    def commands(name: str, original: str) -> list:
        described = descriptions[name]
        folder = "{folder}/../" + original
        commands = [described[role]["command"].replace(folder, "{folder}") for role in ROLES]
        return [described["environment"], *(command.split() for command in commands)]

    found = {}
    for name, described in descriptions.items():
        original = described.get("variant_of")
        if original in descriptions and commands(name, original) == commands(original, original):
            found[name] = original
    return found


def by_scope(networks: list[str]) -> dict[str, list[str]]:
    """Return each network, and all together if there are several."""
    together = {OVERALL: networks} if len(networks) > 1 else {}
    return {network: [network] for network in networks} | together


def ends(found: Estimate) -> list[float]:
    """Return an estimated ratio and the ends of its interval."""
    return [math.exp(found.value), *found.interval()]


def compare_same(times: pd.DataFrame, pairs: dict[str, str]) -> pd.DataFrame:
    """Return a row (`SAME`) for each pair, recipe, measure and network, and over all networks.

    The ratio is the variant's time by the original's. ``contains_1`` is empty where there is no
    interval.
    """
    rows = []
    for recipe, runs in comparisons(short_runs(times), {}).items():
        for measure in MEASURES:
            model = TimeModel(runs, measure)
            for again, name in pairs.items():
                shared = [n for n in model.networks_of(again) if (name, n) in model.counts]
                scopes = by_scope(shared)
                for scope, networks in scopes.items():
                    ratio, low, high = ends(model.ratio(again, name, networks))
                    n = [sum(model.counts[f, each] for each in networks) for f in (name, again)]
                    contains = "" if math.isnan(low) else str(low <= 1 <= high)
                    rows.append(
                        [name, again, recipe, scope, measure, *n, ratio, low, high, contains]
                    )
    return pd.DataFrame(rows, columns=SAME)


def compare_epochs(times: pd.DataFrame) -> pd.DataFrame:
    """Return a row (`EPOCHS`) for each framework, recipe and network that has runs of both kinds.

    The ratio is the derived time by the measured one. Whole runs are in no block, so that blocks
    have no effects here. A single whole run is taken to vary as much as a short one.
    """
    lengths = times["length"]
    seconds = times["train_seconds"].where(lengths == "short", times["measured_train_seconds"])
    runs = times.assign(seconds=seconds, network=times["network"] + " " + lengths, block=1)
    rows = []
    for recipe, of_recipe in runs.groupby("recipe", sort=False):
        model = TimeModel(of_recipe, "seconds")
        found: dict[str, list[str]] = {}
        for framework, network in model.cells:
            name, length = network.rsplit(" ", 1)
            if length == "whole" and (framework, f"{name} short") in model.counts:
                found.setdefault(framework, []).append(name)
        for framework, networks in found.items():
            for scope, names in by_scope(networks).items():
                share = 1 / len(names)
                kinds = {
                    kind: {(framework, f"{n} {kind}"): share for n in names}
                    for kind in ("short", "whole")
                }
                derived, measured = (model.contrast(kinds[kind]).value for kind in kinds)
                ratio = model.contrast(
                    kinds["short"] | {cell: -part for cell, part in kinds["whole"].items()}
                )
                n = [sum(model.counts[cell] for cell in kinds[kind]) for kind in kinds]
                level = [math.exp(derived), math.exp(measured)]
                rows.append([framework, recipe, scope, *n, *level, *ends(ratio)])
    return pd.DataFrame(rows, columns=EPOCHS)
