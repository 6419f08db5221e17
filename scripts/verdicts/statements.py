"""Judge each statement of the paper: by its own numbers, on the 2016 settings, with recipes equal.

A statement is one function here, registered by the id that it has in reference/statements.yaml. It
returns checks: a number for each framework that the statement speaks of, and the bounds it must be
in. A statement holds where all numbers are in their bounds, and does not hold where one is not. It
is not decidable where all that are known are in their bounds, but a framework, a recipe or a
measurement is missing. It is not run where no number is known, because there are no runs with the
data and the size of 2016.

Numbers are means over repetitions. The bounds are the constants below; they are wider than what
seeds or repeated measurements change.
"""

import argparse
from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
from shared.script import InputError, run
from shared.strict_yaml import read_yaml
from shared.markdown_table import markdown_table
from shared.study import Facts
from shared.tables import read_table, write_table
from verdicts.basis import (
    CAFFE,
    DL4J,
    HARMONISED,
    NOT_DECIDABLE,
    NOT_RUN,
    ORIGINALS,
    PUBLISHED_COLUMNS,
    RUN_COLUMNS,
    TENSORFLOW,
    THEANO,
    TORCH,
    Basis,
    NotDecidable,
    NotRun,
    add_basis_flags,
    basis_of,
    repetitions,
    with_networks,
)

HOLDS, DOES_NOT_HOLD = "holds", "does not hold"

TANH = tuple(f"tanh-{layers}x100" for layers in (1, 2, 3, 4))
RELU = tuple(f"relu-{layers}x100" for layers in (1, 2, 3, 4))
WIDTHS = (64, 128, 512, 1024)
WIDE = tuple(f"relu-1x{units}" for units in WIDTHS)
ALL_NETWORKS = (*TANH, *RELU, *WIDE)
ALL_BUT_DL4J = tuple(name for name in ORIGINALS if name != DL4J)
# The successor that conclusion 6 looks ahead to.
DL4J_SUCCESSOR = "deeplearning4j"

# "Dramatically", "much", "substantially", "seriously", "clearly", "notably": a factor
# of two, in time or in the share of wrong answers. An accuracy's error is what doubles: from 95 % a
# fall to 90 % is dramatic, and from 98 % one to 96 %.
MUCH = 2.0
# "Nearly twice" is nearer to twice than to the same; what is "similar" is nearer to the same.
NEARLY_TWICE = 1.5
# Curves have "very similar" shapes, or are "almost constant", within a quarter up and down. The
# growth of a time with depth differs by more than that between the paper's own frameworks, and over
# the paper's widths the arithmetic grows sixteenfold.
ABOUT_THE_SAME = 1.25
# "Almost linear": no point is farther from the straight line through the four than a tenth of their
# range. A square (0.15) or a logarithm (0.17) over the paper's widths is.
ALMOST_LINEAR = 0.1
# "Around 97 %": two points, so that 95 % to 99 % are.
AROUND = 0.02
# A time is longer from 5 % on: most published training times have a deviation of 1 to 3 %.
LONGER = 1.05
# An accuracy is another from 0.002 on, the published deviation of networks that train well.
ANOTHER_ACCURACY = 0.002
# "Stable" over width: one point, as in the verdicts on numbers.
STABLE = 0.01
# What is said of the frameworks at large is judged on the networks that all of them have, if these
# are most of the paper's twelve: a slow framework need not run them all.
MOST_NETWORKS = 9
# Seconds in the sentences, of which only the shape can be compared: ratios, within a quarter.
FOUR_BY_DL4J_TRAINING = 30 / 140
FOUR_BY_DL4J_PREDICTION = 0.4 / 0.75
DL4J_TRAINING_GROWTH = 210 / 140
DL4J_PREDICTION_GROWTH = 1.1 / 0.75
# "94 % to 98 %", which are rounded to whole percents.
THREE_HIGH = (0.935, 0.985)

COLUMNS = ["id", "place", "statement", "setting", "verdict", "numbers", "explanation"]


