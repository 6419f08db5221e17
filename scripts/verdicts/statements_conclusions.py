"""The statements of section 5: the paper's conclusions."""

from collections.abc import Callable, Mapping
from functools import cache
from itertools import pairwise

import numpy as np
from scipy import stats
from verdicts.basis import NotDecidable
from verdicts.bounds import ANOTHER_ACCURACY, EXPLAINED, LONGER, MOST_NETWORKS, STABLE
from verdicts.checks import Check, Either, statement
from verdicts.setting import (
    ALL_BUT_DL4J,
    ALL_NETWORKS,
    CAFFE,
    DL4J,
    DL4J_SUCCESSOR,
    EPOCHS,
    ORIGINALS,
    RELU,
    TANH,
    TENSORFLOW,
    THEANO,
    TIMES,
    TORCH,
    WIDE,
    WIDE_TANH,
    Setting,
    each,
)

# The conclusions on depth name no activation.
DEPTHS = {"tanh": TANH, "ReLU": RELU}
# Conclusion 5 names none either. The figures are of ReLU, but the authors logged both.
SWEEPS = {"tanh": WIDE_TANH, "ReLU": WIDE}


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
        for activation, networks in DEPTHS.items()
    ]


def epochs_to_level(accuracies: Mapping[int, float], level: float) -> int:
    """Return the smallest number of epochs after which an accuracy is at least ``level``."""
    # Means of decimals are not exact in binary.
    return min(epochs for epochs, accuracy in accuracies.items() if accuracy >= level - 1e-9)


@statement("width-costs-time-to-accuracy")
def _(setting: Setting) -> list[Check]:
    """The level is the highest that both the narrowest and the widest network reach.

    The time is that of an epoch, as often as it takes to reach the level. Accuracy is known after
    1, 5 and 10 epochs only.
    """

    def accuracies(framework: str, network: str) -> dict[int, float]:
        *fewer, ten = EPOCHS
        known = {ten: setting.mean(framework, network, "accuracy")}
        return known | {epochs: setting.after(framework, network, epochs) for epochs in fewer}

    def growth(framework: str) -> float:
        ends = (WIDE[0], WIDE[-1])
        reached = {network: accuracies(framework, network) for network in ends}
        level = min(max(known.values()) for known in reached.values())
        first, last = (
            epochs_to_level(reached[network], level)
            * setting.mean(framework, network, "train_seconds")
            for network in ends
        )
        return last / first

    quantity = "the time to the accuracy that both reach, 1024 units by 64,"
    return [Check(quantity, each(ORIGINALS, growth), low=LONGER)]


def depth_statement(activation: str, networks: tuple[str, ...]) -> None:
    """Register the drop of conclusion 4, read on one activation."""

    @statement(f"depth-two-drop-{activation.lower()}")
    def _(setting: Setting) -> list[Check]:
        gains = setting.gains((TORCH, TENSORFLOW), networks)
        quantity = f"the accuracy that 4 layers gain over 1, {activation},"
        return [Check(quantity, gains, high=-ANOTHER_ACCURACY)]


for activation, networks in DEPTHS.items():
    depth_statement(activation, networks)


@statement("drop-by-gradients-or-initialisation")
def _(setting: Setting) -> list[Either]:
    """One of two causes is enough. A program with right gradients does not have the first one.

    The conclusion also names knowledge of Torch. No number can judge that.
    """
    cases = {
        f"{framework} with {activation}": (framework, networks)
        for framework in (TORCH, TENSORFLOW)
        for activation, networks in DEPTHS.items()
    }
    gains = each(cases, lambda case: setting.gain(*cases[case]))
    falls = [
        case
        for case, gain in gains.items()
        if isinstance(gain, NotDecidable) or gain <= -ANOTHER_ACCURACY
    ]

    def part(accuracy: Callable[[str, str], float]) -> Callable[[str], float]:
        def remaining(case: str) -> float:
            if case not in cases:
                raise NotDecidable("no accuracy drops with depth, so nothing is to be explained")
            framework, networks = cases[case]
            gain = setting.gain(framework, networks)
            first, last = (accuracy(framework, network) for network in (networks[0], networks[-1]))
            return (last - first) / gain

        return remaining

    return [
        Either(
            *(
                Check(
                    f"the part of the drop with depth that remains with {what}",
                    each(falls or ["none"], part(accuracy)),
                    high=EXPLAINED,
                )
                for what, accuracy in (
                    ("right gradients", setting.right_gradients),
                    ("other initial weights alone", setting.other_weights),
                )
            )
        )
    ]


