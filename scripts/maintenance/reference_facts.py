"""What the documentation says of the reference run: each passage by its name, from the tables.

A passage stands in a Markdown file between `<!-- reference: NAME -->` and `<!-- end -->`.
`fill` writes it there (maintenance/reference_run.py), and a test compares the files with it.
"""

import json
import re
import textwrap
from collections.abc import Callable
from pathlib import Path

import pandas as pd
from page.overview import MEASURES, SETTINGS, judged_by_logs
from page.overview import VERDICTS as STATEMENT_VERDICTS
from page.ranking import next_one
from shared.labels import dashed, listed
from shared.markdown_table import markdown_table
from shared.script import InputError
from speed.measures import OVERALL
from verdicts.basis import (
    AMBIGUOUS,
    HARMONISED,
    NOT_REPRODUCED,
    NOT_RUN,
    NUMBER_KEYS,
    REPRODUCED,
    VERDICTS,
)
from verdicts.checks import with_probability
from verdicts.figure import NOISY, OTHERWISE, STRADDLES, symbol_of
from verdicts.predicted import agreeing

PASSAGE = re.compile(r"(<!-- reference: ([a-z0-9-]+) -->\n)(.*?)(<!-- end -->)", re.S)
WIDTH = 120
# If half of a prediction interval is larger than this, it tests little.
WIDE = 0.02


class ReferenceRun:
    """The tables of a reference run, by name, and its provenance."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.provenance = json.loads((folder / "provenance.json").read_text(encoding="utf-8"))
        self.labels: dict[str, str] = self.provenance["labels"]

    def table(self, name: str) -> pd.DataFrame:
        """Read a table; raise `InputError` where it is missing."""
        path = self.folder / "tables" / f"{name}.csv"
        if not path.is_file():
            raise InputError(
                f"{path} is missing; make the reference run again (docs/publishing.md)."
            )
        return pd.read_csv(path, dtype={"setting": str, "recipe": str})

    def label(self, framework: str) -> str:
        return self.labels.get(framework, framework)


def wrapped(text: str) -> str:
    """Return a paragraph in lines of at most `WIDTH` characters, with a line feed at its end."""
    words = " ".join(text.split())
    return textwrap.fill(words, WIDTH, break_long_words=False, break_on_hyphens=False) + "\n"


def made_by(facts: dict) -> str:
    """Say which commits measured and judged the run of a provenance."""
    measured, judged = facts["commit"][:7], facts.get("judged_by", facts["commit"])[:7]
    if judged == measured:
        return f"The run was finished with commit {measured}."
    return (
        f"The measurements were finished with commit {measured}. Commit {judged} made the "
        "verdicts, the figures and the page."
    )


def machine(run: ReferenceRun) -> str:
    """Say where, when and from which commits the run was made."""
    facts = run.provenance
    return wrapped(
        f"The numbers are those of one run of the profile `reference` on {facts['day']}: "
        f"{facts['frameworks']} frameworks, {facts['cores']} cores of {facts['processor']}, "
        f"{facts['memory_gib']} GiB. {made_by(facts)}"
    )


def cells(run: ReferenceRun) -> pd.DataFrame:
    """Return the verdict on each published number, once."""
    return run.table("verdicts-numbers").drop_duplicates(NUMBER_KEYS)


def numbers(run: ReferenceRun) -> str:
    """Count the verdicts on the published numbers, by measure."""
    found = cells(run)
    rows = []
    for measure, of in [*found.groupby("measure", sort=False), ("all", found)]:
        counts = of["cell_verdict"].value_counts()
        told = [str(counts.get(verdict, 0)) for verdict in VERDICTS]
        rows.append([MEASURES.get(str(measure), str(measure)).lower(), *told])
    return markdown_table(["published numbers", *VERDICTS], rows, list(VERDICTS))


def statements(run: ReferenceRun) -> str:
    """Count the verdicts on the paper's statements, by what they are judged by."""
    rows = []
    counts = run.table("verdicts-statements").groupby("setting")["verdict"].value_counts()
    for setting, label in SETTINGS.items():
        told = [str(counts.get((setting, verdict), 0)) for verdict in STATEMENT_VERDICTS]
        rows.append([label, *told])
    return markdown_table(["statements", *STATEMENT_VERDICTS], rows, list(STATEMENT_VERDICTS))


