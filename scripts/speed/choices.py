"""Rank the frameworks under every reasonable choice: which network, which time, which weights?

A choice is a recipe, a network (or all), a measure of speed, and the weights of speed, accuracy and
lines of code. A framework's score is the weighted mean of its ranks; the lowest score is first.
Ranks do not depend on units. The paper gives no weights.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product

import pandas as pd
from shared.labels import listed
from shared.markdown_table import markdown_table
from shared.script import Job, run
from shared.tables import read_by_framework, read_table, write_table
from speed.measures import OVERALL, OWN, TIME_COLUMNS, WORDS, comparisons, short_runs

RANK_COLUMNS = ["recipe", "network", "measure", "framework", "rank", "rank_low", "rank_high"]
RUN_COLUMNS = ["framework", "recipe", "network", "epochs", "accuracy_all", "accuracy_of"]
COLUMNS = [
    "recipe", "network", "speed", "weights", "frameworks", "complete", "first", "may_be_first",
    "ranking",
]  # fmt: skip
THREAD_COLUMNS = ["framework", "network", "compute_threads", "epoch_seconds"]
# Measures of speed/measures.py. With two, their ranks are averaged.
SPEEDS = (("train",), ("whole training",), ("predict",), ("train", "predict"))
# Of speed, accuracy and lines.
WEIGHTS = {
    "speed alone": (1, 0, 0),
    "speed and accuracy": (1, 1, 0),
    "speed and lines": (1, 0, 1),
    "all three alike": (1, 1, 1),
    "speed twice": (2, 1, 1),
}
# Accuracies are tied up to this difference, the published deviation of networks that train well.
SAME_ACCURACY = 0.002


def worse_by(values: pd.Series, margin: float = 0) -> pd.Series:
    """Return ranks: 1, and one more for each value that is lower by more than ``margin``."""
    # Means of decimals are not exact in binary.
    return values.map(lambda value: 1 + int((values < value - margin - 1e-9).sum()))


def accuracies(runs: pd.DataFrame, timed: pd.DataFrame) -> pd.DataFrame:
    """Return the mean accuracy on all test images: networks by frameworks.

    ``timed`` has the frameworks with their recipes and the recipes' epochs. Accuracies of training
    images do not count.
    """
    recipes = timed[["framework", "recipe", "epochs"]].drop_duplicates()
    matching = runs[runs["accuracy_of"] == "test"].merge(recipes)
    return matching.pivot_table(values="accuracy_all", index="network", columns="framework")


@dataclass(frozen=True)
class Features:
    """What the frameworks of a comparison are ranked by.

    Attributes:
        ranks: speed-ranks.csv of one recipe.
        accuracy: as `accuracies` returns them.
        lines: the lines of code, by framework.
    """

    ranks: pd.DataFrame
    accuracy: pd.DataFrame
    lines: Mapping[str, float]

    def speed(self, network: str, measures: tuple[str, ...]) -> pd.DataFrame:
        """Return rank and rank_low by framework; of two measures, only of those that have both."""
        chosen = self.ranks[
            (self.ranks["network"] == network) & self.ranks["measure"].isin(measures)
        ].groupby("framework", sort=False)
        both = chosen["rank"].count() == len(measures)
        return chosen[["rank", "rank_low"]].mean()[both]

    def accuracy_of(self, network: str, frameworks: list[str]) -> pd.Series:
        """Return the accuracies; of `OVERALL`, the means over the networks that all have trained.

        A framework without any accuracy is left out, or has no number.
        """
        accuracy = self.accuracy.reindex(columns=frameworks)
        if network == OVERALL:
            ranked = accuracy[accuracy.index.isin(self.ranks["network"])]
            return ranked.dropna(axis="columns", how="all").dropna().mean()
        return accuracy.reindex(index=[network]).mean(skipna=False)

    def scores(
        self, network: str, measures: tuple[str, ...], weights: tuple[int, int, int]
    ) -> pd.Series:
        """Return the weighted mean of ranks of the frameworks that have all features, sorted."""
        speed = self.speed(network, measures)["rank"]
        frameworks = list(speed.index)
        features = pd.DataFrame({"speed": speed})
        if weights[1]:
            features["accuracy"] = -self.accuracy_of(network, frameworks)
        if weights[2]:
            features["lines"] = pd.Series(self.lines, dtype=float).reindex(frameworks)
        features = features.dropna()
        ranks = features.apply(
            lambda column: worse_by(column, SAME_ACCURACY if column.name == "accuracy" else 0)
        )
        used = [weight for weight in weights if weight]
        return ((ranks * used).sum(axis=1) / sum(used)).sort_values(kind="stable")


def ranking(values: pd.Series) -> str:
    """Write sorted values with their names: ``numpy 1 < caffe 2``."""
    return " < ".join(f"{name} {value:.3g}" for name, value in values.items())


def build(features: Mapping[str, Features]) -> pd.DataFrame:
    """Return a row (`COLUMNS`) for each choice; ``features`` are by recipe.

    ``first`` are the frameworks with the lowest score. ``may_be_first`` are those whose set of
    ranks contains 1, which are known for speed alone. ``complete`` says whether all frameworks of
    the recipe that are ranked on some network are compared.
    """
    rows = []
    for recipe, of_recipe in features.items():
        everybody = set(of_recipe.ranks["framework"])
        networks = list(pd.unique(of_recipe.ranks["network"]))
        for network, measures, (name, weights) in product(networks, SPEEDS, WEIGHTS.items()):
            scores = of_recipe.scores(network, measures, weights)
            if len(scores) < 2:
                continue
            first = scores.index[scores <= scores.min() + 1e-9]
            perhaps = pd.Index([])
            if name == "speed alone" and len(measures) == 1:
                sets = of_recipe.speed(network, measures)["rank_low"]
                perhaps = sets.index[sets == 1]
            rows.append(
                [
                    recipe, network, " + ".join(measures), name, len(scores),
                    set(scores.index) == everybody, " ".join(first), " ".join(perhaps),
                    ranking(scores),
                ]
            )  # fmt: skip
    return pd.DataFrame(rows, columns=COLUMNS)


def count_first(table: pd.DataFrame) -> pd.Series:
    """Return how often each framework is first, most often first; a tie counts for each."""
    return table["first"].str.split().explode().value_counts()


def by_threads(threads: pd.DataFrame, labels: Mapping[str, str]) -> str:
    """Write the order of the frameworks with each number of threads.

    ``threads`` is threads.csv: one training for each framework and number of threads.
    """
    rows = []
    for number, part in threads.groupby("compute_threads"):
        seconds = part.set_index("framework")["epoch_seconds"].sort_values()
        rows.append([number, ranking(seconds.rename(labels))])
    network = threads["network"].iloc[0]
    return (
        "## One thread or more\n\n"
        f"Each framework trained {network} once with each number of threads, so that this order "
        "has no interval. Neighbours may be tied.\n\n"
        + markdown_table(["Threads", "Seconds of an epoch"], rows, ["Threads"])
    )


def markdown(table: pd.DataFrame, labels: Mapping[str, str]) -> str:
    """Write how often each framework is first, a table for each recipe."""
    parts = ["# The ranking under every choice\n"]
    if table.empty:
        return "\n".join([*parts, "Too little: fewer than two frameworks were timed alike.\n"])
    for recipe, of_recipe in table.groupby("recipe", sort=False):
        whole = of_recipe[of_recipe["complete"]]
        title = "Each framework with its own recipe of 2016" if recipe == OWN else recipe
        parts.append(f"## {title}\n")
        if whole.empty:
            parts.append("Too little: no choice compares all frameworks.\n")
            continue
        counts = count_first(whole)
        columns = {
            **{name: whole[whole["weights"] == name] for name in WEIGHTS},
            **{
                listed([WORDS[each] for each in speed]): whole[whole["speed"] == " + ".join(speed)]
                for speed in SPEEDS
            },
        }
        of_columns = {name: count_first(part) for name, part in columns.items() if len(part)}
        rows = [
            [
                labels.get(name, name),
                f"{count} ({100 * count / len(whole):.0f} %)",
                *(of_column.get(name, 0) for of_column in of_columns.values()),
            ]
            for name, count in counts.items()
        ]
        headings = ["Framework", "First", *of_columns]
        networks = pd.unique(whole["network"])
        scopes = [
            "the mean of those that all have" if name == OVERALL else name for name in networks
        ]
        sure = whole[whole["may_be_first"] != ""]
        ties = int((sure["may_be_first"].str.split().str.len() > 1).sum())
        parts += [
            f"{len(whole)} choices compare all {whole['frameworks'].iloc[0]} frameworks, on "
            f"{listed(scopes)}.\n",
            markdown_table(headings, rows, headings[1:]),
            f"By speed alone, {ties} of {len(sure)} first places are shared within the uncertainty "
            "of the times.\n",
        ]
    parts.append(
        "A score is the weighted mean of ranks in speed, accuracy and lines of code. The whole "
        "training process includes the start-up, training does not. Accuracies that differ by at "
        f"most {SAME_ACCURACY} are tied. A shared first place counts for each. Choices that lack a "
        "framework (it was not timed, or its accuracy is unknown) are in the CSV only.\n"
    )
    return "\n".join(parts)


def main(job: Job) -> None:
    ranks = read_table(job.input.ranks, RANK_COLUMNS)
    runs = read_table(job.input.runs, RUN_COLUMNS)
    times = short_runs(read_table(job.input.times, TIME_COLUMNS))
    lines = read_by_framework(job.input.lines, ["physical_lines"])["physical_lines"].to_dict()
    compared = comparisons(times, job.params.own)
    features = {
        str(recipe): Features(of_recipe, accuracies(runs, compared[recipe]), lines)
        for recipe, of_recipe in ranks.groupby("recipe", sort=False)
    }
    table = build(features)
    text = markdown(table, job.params.labels)
    if job.input.threads:
        threads = read_table(job.input.threads, THREAD_COLUMNS)
        text += "\n" + by_threads(threads, job.params.labels)
    write_table(table, job.output.csv, text, job.output.markdown)


if __name__ == "__main__":
    run(main)
