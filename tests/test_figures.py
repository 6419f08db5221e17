"""The figures show what the tables say: every run, every published value, and what is missing."""

import csv
import itertools
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import describe
from figures import architecture as figure_architecture
from figures import digits as figure_digits
from figures import lines_of_code as figure_lines_of_code
from figures import sweep as figure_sweep
from figures.measures import METRICS
from figures.sweep_data import shape_sweep
from rule_scripts import job, run_script
from shared.error_scale import from_error_scale, to_error_scale
from shared.frameworks import read_frameworks, read_paper
from shared.script import InputError
from shared.study import read_study
from shared.tables import read_table

ROOT = Path(__file__).parents[1]
PUBLISHED = ROOT / "reference" / "published.csv"
LINES = ROOT / "reference" / "lines-of-code.csv"
RECIPES_2016 = ROOT / "reference" / "recipes-2016.yaml"
STUDY = read_study(RECIPES_2016)
SEEDS = (1, 2, 3)


@pytest.fixture
def descriptions(tmp_path):
    """An ancestor, a successor and a framework without an ancestor."""
    return [
        describe(tmp_path, "numpy", label="NumPy"),
        describe(tmp_path, "pytorch", label="PyTorch", successor_of="torch7"),
        describe(tmp_path, "torch7", label="Torch7"),
    ]


@pytest.fixture
def paper():
    return read_paper(LINES)


@pytest.fixture
def frameworks(descriptions, paper):
    return read_frameworks(descriptions, paper)


@pytest.fixture
def runs():
    """Made-up runs of two frameworks: each network of the paper, three seeds."""
    networks = [("tanh", layers, 100) for layers in (1, 2, 3, 4)]
    networks += [("relu", layers, 100) for layers in (1, 2, 3, 4)]
    networks += [("relu", 1, units) for units in (64, 128, 512, 1024)]
    rows = []
    for framework, network, seed in itertools.product(("numpy", "pytorch"), networks, SEEDS):
        activation, layers, units = network
        rows.append(
            {
                "framework": framework,
                "recipe": "harmonised",
                "network": f"{activation}-{layers}x{units}",
                "activation": activation,
                "hidden_layers": layers,
                "hidden_units": units,
                "seed": seed,
                "dataset": "MNIST",
                "train_images": 60000,
                "epochs": 10,
                "timed": True,
                "compute_threads": 1,
                "threads_used": 0.99,
                "other_cores_busy": 0.02,
                "accuracy": 0.97 + seed / 1000,
                "train_seconds": layers * 5.0 + seed + (framework == "numpy"),
                "predict_seconds": 0.1 * seed,
            }
        )
    return pd.DataFrame(rows)


def shape(runs, metric="train_seconds", activation="tanh", sweep="depth", **options):
    return shape_sweep(
        runs,
        pd.read_csv(PUBLISHED),
        METRICS[metric],
        activation,
        sweep,
        options.get("recipe", "harmonised"),
        {
            framework: count
            if isinstance(count, dict)
            else dict.fromkeys(runs.network.unique(), count)
            for framework, count in options.get(
                "repetitions", dict.fromkeys(runs.framework.unique(), len(SEEDS))
            ).items()
        },
        STUDY,
    )


def panels(figure):
    """The panels of a sweep by their headings."""
    return {axes.get_legend().get_title().get_text(): axes for axes in figure.axes}


def entries(axes):
    """The words of a panel's legend."""
    return [text.get_text() for text in axes.get_legend().get_texts()]


def line(axes, label):
    """The one line of a panel with a label."""
    (found,) = [line for line in axes.get_lines() if line.get_label() == label]
    return found


def published_means(framework, activation, sweep, metric):
    """The published values, read without the figure's code."""
    with PUBLISHED.open() as file:
        return [
            float(row[f"{metric}_mean"])
            for row in csv.DictReader(file)
            if (row["framework"], row["activation"], row["sweep"]) == (framework, activation, sweep)
        ]


