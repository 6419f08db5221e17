"""Gather the records of all runs of a framework with a recipe into a table with a row for each.

Runs that were left out are in a separate table.
"""

from pathlib import Path
from typing import Any

import pandas as pd
from launcher.milestones import numbered_spans
from runs.left_out import RUN_COLUMNS
from runs.plausibility import flag
from shared.networks import network_columns
from shared.script import InputError, Job, read_json, run
from shared.strict_yaml import read_yaml
from shared.tables import write_csv
from shared.validation import validate


def row(run_name: str, train: dict, predict: dict, score: dict) -> dict[str, Any]:
    """Return the columns that schemas/runs.schema.yaml describes, but for those of the whole table.

    Args:
        run_name: ``<network>/<seed>``.
        train, predict: what the launcher recorded (schemas/metrics.schema.yaml).
        score: what scripts/runs/score.py wrote.
    """
    network, seed = run_name.split("/")
    machines = (train["machine"], predict["machine"])
    return {
        **network_columns(network),
        "seed": int(seed),
        "epochs": len(numbered_spans(train["spans"], "epoch")),
        "accuracy": score["accuracy"],
        "accuracy_all": score["accuracy_all"],
        "test_loss": score["test_loss"],
        "diverged": score["diverged"],
        **{
            key: " and ".join(dict.fromkeys(machine[key] for machine in machines))
            for key in ("node", "processor")
        },
        # The scores of a diverged network can be the same with two seeds.
        "scores_sha256": None if score["diverged"] else score["scores_sha256"],
    }


def check_chain(folder: Path, train: dict, predict: dict, score: dict) -> None:
    """Raise `InputError` if the records of a run's three steps do not belong together."""
    for before, after, what in ((train, predict, "model"), (predict, score, "scores")):
        if before[f"{what}_sha256"] != after[f"{what}_sha256"]:
            raise InputError(
                f"the records in {folder} do not belong to the same {what}: one of them has been "
                "replaced; delete that folder and rerun."
            )


def main(job: Job) -> None:
    schema = read_yaml(Path(job.input.schema))
    gate = read_json(job.input.gate)
    reference = pd.read_csv(job.input.reference) if job.input.reference else None
    folder, names = Path(job.output.runs).parent, job.wildcards
    rows, left_out = [], []
    for name in job.params.runs:
        steps = ("train", "predict", "score")
        train, predict, score = (read_json(folder / name / f"{step}.json") for step in steps)
        # The gate's current decision also counts for a run that was made before it.
        reason = gate["left_out"] or train.get("left_out") or predict.get("left_out")
        if reason:
            left_out.append([names.framework, names.recipe, *name.split("/"), reason])
            continue
        check_chain(folder / name, train, predict, score)
        columns = row(name, train, predict, score)
        columns["accuracy_of"] = job.params.accuracy_of
        whole = {
            "framework": names.framework,
            "recipe": names.recipe,
            "dataset": job.params.dataset,
            "train_images": job.params.train_images,
            "accuracy_rule": job.params.accuracy["rule"],
            "accuracy_images": job.params.accuracy["images"],
            **columns,
            "flag": None if reference is None else flag(columns, reference),
        }
        if whole["flag"]:
            print(f"{folder / name}: {whole['flag']}.")
        validate(whole, schema, str(folder / name))
        rows.append({column: whole[column] for column in schema["properties"]})
    table = pd.DataFrame(rows, columns=list(schema["properties"]))
    write_csv(table, job.output.runs, float_format=None)
    table = pd.DataFrame(left_out, columns=RUN_COLUMNS)
    write_csv(table, job.output.left_out, float_format=None)


if __name__ == "__main__":
    run(main)
