"""Each published number gets the verdict that the rule says; expected values are by hand."""

import dataclasses
from pathlib import Path

import pandas as pd
import pytest
from analysis.timed_2016 import RUN_COLUMNS
from rule_scripts import job
from shared.study import read_study
from verdicts import figure as figure_verdicts
from verdicts import numbers as verdicts_numbers
from verdicts.basis import Basis
from verdicts.logs import first_repetitions, read_logged

ROOT = Path(__file__).parents[1]
PUBLISHED = pd.read_csv(ROOT / "reference" / "published.csv")
STUDY = read_study(ROOT / "reference" / "recipes-2016.yaml")
OWN = {
    "theano-keras": ["theano-keras-2016"],
    "torch7": ["torch7-2016", "torch7-2016-later"],
    "caffe": ["caffe-2016"],
    "tensorflow-0.12": ["tensorflow-0.12-2016"],
    "deeplearning4j-0.4": ["deeplearning4j-0.4-2016"],
}
NOTHING = Basis(STUDY, OWN)
NO_TIMES = pd.DataFrame(columns=RUN_COLUMNS)
FAULTS = Basis(
    STUDY,
    OWN,
    same_seed=frozenset(["deeplearning4j-0.4-2016"]),
    carried_over=frozenset(["theano-keras-2016"]),
    rounded=frozenset(["tensorflow-0.12-2016"]),
    alike={
        "theano-keras-2016": ["theano-keras-2016", "theano-keras-2016-fresh"],
        "deeplearning4j-0.4-2016": ["deeplearning4j-0.4-2016", "deeplearning4j-0.4-2016-fresh"],
    },
    reference="numpy",
)
# The first repetitions, read off the authors' logs by hand.
FIRST = {
    ("theano-keras", "tanh-1x100"): 0.959,
    ("theano-keras", "tanh-2x100"): 0.971,
    ("theano-keras", "tanh-3x100"): 0.972,
    ("theano-keras", "tanh-4x100"): 0.975,
    ("theano-keras", "relu-1x1024"): 0.973,
}
FAULTS = dataclasses.replace(FAULTS, first_logged=FIRST)


# What each script of 2016 trained and tested with, by hand from the paper's code.
DATA = {
    "theano-keras-2016": (55000, "overall", 10000),
    "theano-keras-2016-fresh": (55000, "overall", 10000),
    "torch7-2016": (60000, "mean-recall", 10000),
    "torch7-2016-later": (60000, "mean-recall", 10000),
    "caffe-2016": (60000, "overall", 5000),
    "tensorflow-0.12-2016": (55000, "overall-two-decimals", 10000),
    "deeplearning4j-0.4-2016": (60000, "overall", 10000),
    "deeplearning4j-0.4-2016-fresh": (60000, "overall", 10000),
    "harmonised": (60000, "overall", 10000),
}


def made_up(framework, recipe, network, accuracies, **changes):
    """Runs of one set, each with scores of its own."""
    train_images, rule, images = DATA[recipe]
    rows = [
        {
            "framework": framework,
            "recipe": recipe,
            "network": network,
            "seed": seed,
            "dataset": "MNIST",
            "train_images": train_images,
            "accuracy_rule": rule,
            "accuracy_images": images,
            "accuracy_of": "train" if recipe == "torch7-2016-later" else "test",
            "epochs": 10,
            "accuracy": accuracy,
            "scores_sha256": f"{framework} {recipe} {network} {seed}",
            **changes,
        }
        for seed, accuracy in enumerate(accuracies, start=1)
    ]
    return pd.DataFrame(rows)


