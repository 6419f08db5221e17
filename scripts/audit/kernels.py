"""Find out which kernels a framework's matrix products really run with, and how fast they are.

The framework's own training program trains a network on made-up images. Nearly all of its work is
large matrix products. The program runs once for inspection, and once more, timed like any run. The
loaded libraries say little: TensorFlow loads NumPy's OpenBLAS and computes without it. During the
inspection, MKL and oneDNN therefore print a line for each of their calls, and OpenBLAS takes its
slowest kernels. If neither MKL nor oneDNN prints a product, and the program is not slower, then it
computes with another library.
"""

import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from configuration.settings import train_settings
from launcher.command import command_with
from launcher.framework import Framework
from launcher.lanes import reserved
from launcher.machine import calibrate, end_with_parent, machine
from launcher.milestones import (
    check_milestones,
    expected_milestones,
    milestone_finder,
    numbered_spans,
    spans,
)
from launcher.program import launch
from launcher.variables import program_variables
from shared.networks import operations
from shared.script import Job, read_json, run, write_json
from shared.strict_yaml import read_yaml
from shared.validation import validate
from weights.made_up import write_made_up

INPUTS = 784
NETWORK = "relu-2x1024"
SIZES = [INPUTS, 1024, 1024, 10]
IMAGES = 1000
# One large step per epoch, so that nearly all of an epoch is matrix products.
RECIPE: dict[str, Any] = {
    "optimizer": {"name": "sgd", "learning_rate": 0.01, "momentum": 0.9, "nesterov": True},
    "batch_size": 1000,
    "partial_batch": "keep",
    "epochs": 4,
    "shuffle": True,
    "precision": "float32",
}
# Its kernels for any x86-64 processor (SSE3).
SLOWEST_KERNELS = "Prescott"
# On an idle machine, we saw at most 1.01 for programs that do not use OpenBLAS. Programs that do
# use it had 2 to 3, except Deeplearning4j 0.4 (1.24): its products take the smaller part of a step.
CLEARLY_SLOWER = 1.1
# Between these, a busy machine may be the cause. Both are then repeated, `ROUNDS` times at most.
UNCLEAR = (1.05, 1.2)
ROUNDS = 2
INSPECTION = {"OPENBLAS_CORETYPE": SLOWEST_KERNELS, "MKL_VERBOSE": "1", "ONEDNN_VERBOSE": "1"}

BLAS_FILE = re.compile(
    r"lib(scipy_)?(openblas|mkl_rt|blis|flexiblas|atlas|satlas|tatlas|f77blas|cblas|blas|lapack)[^/]*"
)
# Asks OpenBLAS, MKL or BLIS for what it is, after its file has been loaded.
ASK = """\
import ctypes, json, sys, threadpoolctl
ctypes.CDLL(sys.argv[1])
print(json.dumps(threadpoolctl.threadpool_info()))
"""


@dataclass
class Library:
    """A library that a program has loaded or contains. None means unknown."""

    name: str
    version: str | None = None
    kernels: str | None = None
    # The kernels that it would choose by itself, if variables tell it which ones to take.
    own_choice: str | None = None
    # Whether the matrix products run with it.
    used: bool | None = None


def mapped_libraries(maps: str) -> list[str]:
    """Return the files of BLAS libraries in a process's memory, by Linux's /proc/<pid>/maps."""
    # Address, permissions, offset, device, inode, and the path, which may hold spaces.
    paths = [fields[5] for line in maps.splitlines() if len(fields := line.split(None, 5)) == 6]
    return [path for path in dict.fromkeys(paths) if BLAS_FILE.fullmatch(Path(path).name)]


def loaded_libraries(pid: int) -> list[str] | None:
    """Return the files of BLAS libraries that a process and its children have loaded.

    None where the system does not tell.
    """
    import psutil

    found: list[str] = []
    try:
        process = psutil.Process(pid)
        for member in [process, *process.children(recursive=True)]:
            found += mapped_libraries(Path(f"/proc/{member.pid}/maps").read_text())
    except (psutil.Error, OSError):
        return None
    return list(dict.fromkeys(found))


