"""The recipes of 2016 against all logged cells, from made-up runs and from the real logs."""

import dataclasses
from pathlib import Path

import pandas as pd
import pytest
from rule_scripts import job
from test_verdicts_numbers import FAULTS, OWN, made_up
from verdicts import figure_predicted, predicted
from verdicts.logs import logs_of, read_logged
from verdicts.predicted import predict

ROOT = Path(__file__).parents[1]
LOGGED = ROOT / "reference" / "logged-2016.csv"
BASIS = dataclasses.replace(
    FAULTS,
    alike={
        **FAULTS.alike,
        "caffe-2016": ["caffe-2016", "caffe-2016--1-epochs"],
        "torch7-2016": ["torch7-2016", "torch7-2016--5-epochs"],
    },
    logs={"torch7-2016": "earlier", "torch7-2016-later": "later"},
)


@pytest.fixture(scope="module")
def logged():
    return read_logged(LOGGED)


def one_epoch(runs, epochs=1):
    return runs.assign(recipe=runs["recipe"] + f"--{epochs}-epochs", epochs=epochs)


@pytest.fixture(scope="module")
def runs():
    first = made_up("caffe", "caffe-2016", "tanh-1x100", [0.938])
    return pd.concat(
        [
            first,
            made_up("numpy", "caffe-2016", "tanh-1x100", [0.1, 0.942]),
            one_epoch(made_up("numpy", "caffe-2016", "tanh-1x100", [0.886])),
            made_up("torch7", "torch7-2016", "tanh-1x100", [0.9402]),
            one_epoch(made_up("torch7", "torch7-2016", "tanh-3x100", [0.2]), 5),
            made_up("torch7", "torch7-2016-later", "tanh-1x100", [0.9402]),
            made_up("theano-keras", "theano-keras-2016", "tanh-1x100", [0.960, 0.970]).assign(
                epochs=[10, 20]
            ),
            made_up("numpy", "theano-keras-2016-fresh", "tanh-1x100", [0.1, 0.958]),
            # Of test images, as the published accuracies of Torch are not.
            made_up("torch7", "torch7-2016-later", "tanh-3x100", [0.5]).assign(accuracy_of="test"),
            # Of another size.
            made_up("tensorflow-0.12", "tensorflow-0.12-2016", "tanh-1x100", [0.9]).assign(
                train_images=5500
            ),
        ]
    )


@pytest.fixture(scope="module")
def table(runs, logged):
    return predict(runs, logged, BASIS)


def cell(table, recipe, epochs=10, repetition=1, network="tanh-1x100"):
    (row,) = table[
        (table["recipe"] == recipe)
        & (table["epochs"] == epochs)
        & (table["repetition"] == repetition)
        & (table["network"] == network)
    ].to_dict("records")
    return row


def test_a_prediction_is_the_mean_of_our_draws_beside_the_logged_one(table):
    row = cell(table, "caffe-2016")
    # NumPy's seed 1 is the same draw as Caffe's own.
    assert (row["n"], row["own_runs"], row["other_runs"]) == (2, 1, 1)
    assert row["other_framework"] == "numpy"
    assert row["predicted"] == pytest.approx(0.940)
    # Ten repetitions; the paper has 0.940 and 0.0014, divided by n.
    assert row["logged"] == pytest.approx(0.940, abs=5e-4)
    assert row["logged_sd"] == pytest.approx(0.0014 * (10 / 9) ** 0.5, abs=6e-5)
    assert row["logged_n"] == 10
    assert row["published"]
    # Of means of two and of ten. The quantile of Student's t with nine degrees is in every table.
    half = 2.262 * row["logged_sd"] * (1 / 2 + 1 / 10) ** 0.5
    assert row["half_width"] == pytest.approx(half, rel=1e-3)


def test_other_numbers_of_epochs_are_cells_that_were_not_published(table, logged):
    row = cell(table, "caffe-2016", epochs=1)
    assert not row["published"]
    # Read from the log's mean of ten, 0.8862 (reference/caffe-models-2016.csv).
    assert row["logged"] == pytest.approx(0.8862)
    assert row["difference"] == pytest.approx(0.886 - 0.8862)


def test_torchs_recipes_are_held_against_different_logs(table, logged):
    # The public script's logs have 0.940 (reference/recipes-2016.yaml), the published ones 0.932.
    assert cell(table, "torch7-2016")["set"] == "earlier"
    assert cell(table, "torch7-2016")["logged"] == pytest.approx(0.940, abs=5e-4)
    assert not cell(table, "torch7-2016")["published"]
    assert cell(table, "torch7-2016-later")["set"] == "later"
    assert cell(table, "torch7-2016-later")["logged"] == pytest.approx(0.932, abs=5e-4)
    assert cell(table, "torch7-2016", epochs=5, network="tanh-3x100")["predicted"] == 0.2
    # Without a set of its own, a recipe has the published one.
    assert set(logs_of(logged, "torch7", "another", BASIS)["set"]) == {"later"}
    assert set(logs_of(logged, "caffe", "caffe-2016", BASIS)["set"]) == {"only"}


