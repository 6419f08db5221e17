"""The figures of the analysis show what its tables and runs say."""

import itertools
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from analysis import cross, differences, figure_recipes, figure_variance, variance
from cross_runs import WELL, make_runs, simulate
from rule_scripts import job
from shared import figure_style
from shared.frameworks import read_frameworks, read_paper

ROOT = Path(__file__).parents[1]
NETWORKS = ["tanh-1x100", "tanh-2x100"]
RECIPES = ["torch7-2016", "harmonised"]
LABELS = {"torch7-2016": "Torch7 2016", "numpy": "NumPy", "bad": "Bad 2016"}
REFERENCE = {"framework": "numpy", "recipe": "harmonised"}
OWN = {"torch7": ["torch7-2016", "torch7-2016-later"], "caffe": ["caffe-2016"]}


@pytest.fixture
def frameworks():
    paper = read_paper(ROOT / "reference" / "lines-of-code.csv")
    names = ("numpy", "pytorch")
    paths = [ROOT / "scripts" / "frameworks" / name / "framework.yaml" for name in names]
    return read_frameworks(paths, paper)


@pytest.fixture
def runs():
    """Both recipes of two frameworks, but for one cell."""
    rows = [
        {"framework": f, "recipe": r, "network": n, "seed": seed,
         "accuracy_all": (0.9 if r == "harmonised" else 0.1) + 0.01 * seed, "accuracy": 0,
         "scores_sha256": seed, "epochs": 10}
        for f, r, n, seed in itertools.product(("numpy", "pytorch"), RECIPES, NETWORKS, (1, 3))
        if (f, r, n) != ("numpy", "torch7-2016", "tanh-2x100")
    ]  # fmt: skip
    return pd.DataFrame(rows)


def words(axes):
    return [text.get_text() for text in axes.texts]


def test_the_heat_map_says_every_mean_and_what_is_missing(runs, frameworks):
    figure = figure_recipes.draw(runs, frameworks, RECIPES, NETWORKS, OWN, LABELS)
    assert [axes.get_title(loc="left") for axes in figure.axes] == [
        "1 tanh layer of 100",
        "2 tanh layers of 100",
    ]
    names = [label.get_text() for label in figure.axes[0].get_xticklabels()]
    assert names == ["Torch7 2016", "harmonised"]
    # Frameworks are alike with each recipe; recipes are .92 - .12 apart.
    assert figure.texts[0].get_text() == (
        "Median difference of accuracy: 0.0 points within a column (frameworks), 80.0 points "
        "within a row (recipes)"
    )
    assert "14 runs" in figure.texts[1].get_text()
    # PyTorch stands first: successors do before the reference.
    assert words(figure.axes[0]) == ["12.0", "92.0", "12.0", "92.0"]
    assert words(figure.axes[1]) == ["12.0", "92.0", "no run", "92.0"]
    # PyTorch's own recipe of 2016 was Torch's; NumPy had none.
    frames = [patch for patch in figure.axes[0].patches if not patch.get_fill()]
    assert {patch.get_xy() for patch in frames} == {(-0.45, -0.42)}


def test_an_own_recipe_is_framed_whatever_its_name(runs, frameworks):
    figure = figure_recipes.draw(
        runs, frameworks, RECIPES, NETWORKS, {"torch7": ["harmonised"]}, {}
    )
    frames = [patch for patch in figure.axes[0].patches if not patch.get_fill()]
    assert {patch.get_xy() for patch in frames} == {(0.55, -0.42)}


def test_accuracies_can_be_read_in_grey(runs, frameworks):
    figure = figure_recipes.draw(runs, frameworks, RECIPES, NETWORKS, OWN, LABELS)
    cells = [patch for patch in figure.axes[0].patches if patch.get_fill()]
    low, high = (np.dot(cell.get_facecolor()[:3], (0.299, 0.587, 0.114)) for cell in cells[:2])
    assert high - low > 0.5
    assert [text.get_color() for text in figure.axes[0].texts[:2]] == ["white", figure_style.INK]


def test_ranges_in_points():
    runs = make_runs(
        {("a", "x"): [0.9, 0.92], ("a", "y"): [0.5], ("b", "x"): [0.9], ("b", "y"): [0.52]}
    )
    # Frameworks: .91-.90 and .52-.50; recipes: .91-.50 and .90-.52.
    assert figure_recipes.typical_range(runs, "recipe", "framework") == pytest.approx(1.5)
    assert figure_recipes.typical_range(runs, "framework", "recipe") == pytest.approx(39.5)
    one = figure_recipes.headline(runs[runs.framework == "a"])
    assert one == "Median difference of accuracy: 41.0 points within a row (recipes)"


def draw_variance(runs):
    tables = differences.compare(runs), variance.analyse(runs), cross.describe_recipes(runs)
    return figure_variance.draw(*tables, LABELS, REFERENCE)