def conclusions(run: ReferenceRun) -> str:
    """Show the verdicts on the paper's conclusions, one by one, and how probable they are."""
    found = run.table("verdicts-statements")
    found["number"] = found["place"].str.extract(r"section 5, conclusion (\d)")
    found = found.dropna(subset="number").sort_values("number", kind="stable")
    settings = [name for name in SETTINGS if name in set(found["setting"])]
    rows = []
    for _, of in found.groupby("id", sort=False):
        said = {row["setting"]: with_probability(row) for row in of.to_dict("records")}
        one = of.iloc[0]
        rows.append(
            [f"{one['number']}. {one['statement']}", *(said.get(name, "-") for name in settings)]
        )
    return markdown_table(["conclusion", *(SETTINGS[name] for name in settings)], rows)


def judged(run: ReferenceRun) -> str:
    """Say how many published numbers are reproduced, and what that means for times."""
    found = cells(run)
    counts = found["cell_verdict"].value_counts()
    told = [f"{counts[verdict]} {words}" for verdict, words in (
        (REPRODUCED, "are reproduced"), (NOT_REPRODUCED, "are not reproduced"),
        (AMBIGUOUS, "are ambiguous"), (NOT_RUN, "were not run"),
    ) if verdict in counts]  # fmt: skip
    held = found.loc[found["cell_verdict"] == REPRODUCED, "measure"] == "accuracy"
    return wrapped(
        f"Of the paper's {counts.sum()} published numbers, {listed(told)}. {held.sum()} of the "
        f"reproduced ones are accuracies and {(~held).sum()} are times. A time is judged only by "
        "how it changes from network to network, which is a weak test."
    )


def order(run: ReferenceRun) -> str:
    """Say in how many pairs the frameworks have the order that they had in 2016, by measure."""
    found = run.table("verdicts-order")
    told = []
    for measure, what in (("train_seconds", "training"), ("predict_seconds", "prediction")):
        verdicts = found.loc[found["measure"] == measure, "verdict"]
        same, reverse = (int((verdicts == each).sum()) for each in (REPRODUCED, NOT_REPRODUCED))
        told.append(
            f"Of the {len(verdicts)} pairs of frameworks whose order in {what} was clear in 2016, "
            f"{same} have the same order here and {reverse} the reverse one."
        )
    return wrapped(
        "The order of the frameworks can be compared between machines. "
        f"{' '.join(told)} A pair counts once for each network. Pairs whose clocks timed different "
        "work are left out."
    )


def judged_details(run: ReferenceRun) -> str:
    """Say what no run can judge, what rests on NumPy's runs, and what is compared otherwise."""
    found = cells(run)
    said = [
        "The test of times is weak, because the published times of another framework often pass it "
        "too (the last table of `reference-run/tables/verdicts-numbers.md`)."
    ]
    others = found.loc[found.apply(symbol_of, axis=1) == OTHERWISE, "reason"]
    if len(others):
        secret = int(others.str.contains("not public").sum())
        causes = {
            "the clock of 2016 timed something else": len(others) - secret,
            "the script is not public": secret,
        }
        reasons = listed([f"{count} because {why}" for why, count in causes.items() if count])
        said.append(f"No run of ours can judge {len(others)} of the ambiguous ones: {reasons}.")
    said.append(judged_by_logs(found, run.label))
    held = found[(found["measure"] == "accuracy") & (found["cell_verdict"] == REPRODUCED)]
    alone = int((held["own_runs"] == 0).sum())
    if alone:
        said.append(
            f"{alone} of the {len(held)} reproduced accuracies come from NumPy's runs alone, "
            "because their frameworks are slow. These frameworks have passed the equivalence check."
        )
    return wrapped(" ".join(said))


