"""Let a framework compile what it compiles once and keeps, before any run of it is timed.

Theano turns each network into C++, which takes a minute the first time and a second from then on.
Here its programs see a network once, with a batch of made-up images and no epoch.
"""

import argparse
import itertools
import json
import shlex
import tempfile
import time
from pathlib import Path

import numpy as np
from shared.script import run, whole_file
from configuration.experiments import command_line
from launcher.launch import Refusal, launch, program_variables, read_json


def write_data(folder: Path, train: dict, seed: int = 0) -> dict[str, Path]:
    """Write a batch of made-up images, labels and weights for a training; return their flags.

    ``train`` are the training program's flags (docs/contract.md); the files are as it wants them.
    """
    rng = np.random.default_rng(seed)
    inputs, units, images = train["inputs"], train["hidden-units"], train["batch-size"]
    sizes = [inputs, *[units] * train["hidden-layers"], 10]
    weights = sum((fan_in + 1) * out for fan_in, out in itertools.pairwise(sizes))
    rng.random((images, inputs), dtype=np.float32).astype("<f4").tofile(folder / "images.f32")
    rng.integers(0, 10, images, dtype=np.uint8).tofile(folder / "labels.u8")
    (rng.standard_normal(weights) / 100).astype("<f4").tofile(folder / "weights.f32")
    return {
        "train-images": folder / "images.f32",
        "train-labels": folder / "labels.u8",
        "initial-weights": folder / "weights.f32",
        "model": folder / "model",
    }


def warm_up(
    commands: dict[str, str],
    flags: dict[str, dict],
    variables: dict[str, str],
    time_limit: float,
    memory_limit: float | None = None,
) -> dict[str, float]:
    """Run both programs once with no epoch; return the seconds that each took, start to exit.

    A program that refuses the recipe has nothing to compile: it and what follows it are left out.

    Args:
        commands: how each program is started, by ``train`` and ``predict``.
        flags: its flags without those of files; the epochs are set to none.
        variables: the environment that it is started in.
        time_limit: of each program, in seconds.
        memory_limit: of each program, in GiB; None is the launcher's own.
    """
    seconds = {}
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        files = write_data(folder, flags["train"])
        whole_flags = {
            "train": {**files, **flags["train"], "epochs": 0},
            "predict": {
                "test-images": files["train-images"],
                "model": files["model"],
                "scores": folder / "scores.f32",
                **flags["predict"],
            },
        }
        for role, command in commands.items():
            start = time.monotonic()
            words = shlex.split(command) + shlex.split(command_line(whole_flags[role]))
            try:
                launch(words, variables, None, time_limit, {}, memory_limit=memory_limit)
            except Refusal:
                break
            seconds[role] = time.monotonic() - start
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--environment", type=Path, required=True, help="an environment.json")
    parser.add_argument("--description", type=json.loads, required=True, help="as in launch.py")
    parser.add_argument("--train", required=True, help="command of the training program")
    parser.add_argument("--predict", required=True, help="command of the prediction program")
    parser.add_argument(
        "--flags", type=json.loads, required=True, help="of both programs, JSON, without files"
    )
    parser.add_argument("--time-limit", type=float, required=True, help="of each program, seconds")
    parser.add_argument("--memory-limit", type=float, help="of each program, GiB")
    parser.add_argument("--output", type=Path, required=True, help="seconds by program, as JSON")
    args = parser.parse_args()

    variables = program_variables(
        read_json(args.environment), args.environment.parent, 1, args.description
    )
    commands = {"train": args.train, "predict": args.predict}
    seconds = warm_up(commands, args.flags, variables, args.time_limit, args.memory_limit)
    with whole_file(args.output) as path:
        path.write_text(json.dumps(seconds, indent=1) + "\n")


if __name__ == "__main__":
    run(main)