def test_theano_is_compared_repetition_by_repetition(table):
    first = cell(table, "theano-keras-2016")
    # A fresh network counts as a first repetition.
    assert (first["predicted"], first["n"]) == (pytest.approx(0.959), 2)
    assert (first["logged"], first["logged_n"]) == (0.959, 1)
    # One logged value tells no deviation.
    assert pd.isna(first["half_width"])
    second = cell(table, "theano-keras-2016", repetition=2)
    assert (second["predicted"], second["n"]) == (0.970, 1)


def test_runs_of_another_size_predict_nothing(table):
    assert "tensorflow-0.12" not in set(table["framework"])
    of_later = table[table["recipe"] == "torch7-2016-later"]
    assert set(of_later["network"]) == {"tanh-1x100"}


def test_the_summary_tells_published_cells_from_the_others(table):
    rows = predicted.summarise(table, [("caffe", "caffe-2016"), ("tensorflow-0.12", "x")])
    assert rows == [
        [
            "caffe", "caffe-2016", "published", 1, "0.0001", "0.0001", "tanh-1x100, 10 epochs",
            "1 of 1",
        ],
        [
            "caffe", "caffe-2016", "not published", 1, "0.0002", "0.0002", "tanh-1x100, 1 epoch",
            "1 of 1",
        ],
        ["tensorflow-0.12", "x", "", 0, "", "", "no runs", ""],
    ]  # fmt: skip
    just_outside = table.assign(difference=-1.01 * table["half_width"])
    assert predicted.agreeing(just_outside[table["recipe"] == "caffe-2016"]) == (0, 2)


def test_a_diverged_run_is_a_prediction(runs, logged):
    diverged = made_up("torch7", "torch7-2016", "relu-1x64", [0.1])
    diverged["scores_sha256"] = None
    table = predict(pd.concat([runs, diverged]), logged, BASIS)
    row = cell(table, "torch7-2016", network="relu-1x64")
    assert (row["predicted"], row["diverged"]) == (0.1, 1)


def test_table_and_figure_show_them(runs, tmp_path):
    runs.to_csv(tmp_path / "runs.csv", index=False)
    reference = ROOT / "reference"
    names = ("same_seed", "carried_over", "rounded")
    declared = {
        "own": OWN,
        **{name: list(getattr(BASIS, name)) for name in names},
        **{name: getattr(BASIS, name) for name in ("alike", "reference", "logs")},
    }
    predicted.main(
        job(
            input={
                "runs": tmp_path / "runs.csv",
                "logged": LOGGED,
                "recipes_2016": reference / "recipes-2016.yaml",
            },
            output={"csv": tmp_path / "p.csv", "markdown": tmp_path / "p.md"},
            params={"basis": declared},
        )
    )
    text = (tmp_path / "p.md").read_text()
    assert "| caffe | caffe-2016 | not published | 1 | 0.0002 | 0.0002 | tanh-1x100, 1" in text
    assert "| tensorflow-0.12 | tensorflow-0.12-2016 |  | 0 |  |  | no runs |" in text
    assert "| tanh-1x100, 10 epochs | yes | 0.940 | 1 + 1 numpy | 0.940 |" in text
    figure_predicted.main(
        job(
            input={
                "table": tmp_path / "p.csv",
                "lines": reference / "lines-of-code.csv",
                "frameworks": [ROOT / f"scripts/frameworks/{name}/framework.yaml" for name in OWN],
            },
            output={"svg": tmp_path / "p.svg", "png": tmp_path / "p.png"},
            params={"own": OWN, "labels": {}, "mode": "default"},
        )
    )
    assert (tmp_path / "p.png").read_bytes().startswith(b"\x89PNG")


def test_without_any_run_every_panel_says_so(runs, logged):
    table = predict(runs.assign(train_images=6000), logged, BASIS)
    assert table.empty
    assert predicted.markdown(table, BASIS).count("| no runs |") == 6
    panels = predicted.pairs(BASIS)
    figure = figure_predicted.draw(table, panels, {}, {})
    words = [text.get_text() for axes in figure.axes for text in axes.texts]
    assert words == ["no runs of the size of 2016"] * len(panels)
    assert any("too little to tell" in text.get_text() for text in figure.texts)


def test_each_recipe_has_a_panel_with_its_points_and_misses(table):
    panels = [("caffe", "caffe-2016"), ("torch7", "torch7-2016"), ("tensorflow-0.12", "x")]
    labels = {"torch7-2016": "Torch7 2016"}
    figure = figure_predicted.draw(table, panels, labels, {})
    caffe, torch, missing = figure.axes
    points = {
        line.get_markerfacecolor(): [tuple(map(float, xy)) for xy in line.get_xydata()]
        for line in caffe.lines
        if line.get_marker() == "o"
    }
    assert len(points.pop("white")) == 1
    (full,) = points.values()
    assert full == [(pytest.approx(94.0), pytest.approx(94.0, abs=0.05))]
    # Every point is inside.
    low, high = torch.get_xlim()
    assert low < 20 and high > 94 and torch.get_ylim() == (low, high)
    # The three tanh layers of the made-up run are far from the log; their number is at the point.
    assert [text.get_text() for text in torch.texts] == ["1"]
    words = [text.get_text() for text in figure.texts]
    assert any("1  tanh-3x100, 5 epochs" in text for text in words)
    assert {"Torch7 2016", "caffe-2016"} <= set(words)
    assert missing.texts[0].get_text() == "no runs of the size of 2016"