@pytest.mark.parametrize(
    ("metric", "activation", "sweep", "number"),
    [
        ("train_seconds", "tanh", "depth", 4),
        ("predict_seconds", "relu", "depth", 8),
        ("accuracy", "relu", "width", 12),
    ],
)
def test_figure_has_the_number_of_the_paper(runs, metric, activation, sweep, number):
    assert shape(runs, metric, activation, sweep).number == number


def test_every_run_is_a_mark_and_the_line_joins_the_medians(runs, paper, frameworks):
    axes = panels(figure_sweep.draw(shape(runs), paper, frameworks))["Torch"]
    marks = line(axes, "pytorch runs")
    assert sorted(marks.get_ydata()) == sorted(
        layers * 5.0 + seed for layers in (1, 2, 3, 4) for seed in SEEDS
    )
    assert len(set(marks.get_xdata())) == len(marks.get_xdata()), "a run hides another"
    assert line(axes, "pytorch medians").get_ydata().tolist() == [7, 12, 17, 22]
    assert line(axes, "numpy for comparison").get_ydata().tolist() == [8, 13, 18, 23]


@pytest.mark.parametrize(
    ("metric", "factor"), [("train_seconds", 1), ("predict_seconds", 1), ("accuracy", 100)]
)
def test_published_values_are_where_the_paper_has_them(runs, paper, frameworks, metric, factor):
    figure = figure_sweep.draw(shape(runs, metric, "relu", "width"), paper, frameworks)
    for name, label in (("torch7", "Torch"), ("caffe", "Caffe")):
        (container,) = panels(figure)[label].containers
        assert container.get_label() == "published 2016 (another machine, its own recipe)"
        means, _, (bars,) = container
        expected = published_means(name, "relu", "width", metric)
        assert means.get_ydata() == pytest.approx(np.multiply(expected, factor))
        assert len(bars.get_segments()) == 4


def test_panels_share_one_axis_and_leave_nothing_out(runs, paper, frameworks):
    for metric in METRICS:
        figure = figure_sweep.draw(shape(runs, metric, "relu", "width"), paper, frameworks)
        (limits,) = {axes.get_ylim() for axes in figure.axes}
        assert limits[0] < limits[1], "higher values must stand higher"
        for axes in figure.axes:
            for drawn in axes.get_lines():
                inside = np.asarray(drawn.get_ydata(), dtype=float)
                assert ((limits[0] < inside) & (inside < limits[1])).all()


def test_missing_runs_are_said_in_the_figure(runs, paper, frameworks):
    lost = (runs.framework == "pytorch") & (runs.network == "tanh-3x100") & (runs.seed == 2)
    axes = panels(figure_sweep.draw(shape(runs[~lost]), paper, frameworks))
    assert "PyTorch, 2026: 11 of 12 runs" in entries(axes["Torch"])
    assert entries(axes["Not in the paper"]) == ["NumPy, 2026"]


def test_expected_runs_can_be_more_than_the_table_has(runs, paper, frameworks):
    axes = panels(
        figure_sweep.draw(shape(runs, repetitions={"numpy": 3, "pytorch": 5}), paper, frameworks)
    )
    assert "PyTorch, 2026: 12 of 20 runs" in entries(axes["Torch"])
    assert entries(axes["Not in the paper"]) == ["NumPy, 2026"]


def test_fewer_repetitions_of_a_framework_are_said_in_the_footer(runs, paper, frameworks):
    fewer = runs[(runs.framework == "numpy") | (runs.seed == 2)]
    repetitions = {"numpy": 3, "pytorch": 1, "torch7": 2}
    figure = figure_sweep.draw(shape(fewer, repetitions=repetitions), paper, frameworks)
    # None of its runs is missing.
    assert entries(panels(figure)["Torch"])[1] == "PyTorch, 2026"
    footer = figure.texts[-1].get_text().splitlines()
    assert "lines join the medians of 1 to 3 runs a network" in footer[0]
    # What has no run at all is said in its panel, not here.
    assert footer[-1] == "Fewer runs than the usual 12: 4 of PyTorch."
    figure = figure_sweep.draw(shape(runs), paper, frameworks)
    assert "Fewer" not in figure.texts[-1].get_text()


