"""Start a framework's program, stamp its milestones with one clock, and record what it used.

A program prints a line when it reaches a milestone (docs/contract.md), or its log has a line that
the framework's description knows. The launcher is the only place where time is taken: it pins the
program to its cores, sets its number of threads, measures how fast the cores are just before,
stamps each milestone as its line arrives, and checks what the program did and wrote. If a check
fails, no metrics are written.
"""

import argparse
import json
import os
import platform
import re
import resource
import shlex
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import Counter, deque
from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from queue import SimpleQueue
from typing import IO, Any

import processes
import psutil
from common import InputError, run, whole_file
from configuration import read_yaml, validate
from digests import check_unchanged, fingerprint, sha256
from program_log import ProgramLog

# Libraries read the number of their threads from one of these, once, when they are loaded.
THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "BLIS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "TF_NUM_INTRAOP_THREADS",
    "TF_NUM_INTEROP_THREADS",
)
MILESTONE = re.compile(r"ready|loaded|built|compiled|saved|epoch [1-9]\d*|predicted [1-9]\d*")
# What a program repeats, by its role: the word of its numbered milestones.
ROLES = {"train": "epoch", "predict": "predicted"}
OPTIONAL_MILESTONES = {"compiled"}
# Those that decide which kernels a library has, by their names in Linux's /proc/cpuinfo.
VECTOR_EXTENSIONS = {"avx", "avx2", "fma", "avx512f", "avx512_bf16", "amx_tile"}
# Of a failed program's output, what the error shows.
TAIL_LINES = 15
TAIL_CHARACTERS = 1000
# Characters; what is longer than any milestone is taken in pieces, which are no milestones.
LONGEST_LINE = 2**16
# Bytes: with less left on a disk, a program that failed had no room for what it writes.
FULL_DISK = 2**20
# Seconds between two looks at a program's memory; each takes some 2 ms of another core.
WATCH_SECONDS = 2.0
# Of the machine's memory, if no other limit is set: beyond it the kernel's OOM killer chooses a
# victim, which may be Snakemake.
MEMORY_SHARE = 0.9
# Seconds that processes which outlive their program have to end by themselves.
GRACE_SECONDS = 1.0
# Seconds that a stamp may be late because this process is in the midst of something else.
STAMP_SECONDS = 0.01
# No program computes so many times faster than the calibration, whose matrix product of 512 x 512
# reaches most of what a core can do. The rest is for a calibration that something disturbed.
IMPOSSIBLE_SPEED = 5
# The last line of a program that cannot do what a flag asks for (docs/contract.md). A library that
# cannot be opened, no memory, or an exception is a failure like any other.
REFUSAL = re.compile(
    r"(?!.*(Error|Exception)\b).*(\bcannot\b(?! (open|allocate|import)\b)|\binvalid choice\b)"
)


class Refusal(InputError):
    """A program cannot do what a flag asks for; the message is its own last line."""


def expected_milestones(role: str, repeats: int) -> list[str]:
    """Return the milestones that a program must print, in order.

    ``role`` is ``train`` (``repeats`` epochs) or ``predict`` (``repeats`` times the test set).
    """
    word = ROLES[role]
    return ["ready", "loaded", "built", *(f"{word} {i + 1}" for i in range(repeats)), "saved"]


def milestone_finder(patterns: dict[str, str]) -> Callable[[str], str | None]:
    """Return a function that is given a program's lines in turn: which milestone a line is, if any.

    A line that is a milestone's name is that milestone. ``patterns`` finds others in a log that a
    framework prints anyway: by milestone, a regular expression to search for in a line. The first
    line with it is the milestone; of ``epoch`` and ``predicted`` each one is, and they are counted.
    """
    found: Counter[str] = Counter()

    def milestone_of(line: str) -> str | None:
        if MILESTONE.fullmatch(line):
            return line
        for name, pattern in patterns.items():
            if re.search(pattern, line):
                found[name] += 1
                if name in ROLES.values():
                    return f"{name} {found[name]}"
                return name if found[name] == 1 else None
        return None

    return milestone_of


