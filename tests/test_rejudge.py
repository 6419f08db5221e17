"""The published run judged again: the same verdicts from its measurements, and nothing is run."""

import json
import shutil
import subprocess
import sys

import pandas as pd
import pytest
from tiny import ROOT, copy_workflow, counts_of, snakemake

REFERENCE = ROOT / "reference-run"
REJUDGE = ["--cores", "2", "--profile", "profiles/rejudge"]
# What the reference run was made with.
PROFILE = ["--configfile", "profiles/reference/reference.yaml"]
# The rules that run a framework's program or build its environment.
RUNNING = {"environment", "build", "warm_up", "equivalence_train", "train", "predict", "time_run"}
TABLES = ["verdicts-numbers", "verdicts-order", "verdicts-statements", "predicted", "speed-choices"]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not REFERENCE.is_dir(), reason="the repository has no reference run"),
]


@pytest.fixture(scope="module")
def workflow(tmp_path_factory):
    """A copy of the workflow with its reference run, without environments."""
    folder = copy_workflow(tmp_path_factory.mktemp("rejudge") / "workflow")
    shutil.copytree(REFERENCE, folder / "reference-run")
    return folder


def test_nothing_is_run(workflow):
    due = counts_of(snakemake("--dry-run", *REJUDGE, folder=workflow).stdout)
    assert not RUNNING & set(due)
    # All figures and the page are made, also where a framework is missing on this machine.
    assert {"page", "report", "figure_04", "figure_speed", "verdicts_numbers"} <= set(due)
    assert "compare" not in due
    other = ["--dry-run", *REJUDGE, "--config", "with=reference-run"]
    assert "compare" in counts_of(snakemake(*other, folder=workflow).stdout)


def test_the_published_verdicts_follow_from_the_published_measurements(workflow):
    made = [f"results/rejudged/tables/{name}.csv" for name in TABLES]
    output = snakemake(*REJUDGE, "--", *made, folder=workflow).stdout
    assert "Skipping" not in output
    for name, path in zip(TABLES, made, strict=True):
        published = pd.read_csv(REFERENCE / "tables" / f"{name}.csv")
        pd.testing.assert_frame_equal(pd.read_csv(workflow / path), published, rtol=1e-6)


def test_another_measurement_is_another_verdict(workflow, tmp_path):
    """In another published run, one accuracy differs. The verdict on its cell then differs too."""
    shutil.copytree(REFERENCE / "tables", tmp_path / "tables")
    table = tmp_path / "tables" / "runs.csv"
    runs = pd.read_csv(table)
    cell = (runs["recipe"] == "caffe-2016") & (runs["network"] == "tanh-1x100")
    runs.assign(accuracy=runs["accuracy"].mask(cell, 0.5)).to_csv(table, index=False)
    made = "results/rejudged/tables/verdicts-numbers.csv"
    snakemake(*REJUDGE, "--config", f"rejudge={tmp_path}", "--", made, folder=workflow)
    found = pd.read_csv(workflow / made).set_index(["framework", "network", "measure"])
    published = pd.read_csv(REFERENCE / "tables" / "verdicts-numbers.csv")
    published = published.set_index(["framework", "network", "measure"])
    key = ("caffe", "tanh-1x100", "accuracy")
    assert published.loc[[key], "verdict"].tolist() == ["reproduced"]
    assert found.loc[[key], "verdict"].tolist() == ["not reproduced"]


def test_what_an_experiment_decides(workflow):
    """Deeplearning4j's numbers that have one run of NumPy, and none of their own, depend on it."""
    command = ["scripts/maintenance/experiments_worth.py", "--results", "reference-run"]
    table = subprocess.run(
        [sys.executable, *command, "paper-skipped", "logged-public-script", *PROFILE],
        cwd=workflow, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    cells = [[cell.strip() for cell in line.split("|")[1:-1]] for line in table.splitlines()[2:]]
    published = pd.read_csv(REFERENCE / "tables" / "verdicts-numbers.csv")
    alone = published.query(
        "framework == 'deeplearning4j-0.4' and measure == 'accuracy' and own_runs == 0"
        " and other_runs == 1"
    )
    experiment, runs, minutes, numbers, statements = cells[0]
    # This folder has no records of how long the runs took.
    assert (experiment, minutes) == ("`paper-skipped`", "0.0")
    assert int(numbers) == len(alone) > 0 and int(runs) >= len(alone) and int(statements) > 0
    # One run of a network that has no published number in the set of logs of its recipe.
    assert cells[1] == ["`logged-public-script`", "1", "0.0", "0", "0"]


@pytest.mark.parametrize("key", ["rejudge", "with"])
def test_a_folder_without_a_run_is_one_sentence(workflow, key):
    (workflow / "mine.json").write_text(json.dumps({key: "nowhere"}))
    options = ["--dry-run", "--cores", "2", "--configfile", "mine.json"]
    process = snakemake(*options, folder=workflow, check=False)
    assert process.returncode != 0
    assert f"error: mine.json: {key}: nowhere has no tables/runs.csv; name the folder" in (
        process.stdout
    )
    assert "Traceback" not in process.stdout