def test_a_network_with_more_repetitions_makes_the_others_no_fewer(runs, paper, frameworks):
    again = runs[(runs.seed == 1) | (runs.network == "tanh-4x100")]
    counts = {f"tanh-{layers}x100": 1 for layers in (1, 2, 3)} | {"tanh-4x100": 3, "relu-1x64": 5}
    figure = figure_sweep.draw(
        shape(again, repetitions={"numpy": counts, "pytorch": counts}), paper, frameworks
    )
    assert entries(panels(figure)["Torch"])[1] == "PyTorch, 2026"
    footer = figure.texts[-1].get_text()
    assert "medians of 1 to 3 runs a network" in footer
    assert "Fewer" not in footer


def test_a_framework_that_waits_is_said_in_the_footer(runs, paper, frameworks):
    def footer(metric="train_seconds"):
        return figure_sweep.draw(shape(runs, metric), paper, frameworks).texts[-1].get_text()

    quarter = (runs["framework"] == "pytorch") & (runs["network"] == "tanh-4x100")
    runs.loc[quarter, "threads_used"] = [0.75, 0.95, 0.99]
    last = footer().splitlines()[-1]
    assert last == "Cores idle for more than 10 % of a training: PyTorch (up to 25 %)."
    # With two threads, one and a half are a quarter idle.
    runs["compute_threads"] = 2
    runs["threads_used"] = 1.5
    assert footer().splitlines()[-1].endswith(": PyTorch (up to 25 %), NumPy (up to 25 %).")
    # Where other processes kept the machine busy, nobody is blamed.
    numpys = runs["framework"] == "numpy"
    runs.loc[numpys, "other_cores_busy"] = 1.5
    assert footer().splitlines()[-1].endswith(": PyTorch (up to 25 %).")
    runs["other_cores_busy"] = 1.5
    assert "idle" not in footer()
    runs["other_cores_busy"] = 0.02
    # It says nothing of predictions, nor of trainings shorter than what CPU time is counted in.
    assert "idle" not in footer("predict_seconds")
    runs["train_seconds"] = 0.05
    assert "idle" not in footer()


def words_of(figure):
    """All words outside of the panels, each with the size of its letters."""
    return {text.get_text().replace("\n", " "): text.get_size() for text in figure.texts}


def test_the_footer_names_the_data_set_and_the_size(runs, paper, frameworks):
    figure = figure_sweep.draw(shape(runs), paper, frameworks)
    assert figure.texts[-1].get_text().splitlines()[1] == (
        "MNIST, 10 epochs of 60,000 images, recipe harmonised, 1 compute thread."
    )
    assert not any("comparable" in words for words in words_of(figure))


@pytest.mark.parametrize(
    ("changes", "warning"),
    [
        (
            {"train_images": 6000, "epochs": 2},
            "Installation check: 2 epochs of 6,000 images. Not comparable with the published "
            "values.",
        ),
        (
            {"epochs": 1},
            "Installation check: 1 epoch of 60,000 images. Not comparable with the published "
            "values.",
        ),
        (
            {"epochs": 20},
            "20 epochs of 60,000 images. Not comparable with the published values.",
        ),
        (
            {"dataset": "Fashion-MNIST"},
            "10 epochs of 60,000 images of Fashion-MNIST, not MNIST. Not comparable with the "
            "published values.",
        ),
    ],
)
@pytest.mark.parametrize("metric", list(METRICS))
def test_runs_unlike_those_of_2016_stand_alone(runs, paper, frameworks, changes, warning, metric):
    data = shape(runs.assign(**changes), metric)
    figure = figure_sweep.draw(data, paper, frameworks)
    assert words_of(figure)[warning] >= 16
    assert "2016 paper" not in " ".join(words_of(figure))
    for axes in figure.axes:
        assert axes.containers == [], "a published value is drawn"
    named = [text.get_text() for legend in figure.legends for text in legend.get_texts()]
    assert named == ["medians of the other frameworks measured here"]
    # The axis is that of the runs: NumPy's times go from 6 to 24 seconds.
    if metric == "train_seconds":
        low, high = figure.axes[0].get_ylim()
        assert 4 < low < 6 and 24 < high < 30


