"""The whole workflow, run for real on a tiny configuration in a copy of the checkout.

tests/test_reruns.py checks which jobs a change reruns. These tests check that the jobs really run
and leave complete results.
"""

import csv
import json
import re
import shutil
from collections import Counter

import pytest
from conftest import ROOT, snakemake
from tiny import (
    FLAGS,
    FRAMEWORKS,
    NETWORKS,
    copy_workflow,
    counts_of,
    edit,
    jobs,
    share_environments,
)

SWEEPS = {f"figure_{number:02d}": 1 for number in range(4, 13)}
# What depends on the runs table.
ARITHMETIC = {"arithmetic": 1, "figure_arithmetic": 1}
VERDICTS = {
    "verdicts_numbers": 1,
    "figure_verdicts": 1,
    "verdicts_statements": 1,
    "independence_audit": 1,
}
DOWNSTREAM = {
    "merge_runs": 1,
    "summary": 1,
    "timed_2016": 1,
    "report": 1,
    "page": 1,
    **SWEEPS,
    **ARITHMETIC,
    **VERDICTS,
}
# What depends on the gates, which say for each pair of framework and recipe whether it may run.
GATES = {"equivalence_table": 1, "figure_equivalence": 1}
# What depends on the lines of a program.
LINES = {"lines_of_code": 1, "table_1": 1, "figure_lines_of_code": 1}


def test_a_fresh_checkout_runs_everything(tmp_path):
    folder = copy_workflow(tmp_path / "workflow")
    runs = len(FRAMEWORKS) * len(NETWORKS)
    counts = jobs(folder)
    several = {
        "environment": len(FRAMEWORKS),
        # For each network and seed, shared by the frameworks; and for the gates' own network.
        "initial_weights": len(NETWORKS) + 1,
        # For each framework with each recipe, and the reference in float64 besides.
        "equivalence_train": len(FRAMEWORKS) + 1,
        "equivalence_predict": len(FRAMEWORKS) + 1,
        "equivalence": len(FRAMEWORKS),
        "train": runs,
        "predict": runs,
        "score": runs,
        # For each framework with each recipe.
        "collect_runs": len(FRAMEWORKS),
        "audit": len(FRAMEWORKS),
        # Of runs, and of times.
        "columns": 2,
    }
    assert {rule: count for rule, count in counts.items() if count > 1} == several
    once = {"download_mnist", "prepare_data", "first_images", "merge_left_out", "audit_table"}
    once |= {"lanes", "time_run", "collect_times", "merge_times", "merge_left_out_times"}
    once |= {"figure_digits", "figure_02", "figure_03"}
    # And whatever else there is to see.
    assert counts.keys() >= once | DOWNSTREAM.keys() | LINES.keys() | GATES.keys()


def test_every_run_is_in_the_table(finished):
    with (finished / "results" / "tables" / "runs.csv").open() as file:
        rows = list(csv.DictReader(file))
    found = Counter((row["framework"], row["network"], row["seed"]) for row in rows)
    assert found == {(f, n, "1"): 1 for f in FRAMEWORKS for n in NETWORKS}
    for row in rows:
        # One epoch of real MNIST teaches any of these networks more than nine digits in ten;
        # guessing would give one in ten.
        assert 0.85 < float(row["accuracy"]) < 0.97
    # Equal scores of a framework's networks would mean that runs were mixed up. Between frameworks
    # they may be: NumPy's programs compute for all, and the first shuffle of a seed is the same.
    scores = {(row["framework"], row["scores_sha256"]) for row in rows}
    assert len(scores) == len(rows)


def test_every_timed_run_is_in_the_table_of_times(finished):
    with (finished / "results" / "tables" / "times.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [(row["framework"], row["network"], row["block"]) for row in rows] == [
        ("numpy", "relu-1x64", "1")
    ]
    # Two epochs of a tenth of the images stand for the one epoch of the recipe with all of them.
    told = ("timed_epochs", "timed_images", "epochs", "train_images", "lanes", "attempts")
    assert [rows[0][key] for key in told] == ["2", "6000", "1", "60000", "1", "1"]
    first, epoch, train = (
        float(rows[0][f"{name}_seconds"]) for name in ("first_epoch", "epoch", "train")
    )
    assert train == pytest.approx(first - epoch / 10 + epoch)


def test_every_figure_and_the_report_are_there(finished):
    report = (finished / "results" / "report.html").read_text()
    for number in range(1, 14):
        for ending, start in (("png", b"\x89PNG"), ("svg", b"<?xml")):
            path = finished / "results" / "figures" / f"figure-{number:02d}.{ending}"
            assert path.read_bytes().startswith(start)
        assert f"figure-{number:02d}.png" in report


