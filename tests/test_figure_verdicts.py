"""The figure of the verdicts shows every cell, and each verdict with a symbol of its own."""

from pathlib import Path

import pandas as pd
import pytest
from shared.frameworks import read_paper
from test_verdicts_numbers import BAD, GOOD, NO_TIMES, NOTHING, PUBLISHED, made_up
from verdicts import figure as figure_verdicts
from verdicts import numbers as verdicts_numbers

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def table():
    """Caffe's first network is reproduced, its second one not; Torch's by its second variant."""
    runs = [
        made_up("caffe", "caffe-2016", "tanh-1x100", [0.940, 0.941, 0.942]),
        made_up("caffe", "caffe-2016", "tanh-2x100", [0.990, 0.991, 0.992]),
        made_up("torch7", "torch7-2016", "tanh-1x100", BAD),
        made_up("torch7", "torch7-2016-later", "tanh-1x100", GOOD),
    ]
    return verdicts_numbers.judge(pd.concat(runs), NO_TIMES, PUBLISHED, NOTHING)


@pytest.fixture
def paper():
    return read_paper(ROOT / "reference" / "lines-of-code.csv")


def test_every_cell_is_a_symbol(table, paper):
    figure = figure_verdicts.draw(table, paper)
    assert len(figure.axes) == 3
    for axes in figure.axes:
        assert len({tuple(line.get_xydata()[0]) for line in axes.get_lines()}) >= 60
    accuracy = figure.axes[0]
    markers = [line.get_marker() for line in accuracy.get_lines() if len(line.get_xdata()) == 1]
    assert markers.count("X") == 1
    assert markers.count("o") == 2
    assert markers.count("_") == 57
    words = [text.get_text() for text in figure.texts]
    assert "2 reproduced, 1 not reproduced, 0 ambiguous, 57 not run" in words
    # The 60 accuracies, and twice 60 times that were not taken.
    assert (
        "Of 180 published numbers, 2 are reproduced, 1 are not, 0 are ambiguous and 177 were not "
        "run"
    ) in words


@pytest.mark.parametrize(
    ("value", "measure", "text"),
    [
        (0.95678, "accuracy", "95.7"),
        (0.012345, "train_seconds", "0.0123"),
        # Not 1.03e+03, which nobody reads and the margin cuts.
        (1032.6, "train_seconds", "1,033"),
    ],
)
def test_a_number_has_three_digits_or_all_before_its_point(value, measure, text):
    assert figure_verdicts.number(value, measure) == text


@pytest.mark.parametrize(
    ("verdict", "interval", "reason", "marker"),
    [
        ("ambiguous", "t", "the interval of the residual contains an end of the margin", "o"),
        ("ambiguous", "t", "uninformative: the published value is known to 0.2 only", "s"),
        ("ambiguous", "none", "one run has no interval", "^"),
        # Torch: one recipe does not reproduce it, and the other was not run.
        ("not reproduced", "t", "the interval lies outside", "^"),
    ],
)
def test_each_cause_of_an_ambiguous_number_has_a_symbol(
    table, paper, verdict, interval, reason, marker
):
    changed = table.assign(
        cell_verdict="ambiguous", verdict=verdict, interval=interval, reason=reason
    )
    lines = figure_verdicts.draw(changed, paper).axes[0].get_lines()
    assert {line.get_marker() for line in lines if len(line.get_xdata()) == 1} == {marker}


def test_the_value_is_that_of_the_recipe_that_decides(table, paper):
    cells = figure_verdicts.shape_cells(table).set_index(["measure", "framework", "network"])
    cell = cells.loc["accuracy", "torch7", "tanh-1x100"]
    assert (cell.cell_verdict, cell.recipe) == ("reproduced", "torch7-2016-later")
    texts = [text.get_text() for text in figure_verdicts.draw(table, paper).axes[0].texts]
    pairs = list(zip(texts[::2], texts[1::2], strict=True))
    assert ("93.2", "93.2") in pairs
    assert ("-", "97.4") in pairs


def test_a_value_says_who_ran_it_and_where_it_was_published(table, paper):
    theanos = (table["framework"] == "theano-keras") & (table["measure"] == "accuracy")
    by_numpy = (table["framework"] == "caffe") & (table["measure"] == "accuracy")
    changed = table.copy()
    changed.loc[by_numpy, ["own_runs", "other_runs"]] = 0, 3
    changed.loc[theanos, ["published", "published_mean"]] = 0.959, 0.974
    figure = figure_verdicts.draw(changed, paper)
    words = [text.get_text() for text in figure.axes[0].texts]
    # Caffe has two networks here, and Theano twelve.
    assert sum(each.endswith("*") for each in words) == 12
    assert words.count("95.9†") == 12
    plain = [text.get_text() for text in figure_verdicts.draw(table, paper).axes[0].texts]
    assert not any(each.endswith(("*", "†")) for each in plain)


def test_symbols_differ_without_their_colours():
    looks = {
        (symbol["marker"], symbol.get("markerfacecolor"))
        for symbol in figure_verdicts.SYMBOLS.values()
    }
    assert len(looks) == 6


def test_where_nothing_was_judged_a_card_says_so_and_why(paper):
    runs = made_up("caffe", "caffe-2016", "tanh-1x100", [0.94, 0.941], train_images=6000, epochs=2)
    times = runs.assign(length="short", block=1, train_seconds=1.0, predict_seconds=1.0)
    table = verdicts_numbers.judge(runs, times, PUBLISHED, NOTHING)
    figure = figure_verdicts.draw(table, paper)
    # No circles, crosses or dashes.
    assert figure.axes == []
    letters = {text.get_text().replace("\n", " "): text.get_size() for text in figure.texts}
    assert letters["No published number was judged."] >= 20
    reason = (
        "The runs are 2 epochs of 6,000 images of MNIST, the paper's 10 epochs of 60,000 images of "
        "MNIST."
    )
    assert letters[reason] >= 12


def test_a_card_names_the_most_frequent_reasons_first(paper):
    table = verdicts_numbers.judge(
        made_up("numpy", "harmonised", "tanh-1x100", [0.9]), NO_TIMES, PUBLISHED, NOTHING
    )
    words = " ".join(text.get_text() for text in figure_verdicts.draw(table, paper).texts)
    # Five frameworks have twelve networks, and two measures of time each.
    assert words.count("has no timed runs here. (24 numbers)") == 4
    assert words.endswith("The table of the verdicts has the other reasons.")
