"""Gather the timed runs of a framework with a recipe into a table, and derive the recipe's times.

A short training has n epochs of k steps. An epoch of the recipe has K steps, and the recipe has E
epochs. With s the median of the last half of the short epochs, an epoch of the recipe takes
s K / k, and a training takes

    (sum of the short epochs) + (E K / k - n) s

The sum contains what warms up: a compilation in the first epoch, or a JIT compiler that goes on for
some epochs. Reading the images is taken to last in proportion to their number. Runs that train for
all epochs with all images (``whole``) show how well this holds: for them it is the sum of their
epochs.
"""

import statistics
from pathlib import Path
from typing import Any

import pandas as pd
from launcher.milestones import numbered_spans
from runs.left_out import TIME_COLUMNS
from shared.networks import network_columns
from shared.script import Job, read_json, run
from shared.strict_yaml import read_yaml
from shared.tables import write_csv
from shared.validation import validate


def steps(images: int, batch_size: int, partial_batch: str) -> float:
    """Return the steps of an epoch; ``partial_batch`` is the recipe's.

    A partial batch that is kept is a step, and one that is dropped is none. With ``wrap`` the next
    epoch fills it, so an epoch has a fraction of a step in the mean.
    """
    if partial_batch == "wrap":
        return images / batch_size
    whole, rest = divmod(images, batch_size)
    return whole + (1 if rest and partial_batch == "keep" else 0)


def derived(epochs: list[float], ratio: float, recipe_epochs: int) -> tuple[float, float]:
    """Return the seconds of a warm epoch of the recipe, and of all its epochs.

    Args:
        epochs: seconds of the epochs of a timed run, two or more.
        ratio: the steps of an epoch of the recipe over those of the timed run.
        recipe_epochs: of the recipe.
    """
    warm = statistics.median(epochs[len(epochs) // 2 :])
    return warm * ratio, sum(epochs) + (recipe_epochs * ratio - len(epochs)) * warm


def row(name: str, record: dict[str, Any], recipe: dict) -> dict[str, Any]:
    """Return the columns of schemas/times.schema.yaml, but for those of the whole table.

    Args:
        name: ``<length>/<network>/<block>``.
        record: what scripts/times/run.py wrote.
        recipe: ``epochs``, ``batch_size``, ``partial_batch``, and its data's ``images``; and the
            ``images`` of the timed run, as ``timed_images``.
    """
    length, network, block = name.split("/")
    train, predict = record["train"], record["predict"]
    epochs = numbered_spans(train["spans"], "epoch")
    predictions = numbered_spans(predict["spans"], "predicted")
    batches = (recipe["batch_size"], recipe["partial_batch"])
    ratio = steps(recipe["images"], *batches) / steps(recipe["timed_images"], *batches)
    epoch, all_epochs = derived(epochs, ratio, recipe["epochs"])
    loads = [each["other_load"] for each in (train, predict) if each["other_load"] is not None]
    return {
        **network_columns(network),
        "block": int(block),
        "length": length,
        "day": record["day"],
        "epochs": recipe["epochs"],
        "train_images": recipe["images"],
        "timed_epochs": len(epochs),
        "timed_images": recipe["timed_images"],
        "lanes": record["lanes"],
        "core": " ".join(map(str, train["cores"] or [])),
        "compute_threads": train["compute_threads"],
        "train_start_seconds": train["spans"]["ready"],
        "load_seconds": train["spans"]["loaded"] * recipe["images"] / recipe["timed_images"],
        "build_seconds": train["spans"]["built"],
        "compile_seconds": train["spans"].get("compiled"),
        "first_epoch_seconds": epochs[0],
        "epoch_seconds": epoch,
        "train_seconds": all_epochs,
        "measured_train_seconds": sum(epochs) if length == "whole" else None,
        "save_seconds": train["spans"]["saved"],
        "train_process_seconds": train["wall_seconds"],
        "predict_start_seconds": predict["spans"]["ready"],
        "first_predict_seconds": predictions[0],
        "predict_seconds": statistics.median(predictions[1:]),
        "predict_process_seconds": predict["wall_seconds"],
        "threads_used": train["threads_used"],
        "cpu_seconds": train["cpu_seconds"],
        "peak_memory_mib": train["peak_memory_mib"],
        "predict_peak_memory_mib": predict["peak_memory_mib"],
        "calibration_gflops": train["calibration_gflops"],
        "other_load": max(loads, default=None),
        "attempts": len(record["disturbed"]) + 1,
        "node": train["machine"]["node"],
        "processor": train["machine"]["processor"],
    }


def main(job: Job) -> None:
    schema = read_yaml(Path(job.input.schema))
    gate = read_json(job.input.gate)
    names = job.wildcards
    rows: list[dict[str, Any]] = []
    left_out: list[list[Any]] = []
    for name, path in zip(job.params.runs, job.input.runs, strict=True):
        record = read_json(path)
        length, network, block = name.split("/")
        key = [names.framework, names.recipe, network, block, length, record.get("day")]
        reason = gate["left_out"] or record.get("left_out")
        if reason:
            left_out.append([*key, reason])
            continue
        left_out += [[*key, f"disturbed: {each['reason']}"] for each in record["disturbed"]]
        if "train" not in record:
            left_out.append([*key, "disturbed each time"])
            continue
        recipe = {**job.params.steps, "timed_images": job.params.timed_images[length]}
        whole = {"framework": names.framework, "recipe": names.recipe}
        whole["dataset"] = job.params.dataset
        whole |= row(name, record, recipe)
        validate(whole, schema, path)
        rows.append({column: whole[column] for column in schema["properties"]})
    table = pd.DataFrame(rows, columns=list(schema["properties"]))
    write_csv(table, job.output.times, float_format=None)
    table = pd.DataFrame(left_out, columns=TIME_COLUMNS)
    write_csv(table, job.output.left_out, float_format=None)


if __name__ == "__main__":
    run(main)
