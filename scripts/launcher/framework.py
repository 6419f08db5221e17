"""A framework's programs where no time is taken: in gates, warm-ups and preparations."""

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from launcher.command import command_with
from launcher.milestones import check_milestones, expected_milestones
from launcher.program import launch
from launcher.variables import program_variables
from shared.script import Job, read_json


@dataclass(frozen=True)
class Framework:
    """How a framework's programs are started.

    Attributes:
        commands: By role: prepare, train, predict.
        variables: The whole environment of a program.
        patterns: Of milestones in a framework's own log (`milestones.milestone_finder`).
        time_limit, memory_limit: Seconds and GiB beyond which a program is stopped; None is the
            launcher's own limit.
    """

    commands: dict[str, str]
    variables: dict[str, str]
    patterns: dict[str, str]
    time_limit: float
    memory_limit: float | None = None

    @classmethod
    def of(cls, job: Job) -> "Framework":
        """Return the framework of a rule that has the parameters ``program`` and ``limits``."""
        program, limits = job.params.program, job.params.limits
        environment = Path(job.input.environment)
        # One thread, as nothing here is timed.
        variables = program_variables(read_json(environment), environment.parent, 1, program)
        return cls(
            program["commands"], variables, program["milestones"], limits["seconds"], limits["gib"]
        )

    def run(
        self, role: str, settings: dict[str, Any], folder: Path, repeats: int | None = None
    ) -> float:
        """Run a program to its end; return the seconds that it took.

        Args:
            role: which program it is.
            settings: the program's settings, with paths; their file is written to ``folder``.
            repeats: the epochs or predictions whose milestones must be there; None asks for none.

        Raises:
            Refusal: it cannot do what a setting asks for.
            InputError: it fails, or has to be stopped.
        """
        settings = {
            key: str(value) if isinstance(value, Path) else value for key, value in settings.items()
        }
        command = command_with(self.commands[role], settings, folder / "settings.json")
        print("$", *command, json.dumps(settings), flush=True)
        started = time.monotonic()
        result = launch(
            command,
            self.variables,
            None,
            self.time_limit,
            self.patterns if repeats is not None else {},
            memory_limit=self.memory_limit,
        )
        if repeats is not None:
            names = [milestone["name"] for milestone in result["milestones"]]
            check_milestones(names, expected_milestones(role, repeats))
        return time.monotonic() - started
