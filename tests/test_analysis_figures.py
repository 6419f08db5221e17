"""The figures of the analysis show what its tables and runs say."""

import itertools
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from analysis import figure_recipes, figure_variance, variance
from shared import figure_style
from shared.frameworks import read_frameworks, read_paper
from shared.script import InputError

ROOT = Path(__file__).parents[1]
NETWORKS = ["tanh-1x100", "tanh-2x100"]
RECIPES = ["torch7-2016", "harmonised"]
OWN = {"torch7": ["torch7-2016", "torch7-2016-curve"], "caffe": ["caffe-2016"]}


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
         "accuracy": (0.9 if r == "harmonised" else 0.1) + 0.01 * seed, "scores_sha256": seed}
        for f, r, n, seed in itertools.product(("numpy", "pytorch"), RECIPES, NETWORKS, (1, 3))
        if (f, r, n) != ("numpy", "torch7-2016", "tanh-2x100")
    ]  # fmt: skip
    return pd.DataFrame(rows)


def words(axes):
    return [text.get_text() for text in axes.texts]


def test_the_heat_map_says_every_mean_and_what_is_missing(runs, frameworks):
    figure = figure_recipes.draw(runs, frameworks, RECIPES, NETWORKS, OWN)
    assert [axes.get_title(loc="left") for axes in figure.axes] == NETWORKS
    # PyTorch stands first: successors do before the reference.
    assert words(figure.axes[0]) == ["12.0", "92.0", "12.0", "92.0"]
    assert words(figure.axes[1]) == ["12.0", "92.0", "no run", "92.0"]
    # PyTorch's own recipe of 2016 was Torch's; NumPy had none.
    frames = [patch for patch in figure.axes[0].patches if not patch.get_fill()]
    assert {patch.get_xy() for patch in frames} == {(-0.45, -0.42)}


def test_an_own_recipe_is_framed_whatever_its_name(runs, frameworks):
    figure = figure_recipes.draw(runs, frameworks, RECIPES, NETWORKS, {"torch7": ["harmonised"]})
    frames = [patch for patch in figure.axes[0].patches if not patch.get_fill()]
    assert {patch.get_xy() for patch in frames} == {(0.55, -0.42)}


def test_accuracies_can_be_read_in_grey(runs, frameworks):
    figure = figure_recipes.draw(runs, frameworks, RECIPES, NETWORKS, OWN)
    cells = [patch for patch in figure.axes[0].patches if patch.get_fill()]
    low, high = (np.dot(cell.get_facecolor()[:3], (0.299, 0.587, 0.114)) for cell in cells[:2])
    assert high - low > 0.5
    assert [text.get_color() for text in figure.axes[0].texts[:2]] == ["white", figure_style.INK]


def test_the_bars_are_the_shares(runs):
    table = variance.analyse(runs[runs.network == "tanh-1x100"], replicates=100)
    axes = figure_variance.draw(table).axes[0]
    # Seeds at +-.01 have the variance 2e-4; recipes at +-.4 have .16, less half of .01^2.
    shares = [patch.get_width() for patch in axes.patches[:4]]
    recipe = 0.16 - 0.5e-4
    assert shares == pytest.approx([recipe / (recipe + 2e-4), 0, 0, 2e-4 / (recipe + 2e-4)])
    assert "more than 99 %" in words(axes)
    assert [label.get_text() for label in axes.get_yticklabels()] == ["tanh-1x100", "all networks"]


def test_a_network_without_shares_says_why(runs):
    one = variance.analyse(runs[runs.framework == "numpy"], replicates=100)
    axes = figure_variance.draw(one).axes[0]
    assert not axes.patches
    assert words(axes).count("there is one framework only") == 3
    with pytest.raises(InputError, match="lacks the source 'seed'"):
        figure_variance.draw(one[one.source != "seed"])
