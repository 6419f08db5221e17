"""The equivalence gate: what it lets through, what it keeps out, and what runs again for it."""

import csv
import json
import re
import sys

import matplotlib.colors
import numpy as np
import pandas as pd
import pytest
import yaml
from conftest import ROOT, snakemake
from equivalence import figure as figure_equivalence
from equivalence import gate
from equivalence import table as equivalence_table
from equivalence import trial as equivalence
from launcher.framework import Framework
from launcher.program import Refusal, launch
from rule_scripts import job
from shared.frameworks import read_frameworks, read_paper
from shared.script import InputError
from tiny import copy_finished, copy_workflow, edit, share_environments

RNG = np.random.default_rng(7)
REFERENCE = {
    "0 steps": RNG.normal(size=(6, 10)).astype(np.float32),
    "1 step": RNG.normal(size=(6, 10)).astype(np.float32),
}


def off_by(difference, case, image=3):
    """Return the reference's scores with one image's log-probability off in one case.

    The score of a class whose probability is next to nothing moves no other log-probability.
    """
    scores = {name: array.astype(np.float64) for name, array in REFERENCE.items()}
    scores[case][image, 4] += difference
    return scores


@pytest.fixture
def nearly_certain(monkeypatch):
    """A reference in which class 4 of image 3 has a probability of about 1e-13."""
    changed = {name: array.copy() for name, array in REFERENCE.items()}
    for array in changed.values():
        array[3] = 0
        array[3, 4] = -30
    monkeypatch.setattr(sys.modules[__name__], "REFERENCE", changed)


def test_tolerance_is_ten_times_what_float32_costs_the_reference(nearly_certain):
    single = off_by(2e-5, "1 step")
    for difference, outcome in ((1.9e-4, "equivalent"), (2.1e-4, "differs")):
        rows = gate.judge(off_by(difference, "1 step"), REFERENCE, single)
        assert [row["step"] for row in rows] == ["0 steps", "1 step"]
        assert rows[1]["difference"] == pytest.approx(difference, rel=1e-6)
        assert rows[1]["tolerance"] == pytest.approx(2e-4, rel=1e-6)
        assert rows[1]["outcome"] == outcome
        # If float32 costs the reference nothing, the tolerance is still not 0.
        assert rows[0]["tolerance"] == pytest.approx(1e-5)


def test_tolerance_in_float64_is_that_of_the_written_scores(nearly_certain):
    """Log-probabilities down to -30 - log 9, which float32 rounds by 2**-24, in both programs."""
    tolerance = 10 * 2 * 2**-24 * (30 + np.log(9))
    for difference, outcome in ((0.9 * tolerance, "equivalent"), (1.1 * tolerance, "differs")):
        rows = gate.judge(off_by(difference, "1 step"), REFERENCE, None)
        assert rows[1]["tolerance"] == pytest.approx(tolerance, rel=1e-6)
        assert rows[1]["outcome"] == outcome


def test_a_constant_added_to_an_images_scores_is_no_difference():
    scores = {name: array.astype(np.float64) + 5 for name, array in REFERENCE.items()}
    rows = gate.judge(scores, REFERENCE, None)
    assert {row["outcome"] for row in rows} == {"equivalent"}
    assert max(row["difference"] for row in rows) < 1e-12


@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf])
def test_scores_that_are_not_finite_differ(number):
    scores = {name: array.copy() for name, array in REFERENCE.items()}
    scores["1 step"][0, 0] = number
    rows = gate.judge(scores, REFERENCE, REFERENCE)
    assert [row["outcome"] for row in rows] == ["equivalent", "differs"]
    # A reference that overflows in float32 does not let everything through either.
    assert gate.judge(REFERENCE, REFERENCE, scores)[1]["outcome"] == "differs"


def test_a_recipe_that_diverges_is_judged_by_the_steps_before():
    diverged = {name: array.copy() for name, array in REFERENCE.items()}
    diverged["1 step"][:] = np.nan
    rows = gate.judge(diverged, diverged, diverged)
    assert [(row["step"], row["outcome"]) for row in rows] == [("0 steps", "equivalent")]
    assert gate.reason(None, rows) is None
    assert "not finite before the first step" in gate.reason(None, [])