def test_table_1_has_the_papers_counts_beside_ours(finished):
    with (finished / "results" / "tables" / "lines-of-code.csv").open() as file:
        lines = {row["framework"]: int(row["physical_lines"]) for row in csv.DictReader(file)}
    folder = finished / "scripts" / "frameworks" / "numpy"
    counted = sum(len(path.read_text().splitlines()) for path in folder.glob("*.py"))
    assert lines["numpy"] == counted
    table = (finished / "results" / "tables" / "table-1.md").read_text()
    for published in (62, 165, 110, 80, 130):
        assert f"| {published} |" in table


def test_a_variant_is_run_but_stands_in_no_figure_of_the_paper(environments, tmp_path):
    """The jobs of a dry run have it among their files where its runs and its kernels are told."""
    folder = copy_workflow(tmp_path / "workflow")
    share_environments(folder)
    tiny = json.loads((folder / "tiny.json").read_text())
    tiny["experiments"]["harmonised"]["frameworks"] = ["numpy", "deeplearning4j-0.4-f2j"]
    (folder / "tiny.json").write_text(json.dumps(tiny))
    output = snakemake("--dry-run", *FLAGS, folder=folder).stdout
    told = re.split(r"^(?:local)?rule (\w+):$", output, flags=re.MULTILINE)
    files = {}
    for rule, text in zip(told[1::2], told[2::2], strict=True):
        files.setdefault(rule, "")
        files[rule] += "".join(re.findall(r"^    (?:input|output): .*$", text, re.MULTILINE))
    named = {rule for rule, text in files.items() if "deeplearning4j-0.4-f2j" in text}
    gather = {"train", "predict", "score", "collect_runs", "merge_runs", "merge_left_out"}
    gates = {"equivalence_train", "equivalence_predict", "equivalence", "equivalence_table"}
    kernels = {"audit", "audit_table", "figure_arithmetic"}
    # The descriptions of all frameworks tell the stage speed which ones are variants.
    assert named == {"build"} | gather | gates | kernels | {"speed"}
    # They show its original in its place, whether that was run or not.
    shown = {rule for rule, text in files.items() if "deeplearning4j-0.4/framework.yaml" in text}
    assert {"lines_of_code", "table_1", "figure_04"} <= shown


def test_a_second_run_does_nothing(finished, changed):
    assert jobs(finished) == {}
    # In a copy, as a run locks its folder and other tests may copy that at the same time.
    assert "Nothing to be done" in snakemake(*FLAGS, folder=changed).stdout


def test_a_program_is_measured_alone(finished):
    """Most scripts are forks of a Python of 150 MiB, which Linux would count as the program's."""
    with (finished / "results" / "tables" / "times.csv").open(newline="") as file:
        [row] = csv.DictReader(file)
    # The NumPy programs take 55 MiB.
    assert 20 < float(row["peak_memory_mib"]) < 110
    assert 20 < float(row["predict_peak_memory_mib"]) < 110
    # What timing side by side costs belongs to this run.
    assert (finished / "results" / "lanes.json").exists()


def test_a_training_program_runs_its_framework_again(changed):
    path = changed / "scripts" / "frameworks" / "keras" / "train.py"
    edit(
        path, '    print("ready", flush=True)', '    print("hello")\n    print("ready", flush=True)'
    )
    # For real, and of this framework only.
    untouched = changed / "results" / "runs" / "pytorch" / "harmonised" / "tanh-1x100" / "1"
    before = (untouched / "train.json").read_bytes()
    snakemake(*FLAGS, folder=changed)
    log = changed / "logs" / "runs" / "keras" / "harmonised" / "tanh-1x100" / "1" / "train.log"
    assert "hello" in log.read_text()
    assert (untouched / "train.json").read_bytes() == before
    assert jobs(changed) == {}


def test_a_failed_run_stops_no_other(changed):
    """With --keep-going; and after a fix, the next run completes what failed."""
    path = changed / "scripts" / "frameworks" / "tensorflow" / "predict.py"
    whole = path.read_text()
    # The gate, which has fewer images, lets it through.
    edit(path, "logits.tofile(scores)", "logits[len(logits) > 500 :].tofile(scores)")
    edit(
        changed / "scripts" / "frameworks" / "pytorch" / "predict.py",
        "import json",
        "import json  # a comment",
    )
    process = snakemake(*FLAGS, "--keep-going", folder=changed, check=False)
    assert process.returncode != 0
    assert "error: the program wrote too few scores: results/runs/tensorflow/" in process.stdout
    runs = changed / "results" / "runs"
    for network in NETWORKS:
        assert not (runs / "tensorflow" / "harmonised" / network / "1" / "scores.f32").exists()
        assert not (runs / "tensorflow" / "harmonised" / network / "1" / "predict.json").exists()
    assert (runs / "pytorch" / "harmonised" / "runs.csv").exists()
    path.write_text(whole)
    snakemake(*FLAGS, folder=changed)
    assert (runs / "tensorflow" / "harmonised" / "tanh-1x100" / "1" / "scores.f32").exists()
    assert jobs(changed) == {}


