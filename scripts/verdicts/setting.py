"""What a statement is judged on: the paper's own numbers, or runs with the recipes of a setting."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import pairwise
from statistics import geometric_mean
from typing import Any

import pandas as pd
from verdicts.basis import MEASURES, NotDecidable, with_networks
from verdicts.estimated import Draw
from verdicts.logs import LOGGED_COLUMNS

# The frameworks and networks that the statements name.
THEANO, TORCH, CAFFE, TENSORFLOW, DL4J = ORIGINALS = (
    "theano-keras", "torch7", "caffe", "tensorflow-0.12", "deeplearning4j-0.4",
)  # fmt: skip
# The successor that conclusion 6 looks ahead to.
DL4J_SUCCESSOR = "deeplearning4j"
ALL_BUT_DL4J = tuple(name for name in ORIGINALS if name != DL4J)
TANH = tuple(f"tanh-{layers}x100" for layers in (1, 2, 3, 4))
RELU = tuple(f"relu-{layers}x100" for layers in (1, 2, 3, 4))
WIDTHS = (64, 128, 512, 1024)
WIDE = tuple(f"relu-1x{units}" for units in WIDTHS)
# The authors logged these, but the paper does not show them.
WIDE_TANH = tuple(f"tanh-1x{units}" for units in WIDTHS)
# The twelve networks of the paper's figures.
ALL_NETWORKS = (*TANH, *RELU, *WIDE)
TIMES = (("training", "train_seconds"), ("prediction", "predict_seconds"))
# The numbers of epochs that the authors logged.
EPOCHS = (1, 5, 10)
# The sets of the logs that the paper's figures are from; Torch has an earlier one too.
PUBLISHED_SETS = ("only", "later")
# What reference/recipes-2016.yaml says of a recipe whose script is not public.
UNKNOWN = "unknown"

Numbers = dict[str, float | NotDecidable]


def each(names: Iterable[str], number: Callable[[str], float]) -> Numbers:
    """Return a number for each name, or the reason why it has none."""
    numbers: Numbers = {}
    for name in names:
        try:
            numbers[name] = float(number(name))
        except NotDecidable as reason:
            numbers[name] = reason
    return numbers


@dataclass(frozen=True)
class Evidence:
    """What the authors left: their code, their logs and their table. No run changes it.

    Attributes:
        scripts: What reference/recipes-2016.yaml says, by framework.
        logged: reference/logged-2016.csv, a row for each repetition.
        table_1: The lines of code that the paper's table 1 gives.
    """

    scripts: Mapping[str, Any] = field(default_factory=dict)
    logged: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=LOGGED_COLUMNS))
    table_1: Mapping[str, int] = field(default_factory=dict)

    def of(self, framework: str) -> dict[str, Any]:
        """Return what is known of a framework's script, and of all where it says nothing else."""
        return {**self.scripts["all"], **self.scripts[framework]}


def cause_unknown(framework: str, network: str) -> float:
    """Raise `NotDecidable` in place of runs of another program or with other initial weights."""
    raise NotDecidable("the paper's numbers do not tell what causes a drop")


def epochs_unknown(framework: str, network: str, epochs: int) -> float:
    """Raise `NotDecidable` in place of an accuracy after fewer epochs."""
    raise NotDecidable("no accuracy after fewer epochs is known")


