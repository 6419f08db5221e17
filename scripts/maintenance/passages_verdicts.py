"""What the documentation says of the verdicts of the reference run."""

import pandas as pd
from maintenance.published_run import ReferenceRun, wrapped
from page.overview import MEASURES, SETTINGS, judged_by_logs
from page.overview import VERDICTS as STATEMENT_VERDICTS
from shared.labels import listed
from shared.markdown_table import markdown_table
from verdicts.basis import AMBIGUOUS, NOT_REPRODUCED, NOT_RUN, NUMBER_KEYS, REPRODUCED, VERDICTS
from verdicts.checks import with_probability
from verdicts.figure import NOISY, OTHERWISE, STRADDLES, symbol_of
from verdicts.predicted import agreeing

# If half of a prediction interval is larger than this, it tests little.
WIDE = 0.02


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
            f"In {what}, {len(verdicts)} cases of two frameworks on one network had a clear order "
            f"in 2016. {same} of them have the same order here and {reverse} the reverse one."
        )
    return wrapped(
        "The order of the frameworks can be compared between machines. "
        f"{' '.join(told)} Cases whose clocks timed different work are left out."
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


def predicted(run: ReferenceRun) -> str:
    """Say how many of the authors' logged means the recipes of 2016 predict, and how sharply."""
    found = run.table("predicted")
    published = found["published"].astype(bool)
    agree, known = agreeing(found)
    hidden, of_hidden = agreeing(found[~published])
    wide = int((found["half_width"] > WIDE).sum())
    of_torch = agreeing(found[found["recipe"] == "torch7-2016-later"])
    return wrapped(
        f"{known} of the authors' logged means have a standard deviation. {agree} of these "
        f"({100 * agree / known:.0f} %) lie within our 95 % prediction interval. {of_hidden} "
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
