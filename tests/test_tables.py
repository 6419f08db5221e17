"""From what was recorded of each run to the tables."""

import csv
import json
import statistics
from pathlib import Path

import pandas as pd
import pytest
from rule_scripts import job
from runs import collect as collect_runs
from shared import tables
from shared.script import InputError
from shared.strict_yaml import read_yaml
from tables import columns, summary

ROOT = Path(__file__).parent.parent
TRAIN = {
    "compute_threads": 1,
    "cores": [1],
    "spans": {
        "ready": 1.5,
        "loaded": 0.25,
        "built": 0.5,
        "epoch 1": 3.0,
        "epoch 2": 2.0,
        "epoch 10": 9.0,
        "epoch 3": 2.5,
        "saved": 0.125,
        "exit": 0.1,
    },
    "wall_seconds": 18.975,
    "cpu_seconds": 18.0,
    "threads_used": 0.99,
    "peak_memory_mib": 512.0,
    "calibration_gflops": 100.0,
    "other_load": 0.01,
    "machine": {"node": "a node", "processor": "a processor"},
    "model_sha256": "m",
}
PREDICT = {
    "spans": {
        "ready": 1.0,
        "loaded": 0.1,
        "built": 0.1,
        "predicted 1": 0.9,
        "predicted 2": 0.2,
        "predicted 3": 0.3,
        "predicted 4": 0.7,
        "saved": 0.1,
        "exit": 0.1,
    },
    "wall_seconds": 3.5,
    "peak_memory_mib": 256.0,
    "other_load": 0.02,
    "machine": {"node": "a node", "processor": "a processor"},
    "model_sha256": "m",
    "scores_sha256": "abc",
}
SCORE = {
    "accuracy": 0.975,
    "accuracy_all": 0.96,
    "test_loss": 0.08,
    "diverged": False,
    "scores_sha256": "abc",
}


def collect(tmp_path, reference=(), score=SCORE, of="test"):
    """Let the script collect two runs; return the rows of its table."""
    folder = tmp_path / "keras" / "harmonised"
    runs = ["tanh-3x100/1", "relu-1x64/2"]
    records = {}
    for name in runs:
        (folder / name).mkdir(parents=True)
        for file, content in (("train", TRAIN), ("predict", PREDICT), ("score", score)):
            path = folder / name / f"{file}.json"
            path.write_text(json.dumps(content))
            records[f"{name}/{file}"] = path
    (folder / "gate.json").write_text('{"left_out": null}')
    inputs = {
        **records,
        "gate": folder / "gate.json",
        "reference": reference,
        "schema": ROOT / "schemas" / "runs.schema.yaml",
    }
    params = {
        "runs": runs,
        "dataset": "Fashion-MNIST",
        "train_images": 6000,
        "accuracy": {"rule": "mean-recall", "images": 5000, "of": of},
        "accuracy_of": of,
    }
    output = {"runs": folder / "runs.csv", "left_out": folder / "left-out.csv"}
    wildcards = {"framework": "keras", "recipe": "harmonised"}
    collect_runs.main(job(input=inputs, output=output, params=params, wildcards=wildcards))
    with output["runs"].open() as file:
        return list(csv.DictReader(file))


@pytest.fixture
def table(tmp_path):
    """The table that the script writes of two runs."""
    return collect(tmp_path)


def test_a_row_for_each_run(table):
    assert [(row["network"], row["seed"]) for row in table] == [
        ("tanh-3x100", "1"),
        ("relu-1x64", "2"),
    ]
    row = table[0]
    assert row["activation"] == "tanh"
    assert (row["hidden_layers"], row["hidden_units"]) == ("3", "100")
    assert row["epochs"] == "4"
    assert float(row["accuracy"]) == 0.975
    assert float(row["accuracy_all"]) == 0.96
    # What the verdicts must know of a run.
    columns = ("dataset", "train_images", "accuracy_rule", "accuracy_images", "accuracy_of")
    found = [row[name] for name in columns]
    assert found == ["Fashion-MNIST", "6000", "mean-recall", "5000", "test"]


def reference(tmp_path, accuracy, epochs=4, loss=0.08):
    """Write a reference's table with a run of each network; return its path."""
    lines = [f"{network},{epochs},{accuracy},{loss}" for network in ("tanh-3x100", "relu-1x64")]
    path = tmp_path / "reference.csv"
    path.write_text("\n".join(["network,epochs,accuracy_all,test_loss", *lines]) + "\n")
    return path


# The runs have .96: log-odds of 3.178. Those of .97 are 3.476, of .971 3.511 (0.3 is allowed).
@pytest.mark.parametrize(
    ("options", "flagged"),
    [
        ({"accuracy": 0.96}, False),
        ({"accuracy": 0.97}, False),
        ({"accuracy": 0.971}, True),
        ({"accuracy": 0.945}, True),
        ({"accuracy": 0.1}, True),
        # Of another length, the reference's run tells nothing.
        ({"accuracy": 0.1, "epochs": 10}, False),
        ({"accuracy": 0.96, "loss": 0.007}, True),
    ],
)
def test_a_run_unlike_the_references_is_flagged_and_still_counts(
    tmp_path, options, flagged, capsys
):
    rows = collect(tmp_path, reference(tmp_path, **options))
    assert [row["accuracy"] for row in rows] == ["0.975", "0.975"]
    assert [bool(row["flag"]) for row in rows] == [flagged, flagged]
    assert ("relu-1x64/2: " in capsys.readouterr().out) is flagged
    if flagged and "loss" not in options:
        assert rows[0]["flag"].startswith("an accuracy of 0.9600 on all test images")