def test_a_figure_without_any_run_can_be_drawn(runs, paper, frameworks):
    """No network of the figure was run, and the published values are not comparable."""
    other = runs[runs["activation"] == "tanh"].assign(epochs=2)
    for metric in METRICS:
        data = shape(other, metric, activation="relu", sweep="width")
        figure = figure_sweep.draw(data, paper, frameworks)
        assert figure.texts[-1].get_text() == (
            "No run of these networks has the recipe harmonised here."
        )


@pytest.mark.parametrize("dataset", ["Fashion-MNIST", "Images of garments, photographed in 2026"])
def test_a_warning_is_clear_of_everything_else(runs, paper, frameworks, dataset):
    data = shape(runs.assign(dataset=dataset), "accuracy")
    figure = figure_sweep.draw(data, paper, frameworks)
    figure.draw_without_rendering()
    places = [axes.get_legend().get_window_extent() for axes in figure.axes]
    places += [text.get_window_extent() for text in figure.texts]
    places += [legend.get_window_extent() for legend in figure.legends]
    for one, other in itertools.combinations(places, 2):
        assert not one.overlaps(other)
    assert all(place.x1 <= figure.bbox.x1 for place in places)


def test_frameworks_that_are_not_asked_for_are_not_shown(runs, paper, frameworks):
    data = shape(runs, repetitions={"numpy": 3})
    assert set(data.runs.framework) == {"numpy"}
    # Not even the scale takes notice of them: NumPy's times go from 7 to 24 seconds.
    assert data.runs.value.min() == 7 and data.runs.value.max() == 24


def test_networks_that_nobody_ran_are_not_missed(runs, paper, frameworks):
    asked = runs[runs.network.isin(["tanh-1x100", "tanh-2x100"])]
    axes = panels(figure_sweep.draw(shape(asked), paper, frameworks))
    assert entries(axes["Torch"])[1] == "PyTorch, 2026"


def test_what_was_not_measured_is_said_to_be(runs, paper, frameworks):
    axes = panels(figure_sweep.draw(shape(runs), paper, frameworks))
    assert entries(axes["Torch"]) == ["Torch7, 2026: not measured here", "PyTorch, 2026"]
    assert entries(axes["Caffe"]) == ["The 2016 version: not measured here"]
    # A value that is not there is no run either.
    runs.loc[runs.framework == "pytorch", "train_seconds"] = np.nan
    axes = panels(figure_sweep.draw(shape(runs), paper, frameworks))
    assert "PyTorch, 2026: not measured here" in entries(axes["Torch"])


def test_times_of_untimed_runs_are_not_shown(runs):
    runs.loc[runs.framework == "pytorch", "timed"] = False
    assert set(shape(runs).runs.framework) == {"numpy"}
    assert set(shape(runs, "accuracy").runs.framework) == {"numpy", "pytorch"}


