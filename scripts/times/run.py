"""Time one training and one prediction; repeat both where something else disturbed them.

A timed run is disturbed if others used the program's cores, or if the cores were slower than this
machine's can be. The disturbed ones are kept in a log of their own, and in no table.
"""

from pathlib import Path
from typing import Any

from launcher.lanes import reserved
from launcher.machine import end_with_parent
from runs.measure import image_paths, measure
from shared.digests import check_unchanged
from shared.script import Job, read_json, run, write_json

# How often a run is tried.
ATTEMPTS = 3
# The speed of the calibration spreads more than the load of others: it may be this many times
# as far off before a run counts as disturbed.
CALIBRATION_FACTOR = 3
# Seconds that others may use of a program's cores, however short it is: Snakemake starts its next
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
            return f"{role}: others used {load:.0%} of its cores"
        if calibration < (1 - CALIBRATION_FACTOR * share) * gflops:
            return (
                f"{role}: its cores reached {calibration:.3g} GFLOP/s just before, and this "
                f"machine's reach {gflops:.3g}"
            )
    return None


def once(job: Job, cores: list[int] | None) -> dict[str, dict[str, Any]]:
    """Run both programs on these cores; return their metrics by role."""
    images, settings = image_paths(job), job.params.settings
    model, scores = Path(job.output.model), Path(job.output.scores)
    read = {"initial_weights": job.input.weights, "model": str(model)}
    # A store is of training images or of test images; other frameworks read plain files of both.
    train = {key: path for key, path in images.items() if key.startswith("train")}
    test = {"test_images": images["test_images"]} if "test_images" in images else {}
    if "train_store" in dict(job.input.items()):
        train, test = {"store": job.input.train_store}, {"store": job.input.test_store}
    trained = measure("train", job, {**train, **read, **settings["train"]}, model, cores)
    check_unchanged(model, trained["model_sha256"])
    told = {**test, "model": str(model), "scores": str(scores), **settings["predict"]}
    return {"train": trained, "predict": measure("predict", job, told, scores, cores)}


def main(job: Job) -> None:
    model, scores, metrics = (job.output[name] for name in ("model", "scores", "metrics"))
    if job.params.left_out:
        Path(model).mkdir(parents=True, exist_ok=True)
        Path(scores).write_bytes(b"")
        for name in ("train_settings", "predict_settings"):
            write_json(job.log[name], {})
        write_json(metrics, {"left_out": job.params.left_out})
        return
    threads = job.params.launch["train"]["threads"]
    end_with_parent()
    gflops = read_json(job.input.lanes)["gflops"]
    disturbed: list[dict[str, Any]] = []
    with reserved(threads) as cores:
        for _ in range(ATTEMPTS):
            records = once(job, cores)
            reason = disturbance(records, gflops, job.params.disturbed_share)
            if reason is None:
                break
            print(f"disturbed: {reason}", flush=True)
            disturbed.append({"reason": reason, **records})
    result = {"lanes": job.params.lanes, "disturbed": disturbed}
    write_json(metrics, result | (records if reason is None else {}))


if __name__ == "__main__":
    run(main)