def ambiguous(run: ReferenceRun) -> str:
    """Say why published numbers are ambiguous, with counts."""
    found = cells(run)
    causes = found.apply(symbol_of, axis=1)
    noisy, close, others = causes == NOISY, causes == STRADDLES, (causes == OTHERWISE).sum()
    of_accuracy = found["measure"] == "accuracy"
    number = noisy.sum() + close.sum() + others
    return wrapped(
        f"Of the {number} ambiguous numbers, {noisy.sum()} have a published value that is "
        f"too noisy for any verdict ({(noisy & of_accuracy).sum()} accuracies), {close.sum()} have "
        "an interval that contains an end of the margin "
        f"({(close & of_accuracy).sum()} accuracies), and {others} are times of 2016 that ours "
        "cannot be compared with."
    )


def first(run: ReferenceRun) -> str:
    """Say which frameworks may be the fastest, for training and for prediction, and how close."""
    ranks, ratios = run.table("speed-ranks"), run.table("speed-ratios")
    told: list[str] = []
    last = None
    for measure, doing, how in (
        ("train", "trains", "without start-up and compilation"),
        ("whole training", "trains", "with start-up and compilation"),
        ("predict", "predicts", "without start-up and the first prediction"),
    ):
        found = ranks[
            (ranks["recipe"] == HARMONISED)
            & (ranks["network"] == OVERALL)
            & (ranks["measure"] == measure)
            & (ranks["rank_low"] == 1)
        ]
        if found.empty:
            continue
        names = [run.label(name) for name in found["framework"]]
        networks = int(found["networks"].iloc[0])
        open_question = "" if len(names) == 1 else "; the runs do not decide which"
        start = (
            how.capitalize() if networks == last else f"Averaged over {networks} networks, {how}"
        )
        last = networks
        told.append(f"{start}, {listed(names, 'or')} {doing} fastest{open_question}.")
        if len(names) == 1:
            same = ratios[(ratios["recipe"] == HARMONISED) & (ratios["network"] == OVERALL)]
            same = same[same["measure"] == measure]
            told.append(next_one(found["framework"].iloc[0], same, run.label).strip())
    return wrapped(" ".join(told))


def times(run: ReferenceRun) -> str:
    """Show the training times of a few networks with intervals, and the possible ranks."""
    speed, ranks = run.table("speed"), run.table("speed-ranks")
    chosen = speed[(speed["recipe"] == HARMONISED) & (speed["measure"] == "train")]
    most = chosen[chosen["network"] != OVERALL].groupby("network")["n"].max()
    networks = sorted(most[most == most.max()].index, key=lambda name: (name[0] != "t", name))
    places = ranks[(ranks["recipe"] == HARMONISED) & (ranks["measure"] == "train")]
    known = {(r.framework, r.network): r for r in places.itertuples()}
    rows = []
    # As in the figure of speed.
    order = chosen[chosen["network"] == OVERALL].sort_values("seconds")["framework"]
    for framework in order:
        row = [run.label(framework)]
        for network in networks:
            cell = chosen[(chosen["framework"] == framework) & (chosen["network"] == network)]
            if cell.empty:
                row.append("")
                continue
            time, place = cell.iloc[0], known.get((framework, network))
            rank = "" if place is None else f", rank {dashed(place.rank_low, place.rank_high)}"
            row.append(f"{time.seconds:.3g} ({time.low:.3g} to {time.high:.3g}){rank}")
        rows.append(row)
    return markdown_table(["seconds of ten epochs", *networks], rows, networks)


def costs(run: ReferenceRun) -> str:
    """Show what else counts for a user: start-up, prediction, memory, threads and lines of code."""
    speed = run.table("speed")
    speed = speed[(speed["recipe"] == HARMONISED) & (speed["network"] == OVERALL)]
    seconds = speed.pivot(index="framework", columns="measure", values="seconds")
    # A short run has read fewer images, and frameworks differ in how many.
    memory = run.table("times").query(f"recipe == '{HARMONISED}' and length == 'whole'")
    threads = run.table("threads")
    most = threads["compute_threads"].max()
    faster = threads[threads["compute_threads"] == most].set_index("framework")["speed_up"]
    lines = run.table("lines-of-code").set_index("framework")["code_lines"]
    table = pd.DataFrame(
        {
            "start-up (s)": seconds["start-up"],
            "whole training (s)": seconds["whole training"],
            "prediction (s)": seconds["predict"],
            "memory (MiB)": memory.set_index("framework")["peak_memory_mib"],
            f"speed-up with {most} threads": faster,
            "lines of code": lines,
        }
    ).loc[seconds.sort_values("whole training").index]

    def said(value: float) -> str:
        return "-" if pd.isna(value) else f"{value:.0f}" if value >= 100 else f"{value:.3g}"

    rows = [[run.label(name), *map(said, row)] for name, *row in table.itertuples()]
    return markdown_table(["framework", *table], rows, list(table))