def dots(axes):
    """The places of the dots by the name of their row."""
    marks = [line for line in axes.lines if line.get_marker() == "o"]
    names = [label.get_text() for label in axes.get_yticklabels()]
    return {names[int(mark.get_ydata()[0])]: mark.get_xdata()[0] for mark in marks}


def test_a_dot_is_the_difference_from_the_reference():
    runs = simulate(np.random.default_rng(0), WELL, dict.fromkeys(WELL, 0.001))
    bad = make_runs({("numpy", "bad"): [0.1, 0.2]})
    figure = draw_variance(pd.concat([runs, bad]))
    frameworks, recipes = figure.axes
    assert dots(frameworks)["NumPy"] == 0 and len(dots(frameworks)) == 10
    # What the simulation has put in, in points.
    truth = {"harmonised": 0, "theano": -0.1, "dl4j04": -0.3, "caffe": -2.5}
    assert dots(recipes) == pytest.approx(truth, abs=0.15)
    # The largest stands first, and each dot has its value beside it.
    assert list(dots(recipes).values()) == sorted(dots(recipes).values(), reverse=True)
    beside = [words for words in map(str, words(recipes)) if words != "reference"]
    values = [value for value in dots(recipes).values() if value]
    assert [float(each.replace("\N{MINUS SIGN}", "-")) for each in beside] == pytest.approx(
        values, abs=0.005
    )
    assert sum(line.get_linewidth() == 1.4 for line in recipes.lines) == 3
    text = " ".join(each.get_text() for each in figure.texts)
    assert f"{len(runs)} trainings of 10 frameworks" in text and "Bad 2016 (10.0 %)" in text
    assert "Means over tanh-1x100, tanh-2x100, tanh-3x100 and tanh-4x100, on all" in text
    finding = (
        r"Where recipes train well, accuracy differs by up to 0\.\d\d points between frameworks "
        r"and 2\.[56] points"
    )
    assert re.match(finding, figure.texts[0].get_text())


def test_an_interval_is_turned_with_its_difference():
    part = pd.DataFrame(
        [("numpy", "a", 0.01, 0.005, 0.015), ("numpy", "b", -0.02, -0.03, -0.01),
         ("a", "b", -0.03, -0.04, -0.02)],
        columns=["first", "second", "difference", "low", "high"],
    )  # fmt: skip
    table = figure_variance.against(part, "numpy")
    assert list(table.index) == ["b", "numpy", "a"]
    assert table.loc["a"].tolist() == pytest.approx([-1, -1.5, -0.5])
    assert table.loc["b"].tolist() == pytest.approx([2, 1, 3])
    assert figure_variance.against(part, "absent").loc["numpy", "difference"] == 0


def test_one_framework_still_shows_the_recipes():
    runs = make_runs({("numpy", "harmonised"): [0.97], ("numpy", "other"): [0.95]})
    figure = draw_variance(runs)
    frameworks, recipes = figure.axes
    (sentence,) = frameworks.texts
    assert "frameworks cannot" in sentence.get_text() and "one framework" in sentence.get_text()
    assert sentence.get_size() >= 15 and not frameworks.lines
    assert dots(recipes) == pytest.approx({"harmonised": 0, "other": -2})
    assert figure.texts[0].get_text() == (
        "Where recipes train well, accuracy differs by up to 2.0 points between recipes"
    )
    assert figure.texts[1].get_text().startswith("2 trainings of 1 framework with")


def test_nothing_to_compare_is_a_sentence_in_each_panel():
    figure = draw_variance(make_runs({("numpy", "harmonised"): [0.97]}))
    assert [len(axes.lines) for axes in figure.axes] == [0, 0]
    assert "there is one recipe only" in words(figure.axes[1])[0]


def test_recipes_that_fail_are_drawn_where_there_are_no_others():
    figure = draw_variance(
        make_runs({(f, r): [0.5 + 0.1 * (r == "y")] for f in ("numpy", "b") for r in "xy"})
    )
    assert dots(figure.axes[1]) == pytest.approx({"x": 0, "y": 10})
    assert figure.texts[0].get_text().startswith("Accuracy differs by up to 0.00 points between")
    assert "all recipes (2)" in figure.texts[1].get_text()
    assert "mixed model" not in " ".join(text.get_text() for text in figure.texts)


def test_the_script_draws_its_tables(tmp_path):
    runs = make_runs({("numpy", "harmonised"): [0.97], ("numpy", "other"): [0.95]})
    tables = {
        "differences": differences.compare(runs),
        "variance": variance.analyse(runs),
        "recipes": cross.describe_recipes(runs),
    }
    for name, table in tables.items():
        table.to_csv(tmp_path / f"{name}.csv", index=False)
    figure_variance.main(
        job(
            input={name: tmp_path / f"{name}.csv" for name in tables},
            output={"svg": tmp_path / "v.svg", "png": tmp_path / "v.png"},
            params={"labels": LABELS, "reference": REFERENCE, "mode": "default"},
        )
    )
    assert (tmp_path / "v.png").read_bytes().startswith(b"\x89PNG")