def run_gate(folder, scores, reference, refusal="", without=""):
    """Run the script of the gate on a framework's and the reference's scores; return its files."""
    for name, arrays, text in (("scores", scores, refusal), ("reference", reference, without)):
        np.savez(folder / f"{name}.npz", refusal=np.array(text), **arrays)
    inputs = {name: folder / f"{name}.npz" for name in ("scores", "reference")}
    output = {name: folder / f"{name}.json" for name in ("gate", "differences")}
    names = {"framework": "keras", "recipe": "harmonised"}
    gate.main(job(input={**inputs, "single": []}, output=output, wildcards=names))
    return [json.loads(path.read_text()) for path in output.values()]


def test_the_gate_is_open_for_an_equivalent_framework(tmp_path):
    outcome, differences = run_gate(tmp_path, REFERENCE, REFERENCE)
    assert outcome == {"left_out": None}
    assert [row["difference"] for row in differences["steps"]] == [0, 0]


def test_the_gate_names_the_first_step_that_differs(tmp_path):
    outcome, _ = run_gate(tmp_path, off_by(0.1, "1 step"), REFERENCE)
    assert outcome["left_out"].startswith(
        "its scores differ from the reference's after 1 step. Usual causes: the learning rate, "
    )
    # The same sentence for another difference: nothing has to be run again for it.
    assert run_gate(tmp_path, off_by(0.2, "1 step"), REFERENCE)[0] == outcome


def test_the_gate_passes_a_refusal_on(tmp_path):
    sentence = "train.py: error: Caffe cannot compute in float64"
    outcome, differences = run_gate(tmp_path, {}, REFERENCE, refusal=sentence)
    assert outcome == {"left_out": f"refused: {sentence}"}
    assert differences["steps"] == []
    outcome, _ = run_gate(tmp_path, REFERENCE, {}, without="NumPy cannot do this")
    assert outcome == {"left_out": "refused: there is no reference: NumPy cannot do this"}


def test_the_cases():
    """With 8 images a step: 20.5 batches are 164 images; two epochs of them span one batch."""
    found = equivalence.cases(8, "keep", images=100)
    assert {name: (case.images, case.epochs) for name, case in found.items()} == {
        # Four images are left of a hundred.
        "0 steps": (12, 0),
        "1 step": (8, 1),
        "epoch": (164, 1),
    }
    found = equivalence.cases(8, "wrap", images=80)
    assert found["0 steps"] == equivalence.Case(8, 0)
    assert found["epoch"] == equivalence.Case(164, 2)


LAUNCH_LAST_LINES = {
    "train.py: error: argument --partial-batch: invalid choice: 'wrap' (choose from 'keep')": True,
    "train.lua: cannot take --precision float16": True,
    "ImportError: libblas.so.3: cannot open shared object file: No such file or directory": False,
    "th: error while loading libluajit.so: cannot open shared object file": False,
    "numpy.core._exceptions.MemoryError: cannot hold an array of 4 EiB": False,
    "Segmentation fault": False,
}


@pytest.mark.parametrize("line", LAUNCH_LAST_LINES)
def test_a_refusal_is_told_from_a_failure(line):
    program = f"import sys; print('ready'); sys.stderr.write({line!r} + '\\n'); sys.exit(2)"
    with pytest.raises(InputError) as caught:
        launch([sys.executable, "-c", program], {}, None, 60, {})
    assert isinstance(caught.value, Refusal) == LAUNCH_LAST_LINES[line]
    assert line in str(caught.value)


@pytest.mark.parametrize("shuffle", [True, False])
def test_images_are_shuffled_only_where_no_step_is_done(tmp_path, shuffle):
    started = {}

    class Started(Framework):
        def run(self, role, settings, folder, repeats=None):
            started[settings["model"].name] = (settings["shuffle"], settings["epochs"], repeats)

    for name in ("images", "labels"):
        (tmp_path / name).write_bytes(bytes(8000))
    data = {name: tmp_path / name for name in ("images", "labels", "weights")}
    settings = {
        "batch_size": 8, "partial_batch": "keep", "inputs": 3, "shuffle": shuffle, "epochs": 0,
    }  # fmt: skip
    framework = Started({"train": "x"}, {}, {}, time_limit=60)
    equivalence.train(framework, settings, data, tmp_path)
    assert started == {"0-steps": (shuffle, 0, 0), "1-step": (False, 1, 1), "epoch": (False, 1, 1)}


def pair(framework, differences, left_out=None):
    steps = [
        {"step": step, "difference": difference, "tolerance": 1e-5, "change": 1.0,
         "outcome": "equivalent" if difference <= 1e-5 else "differs"}
        for step, difference in differences.items()
    ]  # fmt: skip
    return {"framework": framework, "recipe": "harmonised", "left_out": left_out, "steps": steps}