def test_each_panel_keeps_to_its_own_place(runs, paper, tmp_path):
    """The longest words and all ten frameworks: no legend reaches another panel or the data."""
    names = ["theano-keras", "torch7", "caffe", "tensorflow-0.12", "deeplearning4j-0.4"]
    label = "Deeplearning4j 1.0"
    paths = [describe(tmp_path, name, label=label) for name in names]
    paths += [describe(tmp_path, f"new-{name}", label=label, successor_of=name) for name in names]
    paths.append(describe(tmp_path, "numpy", label="NumPy"))
    frameworks = read_frameworks(paths, paper)
    runs = pd.concat(
        [
            runs[(runs.framework == "numpy") & (runs.seed < 3 - index % 2)].assign(framework=name)
            for index, name in enumerate(framework.name for framework in frameworks)
            if name != "caffe"
        ]
    )
    data = shape(runs, "accuracy", "relu", "width")
    figure = figure_sweep.draw(data, paper, frameworks)
    figure.draw_without_rendering()
    places = [axes.get_legend().get_window_extent() for axes in figure.axes]
    places += [axes.get_window_extent() for axes in figure.axes]
    places += [text.get_window_extent() for text in figure.texts]
    places += [legend.get_window_extent() for legend in figure.legends]
    for one, other in itertools.combinations(places, 2):
        assert not one.overlaps(other)
    for place in places:
        assert figure.bbox.x0 <= place.x0 and place.x1 <= figure.bbox.x1
        assert figure.bbox.y0 <= place.y0 and place.y1 <= figure.bbox.y1


def test_the_numbers_of_an_axis_stay_clear_of_its_words(runs, paper, frameworks):
    """Also where they are long: fast programs predict 10,000 images in a few thousandths."""
    runs["predict_seconds"] /= 20
    figure = figure_sweep.draw(shape(runs, "predict_seconds", "relu", "width"), paper, frameworks)
    figure.draw_without_rendering()
    (words,) = [text for text in figure.texts if text.get_rotation() == 90]
    numbers = [label for axes in figure.axes[::3] for label in axes.get_yticklabels()]
    assert "0.005" in [label.get_text() for label in numbers]
    right = words.get_window_extent().x1
    assert all(right < label.get_window_extent().x0 for label in numbers if label.get_text())


@pytest.mark.parametrize(
    ("metric", "values"),
    [("accuracy", (0.9145, 0.9204)), ("train_seconds", (11.0, 14.0)), ("accuracy", (0.5, 0.98))],
)
def test_an_axis_has_two_numbers_at_least(runs, paper, frameworks, metric, values):
    """Also where all values lie close together: without the published ones they may."""
    runs[metric] = np.where(runs["hidden_layers"] > 1, *values)
    data = shape(runs.assign(dataset="Fashion-MNIST"), metric)
    figure = figure_sweep.draw(data, paper, frameworks)
    figure.draw_without_rendering()
    axes = figure.axes[0]
    low, high = axes.get_ylim()
    seen = [tick for tick in axes.get_yticks() if low <= tick <= high]
    assert 2 <= len(seen) <= 12
    words = [label.get_text() for label in axes.get_yticklabels()]
    assert len([word for word in words if word]) >= 2


def test_error_scale_is_undone_and_keeps_the_order():
    accuracies = np.array([10, 69.4, 90, 97, 98, 99.5])
    scaled = to_error_scale(accuracies)
    assert (np.diff(scaled) > 0).all()
    assert from_error_scale(scaled) == pytest.approx(accuracies)
    assert np.isfinite(to_error_scale(np.array([100.0]))).all()


def test_faulty_input_ends_in_one_sentence(runs, paper, frameworks, tmp_path):
    with pytest.raises(InputError, match=r"no run has the recipe 'harmonized'.*has harmonised"):
        shape(runs, recipe="harmonized")
    with pytest.raises(InputError, match="the paper has no figure of tanh in width"):
        shape(runs, activation="tanh", sweep="width")
    with pytest.raises(InputError, match="framework 'pytorch', which has no description"):
        figure_sweep.draw(shape(runs), paper, [each for each in frameworks if each.lineage is None])
    with pytest.raises(InputError, match=r"successor_of is 'torhc7'.*one of theano-keras"):
        read_frameworks([describe(tmp_path, "new", successor_of="torhc7")], paper)
    with pytest.raises(InputError, match=r"the column seed is missing; add it\."):
        read_table(LINES, ["framework", "seed"])
    (tmp_path / "empty.csv").touch()
    with pytest.raises(InputError, match=r"empty\.csv is no CSV table with a header line"):
        read_table(tmp_path / "empty.csv", [])
    with pytest.raises(InputError, match="'relu-x5' names no network"):
        figure_architecture.parse_networks(["relu-x5"])


