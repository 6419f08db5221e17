"""Programs that lie or fail: each ends in one sentence, and none leaves metrics.

Small shell scripts, started as a run's programs are, on a machine that computes 50 GFLOP/s.
"""

import json
import subprocess
import time
from contextlib import nullcontext
from pathlib import Path

import psutil
import pytest
from launcher import milestones
from rule_scripts import job
from runs import measure
from shared.digests import sha256
from shared.script import InputError

ROOT = Path(__file__).parent.parent
GFLOPS = 50
# Operations of an epoch that takes no time, and of one that takes 10 s at five times that speed.
NEXT_TO_NONE, MANY = 1.0, 2.5e12
IMAGES = 4
SCORES = 'head -c 160 /dev/zero > "$scores"'
WORK = "true"
TRAIN = [
    "echo ready", "echo loaded", "echo built", WORK, "echo epoch 1", WORK, "echo epoch 2",
    'mkdir -p "$model"; echo weights > "$model/weights"', "echo saved",
]  # fmt: skip
PREDICT = [
    "echo ready", "echo loaded", "echo built", WORK, "echo predicted 1", WORK, "echo predicted 2",
    SCORES, "echo saved",
]  # fmt: skip


def without(program, line):
    assert line in program
    return [each for each in program if each != line]


def instead(program, line, *others):
    place = program.index(line)
    return [*program[:place], *others, *program[place + 1 :]]


def before(program, line, *others):
    return instead(program, line, *others, line)


