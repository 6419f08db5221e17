"""Marginal GFLOP/s from the width sweep, published and measured."""

from pathlib import Path

import pandas as pd
import pytest
from arithmetic import figure as figure_arithmetic
from arithmetic import table as arithmetic
from rule_scripts import job
from shared.frameworks import read_frameworks, read_paper
from shared.networks import CLASSES, operations
from shared.script import InputError
from shared.strict_yaml import read_yaml
from shared.study import read_study
from shared.tables import read_table

ROOT = Path(__file__).parents[1]
PUBLISHED = pd.read_csv(ROOT / "reference" / "published.csv")
RECIPES_2016 = ROOT / "reference" / "recipes-2016.yaml"
STUDY = read_study(RECIPES_2016)
TIMED = read_yaml(ROOT / "reference" / "timed-2016.yaml")
CONFIGURATION = {
    "recipes": {
        "harmonised": {
            "data": "unit", "batch_size": 125, "partial_batch": "keep", "epochs": 10,
        },
        "torch7-2016": {
            "epochs": 10,
            "data": "bytes",
            "batch_size": 128,
            "partial_batch": "drop",
            "of": "torch7",
        },
        "as-in-the-prototxt": {
            "epochs": 10,
            "data": "unit",
            "batch_size": 128,
            "partial_batch": "wrap",
            "of": "caffe",
        },
    },
    "data_variants": {
        "unit": {"image_size": 28, "train_images": 60000},
        "bytes": {"image_size": 32, "train_images": 60000},
    },
}  # fmt: skip


def make_runs(seconds, framework="pytorch", recipe="harmonised", length="short", epochs=10):
    """Runs of relu networks of one layer from {units: [training seconds of each block]}."""
    rows = [
        {
            "framework": framework,
            "recipe": recipe,
            "activation": "relu",
            "hidden_layers": 1,
            "hidden_units": units,
            "block": block,
            "dataset": "MNIST",
            "train_images": 60000,
            "epochs": epochs,
            "length": length,
            "compute_threads": 1,
            "train_seconds": value,
            "calibration_gflops": 100.0,
        }
        for units, values in seconds.items()
        for block, value in enumerate(values, start=1)
    ]
    return pd.DataFrame(rows, columns=arithmetic.RUN_COLUMNS)


def build(runs):
    return arithmetic.build(runs, PUBLISHED, TIMED, STUDY, CONFIGURATION)


def test_operations_by_hand():
    # A network of 2 inputs and 1 unit would do 2*2 + 2*10 forward, as many for the weights'
    # gradient, and 2*10 for the unit's.
    assert operations([2, 1, CLASSES], images=1) == (4 + 20) + (4 + 20) + 20
    assert operations([784, 1, CLASSES], images=1) == 3196
    assert operations([1024, 1, CLASSES], images=1) == 4156


@pytest.mark.parametrize(
    ("partial_batch", "images"), [("keep", 600000), ("drop", 599040), ("wrap", 599936)]
)
def test_images_of_2016(partial_batch, images):
    # Ten epochs of 60,000 in batches of 128: 468 whole ones an epoch, 4,687 in all.
    assert arithmetic.images_trained(60000, 128, partial_batch, 10) == images


def test_speeds_of_2016():
    table = build(make_runs({})).set_index("framework")
    assert table.gflops.round(1).to_dict() == {
        "theano-keras": 42.0,
        "torch7": 37.4,
        "caffe": 87.1,
        "tensorflow-0.12": 38.7,
        "deeplearning4j-0.4": 3.1,
    }
    # Caffe's deviations are those of ten values, divided by ten, so that the error of a mean is
    # theirs by the root of nine: (.761^2 + .3279^2)^.5 / 3 = .2762 s of 19.728 s.
    assert table.standard_error["caffe"] == pytest.approx(87.08 * 0.2762 / 19.728, rel=1e-3)


def test_measured_speed_by_hand():
    # 600,000 images x 3,196 operations x 896 units in 20 s: 85.9 GFLOP/s.
    row = build(make_runs({128: [4, 6], 512: [99], 1024: [24, 26]})).iloc[-1]
    assert (row.framework, row.recipe, row.runs) == ("pytorch", "harmonised", 4)
    assert row.gflops == pytest.approx(600000 * 3196 * 896 / 20 / 1e9)
    # Each mean has the standard error 1, their difference the square root of 2.
    assert row.standard_error == pytest.approx(row.gflops * 2**0.5 / 20)
    assert row.share_of_machine == pytest.approx(row.gflops / 100)


