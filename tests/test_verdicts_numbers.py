"""Each published number gets the verdict that the rule says; expected values are by hand."""

import itertools
from pathlib import Path

import pandas as pd
import pytest
from rule_scripts import job
from shared.strict_yaml import read_yaml
from shared.study import read_study
from verdicts import basis
from verdicts import figure as figure_verdicts
from verdicts import numbers as verdicts_numbers
from verdicts.basis import Basis
from verdicts.times import other_clocks

ROOT = Path(__file__).parents[1]
PUBLISHED = pd.read_csv(ROOT / "reference" / "published.csv")
STUDY = read_study(ROOT / "reference" / "recipes-2016.yaml")
OWN = {
    "theano-keras": ["theano-keras-2016"],
    "torch7": ["torch7-2016", "torch7-2016-curve"],
    "caffe": ["caffe-2016"],
    "tensorflow-0.12": ["tensorflow-0.12-2016"],
    "deeplearning4j-0.4": ["deeplearning4j-0.4-2016"],
}
CLOCKS = other_clocks(read_yaml(ROOT / "reference" / "timed-2016.yaml"))
NOTHING = Basis(STUDY, OWN, other_clocks=CLOCKS)
FAULTS = Basis(
    STUDY,
    OWN,
    same_seed=frozenset(["deeplearning4j-0.4-2016"]),
    carried_over=frozenset(["theano-keras-2016"]),
    rounded=frozenset(["tensorflow-0.12-2016"]),
)


# What each script of 2016 trained and tested with, by hand from the paper's code.
DATA = {
    "theano-keras-2016": (55000, "overall", 10000),
    "torch7-2016": (60000, "mean-recall", 10000),
    "torch7-2016-curve": (60000, "mean-recall", 10000),
    "caffe-2016": (60000, "overall", 5000),
    "tensorflow-0.12-2016": (55000, "overall-two-decimals", 10000),
    "deeplearning4j-0.4-2016": (60000, "overall", 10000),
    "harmonised": (60000, "overall", 10000),
}


def made_up(framework, recipe, network, accuracies=(), times=(), **changes):
    """Runs of one set: accuracies, each with scores of its own, or times in seconds."""
    rows = []
    train_images, rule, images = DATA[recipe]
    for seed, (accuracy, time) in enumerate(
        itertools.zip_longest(accuracies, times, fillvalue=None), start=1
    ):
        rows.append(
            {
                "framework": framework,
                "recipe": recipe,
                "network": network,
                "seed": seed,
                "dataset": "MNIST",
                "train_images": train_images,
                "accuracy_rule": rule,
                "accuracy_images": images,
                "epochs": 10,
                "timed": True,
                "accuracy": 0.5 if accuracy is None else accuracy,
                "train_seconds": 1.0 if time is None else time,
                "predict_seconds": 1.0 if time is None else time,
                "scores_sha256": f"{framework} {recipe} {network} {seed}",
                **changes,
            }
        )
    return pd.DataFrame(rows)


def verdicts_on(*sets, basis=NOTHING, successors=None):
    """All rows, by framework, network, measure and recipe."""
    table = verdicts_numbers.judge(pd.concat(sets), PUBLISHED, successors or {}, basis)
    return table.set_index(["framework", "network", "measure", "recipe"]).sort_index()


def caffe(accuracies, network="tanh-1x100", **changes):
    """The verdict's row on Caffe's published 0.940 (0.0014) for these accuracies."""
    table = verdicts_on(made_up("caffe", "caffe-2016", network, accuracies, **changes))
    return table.loc["caffe", network, "accuracy", "caffe-2016"]


def test_all_cells_have_a_verdict_on_each_measure():
    table = verdicts_on(made_up("numpy", "harmonised", "tanh-1x100", [0.9]))
    cells = table.reset_index().drop_duplicates(["framework", "network", "measure"])
    assert len(cells) == 60 * 3
    assert set(cells["cell_verdict"]) == {"not run"}
    assert table.loc["caffe", "relu-1x64", "accuracy", "caffe-2016"].reason == (
        "caffe has no runs here"
    )


