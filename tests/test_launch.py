"""The launcher, driven as the workflow drives it: in a process of its own, with a fake program.

What else a program can do wrong is in tests/test_lying_programs.py, without a process for each.
"""

import hashlib
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from launcher import processes, program
from launcher.machine import machine
from launcher.milestones import threads_used
from launcher.processes import is_gone
from rule_scripts import start_script

ROOT = Path(__file__).parent.parent
HEALTHY = """
import sys
for milestone in ["ready", "loaded", "built", "epoch 1", "epoch 2", "saved"]:
    print(milestone, flush=True)
"""
PREDICTOR = """
import json
import sys
import numpy as np
scores = {scores}
for milestone in ["ready", "loaded", "built", "predicted 1"]:
    print(milestone, flush=True)
np.asarray(scores, dtype="<f4").tofile(json.load(open(sys.argv[1]))["scores"])
print("saved", flush=True)
"""


@pytest.fixture
def environment(tmp_path):
    """An environment whose Python is the tests' own."""
    path = tmp_path / "environment.json"
    record = {
        "name": "fake",
        "kind": "local",
        "path": [str(Path(sys.executable).parent)],
        "variables": {},
        "packages": {},
    }
    path.write_text(json.dumps(record))
    return path


def start(
    tmp_path, environment, program, *, role="train", repeats=2, limit=60, timed=False, threads=1,
    description=None, settings=None, scores=None, left_out=None, command=None,
):  # fmt: skip
    """Start a run's script on a program's text; return its process. Its log is ``log``."""
    script = tmp_path / "program.py"
    script.write_text(program)
    folder = tmp_path / "model"
    folder.mkdir(exist_ok=True)
    trained = tmp_path / "trained.json"
    # Of a folder without a file: the checksum of nothing.
    trained.write_text(json.dumps({"model_sha256": hashlib.sha256().hexdigest()}))
    read = {"train": {"weights": script}, "predict": {"model": folder, "trained": trained}}
    written = {"train": {"model": folder}, "predict": {"scores": scores}}
    return start_script(
        f"runs/{role}.py",
        tmp_path,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT / "scripts")},
        input={
            "environment": environment,
            "schema": ROOT / "schemas" / "metrics.schema.yaml",
            **read[role],
        },
        output={"metrics": tmp_path / "metrics.json", **written[role]},
        params={
            "program": {
                "commands": {role: command or f"python {script}"},
                "milestones": {},
                **(description or {}),
            },
            "settings": settings or {},
            "launch": {
                role: {
                    "timed": timed, "threads": threads, "repeats": repeats, "operations": 1.0,
                    "images": 4,
                },
            },
            "limits": {"seconds": limit, "gib": None},
            "left_out": left_out,
        },
        log={"log": tmp_path / "log", f"{role}_settings": tmp_path / "settings.json"},
    )  # fmt: skip


def launch(tmp_path, environment, program, **options):
    """Run a run's script on a program's text; return its exit status and its log."""
    status = start(tmp_path, environment, program, **options).wait(timeout=60)
    return status, (tmp_path / "log").read_text()


def test_records_a_healthy_program(tmp_path, environment):
    status, output = launch(tmp_path, environment, HEALTHY, timed=True)
    assert status == 0, output
    metrics = json.loads((tmp_path / "metrics.json").read_text())
    names = [milestone["name"] for milestone in metrics["milestones"]]
    assert names == ["ready", "loaded", "built", "epoch 1", "epoch 2", "saved"]
    stamps = [milestone["seconds"] for milestone in metrics["milestones"]]
    assert stamps == sorted(stamps)
    assert sum(metrics["spans"].values()) == pytest.approx(metrics["wall_seconds"])
    assert metrics["command"][0] == "python"
    assert metrics["timed"] is True
    # A line for a shell stands in the log, to repeat the program by hand.
    assert output.startswith("$ sed ")
    assert " && env PATH=" in output.splitlines()[0]
    # The share of the programs in a run's time is computed from this line.
    ended = re.search(r"^\[program: (\d+\.\d{3}) s, cores: 1\]$", output, re.MULTILINE)
    assert metrics["wall_seconds"] - 0.001 <= float(ended[1]) < metrics["wall_seconds"] + 5


