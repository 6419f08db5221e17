"""Time one training and one prediction; repeat both where something else disturbed them.

A timed run is disturbed if others used the program's cores, or if the cores were slower than this
machine's can be. The disturbed ones are kept in a log of their own, and in no table.
"""

from datetime import date
from pathlib import Path
from typing import Any

from launcher.lanes import reserved
from launcher.machine import end_with_parent
from runs.measure import image_paths, leave_out, measure
from shared.digests import check_unchanged
from shared.script import Job, read_json, run, write_json

# How often a run is tried.
ATTEMPTS = 3
# The calibration varies more than the load of others, so its limit is this many times as wide. On
# an idle virtual machine, it drifted by 15 % within half an hour. Blocks compensate for such a
# drift, and repeating a run does not help.
CALIBRATION_FACTOR = 5
# Others may always use a program's cores for so many seconds, because Snakemake starts its next
# jobs there.
ALLOWED_SECONDS = 0.25


def disturbance(
    records: dict[str, dict[str, Any]], gflops: float, share: float | None
) -> str | None:
    """Return what disturbed a timed run; None where nothing did.

    Args:
        records: the metrics of its ``train`` and ``predict``.
        gflops: the calibration of this machine's cores at rest, in GFLOP/s.
        share: of a program's cores that others may use (measurement.disturbed_share); None judges
            nothing.
    """
    if share is None:
        return None
    for role, record in records.items():
        load, calibration = record["other_load"], record["calibration_gflops"]
        allowed = share + ALLOWED_SECONDS / record["wall_seconds"]
        if load is not None and load > allowed:
            return f"{role}: others used {100 * load:.0f} % of its cores"
        if calibration < (1 - CALIBRATION_FACTOR * share) * gflops:
            return (
                f"{role}: its cores reached {calibration:.3g} GFLOP/s just before, and this "
                f"machine's reach {gflops:.3g}"
            )
    return None


def once(job: Job, cores: list[int] | None) -> dict[str, dict[str, Any]]:
    """Run both programs on these cores; return their metrics by role."""
    settings = job.params.settings
    model, scores = Path(job.output.model), Path(job.output.scores)
    images = image_paths(job, "train")
    paths = {**images, "initial_weights": job.input.weights, "model": str(model)}
    trained = measure("train", job, paths, settings["train"], model, cores)
    check_unchanged(model, trained["model_sha256"])
    paths = {**image_paths(job, "test"), "model": str(model), "scores": str(scores)}
    predicted = measure("predict", job, paths, settings["predict"], scores, cores)
    return {"train": trained, "predict": predicted}


def main(job: Job) -> None:
    if reason := job.params.left_out:
        leave_out(job, {"left_out": reason})
        return
    end_with_parent()
    gflops = read_json(job.input.lanes)["gflops"]
    # The day of the measurement stays the same if the result is copied later.
    result: dict[str, Any] = {"day": date.today().isoformat(), "lanes": job.params.lanes}
    result["disturbed"] = []
    with reserved(job.params.launch["train"]["threads"]) as cores:
        for _ in range(ATTEMPTS):
            records = once(job, cores)
            reason = disturbance(records, gflops, job.params.disturbed_share)
            if reason is None:
                result |= records
                break
            print(f"disturbed: {reason}", flush=True)
            result["disturbed"].append({"reason": reason, **records})
    write_json(job.output.metrics, result)


if __name__ == "__main__":
    run(main)
