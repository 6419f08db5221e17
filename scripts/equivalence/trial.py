"""Run a framework's own programs on the cases that it is held against the reference in.

From the same initial weights and in the order of the file, the scores of the first test images
after 0, 1 and 10 steps and after an epoch of 20.5 batches, so that a recipe's way with the batch
that an epoch leaves over counts as well. Where a program refuses what a flag asks for, its own
sentence is what is kept. scripts/equivalence_gate.py judges the scores.
"""

import argparse
import json
import shlex
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from shared.script import run, whole_file
from configuration.experiments import command_line
from launcher.launch import (
    Refusal,
    check_milestones,
    check_scores,
    expected_milestones,
    launch,
    program_variables,
    read_json,
)

# The first ones of the file. No whole number of batches, so that a partial one is predicted too.
TEST_IMAGES = 500
STEPS = ("0 steps", "1 step", "10 steps", "epoch")


@dataclass(frozen=True)
class Case:
    """A training: on how many of the first images, and how often it goes over them."""

    images: int
    epochs: int


def cases(batch_size: int, partial_batch: str, images: int) -> dict[str, Case]:
    """Return the cases by what has been done when the scores are taken (`STEPS`).

    Where no step is done there is a partial batch if one is left of all ``images`` of the recipe,
    which a program may refuse. With the partial batch rule ``wrap`` there are two epochs, which the
    batch in the middle spans.
    """
    found = (
        Case(batch_size + images % batch_size, 0),
        Case(batch_size, 1),
        Case(10 * batch_size, 1),
        Case(20 * batch_size + batch_size // 2, 2 if partial_batch == "wrap" else 1),
    )
    return dict(zip(STEPS, found, strict=True))


@dataclass(frozen=True)
class Programs:
    """How a framework's programs are started: commands by role, environment, log patterns."""

    commands: dict[str, str]
    variables: dict[str, str]
    patterns: dict[str, str]
    # Seconds, and GiB; None is the launcher's own limit.
    time_limit: float
    memory_limit: float | None = None

    def start(self, role: str, flags: dict[str, Any], repeats: int = 0) -> None:
        """Run a program to its end; raise `InputError` where it fails, `Refusal` where it refuses.

        ``repeats`` is the number of epochs or predictions, whose milestones must be there.
        """
        command = [*shlex.split(self.commands[role]), *shlex.split(command_line(flags))]
        print("$", *command, flush=True)
        patterns = {} if role == "prepare" else self.patterns
        result = launch(
            command,
            self.variables,
            None,
            self.time_limit,
            patterns,
            memory_limit=self.memory_limit,
        )
        if role != "prepare":
            names = [milestone["name"] for milestone in result["milestones"]]
            check_milestones(names, expected_milestones(role, repeats))

    def images(self, part: str, files: dict[str, Path], inputs: int, folder: Path) -> dict:
        """Return the flags for the images of a ``part``, train or test, and its labels.

        ``files`` are the images and labels as plain arrays; for a framework that cannot read these
        they are put into a store of its own in ``folder``.
        """
        if "prepare" not in self.commands:
            return {f"{part}-{name}": path for name, path in files.items()}
        store = {"store": folder / "store"}
        self.start("prepare", {**files, "inputs": inputs, **store})
        return store


def write_first(source: Path, path: Path, count: int, item_bytes: int) -> Path:
    """Write the first ``count`` items of a file, each of ``item_bytes`` bytes; return the path."""
    with source.open("rb") as file:
        path.write_bytes(file.read(count * item_bytes))
    return path


def train(programs: Programs, flags: dict, data: dict[str, Path], models: Path) -> None:
    """Train each case; leave its model in a folder of ``models`` with the case's name.

    ``flags`` are those of the training program without files and epochs; ``data`` has the files of
    all training ``images`` and ``labels`` and of the initial ``weights``. Images are shuffled, if
    the recipe says so, only where no step is done: a program may refuse it, and no two do it alike.
    """
    images = data["labels"].stat().st_size
    for name, case in cases(flags["batch-size"], flags["partial-batch"], images).items():
        with tempfile.TemporaryDirectory() as temporary:
            folder = Path(temporary)
            item_bytes = {"images": 4 * flags["inputs"], "labels": 1}
            files = {
                kind: write_first(data[kind], folder / kind, case.images, size)
                for kind, size in item_bytes.items()
            }
            whole_flags = {
                **programs.images("train", files, flags["inputs"], folder),
                "initial-weights": data["weights"],
                "model": models / name.replace(" ", "-"),
                **flags,
                "epochs": case.epochs,
                "shuffle": flags["shuffle"] and case.epochs == 0,
            }
            programs.start("train", whole_flags, case.epochs)


def predict(programs: Programs, flags: dict, images: Path, models: Path) -> dict[str, np.ndarray]:
    """Return the scores of the first test images by case, float32 ``[TEST_IMAGES, 10]``.

    ``flags`` are those of the prediction program without files; it predicts once. ``images`` is the
    file of all test images, ``models`` what `train` has left.
    """
    scores = {}
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        first = write_first(images, folder / "images", TEST_IMAGES, 4 * flags["inputs"])
        files = programs.images("test", {"images": first}, flags["inputs"], folder)
        for name in STEPS:
            path = folder / "scores"
            model = models / name.replace(" ", "-")
            programs.start("predict", {**files, "model": model, "scores": path, **flags}, 1)
            check_scores(path, TEST_IMAGES)
            scores[name] = np.fromfile(path, dtype="<f4").reshape(TEST_IMAGES, 10)
    return scores


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("role", choices=["train", "predict"])
    parser.add_argument("--environment", type=Path, required=True, help="an environment.json")
    parser.add_argument("--description", type=json.loads, required=True, help="as in launch.py")
    parser.add_argument("--time-limit", type=float, required=True, help="of each program, seconds")
    parser.add_argument("--memory-limit", type=float, help="of each program, GiB")
    parser.add_argument("--commands", type=json.loads, required=True, help="of the programs, JSON")
    parser.add_argument("--flags", type=json.loads, required=True, help="without files, JSON")
    parser.add_argument("--images", type=Path, required=True, help="all of the data variant's part")
    parser.add_argument("--labels", type=Path, help="of the training images")
    parser.add_argument("--initial-weights", type=Path)
    parser.add_argument("--models", type=Path, required=True, help="folder with one for each case")
    parser.add_argument(
        "--refusal",
        type=Path,
        required=True,
        help="why it was not trained, as JSON; null if it was",
    )
    parser.add_argument("--scores", type=Path, help="to write: an array a case, and the refusal")
    args = parser.parse_args()

    # Relative commands stay so; the launcher's own variables name one thread.
    variables = program_variables(
        read_json(args.environment), args.environment.parent, 1, args.description
    )
    patterns = args.description.get("milestones", {})
    programs = Programs(args.commands, variables, patterns, args.time_limit, args.memory_limit)
    refusal = None
    if args.role == "train":
        data = {"images": args.images, "labels": args.labels, "weights": args.initial_weights}
        args.models.mkdir(parents=True, exist_ok=True)
        try:
            train(programs, args.flags, data, args.models)
        except Refusal as sentence:
            refusal = str(sentence)
        with whole_file(args.refusal) as path:
            path.write_text(json.dumps(refusal) + "\n")
        return
    scores, refusal = {}, read_json(args.refusal)
    if refusal is None:
        try:
            scores = predict(programs, args.flags, args.images, args.models)
        except Refusal as sentence:
            refusal = str(sentence)
    with whole_file(args.scores) as path, path.open("wb") as file:
        arrays: dict[str, Any] = {"refusal": np.array(refusal or ""), **scores}
        np.savez(file, **arrays)


if __name__ == "__main__":
    run(main)