def verdicts_on(*sets, basis=NOTHING, times=NO_TIMES):
    """All rows, by framework, network, measure and recipe."""
    table = verdicts_numbers.judge(pd.concat(sets), times, PUBLISHED, basis)
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
    # Ours: mean 0.941, deviation 0.001 of three, so a variance of 3.3333e-7 with 2 degrees of
    # freedom. Theirs: 0.0014 ^ 2 / 9 = 2.1778e-7 with 9. That makes 4.9934 degrees of freedom. The
    # 95 % quantile of t (by integrating its density numerically) is 2.0156. The root of the sum of
    # the variances is 7.4237e-4, half of the interval 0.001496.
    row = caffe([0.940, 0.941, 0.942])
    assert row.verdict == row.cell_verdict == "reproduced"
    assert (row.agrees_from, row.agrees_to) == (-0.01, 0.01)
    assert row.ours == pytest.approx(0.941)
    assert row.difference == pytest.approx(0.001)
    assert (row.low, row.high) == (
        pytest.approx(0.001 - 0.001496, abs=1e-5),
        pytest.approx(0.001 + 0.001496, abs=1e-5),
    )
    assert (row.n, row.own_runs, row.other_runs, row.other_framework) == (3, 3, 0, "")
    assert row.reason == "the difference lies within the margin; compared with the published mean"


def test_an_accuracy_outside_is_not_reproduced():
    assert caffe([0.970, 0.971, 0.972]).verdict == "not reproduced"
    assert caffe([0.900, 0.901, 0.902]).verdict == "not reproduced"


def test_an_interval_across_the_end_is_ambiguous():
    row = caffe([0.945, 0.949, 0.953])
    assert row.verdict == "ambiguous"
    assert "contains an end" in row.reason


def test_one_repetition_alone_has_no_interval():
    row = caffe([0.940])
    assert row.verdict == "ambiguous"
    assert row.reason == "one run has no interval, and no network of this recipe has two runs"
    assert row.ours == 0.940
    assert pd.isna(row.low)


def test_runs_with_identical_scores_are_one_repetition():
    assert caffe([0.940, 0.940, 0.940], scores_sha256="same").n == 1


def test_one_repetition_has_the_deviation_of_the_recipes_other_networks():
    # Deviations of 0.001 (2 degrees of freedom) and 0.002 (2): the root of the mean of 1e-6 and
    # 4e-6 is 0.0015811, with 4.
    table = verdicts_on(
        made_up("caffe", "caffe-2016", "tanh-1x100", [0.940, 0.941, 0.942]),
        made_up("caffe", "caffe-2016", "tanh-2x100", [0.951, 0.953, 0.955]),
        made_up("caffe", "caffe-2016", "relu-1x64", [0.947]),
    )
    row = table.loc["caffe", "relu-1x64", "accuracy", "caffe-2016"]
    assert row.verdict == "reproduced"
    assert row.n == 1
    assert row.interval == "90 % Welch, deviation 0.0016 with 4 degrees of freedom"
    # Theirs: 0.0019 ^ 2 / 9 = 4.0111e-7 with 9. (2.5e-6 + 4.0111e-7) ^ 2 / (2.5e-6 ^ 2 / 4 +
    # 4.0111e-7 ^ 2 / 9) = 5.3256; its quantile is 1.9882, and the root of the sum 1.70326e-3.
    assert row.low == pytest.approx(0.001 - 0.003386, abs=1e-5)
    assert row.high == pytest.approx(0.001 + 0.003386, abs=1e-5)


def test_a_published_value_that_is_too_noisy_is_uninformative():
    # Torch's relu-1x64: 0.694, sd 0.1475 of 6; t(5) = 2.015: 2.015 x 0.1475 / 2.2361 = 0.13292.
    def row(accuracies):
        table = verdicts_on(made_up("torch7", "torch7-2016-later", "relu-1x64", accuracies))
        return table.loc["torch7", "relu-1x64", "accuracy", "torch7-2016-later"]

    near = row([0.69, 0.70, 0.71])
    assert near.verdict == "ambiguous"
    assert near.reason.startswith("uninformative: the published value is known to 13.3 points only")
    # A value that is far away is still refuted.
    assert row([0.94, 0.95, 0.96]).verdict == "not reproduced"