@pytest.fixture
def run(tmp_path, monkeypatch, capfd):
    """Return a function that launches a program as a run does; it returns metrics and output."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(measure, "reserved", lambda threads: nullcontext())
    monkeypatch.setattr(measure, "calibrate", lambda cores: GFLOPS)
    environment = tmp_path / "environment.json"
    record = {"name": "fake", "kind": "local", "path": ["/bin"], "variables": {}, "packages": {}}
    environment.write_text(json.dumps(record))
    (tmp_path / "images.f32").write_bytes(bytes(64))
    (tmp_path / "weights.f32").write_bytes(bytes(4))
    model, scores = tmp_path / "model", tmp_path / "scores.f32"
    model.mkdir()

    def start(role, program, limit=30, memory=None, operations=NEXT_TO_NONE):
        metrics = tmp_path / f"{role}.json"
        trained = tmp_path / "trained.json"
        if not trained.exists():
            trained.write_text(json.dumps({"model_sha256": sha256(model)}))
        script = tmp_path / "program.sh"
        script.write_text(f"model={model}; scores={scores}\n" + "\n".join(program))
        read = {"train_images": "images.f32", "weights": tmp_path / "weights.f32"}
        if role == "predict":
            read = {"test_images": "images.f32", "model": model, "trained": trained}
        written = {"model": model} if role == "train" else {"scores": scores}
        described = job(
            input={
                "environment": environment,
                "schema": ROOT / "schemas" / "metrics.schema.yaml",
                **read,
            },
            output={"metrics": metrics, **written},
            params={
                "program": {"commands": {role: f"bash {script}"}, "milestones": {}},
                "settings": {"seed": 1},
                "launch": {
                    role: {
                        "timed": True,
                        "threads": 1,
                        "repeats": 2,
                        "operations": operations,
                        "images": IMAGES,
                    }
                },
                "limits": {"seconds": limit, "gib": memory},
                "left_out": None,
            },
            log={f"{role}_settings": tmp_path / f"{role}-settings.json"},
        )
        try:
            {"train": measure.train, "predict": measure.predict}[role](described)
        except InputError:
            assert not metrics.exists()
            assert not list(tmp_path.glob(".*.part"))
            raise
        return json.loads(metrics.read_text()), capfd.readouterr().out

    return start


@pytest.mark.parametrize(("role", "program"), [("train", TRAIN), ("predict", PREDICT)])
def test_an_honest_program(run, role, program):
    metrics, _ = run(role, program)
    names = [milestone["name"] for milestone in metrics["milestones"]]
    assert [f"echo {name}" for name in names] == [each for each in program if "echo " in each[:5]]


# What a program does, and what is said of it. None of these does the work of its epochs.
FAST = {
    "all lines come at the end": ("train", ["sleep 0.1", *TRAIN], "'epoch 1' came"),
    "a prediction's lines come at the end": (
        "predict",
        ["sleep 0.1", *PREDICT],
        "'predicted 1' came",
    ),
    "the first epoch alone takes time": (
        "train",
        before(TRAIN, "echo epoch 1", "sleep 0.1"),
        "or more: 2.5e+12 operations for each 'epoch', at 5 times the speed",
    ),
    "the second prediction is a repeated line": (
        "predict",
        before(PREDICT, "echo predicted 1", "sleep 0.1"),
        "for each 'predicted'",
    ),
}


@pytest.mark.parametrize("lie", FAST)
def test_work_that_was_not_done_is_an_error(run, lie):
    role, program, sentence = FAST[lie]
    with pytest.raises(InputError) as caught:
        run(role, program, operations=MANY)
    assert sentence in str(caught.value)
    assert "print each milestone when it reaches it, with the line flushed" in str(caught.value)


def at(*seconds):
    """Return milestones at these moments, the first of which is ``built``."""
    names = ["built", *(f"epoch {number}" for number in range(1, len(seconds)))]
    return [{"name": name, "seconds": time} for name, time in zip(names, seconds, strict=True)]


@pytest.mark.parametrize(
    ("moments", "accepted"),
    [
        ((0, 0.5, 1, 1.5), True),
        ((0, 0.495, 1, 1.495), True),
        ((0, 0.48, 1, 1.5), False),
        ((0, 5, 5, 5), False),
        ((0, 5, 5.5, 5.98), False),
        ((0,), True),
    ],
)
def test_how_fast_is_too_fast(moments, accepted):
    """2.5e11 operations at 5 x 100 GFLOP/s are half a second; a stamp may be late by 10 ms."""
    check = (at(*moments), "train", 2.5e11, 100)
    if accepted:
        milestones.check_speed(*check)
    else:
        with pytest.raises(InputError, match="came"):
            milestones.check_speed(*check)


# fmt: off
LIES = {
    # Milestones.
    "nothing is printed": ("train", ["true"], "printed no milestone; 'ready' comes first."),
    "only other lines": ("train", ["echo Ready", "echo epoch"], "printed no milestone"),
    "no ready": ("train", TRAIN[1:], "the milestone 'loaded' where 'ready' is due."),
    "loaded is missing": ("train", without(TRAIN, "echo loaded"), "'built' where 'loaded' is due."),
    "built is missing": ("train", without(TRAIN, "echo built"), "'epoch 1' where 'built' is due."),
    "an epoch too few": ("train", without(TRAIN, "echo epoch 2"), "'saved' where 'epoch 2' is"),
    "an epoch too many": (
        "train",
        before(TRAIN, "echo saved", WORK, "echo epoch 3"),
        "'epoch 3' where 'saved' is due.",
    ),
    "an epoch twice": (
        "train",
        before(TRAIN, "echo epoch 2", "echo epoch 1", WORK),
        "'epoch 1' where 'epoch 2' is due.",
    ),
    "epochs in another order": (
        "train",
        before(without(TRAIN, "echo epoch 2"), "echo epoch 1", "echo epoch 2"),
        "'epoch 2' where 'epoch 1' is due.",
    ),
    "epochs from 0": ("train", instead(TRAIN, "echo epoch 1", "echo epoch 0"), "'epoch 2' where"),
    "no saved": ("train", without(TRAIN, "echo saved"), "ended without printing 'saved'."),
    "saved twice": ("train", [*TRAIN, "echo saved"], "'saved' after its last milestone."),
    "a prediction's milestones in a training": ("train", PREDICT, "'predicted 1' where 'epoch 1'"),
    "a training's milestones in a prediction": ("predict", TRAIN, "'epoch 1' where 'predicted 1'"),
    "a prediction too few": (
        "predict",
        without(PREDICT, "echo predicted 2"),
        "'saved' where 'predicted 2' is due.",
    ),
    "two milestones on a line": (
        "train",
        instead(TRAIN, "echo loaded", "echo loaded built"),
        "'built' where 'loaded' is due.",
    ),
    "a milestone in upper case": ("train", ["echo READY", *TRAIN[1:]], "'loaded' where 'ready'"),
    "spaces before a milestone": ("train", ["echo ' ready'", *TRAIN[1:]], "'loaded' where 'ready'"),
    "a milestone at the end of a long line": (
        "train",
        instead(TRAIN, "echo ready", "head -c 65536 /dev/zero | tr '\\0' x; echo ready"),
        "'loaded' where 'ready' is due.",
    ),
    # Ends.
    "it fails": ("train", ["echo ready", "exit 3"], "the program failed with exit status 3"),
    "it fails after its last milestone": ("train", [*TRAIN, "exit 1"], "failed with exit status 1"),
    "it kills itself": ("train", ["kill -9 $$"], "was ended by the signal SIGKILL"),
    "it is interrupted": ("train", ["kill -INT $$; sleep 1"], "was ended by the signal SIGINT"),
    "it aborts": ("train", ["kill -ABRT $$"], "was ended by the signal SIGABRT"),
    "it refuses": ("train", ["echo 'cannot shuffle' >&2", "exit 2"], "cannot shuffle"),
    "it hangs": ("train", ["echo ready", "sleep 1000"], "ran longer than 1 s and was stopped"),
    "it hangs without output": ("train", ["exec > /dev/null 2>&1; sleep 1000"], "ran longer than"),
    "it closes its output, and hangs": ("train", [*TRAIN, "exec >&- 2>&-; sleep 99"], "ran longer"),
    "it stops itself": ("train", ["kill -STOP $$"], "ran longer than 1 s and was stopped"),
    "it waits for input": ("train", ["read line && echo got"], "failed with exit status 1"),
    # Files.
    "no scores": ("predict", without(PREDICT, SCORES), "the program wrote no scores"),
    "too few scores": (
        "predict",
        instead(PREDICT, SCORES, 'head -c 156 /dev/zero > "$scores"'),
        "too few scores",
    ),
    "too many scores": (
        "predict",
        instead(PREDICT, SCORES, 'head -c 164 /dev/zero > "$scores"'),
        "too many scores",
    ),
    "scores in double precision": (
        "predict",
        instead(PREDICT, SCORES, 'head -c 320 /dev/zero > "$scores"'),
        "too many scores",
    ),
    "a folder in place of the scores": (
        "predict",
        instead(PREDICT, SCORES, 'mkdir "$scores"'),
        "the program wrote no scores",
    ),
    "it changes the images": (
        "train",
        before(TRAIN, "echo saved", "printf x | dd of=images.f32 conv=notrunc 2> /dev/null"),
        "images.f32 has changed while the program ran, which may only read it",
    ),
    "it changes the images and sets their time back": (
        "predict",
        before(PREDICT, "echo saved", "cp -p images.f32 old", "echo x > images.f32",
               "touch -r old images.f32"),
        "images.f32 has changed while the program ran",
    ),
    "it changes the images and puts them back": (
        "predict",
        before(PREDICT, "echo saved", "cp -p images.f32 old", "echo x > images.f32",
               "cp -p old images.f32"),
        "images.f32 has changed while the program ran",
    ),
    "it deletes the images": (
        "train",
        before(TRAIN, "echo saved", "rm images.f32"),
        "images.f32 has changed while the program ran",
    ),
    "it replaces the images": (
        "train",
        before(TRAIN, "echo saved", "cp images.f32 new", "mv new images.f32"),
        "images.f32 has changed while the program ran",
    ),
}
# fmt: on


@pytest.mark.parametrize("lie", LIES)
def test_a_lie_is_an_error(run, lie):
    role, program, sentence = LIES[lie]
    with pytest.raises(InputError) as caught:
        run(role, program, limit=1 if "ran longer" in sentence else 30)
    assert sentence in str(caught.value).splitlines()[0]


def test_a_prediction_that_changes_the_model(run, tmp_path):
    (tmp_path / "model" / "weights").write_text("1 2 3")
    with pytest.raises(InputError, match="weights has changed while the program ran"):
        run("predict", before(PREDICT, "echo saved", 'echo > "$model/weights"'))


@pytest.mark.parametrize("tampering", ["echo 4 > weights", "rm weights", "touch another"])
def test_a_model_that_another_program_has_changed(run, tmp_path, tampering):
    model = tmp_path / "model"
    (model / "weights").write_text("1 2 3")
    run("predict", PREDICT)
    subprocess.run(["bash", "-c", tampering], cwd=model, check=True)
    (tmp_path / "predict.json").unlink()
    with pytest.raises(InputError, match="model has changed since its program wrote it; delete it"):
        run("predict", PREDICT)


def test_memory_of_all_its_processes_counts(run):
    """A process of a session of its own, which is nobody's child any more, holds 200 MB."""
    hold = "setsid python3 -c 'import time; held = bytearray(2 * 10**8); time.sleep(60)' &"
    with pytest.raises(InputError, match=r"held more than 0\.1 GiB of memory and was stopped"):
        run("train", [f"({hold})", "sleep 60"], memory=0.1)