def check_milestones(seen: list[str], expected: list[str]) -> None:
    """Raise `InputError` unless the milestones are the expected ones in their order."""
    seen = [name for name in seen if name not in OPTIONAL_MILESTONES]
    if not seen:
        raise InputError(f"the program printed no milestone; '{expected[0]}' comes first.")
    for name, wanted in zip(seen, expected, strict=False):
        if name != wanted:
            raise InputError(f"the program printed the milestone '{name}' where '{wanted}' is due.")
    if len(seen) < len(expected):
        raise InputError(f"the program ended without printing '{expected[len(seen)]}'.")
    if len(seen) > len(expected):
        raise InputError(f"the program printed '{seen[len(expected)]}' after its last milestone.")


def check_speed(
    milestones: list[dict[str, Any]], role: str, operations: float, gflops: float
) -> None:
    """Raise `InputError` if epochs or predictions took less time than their arithmetic can take.

    That is how the milestones of a program look that buffers its output, or that prints them
    without doing the work.

    Args:
        milestones: of a program that has printed all it must, with ``seconds`` since its start.
        role: ``train`` or ``predict``.
        operations: floating-point operations of an epoch, or of a prediction of all test images.
        gflops: of the calibration, on the same cores.
    """
    least = operations / (IMPOSSIBLE_SPEED * gflops * 1e9)
    word = ROLES[role]
    numbered = [place for place, m in enumerate(milestones) if m["name"].startswith(f"{word} ")]
    if not numbered:
        return
    for start, end in combinations(range(numbered[0] - 1, numbered[-1] + 1), 2):
        first, last = milestones[start], milestones[end]
        took, possible = last["seconds"] - first["seconds"], (end - start) * least
        if took + STAMP_SECONDS < possible:
            raise InputError(
                f"the milestone '{last['name']}' came {took:.2g} s after '{first['name']}', but "
                f"that takes {possible:.2g} s or more: {operations:.2g} operations for each "
                f"'{word}', at {IMPOSSIBLE_SPEED} times the speed of this machine's matrix "
                "product; let the program do its work and print each milestone when it reaches "
                "it, with the line flushed (docs/contract.md). If it does, the machine was too "
                "busy to be timed; rerun."
            )


def check_scores(path: Path, images: int) -> None:
    """Raise `InputError` unless ``path`` holds ten float32 scores for each image.

    They need not be finite: a network may have diverged.
    """
    if not path.is_file():
        raise InputError(f"the program wrote no scores to {path}.")
    expected = images * 10 * 4
    size = path.stat().st_size
    if size != expected:
        few_or_many = "few" if size < expected else "many"
        raise InputError(
            f"the program wrote too {few_or_many} scores: {path} has {size} bytes, "
            f"{images} images need {expected}."
        )


def check_reads(before: dict, after: dict) -> None:
    """Raise `InputError` if a file that a program may only read has changed while it ran.

    ``before`` and ``after`` are fingerprints (`digests.fingerprint`).
    """
    for path, was in before.items():
        if after.get(path) != was:
            raise InputError(
                f"{path} has changed while the program ran, which may only read it; correct the "
                "program (or whatever else writes there), delete that file and rerun."
            )


def choose_cores(threads: int) -> list[int] | None:
    """Return the last ``threads`` cores that this process may use; None where none can be pinned.

    The last ones, because operating systems tend to serve interrupts on the first.
    """
    if not hasattr(os, "sched_getaffinity"):
        return None
    cores = sorted(os.sched_getaffinity(0))
    if threads > len(cores):
        raise InputError(
            f"measurement.compute_threads is {threads}, but this machine gives {len(cores)} "
            "cores; lower it in config.yaml."
        )
    return cores[-threads:]


def calibrate(repeats: int = 20, size: int = 512) -> float:
    """Return the GFLOP/s of a float32 matrix product with this process's cores and threads.

    The median of ``repeats`` products of two ``size`` x ``size`` matrices, 2 size^3 operations
    each. It tells runs on a slowed machine from slow runs.
    """
    import numpy as np

    a = np.full((size, size), 0.5, dtype=np.float32)
    seconds = []
    for _ in range(repeats + 3):
        start = time.monotonic()
        a @ a
        seconds.append(time.monotonic() - start)
    return 2 * size**3 / float(np.median(seconds[3:])) / 1e9


def make_ready(compute_threads: int, *, timed: bool) -> tuple[list[int] | None, float]:
    """Make this process ready to launch a program, and measure how fast its cores are.

    Must come before NumPy is imported, which then reads the number of its threads. Returns the
    cores to pin the program to, None if it is not ``timed``, and their GFLOP/s.
    """
    # Ended by its parent, the launcher takes the program with it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("error: ended by SIGTERM."))
    os.environ.update(dict.fromkeys(THREAD_VARIABLES, str(compute_threads)))
    cores = choose_cores(compute_threads) if timed else None
    everywhere = os.sched_getaffinity(0) if cores else None
    if cores:
        os.sched_setaffinity(0, cores)
    calibration = calibrate()
    if everywhere:
        os.sched_setaffinity(0, everywhere)
    return cores, calibration