def test_a_diverged_run_is_a_result():
    """Torch's relu-1x1024 was published as 0.980 with a deviation of 0.0029."""

    def row(accuracies, diverged):
        runs = made_up("torch7", "torch7-2016-later", "relu-1x1024", accuracies)
        runs.loc[runs["seed"].isin(diverged), "scores_sha256"] = None
        table = verdicts_on(
            runs, made_up("torch7", "torch7-2016-later", "relu-3x100", [0.978, 0.980, 0.982])
        )
        return table.loc["torch7", "relu-1x1024", "accuracy", "torch7-2016-later"]

    always = row([0.1, 0.1, 0.1], diverged=[1, 2, 3])
    assert always.verdict == "not reproduced"
    assert always.n == 3
    assert always.reason.endswith("; 3 of 3 runs diverged")
    # Its deviation is not that of the networks that train.
    once = row([0.980, 0.980, 0.1], diverged=[3])
    assert once.verdict == "ambiguous"
    assert "deviation 0.5081 of this network alone with 2 degrees of freedom" in once.interval
    assert once.reason.endswith("; 1 of 3 runs diverged")
    alone = row([0.1], diverged=[1])
    assert alone.verdict == "ambiguous"
    assert alone.reason.startswith("so few runs cannot tell how often a network diverges")


def numpy_too(*sets):
    """The verdict's row on Caffe's published 0.940 with runs of the reference."""
    table = verdicts_on(*sets, basis=FAULTS)
    return table.loc["caffe", "tanh-1x100", "accuracy", "caffe-2016"]


def test_the_reference_repeats_a_framework_that_its_gate_has_let_run():
    own = made_up("caffe", "caffe-2016", "tanh-1x100", [0.941])
    # The seed 1 of both is one draw: the framework's own run counts.
    other = made_up("numpy", "caffe-2016", "tanh-1x100", [0.5, 0.940, 0.942])
    row = numpy_too(own, other)
    assert row.verdict == "reproduced"
    assert (row.n, row.own_runs, row.other_runs, row.other_framework) == (3, 1, 2, "numpy")
    assert row.ours == pytest.approx(0.941)
    # No other framework does.
    assert numpy_too(own, other.assign(framework="pytorch")).n == 1
    # Caffe may run with the recipe if it has run any of its networks.
    elsewhere = made_up("caffe", "caffe-2016", "relu-1x64", [0.946])
    row = numpy_too(elsewhere, other[1:])
    assert (row.own_runs, row.other_runs, row.verdict) == (0, 2, "reproduced")
    row = numpy_too(other)
    assert (row.verdict, row.reason) == ("not run", "caffe has no runs here")


def test_other_epochs_are_not_judged():
    here = made_up("caffe", "caffe-2016", "tanh-1x100", [0.940, 0.941, 0.942], epochs=2)
    # Another run is like those of 2016, so the reason says what is wrong with this one.
    table = verdicts_on(here, made_up("numpy", "harmonised", "tanh-1x100", [0.9]))
    row = table.loc["caffe", "tanh-1x100", "accuracy", "caffe-2016"]
    assert row.verdict == row.cell_verdict == "not run"
    assert row.reason == (
        "caffe was trained for 2 epochs of tanh-1x100 with the recipe caffe-2016, the paper's "
        "networks for 10"
    )


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"dataset": "Fashion-MNIST"}, "the data set is Fashion-MNIST, not MNIST"),
        ({"train_images": 6000}, "the runs used 6,000 of 60,000 training images"),
        (
            {"accuracy_rule": "mean-recall"},
            "the rule for accuracy is mean-recall, in 2016 it was overall",
        ),
        (
            {"accuracy_images": 10000},
            "accuracy is that of 10,000 test images, in 2016 it was that of 5,000",
        ),
        (
            {"accuracy_of": "train"},
            "accuracy is that of the train images, in 2016 it was that of the test images",
        ),
    ],
)
def test_other_data_are_not_judged(changes, reason):
    here = made_up("caffe", "caffe-2016", "tanh-1x100", [0.94, 0.941], **changes)
    table = verdicts_on(here, made_up("numpy", "harmonised", "tanh-1x100", [0.9]))
    row = table.loc["caffe", "tanh-1x100", "accuracy", "caffe-2016"]
    assert (row.verdict, row.cell_verdict, row.reason) == ("not run", "not run", reason)
    assert pd.isna(row.ours)


