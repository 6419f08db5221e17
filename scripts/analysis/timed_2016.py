"""Say what the published times contain, and what our times would be under each of those contents.

In 2016, the script of each framework measured its own times, and the clocks covered different work
(reference/timed-2016.yaml). Here each span is measured separately. So we can compute the time of
every framework as each of those clocks would have shown it:

    training    the spans that the clock ran over, and the predictions of all test images in them
    prediction  the first prediction or a steady one; for fewer images, less the steady time of the
                others; and where the clock ran over the process, its start, reading, building,
                writing and end

`mixed` is the comparison as it was made in 2016: each framework, and each successor, by the clock
of its own script. Kendall's tau says how much a ranking depends on the clock: it compares the order
in `mixed` with the order under one clock for all. It is 1 for the same order and -1 for the
opposite one.
"""

from itertools import chain
from pathlib import Path

import pandas as pd
from scipy import stats
from shared.frameworks import read_frameworks, read_paper
from shared.markdown_table import markdown_table
from shared.script import Job, run
from shared.strict_yaml import read_yaml
from shared.study import read_study, warning
from shared.tables import read_table, write_table

SPANS = {
    "start": ["train_start_seconds"],
    "load": ["load_seconds"],
    "build": ["build_seconds", "compile_seconds"],
    "epochs": ["train_seconds"],
    "save": ["save_seconds"],
}
RUN_COLUMNS = [
    "framework", "recipe", "network", "block", "length", *chain.from_iterable(SPANS.values()),
    "predict_seconds", "first_predict_seconds", "predict_process_seconds",
    "dataset", "train_images", "epochs",
]  # fmt: skip
COLUMNS = ["measure", "network", "definition", "framework", "seconds", "place", "tau_with_mixed"]
MEASURES = {"train": "Training", "predict": "Prediction"}
MIXED = "mixed"
TEST_IMAGES = 10000


def train_seconds(runs: pd.DataFrame, definition: dict) -> pd.Series:
    """Return each run's training time in seconds as a clock of 2016 would have shown it.

    ``definition`` is a framework's ``train`` in reference/timed-2016.yaml.
    """
    columns = [column for name in definition["contains"] for column in SPANS[name]]
    # A span that a framework does not have is empty.
    return runs[columns].sum(axis=1) + definition["predicts"] * runs["first_predict_seconds"]


def predict_seconds(runs: pd.DataFrame, definition: dict, repeats: int) -> pd.Series:
    """Return each run's prediction time in seconds as a clock of 2016 would have shown it.

    ``definition`` is a framework's ``predict`` in reference/timed-2016.yaml; ``repeats`` is how
    often the prediction program here predicts all images. Its steady predictions are taken to last
    as long as their median.
    """
    steady = runs["predict_seconds"]
    first = runs["first_predict_seconds"]
    # The extra time of the first prediction does not depend on the number of images.
    seconds = (first if definition["first"] else steady) - steady * (
        1 - definition["images"] / TEST_IMAGES
    )
    if definition["process"]:
        seconds = seconds + runs["predict_process_seconds"] - first - (repeats - 1) * steady
    return seconds


def build(
    runs: pd.DataFrame, timed: dict, lineages: dict[str, str], recipe: str, repeats: int
) -> pd.DataFrame:
    """Return a row for each measure, network, definition and framework (`COLUMNS`).

    ``timed`` is reference/timed-2016.yaml; ``lineages`` names the framework of the paper that each
    framework is or succeeds. Other frameworks have no clock of 2016 and are left out. Other recipes
    are left out too. Seconds are medians over the blocks; place 1 is the fastest. ``definition`` is
    the framework of the paper whose clock it is, or `MIXED`.
    """
    chosen = runs[
        (runs["length"] == "short") & (runs["recipe"] == recipe) & runs["framework"].isin(lineages)
    ]
    rows = []
    for network, part in chosen.groupby("network", sort=False):
        for measure in MEASURES:
            under = {}
            for name, facts in timed.items():
                seconds = (
                    train_seconds(part, facts["train"])
                    if measure == "train"
                    else predict_seconds(part, facts["predict"], repeats)
                )
                under[name] = seconds.groupby(part["framework"], sort=False).median()
            own = {name: under[lineages[name]][name] for name in pd.unique(part["framework"])}
            under[MIXED] = pd.Series(own)
            for definition, seconds in under.items():
                places = seconds.rank(method="min").astype(int)
                tau = stats.kendalltau(under[MIXED], seconds[list(own)]).statistic
                rows += [
                    [measure, network, definition, name, value, places[name], tau]
                    for name, value in seconds.items()
                ]
    return pd.DataFrame(rows, columns=COLUMNS)