@dataclass(frozen=True)
class Setting:
    """What a statement is judged on.

    Attributes
    ----------
    mean
        (framework, network, measure) to the mean: accuracy as a fraction, times in seconds.
        Raises NotDecidable.
    lines
        Lines of code of each framework, counted as in the paper.
    initialisation_only
        For a framework of the paper, the same mean of (network, measure) where nothing of its 2016
        recipe is changed but the initial weights.
    """

    name: str
    mean: Callable[[str, str, str], float]
    lines: dict[str, int] = field(default_factory=dict)
    initialisation_only: dict[str, Callable[[str, str], float]] = field(default_factory=dict)

    def series(self, framework: str, measure: str, networks: Iterable[str]) -> list[float]:
        """Return the means of some networks."""
        return [self.mean(framework, network, measure) for network in networks]

    def growth(self, framework: str, measure: str, networks: tuple[str, ...]) -> float:
        """Return the last network's mean by the first one's."""
        return self.mean(framework, networks[-1], measure) / self.mean(
            framework, networks[0], measure
        )

    def smallest_step(self, framework: str, measure: str, networks: Iterable[str]) -> float:
        """Return the smallest ratio of a network's mean to that of the one before."""
        values = self.series(framework, measure, networks)
        return min(after / before for before, after in pairwise(values))

    def level(self, framework: str, measure: str, networks: Iterable[str]) -> float:
        """Return the geometric mean over networks."""
        return float(np.exp(np.mean(np.log(self.series(framework, measure, networks)))))

    def change(self, framework: str, networks: tuple[str, ...]) -> float:
        """Return the last network's accuracy less the first one's."""
        first, last = self.series(framework, "accuracy", (networks[0], networks[-1]))
        return last - first

    def error(self, framework: str, network: str) -> float:
        """Return the share of wrong answers."""
        return 1 - self.mean(framework, network, "accuracy")


Numbers = dict[str, float | NotDecidable]


@dataclass(frozen=True)
class Check:
    """Numbers by what they belong to, the bounds that they must be in, and what they are."""

    quantity: str
    numbers: Numbers
    low: float = -np.inf
    high: float = np.inf

    @property
    def known(self) -> dict[str, float]:
        return {k: v for k, v in self.numbers.items() if not isinstance(v, NotDecidable)}

    @property
    def missing(self) -> list[NotDecidable]:
        """Why numbers are missing."""
        return [value for value in self.numbers.values() if isinstance(value, NotDecidable)]

    def passes(self, number: float) -> bool:
        # Means of decimals are not exact in binary.
        return self.low - 1e-9 <= number <= self.high + 1e-9

    def written(self) -> str:
        """Return the numbers, ``quantity: framework number, ...``."""
        numbers = ", ".join(f"{name} {value:.3g}" for name, value in self.known.items())
        return f"{self.quantity.rstrip(',')}: {numbers or 'none'}"

    def sentence(self) -> str:
        """Return a clause that says which known numbers are in their bounds and which are not."""
        if np.isinf(self.high):
            bounds = f"at least {self.low:.3g}"
        elif np.isinf(self.low):
            bounds = f"at most {self.high:.3g}"
        else:
            bounds = f"{self.low:.3g} to {self.high:.3g}"
        inside, outside = (
            ", ".join(f"{k} ({v:.3g})" for k, v in self.known.items() if self.passes(v) is passed)
            for passed in (True, False)
        )
        if not inside:
            return f"{self.quantity} is not {bounds} in {outside}"
        return f"{self.quantity} is {bounds} in {inside}{outside and f', but not in {outside}'}"


Statement = Callable[[Setting], list[Check]]
STATEMENTS: dict[str, Statement] = {}


def statement(name: str) -> Callable[[Statement], Statement]:
    """Register the function that decides the statement of this id."""

    def register(function: Statement) -> Statement:
        assert name not in STATEMENTS, name
        STATEMENTS[name] = function
        return function

    return register


def each(names: Iterable[str], number: Callable[[str], float]) -> Numbers:
    """Return a number for each name, or the reason why it has none."""
    numbers: Numbers = {}
    for name in names:
        try:
            numbers[name] = float(number(name))
        except NotDecidable as reason:
            numbers[name] = reason
    return numbers


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