def test_roles_follow_from_the_descriptions(frameworks):
    assert [(each.name, each.role, each.lineage) for each in frameworks] == [
        ("torch7", "ancestor", "torch7"),
        ("pytorch", "successor", "torch7"),
        ("numpy", "reference", None),
    ]


def test_networks_are_drawn_from_those_configured():
    names = ["tanh-1x100", "relu-1x100", "relu-3x100", "tanh-2x100", "relu-1x64", "relu-1x1024"]
    networks = figure_architecture.parse_networks(names)
    assert networks[(1, 100)] == ["tanh", "relu"]
    assert figure_architecture.in_depth(list(networks)) == [(1, 100), (2, 100), (3, 100)]
    assert figure_architecture.in_width(list(networks)) == [(1, 64), (1, 1024)]
    for number, panel_count in ((2, 3), (3, 2)):
        figure = figure_architecture.draw(networks, number, 28)
        assert len(figure.axes) == panel_count
    words = [text.get_text() for text in figure.axes[1].texts]
    assert words[:3] == ["784", "1024", "10"] and words[-1] == "1024 hidden units"


def test_one_network_alone_can_be_drawn():
    networks = figure_architecture.parse_networks(["relu-1x8"])
    for number in (2, 3):
        assert len(figure_architecture.draw(networks, number, 28).axes) == 1


def test_digits_stand_in_their_columns():
    labels = np.tile(np.arange(10, dtype=np.uint8), 3)
    images = np.ones((30, 4, 4), dtype=np.float32) * (labels[:, None, None] + 1)
    sheet = figure_digits.mosaic(images, labels, examples=2, gap=1)
    assert sheet.shape == (9, 49)
    for digit in range(10):
        column = sheet[:, 5 * digit : 5 * digit + 4]
        assert (column[[0, 3, 5, 8]] == digit + 1).all() and (column[4] == 0).all()
    with pytest.raises(InputError, match="hold 3 images of the digit 0"):
        figure_digits.mosaic(images, labels, examples=4)
    with pytest.raises(InputError, match="30 images and 29 labels"):
        figure_digits.mosaic(images, labels[1:], examples=2)


@pytest.mark.parametrize(
    ("dataset", "train_images", "epochs", "expected"),
    [
        (
            *("MNIST", 60000, 10),
            [
                "Figure 1. Handwritten digits of MNIST",
                "The first 2 test images of each digit in the file, not chosen by eye. The runs "
                "that the figures show: 10 epochs of 60,000 images of MNIST.",
            ],
        ),
        (
            *("MNIST", 6000, 2),
            [
                "Installation check: 2 epochs of 6,000 images. Not comparable with the published "
                "values."
            ],
        ),
        (
            *("Fashion-MNIST", 60000, 1),
            [
                "Figure 1. Images of Fashion-MNIST",
                "1 epoch of 60,000 images of Fashion-MNIST, not MNIST. Not comparable with the "
                "published values.",
                "The first 2 test images of each class in the file, not chosen by eye. The runs "
                "that the figures show: 1 epoch of 60,000 images of Fashion-MNIST.",
            ],
        ),
    ],
)
def test_figure_1_names_the_data_set_and_the_size(dataset, train_images, epochs, expected):
    labels = np.tile(np.arange(10, dtype=np.uint8), 2)
    images = np.ones((20, 28, 28), dtype=np.float32)
    size = pd.DataFrame([{"dataset": dataset, "train_images": train_images, "epochs": epochs}])
    figure = figure_digits.draw(images, labels, 2, size, STUDY)
    assert set(expected) <= set(words_of(figure))
    as_in_2016 = (dataset, train_images, epochs) == ("MNIST", 60000, 10)
    assert any("Not comparable" in words for words in words_of(figure)) is not as_in_2016