TABLE = pd.DataFrame(
    [
        row
        for each in (
            pair("numpy", {"0 steps": 0.0, "1 step": 2e-6}),
            pair("pytorch", {"0 steps": 1e-7, "1 step": 3e-3}, "its scores differ."),
            pair("tensorflow", {}, "refused: it cannot."),
        )
        for row in equivalence_table.rows_of(each)
    ],
    columns=equivalence_table.COLUMNS,
)


def test_the_table_has_a_row_for_each_step():
    lines = equivalence_table.markdown(TABLE).splitlines()[2:]
    assert len(lines) == 5
    assert lines[3] == (
        "| pytorch | harmonised | 1 step | 3.0e-03 | 1.0e-05 | 1.0e+00 | differs | "
        "its scores differ. |"
    )
    assert lines[4] == "| tensorflow | harmonised |  |  |  |  | refused | refused: it cannot. |"


@pytest.fixture
def axes():
    paper = read_paper(ROOT / "reference" / "lines-of-code.csv")
    names = ("numpy", "pytorch", "tensorflow")
    paths = [ROOT / "scripts" / "frameworks" / name / "framework.yaml" for name in names]
    frameworks = read_frameworks(paths, paper)
    return figure_equivalence.draw(TABLE, frameworks, {"harmonised": "Common"}).axes[0]


def test_the_figure_shows_the_worst_step_and_who_is_left_out(axes):
    columns = [label.get_text() for label in axes.get_xticklabels()]
    found = {columns[int(text.get_position()[0])]: text.get_text() for text in axes.texts}
    # Of the tolerance of 1e-5: 2e-6 is a fifth of it, and 3e-3 is 300 times as much.
    assert found == {"NumPy (reference)": "20 %", "PyTorch": "✗ 300 x", "TensorFlow 2": "refused"}
    assert [label.get_text() for label in axes.get_yticklabels()] == ["Common"]
    words = [text.get_text() for text in axes.figure.texts]
    assert words[0] == "1 of 2 framework-recipe pairs match the reference; 1 more was refused"
    # The colour shows what the numbers say, and a bar beside them explains it.
    numbers = [label.get_text() for label in axes.figure.axes[1].get_yticklabels()]
    assert numbers == ["0.1 %", "1 %", "10 %", "100 %", "10 x"]


def test_frameworks_that_are_not_drawn_are_not_counted():
    paper = read_paper(ROOT / "reference" / "lines-of-code.csv")
    numpy = read_frameworks([ROOT / "scripts" / "frameworks" / "numpy" / "framework.yaml"], paper)
    figure = figure_equivalence.draw(TABLE, numpy, {})
    words = [text.get_text() for text in figure.texts]
    assert words[0] == "All 1 framework-recipe pairs match the reference"
    # Nothing differs, and nothing is refused: the footer does not explain these marks.
    assert not any("framed" in each or "Hatched" in each for each in words)


def test_changes_of_an_ablation_share_a_row_that_shows_the_worst():
    steps = [
        pair("numpy", {"1 step": difference}) | {"recipe": recipe}
        for recipe, difference in (("old--data", 1e-6), ("old--to-data", 4e-6), ("old", 0.0))
    ]
    table = pd.DataFrame([row for each in steps for row in equivalence_table.rows_of(each)])
    paper = read_paper(ROOT / "reference" / "lines-of-code.csv")
    numpy = read_frameworks([ROOT / "scripts" / "frameworks" / "numpy" / "framework.yaml"], paper)
    axes = figure_equivalence.draw(table, numpy, {"old": "Old 2016"}).axes[0]
    rows = [label.get_text() for label in axes.get_yticklabels()]
    found = {rows[int(text.get_position()[1])]: text.get_text() for text in axes.texts}
    assert found == {"Old 2016": "0 %", "Old 2016, 2 changes (worst)": "40 %"}


def test_the_figure_can_be_read_in_grey(axes):
    """What differs is dark, what is refused is hatched: not by the hue alone."""
    lightness = {
        int(patch.get_x() + 0.5): np.dot(
            matplotlib.colors.to_rgb(patch.get_facecolor()), [0.3, 0.59, 0.11]
        )
        for patch in axes.patches
        if patch.get_fill() and not patch.get_hatch()
    }
    columns = [label.get_text() for label in axes.get_xticklabels()]
    assert lightness[columns.index("NumPy (reference)")] - lightness[columns.index("PyTorch")] > 0.2
    hatched = [patch.get_x() + 0.5 for patch in axes.patches if patch.get_hatch()]
    assert hatched == [columns.index("TensorFlow 2")]


