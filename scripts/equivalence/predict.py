"""Predict with the models of a gate's cases: an array for each case, or the refusal."""

from pathlib import Path
from typing import Any

import numpy as np
from equivalence.trial import predict
from launcher.framework import Framework
from launcher.program import Refusal
from shared.script import Job, read_json, run, whole_file


def main(job: Job) -> None:
    scores, refusal = {}, read_json(job.input.refusal)
    images, models = Path(job.input.images), Path(job.input.models)
    if refusal is None:
        try:
            scores = predict(Framework.of(job), job.params.settings["predict"], images, models)
        except Refusal as sentence:
            refusal = str(sentence)
    arrays: dict[str, Any] = {"refusal": np.array(refusal or ""), **scores}
    with whole_file(job.output[0]) as path, path.open("wb") as file:
        np.savez(file, **arrays)


if __name__ == "__main__":
    run(main)
