"""Write the first images of a data variant, and their labels, for short timed trainings."""

from pathlib import Path

from shared.script import Job, run

IMAGE_NUMBER_BYTES = 4


def start_of(path: Path, size: int) -> bytes:
    """Return the first ``size`` bytes of a file."""
    with path.open("rb") as file:
        return file.read(size)


def main(job: Job) -> None:
    count = int(job.wildcards.images)
    size = count * job.params.inputs * IMAGE_NUMBER_BYTES
    Path(job.output.images).write_bytes(start_of(Path(job.input.images), size))
    Path(job.output.labels).write_bytes(start_of(Path(job.input.labels), count))


if __name__ == "__main__":
    run(main)
