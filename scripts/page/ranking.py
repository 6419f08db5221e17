"""How long the frameworks take: what the plot of times shows, and a sentence for each choice."""

from collections.abc import Callable

import pandas as pd
from page.inputs import Run, Tables, records
from shared.labels import listed, network_label
from shared.networks import activation_of, hidden_size
from speed.measures import OVERALL, OWN, with_comparison

SPEED_COLUMNS = ["framework", "recipe", "network", "measure", "n", "seconds", "low", "high"]
RANK_COLUMNS = ["framework", "recipe", "network", "measure", "rank_low", "rank_high"]
RATIO_COLUMNS = ["recipe", "network", "measure", "framework", "other", "ratio", "low", "high"]
KEYS = ["recipe", "network", "measure"]
# Measures in the words of a reader. Other measures keep their names in the table.
MEASURES = {
    "train": "Training, without start-up",
    "epoch": "One epoch",
    "start-up": "Start-up, before the first epoch",
    "whole training": "Training program, from start to end",
    "predict": "Prediction of 10,000 images",
}


def times(run: Run, tables: Tables) -> pd.DataFrame:
    """Return the times with labels and ranks; the ranks are empty if they are unknown.

    Columns: those of `SPEED_COLUMNS`, label, rank_low and rank_high. The recipe `OWN` has
    the recipes of 2016, each with its own framework.
    """
    table = tables.get("speed", SPEED_COLUMNS)[SPEED_COLUMNS]
    table = with_comparison(table, run.own)
    table = table.assign(
        recipe=table["comparison"], label=[run.label(name) for name in table["framework"]]
    ).drop(columns="comparison")
    ranks = tables.get("speed-ranks", RANK_COLUMNS)[RANK_COLUMNS]
    ranked = table.merge(ranks, how="left", on=["framework", *KEYS])
    # Where no framework has a rank, the columns would hold objects.
    return ranked.astype({"rank_low": float, "rank_high": float})


def seconds(value: float) -> str:
    """Write a time with three digits: ``0.0123 s``, ``4.95 s``, ``310 s``."""
    return f"{value:,.0f} s" if value >= 100 else f"{value:.3g} s"


def next_one(first: str, ratios: pd.DataFrame, label: Callable[[str], str]) -> str:
    """Say how much longer the nearest other framework takes than ``first``; empty if not known.

    ``ratios`` are those of one recipe, network and measure: framework by other.
    """
    ahead, behind = (ratios[ratios[name] == first] for name in ("other", "framework"))
    turned = (1 / behind[["ratio", "high", "low"]]).set_axis(["ratio", "low", "high"], axis=1)
    others = pd.concat([ahead, turned.assign(framework=behind["other"])]).sort_values("ratio")
    if others.empty:
        return ""
    near = others.iloc[0]
    interval = "" if pd.isna(near["low"]) else f" ({near['low']:.2f} to {near['high']:.2f})"
    return f" {label(near['framework'])} takes {near['ratio']:.2f} times as long{interval}."


def sentence(rows: pd.DataFrame, ratios: pd.DataFrame, label: Callable[[str], str]) -> str:
    """Say which of the frameworks in ``rows`` (see `times`) is fastest, and how sure that is.

    ``ratios`` and ``label`` are those of `next_one`.
    """
    # A variant of another framework has no rank of its own.
    ranked = rows if rows["rank_low"].isna().all() else rows[rows["rank_low"].notna()]
    first, *others = records(ranked.sort_values("seconds", kind="stable"))
    said = f"{first['label']}: {seconds(first['seconds'])}"
    if not others:
        return f"{said}. No other framework was timed here."
    if first["low"] is None:
        return (
            f"The lowest time is that of {said}. Nothing was repeated, so there is no interval: "
            "the order may be chance."
        )
    said += (
        f" (95 % interval {seconds(first['low'])} to {seconds(first['high'])}, n = {first['n']})"
    )
    if first["rank_low"] is None:
        return f"The lowest time is that of {said}. The ranks were not tested."
    nearest = next_one(first["framework"], ratios, label)
    if perhaps := [row["label"] for row in others if row["rank_low"] == 1]:
        return (
            f"Not sure. The lowest time is that of {said}, but {listed(perhaps)} may be as fast "
            f"or faster.{nearest}"
        )
    return f"Sure at 95 %, for this run. The fastest is {said}.{nearest}"


def sentences(table: pd.DataFrame, tables: Tables, label: Callable[[str], str]) -> dict[str, str]:
    """Return the sentence of each recipe, network and measure, by ``recipe|network|measure``."""
    ratios = dict(iter(tables.get("speed-ratios", RATIO_COLUMNS).groupby(KEYS)))
    none = pd.DataFrame(columns=RATIO_COLUMNS)
    groups = table.groupby(KEYS, sort=False)
    return {"|".join(key): sentence(rows, ratios.get(key, none), label) for key, rows in groups}


def same_program(tables: Tables) -> str:
    """Say how often the same program under two names took the same time; empty if never timed."""
    contains = tables.get("same-program", ["contains_1"])["contains_1"].dropna().astype(bool)
    if contains.empty:
        return ""
    return (
        "A check of what chance alone does: the same program was timed under two names. "
        f"In {contains.sum()} of {len(contains)} comparisons, the 95 % interval of their ratio "
        "contains 1; about 95 % should."
    )


def by_size(network: str) -> tuple:
    """Return the key that sorts networks by activation, layers and units, after `OVERALL`."""
    if network == OVERALL:
        return (False,)
    return (True, activation_of(network), *hidden_size(network).values())


def choices(run: Run, table: pd.DataFrame) -> dict[str, list[tuple[str, str]]]:
    """Return the options of the selectors: measure, network and recipe, as values and labels."""
    networks = {
        name: "Mean of the networks that all have"
        if name == OVERALL
        else f"{name} ({network_label(name)})"
        for name in sorted(table["network"].unique(), key=by_size)
    }
    recipes = {
        name: f"Shared recipe: {run.label(name)}" if name == run.recipe else run.label(name)
        for name in table["recipe"].unique()
    }
    if OWN in recipes:
        recipes[OWN] = "Each framework's own of 2016"
    measures = {name: MEASURES.get(name, name) for name in table["measure"].unique()}
    found = {"measure": measures, "network": networks, "recipe": recipes}
    return {name: list(options.items()) for name, options in found.items()}


def at_first(run: Run, table: pd.DataFrame) -> dict[str, str]:
    """Return what the plot shows at first: training, overall, the shared recipe, if known."""
    wanted = {"recipe": run.recipe, "network": OVERALL, "measure": "train"}
    chosen = {}
    for name, value in wanted.items():
        if value not in set(table[name]):
            value = table[name].iloc[0]
        chosen[name] = value
        table = table[table[name] == value]
    return chosen
