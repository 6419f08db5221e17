"""Judge each statement by the paper's numbers, by 2016 recipes, and by one shared recipe.

A statement on what the authors did is judged once, by their files.

The modules statements_*.py have a function for each statement. checks.py decides by what it
returns. setting.py has the numbers of a setting, which are means over repetitions.
"""

import math
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pandas as pd
from analysis.timed_2016 import RUN_COLUMNS as TIME_COLUMNS
from shared.markdown_table import markdown_table
from shared.script import InputError, Job, run
from shared.strict_yaml import read_yaml
from shared.tables import read_by_framework, read_table, write_table

# These register their statements.
from verdicts import statements_conclusions, statements_depth, statements_facts, statements_width  # noqa: F401
from verdicts.basis import AMBIGUOUS, HARMONISED, PUBLISHED_COLUMNS, RUN_COLUMNS, read_basis
from verdicts.checks import (
    BY_FILES,
    DECIDED,
    STATEMENTS,
    SURE,
    Statement,
    decide,
    probability,
    with_probability,
)
from verdicts.clocks import as_in_2016, on_clocks
from verdicts.logs import read_logged
from verdicts.setting import Evidence, Setting, of_published
from verdicts.setting_of_runs import of_runs, original_of, recipe_of_2016

# The setting of the statements that the authors' files decide, and that of the recipes of 2016.
FILES, RECIPES_OF_2016 = "files", "2016"
COLUMNS = [
    "id", "place", "statement", "setting", "verdict", "probability", "numbers", "explanation",
]  # fmt: skip


def judge(statements: list[dict[str, str]], settings: list[Setting]) -> pd.DataFrame:
    """Judge every statement on every setting, or once by the authors' files.

    Returns a row (`COLUMNS`) for each verdict.
    """
    # The evidence is the same in all settings.
    by_files = [replace(settings[0], name=FILES)]
    rows = []
    for entry in statements:
        for setting in by_files if entry["id"] in BY_FILES else settings:
            judged = judge_one(STATEMENTS[entry["id"]], setting)
            described = [entry[key] for key in ("id", "place", "statement")]
            rows.append([*described, setting.name, *judged])
    return pd.DataFrame(rows, columns=COLUMNS)


def judge_one(decided_by: Statement, setting: Setting) -> tuple[str, float, str, str]:
    """Judge a statement on a setting; return the verdict, its probability, numbers, explanation.

    Only a verdict on our runs has a probability. The paper's numbers are taken as they are.
    """
    setting.stand_ins.clear()
    verdict, numbers, sentence = decide(decided_by(setting))
    explanation = sentence + stood_in(setting)
    if setting.name not in (RECIPES_OF_2016, HARMONISED) or verdict not in DECIDED:
        return verdict, math.nan, numbers, explanation
    share = probability(decided_by, setting, verdict)
    if share >= SURE:
        return verdict, share, numbers, explanation
    unsure = (
        f"By the means, the statement {verdict}. The runs make this {100 * share:.1f} % probable, "
        f"and {100 * SURE:.0f} % is needed. "
    )
    return AMBIGUOUS, share, numbers, unsure + explanation


def stood_in(setting: Setting) -> str:
    """Say how many accuracies are those of the reference program; empty if none is."""
    counts = Counter(framework for framework, _, _ in setting.stand_ins)
    if not counts:
        return ""
    frameworks = ", ".join(f"{count} of {name}" for name, count in sorted(counts.items()))
    return f" Accuracies that {setting.reference} ran: {frameworks}."


def markdown(table: pd.DataFrame) -> str:
    """Write the verdicts as Markdown: all at a glance, then each with its explanations."""
    # Here, what the runs decide is first.
    settings = sorted(dict.fromkeys(table["setting"]), key=lambda name: name == FILES)
    rows, details = [], []
    for name, of_statement in table.groupby("id", sort=False):
        first = of_statement.iloc[0]
        verdicts = dict(zip(of_statement["setting"], of_statement["verdict"], strict=True))
        told = [verdicts.get(setting, "") for setting in settings]
        rows.append([first["statement"], first["place"], *told])
        details.append(f"## {first['statement']}\n\n{first['place']} (`{name}`)\n")
        details += [
            f"- **{row['setting']}: {with_probability(row)}.** {row['explanation']}"
            for row in of_statement.to_dict("records")
        ]
        details.append("")
    return "\n".join(
        [
            "# The paper's statements\n",
            markdown_table(["Statement", "Place", *settings], rows),
            "published: by the paper's own numbers; where it has none, by its authors' logs. "
            "2016: each framework with its own recipe. "
            f"{HARMONISED}: one recipe, shared by all frameworks. "
            f"{FILES}: by the authors' code and logs, which no run can change. "
            "The limits are in docs/verdicts.md.\n",
            *details,
        ]
    )


def main(job: Job) -> None:
    statements = read_yaml(Path(job.input.statements))
    if sorted(entry["id"] for entry in statements) != sorted(STATEMENTS):
        raise InputError(
            f"{job.input.statements}: it must have the ids of scripts/verdicts/statements_*.py, "
            "each once."
        )
    published = read_table(job.input.published, PUBLISHED_COLUMNS)
    table_1 = read_by_framework(job.input.published_lines, ["lines"])["lines"].to_dict()
    lines = read_by_framework(job.input.lines, ["physical_lines"])["physical_lines"].to_dict()
    runs = read_table(job.input.runs, RUN_COLUMNS)
    times = read_table(job.input.times, TIME_COLUMNS)
    timed = read_yaml(Path(job.input.timed))
    basis = read_basis(job.input.recipes_2016, job.params.basis)
    study = basis.study
    evidence = Evidence(
        read_yaml(Path(job.input.recipes_2016)), read_logged(job.input.logged), table_1
    )
    settings = [
        of_published(published, table_1, evidence),
        of_runs(
            RECIPES_OF_2016,
            runs,
            as_in_2016(times, timed, job.params.predict_repeats),
            recipe_of_2016(basis, evidence),
            lambda framework: study.frameworks[original_of(framework)],
            lines,
            evidence,
            on_clocks(basis, timed),
            job.params.initialisation_only,
            job.params.right_gradients,
        ),
        of_runs(
            HARMONISED,
            runs,
            times,
            lambda _: HARMONISED,
            lambda _: study.common,
            lines,
            evidence,
            basis,
            {},
            {},
        ),
    ]
    table = judge(statements, settings)
    write_table(table, job.output.csv, markdown(table), job.output.markdown, float_format=None)


if __name__ == "__main__":
    run(main)
