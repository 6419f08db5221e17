"""The timed runs: which ones the configuration asks for, how short they are, and their order.

A timed run does not measure accuracy. It trains for a few epochs with a part of the images. Its
steps are those of the whole training, so the time of the recipe's epochs follows from them
(times/collect.py). It is repeated in blocks.
"""

import random
from dataclasses import dataclass
from itertools import chain, groupby

from configuration.experiments import ABOUT_2016, expanded

SHORT, WHOLE = "short", "whole"


@dataclass(frozen=True)
class Timing:
    """The unit of time: one training and one prediction of one network in one block.

    ``length`` is `SHORT`, or `WHOLE`: with all epochs and images of the recipe.
    """

    length: str
    framework: str
    recipe: str
    network: str
    block: int


def timings(config: dict, frameworks: dict[str, dict]) -> list[Timing]:
    """Expand the enabled experiments for times into timed runs, each once."""
    found = (
        Timing(WHOLE if experiment.get("whole") else SHORT, framework, recipe, network, block)
        for experiment, framework, recipe, network, block in expanded(
            config, frameworks, timed=True
        )
    )
    return list(dict.fromkeys(found))


def in_order(timings: list[Timing]) -> list[Timing]:
    """Return timed runs in the order in which they are started.

    The first block of everything comes first, then the second, and so on. Within a block, all
    frameworks with one recipe and network follow each other, in random order, so that a drift of
    the machine affects all of them alike. The order is the same in each plan of the same runs.
    """
    order = random.Random(0)

    def group(timing: Timing) -> tuple:
        return timing.block, timing.length, timing.recipe, timing.network

    ordered = sorted(timings, key=lambda timing: (*group(timing), timing.framework))
    groups = [list(each) for _, each in groupby(ordered, group)]
    order.shuffle(groups)
    # Sorting is stable: within a block the groups stay shuffled.
    groups.sort(key=lambda each: each[0].block)
    for each in groups:
        order.shuffle(each)
    return list(chain(*groups))


def timed_recipe(recipe: dict, images: int, timed: dict[str, int], length: str) -> dict:
    """Return the recipe of a timed run, with ``train_images`` beside its other keys.

    Args:
        recipe: whose times are wanted.
        images: of its data variant.
        timed: how many ``epochs`` and ``images`` a short one has.
        length: `SHORT` or `WHOLE`.
    """
    # A repetition is a new network here, whatever the script of 2016 did.
    kept = {key: v for key, v in recipe.items() if key not in (*ABOUT_2016, "repetitions")}
    if length == WHOLE:
        return {**kept, "train_images": images}
    return {**kept, "epochs": timed["epochs"], "train_images": min(timed["images"], images)}
