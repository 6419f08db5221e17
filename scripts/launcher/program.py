"""Run a program to its end: stamp its milestones with one clock, watch it, end what it leaves."""

import os
import re
import resource
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from queue import SimpleQueue
from typing import IO, Any

import psutil
from launcher import processes
from launcher.milestones import milestone_finder
from launcher.program_log import ProgramLog
from shared.efficiency import ended_line
from shared.script import InputError

# How much of a failed program's output the error shows.
TAIL_LINES = 15
TAIL_CHARACTERS = 1000
# Characters. Longer lines are read in pieces, because no milestone is so long.
LONGEST_LINE = 2**16
# Seconds between two looks at a program's memory; each takes some 2 ms of another core.
WATCH_SECONDS = 2.0
# The share of the machine's memory that a program may use, if no other limit is set. Beyond it, the
# kernel's OOM killer chooses a victim, which may be Snakemake.
MEMORY_SHARE = 0.9
# Seconds that processes which outlive their program have to end by themselves.
GRACE_SECONDS = 1.0
# The last line of a program that cannot do what a setting asks for (docs/contract.md). A library
# that cannot be opened, no memory, or an exception is a failure like any other.
REFUSAL = re.compile(
    r"(?!.*(Error|Exception)\b).*(\bcannot\b(?! (open|allocate|import)\b)|\binvalid choice\b)"
)


class Refusal(InputError):
    """A program cannot do what a setting asks for; the message is its own last line."""


class Program:
    """A running framework program, in a process group of its own that dies with the launcher."""

    def __init__(
        self,
        command: list[str],
        variables: dict[str, str],
        cores: list[int] | None,
        folder: Path | None = None,
    ):
        def prepare_child() -> None:
            if cores is not None:
                os.sched_setaffinity(0, cores)
            # A shell that starts Snakemake in the background lets it ignore this signal.
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            processes.prctl(processes.PR_SET_PDEATHSIG, signal.SIGKILL)

        processes.adopt_orphans()
        self.others = {process.pid for process in processes.descendants()}
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            command,
            cwd=folder,
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
    """Return why a running program must be stopped, if it must.

    It may not hold more than ``memory_limit`` GiB. It is ended if its Snakemake was killed: the
    next Snakemake would start a second copy.
    """
    snakemake = os.environ.get("SNAKEMAKE_PROCESS")
    if snakemake and processes.is_gone(int(snakemake)):
        return "was stopped, as Snakemake was killed"
    limit = memory_limit or MEMORY_SHARE * psutil.virtual_memory().total / 2**30
    if processes.resident_gib(program.members()) > limit:
        return f"held more than {limit:.3g} GiB of memory and was stopped"
    return None


def failure(status: int, stopped: list[str], tail: list[str]) -> InputError:
    """Return the error of a program that did not end well, with the last lines of its output.

    ``stopped`` says why the launcher ended it, if it did. It is a `Refusal` where the program
    itself ended with one.
    """
    if stopped:
        what = stopped[0]
    elif status < 0:
        what = f"was ended by the signal {signal.Signals(-status).name}"
    elif tail and REFUSAL.match(tail[-1]):
        return Refusal(tail[-1])
    else:
        what = f"failed with exit status {status}"
    return InputError(f"the program {what}; its last lines:\n  " + "\n  ".join(tail))


def launch(
    command: list[str],
    variables: dict[str, str],
    cores: list[int] | None,
    time_limit: float,
    patterns: dict[str, str],
    watch: Callable[[int, str], None] = lambda pid, line: None,
    memory_limit: float | None = None,
    folder: Path | None = None,
) -> dict[str, Any]:
    """Run a program to its end and return its stamped milestones and what it used.

    Args:
        command: the program and its arguments.
        variables: its whole environment.
        cores: the cores that it is pinned to, or None.
        time_limit: seconds after which it is ended.
        patterns: of milestones in its log (`milestone_finder`).
        watch: is told the program's process and each of its lines, when the line has arrived.
        memory_limit: GiB beyond which it is ended; by default `MEMORY_SHARE` of the machine's.
        folder: the folder that it works in; by default this one.

    Raises:
        Refusal: it cannot do what a setting asks for.
        InputError: it cannot be started, fails, or has to be stopped; with the tail of its output.
    """
    cores_before = processes.core_seconds(cores or [])
    try:
        program = Program(command, variables, cores, folder)
    except (FileNotFoundError, PermissionError):
        # A folder on the PATH that this user may not read counts as missing.
        raise InputError(
            f"'{command[0]}' is not in the environment of this framework, nor on the PATH."
        ) from None
    stopped: list[str] = []
    ended = threading.Event()

    def guard() -> None:
        """Stop the program if it must be stopped. This also ends its output."""
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
        # A child that ends while processes are read is missed once. What it used remains used.
        used = [milestone["cpu_seconds"] for milestone in milestones[-1:]]
        cpu_seconds = max([processes.processor_seconds(program.members()), *used])
        milestones.append({"name": name, "seconds": seconds, "cpu_seconds": cpu_seconds})

    def see_to_the_end() -> None:
        """After the program, end what it has left behind, which may keep its output open."""
        exits.append(program.await_exit())
        if names := program.end_left_behind():
            print(f"ended what the program left running: {', '.join(names)}", flush=True)

    # Separate threads only stamp the lines. So no stamp waits until the previous line is handled,
    # and neither pipe can fill up and stop the program.
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
        print(ended_line(time.monotonic() - program.started, len(cores or [0])), flush=True)
    if status != 0:
        raise failure(status, stopped, list(tail))
    # Some may have come on the output, others in the log.
    milestones.sort(key=lambda milestone: milestone["seconds"])
    # A line may be read after the exit has been noticed.
    wall = max([exits[0], *(milestone["seconds"] for milestone in milestones[-1:])])
    cpu_seconds = usage.ru_utime + usage.ru_stime
    return {
        "milestones": milestones,
        "wall_seconds": wall,
        "cpu_seconds": cpu_seconds,
        "peak_memory_mib": usage.ru_maxrss / 2**10,
        # CPU time is counted in hundredths of a second, so this could be slightly negative.
        "other_load": max(
            0.0, (processes.core_seconds(cores) - cores_before - cpu_seconds) / wall / len(cores)
        )
        if cores
        else None,
    }