def fixed_seconds(seconds: dict[int, float]) -> float:
    """Return the part of a training time that is not epochs, from times after 1 and 10 epochs."""
    return seconds[1] - (seconds[10] - seconds[1]) / 9


def words_of(definition: dict, measure: str) -> str:
    """Say in a few words what a clock of 2016 ran over."""
    if measure == "train":
        words = ", ".join(definition["contains"])
        return words + (f", {definition['predicts']} prediction" if definition["predicts"] else "")
    parts = ["whole process" if definition["process"] else "prediction alone"]
    parts.append("first" if definition["first"] else "steady")
    return ", ".join([*parts, f"{definition['images']:,} images"])


def contents(timed: dict) -> str:
    """Write what each published time contains as Markdown."""
    tables = []
    headings = ["Framework", "The clock ran over", "and also"]
    for measure, name in MEASURES.items():
        rows = [
            [framework, words_of(facts[measure], measure), facts[measure]["also"]]
            for framework, facts in timed.items()
        ]
        tables.append(f"{name}, as published in 2016:\n\n{markdown_table(headings, rows)}")
    rows = []
    for framework, facts in timed.items():
        seconds = facts["train"]["seconds"]
        fixed = fixed_seconds(seconds)
        share = f"{100 * fixed / seconds[10]:.1f} %"
        rows.append([framework, f"{seconds[1]:.2f}", f"{seconds[10]:.2f}", f"{fixed:.2f}", share])
    headings = [
        "Framework", "s, 1 epoch", "s, 10 epochs", "s outside the epochs", "share of 10 epochs",
    ]  # fmt: skip
    tables.append(
        "The authors' logs hold one epoch too (ReLU, one layer of 100), so that the published "
        "training times themselves tell what they hold besides the epochs:\n\n"
        + markdown_table(headings, rows, headings[1:])
    )
    return "\n".join(tables)


def orders(table: pd.DataFrame, timed: dict) -> str:
    """Write the orders of the frameworks under each clock, and how far they agree, as Markdown."""
    if table.empty:
        return "No framework that has a clock of 2016 was timed here.\n"
    parts = []
    for measure, name in MEASURES.items():
        rows = table[table["measure"] == measure]
        # Clocks that covered the same work share a row.
        clocks: dict[str, list[str]] = {}
        for framework, facts in timed.items():
            clocks.setdefault(words_of(facts[measure], measure), []).append(framework)
        lines = []
        for words, names in [*clocks.items(), ("each framework by its own", [MIXED])]:
            of_clock = rows[rows["definition"] == names[0]]
            taus = of_clock.groupby("network")["tau_with_mixed"].first()
            cells = []
            for _, of_network in of_clock.groupby("network", sort=False):
                order = of_network.sort_values(["seconds", "framework"])
                cells.append(
                    " < ".join(f"{r.framework} {r.seconds:.3g}" for r in order.itertuples())
                )
            tau = "" if names == [MIXED] or taus.isna().all() else f"{taus.mean():.2f}"
            lines.append([words, "" if names == [MIXED] else ", ".join(names), *cells, tau])
        networks = list(pd.unique(rows["network"]))
        headings = ["Clock", "of", *(f"{network} (s)" for network in networks), "tau"]
        parts.append(
            f"{name}, our times by each clock:\n\n{markdown_table(headings, lines, ['tau'])}"
        )
    parts.append(
        "Frameworks from the fastest to the slowest, medians over the blocks. tau is Kendall's, "
        "between that order and the one with each framework by the clock of its own script of "
        "2016, the mean over the networks: 1 is the same order, -1 the opposite one. What a clock "
        "also ran over is not in our times.\n"
    )
    return "\n".join(parts)


def main(job: Job) -> None:
    recipe = job.params.recipe
    timed = read_yaml(Path(job.input.timed))
    paper = read_paper(job.input.lines)
    frameworks = read_frameworks(job.input.frameworks, paper)
    lineages = {each.name: each.lineage for each in frameworks if each.lineage is not None}
    runs = read_table(job.input.times, RUN_COLUMNS)
    runs = runs[runs["network"].isin(job.params.networks)]
    table = build(runs, timed, lineages, recipe, job.params.predict_repeats)
    note = warning(runs[runs["recipe"] == recipe], read_study(job.input.recipes_2016))
    parts = [contents(timed), *([f"**{note}**\n"] if note else []), orders(table, timed)]
    write_table(table, job.output.csv, "\n".join(parts), job.output.markdown)


if __name__ == "__main__":
    run(main)