def version_in(name: str) -> str | None:
    """Return the version in the file name of an OpenBLAS of a wheel, which has a hash inside."""
    match = re.search(r"-r(\d+)-[0-9a-f]{8}\.(\d+\.\d+)\.", name)
    return f"{match[1]}.{match[2]}" if match else None


def ask(file: str, variables: dict[str, str]) -> Library:
    """Ask a library's file itself for its version and kernels, with a program's variables."""
    folder = Path(file).parent
    # Its dependencies are in its folder or, if it is of another release of a system, one folder
    # above.
    folders = [str(folder), str(folder.parent), variables.get("LD_LIBRARY_PATH", "")]
    answer = subprocess.run(
        [sys.executable, "-c", ASK, file],
        env={**variables, "LD_LIBRARY_PATH": os.pathsep.join(filter(None, folders))},
        capture_output=True,
        text=True,
    )
    found = json.loads(answer.stdout) if answer.returncode == 0 else []
    for library in found:
        if library["user_api"] == "blas":
            name = {"openblas": "OpenBLAS", "mkl": "MKL", "blis": "BLIS"}
            return Library(
                name.get(library["internal_api"], library["internal_api"]),
                library["version"] or version_in(Path(file).name),
                library.get("architecture"),
            )
    print(f"{file} does not tell what it is. {answer.stderr.strip()}", flush=True)
    return Library("OpenBLAS" if "openblas" in Path(file).name else Path(file).name)


def verbose_libraries(lines: list[str]) -> list[Library]:
    """Return MKL and oneDNN if a program's verbose lines show matrix products with them."""
    text = "\n".join(lines)
    libraries = []
    for name, product, version, kernels in (
        (
            "MKL",
            r"^MKL_VERBOSE \w*GEMM",
            r"^MKL_VERBOSE (?:oneMKL|Intel\(R\) MKL) (\S+(?: Update \d+)?)",
            # What follows is no kernel: ", Lnx 2.00GHz lp64 gnu_thread".
            r"^MKL_VERBOSE .* architecture (.*?)(?:, \w+ [\d.]+GHz .*)?$",
        ),
        (
            "oneDNN",
            r"^onednn_verbose,.*\bexec,cpu,(?:gemm|inner_product|matmul)",
            r"^onednn_verbose,.*\binfo,oneDNN v([\d.]+)",
            r"^onednn_verbose,.*\binfo,cpu,isa:(.*)",
        ),
    ):
        if re.search(product, text, re.MULTILINE):
            found = [re.search(pattern, text, re.MULTILINE) for pattern in (version, kernels)]
            said = [match and match[1] for match in found]
            # After this, both name extensions for other precisions than float32.
            extension = re.search(r"AVX-512|AVX2|AVX|SSE[\d.]*", said[1] or "")
            libraries.append(
                Library(name, said[0], extension[0] if extension else said[1], used=True)
            )
    return libraries


def openblas_libraries(
    files: list[str], variables: dict[str, str], *, slowed_down: bool
) -> list[Library]:
    """Return what a program's BLAS libraries are, each once, and whether it computes with them.

    Args:
        files: of the libraries that it has loaded.
        variables: that it is started with.
        slowed_down: whether OpenBLAS's slowest kernels have made it slower.
    """
    untold = {name: value for name, value in variables.items() if name != "OPENBLAS_CORETYPE"}
    libraries = []
    for file in files:
        library = ask(file, variables)
        if library.kernels != (own_choice := ask(file, untold).kernels):
            library.own_choice = own_choice
        # Another BLAS, or one that has these kernels anyway, cannot be slowed down like that.
        if library.kernels != ask(file, variables | INSPECTION).kernels:
            library.used = slowed_down
        if library not in libraries:
            libraries.append(library)
    return libraries


def steady_cpu_seconds(milestones: list[dict[str, Any]]) -> float:
    """Return the CPU seconds from the end of the first epoch to that of the last.

    Other load on the machine changes CPU seconds less than wall seconds.
    """
    seconds = {milestone["name"]: milestone["cpu_seconds"] for milestone in milestones}
    return seconds[f"epoch {RECIPE['epochs']}"] - seconds["epoch 1"]