def test_an_accuracy_is_reproduced_with_its_whole_interval():
    # Mean 0.941, deviation 0.001, t(2) = 2.920: half an interval is 2.920 x 0.001 / 1.7321.
    row = caffe([0.940, 0.941, 0.942])
    assert row.verdict == row.cell_verdict == "reproduced"
    assert (row.agrees_from, row.agrees_to) == (0.930, 0.950)
    assert row.ours == pytest.approx(0.941)
    assert (row.low, row.high) == (pytest.approx(0.939314, abs=1e-6), pytest.approx(0.942686))
    assert row.n == 3


def test_an_accuracy_outside_is_not_reproduced():
    assert caffe([0.970, 0.971, 0.972]).verdict == "not reproduced"
    assert caffe([0.900, 0.901, 0.902]).verdict == "not reproduced"


def test_an_interval_across_the_end_decides_nothing():
    row = caffe([0.945, 0.949, 0.953])
    assert row.verdict == "not decidable"
    assert "across an end" in row.reason


def test_one_repetition_has_no_interval():
    row = caffe([0.940])
    assert row.verdict == "not decidable"
    assert row.reason == "one repetition has no interval"
    assert row.ours == 0.940
    assert pd.isna(row.low)


def test_runs_with_identical_scores_are_one_repetition():
    assert caffe([0.940, 0.940, 0.940], scores_sha256="same").reason == (
        "one repetition has no interval"
    )


def test_other_epochs_are_not_judged():
    here = made_up("caffe", "caffe-2016", "tanh-1x100", [0.940, 0.941, 0.942], epochs=2)
    # Another run is like those of 2016, so that it is told what is wrong with these.
    table = verdicts_on(here, made_up("numpy", "harmonised", "tanh-1x100", [0.9]))
    row = table.loc["caffe", "tanh-1x100", "accuracy", "caffe-2016"]
    assert row.verdict == row.cell_verdict == "not run"
    assert row.reason == (
        "caffe was trained for 2 epochs of tanh-1x100 with the recipe caffe-2016, the paper's "
        "networks for 10"
    )


@pytest.mark.parametrize(
    ("changes", "measure", "reason"),
    [
        ({"dataset": "Fashion-MNIST"}, "accuracy", "the data set is Fashion-MNIST, not MNIST"),
        ({"dataset": "Fashion-MNIST"}, "train_seconds", "the data set is Fashion-MNIST, not MNIST"),
        (
            {"train_images": 6000},
            "accuracy",
            "the runs used 6,000 of 60,000 training images",
        ),
        (
            {"train_images": 55000},
            "train_seconds",
            "the runs used 55,000 of 60,000 training images",
        ),
        (
            {"accuracy_rule": "mean-recall"},
            "accuracy",
            "the rule for accuracy is mean-recall, in 2016 it was overall",
        ),
        (
            {"accuracy_images": 10000},
            "accuracy",
            "accuracy is that of 10,000 test images, in 2016 it was that of 5,000",
        ),
    ],
)
def test_other_data_are_not_judged(changes, measure, reason):
    here = made_up("caffe", "caffe-2016", "tanh-1x100", [0.94, 0.941], [1.0, 1.1], **changes)
    table = verdicts_on(here, made_up("numpy", "harmonised", "tanh-1x100", [0.9]))
    row = table.loc["caffe", "tanh-1x100", measure, "caffe-2016"]
    assert (row.verdict, row.cell_verdict, row.reason) == ("not run", "not run", reason)
    assert pd.isna(row.ours)


def test_the_rule_for_accuracy_is_no_part_of_a_time():
    changes = {"accuracy_rule": "mean-recall"}
    row = keras_and_torch(keras=[21.0, 21.2, 20.8], torch=[40.0, 41.0, 39.0], **changes)
    assert row.verdict == "reproduced"


def test_where_no_run_is_like_those_of_2016_every_cell_says_so():
    """As after the quick profile: some cells have runs, and all have the same reason."""
    small = {"train_images": 6000, "epochs": 2}
    table = verdicts_on(
        made_up("caffe", "caffe-2016", "tanh-1x100", [0.94, 0.941], **small),
        made_up("theano-keras", "theano-keras-2016", "relu-1x64", [0.9]).assign(
            train_images=5500, epochs=1
        ),
    )
    cells = table.reset_index().drop_duplicates(["framework", "network", "measure"])
    assert cells["cell_verdict"].value_counts().to_dict() == {"not run": 180}
    assert set(table["reason"]) == {
        "the runs are 1 to 2 epochs of 5,500 to 6,000 images of MNIST, the paper's 10 epochs of "
        "60,000 images of MNIST"
    }


