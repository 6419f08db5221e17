"""Let a framework that cannot read plain arrays turn a part of the data into a store of its own."""

import tempfile
from pathlib import Path

from launcher.framework import Framework
from shared.script import Job, run


def main(job: Job) -> None:
    framework = Framework.of(job)
    files = {"images": job.input.images, "labels": job.input.labels}
    told = {name: path for name, path in files.items() if path}
    settings = {**told, "inputs": job.params.inputs, "store": job.output[0]}
    with tempfile.TemporaryDirectory() as folder:
        framework.run("prepare", settings, Path(folder))


if __name__ == "__main__":
    run(main)