def width_statements(activation: str, networks: tuple[str, ...]) -> None:
    """Register the three groups of conclusion 5, read on one activation."""
    ending = activation.lower()
    gain = f"the accuracy that 1024 units gain over 64, {activation},"

    @statement(f"width-caffe-deeplearning4j-drop-{ending}")
    def _(setting: Setting) -> list[Check]:
        return [Check(gain, setting.gains((CAFFE, DL4J), networks), high=-ANOTHER_ACCURACY)]

    @statement(f"width-tensorflow-torch-grow-{ending}")
    def _(setting: Setting) -> list[Check]:
        return [Check(gain, setting.gains((TENSORFLOW, TORCH), networks), low=ANOTHER_ACCURACY)]

    @statement(f"width-theano-stable-{ending}")
    def _(setting: Setting) -> list[Check]:
        numbers = each([THEANO], lambda name: np.ptp(setting.series(name, "accuracy", networks)))
        quantity = f"the range of the accuracy over width, {activation},"
        return [Check(quantity, numbers, high=STABLE)]


for activation, networks in SWEEPS.items():
    width_statements(activation, networks)


@statement("deeplearning4j-slowest")
def _(setting: Setting) -> list[Check]:
    def by_other(measure: str) -> Callable[[str], float]:
        def ratio(framework: str) -> float:
            networks = shared_networks(setting, (DL4J, framework), measure)
            slowest, other = (setting.level(name, measure, networks) for name in (DL4J, framework))
            return slowest / other

        return ratio

    return [
        Check(
            f"Deeplearning4j's {what} time divided by that of the other, the mean over the "
            "networks,",
            each(ALL_BUT_DL4J, by_other(measure)),
            low=LONGER,
        )
        for what, measure in TIMES
    ]


@statement("deeplearning4j-may-change")
def _(setting: Setting) -> list[Either]:
    """A "may" that came true in training or in prediction, for the better or for the worse."""

    def factor(measure: str) -> Callable[[str], float]:
        def of(framework: str) -> float:
            names = (framework, DL4J_SUCCESSOR)
            networks = shared_networks(setting, names, measure)
            before, after = (setting.level(name, measure, networks) for name in names)
            return max(before / after, after / before)

        return of

    return [
        Either(
            *(
                Check(
                    f"the factor between the {what} times of {DL4J} and {DL4J_SUCCESSOR}, the mean "
                    "over the networks,",
                    each([DL4J], factor(measure)),
                    low=LONGER,
                )
                for what, measure in TIMES
            )
        )
    ]


@statement("ranking")
def _(setting: Setting) -> list[Check]:
    """The four features count alike: of each, a framework has its rank among the five."""
    order = (THEANO, TENSORFLOW, CAFFE, TORCH, DL4J)

    def lines(framework: str) -> float:
        if framework not in setting.lines:
            raise NotDecidable(f"the lines of code of {framework} are not counted here")
        return setting.lines[framework]

    # All five frameworks need the same list, and each draw needs it anew.
    @cache
    def networks(measure: str) -> list[str]:
        return shared_networks(setting, order, measure)

    features: list[Callable[[str], float]] = [
        lambda name: setting.level(name, "train_seconds", networks("train_seconds")),
        lambda name: setting.level(name, "predict_seconds", networks("predict_seconds")),
        lambda name: -float(np.mean(setting.series(name, "accuracy", networks("accuracy")))),
        lines,
    ]

    @cache
    def mean_ranks() -> dict[str, float]:
        ranks = [stats.rankdata([feature(name) for name in order]) for feature in features]
        return dict(zip(order, np.mean(ranks, axis=0), strict=True))

    def behind(pair: str) -> float:
        before, after = pair.split(" to ")
        return mean_ranks()[after] - mean_ranks()[before]

    pairs = [f"{before} to {after}" for before, after in pairwise(order)]
    quantity = "the step in mean rank (training time, prediction time, accuracy and lines)"
    return [Check(quantity, each(pairs, behind), low=0)]