def test_the_first_line_of_the_log_repeats_the_program(tmp_path, environment):
    """In a shell without any of these variables, and without touching what the run wrote."""
    program = (
        HEALTHY
        + """
import json, os
settings = json.load(open(sys.argv[1]))
state = {"variables": dict(os.environ), "cores": sorted(os.sched_getaffinity(0)), "told": settings}
os.makedirs(settings["model"], exist_ok=True)
open(settings["model"] + "/state.json", "w").write(json.dumps(state))
"""
    )
    description = {"variables": {"KERAS_HOME": "{environment}/a folder", "QUOTED": "a 'b' \"$c\""}}
    settings = {"words": "two words", "home": "$HOME"}
    status, log = launch(
        tmp_path, environment, program, timed=True, description=description, settings=settings
    )
    assert status == 0, log
    first = json.loads((tmp_path / "model" / "state.json").read_text())
    (tmp_path / "model" / "state.json").unlink()

    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    subprocess.run(
        ["bash", "-c", log.splitlines()[0].removeprefix("$ ")],
        env={"PATH": "/usr/bin:/bin", "TMPDIR": str(elsewhere)},
        cwd=ROOT,
        check=True,
    )
    again = json.loads((elsewhere / "model" / "state.json").read_text())
    assert not (tmp_path / "model" / "state.json").exists()
    assert again["cores"] == first["cores"]
    assert first["told"]["model"] == str(tmp_path / "model")
    assert again["told"] == {**first["told"], "model": str(elsewhere / "model")}
    assert (first["told"]["words"], first["told"]["home"]) == ("two words", "$HOME")
    assert again["variables"]["PATH"].startswith(f"{Path(sys.executable).parent.resolve()}:")
    of_the_shell = {"PATH", "TMPDIR", "PWD", "OLDPWD", "SHLVL", "_", "LC_CTYPE"}
    for name in set(again["variables"]) - of_the_shell:
        assert again["variables"][name] == first["variables"][name], name
    assert {"OMP_NUM_THREADS", "KERAS_HOME", "QUOTED"} <= set(again["variables"])
    # The workflow's own modules are none of the program's.
    assert "PYTHONPATH" not in first["variables"]


def test_stamps_milestones_when_they_arrive(tmp_path, environment):
    program = HEALTHY.replace("import sys", "import sys, time").replace(
        "    print", "    time.sleep(1 if milestone == 'epoch 1' else 0)\n    print"
    )
    assert launch(tmp_path, environment, program)[0] == 0
    spans = json.loads((tmp_path / "metrics.json").read_text())["spans"]
    # The one that slept took longer; how long is the machine's affair.
    assert spans["epoch 1"] > spans["epoch 2"]


def test_variables_of_a_framework_reach_its_program(tmp_path, environment):
    program = HEALTHY + "\nimport os; print('home', os.environ['HOME'])"
    asked = {"variables": {"HOME": "{environment}/home"}}
    status, output = launch(tmp_path, environment, program, description=asked)
    assert status == 0, output
    assert f"home {environment.parent.resolve()}/home\n" in output


def test_pins_a_timed_program_to_its_cores(tmp_path, environment):
    program = HEALTHY + "import os; print('cores', *os.sched_getaffinity(0))"
    program += (
        "\nprint('threads', os.environ['OMP_NUM_THREADS'], os.environ['OPENBLAS_NUM_THREADS'])"
    )
    _, timed = launch(tmp_path, environment, program, timed=True)
    assert f"cores {max(os.sched_getaffinity(0))}\n" in timed
    assert "threads 1 1\n" in timed
    _, untimed = launch(tmp_path, environment, program)
    assert f"cores {' '.join(map(str, sorted(os.sched_getaffinity(0))))}\n" in untimed


def test_milestones_in_a_log(tmp_path, environment):
    """A framework that prints a log of its own prints no milestones; patterns find them there."""
    program = """
import sys
for line in ["I0101 using a CPU", "I0101 reading", "I0101 reading", "I0101 solving", "step 0",
             "step 10", "step 20", "I0101 done", "I0101 done"]:
    print(line, file=sys.stderr, flush=True)
"""
    patterns = {"ready": "CPU$", "loaded": "reading", "built": "solving", "saved": r"\d+ done"}
    patterns["epoch"] = "step [1-9]"
    status, log = launch(tmp_path, environment, program, description={"milestones": patterns})
    assert status == 0, log
    metrics = json.loads((tmp_path / "metrics.json").read_text())
    names = [milestone["name"] for milestone in metrics["milestones"]]
    assert names == ["ready", "loaded", "built", "epoch 1", "epoch 2", "saved"]


