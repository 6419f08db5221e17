"""Our times as the clocks of 2016 would have shown them."""

import re
from pathlib import Path

import pandas as pd
import pytest
from analysis import timed_2016
from rule_scripts import job
from shared.strict_yaml import read_yaml

ROOT = Path(__file__).parents[1]
TIMED = read_yaml(ROOT / "reference" / "timed-2016.yaml")
LINEAGES = {"caffe": "caffe", "keras": "theano-keras", "tensorflow": "tensorflow-0.12"}


def make_run(framework, epochs, start=1.0, steady=0.2, first=0.5, **changes):
    """A run whose prediction program predicts five times, in a process of 4 s and the start."""
    return {
        "framework": framework,
        "recipe": "harmonised",
        "network": "relu-1x100",
        "block": 1,
        "length": "short",
        "dataset": "MNIST",
        "train_images": 60000,
        "epochs": 10,
        "train_start_seconds": start,
        "load_seconds": 0.25,
        "build_seconds": 0.25,
        "compile_seconds": 0.25,
        "train_seconds": epochs,
        "save_seconds": 0.125,
        "predict_seconds": steady,
        "first_predict_seconds": first,
        "predict_process_seconds": start + 4,
        **changes,
    }


# Caffe's epochs are the fastest, but its clock runs over 2.375 s more, of which .5 s predict.
RUNS = pd.DataFrame(
    [
        make_run("caffe", 5.0, build_seconds=0.5, compile_seconds=None),
        make_run("keras", 6.0, start=9.0, steady=0.3, first=1.0),
        make_run("tensorflow", 7.0, start=6.0, steady=0.1, first=0.4),
        make_run("numpy", 3.0),
    ]
)


def build(runs=RUNS, lineages=LINEAGES):
    return timed_2016.build(runs, TIMED, lineages, "harmonised", repeats=5)


def column(table, measure, definition, name="seconds"):
    rows = table[(table.measure == measure) & (table.definition == definition)]
    return rows.set_index("framework")[name].to_dict()


def test_training_by_each_clock():
    table = build()
    assert column(table, "train", "theano-keras") == {"caffe": 5, "keras": 6, "tensorflow": 7}
    # Start, .25, .5, the epochs, .125 and the first prediction.
    assert column(table, "train", "caffe") == pytest.approx(
        {"caffe": 7.375, "keras": 16.875, "tensorflow": 14.275}
    )
    assert column(table, "train", "mixed") == pytest.approx(
        {"caffe": 7.375, "keras": 6, "tensorflow": 7}
    )


def test_prediction_by_each_clock():
    table = build()
    assert column(table, "predict", "theano-keras") == {
        "caffe": 0.2,
        "keras": 0.3,
        "tensorflow": 0.1,
    }
    assert column(table, "predict", "tensorflow-0.12") == {
        "caffe": 0.5,
        "keras": 1.0,
        "tensorflow": 0.4,
    }
    # The process (5, 13, 10 s) with one prediction (less 4 steady ones) of half of the images.
    assert column(table, "predict", "caffe") == pytest.approx(
        {"caffe": 5 - 0.8 - 0.1, "keras": 13 - 1.2 - 0.15, "tensorflow": 10 - 0.4 - 0.05}
    )
    assert column(table, "predict", "mixed") == pytest.approx(
        {"caffe": 4.1, "keras": 0.3, "tensorflow": 0.4}
    )


def test_how_much_of_the_order_is_the_clocks():
    table = build()
    # Epochs: caffe, keras, tensorflow. Mixed: keras, tensorflow, caffe: one pair of three agrees.
    assert column(table, "train", "theano-keras", "tau_with_mixed")["caffe"] == pytest.approx(
        -1 / 3
    )
    assert column(table, "train", "theano-keras", "place") == {
        "caffe": 1,
        "keras": 2,
        "tensorflow": 3,
    }
    assert column(table, "train", "mixed", "tau_with_mixed")["caffe"] == 1
    text = timed_2016.orders(table, TIMED)
    assert "caffe 5 < keras 6 < tensorflow 7 | -0.33 |" in text
    assert "keras 6 < tensorflow 7 < caffe 7.38 |" in text


def test_blocks_are_summarised_and_what_has_no_clock_left_out():
    more = pd.DataFrame([make_run("keras", 60.0, block=2), make_run("keras", 8.0, block=3)])
    whole = pd.DataFrame([make_run("caffe", 1.0, block=2, length="whole")])
    other = pd.DataFrame([make_run("caffe", 1.0, recipe="other")])
    seconds = column(build(pd.concat([RUNS, more, whole, other])), "train", "theano-keras")
    assert seconds == {"caffe": 5, "keras": 8, "tensorflow": 7}


def test_the_logs_tell_what_a_time_holds_beside_the_epochs():
    # Caffe: (8.424 - 1.032) / 9 = .8213 s an epoch.
    assert timed_2016.fixed_seconds(TIMED["caffe"]["train"]["seconds"]) == pytest.approx(
        0.2107, abs=1e-4
    )


def test_nothing_timed_is_said():
    table = build(RUNS[RUNS.framework == "numpy"])
    assert table.empty
    assert timed_2016.orders(table, TIMED).startswith("No framework")


@pytest.mark.parametrize(
    ("changes", "note"),
    [
        ({}, ""),
        (
            {"dataset": "Fashion-MNIST"},
            "10 epochs of 60,000 images of Fashion-MNIST, not MNIST. Not comparable with the "
            "published values.",
        ),
    ],
)
def test_the_script_writes_both_tables(tmp_path, changes, note):
    RUNS.assign(**changes).to_csv(tmp_path / "runs.csv", index=False)
    frameworks = sorted((ROOT / "scripts" / "frameworks").glob("*/framework.yaml"))
    timed_2016.main(
        job(
            input={
                "times": tmp_path / "runs.csv",
                "timed": ROOT / "reference" / "timed-2016.yaml",
                "recipes_2016": ROOT / "reference" / "recipes-2016.yaml",
                "lines": ROOT / "reference" / "lines-of-code.csv",
                "frameworks": frameworks,
            },
            output={"csv": tmp_path / "t.csv", "markdown": tmp_path / "t.md"},
            params={"recipe": "harmonised", "networks": ["relu-1x100"], "predict_repeats": 5},
        )
    )
    table = pd.read_csv(tmp_path / "t.csv")
    assert list(table) == timed_2016.COLUMNS
    assert {"keras", "tensorflow"} <= set(table.framework) and "numpy" not in set(table.framework)
    text = (tmp_path / "t.md").read_text()
    assert "| caffe | whole process, first, 5,000 images |" in text
    assert re.findall(r"^\*\*(.*)\*\*$", text, re.MULTILINE) == ([note] if note else [])
