"""What the study of 2016 trained and tested with, and whether runs here are like it.

A published value can be compared only with runs on the same data, of the same size.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import pandas as pd
from shared.strict_yaml import read_yaml

# The mode of a configuration that checks whether everything runs, and judges nothing.
INSTALLATION_CHECK = "installation check"
CHECK_WORDS = "Installation check"
NO_RESULTS = "Its numbers are not results."

# The columns of the runs table that say what a run was trained and tested with.
DATA_COLUMNS = [
    "dataset", "train_images", "epochs", "accuracy_rule", "accuracy_images", "accuracy_of",
]  # fmt: skip


@dataclass(frozen=True)
class Facts:
    """What the networks of a framework were trained and tested with in 2016.

    ``accuracy_rule`` takes the accuracy of the first ``accuracy_images`` images, which are test
    images or training images: ``accuracy_of`` is ``test`` or ``train``.
    """

    dataset: str
    train_images: int
    epochs: int
    accuracy_rule: str
    accuracy_images: int
    accuracy_of: str


@dataclass(frozen=True)
class Study:
    """The facts of 2016.

    Attributes:
        common: What one recipe for all frameworks must have.
        frameworks: What the networks of each framework of the paper had; the published values are
            theirs.
        repetitions: By framework of the paper, those behind each published mean.
        other_logs: By framework and set of the authors' logs, the facts of a set that was not
            published, where they differ.
        time_steps: By framework, the seconds that its logged times are multiples of; 0 for finer
            times.
    """

    common: Facts
    frameworks: dict[str, Facts]
    repetitions: dict[str, int]
    other_logs: dict[tuple[str, str], Facts] = field(default_factory=dict)
    time_steps: dict[str, float] = field(default_factory=dict)

    def facts_of(self, framework: str, logs: str | None) -> Facts:
        """Return the facts of a set of a framework's logs; None is the published one."""
        return self.other_logs.get((framework, logs or ""), self.frameworks[framework])


def read_study(path: str | Path) -> Study:
    """Read reference/recipes-2016.yaml."""
    document = read_yaml(Path(path))

    def facts(name: str) -> Facts:
        entry = {**document["all"], **document[name]}
        return Facts(
            dataset=entry["dataset"],
            train_images=int(entry["train_images"]),
            epochs=int(entry["epochs"]),
            accuracy_rule=entry["accuracy"]["rule"],
            accuracy_images=int(entry["accuracy"]["images"]),
            accuracy_of=entry["accuracy"].get("of", "test"),
        )

    repetitions = {
        name: int(entry["repetitions"])
        for name, entry in document.items()
        if "repetitions" in entry
    }
    frameworks = {name: facts(name) for name in repetitions}
    other_logs = {
        (name, logs): replace(frameworks[name], accuracy_of=of)
        for name in repetitions
        for logs, of in document[name].get("accuracy_of_other_logs", {}).items()
    }
    steps = {name: float(document[name].get("time_step", 0)) for name in repetitions}
    return Study(facts("all"), frameworks, repetitions, other_logs, steps)


def span(values: pd.Series) -> str:
    """Write the smallest and the largest value, ``6,000`` or ``5,500 to 6,000``."""
    low, high = int(values.min()), int(values.max())
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"


def standing_recipe(recipes: list[str], networks: Mapping[str, int]) -> str | None:
    """Return the recipe of 2016 that represents its framework: the one with most networks.

    If two have as many, it is the later one, because the published values are from Torch's later
    script. None if no recipe has a network. ``networks`` are the numbers of networks by recipe.
    """
    found = [recipe for recipe in reversed(recipes) if networks.get(recipe)]
    return max(found, key=lambda recipe: networks[recipe], default=None)


def plural(count: str, noun: str) -> str:
    """Write ``1 epoch`` or ``1 to 4 epochs``."""
    return f"{count} {noun}{'' if count == '1' else 's'}"


def named(runs: pd.DataFrame) -> str:
    """Write the data sets of runs, ``MNIST``."""
    return " and ".join(sorted(runs["dataset"].astype(str).unique()))


def size_of(runs: pd.DataFrame) -> str:
    """Write what runs were trained with, ``10 epochs of 55,000 to 60,000 images of MNIST``."""
    epochs = plural(span(runs["epochs"]), "epoch")
    return f"{epochs} of {span(runs['train_images'])} images of {named(runs)}"


def unlike(runs: pd.DataFrame, study: Study) -> pd.Series:
    """Tell which runs differ from all of 2016 in their data set, their images or their epochs.

    A network that is carried over has seen the epochs of all repetitions up to its own.
    """
    facts = [study.common, *study.frameworks.values()]
    return ~(
        (runs["dataset"] == study.common.dataset)
        & runs["train_images"].isin({each.train_images for each in facts})
        & (runs["epochs"] > 0)
        & (runs["epochs"] % study.common.epochs == 0)
    )


def warning(runs: pd.DataFrame, study: Study, mode: str | None = None) -> str:
    """Say in large letters' words that runs are not like those of 2016; empty where they are.

    ``mode`` is that of the configuration. An installation check is compared with nothing, however
    large its runs are. Without a mode, runs that are smaller than those of 2016 are such a check.
    """
    common, check = study.common, mode == INSTALLATION_CHECK
    if runs.empty:
        return f"{CHECK_WORDS}. {NO_RESULTS}" if check else ""
    like = not (unlike(runs, study) | (runs["epochs"] != common.epochs)).any()
    if like and not check:
        return ""
    if set(runs["dataset"]) != {common.dataset}:
        what = f"{size_of(runs)}, not {common.dataset}"
    else:
        epochs = plural(span(runs["epochs"]), "epoch")
        what = f"{epochs} of {span(runs['train_images'])} images"
        fewer = runs["train_images"] < min(f.train_images for f in study.frameworks.values())
        check |= mode is None and bool((fewer | (runs["epochs"] < common.epochs)).all())
    what = f"{CHECK_WORDS}: {what}" if check else what
    return f"{what}. Not comparable with the published values."


def check_words(mode: str) -> str:
    """Say in large letters' words that nothing is a result; empty but for an installation check."""
    return f"{CHECK_WORDS}. {NO_RESULTS}" if mode == INSTALLATION_CHECK else ""