def machine() -> dict[str, Any]:
    """Describe the machine: what a result depends on, and which one of a cluster's nodes it is."""
    model, flags = platform.processor() or platform.machine(), set()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        lines = cpuinfo.read_text().split("\n\n")[0].splitlines()
        pairs = (line.partition(":") for line in lines)
        fields = {name.strip(): value.strip() for name, _, value in pairs}
        model = fields.get("model name", model)
        flags = set(fields.get("flags", "").split())
    return {
        "node": platform.node(),
        "processor": model,
        "vector_extensions": sorted(flags & VECTOR_EXTENSIONS),
        "cores": psutil.cpu_count(),
        "memory_mib": psutil.virtual_memory().total // 2**20,
        "system": f"{platform.system()} {platform.machine()}",
    }


class Program:
    """A running framework program, in a process group of its own that dies with the launcher."""

    def __init__(self, command: list[str], variables: dict[str, str], cores: list[int] | None):
        def prepare_child() -> None:
            if cores is not None:
                os.sched_setaffinity(0, cores)
            processes.prctl(processes.PR_SET_PDEATHSIG, signal.SIGKILL)

        processes.adopt_orphans()
        self.others = {process.pid for process in processes.descendants()}
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            command,
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            start_new_session=True,
            preexec_fn=prepare_child,
        )

    def members(self) -> list[psutil.Process]:
        """Return the program's process and all that it has started, whatever their sessions."""
        return [each for each in processes.descendants() if each.pid not in self.others]

    def await_exit(self) -> float:
        """Wait until the program itself has ended; return the seconds since its start."""
        os.waitid(os.P_PID, self.process.pid, os.WEXITED | os.WNOWAIT)
        return time.monotonic() - self.started

    def end_left_behind(self) -> list[str]:
        """End what outlives the program, after a moment; return the names of these processes."""
        deadline = time.monotonic() + GRACE_SECONDS
        while left := [each for each in self.members() if not processes.is_gone(each.pid)]:
            if time.monotonic() > deadline:
                break
            time.sleep(0.01)
        return processes.end(left)

    def kill(self) -> None:
        """End the program and all that it has started."""
        processes.kill_group(self.process.pid)
        processes.end([each for each in self.members() if each.pid != self.process.pid])

    def wait(self) -> tuple[int, resource.struct_rusage]:
        """Return the exit status and what the program used; it must have ended."""
        _, status, usage = os.wait4(self.process.pid, 0)
        self.process.returncode = os.waitstatus_to_exitcode(status)
        return self.process.returncode, usage


def reason_to_stop(program: Program, memory_limit: float | None) -> str | None:
    """Return why a running program must be ended before its time, if it must.

    It may not hold more than ``memory_limit`` GiB, nor outlive the Snakemake that started it, whose
    next one would run beside it.
    """
    snakemake = os.environ.get("SNAKEMAKE_PROCESS")
    if snakemake and processes.is_gone(int(snakemake)):
        return "was stopped, as Snakemake was killed"
    limit = memory_limit or MEMORY_SHARE * psutil.virtual_memory().total / 2**30
    if processes.resident_gib(program.members()) > limit:
        return f"held more than {limit:.3g} GiB of memory and was stopped"
    return None