def four_fast(setting: Setting, measure: str, bound: float) -> list[Check]:
    """Hold the longest time of each of the four over depth against Deeplearning4j's shortest."""

    def ratio(framework: str) -> float:
        longest = max(setting.series(framework, measure, TANH))
        return longest / min(setting.series(DL4J, measure, TANH))

    quantity = "the longest time over depth by Deeplearning4j's shortest, tanh,"
    return [Check(quantity, each(ALL_BUT_DL4J, ratio), high=bound)]


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
            each([DL4J], lambda name: setting.growth(name, measure, TANH)),
            low=expected / ABOUT_THE_SAME,
            high=expected * ABOUT_THE_SAME,
        ),
    ]


@statement("tanh-training-four-fast")
def _(setting: Setting) -> list[Check]:
    return four_fast(setting, "train_seconds", FOUR_BY_DL4J_TRAINING)


@statement("tanh-training-deeplearning4j-grows")
def _(setting: Setting) -> list[Check]:
    return grows_from_to(setting, "train_seconds", DL4J_TRAINING_GROWTH)


@statement("tanh-prediction-four-fast")
def _(setting: Setting) -> list[Check]:
    return four_fast(setting, "predict_seconds", FOUR_BY_DL4J_PREDICTION)


@statement("tanh-prediction-deeplearning4j-grows")
def _(setting: Setting) -> list[Check]:
    return grows_from_to(setting, "predict_seconds", DL4J_PREDICTION_GROWTH)


@statement("tanh-accuracy-incoherent")
def _(setting: Setting) -> list[Check]:
    """Times grow in all frameworks, accuracies rise in some and fall in some."""
    grown = [
        Check(
            f"the growth of the {what} time from 1 to 4 layers, tanh,",
            each(ORIGINALS, lambda name, m=measure: setting.growth(name, m, TANH)),
            low=LONGER,
        )
        for what, measure in (("training", "train_seconds"), ("prediction", "predict_seconds"))
    ]

    def extreme(which: Callable) -> Callable[[str], float]:
        return lambda _: which(setting.change(name, TANH) for name in ORIGINALS)

    return [
        *grown,
        Check(
            "the accuracy that 4 layers gain over 1, tanh,",
            each(["the one that rises most"], extreme(max)),
            low=ANOTHER_ACCURACY,
        ),
        Check(
            "the accuracy that 4 layers gain over 1, tanh,",
            each(["the one that falls most"], extreme(min)),
            high=-ANOTHER_ACCURACY,
        ),
    ]


@statement("tanh-accuracy-three-high")
def _(setting: Setting) -> list[Check]:
    frameworks = (THEANO, DL4J, CAFFE)
    return [
        Check(
            f"the {what} accuracy over depth, tanh,",
            each(frameworks, lambda name, w=which: w(setting.series(name, "accuracy", TANH))),
            *THREE_HIGH,
        )
        for what, which in (("lowest", min), ("highest", max))
    ]


def error_growth(setting: Setting, framework: str, networks: tuple[str, ...]) -> float:
    """Return the last network's share of wrong answers by the first one's."""
    return setting.error(framework, networks[-1]) / setting.error(framework, networks[0])


@statement("tanh-accuracy-two-drop")
def _(setting: Setting) -> list[Check]:
    numbers = each((TORCH, TENSORFLOW), lambda name: error_growth(setting, name, TANH))
    return [Check("the error with 4 layers by that with 1, tanh,", numbers, low=MUCH)]


@statement("relu-training-same-shape")
def _(setting: Setting) -> list[Check]:
    def ratio(framework: str) -> float:
        tanh, relu = (setting.growth(framework, "train_seconds", depths) for depths in (TANH, RELU))
        return tanh / relu

    quantity = "the growth of the training time from 1 to 4 layers with tanh by that with ReLU"
    return [Check(quantity, each(ORIGINALS, ratio), 1 / ABOUT_THE_SAME, ABOUT_THE_SAME)]


def tanh_by_relu(setting: Setting, framework: str, measure: str) -> float:
    """Return the time with tanh by that with ReLU, the geometric mean over depth."""
    return setting.level(framework, measure, TANH) / setting.level(framework, measure, RELU)


def tanh_by_relu_in_all(setting: Setting, measure: str) -> Numbers:
    """Return the geometric mean of `tanh_by_relu` over the frameworks."""
    return each(
        ["the mean of the five frameworks"],
        lambda _: np.exp(
            np.mean([np.log(tanh_by_relu(setting, name, measure)) for name in ORIGINALS])
        ),
    )


