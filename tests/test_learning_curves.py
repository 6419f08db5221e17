"""The learning curves: every run in its place, and its recipe's name at the line."""

from pathlib import Path

import pandas as pd
import pytest
from analysis import figure_learning_curves
from rule_scripts import job
from shared.script import InputError

ROOT = Path(__file__).parents[1]
LABELS = {"torch7-2016": "Torch7 2016"}
CURVES = [
    {"recipe": "torch7-2016", "points": ["torch7-2016--1-epochs", "torch7-2016"]},
    {"recipe": "torch7-2016-later", "points": ["torch7-2016-later"]},
    {"recipe": "harmonised", "points": ["harmonised--1-epochs", "harmonised"]},
]
RUNS = pd.DataFrame(
    [
        ("numpy", "torch7-2016--1-epochs", "tanh-4x100", 1, 1, 0.11),
        ("numpy", "torch7-2016--1-epochs", "tanh-4x100", 2, 1, 0.13),
        ("numpy", "torch7-2016", "tanh-4x100", 1, 10, 0.45),
        ("numpy", "torch7-2016-later", "tanh-4x100", 1, 10, 0.91),
        ("numpy", "harmonised", "tanh-4x100", 1, 10, 0.97),
        ("numpy", "harmonised--1-epochs", "tanh-4x100", 1, 1, 0.93),
        ("numpy", "harmonised", "tanh-1x100", 1, 10, 0.96),
        # Others, whose values must be nowhere.
        ("pytorch", "harmonised", "tanh-4x100", 1, 10, 0.5),
        ("numpy", "caffe-2016", "tanh-4x100", 1, 10, 0.6),
        ("numpy", "harmonised", "relu-4x100", 1, 10, 0.7),
    ],
    columns=figure_learning_curves.RUN_COLUMNS[:-1],
)
RUNS["accuracy_of"] = RUNS["recipe"].map({"torch7-2016-later": "train"}).fillna("test")


def draw(networks, runs=RUNS):
    return figure_learning_curves.draw(runs, CURVES, "numpy", networks, 10, LABELS)


def lines_of(axes):
    """Return the named lines: name to epochs, medians, colour and dash."""
    return {
        line.get_label(): (
            list(line.get_xdata()), list(line.get_ydata()), line.get_color(), line.get_linestyle()
        )
        for line in axes.lines
        if not line.get_label().startswith("_")
    }  # fmt: skip


def test_a_line_joins_the_medians_of_the_runs_of_its_recipe():
    (axes,) = draw(["tanh-4x100"]).axes
    assert axes.get_title(loc="left") == "4 tanh layers of 100"
    lines = lines_of(axes)
    assert {name: line[:2] for name, line in lines.items()} == {
        "Torch7 2016": ([1, 10], pytest.approx([12, 45])),
        "torch7-2016-later": ([10], pytest.approx([91])),
        "harmonised": ([1, 10], pytest.approx([93, 97])),
    }
    # All curves differ in colour and in dash.
    assert (
        len({line[2] for line in lines.values()}) == len({line[3] for line in lines.values()}) == 3
    )
    # Each has its name where it ends.
    ends = {text.get_text(): text.xy[0] for text in axes.texts}
    assert ends == {"the paper: 10 epochs": 10, **dict.fromkeys(lines, 10)}
    dots = [list(line.get_ydata()) for line in axes.lines if line.get_marker() == "o"]
    assert dots == [pytest.approx([11, 13, 45]), pytest.approx([91]), pytest.approx([93, 97])]
    # All that is drawn can be seen, and the epochs are named.
    low, high = axes.get_ylim()
    assert low < 11 and 97 < high < 100
    assert [label.get_text() for label in axes.get_xticklabels()] == ["1", "10"]


def test_the_title_says_how_much_the_curves_rise():
    later = pd.DataFrame(
        [("numpy", "torch7-2016--1-epochs", "tanh-4x100", 1, 50, 0.85),
         ("numpy", "harmonised--1-epochs", "tanh-4x100", 1, 50, 0.98)],
        columns=RUNS.columns[:-1],
    ).assign(accuracy_of="test")  # fmt: skip
    figure = draw(["tanh-4x100"], pd.concat([RUNS, later]))
    assert figure.texts[1].get_text() == (
        "After the paper's 10 epochs, 2 recipes gain +1.0 to +40.0 points until epoch 50 (n=1)"
    )
    # Another seed, which stops at the paper's epochs, moves the median, but is no gain.
    lucky = later.assign(recipe="torch7-2016", seed=2, epochs=10, accuracy_all=0.85)[:1]
    figure = draw(["tanh-4x100"], pd.concat([RUNS, later, lucky]))
    assert "gain +1.0 to +40.0 points" in figure.texts[1].get_text()
    # Without a seed in common, nothing is known of the gain.
    others = draw(["tanh-4x100"], pd.concat([RUNS, later.assign(seed=9)]))
    assert others.texts[1].get_text() == "Learning curves"
    figure = draw(["tanh-4x100"], pd.concat([RUNS, later]))
    assert "8 trainings" in figure.texts[2].get_text()
    assert "on all test images (torch7-2016-later: training images), 8" in (
        figure.texts[2].get_text()
    )


def test_names_do_not_cover_each_other():
    assert figure_learning_curves.spaced([0.5, 0.48, 0.9], 0.1) == pytest.approx([0.58, 0.48, 0.9])


def test_each_network_has_a_panel():
    figure = draw(["tanh-4x100", "tanh-1x100"])
    assert [axes.get_title(loc="left") for axes in figure.axes] == [
        "4 tanh layers of 100",
        "1 tanh layer of 100",
    ]
    assert lines_of(figure.axes[1])["harmonised"][1] == pytest.approx([96])


def test_nothing_to_draw_is_one_sentence():
    with pytest.raises(InputError, match="no learning curve was run with numpy; enable the exp"):
        draw(["tanh-4x100"], RUNS[RUNS["framework"] == "pytorch"])


def test_the_script_draws_what_its_rule_names(tmp_path):
    RUNS.to_csv(tmp_path / "runs.csv", index=False)
    figure_learning_curves.main(
        job(
            input={
                "runs": tmp_path / "runs.csv",
                "recipes_2016": ROOT / "reference" / "recipes-2016.yaml",
            },
            output={"svg": tmp_path / "curves.svg", "png": tmp_path / "curves.png"},
            params={
                "framework": "numpy",
                "networks": ["tanh-4x100"],
                "curves": CURVES,
                "labels": LABELS,
                "mode": "default",
            },
        )
    )
    assert (tmp_path / "curves.png").read_bytes().startswith(b"\x89PNG")
    assert "harmonised" in (tmp_path / "curves.svg").read_text()
