"""The statements of section 4 on depth: tanh (figures 4 to 6) and ReLU (figures 7 to 9)."""

from collections.abc import Callable
from statistics import geometric_mean

import numpy as np
from verdicts.bounds import (
    ABOUT_THE_SAME,
    ANOTHER_ACCURACY,
    DL4J_PREDICTION_GROWTH,
    DL4J_TRAINING_GROWTH,
    HIGHEST,
    LONGER,
    LOWEST,
    MUCH,
    NEARLY_TWICE,
    SECONDS_OF_PREDICTION,
    SECONDS_OF_TRAINING,
    THREE_HIGH,
)
from verdicts.checks import Check, statement
from verdicts.setting import (
    ALL_BUT_DL4J,
    CAFFE,
    DL4J,
    ORIGINALS,
    RELU,
    TANH,
    TENSORFLOW,
    THEANO,
    TIMES,
    TORCH,
    Numbers,
    Setting,
    each,
)

GAIN_WITH_TANH = "the accuracy that 4 layers gain over 1, tanh,"


def four_fast(setting: Setting, measure: str, seconds: tuple[float, float]) -> list[Check]:
    """Compare the longest time of each of the four over depth with Deeplearning4j's shortest.

    ``seconds`` are the two that the paper gives.
    """
    four, deeplearning4j = seconds

    def ratio(framework: str) -> float:
        longest = max(setting.series(framework, measure, TANH))
        return longest / min(setting.series(DL4J, measure, TANH))

    quantity = (
        "the longest time over depth divided by Deeplearning4j's shortest (the paper: "
        f"{four:g} s / {deeplearning4j:g} s), tanh,"
    )
    highest = four / deeplearning4j * ABOUT_THE_SAME
    return [Check(quantity, each(ALL_BUT_DL4J, ratio), high=highest)]


def grows_from_to(setting: Setting, measure: str, expected: float) -> list[Check]:
    """Deeplearning4j's time grows with every layer, in all by about ``expected``."""
    return [
        Check(
            "the smallest growth of the time with a layer, tanh,",
            each([DL4J], lambda name: setting.smallest_step(name, measure, TANH)),
            low=1,
        ),
        Check(
            "the growth of the time from 1 to 4 layers, tanh,",
            setting.growths([DL4J], measure, TANH),
            low=expected / ABOUT_THE_SAME,
            high=expected * ABOUT_THE_SAME,
        ),
    ]


@statement("tanh-training-four-fast")
def _(setting: Setting) -> list[Check]:
    return four_fast(setting, "train_seconds", SECONDS_OF_TRAINING)


@statement("tanh-training-deeplearning4j-grows")
def _(setting: Setting) -> list[Check]:
    return grows_from_to(setting, "train_seconds", DL4J_TRAINING_GROWTH)


@statement("tanh-prediction-four-fast")
def _(setting: Setting) -> list[Check]:
    return four_fast(setting, "predict_seconds", SECONDS_OF_PREDICTION)


@statement("tanh-prediction-deeplearning4j-grows")
def _(setting: Setting) -> list[Check]:
    return grows_from_to(setting, "predict_seconds", DL4J_PREDICTION_GROWTH)


@statement("tanh-accuracy-incoherent")
def _(setting: Setting) -> list[Check]:
    """Times grow in all frameworks, accuracies rise in some and fall in some."""

    def extreme(which: Callable) -> Callable[[str], float]:
        return lambda _: which(setting.gain(name, TANH) for name in ORIGINALS)

    return [
        *(
            Check(
                f"the growth of the {what} time from 1 to 4 layers, tanh,",
                setting.growths(ORIGINALS, measure, TANH),
                low=LONGER,
            )
            for what, measure in TIMES
        ),
        Check(
            GAIN_WITH_TANH,
            each(["the framework that rises most"], extreme(max)),
            low=ANOTHER_ACCURACY,
        ),
        Check(
            GAIN_WITH_TANH,
            each(["the framework that falls most"], extreme(min)),
            high=-ANOTHER_ACCURACY,
        ),
    ]


@statement("tanh-accuracy-three-high")
def _(setting: Setting) -> list[Check]:
    def extreme(which: Callable) -> Numbers:
        names = (THEANO, DL4J, CAFFE)
        return each(names, lambda name: which(setting.series(name, "accuracy", TANH)))

    return [
        Check("the lowest accuracy over depth, tanh,", extreme(min), *THREE_HIGH),
        Check("the highest accuracy over depth, tanh,", extreme(max), *THREE_HIGH),
    ]