@statement("relu-training-nearly-twice-as-fast")
def _(setting: Setting) -> list[Check]:
    numbers = tanh_by_relu_in_all(setting, "train_seconds")
    return [Check("the training time with tanh by that with ReLU", numbers, low=NEARLY_TWICE)]


@statement("relu-prediction-similar")
def _(setting: Setting) -> list[Check]:
    numbers = tanh_by_relu_in_all(setting, "predict_seconds")
    quantity = "the prediction time with tanh by that with ReLU"
    return [Check(quantity, numbers, 1 / NEARLY_TWICE, NEARLY_TWICE)]


@statement("relu-accuracy-torch-turns")
def _(setting: Setting) -> list[Check]:
    return [
        Check(
            "the accuracy that 4 layers gain over 1, tanh,",
            each([TORCH], lambda name: setting.change(name, TANH)),
            high=-ANOTHER_ACCURACY,
        ),
        Check(
            "the accuracy that 4 layers gain over 1, ReLU,",
            each([TORCH], lambda name: setting.change(name, RELU)),
            low=ANOTHER_ACCURACY,
        ),
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
            "the training time with tanh by that with ReLU",
            each(ORIGINALS, lambda name: tanh_by_relu(setting, name, "train_seconds")),
            low=LONGER,
        ),
        Check(
            "the accuracy that ReLU gains over tanh, the mean over depth,",
            each(ORIGINALS, gain),
            low=ANOTHER_ACCURACY,
        ),
    ]


@statement("width-training-deeplearning4j-slow")
def _(setting: Setting) -> list[Check]:
    def smallest(framework: str) -> float:
        return min(
            setting.mean(DL4J, network, "train_seconds")
            / setting.mean(framework, network, "train_seconds")
            for network in WIDE
        )

    quantity = "Deeplearning4j's training time by that of the other, the smallest over width,"
    return [Check(quantity, each(ALL_BUT_DL4J, smallest), low=MUCH)]


@statement("width-training-deeplearning4j-grows")
def _(setting: Setting) -> list[Check]:
    numbers = each([DL4J], lambda name: setting.growth(name, "train_seconds", WIDE))
    return [Check("the growth of the training time from 64 to 1024 units", numbers, low=MUCH)]


@statement("width-training-others-constant")
def _(setting: Setting) -> list[Check]:
    def reach(framework: str) -> float:
        times = setting.series(framework, "train_seconds", WIDE)
        return max(times) / min(times)

    quantity = "the longest training time over width by the shortest"
    return [Check(quantity, each(ALL_BUT_DL4J, reach), high=ABOUT_THE_SAME)]


def distance_from_line(x: Iterable[float], y: Iterable[float]) -> float:
    """Return the largest distance of ``y`` from its least-squares line over ``x``, by its range."""
    x, y = np.array(x, dtype=float), np.array(y, dtype=float)
    line = np.polyval(np.polyfit(x, y, 1), x)
    return float(np.abs(y - line).max() / np.ptp(y))


@statement("width-prediction-linear")
def _(setting: Setting) -> list[Check]:
    return [
        Check(
            "the growth of the prediction time from 64 to 1024 units",
            each(ORIGINALS, lambda name: setting.growth(name, "predict_seconds", WIDE)),
            low=LONGER,
        ),
        Check(
            "the largest distance of a prediction time from a straight line, by their range,",
            each(
                ORIGINALS,
                lambda name: distance_from_line(
                    WIDTHS, setting.series(name, "predict_seconds", WIDE)
                ),
            ),
            high=ALMOST_LINEAR,
        ),
    ]


@statement("width-prediction-differs")
def _(setting: Setting) -> list[Check]:
    def reach(network: str) -> float:
        times = [setting.mean(name, network, "predict_seconds") for name in ORIGINALS]
        return max(times) / min(times)

    quantity = "the longest prediction time of a framework by the shortest"
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
    numbers = each([TORCH], lambda name: 1 / error_growth(setting, name, WIDE))
    return [Check("the error with 64 units by that with 1024", numbers, low=MUCH)]