@pytest.mark.parametrize(
    "start", ["sleep 4711 &", "(setsid sleep 4711 &)", "nohup setsid sleep 4711 > /dev/null 2>&1 &"]
)
def test_what_a_program_leaves_running_is_ended(run, start):
    began = time.monotonic()
    metrics, output = run("train", [start, *TRAIN])
    assert "ended what the program left running: sleep" in output
    assert metrics["wall_seconds"] < time.monotonic() - began
    left = [
        each for each in psutil.process_iter(["cmdline"]) if "4711" in (each.info["cmdline"] or [])
    ]
    # A busy machine may need a moment to end what was killed.
    assert psutil.wait_procs(left, timeout=5)[1] == []


def test_what_ends_by_itself_is_not_named(run):
    _, output = run("train", ["(sleep 0.2; :) &", *TRAIN])
    assert "left running" not in output


@pytest.mark.parametrize(
    "flood",
    [
        "yes 'one of many short lines' | head -n 200000",
        "head -c 30000000 /dev/zero | tr '\\0' x; echo",
    ],
)
def test_an_endless_output_is_cut_in_the_middle(run, flood):
    _, output = run("train", [TRAIN[0], "echo first words", flood, "echo last words", *TRAIN[1:]])
    assert len(output) < 3_000_000
    assert "characters of the program's output are cut here]" in output
    cut = output.index("are cut here]")
    assert output.index(" first words\n") < cut < output.rindex(" last words\n")
    # No milestone is lost behind it.
    assert "  saved\n[program: " in output


def test_an_endless_error_output_is_cut_too(run):
    metrics, output = run("train", [TRAIN[0], "yes | head -c 1000000 >&2", *TRAIN[1:]])
    assert len(output) < 3_000_000
    assert "characters of the program's output are cut here]" in output
    assert metrics["milestones"][-1]["name"] == "saved"


def test_a_failing_programs_last_lines_are_short(run):
    with pytest.raises(InputError) as caught:
        run("train", ["head -c 1000000 /dev/zero | tr '\\0' x; echo", "exit 1"])
    assert len(str(caught.value)) < 20_000


def test_nothing_is_started_for_an_environment_that_is_not_there(run, tmp_path):
    (tmp_path / "environment.json").write_text("{")
    with pytest.raises(InputError, match="json is not valid JSON; delete it and rerun"):
        run("train", TRAIN)
