"""What the page says first: the result in one line, what was run, what was skipped, what works."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd
from page.inputs import Run, Tables
from shared.labels import listed
from shared.study import plural, size_of, span
from verdicts.basis import NUMBER_KEYS
from verdicts.basis import VERDICTS as NUMBER_VERDICTS

# The kinds of verdicts: the words for statements here, the words for numbers in `OF_NUMBERS`.
CONFIRMED, REFUTED, AMBIGUOUS, NOT_RUN = "holds", "does not hold", "ambiguous", "not run"
VERDICTS = (CONFIRMED, REFUTED, AMBIGUOUS, NOT_RUN)
# In grey, the colours of verdicts look alike.
SYMBOLS = {CONFIRMED: "●", REFUTED: "✕", AMBIGUOUS: "○", NOT_RUN: "\u2013"}
OF_NUMBERS = dict(zip(VERDICTS, NUMBER_VERDICTS, strict=True))
KINDS = {word: kind for kind, word in OF_NUMBERS.items()}
# A setting of the verdicts on statements, as a reader would say it: those of our runs, and all.
OUR_RUNS = {"2016": "recipes of 2016", "harmonised": "one shared recipe"}
SETTINGS = {
    "published": "The paper's own numbers",
    **{setting: f"Our runs, {recipes}" for setting, recipes in OUR_RUNS.items()},
    "files": "The authors' code and logs",
}
MEASURES = {
    "accuracy": "Accuracy",
    "train_seconds": "Training time",
    "predict_seconds": "Prediction time",
}
# States of a framework that ran here; with the second one, not with all recipes.
RUNS = ("works", "partly")
COMPARED = [*NUMBER_KEYS, "published", "published_mean"]


@dataclass(frozen=True)
class Total:
    """How many verdicts of each kind a group has.

    ``subject`` is what is judged, ``of`` a measure of it or a setting.
    """

    subject: str
    of: str
    counts: dict[str, int]

    @property
    def group(self) -> str:
        """The group, as a reader would say it."""
        name = {**MEASURES, **SETTINGS}.get(self.of, self.of)
        return f"{self.subject}: {name[0].lower()}{name[1:]}"

    def word(self, verdict: str) -> str:
        """What a verdict of this group is called."""
        return verdict if self.subject == STATEMENTS else OF_NUMBERS[verdict]

    @property
    def sum(self) -> int:
        """The number of verdicts."""
        return sum(self.counts.values())

    @property
    def decided(self) -> int:
        """The number of verdicts that decide."""
        return self.counts[CONFIRMED] + self.counts[REFUTED]


NUMBERS, ORDERS, STATEMENTS = "Published numbers", "Order of two frameworks", "Statements"


def _total(subject: str, of: str, verdicts: pd.Series) -> Total:
    counted = Counter(KINDS.get(verdict, verdict) for verdict in verdicts)
    return Total(subject, of, {verdict: counted[verdict] for verdict in VERDICTS})


def totals(tables: Tables) -> list[Total]:
    """Return the verdicts on the published numbers by measure, on orders, and on the statements."""
    numbers = tables.get("verdicts-numbers", [*NUMBER_KEYS, "cell_verdict"])
    cells = numbers.drop_duplicates(NUMBER_KEYS)
    orders = tables.get("verdicts-order", ["measure", "verdict"])
    statements = tables.get("verdicts-statements", ["id", "setting", "verdict"])
    by_setting = dict(iter(statements.groupby("setting")["verdict"]))
    settings = sorted(by_setting, key=[*SETTINGS, *by_setting].index)
    found = {
        NUMBERS: cells.groupby("measure", sort=False)["cell_verdict"],
        ORDERS: orders.groupby("measure", sort=False)["verdict"],
        STATEMENTS: [(setting, by_setting[setting]) for setting in settings],
    }
    return [_total(subject, of, each) for subject, groups in found.items() for of, each in groups]


def all_numbers(found: list[Total]) -> Total:
    """Return the sum of the totals of the published numbers."""
    chosen = [total.counts for total in found if total.subject == NUMBERS]
    return Total(NUMBERS, "all", {v: sum(counts[v] for counts in chosen) for v in VERDICTS})


def headline(run: Run, found: list[Total], working: list[dict]) -> str:
    """Return the page's first line: what works, or how many published numbers are reproduced."""
    if run.is_check:
        works = sum(each["state"] in RUNS for each in working)
        return f"Installation check: {works} of {len(working)} frameworks run"
    numbers = all_numbers(found)
    if not numbers.sum:
        return "No published number was judged"
    counts = numbers.counts
    return (
        f"Of {numbers.sum} published numbers, {counts[CONFIRMED]} are reproduced and "
        f"{counts[REFUTED]} are not"
    )


def answer(found: list[Total]) -> str:
    """Return the answer to the question whether the paper was right."""
    said = []
    numbers = all_numbers(found)
    if numbers.decided:
        said.append(
            f"Of {numbers.decided} numbers that the runs decide, {numbers.counts[CONFIRMED]} are "
            "reproduced."
        )
    ours = [total for total in found if total.of in OUR_RUNS and total.decided]
    for total in ours[:1]:
        recipes, holding = OUR_RUNS[total.of], total.counts[CONFIRMED]
        said.append(f"Of {total.decided} statements decided with {recipes}, {holding} hold.")
    return " ".join(said) or "Not decided: no verdict is more than ambiguous."


