"""Times of different processors stand in one table only where that was asked for."""

import json
import subprocess
import sys

import pandas as pd
import pytest
from shared.script import InputError
from conftest import ROOT
from shared.processors import check_one_processor


def script(name, *arguments):
    command = [sys.executable, ROOT / "scripts" / name, *arguments]
    return subprocess.run(list(map(str, command)), text=True, capture_output=True)


@pytest.fixture
def tables(tmp_path):
    """Return a function that writes the runs of two frameworks, each as (timed, processor)."""

    def write(*runs):
        paths = []
        for number, (timed, processor) in enumerate(runs):
            row = {"framework": f"f{number}", "recipe": "r", "network": "tanh-1x100", "seed": 1}
            paths.append(tmp_path / f"{number}.csv")
            table = pd.DataFrame([row | {"timed": timed, "processor": processor}])
            table.to_csv(paths[-1], index=False)
        return [*paths, "--output", tmp_path / "runs.csv"]

    return write


def test_the_sentence_counts_them_and_names_the_mend():
    check_one_processor({"a": "old", "b": "old"})
    check_one_processor({})
    with pytest.raises(InputError) as error:
        check_one_processor({"a": "old", "b": "new", "c": "new"})
    assert str(error.value) == (
        "times of different processors are not compared: 2 on new (such as b), 1 on old (such as "
        "a); delete the results of all but one and rerun on that, or set "
        "measurement.mixed_processors to true in config.yaml."
    )


def test_timed_runs_of_two_processors_make_no_table(tables, tmp_path):
    arguments = tables((True, "old"), (True, "new"))
    refused = script("merge_tables.py", *arguments, "--one-processor")
    assert refused.returncode == 1
    assert "1 on old (such as f0/r/tanh-1x100/1), 1 on new (such as f1" in refused.stderr
    assert not (tmp_path / "runs.csv").exists()
    # As where the configuration asks for it.
    assert script("merge_tables.py", *arguments).returncode == 0
    assert list(pd.read_csv(tmp_path / "runs.csv")["processor"]) == ["old", "new"]


def test_runs_that_were_not_timed_may_be_of_another_processor(tables):
    for timed in (True, False):
        arguments = tables((timed, "old"), (False, "new"))
        assert script("merge_tables.py", *arguments, "--one-processor").returncode == 0


def test_a_speed_up_is_of_one_processor(tmp_path):
    paths = []
    for threads, processor in ((1, "old"), (2, "new")):
        folder = tmp_path / f"{threads}" / "keras" / "brief" / "relu-1x64" / "1"
        folder.mkdir(parents=True)
        paths.append(folder / "train.json")
        metrics = {"spans": {"epoch 1": 1, "epoch 2": 1}, "threads_used": 1}
        metrics |= {"compute_threads": threads, "machine": {"processor": processor}}
        paths[-1].write_text(json.dumps(metrics))
    arguments = ["--metrics", *paths, "--output", tmp_path / "threads.csv"]
    refused = script("threads.py", *arguments, "--one-processor")
    assert "not compared: 1 on old" in refused.stderr
    assert script("threads.py", *arguments).returncode == 0