@statement("depth-costs-training-time")
def _(setting: Setting) -> list[Check]:
    return [
        Check(
            f"the growth of the training time from 1 to 4 layers, {activation},",
            each(ORIGINALS, lambda name, n=networks: setting.growth(name, "train_seconds", n)),
            low=LONGER,
        )
        for activation, networks in (("tanh", TANH), ("ReLU", RELU))
    ]


@statement("width-costs-training-time")
def _(setting: Setting) -> list[Check]:
    """The conclusion says: to a given accuracy. The paper, as we, has the time of ten epochs."""
    numbers = each(ORIGINALS, lambda name: setting.growth(name, "train_seconds", WIDE))
    quantity = "the growth of the time of ten epochs from 64 to 1024 units"
    return [Check(quantity, numbers, low=LONGER)]


@statement("depth-two-drop")
def _(setting: Setting) -> list[Check]:
    """With tanh: section 4 itself has Torch's accuracy grow with ReLU."""
    numbers = each((TORCH, TENSORFLOW), lambda name: setting.change(name, TANH))
    quantity = "the accuracy that 4 layers gain over 1, tanh,"
    return [Check(quantity, numbers, high=-ANOTHER_ACCURACY)]


@statement("drop-by-gradients")
def _(setting: Setting) -> list[Check]:
    """Wrong gradients would stay wrong with another recipe."""

    def change(framework: str) -> float:
        # First, as a framework that was not run is not run with any recipe.
        found = setting.change(framework, TANH)
        if setting.name != HARMONISED:
            raise NotDecidable("gradients and settings are told apart only by an equal recipe")
        return found

    quantity = "the accuracy that 4 layers gain over 1, tanh,"
    return [Check(quantity, each((TORCH, TENSORFLOW), change), high=-ANOTHER_ACCURACY)]


@statement("drop-by-initialisation")
def _(setting: Setting) -> list[Check]:
    """If it is so, other initial weights alone take the drop away."""

    def change(framework: str) -> float:
        if framework not in setting.initialisation_only:
            # First, as a framework that was not run is not run with other initial weights.
            setting.change(framework, TANH)
            raise NotDecidable(
                f"there is no run of {framework}'s recipe with nothing changed but its initial "
                "weights"
            )
        mean = setting.initialisation_only[framework]
        return mean(TANH[-1], "accuracy") - mean(TANH[0], "accuracy")

    quantity = "with other initial weights alone, the accuracy that 4 layers gain over 1, tanh,"
    return [Check(quantity, each((TORCH, TENSORFLOW), change), low=-ANOTHER_ACCURACY)]


def gains_over_width(setting: Setting, frameworks: Iterable[str]) -> tuple[str, Numbers]:
    """Return the accuracy that 1024 units gain over 64, and what it is called."""
    numbers = each(frameworks, lambda name: setting.change(name, WIDE))
    return "the accuracy that 1024 units gain over 64", numbers


@statement("width-caffe-deeplearning4j-drop")
def _(setting: Setting) -> list[Check]:
    return [Check(*gains_over_width(setting, (CAFFE, DL4J)), high=-ANOTHER_ACCURACY)]


@statement("width-tensorflow-torch-grow")
def _(setting: Setting) -> list[Check]:
    return [Check(*gains_over_width(setting, (TENSORFLOW, TORCH)), low=ANOTHER_ACCURACY)]


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
        for what, measure in (("training", "train_seconds"), ("prediction", "predict_seconds"))
    ]