def predicted(run: ReferenceRun) -> str:
    """Say how many of the authors' logged means the recipes of 2016 predict, and how sharply."""
    found = run.table("predicted")
    published = found["published"].astype(bool)
    agree, known = agreeing(found)
    hidden, of_hidden = agreeing(found[~published])
    wide = int((found["half_width"] > WIDE).sum())
    of_torch = agreeing(found[found["recipe"] == "torch7-2016-later"])
    return wrapped(
        f"For {known} of the authors' logged means, the logs tell a standard deviation. {agree} of "
        f"these ({100 * agree / known:.0f} %) lie within our 95 % prediction interval. {of_hidden} "
        f"of the {known} are not in the paper, and {hidden} of these lie within. {wide} of the "
        f"intervals are wider than ±{100 * WIDE:.0f} percentage points, so they test little. "
        f"With the recipe found for Torch, {of_torch[0]} of {of_torch[1]} means lie within, but "
        "most of these were used to find it."
    )


def initial_weights(run: ReferenceRun) -> str:
    """Say what the initial weights alone do to the accuracy of a deep network of TensorFlow."""
    found = run.table("ablation")
    found = found[(found["from"] == "tensorflow-0.12-2016") & (found["variant"] != "cumulated")]
    start = found[found["variant"] == "start"].iloc[0]
    alone = found[found["change"] == "initialisation"].iloc[0]
    return wrapped(
        "TensorFlow's recipe of 2016 draws large initial weights. With it, "
        f"{start.network} reaches {100 * start.accuracy:.1f} % (n = {start.runs}). With the "
        "initial weights of the shared recipe, and nothing else changed, it reaches "
        f"{100 * alone.accuracy:.1f} % (n = {alone.runs})."
    )


def same_program(run: ReferenceRun) -> str:
    """Say how far the same program under two names differs."""
    every = run.table("same-program")
    found = every[(every["network"] == OVERALL) & (every["measure"] == "train")]
    if found.empty:
        return wrapped("No program was timed under two names.")
    row = found.iloc[0]
    contains = "contains" if row.low <= 1 <= row.high else "does not contain"
    known = every["contains_1"].dropna().astype(bool)
    return wrapped(
        f"The same NumPy program, timed under two names, differs by a factor of {row.ratio:.3f} "
        f"(95 % interval {row.low:.3f} to {row.high:.3f}, n = {row.n} and {row.n_again}). The "
        f"interval {contains} 1. Over all measures and networks, {known.sum()} of {len(known)} "
        "intervals contain 1."
    )


def ten_epochs(run: ReferenceRun) -> str:
    """Say how well the derived training times agree with measured ones."""
    found = run.table("ten-epochs")
    found = found[found["recipe"] == HARMONISED].drop_duplicates("framework")
    low, high = found.loc[found["ratio"].idxmin()], found.loc[found["ratio"].idxmax()]
    networks, n = listed(list(found["network"].unique())), found["n_whole"].max()
    agree = ((found["low"] <= 1) & (found["high"] >= 1)).sum()
    return wrapped(
        f"Training times derived from short runs were divided by those of whole runs of ten epochs "
        f"(on {networks}, n = {n}). The ratios are {low.ratio:.2f} ({run.label(low.framework)}) to "
        f"{high.ratio:.2f} ({run.label(high.framework)}). Their median is "
        f"{found['ratio'].median():.2f}, and {agree} of {len(found)} intervals contain 1. No other "
        "network was checked."
    )