@dataclass(frozen=True)
class Setting:
    """What a statement is judged on.

    Attributes:
        mean: (framework, network, measure) to the mean: accuracy as a fraction, times in seconds.
            Raises NotDecidable. A mean of our runs is `Estimated`, and so are the three below.
        lines: Lines of code of each framework, counted as in the paper.
        evidence: What the authors left. It is the same in all settings.
        after: (framework, network, epochs) to the mean accuracy after another number of epochs.
        right_gradients: (framework, network) to the mean accuracy of the reference program with the
            framework's recipe, without a shared activation module. Tests compare its gradients with
            finite differences.
        other_weights: The same where nothing of that recipe is changed but the initial weights.
        reference: The name of the reference program.
        stand_ins: Framework, network and epochs of the accuracies so far that are the reference
            program's.
    """

    name: str
    mean: Callable[[str, str, str], float]
    lines: dict[str, int] = field(default_factory=dict)
    evidence: Evidence = field(default_factory=Evidence)
    after: Callable[[str, str, int], float] = epochs_unknown
    right_gradients: Callable[[str, str], float] = cause_unknown
    other_weights: Callable[[str, str], float] = cause_unknown
    reference: str = ""
    stand_ins: set[tuple[str, str, int]] = field(default_factory=set)

    def drawn(self, draw: Draw) -> "Setting":
        """Return a setting whose estimated means are those of a draw."""

        def once(number: Callable[..., float]) -> Callable[..., float]:
            found: dict[tuple, float | NotDecidable] = {}

            def value(*key: str | int) -> float:
                if key not in found:
                    try:
                        found[key] = draw.value(number(*key))
                    except NotDecidable as reason:
                        found[key] = reason
                known = found[key]
                if isinstance(known, NotDecidable):
                    raise known
                return known

            return value

        return replace(
            self,
            mean=once(self.mean),
            after=once(self.after),
            right_gradients=once(self.right_gradients),
            other_weights=once(self.other_weights),
        )

    def series(self, framework: str, measure: str, networks: Iterable[str]) -> list[float]:
        """Return the means of some networks."""
        return [self.mean(framework, network, measure) for network in networks]

    def growth(self, framework: str, measure: str, networks: tuple[str, ...]) -> float:
        """Return the last network's mean by the first one's."""
        last, first = self.series(framework, measure, (networks[-1], networks[0]))
        return last / first

    def growths(
        self, frameworks: Iterable[str], measure: str, networks: tuple[str, ...]
    ) -> Numbers:
        """Return each framework's `growth`."""
        return each(frameworks, lambda name: self.growth(name, measure, networks))

    def smallest_step(self, framework: str, measure: str, networks: Iterable[str]) -> float:
        """Return the smallest ratio of a network's mean to that of the one before."""
        values = self.series(framework, measure, networks)
        return min(after / before for before, after in pairwise(values))

    def level(self, framework: str, measure: str, networks: Iterable[str]) -> float:
        """Return the geometric mean over networks."""
        return geometric_mean(self.series(framework, measure, networks))

    def gain(self, framework: str, networks: tuple[str, ...]) -> float:
        """Return the last network's accuracy less the first one's."""
        first, last = self.series(framework, "accuracy", (networks[0], networks[-1]))
        return last - first

    def gains(self, frameworks: Iterable[str], networks: tuple[str, ...]) -> Numbers:
        """Return each framework's `gain`."""
        return each(frameworks, lambda name: self.gain(name, networks))

    def error(self, framework: str, network: str) -> float:
        """Return the share of wrong answers."""
        return 1 - self.mean(framework, network, "accuracy")

    def error_growth(self, framework: str, networks: tuple[str, ...]) -> float:
        """Return the last network's share of wrong answers by the first one's."""
        return self.error(framework, networks[-1]) / self.error(framework, networks[0])


def of_published(published: pd.DataFrame, lines: dict[str, int], evidence: Evidence) -> Setting:
    """Return the paper's own numbers as a setting; where it has none, those of its authors' logs.

    ``published`` is reference/published.csv.
    """
    table = with_networks(published).set_index(["framework", "network"])
    logged = evidence.logged[evidence.logged["set"].isin(PUBLISHED_SETS)]
    logs = with_networks(logged).groupby(["framework", "network", "epochs"])[list(MEASURES)].mean()

    def in_logs(framework: str, network: str, measure: str, epochs: int) -> float:
        if framework == DL4J_SUCCESSOR:
            raise NotDecidable(f"the paper is older than {DL4J_SUCCESSOR}, the successor")
        if (framework, network, epochs) not in logs.index:
            raise NotDecidable(f"neither the paper nor its authors' logs have {framework}")
        return logs.loc[(framework, network, epochs), measure]

    @cache
    def mean(framework: str, network: str, measure: str) -> float:
        if (framework, network) not in table.index:
            return in_logs(framework, network, measure, EPOCHS[-1])
        return table.loc[(framework, network), f"{measure}_mean"]

    def after(framework: str, network: str, epochs: int) -> float:
        return in_logs(framework, network, "accuracy", epochs)

    return Setting("published", mean, lines, evidence, after)