@statement("deeplearning4j-may-change")
def _(setting: Setting) -> list[Check]:
    """A change is one for the better here, by as much as counts as much."""

    def ratio(measure: str) -> float:
        networks = shared_networks(setting, (DL4J, DL4J_SUCCESSOR), measure)
        before, after = (setting.level(f, measure, networks) for f in (DL4J, DL4J_SUCCESSOR))
        return before / after

    return [
        Check(
            f"the {what} time of {DL4J} by that of {DL4J_SUCCESSOR}, the mean over the networks,",
            each([DL4J], lambda _, m=measure: ratio(m)),
            low=MUCH,
        )
        for what, measure in (("training", "train_seconds"), ("prediction", "predict_seconds"))
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


def decide(checks: list[Check]) -> tuple[str, str, str]:
    """Return the verdict on a statement, the numbers that it rests on, and one sentence."""
    missing = [reason for check in checks for reason in check.missing]
    reasons = list(dict.fromkeys(map(str, missing)))
    failed = any(not check.passes(value) for check in checks for value in check.known.values())
    numbers = "; ".join(check.written() for check in checks)
    sentences = [check.sentence() for check in checks if check.known]
    if failed:
        verdict = DOES_NOT_HOLD
    elif not sentences and all(isinstance(reason, NotRun) for reason in missing):
        verdict, sentences = NOT_RUN, reasons
    elif reasons:
        verdict, sentences = NOT_DECIDABLE, [*reasons, *sentences]
    else:
        verdict = HOLDS
    explanation = "; ".join(sentences)
    return verdict, numbers, f"{explanation[0].upper()}{explanation[1:]}."


def of_published(published: pd.DataFrame, lines: dict[str, int]) -> Setting:
    """Return the paper's own numbers as a setting."""
    table = with_networks(published).set_index(["framework", "network"])

    def mean(framework: str, network: str, measure: str) -> float:
        if (framework, network) not in table.index:
            raise NotDecidable(f"the paper has no numbers of {framework}")
        return table.loc[(framework, network), f"{measure}_mean"]

    return Setting("published", mean, lines)


def recipe_of_2016(basis: Basis, as_tanh: Container[str]) -> Callable[[str, str], str]:
    """Return a function: a framework's own recipe for a network.

    ``as_tanh`` are the recipes that take tanh where a network names it. Torch has two recipes of
    2016: the public script has a sigmoid there, but the statements are about the published curve,
    which needs tanh (reference/recipes-2016.yaml). Deeplearning4j's successor has its ancestor's
    recipe.
    """

    def recipe(framework: str, network: str) -> str:
        original = DL4J if framework == DL4J_SUCCESSOR else framework
        own = basis.own.get(original, [])
        if not own:
            raise NotRun(f"no recipe of the configuration is of {original}")
        if network.startswith("tanh"):
            return next((name for name in own if name in as_tanh), own[0])
        return own[0]

    return recipe


def of_runs(
    name: str,
    runs: pd.DataFrame,
    recipe_of: Callable[[str, str], str],
    facts_of: Callable[[str], Facts],
    lines: dict[str, int],
    basis: Basis,
    initialisation_only: dict[str, tuple[str, str]],
) -> Setting:
    """Return runs as a setting.

    Parameters
    ----------
    runs
        The workflow's runs table (schemas/runs.schema.yaml), of any experiments together.
    recipe_of
        (framework, network) to the recipe whose runs count.
    facts_of
        Framework to what its runs must have been trained and tested with.
    initialisation_only
        For a framework of the paper, the framework and recipe of the runs where nothing of its
        2016 recipe is changed but the initial weights.
    """

    basis = basis.on(runs)

    def mean(framework: str, network: str, measure: str) -> float:
        recipe = recipe_of(framework, network)
        facts = facts_of(framework)
        return repetitions(runs, framework, recipe, network, measure, facts, basis).mean()

    def mean_of(framework: str, recipe: str, facts: Facts) -> Callable[[str, str], float]:
        return lambda network, measure: repetitions(
            runs, framework, recipe, network, measure, facts, basis
        ).mean()

    changed = {
        original: mean_of(framework, recipe, facts_of(original))
        for original, (framework, recipe) in initialisation_only.items()
    }
    return Setting(name, mean, lines, changed)


def read_statements(path: Path) -> list[dict[str, str]]:
    """Read reference/statements.yaml: mappings with id, place and statement.

    Raises InputError where it and the functions of this script do not have the same ids.
    """
    statements = read_yaml(path)
    for entry in statements:
        if not isinstance(entry, dict) or set(entry) != {"id", "place", "statement"}:
            raise InputError(f"{path}: each entry must have id, place and statement: {entry!r}.")
    ids = [entry["id"] for entry in statements]
    for name in ids:
        if ids.count(name) > 1:
            raise InputError(f"{path}: {name} stands in it twice; delete one of them.")
        if name not in STATEMENTS:
            raise InputError(f"{path}: no function of scripts/verdicts_statements.py has {name}.")
    for name in STATEMENTS:
        if name not in ids:
            raise InputError(f"{path}: {name} is missing, which a function decides; add it.")
    return statements


def judge(statements: list[dict[str, str]], settings: list[Setting]) -> pd.DataFrame:
    """Judge every statement on every setting; a row (`COLUMNS`) for each pair."""
    rows = [
        [
            *(entry[key] for key in ("id", "place", "statement")),
            setting.name,
            *decide(STATEMENTS[entry["id"]](setting)),
        ]
        for entry in statements
        for setting in settings
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def markdown(table: pd.DataFrame) -> str:
    """Write the verdicts as Markdown: all at a glance, then each with its explanations."""
    settings = list(dict.fromkeys(table["setting"]))
    rows, details = [], []
    for name, of_statement in table.groupby("id", sort=False):
        first = of_statement.iloc[0]
        rows.append([first["statement"], first["place"], *of_statement["verdict"]])
        details.append(f"## {first['statement']}\n\n{first['place']} (`{name}`)\n")
        details += [
            f"- **{row['setting']}: {row['verdict']}.** {row['explanation']}"
            for row in of_statement.to_dict("records")
        ]
        details.append("")
    return "\n".join(
        [
            "# The paper's statements\n",
            markdown_table(["Statement", "Place", *settings], rows),
            "published: by the paper's own numbers. 2016: each framework with its own recipe. "
            f"{HARMONISED}: one recipe for all. The bounds are in docs/verdicts.md.\n",
            *details,
        ]
    )


def changed_recipe(text: str) -> tuple[str, tuple[str, str]]:
    """Read ``ORIGINAL=FRAMEWORK/RECIPE``."""
    original, _, changed = text.partition("=")
    framework, _, recipe = changed.partition("/")
    if original not in ORIGINALS or not recipe:
        raise argparse.ArgumentTypeError(f"{text!r} is not ORIGINAL=FRAMEWORK/RECIPE")
    return original, (framework, recipe)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=Path, required=True, help="a row a run")
    parser.add_argument("--statements", type=Path, required=True, help="reference/statements.yaml")
    parser.add_argument("--published", type=Path, required=True, help="the paper's values")
    parser.add_argument("--published-lines", type=Path, required=True, help="the paper's table 1")
    parser.add_argument("--lines", type=Path, required=True, help="from lines_of_code.py")
    add_basis_flags(parser)
    parser.add_argument(
        "--initialisation-only", type=changed_recipe, nargs="*", default=[],
        metavar="ORIGINAL=FRAMEWORK/RECIPE",
        help="the runs where nothing of an original's recipe is changed but the initial weights",
    )  # fmt: skip
    parser.add_argument(
        "--as-tanh", nargs="*", default=[], metavar="RECIPE",
        help="recipes that take tanh where a network names it",
    )  # fmt: skip
    parser.add_argument("--csv", type=Path, required=True)
    parser.add_argument("--markdown", type=Path, required=True)
    args = parser.parse_args()

    statements = read_statements(args.statements)
    runs, basis = read_table(args.runs, RUN_COLUMNS), basis_of(args)
    study = basis.study

    def facts_of(framework: str) -> Facts:
        return study.frameworks[DL4J if framework == DL4J_SUCCESSOR else framework]

    published_lines = read_table(args.published_lines, ["framework", "lines"])
    lines = read_table(args.lines, ["framework", "physical_lines"])
    counted = dict(zip(lines["framework"], lines["physical_lines"], strict=True))
    table = judge(
        statements,
        [
            of_published(
                read_table(args.published, PUBLISHED_COLUMNS),
                dict(zip(published_lines["framework"], published_lines["lines"], strict=True)),
            ),
            of_runs(
                "2016",
                runs,
                recipe_of_2016(basis, args.as_tanh),
                facts_of,
                counted,
                basis,
                dict(args.initialisation_only),
            ),
            of_runs(
                HARMONISED, runs, lambda *_: HARMONISED, lambda _: study.common, counted, basis, {}
            ),
        ],
    )
    write_table(table, args.csv, markdown(table), args.markdown, float_format=None)


if __name__ == "__main__":
    run(main)
