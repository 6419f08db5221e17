"""The tables of the stage speed on made-up times with known answers."""

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from rule_scripts import job
from scipy import stats
from shared.descriptions import read_all
from shared.frameworks import read_frameworks, read_paper
from speed import checks, choices, figure, table, time_to_accuracy
from speed.measures import MEASURES, OVERALL, OWN, comparisons, short_runs

ROOT = Path(__file__).parents[1]
PATHS = sorted(ROOT.glob("scripts/frameworks/*/framework.yaml"))
DESCRIPTIONS = read_all(PATHS)
NETWORKS = ("tanh-1x100", "relu-4x100", "relu-1x1024")
OWN_RECIPES = {"caffe": ["caffe-2016"], "torch7": ["torch7-2016", "torch7-2016-later"]}


def timed(framework, seconds, network="tanh-1x100", recipe="harmonised", **changes):
    """A row of times.csv for each training time; a prediction takes a hundredth of it."""
    return pd.DataFrame(
        [
            {
                "framework": framework,
                "recipe": recipe,
                "network": network,
                "block": block,
                "length": "short",
                "day": "2026-01-01",
                "dataset": "MNIST",
                "train_images": 60000,
                "epochs": 10,
                "train_start_seconds": 1.0,
                "load_seconds": 0.5,
                "build_seconds": 0.25,
                "compile_seconds": math.nan,
                "save_seconds": 0.125,
                "epoch_seconds": value / 10,
                "train_seconds": value,
                "measured_train_seconds": math.nan,
                "predict_seconds": value / 100,
                **changes,
            }
            for block, value in enumerate(seconds, start=1)
        ]
    )


def several(factors, networks=NETWORKS, blocks=4):
    """Times of frameworks, each by its factor, on networks, with a deviation of a hundredth."""
    rng = np.random.default_rng(0)
    return pd.concat(
        timed(name, factor * (index + 1) * np.exp(rng.normal(0, 0.01, blocks)), network)
        for name, factor in factors.items()
        for index, network in enumerate(networks)
    )


THREE = several({"numpy": 1.0, "caffe": 1.003, "keras": 3.0, "numpy-again": 1.0})


def test_measures_are_sums_of_spans():
    row = short_runs(timed("caffe", [8.0])).iloc[0]
    expected = {
        "train": 8.0,
        "epoch": 0.8,
        "start-up": 1.75,
        "whole training": 9.875,
        "predict": 0.08,
    }
    assert row[list(MEASURES)].to_dict() == pytest.approx(expected)


def test_whole_runs_are_in_no_block():
    assert short_runs(timed("caffe", [8.0], length="whole")).empty


def test_own_recipes_are_one_comparison():
    times = short_runs(
        pd.concat(
            [
                timed("caffe", [1.0], recipe="caffe-2016"),
                timed("torch7", [1.0], recipe="torch7-2016"),
                timed("torch7", [1.0], recipe="torch7-2016-later"),
                timed("torch7", [1.0], "relu-4x100", recipe="torch7-2016-later"),
                THREE,
            ]
        )
    )
    found = comparisons(times, OWN_RECIPES)
    assert set(found) == {"harmonised", "torch7-2016", OWN}
    # The recipe that is timed on more networks represents Torch.
    assert set(found[OWN]["recipe"]) == {"caffe-2016", "torch7-2016-later"}
    # Of two with as many, the later one.
    times = times[times["network"] != "relu-4x100"]
    assert set(comparisons(times, OWN_RECIPES)[OWN]["recipe"]) == {
        "caffe-2016",
        "torch7-2016-later",
    }


def test_times_ratios_and_ranks():
    times, ratios, ranks = table.build(THREE, {}, ["numpy-again"])
    cell = times.set_index(["measure", "framework", "network"]).loc["train", "keras", "relu-4x100"]
    values = THREE[(THREE["framework"] == "keras") & (THREE["network"] == "relu-4x100")]
    assert cell["n"] == 4
    assert cell["seconds"] == pytest.approx(stats.gmean(values["train_seconds"]))
    assert cell["low"] < cell["seconds"] < cell["high"] < cell["seconds"] * 1.03
    pair = ratios.set_index(["measure", "network", "framework", "other"]).loc[
        "train", OVERALL, "numpy", "keras"
    ]
    assert pair["ratio"] == pytest.approx(1 / 3, rel=0.02)
    assert pair["adjusted_p"] < 1e-6
    # A variant is not ranked. The two that differ by 0.3 % tie.
    of_all = ranks[(ranks["measure"] == "train") & (ranks["network"] == OVERALL)]
    of_all = of_all.set_index("framework")
    assert set(of_all.index) == {"numpy", "caffe", "keras"}
    assert tuple(of_all.loc["keras", ["rank", "rank_low", "rank_high"]]) == (3, 3, 3)
    assert tuple(of_all.loc["numpy", ["rank_low", "rank_high"]]) == (1, 2)
    assert (of_all.loc["caffe", "networks"], of_all.loc["caffe", "n"]) == (3, 12)