def two_runs(run: ReferenceRun) -> str:
    """Say how far the run agrees with the reference run before it."""
    found = run.table("compare")
    ratios = found[(found["what"] == "ratios") & (found["subject"] != OVERALL)]
    counted = ["agree", "known", "reversed", "sure"]
    numbers = ratios[counted].sum().astype(int)
    overall = found.loc[(found["what"] == "ratios") & (found["subject"] == OVERALL), counted]
    overall = overall.iloc[0].astype(int)
    factors = ratios["factor"]
    same, runs = found.loc[found["what"] == "accuracy", ["agree", "n"]].sum().astype(int)
    changed = found[found["what"] == "verdict"]
    opposite = [
        {REPRODUCED, NOT_REPRODUCED} == set(pair) for pair in changed[["here", "there"]].values
    ]
    return wrapped(
        f"{same} of {runs} accuracy runs that both have gave the same scores. On single networks, "
        f"{numbers['agree']} of {numbers['known']} ratios of training times of two frameworks "
        f"agree within their 95 % intervals ({100 * numbers['agree'] / numbers['known']:.0f} %). "
        "On each network, half of the ratios differ by less than a factor of "
        f"{factors.min():.2f} to {factors.max():.2f}. {numbers['reversed']} pairs are in the other "
        f"order, and both runs are sure of {numbers['sure']} of them. Over all networks, "
        f"{overall['agree']} of {overall['known']} ratios agree, {overall['reversed']} pairs are "
        f"in the other order, and both runs are sure of {overall['sure']} of them. {len(changed)} "
        f"verdicts on published numbers differ, {sum(opposite)} of them between *reproduced* and "
        "*not reproduced*."
    )


def opening(run: ReferenceRun) -> list[str]:
    """Return the lines that the run opens with: the finding, what it rests on, and the rest."""
    text = (run.folder / "tables" / "opening-sentence.txt").read_text(encoding="utf-8")
    return text.splitlines()


def framework_or_recipe(run: ReferenceRun) -> str:
    """Repeat the run's own answer, with what it rests on."""
    return wrapped(" ".join(opening(run)[:2]))


def recipe_details(run: ReferenceRun) -> str:
    """Repeat what the run says after its answer."""
    return wrapped(" ".join(opening(run)[2:]))


def efficiency(run: ReferenceRun) -> str:
    """Say how long the run took, and how much of it programs used."""
    facts = run.provenance
    return wrapped(
        f"The run has {facts['accuracy_runs']} accuracy runs and {facts['timed_runs']} timed runs, "
        f"timed {facts['lanes']} at a time. {facts['disturbed']} timed runs were disturbed and "
        f"repeated. The last call of Snakemake took {facts['minutes']} minutes on {facts['cores']} "
        f"cores for {facts['steps']:,} steps. Trainings and predictions took "
        f"{100 * facts['share']:.0f} % of the cores' time."
    )


PASSAGES: dict[str, Callable[[ReferenceRun], str]] = {
    "ambiguous": ambiguous,
    "conclusions": conclusions,
    "costs": costs,
    "efficiency": efficiency,
    "first": first,
    "framework-or-recipe": framework_or_recipe,
    "initial-weights": initial_weights,
    "judged": judged,
    "judged-details": judged_details,
    "machine": machine,
    "numbers": numbers,
    "order": order,
    "predicted": predicted,
    "recipe-details": recipe_details,
    "same-program": same_program,
    "statements": statements,
    "ten-epochs": ten_epochs,
    "times": times,
    "two-runs": two_runs,
}


def fill(text: str, run: ReferenceRun, name: str) -> str:
    """Return a Markdown file's text with its passages filled; ``name`` is the file's.

    Raises `InputError` if it names a passage that does not exist.
    """

    def passage(match: re.Match) -> str:
        if match[2] not in PASSAGES:
            raise InputError(
                f"{name}: there is no passage '{match[2]}'; name one of {', '.join(PASSAGES)}."
            )
        return f"{match[1]}{PASSAGES[match[2]](run)}{match[4]}"

    return PASSAGE.sub(passage, text)
