"""Start a framework's program, record what it used, and check what it did and wrote.

Times are taken here and nowhere else: the program is pinned to its cores and gets its number of
threads, the speed of the cores is measured just before, and each milestone is stamped as its line
arrives. If a check fails, no metrics are written.
"""

import shutil
from pathlib import Path
from typing import Any

from launcher.checks import check_reads, check_scores
from launcher.machine import machine, make_ready
from launcher.milestones import (
    check_milestones,
    check_speed,
    expected_milestones,
    spans,
    threads_used,
)
from launcher.program import launch
from launcher.settings import command_with
from launcher.variables import by_hand, own_variables, program_path, program_variables
from shared.digests import check_unchanged, fingerprint, sha256
from shared.script import InputError, Job, read_json, write_json
from shared.strict_yaml import read_yaml
from shared.validation import validate

# Bytes: with less left on a disk, a program that failed had no room for what it writes.
FULL_DISK = 2**20


def leave_out(role: str, written: Path, reason: str, metrics: Path) -> None:
    """Start nothing: leave an empty model or no scores, and metrics that say why."""
    print(f"left out: {reason}", flush=True)
    if role == "train":
        written.mkdir(parents=True, exist_ok=True)
    else:
        written.write_bytes(b"")
    write_json(metrics, {"role": role, "left_out": reason})


def measure(role: str, job: Job, paths: dict[str, str], written: Path, model: Path) -> None:
    """Run a program of a run and write its settings file and its metrics.

    Args:
        role: ``train`` or ``predict``.
        job: of the rule. ``params.program`` says how the program is started, ``params.settings``
            its settings without the paths, ``params.launch`` how it is timed, ``params.limits``
            when it is stopped, and ``params.left_out`` why nothing must be started, if so.
        paths: the settings that are paths.
        written: what the program writes: the model's folder, or the file of scores.
        model: the model's folder.
    """
    metrics_path = Path(job.output.metrics)
    if job.params.left_out:
        write_json(job.log.settings, {})
        leave_out(role, written, job.params.left_out, metrics_path)
        return
    how, program, limits = job.params.launch, job.params.program, job.params.limits
    cores, calibration = make_ready(how["threads"], timed=how["timed"])
    folder = Path(job.input.environment).parent
    environment = read_json(job.input.environment)
    settings = {**paths, **job.params.settings}
    command = command_with(program["commands"][role], settings, Path(job.log.settings))
    started_with = (environment, folder, how["threads"], program)
    path, variables = program_path(environment, folder), own_variables(*started_with)
    print("$", by_hand(command, path, variables, cores, written), flush=True)
    # A framework's own store is left out: a database may keep its locks there.
    reads = [Path(each) for each in (*command, *paths.values()) if Path(each).is_file()]
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
        # Few programs say it themselves.
        if shutil.disk_usage(metrics_path.parent).free < FULL_DISK:
            raise InputError(
                f"no space left on the disk for {metrics_path.parent}; free some and rerun: {error}"
            ) from None
        raise
    check_reads(before, fingerprint(reads))
    milestones = result["milestones"]
    check_milestones(
        [milestone["name"] for milestone in milestones], expected_milestones(role, how["repeats"])
    )
    # A time that nobody reads cannot be wrong.
    if how["timed"]:
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
        "model_sha256": sha256(model),
        **({"scores_sha256": sha256(written)} if role == "predict" else {}),
    }
    validate(metrics, read_yaml(Path(job.input.schema)), str(metrics_path))
    write_json(metrics_path, metrics)


def image_paths(job: Job) -> dict[str, str]:
    """Return the settings that name the images and labels a program reads, as the rule has them."""
    names = ("store", "train_images", "train_labels", "test_images")
    return {name: job.input[name] for name in names if name in dict(job.input.items())}


def train(job: Job) -> None:
    """Train a network, from the rule's data and initial weights into the rule's model."""
    model = Path(job.output.model)
    paths = {**image_paths(job), "initial_weights": job.input.weights, "model": str(model)}
    measure("train", job, paths, model, model)


def predict(job: Job) -> None:
    """Predict the test images with the rule's model, into the rule's file of scores."""
    model, scores = Path(job.input.model), Path(job.output.scores)
    if not job.params.left_out:
        check_unchanged(model, read_json(job.input.trained)["model_sha256"])
    paths = {**image_paths(job), "model": str(model), "scores": str(scores)}
    measure("predict", job, paths, scores, model)
