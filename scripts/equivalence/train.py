"""Train a framework on the cases of its gate, or keep the sentence with which a program refuses."""

from pathlib import Path

from equivalence.trial import train
from launcher.framework import Framework
from launcher.program import Refusal
from shared.script import Job, run, write_json


def main(job: Job) -> None:
    data = {name: Path(job.input[name]) for name in ("images", "labels", "weights")}
    models, refusal = Path(job.output.models), None
    models.mkdir(parents=True, exist_ok=True)
    try:
        train(Framework.of(job), job.params.settings["train"], data, models)
    except Refusal as sentence:
        refusal = str(sentence)
    write_json(job.output.refusal, refusal)


if __name__ == "__main__":
    run(main)
