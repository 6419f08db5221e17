"""The ranking under every choice, from made-up ranks; scores are by hand."""

import pandas as pd
import pytest
from speed import choices

RANKS = pd.DataFrame(
    [
        ("harmonised", "tanh-1x100", measure, name, rank, low, 3)
        for measure, order in (
            ("train", ["numpy", "caffe", "keras"]),
            ("whole training", ["numpy", "caffe", "keras"]),
            ("predict", ["caffe", "numpy", "keras"]),
        )
        for rank, (name, low) in enumerate(zip(order, (1, 1, 3), strict=True), start=1)
    ],
    columns=["recipe", "network", "measure", "framework", "rank", "rank_low", "rank_high"],
)


def features(accuracies, lines):
    accuracy = pd.DataFrame(accuracies, index=["tanh-1x100"])
    return {"harmonised": choices.Features(RANKS, accuracy, lines)}


def test_choices_rank_by_weighted_means_of_ranks():
    found = choices.build(
        features(
            # Within 0.002 of the best is the first place too.
            {"numpy": 0.970, "caffe": 0.9715, "keras": 0.974},
            {"numpy": 300, "caffe": 100, "keras": 50},
        )
    ).set_index(["speed", "weights"])
    assert found["complete"].all()
    row = found.loc["train", "speed alone"]
    assert (row["first"], row["may_be_first"]) == ("numpy", "numpy caffe")
    assert row["ranking"] == "numpy 1 < caffe 2 < keras 3"
    # Accuracy: keras 1; caffe and numpy are lower by more than 0.002, than keras alone: 2 and 2.
    assert found.loc["train", "speed and accuracy"]["ranking"] == "numpy 1.5 < caffe 2 < keras 2"
    # Lines: 3, 2 and 1.
    row = found.loc["train", "speed and lines"]
    assert row["ranking"] == "numpy 2 < caffe 2 < keras 2"
    assert row["first"] == "numpy caffe keras"
    assert found.loc["predict", "all three alike"]["ranking"] == (
        "caffe 1.67 < keras 1.67 < numpy 2.33"
    )
    # Twice 1, 2 and 2 of 4; twice 2, 2 and 3; twice 3, 1 and 1.
    assert found.loc["predict", "speed twice"]["ranking"] == "caffe 1.5 < keras 2 < numpy 2.25"
    # Speed in both: 1 and 2, 2 and 1; a tie.
    assert found.loc["train + predict", "speed alone"]["first"] == "numpy caffe"


def test_choices_that_lack_a_framework_are_not_counted():
    found = choices.build(
        features({"numpy": 0.97, "caffe": 0.97}, {"numpy": 3, "caffe": 2, "keras": 1})
    ).set_index(["speed", "weights"])
    assert found.loc["train", "speed and lines"]["complete"]
    row = found.loc["train", "speed and accuracy"]
    assert not row["complete"]
    assert row["frameworks"] == 2
    text = choices.markdown(found.reset_index(), {"numpy": "NumPy"})
    # Four measures of speed, alone and with lines.
    assert "8 choices compare all 3 frameworks, on tanh-1x100." in text
    assert "| NumPy | " in text
    # Training and the whole process: caffe's set of ranks contains 1 too.
    assert "3 of 3 first places are shared" in text
    assert "Too little" in choices.markdown(choices.build({}), {})


def test_the_order_depends_on_the_number_of_threads():
    threads = pd.DataFrame(
        [
            ("numpy", "relu-1x512", 1, 1.2),
            ("numpy", "relu-1x512", 2, 0.9),
            ("torch7", "relu-1x512", 1, 1.1),
            ("torch7", "relu-1x512", 2, 4.4),
        ],
        columns=choices.THREAD_COLUMNS,
    )
    text = choices.by_threads(threads, {"torch7": "Torch7"})
    assert "| 1 | Torch7 1.1 < numpy 1.2 |" in text
    assert "| 2 | numpy 0.9 < Torch7 4.4 |" in text
    assert "once with each number of threads" in text


def test_accuracies_of_training_images_do_not_count():
    runs = pd.DataFrame(
        [
            ("caffe", "harmonised", "tanh-1x100", 10, 0.9, "test"),
            ("caffe", "harmonised", "tanh-1x100", 10, 0.8, "test"),
            ("caffe", "harmonised", "tanh-1x100", 5, 0.5, "test"),
            ("torch7", "harmonised", "tanh-1x100", 10, 0.99, "train"),
        ],
        columns=choices.RUN_COLUMNS,
    )
    timed_too = pd.DataFrame(
        {"framework": ["caffe", "torch7"], "recipe": "harmonised", "epochs": 10}
    )
    found = choices.accuracies(runs, timed_too)
    assert found.to_dict() == {"caffe": {"tanh-1x100": pytest.approx(0.85)}}