def test_a_recipe_that_a_successor_has_too_is_in_the_table_once():
    times = several({"caffe": 1, "torch7": 2}, NETWORKS[:1]).assign(recipe="torch7-2016")
    is_caffe = times["framework"] == "caffe"
    own = pd.concat([times, times[is_caffe].assign(recipe="caffe-2016")])
    found, ratios, _ = table.build(own, OWN_RECIPES, [])
    cells = found[found["measure"] == "train"]
    assert sorted(zip(cells["framework"], cells["recipe"], strict=True)) == [
        ("caffe", "caffe-2016"),
        ("caffe", "torch7-2016"),
        ("torch7", "torch7-2016"),
    ]
    assert set(ratios["recipe"]) == {"torch7-2016", OWN}


def test_a_framework_with_few_networks_leaves_the_overall_comparison():
    times = pd.concat([several({"numpy": 1, "caffe": 2}), several({"keras": 3}, NETWORKS[:1])])
    _, _, ranks = table.build(times, {}, [])
    counts = ranks[ranks["measure"] == "train"].groupby("network")["framework"].nunique()
    assert counts.to_dict() == {NETWORKS[0]: 3, NETWORKS[1]: 2, NETWORKS[2]: 2, OVERALL: 2}
    assert set(ranks.loc[ranks["network"] == OVERALL, "networks"]) == {3}


def test_networks_that_some_frameworks_lack_leave_the_overall_comparison():
    few = several({"caffe": 2, "keras": 3}, NETWORKS[:2])
    _, _, ranks = table.build(pd.concat([several({"numpy": 1}), few]), {}, [])
    of_all = ranks[(ranks["measure"] == "train") & (ranks["network"] == OVERALL)]
    assert set(of_all["framework"]) == {"numpy", "caffe", "keras"}
    assert set(of_all["networks"]) == {2}


@pytest.mark.parametrize(
    "times",
    [THREE[:0], timed("caffe", [1.0]), several({"numpy": 1, "caffe": 2}, NETWORKS[:1], blocks=1)],
)
def test_too_little_is_said(times):
    found, ratios, ranks = table.build(times, {}, [])
    assert found["low"].isna().all()
    assert set(found["remark"]) <= {"too little for an interval: nothing was repeated"}
    assert ratios["adjusted_p"].isna().all()
    # No order is sure.
    assert (ranks["rank_low"] == 1).all()


@pytest.mark.parametrize(("first_block", "late"), [(1, 4), (3, 2)])
def test_runs_of_another_day_are_told(first_block, late):
    times = THREE.copy()
    is_keras = times["framework"] == "keras"
    times.loc[is_keras & (times["block"] >= first_block), "day"] = "2026-01-02"
    found, _, ranks = table.build(times, {}, [])
    of_cells = found[found["network"] != OVERALL]
    assert set(of_cells.loc[of_cells["framework"] == "keras", "other_day"]) == {late}
    assert set(found.loc[found["framework"] != "keras", "other_day"]) == {0}
    overall = found[(found["framework"] == "keras") & (found["network"] == OVERALL)]
    assert set(overall["other_day"]) == {late * of_cells["network"].nunique()}
    frameworks = read_frameworks(PATHS, read_paper(ROOT / "reference" / "lines-of-code.csv"))
    drawn = [text.get_text() for text in figure.draw(found, ranks, frameworks).texts]
    named = any("Run on another day than most others: Keras 3." in text for text in drawn)
    # Half of its runs are no reason: the workflow may have passed midnight.
    assert named == (late == 4)


def test_the_same_program_has_the_same_commands():
    # The other variant has a BLAS of its own.
    assert checks.same_programs(DESCRIPTIONS) == {"numpy-again": "numpy"}


def test_the_same_program_is_compared_with_itself():
    found = checks.compare_same(THREE, {"numpy-again": "numpy"})
    row = found.set_index(["measure", "network"]).loc["train", OVERALL]
    again, first = (
        stats.gmean(THREE.loc[THREE["framework"] == name, "train_seconds"])
        for name in ("numpy-again", "numpy")
    )
    assert row["ratio"] == pytest.approx(again / first)
    assert (row["n"], row["n_again"], row["contains_1"]) == (12, 12, "True")
    is_again = THREE["framework"] == "numpy-again"
    slower = THREE.assign(train_seconds=THREE["train_seconds"].mask(is_again, 1.5))
    found = checks.compare_same(slower, {"numpy-again": "numpy"})
    assert set(found.loc[found["measure"] == "train", "contains_1"]) == {"False"}
    once = THREE[THREE["block"] == 1]
    assert set(checks.compare_same(once, {"numpy-again": "numpy"})["contains_1"]) == {""}
    assert checks.compare_same(THREE[:0], {"numpy-again": "numpy"}).empty