def test_where_no_run_is_like_those_of_2016_every_cell_says_so():
    """As after the quick profile: some cells have runs, and all have the same reason."""
    small = {"train_images": 6000, "epochs": 2}
    table = verdicts_on(
        made_up("caffe", "caffe-2016", "tanh-1x100", [0.94, 0.941], **small),
        made_up("theano-keras", "theano-keras-2016", "relu-1x64", [0.9]).assign(
            train_images=5500, epochs=1
        ),
    )
    accuracies = table.xs("accuracy", level="measure")
    cells = accuracies.reset_index().drop_duplicates(["framework", "network"])
    assert cells["cell_verdict"].value_counts().to_dict() == {"not run": 60}
    assert set(accuracies["reason"]) == {
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


def of_deeplearning4j(*sets):
    """The verdict's row on Deeplearning4j's published 0.962."""
    table = verdicts_on(*sets, basis=FAULTS)
    return table.loc["deeplearning4j-0.4", "tanh-1x100", "accuracy", "deeplearning4j-0.4-2016"]


def test_one_seed_for_all_is_one_draw():
    recipe = "deeplearning4j-0.4-2016"
    own = made_up("deeplearning4j-0.4", recipe, "tanh-1x100", [0.955] * 3, scores_sha256="same")
    alone = of_deeplearning4j(own)
    assert (alone.n, alone.verdict) == (1, "ambiguous")
    # With other seeds by NumPy: mean 0.960, deviation 0.005; t(2) = 2.920 and the root of 4/3 make
    # a half of 0.01686.
    fresh = made_up("numpy", f"{recipe}-fresh", "tanh-1x100", [0.5, 0.960, 0.965])
    row = of_deeplearning4j(own, fresh)
    assert (row.n, row.own_runs, row.other_runs) == (3, 1, 2)
    assert (row.low, row.high) == (
        pytest.approx(-0.002 - 0.01686, abs=2e-5),
        pytest.approx(-0.002 + 0.01686, abs=2e-5),
    )
    assert row.interval.startswith("90 % prediction, deviation 0.0050 with 2")
    assert row.verdict == "ambiguous"
    near = fresh.assign(accuracy=[0.5, 0.956, 0.957])
    assert of_deeplearning4j(own, near).verdict == "reproduced"
    far = fresh.assign(accuracy=[0.5, 0.980, 0.981])
    assert of_deeplearning4j(own.assign(accuracy=0.979), far).verdict == "not reproduced"


def test_one_draw_that_may_be_any_is_uninformative():
    # A single draw lies within 1.645 deviations of the mean in nine of ten cases.
    own = made_up("deeplearning4j-0.4", "deeplearning4j-0.4-2016", "tanh-1x100", [0.962])
    recipe = "deeplearning4j-0.4-2016-fresh"
    fresh = made_up("numpy", recipe, "tanh-1x100", [0.5, 0.952, 0.972])
    assert of_deeplearning4j(own, fresh).reason.startswith("uninformative: the published value is")


def carried_over(accuracies, **changes):
    """The verdict's row on Theano-Keras' first repetition, 0.959 (the published mean is 0.974)."""
    sets = made_up("theano-keras", "theano-keras-2016", "tanh-1x100", accuracies)
    fresh = made_up("numpy", "theano-keras-2016-fresh", "relu-1x64", [0.962, 0.963, 0.964])
    table = verdicts_on(sets.assign(**changes), fresh, basis=FAULTS)
    return table.loc["theano-keras", "tanh-1x100", "accuracy", "theano-keras-2016"]


def test_a_network_carried_over_is_judged_by_its_first_repetition():
    # The deviation is that of fresh networks, 0.001 with 2 degrees of freedom: 2.920 x the root
    # of 2 = 4.1295 of it.
    row = carried_over([0.960])
    assert row.verdict == "reproduced"
    assert (row.published, row.published_mean) == (0.959, 0.974)
    assert (row.low, row.high) == (
        pytest.approx(0.001 - 0.00413, abs=1e-5),
        pytest.approx(0.001 + 0.00413, abs=1e-5),
    )
    assert row.reason.endswith("compared with the first repetition in the logs")
    # The later ones do not count, even if the table gives other epochs for them.
    assert carried_over([0.960, 0.99, 0.99]).n == 1
    assert carried_over([0.960] * 10, epochs=range(10, 101, 10)).verdict == "reproduced"
    assert carried_over([0.960] * 10, epochs=20).verdict == "not run"
    assert carried_over([0.974]).verdict == "not reproduced"
    assert carried_over([0.967]).verdict == "ambiguous"
    later = carried_over([0.960], seed=[10])
    assert (later.verdict, later.reason) == (
        "not run",
        "theano-keras has no run of tanh-1x100 from fresh weights",
    )


def test_first_repetitions_are_those_of_the_logs():
    first = first_repetitions(read_logged(ROOT / "reference" / "logged-2016.csv"), FAULTS)
    assert {key: first[key] for key in FIRST} == FIRST
    assert {framework for framework, _ in first} == {"theano-keras"}


def test_rounded_accuracies_are_not_better_known_than_their_rounding():
    recipe = "tensorflow-0.12-2016"
    sets = made_up("tensorflow-0.12", recipe, "tanh-1x100", [0.95] * 3)
    row = verdicts_on(sets, basis=FAULTS).loc["tensorflow-0.12", "tanh-1x100", "accuracy", recipe]
    # The step of 0.01 by the root of 12 is 0.002887, for both. That of our three values averages
    # out; that of the five published ones does not, because they are equal.
    # Variances of 2.7778e-6 (2) and 8.3333e-6 (4): 5.8182 degrees of freedom, a quantile of 1.9541
    # and half an interval of 0.006514.
    assert row.interval == "90 % Welch, deviation 0.0029 with 2 degrees of freedom"
    assert (row.low, row.high) == (
        pytest.approx(-0.006514, abs=1e-5),
        pytest.approx(0.006514, abs=1e-5),
    )
    assert row.verdict == "reproduced"


GOOD, BAD = [0.931, 0.932, 0.933], [0.980, 0.981, 0.982]


@pytest.mark.parametrize(
    ("verdicts", "verdict"),
    [
        (["reproduced", "not reproduced"], "reproduced"),
        (["not reproduced", "reproduced"], "reproduced"),
        (["not reproduced", "not reproduced"], "not reproduced"),
        (["not reproduced", "ambiguous"], "ambiguous"),
        (["not reproduced", "not run"], "ambiguous"),
        (["not run", "not run"], "not run"),
    ],
)
def test_a_cell_follows_from_its_recipes(verdicts, verdict):
    assert verdicts_numbers.combine(verdicts) == verdict


@pytest.mark.parametrize("network", ["tanh-1x100", "relu-1x1024"])
@pytest.mark.parametrize(
    ("script", "later", "verdict"),
    [
        (GOOD, BAD, "not reproduced"),
        (BAD, GOOD, "reproduced"),
        ([], GOOD, "reproduced"),
        (GOOD, [0.932], "ambiguous"),
    ],
)
def test_torchs_accuracies_are_those_of_training_images(script, later, verdict, network):
    """The public script's are those of test images, and decide nothing about published values."""
    # Published: 0.932 and 0.980.
    shift = {"tanh-1x100": 0, "relu-1x1024": 0.980 - 0.932}[network]
    table = verdicts_on(
        made_up("numpy", "harmonised", network, [0.9]),
        made_up("torch7", "torch7-2016", network, [value + shift for value in script]),
        made_up("torch7", "torch7-2016-later", network, [value + shift for value in later]),
    )
    rows = table.loc["torch7", network, "accuracy"]
    assert list(rows.index) == ["torch7-2016-later"]
    assert list(rows["cell_verdict"]) == [verdict]


@pytest.mark.parametrize("script", [GOOD, []])
def test_torchs_public_script_alone_judges_no_accuracy(script):
    table = verdicts_on(
        made_up("numpy", "harmonised", "tanh-1x100", [0.9]),
        made_up("torch7", "torch7-2016", "tanh-1x100", script),
    )
    rows = table.loc["torch7", "tanh-1x100", "accuracy"]
    assert list(rows["cell_verdict"]) == ["not run"]
    assert list(rows["reason"]) == [
        "accuracy is that of the test images, in 2016 it was that of the train images"
        if script
        else "torch7 has no runs here"
    ]


def test_the_counts_with_another_margin_and_another_scale_of_times():
    """By hand: the geometric mean of the ratios is 1, and their median is 0.5."""
    common = {"framework": "caffe", "measure": "train_seconds", "recipe": "caffe-2016"}
    rows = [
        {**common, "network": network, "published": 1, "ours": ratio, "low": low, "high": high}
        for network, ratio, low, high in [
            ("tanh-1x100", 0.5, 0.45, 0.55),
            ("tanh-2x100", 0.5, 0.38, 0.66),
            ("tanh-3x100", 4.0, 3.0, 5.0),
        ]
    ]
    table = pd.DataFrame(rows).assign(verdict="not reproduced")
    lines = verdicts_numbers.sensitivity(table).splitlines()
    assert lines[-4:] == [
        "| Times | a factor of 1.15 | 0 | 3 | 0 | 0 |",
        "| Times | a factor of 1.25 | 0 | 3 | 0 | 0 |",
        # 1 / 1.5 is just above 0.66.
        "| Times | a factor of 1.5 | 0 | 3 | 0 | 0 |",
        # 0.9 to 1.1, 0.76 to 1.32, and 6 to 10.
        "| Times, the median as scale | a factor of 1.25 | 1 | 1 | 1 | 0 |",
    ]


def test_the_script_writes_both_tables_and_the_figure_shows_them(tmp_path):
    runs = made_up("caffe", "caffe-2016", "tanh-1x100", [0.940, 0.941, 0.942])
    runs.to_csv(tmp_path / "runs.csv", index=False)
    pd.DataFrame(columns=RUN_COLUMNS).to_csv(tmp_path / "times.csv", index=False)
    reference = ROOT / "reference"
    declared = {"own": OWN, "same_seed": ["x"], "carried_over": [], "rounded": []}
    verdicts_numbers.main(
        job(
            input={
                "runs": tmp_path / "runs.csv",
                "times": tmp_path / "times.csv",
                "published": reference / "published.csv",
                "recipes_2016": reference / "recipes-2016.yaml",
                "timed": reference / "timed-2016.yaml",
                "logged": reference / "logged-2016.csv",
            },
            output={"csv": tmp_path / "v.csv", "markdown": tmp_path / "v.md"},
            params={"basis": declared, "predict_repeats": 5},
        )
    )
    figure_verdicts.main(
        job(
            input={"verdicts": tmp_path / "v.csv", "lines": reference / "lines-of-code.csv"},
            output={"svg": tmp_path / "v.svg", "png": tmp_path / "v.png"},
            params={"mode": "default"},
        )
    )
    text = (tmp_path / "v.md").read_text()
    assert "| Accuracy | 1 | 0 | 0 | 59 |" in text
    assert "| caffe | tanh-1x100 | reproduced | caffe-2016 | 0.940 ± 0.0014 | 0.941 |" in text
    assert "| -0.010 to +0.010 | -0.001 to +0.003 | 3 |" in text
    # With another margin: half an interval is 0.0015, and the difference 0.001.
    assert "| Accuracy | 0.005 | 1 | 0 | 0 | 59 |" in text
    assert "Of the ambiguous accuracies, 0 are uninformative" in text
    assert (tmp_path / "v.svg").stat().st_size > 0
    assert (tmp_path / "v.png").stat().st_size > 0
