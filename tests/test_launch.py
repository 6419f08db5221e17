"""The launcher, driven as the workflow drives it, with a tiny fake program for each failure."""

import hashlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path

from launcher import launch as launcher
import numpy as np
import pytest
from launcher.processes import is_gone

ROOT = Path(__file__).parent.parent
HEALTHY = """
import sys
for milestone in ["ready", "loaded", "built", "epoch 1", "epoch 2", "saved"]:
    print(milestone, flush=True)
"""
PREDICTOR = """
import sys
import numpy as np
scores = {scores}
for milestone in ["ready", "loaded", "built", "predicted 1"]:
    print(milestone, flush=True)
np.asarray(scores, dtype="<f4").tofile(sys.argv[1])
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


def model(tmp_path, role):
    """Return the flags for a model: the folder, and for a prediction what its training recorded."""
    folder = tmp_path / "model"
    folder.mkdir(exist_ok=True)
    if role == "train":
        return ["--model", folder]
    trained = tmp_path / "train.json"
    # Of a folder without a file: the checksum of nothing.
    trained.write_text(json.dumps({"model_sha256": hashlib.sha256().hexdigest()}))
    return ["--model", folder, "--trained", trained]


def start(tmp_path, environment, program, *flags, role="train", repeats=2, limit=60, arguments=()):
    """Start the launcher on a program's text; return its process."""
    script = tmp_path / "program.py"
    script.write_text(program)
    command = [
        *(sys.executable, ROOT / "scripts" / "launch.py", role),
        *("--environment", environment, "--compute-threads", "1", "--time-limit", str(limit)),
        *("--repeats", str(repeats), "--schema", ROOT / "schemas" / "metrics.schema.yaml"),
        *("--metrics", tmp_path / "metrics.json", *model(tmp_path, role), *flags),
        *("--", "python", script, *arguments),
    ]
    return subprocess.Popen(
        list(map(str, command)),
        cwd=ROOT,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def launch(*arguments, **options):
    process = start(*arguments, **options)
    output, errors = process.communicate(timeout=60)
    return process.returncode, output, errors


def fails_with(tmp_path, environment, program, sentence, **options):
    """The launcher ends in an error with this sentence, no traceback, and leaves no metrics."""
    status, _, errors = launch(tmp_path, environment, program, **options)
    assert status == 1
    assert sentence in errors
    assert 'Traceback (most recent call last)\n  File "/' not in errors.split("its last lines")[0]
    assert not (tmp_path / "metrics.json").exists()
    assert not list(tmp_path.glob(".metrics*"))


def test_records_a_healthy_program(tmp_path, environment):
    status, output, errors = launch(tmp_path, environment, HEALTHY, "--timed")
    assert status == 0, errors
    metrics = json.loads((tmp_path / "metrics.json").read_text())
    names = [milestone["name"] for milestone in metrics["milestones"]]
    assert names == ["ready", "loaded", "built", "epoch 1", "epoch 2", "saved"]
    stamps = [milestone["seconds"] for milestone in metrics["milestones"]]
    assert stamps == sorted(stamps)
    assert sum(metrics["spans"].values()) == pytest.approx(metrics["wall_seconds"])
    assert metrics["command"][0] == "python"
    assert metrics["timed"] is True
    # The whole command stands in the log, to be repeated by hand.
    assert output.startswith("$ env PATH=")


def test_the_first_line_of_the_log_repeats_the_program(tmp_path, environment):
    """In a shell without any of these variables, and without touching what the run wrote."""
    program = (
        HEALTHY
        + """
import json, os
state = {"variables": dict(os.environ), "cores": sorted(os.sched_getaffinity(0)), "all": sys.argv}
os.makedirs(sys.argv[1], exist_ok=True)
open(sys.argv[1] + "/state.json", "w").write(json.dumps(state))
"""
    )
    description = {"variables": {"KERAS_HOME": "{environment}/a folder", "QUOTED": "a 'b' \"$c\""}}
    flags = ["--timed", "--description", json.dumps(description)]
    words = [tmp_path / "model", "two words", "$HOME"]
    status, output, errors = launch(tmp_path, environment, program, *flags, arguments=words)
    assert status == 0, errors
    first = json.loads((tmp_path / "model" / "state.json").read_text())
    (tmp_path / "model" / "state.json").unlink()

    elsewhere = tmp_path / "elsewhere"
    subprocess.run(
        ["bash", "-c", output.splitlines()[0].removeprefix("$ ")],
        env={"PATH": "/usr/bin:/bin", "TMPDIR": str(elsewhere)},
        cwd=ROOT,
        check=True,
    )
    again = json.loads((elsewhere / "model" / "state.json").read_text())
    assert not (tmp_path / "model" / "state.json").exists()
    assert again["cores"] == first["cores"]
    assert again["all"][2:] == first["all"][2:] == ["two words", "$HOME"]
    assert again["variables"]["PATH"].startswith(f"{Path(sys.executable).parent.resolve()}:")
    of_the_shell = {"PATH", "TMPDIR", "PWD", "OLDPWD", "SHLVL", "_", "LC_CTYPE"}
    for name in set(again["variables"]) - of_the_shell:
        assert again["variables"][name] == first["variables"][name], name
    assert {"OMP_NUM_THREADS", "KERAS_HOME", "QUOTED"} <= set(again["variables"])


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
    asked = json.dumps({"variables": {"HOME": "{environment}/home"}})
    status, output, errors = launch(tmp_path, environment, program, "--description", asked)
    assert status == 0, errors
    assert f"home {environment.parent.resolve()}/home\n" in output


@pytest.mark.skipif(
    not hasattr(os, "sched_getaffinity"), reason="cores can be pinned on Linux only"
)
def test_pins_a_timed_program_to_its_cores(tmp_path, environment):
    program = HEALTHY + "import os; print('cores', *os.sched_getaffinity(0))"
    program += (
        "\nprint('threads', os.environ['OMP_NUM_THREADS'], os.environ['OPENBLAS_NUM_THREADS'])"
    )
    _, timed, _ = launch(tmp_path, environment, program, "--timed")
    assert f"cores {max(os.sched_getaffinity(0))}\n" in timed
    assert "threads 1 1\n" in timed
    _, untimed, _ = launch(tmp_path, environment, program)
    assert f"cores {' '.join(map(str, sorted(os.sched_getaffinity(0))))}\n" in untimed


def test_refuses_more_threads_than_cores(tmp_path, environment):
    process = start(tmp_path, environment, HEALTHY, "--timed", "--compute-threads", "100000")
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "error: measurement.compute_threads is 100000, but this machine gives" in errors


def test_a_crash_shows_the_tail_of_the_output(tmp_path, environment):
    program = "print('ready', flush=True)\nraise ValueError('the matrix is full')"
    fails_with(tmp_path, environment, program, "failed with exit status 1; its last lines:")
    _, _, errors = launch(tmp_path, environment, program)
    assert "ValueError: the matrix is full" in errors


def test_a_killed_program(tmp_path, environment):
    program = "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)"
    fails_with(tmp_path, environment, program, "was ended by the signal SIGKILL")


def test_a_hanging_program_is_stopped(tmp_path, environment):
    program = "import time\nprint('ready', flush=True)\ntime.sleep(1000)"
    sentence = "ran longer than 1 s and was stopped"
    fails_with(tmp_path, environment, program, sentence, limit=1)


def test_no_milestone(tmp_path, environment):
    fails_with(
        tmp_path, environment, "print('hello')", "printed no milestone; 'ready' comes first."
    )


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
    description = json.dumps({"milestones": patterns})
    status, _, errors = launch(tmp_path, environment, program, "--description", description)
    assert status == 0, errors
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


def test_old_openblas_is_told_its_kernels(tmp_path, environment, monkeypatch):
    monkeypatch.delenv("OPENBLAS_CORETYPE", raising=False)
    extensions = launcher.machine()["vector_extensions"]
    program = HEALTHY + "\nimport os; print('kernels', os.environ.get('OPENBLAS_CORETYPE'))"
    kernels = {"none": "Wrong", **dict.fromkeys(extensions, "Right")}
    flags = ["--description", json.dumps({"openblas_kernels": kernels})]
    _, output, _ = launch(tmp_path, environment, program, *flags)
    assert f"kernels {'Right' if extensions else None}\n" in output
    monkeypatch.setenv("OPENBLAS_CORETYPE", "Chosen")
    _, output, _ = launch(tmp_path, environment, program, *flags)
    assert "kernels Chosen\n" in output


def test_an_epoch_too_few(tmp_path, environment):
    program = HEALTHY.replace(', "epoch 2"', "")
    fails_with(tmp_path, environment, program, "'saved' where 'epoch 2' is due.")


def test_an_epoch_too_many(tmp_path, environment):
    sentence = "'epoch 2' where 'saved' is due."
    fails_with(tmp_path, environment, HEALTHY, sentence, repeats=1)


def test_ends_without_saving(tmp_path, environment):
    program = HEALTHY.replace(', "saved"', "")
    fails_with(tmp_path, environment, program, "ended without printing 'saved'.")


def test_a_program_that_is_not_there(tmp_path, environment):
    process = start(tmp_path, environment, HEALTHY)
    process.kill()
    process.wait()
    command = [argument.replace("python", "no-such-program") for argument in process.args[-2:-1]]
    flags = [*process.args[:-2], *command]
    result = subprocess.run(flags, cwd=ROOT, text=True, capture_output=True)
    assert result.returncode == 1
    assert "error: 'no-such-program' is not in the environment of this framework" in result.stderr


@pytest.mark.parametrize(
    ("scores", "sentence"),
    [
        ("np.zeros((3, 10))", "too few scores"),
        ("np.zeros((5, 10))", "too many scores"),
    ],
)
def test_bad_scores(tmp_path, environment, scores, sentence):
    path = tmp_path / "scores.f32"
    status, _, errors = launch(
        *(tmp_path, environment, PREDICTOR.format(scores=scores)),
        *("--scores", path, "--images", "4"),
        role="predict",
        repeats=1,
        arguments=[path],
    )
    assert status == 1
    assert sentence in errors
    assert not (tmp_path / "metrics.json").exists()


@pytest.mark.parametrize("score", ["1.0", "np.nan", "-np.inf"])
def test_scores_of_a_good_and_of_a_diverged_network(tmp_path, environment, score):
    path = tmp_path / "scores.f32"
    status, _, errors = launch(
        *(tmp_path, environment, PREDICTOR.format(scores=f"np.full((4, 10), {score})")),
        *("--scores", path, "--images", "4"),
        role="predict",
        repeats=1,
        arguments=[path],
    )
    assert status == 0, errors
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
    assert process.stdout.readline().startswith("$")
    assert process.stdout.readline().endswith("ready\n")
    process.kill()
    process.wait()
    pid = int(mark.read_text())
    deadline = time.monotonic() + 30
    # Where the machine's first process collects no orphans, an ended one stays in /proc.
    while not is_gone(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert is_gone(pid)


def test_what_is_left_out_is_not_started(tmp_path, environment):
    flags = ["--left-out", "it differs."]
    status, output, errors = launch(tmp_path, environment, "raise SystemExit(1)", *flags)
    assert status == 0, errors
    assert output == "left out: it differs.\n"
    metrics = json.loads((tmp_path / "metrics.json").read_text())
    assert metrics == {"role": "train", "left_out": "it differs."}
    assert list((tmp_path / "model").iterdir()) == []