def test_a_recipe_decides_inputs_and_images():
    row = build(make_runs({128: [5], 1024: [25]}, recipe="torch7-2016")).iloc[-1]
    assert (row.inputs, row.images) == (1024, 599040)
    assert row.gflops == pytest.approx(599040 * 4156 * 896 / 20 / 1e9)
    assert pd.isna(row.standard_error)


def test_what_times_cannot_tell():
    table = build(make_runs({128: [5], 1024: [5]}))
    assert pd.isna(table.gflops.iloc[-1])
    assert "not told by the times" in arithmetic.markdown(table, TIMED)
    assert len(build(make_runs({128: [5]}))) == 5
    assert len(build(make_runs({128: [5], 1024: [25]}, length="whole"))) == 5
    with pytest.raises(InputError, match="no recipe 'other'"):
        build(make_runs({128: [5], 1024: [25]}, recipe="other"))


def test_the_markdown_says_what_is_not_counted():
    text = arithmetic.markdown(build(make_runs({128: [5], 1024: [25]})), TIMED)
    assert "| pytorch | harmonised | 85.9 | 86 % of 100 | 5 | 25 |" in text
    # (4156 + 2048) / 4156
    assert "torch7 did 1.49 times as many" in text


def write_tables(tmp_path, runs):
    """Run the script on a runs table; return the Markdown that it writes beside a.csv."""
    runs.to_csv(tmp_path / "runs.csv", index=False)
    arithmetic.main(
        job(
            input={
                "times": tmp_path / "runs.csv",
                "published": ROOT / "reference" / "published.csv",
                "timed": ROOT / "reference" / "timed-2016.yaml",
                "recipes_2016": RECIPES_2016,
            },
            output={"csv": tmp_path / "a.csv", "markdown": tmp_path / "a.md"},
            params={"configuration": CONFIGURATION},
        )
    )
    return (tmp_path / "a.md").read_text()


def test_the_scripts_write_table_and_figure(tmp_path):
    text = write_tables(tmp_path, make_runs({128: [5, 6], 1024: [25, 26]}, framework="numpy"))
    assert "Not comparable" not in text
    table = read_table(tmp_path / "a.csv", arithmetic.COLUMNS)
    lines = ROOT / "reference" / "lines-of-code.csv"
    paper = read_paper(lines)
    description = ROOT / "scripts" / "frameworks" / "numpy" / "framework.yaml"
    frameworks = read_frameworks([description], paper)
    figure = figure_arithmetic.draw(table, paper, frameworks, {"harmonised": "Common"})
    words = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    # Ten repetitions of two networks; and the four runs that were made up.
    assert words[0] == "Theano (Keras), published 2016, n=20"
    assert words[-1] == "NumPy (reference), Common, n=4"
    numbers = [text.get_text() for text in figure.axes[0].texts]
    assert numbers == ["42", "37", "87", "39", "3.1", "86"]
    # 86 of 100 GFLOP/s.
    assert "NumPy (reference) reaches 86 % of the speed of a matrix product" in [
        text.get_text() for text in figure.texts
    ]
    # Every framework of the paper may be absent here, and so may all runs.
    empty = figure_arithmetic.draw(build(make_runs({})), paper, [], {})
    assert "How fast the arithmetic is, apart from everything else" in [
        text.get_text() for text in empty.texts
    ]
    figure_arithmetic.main(
        job(
            input={"table": tmp_path / "a.csv", "lines": lines, "frameworks": [description]},
            output={"svg": tmp_path / "a.svg", "png": tmp_path / "a.png"},
            params={"mode": "default", "labels": {}},
        )
    )
    assert (tmp_path / "a.svg").stat().st_size > 0
    assert (tmp_path / "a.png").stat().st_size > 0


def test_runs_unlike_those_of_2016_are_said_not_to_be_comparable(tmp_path):
    runs = make_runs({128: [5, 6], 1024: [25, 26]}, framework="numpy", epochs=2)
    assert write_tables(tmp_path, runs.assign(train_images=6000)).startswith(
        "**Installation check: 2 epochs of 6,000 images. Not comparable with the published "
        "values.**"
    )