def test_derived_times_are_compared_with_measured_ones():
    short = pd.concat([timed("caffe", [10.0, 10.1, 9.9, 10.0]), timed("keras", [5.0, 5.0])])
    whole = timed("caffe", [99.0], length="whole", measured_train_seconds=8.0)
    found = checks.compare_epochs(pd.concat([short, whole]))
    assert list(found["framework"]) == ["caffe"]
    row = found.iloc[0]
    assert (row["n_short"], row["n_whole"]) == (4, 1)
    assert row["measured"] == pytest.approx(8)
    derived = stats.gmean([10.0, 10.1, 9.9, 10.0])
    assert row["ratio"] == pytest.approx(derived / 8)
    # Of the four and two, which differ by 3 and 1 degrees of freedom.
    logs = np.log([10.0, 10.1, 9.9, 10.0])
    variance = ((logs - logs.mean()) ** 2).sum() / 4
    half = stats.t.ppf(0.975, 4) * math.sqrt(variance * (1 / 4 + 1))
    assert row["high"] == pytest.approx(derived / 8 * math.exp(half))
    assert checks.compare_epochs(short).empty


def curve(framework, accuracies, recipe="harmonised", of="test"):
    """Runs after numbers of epochs; ten epochs have the plain recipe's name."""
    return pd.DataFrame(
        [
            (
                framework,
                recipe if epochs == 10 else f"{recipe}--{epochs}-epochs",
                "tanh-1x100",
                epochs,
                accuracy,
                of,
            )
            for epochs, accuracy in accuracies.items()
        ],
        columns=time_to_accuracy.RUN_COLUMNS,
    )


def test_time_to_accuracy_is_epochs_times_their_time():
    speed = pd.DataFrame(
        [
            ("numpy", "harmonised", "tanh-1x100", "epoch", 4, 2.0, 1.9, 2.1),
            ("caffe", "harmonised", "tanh-1x100", "epoch", 2, 1.0, 0.8, 1.25),
            ("caffe", "harmonised", "tanh-1x100", "train", 2, 10.0, 8.0, 12.5),
            ("caffe", "harmonised", "relu-1x64", "epoch", 2, 10.0, 8.0, 12.5),
        ],
        columns=time_to_accuracy.SPEED_COLUMNS,
    )
    runs = pd.concat(
        [
            curve("numpy", {1: 0.90, 2: 0.94, 5: 0.949, 10: 0.96}),
            # Two seeds with a mean of 0.95.
            curve("numpy", {5: 0.951}),
            # After ten epochs only: the curve of the reference counts.
            curve("caffe", {10: 0.98}),
            curve("numpy", {1: 0.99}, of="train"),
        ]
    )
    found = time_to_accuracy.build(speed, runs, "numpy").set_index(["framework", "target"])
    assert len(found) == 4
    row = found.loc["caffe", 0.95]
    assert (row["epochs"], row["at_least_epochs"], row["accuracy_by"]) == (5, 3, "numpy")
    # It took 3 to 5 epochs.
    assert (row["seconds"], row["low"], row["high"]) == pytest.approx((5.0, 2.4, 6.25))
    assert (row["accuracy_runs"], row["n"]) == (5, 2)
    never = found.loc["numpy", 0.97]
    assert pd.isna(never["epochs"])
    assert never["remark"] == "not reached in 10 epochs"


FRAMEWORKS = [
    "theano-keras", "torch7", "caffe", "tensorflow-0.12", "deeplearning4j-0.4", "keras", "pytorch",
    "tensorflow", "deeplearning4j", "numpy",
]  # fmt: skip


@pytest.fixture(scope="module")
def drawn():
    times = several({name: 1.5**index for index, name in enumerate(FRAMEWORKS)})
    return table.build(times, {}, [])


def labels_of(axes):
    return [label.get_text() for label in axes.get_yticklabels()]


def test_the_figure_ranks_the_frameworks(drawn):
    times, _, ranks = drawn
    frameworks = read_frameworks(PATHS, read_paper(ROOT / "reference" / "lines-of-code.csv"))
    result = figure.draw(times, ranks, frameworks)
    # Training and prediction, all networks and each of three.
    assert len(result.axes) == 8
    first = result.axes[0]
    assert labels_of(first) == [DESCRIPTIONS[name]["label"] for name in FRAMEWORKS]
    assert [text.get_text() for text in first.texts if text.get_text() != "rank"] == [
        str(rank) for rank in range(1, 11)
    ]
    dots = [line for line in first.get_lines() if len(line.get_xdata()) == 1]
    assert len(dots) == 10
    texts = [text.get_text() for text in result.texts]
    assert "Training and prediction: Theano (Keras 1.0.8) is the fastest" in texts
    # 1.5 to the ninth is 38.4. There are four blocks of three networks.
    assert any(
        "38" in text and "Runs for each dot: 12; 4 for one network." in text for text in texts
    )