def test_processor_seconds_of_a_program_that_has_ended_are_kept(tmp_path, environment):
    """A program may be a chain of others: each one's processor time counts, also after its end."""
    burn = "import time\nwhile time.process_time() < 0.5: pass"
    program = HEALTHY.replace(
        "import sys", f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {burn!r}])"
    )
    assert launch(tmp_path, environment, program)[0] == 0
    milestones = json.loads((tmp_path / "metrics.json").read_text())["milestones"]
    # The operating system counts in ticks.
    assert milestones[0]["cpu_seconds"] > 0.4


def test_processor_seconds_never_fall(monkeypatch):
    """A process that ends while it is read is missed: its parent was read before it had ended."""
    readings = iter([0.2, 0.9, 0.3, 1.1])
    monkeypatch.setattr(processes, "processor_seconds", lambda members: next(readings))
    names = ["ready", "built", "epoch 1", "saved"]
    lines = [sys.executable, "-c", f"for name in {names}: print(name, flush=True)"]
    milestones = program.launch(lines, dict(os.environ), None, 60, {})["milestones"]
    assert [milestone["cpu_seconds"] for milestone in milestones] == [0.2, 0.9, 0.9, 1.1]
    assert threads_used(milestones) == 0


def test_old_openblas_is_told_its_kernels(tmp_path, environment, monkeypatch):
    monkeypatch.delenv("OPENBLAS_CORETYPE", raising=False)
    extensions = machine()["vector_extensions"]
    program = HEALTHY + "\nimport os; print('kernels', os.environ.get('OPENBLAS_CORETYPE'))"
    kernels = {"none": "Wrong", **dict.fromkeys(extensions, "Right")}
    asked = {"openblas_kernels": kernels}
    _, output = launch(tmp_path, environment, program, description=asked)
    assert f"kernels {'Right' if extensions else None}\n" in output
    monkeypatch.setenv("OPENBLAS_CORETYPE", "Chosen")
    _, output = launch(tmp_path, environment, program, description=asked)
    assert "kernels Chosen\n" in output


def test_a_program_that_is_not_there(tmp_path, environment):
    status, log = launch(tmp_path, environment, HEALTHY, command="no-such-program")
    assert status == 1
    assert "error: 'no-such-program' is not in the environment of this framework" in log


@pytest.mark.parametrize("score", ["1.0", "np.nan", "-np.inf"])
def test_scores_of_a_good_and_of_a_diverged_network(tmp_path, environment, score):
    path = tmp_path / "scores.f32"
    program = PREDICTOR.format(scores=f"np.full((4, 10), {score})")
    status, log = launch(tmp_path, environment, program, role="predict", repeats=1, scores=path)
    assert status == 0, log
    scores = np.fromfile(path, dtype="<f4")
    assert np.array_equal(scores, np.full(40, eval(score), "<f4"), equal_nan=True)
    metrics = json.loads((tmp_path / "metrics.json").read_text())
    assert metrics["scores_sha256"] == hashlib.sha256(scores.tobytes()).hexdigest()


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel of Linux ends orphans")
def test_a_killed_launcher_takes_the_program_with_it(tmp_path, environment):
    mark = tmp_path / "pid"
    program = (
        f"import os, time\nopen({str(mark)!r}, 'w').write(str(os.getpid()))\n"
        "print('ready', flush=True)\ntime.sleep(1000)"
    )
    process = start(tmp_path, environment, program)
    deadline = time.monotonic() + 30
    while not mark.exists() or not mark.read_text():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    process.kill()
    process.wait()
    pid = int(mark.read_text())
    deadline = time.monotonic() + 30
    # Where the machine's first process collects no orphans, an ended one stays in /proc.
    while not is_gone(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert is_gone(pid)


def test_what_is_left_out_is_not_started(tmp_path, environment):
    program = "raise SystemExit(1)"
    status, output = launch(tmp_path, environment, program, left_out="it differs.")
    assert status == 0, output
    assert output == "left out: it differs.\n"
    metrics = json.loads((tmp_path / "metrics.json").read_text())
    assert metrics == {"role": "train", "left_out": "it differs."}
    assert list((tmp_path / "model").iterdir()) == []
