"""The statements of section 4 on width: ReLU, one layer (figures 10 to 12)."""

from collections.abc import Iterable

import numpy as np
from verdicts.bounds import ABOUT_THE_SAME, ALMOST_LINEAR, AROUND, LONGER, MUCH
from verdicts.checks import Check, statement
from verdicts.setting import (
    ALL_BUT_DL4J,
    CAFFE,
    DL4J,
    ORIGINALS,
    TENSORFLOW,
    THEANO,
    TORCH,
    WIDE,
    WIDTHS,
    Setting,
    each,
)


@statement("width-training-deeplearning4j-slow")
def _(setting: Setting) -> list[Check]:
    def smallest(framework: str) -> float:
        return min(
            setting.mean(DL4J, network, "train_seconds")
            / setting.mean(framework, network, "train_seconds")
            for network in WIDE
        )

    quantity = "Deeplearning4j's training time divided by the other's, the smallest over width,"
    return [Check(quantity, each(ALL_BUT_DL4J, smallest), low=MUCH)]


@statement("width-training-deeplearning4j-grows")
def _(setting: Setting) -> list[Check]:
    numbers = setting.growths([DL4J], "train_seconds", WIDE)
    return [Check("the growth of the training time from 64 to 1024 units", numbers, low=MUCH)]


@statement("width-training-others-constant")
def _(setting: Setting) -> list[Check]:
    def reach(framework: str) -> float:
        times = setting.series(framework, "train_seconds", WIDE)
        return max(times) / min(times)

    quantity = "the longest training time over width divided by the shortest"
    return [Check(quantity, each(ALL_BUT_DL4J, reach), high=ABOUT_THE_SAME)]


def distance_from_line(x: Iterable[float], y: Iterable[float]) -> float:
    """Return the largest distance of ``y`` from its line over ``x``, divided by its range."""
    x, y = np.array(x, dtype=float), np.array(y, dtype=float)
    line = np.polyval(np.polyfit(x, y, 1), x)
    return float(np.abs(y - line).max() / np.ptp(y))


@statement("width-prediction-linear")
def _(setting: Setting) -> list[Check]:
    def distance(framework: str) -> float:
        return distance_from_line(WIDTHS, setting.series(framework, "predict_seconds", WIDE))

    return [
        Check(
            "the growth of the prediction time from 64 to 1024 units",
            setting.growths(ORIGINALS, "predict_seconds", WIDE),
            low=LONGER,
        ),
        Check(
            "the largest distance of a prediction time from a line, divided by their range,",
            each(ORIGINALS, distance),
            high=ALMOST_LINEAR,
        ),
    ]


@statement("width-prediction-differs")
def _(setting: Setting) -> list[Check]:
    def reach(network: str) -> float:
        times = [setting.mean(name, network, "predict_seconds") for name in ORIGINALS]
        return max(times) / min(times)

    quantity = "the longest prediction time of a framework divided by the shortest"
    return [Check(quantity, each(WIDE, reach), low=MUCH)]


@statement("width-accuracy-four-high")
def _(setting: Setting) -> list[Check]:
    def distance(framework: str) -> float:
        return max(abs(value - 0.97) for value in setting.series(framework, "accuracy", WIDE))

    frameworks = (THEANO, CAFFE, TENSORFLOW, DL4J)
    quantity = "the largest distance of the accuracy from 0.97 over width"
    return [Check(quantity, each(frameworks, distance), high=AROUND)]


@statement("width-accuracy-torch-grows")
def _(setting: Setting) -> list[Check]:
    numbers = each([TORCH], lambda name: 1 / setting.error_growth(name, WIDE))
    return [Check("the error with 64 units divided by the error with 1024", numbers, low=MUCH)]