def test_a_framework_without_a_recipe_of_2016_is_not_run():
    own = {name: recipes for name, recipes in OWN.items() if name != "caffe"}
    runs = made_up("caffe", "caffe-2016", "tanh-1x100", [0.940, 0.941, 0.942])
    row = verdicts_on(runs, basis=Basis(STUDY, own)).loc["caffe", "tanh-1x100", "accuracy"].iloc[0]
    assert row.cell_verdict == "not run"
    assert row.reason == "no recipe of the configuration is of caffe"


def test_a_framework_s_recipe_is_the_configuration_s_whatever_its_name():
    runs = made_up("caffe", "caffe-2016", "tanh-1x100", [0.940, 0.941, 0.942])
    own = {**OWN, "caffe": ["as-in-the-prototxt"]}
    table = verdicts_on(runs.assign(recipe="as-in-the-prototxt"), basis=Basis(STUDY, own))
    row = table.loc["caffe", "tanh-1x100", "accuracy", "as-in-the-prototxt"]
    assert row.cell_verdict == "reproduced"


def test_the_range_is_as_wide_as_the_published_number_is_uncertain():
    # Torch's relu-1x64: 0.694, sd 0.1475 of 6; t(5) = 2.015: 2.015 x 0.1475 / 2.2361 = 0.13292.
    table = verdicts_on(made_up("torch7", "torch7-2016", "relu-1x64", [0.60, 0.61, 0.62]))
    row = table.loc["torch7", "relu-1x64", "accuracy", "torch7-2016"]
    assert (row.agrees_from, row.agrees_to) == (0.56108, 0.82692)
    assert row.verdict == "reproduced"


def test_one_seed_for_all_is_a_point_without_interval():
    recipe = "deeplearning4j-0.4-2016"
    sets = made_up("deeplearning4j-0.4", recipe, "tanh-1x100", [0.955] * 3, scores_sha256="same")
    row = verdicts_on(sets, basis=FAULTS).loc[
        "deeplearning4j-0.4", "tanh-1x100", "accuracy", recipe
    ]
    assert row.verdict == "reproduced"
    assert row.n == 1
    assert row.interval == "none: the same seed in each repetition"
    assert pd.isna(row.low) and pd.isna(row.high)


def carried_over(accuracies, **changes):
    """The verdict's row on Theano-Keras' published 0.974, with a margin of 0.01."""
    sets = made_up("theano-keras", "theano-keras-2016", "tanh-1x100", accuracies)
    table = verdicts_on(sets.assign(**changes), basis=FAULTS)
    return table.loc["theano-keras", "tanh-1x100", "accuracy", "theano-keras-2016"]


def test_a_network_carried_over_is_judged_by_as_many_repetitions_as_were_published():
    assert carried_over([0.975] * 10).verdict == "reproduced"
    assert pd.isna(carried_over([0.975] * 10).low)
    # The table may count all epochs that the network has seen.
    assert carried_over([0.975] * 10, epochs=range(10, 101, 10)).verdict == "reproduced"
    assert carried_over([0.975] * 10, epochs=20).verdict == "not run"


@pytest.mark.parametrize(
    ("accuracies", "seeds", "verdict"),
    [
        ([0.966, 0.981], [1, 10], "reproduced"),
        ([0.981, 0.966], [1, 10], "reproduced"),
        ([0.986, 0.990], [1, 10], "not reproduced"),
        ([0.960, 0.981], [1, 10], "not decidable"),
        ([0.975, 0.975], [1, 2], "not decidable"),
        ([0.975], [10], "not decidable"),
    ],
)
def test_or_by_the_first_and_the_last_of_them(accuracies, seeds, verdict):
    row = carried_over(accuracies, seed=seeds)
    assert row.verdict == verdict
    if len(seeds) == 2 and 10 in seeds:
        assert (row.low, row.high) == (min(accuracies), max(accuracies))
    else:
        assert row.reason.startswith("10 repetitions of one network were published; neither")