@pytest.fixture
def fresh(tmp_path, monkeypatch):
    """A fresh checkout on a machine whose PATH has neither mmdebstrap nor Maven."""
    (tmp_path / "programs").mkdir()
    (tmp_path / "programs" / "bash").symlink_to(shutil.which("bash"))
    monkeypatch.setenv("PATH", str(tmp_path / "programs"))
    return copy_workflow(tmp_path / "workflow")


def run_only(folder, *frameworks, **settings):
    """Let the tiny configuration name other frameworks."""
    tiny = json.loads((folder / "tiny.json").read_text()) | settings
    tiny["experiments"]["harmonised"]["frameworks"] = frameworks
    tiny["experiments"]["times"]["enabled"] = "numpy" in frameworks
    (folder / "tiny.json").write_text(json.dumps(tiny))


def test_a_framework_that_the_machine_lacks_is_left_out(fresh):
    run_only(fresh, "caffe", "numpy", "deeplearning4j")
    output = snakemake("--dry-run", *FLAGS, folder=fresh).stdout
    of_caffe, of_java = re.findall(r"^.*[Ss]kipping.*$", output, re.MULTILINE)
    assert of_caffe == (
        "Skipping Caffe 1.0: mmdebstrap is neither on the PATH nor in the configuration's "
        "program_folders: install it (apt install mmdebstrap), or let conda make the environments "
        "(--sdm conda)."
    )
    # Of the JDK, where that is missing too.
    assert re.match(r"Skipping Deeplearning4j 1.0: .*: install ", of_java)
    counts = counts_of(output)
    assert (counts["train"], counts["environment"]) == (len(NETWORKS), 1)


@pytest.mark.parametrize(
    ("frameworks", "strict", "sentence"),
    [
        (
            ["numpy", "caffe"],
            True,
            "caffe cannot be run here, and strict is true: mmdebstrap is neither",
        ),
        (
            ["caffe", "deeplearning4j"],
            False,
            "caffe cannot be run here, nor can any other framework: mmdebstrap is neither",
        ),
    ],
)
def test_a_machine_that_lacks_too_much(fresh, frameworks, strict, sentence):
    run_only(fresh, *frameworks, strict=strict)
    process = snakemake("--dry-run", *FLAGS, folder=fresh, check=False)
    assert process.returncode != 0
    assert process.stdout.count(sentence) == 1
    assert "Traceback" not in process.stdout
    assert "Skipping" not in process.stdout


@pytest.mark.parametrize(
    ("file", "text", "sentence"),
    [
        ("numpy.yaml", None, "envs/numpy.yaml does not exist."),
        ("numpy.parts", "program: {}", "envs/numpy.parts: unknown key 'program'; did you mean"),
    ],
)
def test_a_mistake_in_an_environment_leaves_nothing_out(fresh, file, text, sentence):
    run_only(fresh, "numpy", "keras")
    path = fresh / "envs" / file
    path.unlink() if text is None else path.write_text(text)
    process = snakemake("--dry-run", *FLAGS, folder=fresh, check=False)
    assert process.returncode != 0
    assert sentence in process.stdout
    assert "Traceback" not in process.stdout
    assert "Skipping" not in process.stdout


def test_the_report_says_what_was_left_out_and_which_runs_are_missing(changed):
    due = {"report": 1, "page": 1}
    table = changed / "results" / "tables" / "left-out-runs.csv"
    rows = [f"keras,harmonised,{name},1,its scores differ\n" for name in reversed(NETWORKS)]
    whole = table.read_text()
    table.write_text(whole + "".join(rows))
    assert jobs(changed) == due
    table.write_text(whole)

    shared = changed / "resources" / "environments"
    shared.unlink()
    shared.mkdir()
    for name in FRAMEWORKS:
        (shared / name).symlink_to(ROOT / "resources" / "environments" / name)
    (changed / "envs" / "caffe.parts").write_text("programs: {nowhere: take it from its shop}")
    run_only(changed, *FRAMEWORKS, "caffe")
    assert jobs(changed) == due
    table.write_text(whole + "".join(rows))
    output = snakemake(*FLAGS, folder=changed).stdout
    # Once, although the report is made by a second Snakemake.
    assert output.count("Skipping Caffe 1.0: nowhere is neither on the PATH") == 1
    sentence = "Keras 3 was not run with harmonised (2 runs): its scores differ"
    assert sentence in output
    report = (changed / "results" / "report.html").read_text()
    # Separate paragraphs on the first page.
    assert "<p><strong>Caffe 1.0 was skipped:</strong> nowhere is neither" in report
    assert f"<p>{sentence}</p>" in report
    assert jobs(changed) == {}
