"""What the documentation says of the reference run: each passage by its name, from the tables.

A passage stands in a Markdown file between `<!-- reference: NAME -->` and `<!-- end -->`.
`fill` writes it there (maintenance/reference_run.py), and a test compares the files with it.
"""

import re
from collections.abc import Callable

from maintenance import passages_times as times
from maintenance import passages_verdicts as verdicts
from maintenance.published_run import ReferenceRun, made_by, wrapped
from shared.script import InputError

PASSAGE = re.compile(r"(<!-- reference: ([a-z0-9-]+) -->\n)(.*?)(<!-- end -->)", re.S)


def machine(run: ReferenceRun) -> str:
    """Say where, when and from which commits the run was made."""
    facts = run.provenance
    return wrapped(
        f"The numbers are those of one run of the profile `reference` on {facts['day']}: "
        f"{facts['frameworks']} frameworks, {facts['cores']} cores of {facts['processor']}, "
        f"{facts['memory_gib']} GiB. {made_by(facts)}"
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


def size(run: ReferenceRun) -> str:
    """Say how many runs there are, and how long they took."""
    facts = run.provenance
    return wrapped(
        f"The run has {facts['accuracy_runs']} accuracy runs and {facts['timed_runs']} timed runs, "
        f"timed {facts['lanes']} at a time. {facts['disturbed']} timed runs were disturbed and "
        f"repeated. The last call of Snakemake took {facts['minutes']} minutes on {facts['cores']} "
        f"cores for {facts['steps']:,} steps."
    )


PASSAGES: dict[str, Callable[[ReferenceRun], str]] = {
    "ambiguous": verdicts.ambiguous,
    "conclusions": verdicts.conclusions,
    "costs": times.costs,
    "first": times.first,
    "framework-or-recipe": framework_or_recipe,
    "initial-weights": verdicts.initial_weights,
    "judged": verdicts.judged,
    "judged-details": verdicts.judged_details,
    "machine": machine,
    "numbers": verdicts.numbers,
    "order": verdicts.order,
    "predicted": verdicts.predicted,
    "recipe-details": recipe_details,
    "same-program": times.same_program,
    "size": size,
    "statements": verdicts.statements,
    "ten-epochs": times.ten_epochs,
    "times": times.times,
    "two-runs": times.two_runs,
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