def test_rounded_accuracies_are_known_to_half_a_step():
    recipe = "tensorflow-0.12-2016"
    sets = made_up("tensorflow-0.12", recipe, "tanh-1x100", [0.95] * 3)
    row = verdicts_on(sets, basis=FAULTS).loc["tensorflow-0.12", "tanh-1x100", "accuracy", recipe]
    assert (row.low, row.high) == (pytest.approx(0.945), pytest.approx(0.955))
    assert row.interval == "rounding to two decimals"
    assert row.verdict == "reproduced"


GOOD, BAD = [0.931, 0.932, 0.933], [0.980, 0.981, 0.982]


@pytest.mark.parametrize(
    ("script", "curve", "verdict"),
    [
        (GOOD, BAD, "reproduced"),
        (BAD, GOOD, "reproduced"),
        (BAD, BAD, "not reproduced"),
        (BAD, [0.932], "not decidable"),
        (BAD, [], "not decidable"),
        ([], [], "not run"),
    ],
)
def test_torchs_cell_follows_from_both_variants(script, curve, verdict):
    table = verdicts_on(
        made_up("numpy", "harmonised", "tanh-1x100", [0.9]),
        made_up("torch7", "torch7-2016", "tanh-1x100", script),
        made_up("torch7", "torch7-2016-curve", "tanh-1x100", curve),
    )
    rows = table.loc["torch7", "tanh-1x100", "accuracy"]
    assert list(rows["cell_verdict"]) == [verdict, verdict]
    of_script = {id(GOOD): "reproduced", id(BAD): "not reproduced"}.get(id(script), "not run")
    assert rows.loc["torch7-2016"].verdict == of_script


def test_torchs_variants_are_one_for_relu():
    # Published: 0.980.
    table = verdicts_on(made_up("torch7", "torch7-2016", "relu-1x1024", [0.90, 0.901, 0.902]))
    rows = table.loc["torch7", "relu-1x1024", "accuracy"]
    assert list(rows.index) == ["torch7-2016"]
    assert list(rows["cell_verdict"]) == ["not reproduced"]


def test_a_successor_decides_nothing_but_is_named():
    table = verdicts_on(
        made_up("tensorflow", "tensorflow-0.12-2016", "tanh-1x100", [0.95, 0.96]),
        successors={"tensorflow": "tensorflow-0.12", "numpy": None},
    )
    row = table.loc["tensorflow-0.12", "tanh-1x100", "accuracy", "tensorflow-0.12-2016"]
    assert row.verdict == "not run"
    assert row.reason == (
        "tensorflow-0.12 has no runs here; its successor tensorflow has 0.955 with it (n = 2)"
    )


def keras_and_torch(keras, torch, network="tanh-4x100", **changes):
    """Times of Theano-Keras (first network: 10 s) and of Torch; published 16.6 and 27.6 s."""
    return verdicts_on(
        made_up("theano-keras", "theano-keras-2016", "tanh-1x100", times=[10.0, 10.1, 9.9]),
        made_up("theano-keras", "theano-keras-2016", network, times=keras, **changes),
        made_up("torch7", "torch7-2016", network, times=torch),
    ).loc["theano-keras", network, "train_seconds", "theano-keras-2016"]


def test_a_time_is_reproduced_by_its_ratio_and_its_order():
    # Published: 16.564 / 7.759 = 2.1348, and Torch is slower.
    row = keras_and_torch(keras=[21.0, 21.2, 20.8], torch=[40.0, 41.0, 39.0])
    assert row.verdict == "reproduced"
    assert row.published == pytest.approx(2.1348, abs=1e-4)
    assert row.agrees_from == pytest.approx(2.1348 / 1.25, abs=1e-4)
    assert row.ours == pytest.approx(2.1, abs=1e-3)
    assert "the order is the same with torch7" in row.reason


def test_another_ratio_is_not_reproduced():
    row = keras_and_torch(keras=[12.0, 12.1, 11.9], torch=[40.0, 41.0, 39.0])
    assert row.verdict == "not reproduced"
    assert "the ratio lies outside" in row.reason


