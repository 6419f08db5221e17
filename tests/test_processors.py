"""Times of different processors stand in one table only where that was asked for."""

import json

import pandas as pd
import pytest
from rule_scripts import job, run_script
from shared.processors import check_one_processor
from shared.script import InputError
from tables import merge
from threads import table as threads


@pytest.fixture
def tables(tmp_path):
    """Return a function that writes the timed runs of two frameworks, on these processors.

    It returns the files of the job that merges them.
    """

    def write(*runs):
        paths = []
        for number, processor in enumerate(runs):
            row = {"framework": f"f{number}", "recipe": "r", "length": "short", "block": 1}
            row["network"] = "tanh-1x100"
            paths.append(tmp_path / f"{number}.csv")
            table = pd.DataFrame([row | {"processor": processor}])
            table.to_csv(paths[-1], index=False)
        return {"input": {"tables": paths}, "output": [tmp_path / "runs.csv"]}

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
    files = tables("old", "new")
    asked = {"one_processor": True, "columns": []}
    status, log = run_script("tables/merge.py", tmp_path, params=asked, **files)
    assert status == 1
    assert "1 on old (such as f0/r/short/tanh-1x100/1), 1 on new (such as f1" in log
    assert not (tmp_path / "runs.csv").exists()
    # As where the configuration asks for it.
    merge.main(job(params={"one_processor": False, "columns": []}, **files))
    assert list(pd.read_csv(tmp_path / "runs.csv")["processor"]) == ["old", "new"]


def test_timed_runs_of_one_processor_make_a_table(tables, tmp_path):
    merge.main(job(params={"one_processor": True, "columns": []}, **tables("old", "old")))
    assert list(pd.read_csv(tmp_path / "runs.csv")["processor"]) == ["old", "old"]


def test_a_speed_up_is_of_one_processor(tmp_path):
    paths = []
    for count, processor in ((1, "old"), (2, "new")):
        folder = tmp_path / f"{count}" / "keras" / "brief" / "relu-1x64" / "1"
        folder.mkdir(parents=True)
        paths.append(folder / "train.json")
        metrics = {"spans": {"epoch 1": 1, "epoch 2": 1}, "threads_used": 1}
        metrics |= {"compute_threads": count, "machine": {"processor": processor}}
        paths[-1].write_text(json.dumps(metrics))
    files = {"input": {"metrics": paths}, "output": [tmp_path / "threads.csv"]}
    with pytest.raises(InputError, match="not compared: 1 on old"):
        threads.main(job(params={"one_processor": True, "columns": []}, **files))
    assert not (tmp_path / "threads.csv").exists()
    threads.main(job(params={"one_processor": False, "columns": []}, **files))
    assert (tmp_path / "threads.csv").exists()