def launch(
    command: list[str],
    variables: dict[str, str],
    cores: list[int] | None,
    time_limit: float,
    patterns: dict[str, str],
    watch: Callable[[int, str], None] = lambda pid, line: None,
    memory_limit: float | None = None,
) -> dict[str, Any]:
    """Run a program to its end and return its stamped milestones and what it used.

    Args:
        command: the program and its flags.
        variables: its whole environment.
        cores: the cores that it is pinned to, or None.
        time_limit: seconds after which it is ended.
        patterns: of milestones in its log (`milestone_finder`).
        watch: is told the program's process and each of its lines, when the line has arrived.
        memory_limit: GiB beyond which it is ended; by default `MEMORY_SHARE` of the machine's.

    Raises:
        Refusal: it cannot do what a flag asks for.
        InputError: it cannot be started, fails, or has to be stopped; with the tail of its output.
    """
    busy_before, launcher_before = processes.busy_seconds(), time.process_time()
    try:
        program = Program(command, variables, cores)
    except FileNotFoundError:
        raise InputError(
            f"'{command[0]}' is not in the environment of this framework, nor on the PATH."
        ) from None
    stopped: list[str] = []
    ended = threading.Event()

    def guard() -> None:
        """End the program when it must be, which ends its output."""
        while not stopped and not ended.wait(
            min(WATCH_SECONDS, max(0.0, program.started + time_limit - time.monotonic()))
        ):
            if time.monotonic() >= program.started + time_limit:
                stopped.append(f"ran longer than {time_limit:g} s and was stopped")
            elif reason := reason_to_stop(program, memory_limit):
                stopped.append(reason)
        if stopped:
            program.kill()

    watchdog = threading.Thread(target=guard, daemon=True)
    watchdog.start()
    milestones: list[dict[str, Any]] = []
    tail: deque[str] = deque(maxlen=TAIL_LINES)
    milestone_of = milestone_finder(patterns)

    lines: SimpleQueue[tuple[float, str, bool] | None] = SimpleQueue()
    log = ProgramLog()

    def stamp(stream: IO[str], is_output: bool) -> None:
        """Stamp each line of a stream; None ends the program's output."""
        at_start = True
        for piece in iter(lambda: stream.readline(LONGEST_LINE), ""):
            is_line = at_start and (piece.endswith("\n") or len(piece) < LONGEST_LINE)
            at_start = piece.endswith("\n")
            lines.put((time.monotonic() - program.started, piece.rstrip("\n"), is_line))
        if is_output:
            lines.put(None)

    def take(seconds: float, line: str, is_line: bool) -> None:
        log.write(f"{seconds:9.3f}  {line}")
        watch(program.process.pid, line)
        name = milestone_of(line) if is_line else None
        if name is None:
            tail.append(line[:TAIL_CHARACTERS])
            return
        members = program.members()
        milestones.append(
            {
                "name": name,
                "seconds": seconds,
                "cpu_seconds": processes.processor_seconds(members),
                "threads": processes.thread_count(members),
            }
        )

    def see_to_the_end() -> None:
        """When the program has ended, end what it has left behind, which may hold its output."""
        exits.append(program.await_exit())
        if names := program.end_left_behind():
            print(f"ended what the program left running: {', '.join(names)}", flush=True)

    # Stamped by threads that do nothing else, so that no stamp waits for what is done with the
    # one before, and neither pipe can fill up and stop the program.
    streams = ((program.process.stdout, True), (program.process.stderr, False))
    readers = [threading.Thread(target=stamp, args=args, daemon=True) for args in streams]
    exits: list[float] = []
    waiter = threading.Thread(target=see_to_the_end, daemon=True)
    for thread in (*readers, waiter):
        thread.start()
    try:
        for line in iter(lines.get, None):
            take(*line)
        waiter.join()
        status, usage = program.wait()
        readers[1].join(timeout=5)
        while not lines.empty():
            if late := lines.get():
                take(*late)
    finally:
        ended.set()
        log.close()
        program.kill()
    if status != 0:
        if stopped:
            what = stopped[0]
        elif status < 0:
            what = f"was ended by the signal {signal.Signals(-status).name}"
        else:
            if tail and REFUSAL.match(tail[-1]):
                raise Refusal(tail[-1])
            what = f"failed with exit status {status}"
        raise InputError(f"the program {what}; its last lines:\n  " + "\n  ".join(tail))
    # Some may have come on the output, others in the log.
    milestones.sort(key=lambda milestone: milestone["seconds"])
    # A line may be read after the exit has been noticed.
    wall = max([exits[0], *(milestone["seconds"] for milestone in milestones[-1:])])
    cpu_seconds = usage.ru_utime + usage.ru_stime
    own = time.process_time() - launcher_before
    # Linux counts the peak in KiB, macOS in bytes.
    peak = usage.ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
    return {
        "milestones": milestones,
        "wall_seconds": wall,
        "cpu_seconds": cpu_seconds,
        "peak_memory_mib": peak,
        "other_cores_busy": max(
            0.0, (processes.busy_seconds() - busy_before - cpu_seconds - own) / wall
        ),
    }