@statement("tanh-accuracy-lowest-highest")
def _(setting: Setting) -> list[Check]:
    """The whole percents, and that none of the three is lower or higher."""
    lowest, highest = (CAFFE, TANH[0]), (THEANO, TANH[-1])

    def accuracy(framework: str, network: str) -> float:
        return setting.mean(framework, network, "accuracy")

    def of_all(which: Callable) -> float:
        three = (THEANO, DL4J, CAFFE)
        return which(value for name in three for value in setting.series(name, "accuracy", TANH))

    return [
        Check(
            "the accuracy with 1 layer, tanh,", each([CAFFE], lambda _: accuracy(*lowest)), *LOWEST
        ),
        Check(
            "that accuracy less the lowest of the three frameworks",
            each([CAFFE], lambda _: accuracy(*lowest) - of_all(min)),
            high=ANOTHER_ACCURACY,
        ),
        Check(
            "the accuracy with 4 layers, tanh,",
            each([THEANO], lambda _: accuracy(*highest)),
            *HIGHEST,
        ),
        Check(
            "the highest of the three frameworks less that accuracy",
            each([THEANO], lambda _: of_all(max) - accuracy(*highest)),
            high=ANOTHER_ACCURACY,
        ),
    ]


@statement("tanh-two-lead-in-time")
def _(setting: Setting) -> list[Check]:
    """Neither is slower than the fastest of the other three."""

    def by_fastest(measure: str) -> Callable[[str], float]:
        others = (THEANO, CAFFE, DL4J)
        return lambda name: (
            setting.level(name, measure, TANH)
            / min(setting.level(other, measure, TANH) for other in others)
        )

    return [
        Check(
            f"the {what} time divided by that of the fastest other, mean over depth, tanh,",
            each((TORCH, TENSORFLOW), by_fastest(measure)),
            high=LONGER,
        )
        for what, measure in TIMES
    ]


@statement("tanh-accuracy-two-drop")
def _(setting: Setting) -> list[Check]:
    numbers = each((TORCH, TENSORFLOW), lambda name: setting.error_growth(name, TANH))
    return [Check("the error with 4 layers divided by the error with 1, tanh,", numbers, low=MUCH)]


@statement("relu-training-same-shape")
def _(setting: Setting) -> list[Check]:
    def ratio(framework: str) -> float:
        tanh, relu = (setting.growth(framework, "train_seconds", depths) for depths in (TANH, RELU))
        return tanh / relu

    quantity = "the growth of the training time from 1 to 4 layers, tanh divided by ReLU"
    return [Check(quantity, each(ORIGINALS, ratio), 1 / ABOUT_THE_SAME, ABOUT_THE_SAME)]


def tanh_by_relu(setting: Setting, framework: str, measure: str) -> float:
    """Return the time with tanh divided by that with ReLU, the geometric mean over depth."""
    return setting.level(framework, measure, TANH) / setting.level(framework, measure, RELU)


def tanh_by_relu_in_all(setting: Setting, measure: str) -> Numbers:
    """Return the geometric mean of `tanh_by_relu` over the frameworks."""
    return each(
        ["the mean of the five frameworks"],
        lambda _: geometric_mean(tanh_by_relu(setting, name, measure) for name in ORIGINALS),
    )


@statement("relu-training-nearly-twice-as-fast")
def _(setting: Setting) -> list[Check]:
    numbers = tanh_by_relu_in_all(setting, "train_seconds")
    quantity = "the training time with tanh divided by that with ReLU"
    return [Check(quantity, numbers, low=NEARLY_TWICE)]


@statement("relu-prediction-similar")
def _(setting: Setting) -> list[Check]:
    numbers = tanh_by_relu_in_all(setting, "predict_seconds")
    quantity = "the prediction time with tanh divided by that with ReLU"
    return [Check(quantity, numbers, 1 / NEARLY_TWICE, NEARLY_TWICE)]


@statement("relu-accuracy-torch-turns")
def _(setting: Setting) -> list[Check]:
    with_relu = "the accuracy that 4 layers gain over 1, ReLU,"
    return [
        Check(GAIN_WITH_TANH, setting.gains([TORCH], TANH), high=-ANOTHER_ACCURACY),
        Check(with_relu, setting.gains([TORCH], RELU), low=ANOTHER_ACCURACY),
    ]


@statement("relu-accuracy-others-unchanged")
def _(setting: Setting) -> list[Check]:
    def largest(framework: str) -> float:
        ratios = (
            setting.error(framework, tanh) / setting.error(framework, relu)
            for tanh, relu in zip(TANH, RELU, strict=True)
        )
        return max(max(ratio, 1 / ratio) for ratio in ratios)

    others = [name for name in ORIGINALS if name != TORCH]
    quantity = "the largest factor over depth between the errors with tanh and with ReLU"
    return [Check(quantity, each(others, largest), high=MUCH)]


@statement("relu-better")
def _(setting: Setting) -> list[Check]:
    def gain(framework: str) -> float:
        relu, tanh = (np.mean(setting.series(framework, "accuracy", n)) for n in (RELU, TANH))
        return float(relu - tanh)

    return [
        Check(
            "the training time with tanh divided by that with ReLU",
            each(ORIGINALS, lambda name: tanh_by_relu(setting, name, "train_seconds")),
            low=LONGER,
        ),
        Check(
            "the accuracy that ReLU gains over tanh, the mean over depth,",
            each(ORIGINALS, gain),
            low=ANOTHER_ACCURACY,
        ),
    ]
