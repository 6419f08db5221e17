"""The statements of section 5: the paper's conclusions."""

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pandas as pd
from verdicts.basis import HARMONISED, NotDecidable
from verdicts.bounds import ANOTHER_ACCURACY, LONGER, MOST_NETWORKS, MUCH, STABLE
from verdicts.checks import Check, statement
from verdicts.setting import (
    ALL_BUT_DL4J,
    ALL_NETWORKS,
    CAFFE,
    DL4J,
    DL4J_SUCCESSOR,
    ORIGINALS,
    RELU,
    TANH,
    TENSORFLOW,
    THEANO,
    TORCH,
    WIDE,
    Setting,
    each,
)

GAIN_WITH_DEPTH = "the accuracy that 4 layers gain over 1, tanh,"
GAIN_WITH_WIDTH = "the accuracy that 1024 units gain over 64"
TIMES = (("training", "train_seconds"), ("prediction", "predict_seconds"))


def shared_networks(setting: Setting, frameworks: tuple[str, ...], measure: str) -> list[str]:
    """Return the networks that all of these frameworks have.

    Raises NotDecidable, with what is missing first, if they are fewer than `MOST_NETWORKS`.
    """

    def smallest(network: str) -> float:
        return min(setting.mean(framework, network, measure) for framework in frameworks)

    found = Check(measure, each(ALL_NETWORKS, smallest))
    if len(found.known) < MOST_NETWORKS:
        raise found.missing[0] if not found.known else NotDecidable(str(found.missing[0]))
    return list(found.known)


@statement("depth-costs-training-time")
def _(setting: Setting) -> list[Check]:
    return [
        Check(
            f"the growth of the training time from 1 to 4 layers, {activation},",
            setting.growths(ORIGINALS, "train_seconds", networks),
            low=LONGER,
        )
        for activation, networks in (("tanh", TANH), ("ReLU", RELU))
    ]


@statement("width-costs-training-time")
def _(setting: Setting) -> list[Check]:
    """The conclusion says: to a given accuracy. The paper has the time of ten epochs, as we do."""
    numbers = setting.growths(ORIGINALS, "train_seconds", WIDE)
    quantity = "the growth of the time of ten epochs from 64 to 1024 units"
    return [Check(quantity, numbers, low=LONGER)]


@statement("depth-two-drop")
def _(setting: Setting) -> list[Check]:
    """With tanh: section 4 itself has Torch's accuracy grow with ReLU."""
    numbers = setting.gains((TORCH, TENSORFLOW), TANH)
    return [Check(GAIN_WITH_DEPTH, numbers, high=-ANOTHER_ACCURACY)]


@statement("drop-by-gradients")
def _(setting: Setting) -> list[Check]:
    """Wrong gradients would stay wrong with another recipe."""

    def gain(framework: str) -> float:
        # First, as a framework that was not run is not run with any recipe.
        found = setting.gain(framework, TANH)
        if setting.name != HARMONISED:
            raise NotDecidable("gradients and settings are told apart only by an equal recipe")
        return found

    return [Check(GAIN_WITH_DEPTH, each((TORCH, TENSORFLOW), gain), high=-ANOTHER_ACCURACY)]


@statement("drop-by-initialisation")
def _(setting: Setting) -> list[Check]:
    """If it is so, other initial weights alone take the drop away."""

    def gain(framework: str) -> float:
        if framework not in setting.initialisation_only:
            # First, as a framework that was not run is not run with other initial weights.
            setting.gain(framework, TANH)
            raise NotDecidable(
                f"there is no run of {framework}'s recipe with nothing changed but its initial "
                "weights"
            )
        mean = setting.initialisation_only[framework]
        return mean(TANH[-1], "accuracy") - mean(TANH[0], "accuracy")

    quantity = f"with other initial weights alone, {GAIN_WITH_DEPTH}"
    return [Check(quantity, each((TORCH, TENSORFLOW), gain), low=-ANOTHER_ACCURACY)]


@statement("width-caffe-deeplearning4j-drop")
def _(setting: Setting) -> list[Check]:
    numbers = setting.gains((CAFFE, DL4J), WIDE)
    return [Check(GAIN_WITH_WIDTH, numbers, high=-ANOTHER_ACCURACY)]


@statement("width-tensorflow-torch-grow")
def _(setting: Setting) -> list[Check]:
    numbers = setting.gains((TENSORFLOW, TORCH), WIDE)
    return [Check(GAIN_WITH_WIDTH, numbers, low=ANOTHER_ACCURACY)]


@statement("width-theano-stable")
def _(setting: Setting) -> list[Check]:
    numbers = each([THEANO], lambda name: np.ptp(setting.series(name, "accuracy", WIDE)))
    return [Check("the range of the accuracy over width", numbers, high=STABLE)]


@statement("deeplearning4j-slowest")
def _(setting: Setting) -> list[Check]:
    def smallest(measure: str) -> Callable[[str], float]:
        return lambda framework: min(
            setting.mean(DL4J, network, measure) / setting.mean(framework, network, measure)
            for network in shared_networks(setting, (DL4J, framework), measure)
        )

    return [
        Check(
            f"Deeplearning4j's {what} time by that of the other, the smallest over the networks,",
            each(ALL_BUT_DL4J, smallest(measure)),
            low=LONGER,
        )
        for what, measure in TIMES
    ]


@statement("deeplearning4j-may-change")
def _(setting: Setting) -> list[Check]:
    """A change is taken to be one for the better, by as much as "much" means."""

    def ratio(measure: str) -> Callable[[str], float]:
        def of(framework: str) -> float:
            networks = shared_networks(setting, (framework, DL4J_SUCCESSOR), measure)
            before, after = (
                setting.level(name, measure, networks) for name in (framework, DL4J_SUCCESSOR)
            )
            return before / after

        return of

    return [
        Check(
            f"the {what} time of {DL4J} by that of {DL4J_SUCCESSOR}, the mean over the networks,",
            each([DL4J], ratio(measure)),
            low=MUCH,
        )
        for what, measure in TIMES
    ]


@statement("ranking")
def _(setting: Setting) -> list[Check]:
    """The four features count alike: of each, a framework has its rank among the five."""
    order = (THEANO, TENSORFLOW, CAFFE, TORCH, DL4J)

    def lines(framework: str) -> float:
        if framework not in setting.lines:
            raise NotDecidable(f"the lines of code of {framework} are not counted here")
        return setting.lines[framework]

    def networks(measure: str) -> list[str]:
        return shared_networks(setting, order, measure)

    features: list[Callable[[str], float]] = [
        lambda name: setting.level(name, "train_seconds", networks("train_seconds")),
        lambda name: setting.level(name, "predict_seconds", networks("predict_seconds")),
        lambda name: -float(np.mean(setting.series(name, "accuracy", networks("accuracy")))),
        lines,
    ]

    def behind(pair: str) -> float:
        table = pd.DataFrame({i: [f(name) for name in order] for i, f in enumerate(features)})
        means = dict(zip(order, table.rank().mean(axis=1), strict=True))
        before, after = pair.split(" to ")
        return means[after] - means[before]

    pairs = [f"{before} to {after}" for before, after in pairwise(order)]
    quantity = "the mean rank in training time, prediction time, accuracy and lines that is lost"
    return [Check(quantity, each(pairs, behind), low=0)]