def test_a_single_run_is_known_to_a_tenth():
    # 2.1 / 1.1 and 2.1 x 1.1 lie within 2.1348 / 1.25 and x 1.25; 2.5 x 1.1 does not.
    row = keras_and_torch(keras=[21.0], torch=[40.0])
    assert row.verdict == "reproduced"
    assert (row.low, row.high) == (pytest.approx(2.1 / 1.1, 1e-3), pytest.approx(2.31, 1e-3))
    assert row.n == 1
    assert keras_and_torch(keras=[25.0], torch=[40.0]).verdict == "not decidable"
    # Torch is slower, but not by so much that one run each could tell.
    assert "open with torch7" in keras_and_torch(keras=[21.0], torch=[22.0]).reason


def test_a_reversed_order_is_not_reproduced():
    row = keras_and_torch(keras=[21.0, 21.2, 20.8], torch=[15.0, 15.1, 14.9])
    assert row.verdict == "not reproduced"
    assert "the order is reversed with torch7" in row.reason


def test_an_order_that_is_open_decides_nothing():
    row = keras_and_torch(keras=[21.0, 21.2, 20.8], torch=[20.0, 21.0, 22.0])
    assert row.verdict == "not decidable"
    assert "the order is open with torch7" in row.reason


def test_a_framework_alone_has_no_order():
    row = keras_and_torch(keras=[21.0, 21.2, 20.8], torch=[])
    assert row.verdict == "not decidable"
    assert "no framework to order it with has timed runs here" in row.reason


def test_untimed_runs_are_no_measurements():
    row = keras_and_torch(keras=[21.0, 21.2, 20.8], torch=[40.0], timed=False)
    assert row.verdict == "not run"
    assert row.reason == (
        "theano-keras was not timed with the recipe theano-keras-2016 on tanh-4x100"
    )


def test_training_times_are_of_ten_epochs():
    values = basis.repetitions(
        made_up("theano-keras", "theano-keras-2016", "tanh-1x100", times=[5, 10]).assign(
            epochs=[10, 20]
        ),
        *("theano-keras", "theano-keras-2016", "tanh-1x100", "train_seconds"),
        facts=STUDY.frameworks["theano-keras"],
        basis=FAULTS,
    )
    assert list(values) == [5.0, 5.0]


def test_caffes_prediction_was_timed_with_another_clock():
    table = verdicts_on(made_up("caffe", "caffe-2016", "tanh-1x100", times=[1.0, 1.1, 1.2]))
    row = table.loc["caffe", "tanh-1x100", "predict_seconds", "caffe-2016"]
    assert row.verdict == "not decidable"
    assert "5,000 images" in row.reason
    assert list(CLOCKS) == [("caffe", "predict_seconds")]


def test_the_script_writes_both_tables_and_the_figure_shows_them(tmp_path):
    runs = made_up("caffe", "caffe-2016", "tanh-1x100", [0.940, 0.941, 0.942])
    runs.to_csv(tmp_path / "runs.csv", index=False)
    reference = ROOT / "reference"
    declared = {"own": OWN, "same_seed": ["x"], "carried_over": [], "rounded": []}
    verdicts_numbers.main(
        job(
            input={
                "runs": tmp_path / "runs.csv",
                "published": reference / "published.csv",
                "recipes_2016": reference / "recipes-2016.yaml",
                "timed": reference / "timed-2016.yaml",
                "frameworks": sorted(ROOT.glob("scripts/frameworks/*/framework.yaml")),
            },
            output={"csv": tmp_path / "v.csv", "markdown": tmp_path / "v.md"},
            params={"basis": declared},
        )
    )
    figure_verdicts.main(
        job(
            input={"verdicts": tmp_path / "v.csv", "lines": reference / "lines-of-code.csv"},
            output={"svg": tmp_path / "v.svg", "png": tmp_path / "v.png"},
        )
    )
    text = (tmp_path / "v.md").read_text()
    assert "| Accuracy | 1 | 0 | 0 | 59 |" in text
    assert "| caffe | tanh-1x100 | reproduced | caffe-2016 | 0.940 ± 0.0014 |" in text
    assert (tmp_path / "v.svg").stat().st_size > 0
    assert (tmp_path / "v.png").stat().st_size > 0
