"""Start a framework's program, record what it used, and check what it did and wrote.

Times are taken here and nowhere else: the program is pinned to its cores and gets its number of
threads, the speed of the cores is measured just before, and each milestone is stamped as its line
arrives. If a check fails, no metrics are written. Where no time is taken, nothing is pinned.
"""

import shutil
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from launcher.checks import check_reads, check_scores
from launcher.command import command_with
from launcher.lanes import reserved
from launcher.machine import calibrate, end_with_parent, machine
from launcher.milestones import (
    check_milestones,
    check_speed,
    expected_milestones,
    spans,
    threads_used,
)
from launcher.program import launch
from launcher.variables import by_hand, own_variables, program_path, program_variables
from shared.digests import check_unchanged, fingerprint, sha256
from shared.script import InputError, Job, read_json, write_json
from shared.strict_yaml import read_yaml
from shared.validation import validate

# Bytes. If a program fails and the disk has less space left, the full disk is the cause.
FULL_DISK = 2**20


def measure(
    role: str,
    job: Job,
    paths: dict[str, str],
    settings: dict[str, Any],
    written: Path,
    cores: list[int] | None = None,
) -> dict[str, Any]:
    """Run a program to its end; return its metrics (schemas/metrics.schema.yaml).

    Args:
        role: ``train`` or ``predict``.
        job: of the rule. ``params.program`` says how programs are started, ``params.launch`` how
            this one is timed, by role, and ``params.limits`` when it is stopped.
        paths: the program's settings that are paths, the model among them.
        settings: the others. All are written to the rule's ``log.<role>_settings``.
        written: what the program writes: the model's folder, or the file of scores.
        cores: those that it is pinned to.

    Raises `InputError` where the program fails, or did not do what it must (docs/contract.md).
    """
    how, program, limits = job.params.launch[role], job.params.program, job.params.limits
    calibration = calibrate(cores) if how["timed"] else None
    folder = Path(job.input.environment).parent
    environment = read_json(job.input.environment)
    model, told = Path(paths["model"]), Path(getattr(job.log, f"{role}_settings"))
    command = command_with(program["commands"][role], {**paths, **settings}, told)
    started_with = (environment, folder, how["threads"], program)
    path, variables = program_path(environment, folder), own_variables(*started_with)
    print("$", by_hand(command, path, variables, cores, written), flush=True)
    # A framework's own store is left out: a database may keep its locks there.
    files = map(Path, (*command, *paths.values()))
    reads = [file for file in files if file.is_file() and file != written]
    reads += [model] if role == "predict" else []
    before = fingerprint(reads)
    try:
        result = launch(
            command,
            program_variables(*started_with),
            cores,
            limits["seconds"],
            program["milestones"],
            memory_limit=limits["gib"],
        )
    except InputError as error:
        # Few programs say themselves that the disk is full.
        if shutil.disk_usage(written.parent).free < FULL_DISK:
            raise InputError(
                f"no space left on the disk for {written.parent}; free some and rerun: {error}"
            ) from None
        raise
    check_reads(before, fingerprint(reads))
    milestones = result["milestones"]
    check_milestones(
        [milestone["name"] for milestone in milestones], expected_milestones(role, how["repeats"])
    )
    # Only timed programs have a calibration, and only their times are read.
    if calibration:
        check_speed(milestones, role, how["operations"], calibration)
    if role == "predict":
        check_scores(written, how["images"])
    metrics: dict[str, Any] = {
        "role": role,
        "command": command,
        "environment": {key: environment[key] for key in ("name", "kind", "packages")},
        "timed": how["timed"],
        "compute_threads": how["threads"],
        "cores": cores,
        "threads_used": threads_used(milestones),
        "calibration_gflops": calibration,
        "machine": machine(),
        "spans": spans(milestones, result["wall_seconds"]),
        **result,
        # What starts an untimed program may be larger than the program (common/forked_scripts.py).
        "peak_memory_mib": result["peak_memory_mib"] if how["timed"] else None,
        "model_sha256": sha256(model),
        **({"scores_sha256": sha256(written)} if role == "predict" else {}),
    }
    validate(metrics, read_yaml(Path(job.input.schema)), str(written))
    return metrics


def image_paths(job: Job, purpose: str) -> dict[str, str]:
    """Return the settings that name the images and labels that a program reads to train or test.

    ``purpose`` is ``train`` or ``test``. The rule's inputs begin with it.
    """
    inputs = dict(job.input.items())
    if (store := f"{purpose}_store") in inputs:
        return {"store": inputs[store]}
    names = (f"{purpose}_images", f"{purpose}_labels")
    return {name: inputs[name] for name in names if name in inputs}


def train(job: Job) -> None:
    """Train a network, from the rule's data and initial weights into the rule's model."""
    if reason := job.params.left_out:
        leave_out(job, {"role": "train", "left_out": reason})
        return
    model, how = Path(job.output.model), job.params.launch["train"]
    paths = {**image_paths(job, "train"), "initial_weights": job.input.weights, "model": str(model)}
    end_with_parent()
    with reserved(how["threads"]) if how["timed"] else nullcontext() as cores:
        metrics = measure("train", job, paths, job.params.settings, model, cores)
    write_json(job.output.metrics, metrics)


def predict(job: Job) -> None:
    """Predict the test images with the rule's model, into the rule's file of scores."""
    if reason := job.params.left_out:
        leave_out(job, {"role": "predict", "left_out": reason})
        return
    model, scores = Path(job.input.model), Path(job.output.scores)
    check_unchanged(model, read_json(job.input.trained)["model_sha256"])
    paths = {**image_paths(job, "test"), "model": str(model), "scores": str(scores)}
    end_with_parent()
    metrics = measure("predict", job, paths, job.params.settings, scores)
    write_json(job.output.metrics, metrics)


def leave_out(job: Job, record: dict[str, str]) -> None:
    """Start nothing: leave an empty model, no scores, no settings, and a record that says why.

    Only those of these that the rule has are written.
    """
    print(f"left out: {record['left_out']}", flush=True)
    outputs, logs = dict(job.output.items()), dict(job.log.items())
    if "model" in outputs:
        Path(outputs["model"]).mkdir(parents=True, exist_ok=True)
    if "scores" in outputs:
        Path(outputs["scores"]).write_bytes(b"")
    for name in {"train_settings", "predict_settings"} & logs.keys():
        write_json(logs[name], {})
    write_json(outputs["metrics"], record)