EXPERIMENTS = yaml.safe_load((ROOT / "config.yaml").read_text())["experiments"]
# The workflow, run for real with two frameworks.
TINY = {
    "experiments": {
        "harmonised": {
            "frameworks": ["numpy", "pytorch"],
            "networks": ["tanh-1x100"],
            "seeds": [1],
            "fewer": None,
        },
        **{name: {"enabled": False} for name in EXPERIMENTS if name != "harmonised"},
    },
    "recipes": {"harmonised": {"epochs": 1}},
    "speedup": {"enabled": False},
}
TABLES = [f"results/tables/{name}.csv" for name in ("equivalence", "runs", "left-out-runs")]
FLAGS = ["--cores", "1", "--configfile", "tiny.json"]
# What depends on every gate: the two tables of runs, and that of the gates.
BEHIND = {"merge_runs": 1, "merge_left_out": 1, "equivalence_table": 1}


def jobs(folder):
    """Return what a dry run would run: the number of jobs of each rule."""
    output = snakemake("--dry-run", *FLAGS, "--", *TABLES, folder=folder).stdout
    if "Nothing to be done" in output:
        return {}
    table = re.search(r"Job stats:\njob +count\n[- ]+\n(.*?)\n\n", output, re.DOTALL)[1]
    counts = {name: int(count) for name, count in (line.split() for line in table.splitlines())}
    del counts["total"]
    return counts


def run(folder):
    return snakemake(*FLAGS, "--", *TABLES, folder=folder)


def rows(folder, table):
    with (folder / "results" / "tables" / f"{table}.csv").open() as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def real(environments, tmp_path_factory):
    """A workflow that the real PyTorch has run."""
    folder = copy_workflow(tmp_path_factory.mktemp("real") / "workflow")
    (folder / "tiny.json").write_text(json.dumps(TINY))
    share_environments(folder)
    run(folder)
    return folder


@pytest.fixture(scope="module")
def two(finished, tmp_path_factory):
    """A workflow that NumPy's programs have run for both frameworks."""
    folder = copy_finished(finished, tmp_path_factory.mktemp("two") / "workflow")
    (folder / "tiny.json").write_text(json.dumps(TINY))
    run(folder)
    return folder


@pytest.fixture
def changed(two, tmp_path):
    """A copy of it that a test may change."""
    return copy_finished(two, tmp_path / "workflow")


# The line where a program has read its settings and has done nothing else.
READY = '    print("ready", flush=True)\n'


def comment(folder, framework, file):
    edit(folder / "scripts" / "frameworks" / framework / file, "import json", "import json  # new")


def test_what_is_equivalent_is_run(real):
    found = rows(real, "equivalence")
    assert [(row["framework"], row["step"]) for row in found] == [
        (framework, step)
        for framework in ("numpy", "pytorch")
        for step in ("0 steps", "1 step", "epoch")
    ]
    assert {row["outcome"] for row in found} == {"equivalent"}
    # It is a training that is compared: the reference has gone far in the end, and by more than
    # a hundred times the tolerance after one step.
    for row in found:
        assert row["step"] == "0 steps" or float(row["change"]) > 100 * float(row["tolerance"])
    assert float(found[-1]["change"]) > 0.5
    # Another program's rounding is not the reference's.
    assert all(float(row["difference"]) > 0 for row in found)
    assert [row["framework"] for row in rows(real, "runs")] == ["numpy", "pytorch"]
    assert rows(real, "left-out-runs") == []
    assert jobs(real) == {}


def test_a_training_program_runs_its_gate_and_its_runs_again(changed):
    comment(changed, "pytorch", "train.py")
    assert jobs(changed) == {
        **BEHIND,
        **dict.fromkeys(("equivalence_train", "equivalence_predict", "equivalence"), 1),
        **dict.fromkeys(("train", "predict", "score", "collect_runs"), 1),
    }


def test_a_prediction_program_trains_nothing_again(changed):
    comment(changed, "pytorch", "predict.py")
    assert jobs(changed) == {
        **BEHIND,
        **dict.fromkeys(("equivalence_predict", "equivalence"), 1),
        **dict.fromkeys(("predict", "score", "collect_runs"), 1),
    }


def test_the_reference_runs_all_gates_again_but_no_other_framework(changed):
    comment(changed, "numpy", "train.py")
    assert jobs(changed) == {
        **BEHIND,
        # In both precisions; and a gate for each framework.
        **dict.fromkeys(("equivalence_train", "equivalence_predict", "equivalence"), 2),
        # NumPy's own runs.
        **dict.fromkeys(("train", "predict", "score"), 1),
        "collect_runs": 2,
    }