def threads_used(milestones: list[dict[str, Any]]) -> float | None:
    """Return CPU seconds by wall second over the timed part: how many threads really worked.

    The timed part goes from ``built``, or ``compiled``, to the last epoch or prediction; None
    where it has no length.
    """
    first = [m for m in milestones if m["name"] in ("built", "compiled")][-1]
    last = milestones[-2]
    wall = last["seconds"] - first["seconds"]
    return (last["cpu_seconds"] - first["cpu_seconds"]) / wall if wall > 0 else None


def spans(milestones: list[dict[str, Any]], wall_seconds: float) -> dict[str, float]:
    """Return the seconds that led to each milestone, by its name, and to the ``exit``."""
    lengths, before = {}, 0.0
    for milestone in milestones:
        lengths[milestone["name"]] = milestone["seconds"] - before
        before = milestone["seconds"]
    lengths["exit"] = wall_seconds - before
    return lengths


def numbered_spans(spans: dict[str, float], word: str) -> list[float]:
    """Return the lengths of the spans ``word 1``, ``word 2``, ... in seconds, in their order."""
    numbered = {int(name.split()[1]): s for name, s in spans.items() if name.startswith(f"{word} ")}
    return [numbered[number] for number in sorted(numbered)]


def openblas_kernels(description: dict) -> dict[str, str]:
    """Return the variable that tells an old OpenBLAS the best kernels it has for this processor.

    ``description`` is a framework's; its key ``openblas_kernels`` names them. What the user has set
    already stays.
    """
    extensions = machine()["vector_extensions"]
    kernels = description.get("openblas_kernels", {})
    usable = [name for extension, name in kernels.items() if extension in extensions]
    return {"OPENBLAS_CORETYPE": os.environ.get("OPENBLAS_CORETYPE", usable[0])} if usable else {}


def own_variables(
    environment: dict, folder: Path, threads: int, description: dict
) -> dict[str, str]:
    """Return the environment variables that a program needs beside the user's, without the PATH.

    Args:
        environment: the environment's own record (environment.json).
        folder: where that record lies; relative paths in it start there.
        threads: compute threads.
        description: the framework's description, or its ``variables`` and ``openblas_kernels``.
    """
    described = {
        name: value.replace("{environment}", str(folder.resolve()))
        for name, value in description.get("variables", {}).items()
    }
    return {
        **environment.get("variables", {}),
        # Python would write compiled files into the source folders.
        "PYTHONDONTWRITEBYTECODE": "1",
        **dict.fromkeys(THREAD_VARIABLES, str(threads)),
        **openblas_kernels(description),
        **described,
    }


def program_path(environment: dict, folder: Path) -> str:
    """Return the folders of an environment's programs, as the start of a PATH."""
    return os.pathsep.join(str((folder / path).resolve()) for path in environment["path"])


def program_variables(
    environment: dict, folder: Path, threads: int, description: dict
) -> dict[str, str]:
    """Return all environment variables that a program is started with (see `own_variables`)."""
    path = [program_path(environment, folder), os.environ.get("PATH", "")]
    return {
        **os.environ,
        "PATH": os.pathsep.join(path),
        **own_variables(environment, folder, threads, description),
    }