def judged_by_logs(numbers: pd.DataFrame, label: Callable[[str], str]) -> str:
    """Say which accuracies are not compared with the published mean; empty if all are.

    ``numbers`` are the verdicts on the published numbers (columns `COMPARED` among others).
    """
    other = numbers[(numbers["measure"] == "accuracy") & numbers["published"].notna()]
    other = other[other["published"] != other["published_mean"]].drop_duplicates(NUMBER_KEYS)
    if other.empty:
        return ""
    frameworks = listed([label(name) for name in other["framework"].unique()])
    return (
        f"The accuracies of {frameworks} ({len(other)}) are compared with the first repetition in "
        "the authors' logs. Each later repetition trained the same network further, and the "
        "published mean includes these."
    )


def rest_of_headline(found: list[Total]) -> str:
    """Return the totals that the headline has no room for."""
    numbers = all_numbers(found).counts
    said = f"{numbers[AMBIGUOUS]} are ambiguous"
    said += f", and {numbers[NOT_RUN]} were not run." if numbers[NOT_RUN] else "."
    statements = {total.of: total for total in found if total.subject == STATEMENTS}
    if of_runs := [statements[setting] for setting in OUR_RUNS if setting in statements]:
        holding = [f"{each.counts[CONFIRMED]} hold with {OUR_RUNS[each.of]}" for each in of_runs]
        said += f" Of the paper's {of_runs[0].sum} statements on results, {listed(holding)}."
    if by_files := statements.get("files"):
        said += (
            f" The authors' code and logs confirm {by_files.counts[CONFIRMED]} of "
            f"{by_files.sum} statements on what they did."
        )
    return said


def facts(tables: Tables) -> list[tuple[str, str]]:
    """Return what was run, on which machine and when, as pairs of a name and a value."""
    keys = ["framework", "recipe", "network"]
    runs = tables.get("runs", [*keys, "epochs", "train_images", "dataset", "processor"])
    times = tables.get("times", [*keys, "day", "processor", "compute_threads", "lanes"])
    found = []
    processors = dict.fromkeys([*runs["processor"].dropna(), *times["processor"].dropna()])
    if processors:
        found.append(("Machine", listed(list(map(str, processors)))))
    if len(times):
        first, last = times["day"].min(), times["day"].max()
        found.append(("Measured", str(first) if first == last else f"{first} to {last}"))
    if len(runs):
        repeated = plural(span(runs.groupby(keys).size()), "repetition")
        found.append(("Accuracy runs", f"{len(runs):,} ({repeated})"))
    if len(times):
        repeated = plural(span(times.groupby(keys).size()), "repetition")
        found.append(("Timed runs", f"{len(times):,} ({repeated})"))
        threads = plural(span(times["compute_threads"]), "compute thread")
        found.append(("Timed with", f"{threads}, {span(times['lanes'])} at a time"))
    if len(runs):
        found.append(("Size of an accuracy run", size_of(runs)))
    return found


def working(run: Run, tables: Tables) -> list[dict]:
    """Return a row for each framework: whether it works here, what it ran, what it did not and why.

    Keys: label, state (``works``, ``partly``, ``fails`` or ``skipped``), ran, problems (sentences).
    """
    runs = tables.get("runs", ["framework", "recipe", "network", "seed", "flag"])
    times = tables.get("times", ["framework"])
    accuracy_runs, timed_runs = Counter(runs["framework"]), Counter(times["framework"])
    left_out = pd.concat(
        tables.get(name, ["framework", "recipe", "reason"])
        for name in ("left-out-runs", "left-out-times")
    )
    rows = []
    for name in dict.fromkeys([*runs["framework"], *times["framework"], *left_out["framework"]]):
        of_name = left_out.loc[left_out["framework"] == name, ["recipe", "reason"]]
        # A disturbed timing is not a problem: it was repeated, or another block is used instead.
        disturbed = of_name["reason"].str.startswith("disturbed:")
        problems = [
            f"{run.label(recipe)}: {reason}"
            for recipe, reason in of_name[~disturbed].drop_duplicates().itertuples(index=False)
        ]
        of_framework = runs[runs["framework"] == name]
        for flagged in of_framework[of_framework["flag"].notna()].to_dict("records"):
            problems.append(
                f"{run.label(flagged['recipe'])}, {flagged['network']}: {flagged['flag']}"
            )
        accuracy, timed = accuracy_runs[name], timed_runs[name]
        found = {
            "accuracy run": accuracy,
            "timed run": timed,
            "disturbed timing": int(disturbed.sum()),
        }
        ran = [f"{n:,} {what}{'s' * (n != 1)}" for what, n in found.items() if n]
        state = "works" if not problems else "partly" if accuracy or timed else "fails"
        rows.append(
            {"label": run.label(name), "state": state, "ran": listed(ran) or "nothing",
             "problems": problems}
        )  # fmt: skip
    for name, missing in run.skipped.items():
        rows.append(
            {"label": run.label(name), "state": "skipped", "ran": "nothing", "problems": [missing]}
        )
    return rows