def test_more_epochs_pass_the_same_gate(changed):
    tiny = json.loads((changed / "tiny.json").read_text())
    tiny["recipes"]["harmonised"]["epochs"] = 2
    (changed / "tiny.json").write_text(json.dumps(tiny))
    assert jobs(changed) == {
        **dict.fromkeys(("train", "predict", "score", "collect_runs"), 2),
        **dict.fromkeys(("merge_runs", "merge_left_out"), 1),
    }


def test_a_framework_that_differs_is_not_run(changed):
    path = changed / "scripts" / "frameworks" / "pytorch" / "train.py"
    whole = path.read_text()
    edit(path, READY, f"    learning_rate *= 1.01\n{READY}")
    output = run(changed).stdout
    [sentence] = {row["reason"] for row in rows(changed, "left-out-runs")}
    assert sentence.startswith("its scores differ from the reference's after 1 step. Usual causes")
    # The terminal says so at the end.
    assert f"PyTorch was not run with harmonised (1 run): {sentence}" in output[-2000:]
    assert [row["framework"] for row in rows(changed, "runs")] == ["numpy"]
    assert rows(changed, "left-out-runs") == [
        {"framework": "pytorch", "recipe": "harmonised", "network": "tanh-1x100", "seed": "1",
         "reason": sentence}
    ]  # fmt: skip
    outcomes = {
        row["step"]: row["outcome"]
        for row in rows(changed, "equivalence")
        if row["framework"] == "pytorch"
    }
    # Nothing has been learnt yet after 0 steps.
    assert outcomes.pop("0 steps") == "equivalent"
    assert set(outcomes.values()) == {"differs"}
    of_run = changed / "results" / "runs" / "pytorch" / "harmonised" / "tanh-1x100" / "1"
    assert json.loads((of_run / "train.json").read_text()) == {
        "role": "train",
        "left_out": sentence,
    }
    # Except Snakemake's own time stamp.
    assert [each for each in (of_run / "model").iterdir() if each.name[0] != "."] == []
    assert (of_run / "scores.f32").read_bytes() == b""
    assert jobs(changed) == {}
    path.write_text(whole)
    run(changed)
    assert [row["framework"] for row in rows(changed, "runs")] == ["numpy", "pytorch"]
    assert rows(changed, "left-out-runs") == []


def test_a_framework_that_refuses_is_not_run(changed):
    edit(
        changed / "scripts" / "frameworks" / "pytorch" / "train.py",
        READY,
        f"    sys.exit('PyTorch cannot do this')\n{READY}",
    )
    run(changed)
    [row] = rows(changed, "left-out-runs")
    assert row["reason"] == "refused: PyTorch cannot do this"
    [row] = [row for row in rows(changed, "equivalence") if row["framework"] == "pytorch"]
    assert row["outcome"] == "refused"
    assert [row["framework"] for row in rows(changed, "runs")] == ["numpy"]


def test_a_framework_that_fails_otherwise_is_an_error(changed):
    edit(
        changed / "scripts" / "frameworks" / "pytorch" / "train.py",
        READY,
        f"    raise ValueError('too bad')\n{READY}",
    )
    process = snakemake(*FLAGS, "--", *TABLES, folder=changed, check=False)
    assert process.returncode != 0
    assert "ValueError: too bad" in process.stdout


def test_a_gate_that_closes_takes_its_runs_out_at_once(changed):
    """Though they have been run before; the next call leaves them out themselves."""
    path = changed / "scripts" / "equivalence" / "gate.py"
    edit(path, "TOLERANCE_FACTOR = 10\n", "TOLERANCE_FACTOR = 0\n")
    assert jobs(changed) == {**BEHIND, "equivalence": 2, "collect_runs": 2}
    run(changed)
    assert rows(changed, "runs") == []
    assert len(rows(changed, "left-out-runs")) == 2
    again = dict.fromkeys(("train", "predict", "score", "collect_runs"), 2)
    assert jobs(changed) == {**again, "merge_runs": 1, "merge_left_out": 1}
    # Open again before that: what was run still counts.
    edit(path, "TOLERANCE_FACTOR = 0\n", "TOLERANCE_FACTOR = 10\n")
    run(changed)
    assert [row["framework"] for row in rows(changed, "runs")] == ["numpy", "pytorch"]
    assert jobs(changed) == {}