def test_a_flag_names_the_images_of_the_accuracy(tmp_path):
    rows = collect(tmp_path, reference(tmp_path, 0.1), of="train")
    assert [row["accuracy_of"] for row in rows] == ["train", "train"]
    assert rows[0]["flag"].startswith("an accuracy of 0.9600 on training images, where")


def test_a_diverged_run_is_a_row(tmp_path):
    score = {**SCORE, "accuracy_all": 0.098, "test_loss": None, "diverged": True}
    rows = collect(tmp_path, reference(tmp_path, 0.96), score=score)
    assert rows[0]["diverged"] == "True"
    assert rows[0]["test_loss"] == rows[0]["scores_sha256"] == ""
    assert "an accuracy of 0.0980" in rows[0]["flag"]


def test_records_that_do_not_belong_together_are_an_error(tmp_path):
    with pytest.raises(InputError) as caught:
        collect(tmp_path, score={**SCORE, "scores_sha256": "other"})
    assert str(caught.value).startswith("the records in ")
    assert "do not belong to the same scores" in str(caught.value)
    assert not (tmp_path / "keras" / "harmonised" / "runs.csv").exists()


def test_diverged_repetitions_are_not_the_same(tmp_path):
    """They have no checksum; two runs with one checksum are one."""
    runs = pd.DataFrame({"network": ["a"] * 4, "scores_sha256": ["x", None, None, "x"]})
    assert list(tables.without_repeated_scores(runs, ["network"]).index) == [0, 1, 2]


def test_the_columns_are_the_dictionarys(table):
    schema = read_yaml(ROOT / "schemas" / "runs.schema.yaml")
    lines = columns.dictionary(schema).splitlines()
    named = [line.split("`")[1] for line in lines[2:]]
    assert list(table[0]) == named
    assert "| `accuracy` | fraction | " in "\n".join(lines)


def test_a_run_of_two_nodes_is_of_both():
    train = TRAIN | {"machine": {"node": "n1", "processor": "old"}}
    predict = PREDICT | {"machine": {"node": "n2", "processor": "new"}}
    row = collect_runs.row("relu-1x64/1", train, predict, SCORE)
    assert (row["node"], row["processor"]) == ("n1 and n2", "old and new")
    row = collect_runs.row("relu-1x64/1", train, predict | {"machine": train["machine"]}, SCORE)
    assert (row["node"], row["processor"]) == ("n1", "old")


def test_the_summary_is_over_the_repetitions():
    accuracies = [0.9, 0.96, 0.93, 0.5]
    rows = [
        {
            **dict.fromkeys(summary.KEYS, 1),
            "network": "tanh-1x100" if i < 3 else "relu-1x64",
            **dict.fromkeys(summary.ACCURACIES, 2.0),
            "accuracy": accuracy,
        }
        for i, accuracy in enumerate(accuracies)
    ]
    table = summary.summarise(pd.DataFrame(rows), summary.ACCURACIES, "n").set_index("network")
    assert table.loc["tanh-1x100", "n"] == 3
    assert table.loc["tanh-1x100", "accuracy_median"] == 0.93
    assert table.loc["tanh-1x100", "accuracy_mean"] == pytest.approx(0.93)
    assert table.loc["tanh-1x100", "accuracy_sd"] == pytest.approx(statistics.stdev(accuracies[:3]))
    assert table.loc["relu-1x64", "n"] == 1
    assert pd.isna(table.loc["relu-1x64", "accuracy_sd"])


def test_a_network_that_was_only_timed_has_a_row_too(tmp_path):
    keys = dict.fromkeys(summary.KEYS, 1)
    runs = pd.DataFrame([{**keys, "network": "a", **dict.fromkeys(summary.ACCURACIES, 0.9)}])
    times = pd.DataFrame(
        [
            {**keys, "network": network, "length": length, **dict.fromkeys(summary.TIMES, seconds)}
            for network, length, seconds in (
                ("a", "short", 2.0), ("a", "short", 4.0), ("b", "short", 5.0), ("a", "whole", 99.0),
            )
        ]
    )  # fmt: skip
    runs.to_csv(tmp_path / "runs.csv", index=False)
    times.to_csv(tmp_path / "times.csv", index=False)
    inputs = {"runs": tmp_path / "runs.csv", "times": tmp_path / "times.csv"}
    summary.main(job(input=inputs, output=[tmp_path / "summary.csv"]))
    table = pd.read_csv(tmp_path / "summary.csv").set_index("network")
    assert table.loc["a", ["n", "n_times", "train_seconds_mean"]].tolist() == [1, 2, 3.0]
    assert table.loc["b", ["n", "n_times", "train_seconds_mean"]].tolist() == [0, 1, 5.0]
    assert pd.isna(table.loc["b", "accuracy_mean"])