def slowdown(slow: list[float], fast: list[float]) -> float:
    """Return how much slower a program is. The smallest times count: disturbances only add time."""
    return min(slow) / min(fast)


def training(job: Job, folder: Path) -> list[str]:
    """Write made-up data and the settings of a training to ``folder``; return its command."""
    told = train_settings(RECIPE, NETWORK, INPUTS, seed=0)
    paths = write_made_up(folder, told, IMAGES)
    framework = Framework.of(job)
    if "prepare" in framework.commands:
        images, labels = paths.pop("train_images"), paths.pop("train_labels")
        paths["store"] = str(folder / "store")
        read = {"images": images, "labels": labels, "inputs": INPUTS}
        framework.run("prepare", {**read, "store": paths["store"]}, folder)
    return command_with(framework.commands["train"], {**paths, **told}, folder / "train.json")


def main(job: Job) -> None:
    threads = job.params.compute_threads
    end_with_parent()
    with reserved(threads) as cores:
        audit = look_into(job, cores)
    validate(audit, read_yaml(Path(job.input.schema)), job.output[0])
    write_json(job.output[0], audit)


def look_into(job: Job, cores: list[int] | None) -> dict[str, Any]:
    """Train twice or more on these cores; return the audit (schemas/audit.schema.yaml)."""
    program, limits = job.params.program, job.params.limits
    threads = job.params.compute_threads
    calibration = calibrate(cores)
    environment, folder = read_json(job.input.environment), Path(job.input.environment).parent
    variables = program_variables(environment, folder, threads, program)
    patterns = program["milestones"]
    milestone_of = milestone_finder(patterns)
    lines: list[str] = []
    files: list[str] | None = None

    def look(pid: int, line: str) -> None:
        """Keep a program's lines, and look once at what it has loaded while it works."""
        nonlocal files
        lines.append(line)
        if milestone_of(line) == "epoch 1":
            files = loaded_libraries(pid)

    with tempfile.TemporaryDirectory() as temporary:
        command = training(job, Path(temporary))

        def train(more: dict[str, str], **options: Any) -> dict[str, Any]:
            """Train, with more variables; return what the launcher recorded."""
            print("$", *(f"{name}={value}" for name, value in more.items()), *command, flush=True)
            options["memory_limit"] = limits["gib"]
            result = launch(
                command, variables | more, cores, limits["seconds"], patterns, **options
            )
            check_milestones(
                [milestone["name"] for milestone in result["milestones"]],
                expected_milestones("train", RECIPE["epochs"]),
            )
            return result

        slow = [steady_cpu_seconds(train(INSPECTION, watch=look)["milestones"])]
        timed = train({})
        fast = [steady_cpu_seconds(timed["milestones"])]
        libraries = verbose_libraries(lines)
        while (
            not libraries and UNCLEAR[0] < slowdown(slow, fast) < UNCLEAR[1] and len(slow) < ROUNDS
        ):
            slow.append(steady_cpu_seconds(train(INSPECTION)["milestones"]))
            fast.append(steady_cpu_seconds(train({})["milestones"]))

    epochs = numbered_spans(spans(timed["milestones"], timed["wall_seconds"]), "epoch")
    slowed_down = not libraries and slowdown(slow, fast) > CLEARLY_SLOWER
    libraries += openblas_libraries(files or [], variables, slowed_down=slowed_down)
    return {
        "environment": {key: environment[key] for key in ("name", "kind", "packages")},
        "built_with": [version for build in job.input.build for version in read_json(build)],
        "machine": machine(),
        "compute_threads": threads,
        "calibration_gflops": calibration,
        "network": NETWORK,
        "images": IMAGES,
        "batch_size": RECIPE["batch_size"],
        "operations": operations(SIZES, IMAGES),
        "epoch_seconds": epochs,
        # The first epoch may hold a compilation.
        "gflops": operations(SIZES, IMAGES) / statistics.median(epochs[1:]) / 1e9,
        "slowdown": slowdown(slow, fast),
        "files_known": files is not None,
        "libraries": [asdict(library) for library in libraries],
    }


if __name__ == "__main__":
    run(main)
