"""Let a framework compile a network before its runs are timed, if it keeps what it has compiled.

Theano translates each network to C++ and compiles it. This takes a minute the first time, and then
a second. Here its programs run once for a network, with a batch of made-up images and no epoch.
"""

import tempfile
from pathlib import Path

from launcher.framework import Framework
from launcher.program import Refusal
from shared.script import Job, run, write_json
from weights.made_up import write_made_up


def warm_up(framework: Framework, train: dict, predict: dict) -> dict[str, float]:
    """Run both programs once with no epoch; return the seconds that each took, start to exit.

    ``train`` and ``predict`` are their settings without paths. A program that refuses the recipe
    has nothing to compile: it and what follows it are skipped.
    """
    seconds: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        files = write_made_up(folder, train, train["batch_size"])
        scores = {"scores": folder / "scores.f32"}
        read = {"test_images": files["train_images"], "model": files["model"]}
        told = {"train": {**files, **train, "epochs": 0}, "predict": {**read, **scores, **predict}}
        for role, settings in told.items():
            try:
                seconds[role] = framework.run(role, settings, folder)
            except Refusal:
                break
    return seconds


def main(job: Job) -> None:
    seconds = warm_up(Framework.of(job), **job.params.settings)
    write_json(job.output[0], seconds)


if __name__ == "__main__":
    run(main)