def by_hand(
    command: list[str],
    path: str,
    variables: dict[str, str],
    cores: list[int] | None,
    moved: Path | None,
) -> str:
    """Return a line for a shell in this folder that repeats a program.

    Args:
        command: the program and its flags.
        path: the start of its PATH.
        variables: those that it needs beside the user's and the PATH.
        cores: the cores that it is pinned to, or None.
        moved: what it writes. By hand that goes into the folder for temporary files, so that the
            run's own stays.
    """

    def quoted(text: str) -> str:
        if (here := str(Path.cwd())) not in text:
            return shlex.quote(text)
        # Relative to the folder, so that the line also holds where that has moved.
        escaped = re.sub(r'([\\"$`])', r"\\\1", text)
        return f'"{escaped.replace(here, "$PWD")}"'

    def argument(text: str) -> str:
        return f'"${{TMPDIR:-/tmp}}/{moved.name}"' if moved and text == str(moved) else quoted(text)

    words = [f'PATH={quoted(path)}:"$PATH"']
    words += [f"{name}={quoted(value)}" for name, value in variables.items()]
    if cores:
        words += ["taskset", "--cpu-list", ",".join(map(str, cores))]
    return " ".join(["env", *words, *map(argument, command)])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("role", choices=["train", "predict"])
    parser.add_argument("--environment", type=Path, required=True, help="an environment.json")
    parser.add_argument(
        "--description",
        type=json.loads,
        default={},
        help="what the framework's description says of starting it and of its log, as JSON",
    )
    parser.add_argument("--compute-threads", type=int, required=True)
    parser.add_argument("--timed", action="store_true", help="pin the program to its cores")
    parser.add_argument("--time-limit", type=float, required=True, help="seconds")
    parser.add_argument("--memory-limit", type=float, help="GiB")
    parser.add_argument("--repeats", type=int, required=True, help="epochs, or predictions")
    parser.add_argument(
        "--left-out", help="why the program must not run: nothing is started, and this is recorded"
    )
    parser.add_argument(
        "--operations", type=float, help="floating-point operations of an epoch or a prediction"
    )
    parser.add_argument("--model", type=Path, required=True, help="a training's folder")
    parser.add_argument("--trained", type=Path, help="the metrics of a prediction's training")
    parser.add_argument("--scores", type=Path, help="what a prediction writes")
    parser.add_argument("--images", type=int, help="how many images the scores are for")
    parser.add_argument("--schema", type=Path, required=True, help="what the metrics must fit")
    parser.add_argument("--metrics", type=Path, required=True)
    parser.add_argument("command", nargs="+")
    args = parser.parse_args()

    if args.left_out:
        leave_out(args)
        return

    if args.role == "predict":
        check_unchanged(args.model, read_json(args.trained)["model_sha256"])
    cores, calibration = make_ready(args.compute_threads, timed=args.timed)
    environment = read_json(args.environment)
    settings = (environment, args.environment.parent, args.compute_threads, args.description)
    written = {"train": args.model, "predict": args.scores}[args.role]
    path, variables = program_path(*settings[:2]), own_variables(*settings)
    print("$", by_hand(args.command, path, variables, cores, written), flush=True)
    reads = [Path(word) for word in args.command if Path(word).is_file()]
    reads += [args.model] if args.role == "predict" else []
    before = fingerprint(reads)
    try:
        result = launch(
            args.command,
            program_variables(*settings),
            cores,
            args.time_limit,
            args.description.get("milestones", {}),
            memory_limit=args.memory_limit,
        )
    except InputError as error:
        # Few programs say it themselves.
        if shutil.disk_usage(args.metrics.parent).free < FULL_DISK:
            folder = args.metrics.parent
            raise InputError(
                f"no space left on the disk for {folder}; free some and rerun: {error}"
            ) from None
        raise
    check_reads(before, fingerprint(reads))
    milestones = result["milestones"]
    check_milestones(
        [milestone["name"] for milestone in milestones],
        expected_milestones(args.role, args.repeats),
    )
    # A time that nobody reads cannot be wrong.
    if args.timed and args.operations:
        check_speed(milestones, args.role, args.operations, calibration)
    if args.role == "predict":
        check_scores(args.scores, args.images)
    metrics = {
        "role": args.role,
        "command": args.command,
        "environment": {key: environment[key] for key in ("name", "kind", "packages")},
        "timed": args.timed,
        "compute_threads": args.compute_threads,
        "cores": cores,
        "threads_used": threads_used(milestones),
        "calibration_gflops": calibration,
        "machine": machine(),
        "spans": spans(milestones, result["wall_seconds"]),
        **result,
        "model_sha256": sha256(args.model),
        **({"scores_sha256": sha256(args.scores)} if args.role == "predict" else {}),
    }
    write_metrics(metrics, args.schema, args.metrics)


def leave_out(args: argparse.Namespace) -> None:
    """Start nothing: leave an empty model or no scores, and metrics that say why."""
    print(f"left out: {args.left_out}", flush=True)
    if args.role == "train":
        args.model.mkdir(parents=True, exist_ok=True)
    else:
        args.scores.write_bytes(b"")
    write_metrics({"role": args.role, "left_out": args.left_out}, args.schema, args.metrics)


def write_metrics(metrics: dict, schema: Path, path: Path) -> None:
    validate(metrics, read_yaml(schema), str(path))
    with whole_file(path) as part:
        part.write_text(json.dumps(metrics, indent=1) + "\n")


def read_json(path: Path) -> Any:
    try:
        return json.loads(path.read_text())
    except ValueError:
        raise InputError(f"{path} is not valid JSON; delete it and rerun.") from None


if __name__ == "__main__":
    run(main)