@pytest.mark.parametrize(
    ("sets", "words"),
    [
        ({"a": (1, 1), "b": (2, 2)}, "A is the fastest"),
        ({"a": (1, 2), "b": (1, 2), "c": (3, 3)}, "A or B is the fastest"),
        ({"a": (1, 2), "b": (1, 2)}, "no difference between 2 frameworks is sure"),
        ({**dict.fromkeys("abcd", (1, 4)), "e": (5, 5)}, "A or one of 3 others is the fastest"),
    ],
)
def test_the_headline_names_those_that_may_be_first(sets, words):
    ranks = pd.DataFrame(
        [(name, i, *ends) for i, (name, ends) in enumerate(sets.items())],
        columns=["framework", "rank", "rank_low", "rank_high"],
    )
    assert figure.first_places(ranks, {name: name.upper() for name in sets}) == words


@pytest.mark.parametrize(
    ("low", "high", "named"),
    [
        (2.5, 130, [3, 10, 30, 100]),
        (0.02, 0.4, [0.03, 0.1, 0.3]),
        # 1 and 3 would leave 0.3 alone.
        (0.12, 0.78, [0.2, 0.5]),
        (0.45, 0.75, [0.5, 0.6, 0.7]),
    ],
)
def test_a_short_axis_names_at_least_two_round_numbers(low, high, named):
    assert figure.round_seconds().tick_values(low, high) == named


def test_the_figure_says_where_there_is_too_little(drawn):
    times, _, ranks = drawn
    texts = [text.get_text() for text in figure.draw(times[:0], ranks[:0], []).texts]
    assert "Times: too little to compare" in texts


@pytest.mark.parametrize("rows", [len(THREE), 0, 1])
def test_the_scripts_write_their_tables(tmp_path, rows):
    THREE[:rows].to_csv(tmp_path / "times.csv", index=False)
    curve("numpy", {1: 0.9, 10: 0.96}).to_csv(tmp_path / "runs.csv", index=False)
    (tmp_path / "lines.csv").write_text("framework,physical_lines\nnumpy,100\ncaffe,90\n")
    tables = {
        name: tmp_path / f"{name}.csv"
        for name in ("speed", "ratios", "ranks", "choices", "accuracy", "same", "ten")
    }
    shown = [path for path in PATHS if path.parent.name != "numpy-again"]
    table.main(
        job(
            input={"times": tmp_path / "times.csv", "frameworks": PATHS},
            output={
                "times": tables["speed"],
                "ratios": tables["ratios"],
                "ranks": tables["ranks"],
                "same_program": tables["same"],
                "ten_epochs": tables["ten"],
            },
            params={"own": {}},
        )
    )
    choices.main(
        job(
            input={
                "ranks": tables["ranks"],
                "times": tmp_path / "times.csv",
                "runs": tmp_path / "runs.csv",
                "lines": tmp_path / "lines.csv",
                "threads": [],
            },
            output={"csv": tables["choices"], "markdown": tmp_path / "choices.md"},
            params={"own": {}, "labels": {}},
        )
    )
    time_to_accuracy.main(
        job(
            input={"speed": tables["speed"], "runs": tmp_path / "runs.csv"},
            output=[tables["accuracy"]],
            params={"reference": "numpy"},
        )
    )
    figure.main(
        job(
            input={
                "times": tables["speed"],
                "ranks": tables["ranks"],
                "runs": tmp_path / "times.csv",
                "recipes_2016": ROOT / "reference" / "recipes-2016.yaml",
                "lines": ROOT / "reference" / "lines-of-code.csv",
                "frameworks": shown,
            },
            output={"svg": tmp_path / "speed.svg", "png": tmp_path / "speed.png"},
            params={"recipe": "harmonised", "mode": "default"},
        )
    )
    counts = {name: len(pd.read_csv(path)) for name, path in tables.items()}
    if rows == len(THREE):
        # Five measures: four frameworks on three networks, and three of them over all.
        assert counts["speed"] == 5 * (12 + 3)
        # Three pairs on three networks and over all.
        assert counts["ratios"] == 5 * 3 * 4
        assert counts["same"] == 5 * 4
        # numpy, caffe, keras and numpy-again on one network, with two targets.
        assert counts["accuracy"] == 4 * 2
    else:
        assert counts["ratios"] == counts["ranks"] == counts["same"] == counts["choices"] == 0
    assert (tmp_path / "speed.svg").stat().st_size > 0