def test_images_must_have_the_size_that_is_said(tmp_path):
    path = tmp_path / "images.f32"
    np.zeros((3, 32, 32), dtype="<f4").tofile(path)
    assert figure_digits.read_images(path, 32).shape == (3, 32, 32)
    with pytest.raises(InputError, match="3072 pixels"):
        figure_digits.read_images(path, 28)


def test_lines_of_code_stand_beside_those_of_the_paper(paper, frameworks):
    table = pd.DataFrame(
        {
            "framework": ["pytorch", "pytorch", "numpy"],
            "physical_lines": [60, 30, 50],
            "code_lines": [50, 20, 40],
        }
    )
    bars = figure_lines_of_code.shape_bars(table, paper, frameworks)
    shown = {bar.words: (bar.physical, bar.code) for bar in bars if bar.lineage in ("torch7", None)}
    assert shown == {
        "Torch, Lua": (165, None),
        "Torch7, 2026, Python": (None, None),
        "PyTorch, 2026, Python": (90, 70),
        "NumPy, 2026, Python": (50, 40),
    }
    axes = figure_lines_of_code.draw(bars).axes[0]
    widths = [bar.get_width() for bar in axes.patches]
    with LINES.open() as file:
        assert set(widths) == {int(row["lines"]) for row in csv.DictReader(file)} | {90, 70, 50, 40}
    assert "not measured here" in [text.get_text() for text in axes.texts]


def sweep_job(folder, table, descriptions):
    """What Snakemake tells the script of figure 12."""
    return {
        "input": {
            "runs": table,
            "published": PUBLISHED,
            "recipes_2016": RECIPES_2016,
            "lines": LINES,
            "frameworks": descriptions,
        },
        "output": {"svg": folder / "f.svg", "png": folder / "f.png"},
        "params": {
            "metric": "accuracy",
            "activation": "relu",
            "sweep": "width",
            "recipe": "harmonised",
            "repetitions": {"numpy": {"relu-1x64": 3}, "pytorch": {"relu-1x64": 3}},
        },
    }


def test_the_same_data_give_the_same_bytes(runs, descriptions, tmp_path):
    """Two processes, so that nothing that differs between them gets into a file."""
    table = tmp_path / "runs.csv"
    runs.to_csv(table, index=False)
    written = []
    for folder in (tmp_path / "one", tmp_path / "two"):
        told = sweep_job(folder, table, descriptions)
        status, log = run_script("figures/sweep.py", tmp_path, **told)
        assert status == 0, log
        written.append([path.read_bytes() for path in sorted(folder.iterdir())])
    assert len(written[0]) == 2
    assert written[0] == written[1]


def test_each_script_draws_what_its_rule_asks_for(descriptions, tmp_path):
    labels = np.tile(np.arange(10, dtype=np.uint8), 6)
    labels.tofile(tmp_path / "labels.u8")
    np.ones((60, 28, 28), dtype="<f4").tofile(tmp_path / "images.f32")
    counts = pd.DataFrame({"framework": ["numpy"], "physical_lines": [50], "code_lines": [40]})
    counts.to_csv(tmp_path / "counts.csv", index=False)
    size = {"dataset": "MNIST", "train_images": 60000, "epochs": 10}
    scripts = {
        figure_digits: {
            "input": {
                "images": tmp_path / "images.f32",
                "labels": tmp_path / "labels.u8",
                "recipes_2016": RECIPES_2016,
            },
            "params": {"image_size": 28, **size},
        },
        figure_architecture: {
            "params": {"number": 2, "networks": ["tanh-1x100", "tanh-2x100"], "image_size": 28}
        },
        figure_lines_of_code: {
            "input": {
                "table": tmp_path / "counts.csv",
                "lines": LINES,
                "frameworks": descriptions,
            }
        },
    }
    for script, told in scripts.items():
        written = {"svg": tmp_path / "f.svg", "png": tmp_path / "f.png"}
        script.main(job(output=written, **told))
        for path in written.values():
            assert path.stat().st_size > 1000
            path.unlink()
