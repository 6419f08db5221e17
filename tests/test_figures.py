"""The figures show what the tables say: every run, every published value, and what is missing."""

import csv
import itertools
from pathlib import Path
from statistics import geometric_mean

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
from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from rule_scripts import job, run_script
from shared.error_scale import from_error_scale, to_error_scale
from shared.figure_style import WIDTH, save
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
CHECK = "Installation check. Its numbers are not results."


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
    """Made-up runs of two frameworks: each network of the paper, three seeds or blocks."""
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
                "block": seed,
                "length": "short",
                "compute_threads": 1,
                "threads_used": 0.99,
                "other_load": 0.02,
                "timed_epochs": 4,
                "timed_images": 16000,
                "accuracy_of": "test",
                "accuracy": 0.97 + seed / 1000,
                "train_seconds": layers * 5.0 + seed + (framework == "numpy"),
                "predict_seconds": 0.1 * seed,
            }
        )
    return pd.DataFrame(rows)


def shape(runs, metric="train_seconds", activation="tanh", sweep="depth", **options):
    """What a figure shows of ``runs``; without ``repetitions``, three of each network."""
    three = dict.fromkeys(runs.framework.unique(), len(SEEDS))
    recipe = options.get("recipe", "harmonised")
    counts = {
        framework: count if isinstance(count, dict) else dict.fromkeys(runs.network.unique(), count)
        for framework, count in options.get("repetitions", three).items()
    }
    own = {name: [] for name in counts} | options.get("own", {})
    repetitions = {name: counts for names in own.values() for name in names} | {recipe: counts}
    return shape_sweep(
        runs,
        pd.read_csv(PUBLISHED),
        METRICS[metric],
        activation,
        sweep,
        recipe,
        own,
        options.get("all_repetitions", repetitions),
        STUDY,
        options.get("mode", "default"),
        frozenset(options.get("dependent", ())),
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


def bars(axes, label):
    """The means of a framework with a recipe and the ends of their intervals, low and high."""
    (container,) = [each for each in axes.containers if each.get_label() == label]
    means, _, (intervals,) = container
    ends = [segment[:, 1].tolist() for segment in intervals.get_segments() if len(segment)]
    return means, ends


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


def test_every_run_is_a_mark_and_the_line_joins_the_means(runs, paper, frameworks):
    axes = panels(figure_sweep.draw(shape(runs), paper, frameworks))["Torch7"]
    marks = line(axes, "pytorch shared runs")
    assert sorted(marks.get_ydata()) == sorted(
        layers * 5.0 + seed for layers in (1, 2, 3, 4) for seed in SEEDS
    )
    expected = [geometric_mean(5 * layers + seed for seed in SEEDS) for layers in (1, 2, 3, 4)]
    means, _ = bars(axes, "pytorch shared means")
    assert means.get_ydata() == pytest.approx(expected)
    others = [geometric_mean(5 * n + seed + 1 for seed in SEEDS) for n in (1, 2, 3, 4)]
    assert line(axes, "numpy for comparison").get_ydata() == pytest.approx(others)


@pytest.mark.parametrize(
    ("activation", "sweep", "sizes"),
    [("tanh", "depth", [1, 2, 3, 4]), ("relu", "width", [64, 128, 512, 1024])],
)
def test_marks_are_where_they_belong_on_the_axis(runs, paper, frameworks, activation, sweep, sizes):
    figure = figure_sweep.draw(shape(runs, "accuracy", activation, sweep), paper, frameworks)
    axes = panels(figure)["Torch7"]
    for container in axes.containers:
        assert container[0].get_xdata().tolist() == sizes
    assert set(line(axes, "pytorch shared runs").get_xdata()) == set(sizes)
    assert axes.get_xscale() == ("linear" if sweep == "depth" else "log")


def test_an_interval_is_students_and_needs_three_independent_runs(runs, paper, frameworks):
    axes = panels(figure_sweep.draw(shape(runs, "accuracy"), paper, frameworks))["Torch7"]
    means, ends = bars(axes, "pytorch shared means")
    assert means.get_ydata() == pytest.approx([97.2] * 4)
    # 97.1, 97.2 and 97.3: the deviation is 0.1, Student's quantile with two degrees 4.3027.
    half = 4.3027 * 0.1 / 3**0.5
    assert ends == [pytest.approx([97.2 - half, 97.2 + half], abs=1e-4)] * 4
    two = figure_sweep.draw(shape(runs[runs.seed < 3], "accuracy"), paper, frameworks)
    _, ends = bars(panels(two)["Torch7"], "pytorch shared means")
    assert ends == []
    # Times have a ratio above and below: of 1, 2 and 4 the logarithms deviate by log 2.
    for seed, seconds in zip(SEEDS, (1, 2, 4), strict=True):
        runs.loc[runs.seed == seed, "train_seconds"] = seconds
    axes = panels(figure_sweep.draw(shape(runs), paper, frameworks))["Torch7"]
    means, ends = bars(axes, "pytorch shared means")
    assert means.get_ydata() == pytest.approx([2] * 4)
    factor = 2 ** (4.3027 / 3**0.5)
    assert ends == [pytest.approx([2 / factor, 2 * factor], rel=1e-3)] * 4


@pytest.fixture
def both(runs):
    """The same runs with the recipe for all, and worse ones with PyTorch's recipes of 2016."""
    own = runs[runs.framework == "pytorch"].assign(accuracy=lambda t: t.accuracy - 0.3)
    tanh = own[own.activation == "tanh"].assign(recipe="torch7-2016")
    return pd.concat([runs, own.assign(recipe="torch7-2016-later"), tanh])


OWN_OF_PYTORCH = {"pytorch": ["torch7-2016", "torch7-2016-later"]}


def test_both_recipes_are_drawn_beside_what_was_published(both, paper, frameworks):
    data = shape(both, "accuracy", own=OWN_OF_PYTORCH)
    figure = figure_sweep.draw(data, paper, frameworks)
    axes = panels(figure)["Torch7"]
    shared, _ = bars(axes, "pytorch shared means")
    own, _ = bars(axes, "pytorch 2016 means")
    published, _ = bars(axes, "published 2016 (another machine)")
    assert shared.get_ydata() == pytest.approx([97.2] * 4)
    assert own.get_ydata() == pytest.approx([67.2] * 4)
    assert entries(axes) == [
        "Torch7: not measured here", "PyTorch, shared, n=3", "PyTorch, 2016, n=3",
    ]  # fmt: skip
    # They differ even without colours.
    assert shared.get_linestyle() != own.get_linestyle() != published.get_linestyle()
    assert own.get_markerfacecolor() == "white" != shared.get_markerfacecolor()
    # Nothing is cut off at the right.
    figure.draw_without_rendering()
    shown = [*figure.legends, *figure.texts]
    assert all(each.get_window_extent().x1 <= figure.bbox.x1 for each in shown)


def test_the_later_of_two_recipes_of_2016_is_shown(both):
    """That of what was published; of two with different networks, the one with more of them."""
    assert shape(both, "accuracy", own=OWN_OF_PYTORCH).own == {"pytorch": "torch7-2016-later"}
    tanh = {"torch7-2016": {"pytorch": {"tanh-1x100": 3, "tanh-2x100": 3}}}
    fewer = {"torch7-2016-later": {"pytorch": {"tanh-1x100": 3}}}
    data = shape(both, "accuracy", own=OWN_OF_PYTORCH, all_repetitions=tanh | fewer)
    assert data.own == {"pytorch": "torch7-2016"}


def test_repetitions_that_are_not_independent_have_no_interval(both, paper, frameworks):
    options = {"own": OWN_OF_PYTORCH, "dependent": ["torch7-2016-later"]}
    figure = figure_sweep.draw(
        shape(both, "accuracy", **options), paper, frameworks, {"torch7-2016-later": "Later"}
    )
    axes = panels(figure)["Torch7"]
    assert bars(axes, "pytorch 2016 means")[1] == []
    assert len(bars(axes, "pytorch shared means")[1]) == 4
    assert (
        figure.texts[-1]
        .get_text()
        .endswith("No interval for Later: the repetitions are not independent.")
    )
    # The blocks of a time are processes of their own.
    axes = panels(figure_sweep.draw(shape(both, **options), paper, frameworks))["Torch7"]
    assert len(bars(axes, "pytorch 2016 means")[1]) == 4


def first_words(figure):
    """The title of a figure."""
    (words,) = [text for text in words_of(figure) if text.startswith("Figure")]
    return words


def test_the_title_says_what_was_found(both, paper, frameworks):
    data = shape(both, "accuracy", own=OWN_OF_PYTORCH)
    # NumPy has no recipe of 2016: of one framework, nothing differs.
    assert first_words(figure_sweep.draw(data, paper, frameworks)) == (
        "Figure 6. Accuracy, tanh: with one recipe, frameworks differ by up to 0.0 points"
    )
    deep = (both.framework == "numpy") & (both.hidden_layers == 4)
    both.loc[deep, "accuracy"] -= 0.05
    figure = figure_sweep.draw(shape(both, "accuracy"), paper, frameworks)
    assert first_words(figure).endswith("differ by up to 5.0 points")
    both["train_seconds"] = np.where(both.framework == "numpy", 3.0, 36.0) + both.block / 100
    figure = figure_sweep.draw(shape(both), paper, frameworks)
    assert first_words(figure) == (
        "Figure 4. Training time, tanh: NumPy is fastest, PyTorch takes 12 x as long "
        "(4 hidden layers)"
    )
    # Nothing is claimed of what the intervals do not tell apart, or of two runs each.
    for close in (both.assign(train_seconds=3 + both.block), both[both.block < 3]):
        figure = figure_sweep.draw(shape(close), paper, frameworks)
        assert "is fastest" not in first_words(figure)


def test_fourteen_frameworks_are_told_apart(runs, paper, tmp_path):
    ancestors = ["theano-keras", "torch7", "caffe", "tensorflow-0.12", "deeplearning4j-0.4"]
    alone = ["numpy", "jax", "burn", "sklearn", "tinygrad"]
    paths = [describe(tmp_path, name) for name in [*ancestors, *alone]]
    paths += [describe(tmp_path, f"{name}-new", successor_of=name) for name in ancestors[1:4]]
    paths.append(describe(tmp_path, "caffe2", successor_of="caffe"))
    fourteen = read_frameworks(paths, paper)
    assert len(fourteen) == 14
    table = pd.concat([runs[runs.framework == "numpy"].assign(framework=f.name) for f in fourteen])
    found = panels(figure_sweep.draw(shape(table), paper, fourteen))
    shown = [entry for axes in found.values() for entry in entries(axes)]
    assert sorted(shown) == sorted(f"{each.label}, shared, n=3" for each in fourteen)
    for axes in found.values():
        looks = [each.get_marker() for each in axes.get_legend().get_lines()]
        assert len(set(looks)) == len(looks), "two frameworks of a panel have one marker"
    assert list(found)[-2:] == ["Not in the paper (1)", "Not in the paper (2)"]


@pytest.mark.parametrize(
    ("metric", "factor"), [("train_seconds", 1), ("predict_seconds", 1), ("accuracy", 100)]
)
def test_published_values_are_where_the_paper_has_them(runs, paper, frameworks, metric, factor):
    figure = figure_sweep.draw(shape(runs, metric, "relu", "width"), paper, frameworks)
    for name, label in (("torch7", "Torch7"), ("caffe", "Caffe")):
        means, ends = bars(panels(figure)[label], "published 2016 (another machine)")
        expected = published_means(name, "relu", "width", metric)
        assert means.get_ydata() == pytest.approx([factor * each for each in expected])
        assert len(ends) == 4


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
    assert "PyTorch, shared, 11 of 12 runs" in entries(axes["Torch7"])
    assert entries(axes["Not in the paper"]) == ["NumPy, shared, n=3"]


def test_expected_runs_can_be_more_than_the_table_has(runs, paper, frameworks):
    axes = panels(
        figure_sweep.draw(shape(runs, repetitions={"numpy": 3, "pytorch": 5}), paper, frameworks)
    )
    assert "PyTorch, shared, 12 of 20 runs" in entries(axes["Torch7"])
    assert entries(axes["Not in the paper"]) == ["NumPy, shared, n=3"]


def test_the_legend_says_how_many_runs_there_are(runs, paper, frameworks):
    fewer = runs[(runs.framework == "numpy") | (runs.seed == 2)]
    again = runs[(runs.framework == "numpy") & (runs.network == "tanh-4x100")]
    counts = {"numpy": {"tanh-4x100": 6}, "pytorch": 1}
    table = pd.concat([fewer, again])
    found = panels(figure_sweep.draw(shape(table, repetitions=counts), paper, frameworks))
    assert entries(found["Torch7"])[1] == "PyTorch, shared, n=1"
    assert entries(found["Not in the paper"]) == ["NumPy, shared, n=3\N{EN DASH}6"]


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
    # If other processes used the cores, no framework is named.
    numpys = runs["framework"] == "numpy"
    runs.loc[numpys, "other_load"] = 0.5
    assert footer().splitlines()[-1].endswith(": PyTorch (up to 25 %).")
    runs["other_load"] = 0.5
    assert "idle" not in footer()
    runs["other_load"] = 0.02
    # It says nothing about predictions, or about trainings that are too short for the clock of CPU
    # time.
    assert "idle" not in footer("predict_seconds")
    runs["train_seconds"] = 0.05
    assert "idle" not in footer()


def words_of(figure):
    """All words outside of the panels, each with the size of its letters."""
    return {text.get_text().replace("\n", " "): text.get_size() for text in figure.texts}


def test_the_footer_names_the_data_set_and_the_size(runs, paper, frameworks):
    figure = figure_sweep.draw(shape(runs), paper, frameworks)
    assert figure.texts[-1].get_text().splitlines()[1] == (
        "Shared: 10 epochs of 60,000 images of MNIST, recipe harmonised, 1 compute thread."
    )
    assert not any("comparable" in words for words in words_of(figure))


@pytest.mark.parametrize(
    ("changes", "warning"),
    [
        (
            {"train_images": 6000, "epochs": 2},
            "2 epochs of 6,000 images. Not comparable with the published values.",
        ),
        ({"epochs": 1}, "1 epoch of 60,000 images. Not comparable with the published values."),
        ({"epochs": 20}, "20 epochs of 60,000 images. Not comparable with the published values."),
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
        drawn = [container.get_label() for container in axes.containers]
        assert not any("published" in label for label in drawn), "a published value is drawn"
    named = [text.get_text() for legend in figure.legends for text in legend.get_texts()]
    assert named == ["shared: one recipe for all", "others (shared)"]


@pytest.mark.parametrize("changes", [{}, {"train_images": 6000, "epochs": 2}])
def test_an_installation_check_stands_alone_and_finds_nothing(runs, paper, frameworks, changes):
    """By the configuration's word, also where the runs are as large as those of 2016."""
    data = shape(runs.assign(**changes), mode="installation check")
    figure = figure_sweep.draw(data, paper, frameworks)
    large = [words for words, size in words_of(figure).items() if size >= 16]
    assert [words.split(":")[0] for words in large] == ["Installation check"]
    drawn = [each.get_label() for axes in figure.axes for each in axes.containers]
    assert drawn and not any("published" in label for label in drawn)
    assert first_words(figure) == "Figure 4. Training time as networks grow in depth, tanh"


def test_a_figure_without_any_run_says_so_and_why(runs, paper, frameworks):
    """No network of the figure was run, or nothing at all was timed."""
    other = runs[runs["activation"] == "tanh"].assign(epochs=2)
    for metric in METRICS:
        data = shape(other, metric, activation="relu", sweep="width")
        figure = figure_sweep.draw(data, paper, frameworks)
        what = "accuracies" if metric == "accuracy" else "times"
        purpose = "comparison" if metric == "accuracy" else "times"
        assert words_of(figure)[f"No {what} were measured."] >= 20
        assert f"enable an experiment of purpose {purpose}" in " ".join(words_of(figure))
        assert figure.axes == []
    nothing = figure_sweep.draw(shape(runs.iloc[:0]), paper, frameworks)
    assert "No times were measured." in words_of(nothing)


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
    assert entries(axes["Torch7"])[1] == "PyTorch, shared, n=3"


def test_what_was_not_measured_is_said_to_be(runs, paper, frameworks):
    axes = panels(figure_sweep.draw(shape(runs), paper, frameworks))
    assert entries(axes["Torch7"]) == ["Torch7: not measured here", "PyTorch, shared, n=3"]
    assert entries(axes["Caffe"]) == ["The 2016 version: not measured here"]
    # A value that is not there is no run either.
    runs.loc[runs.framework == "pytorch", "train_seconds"] = np.nan
    axes = panels(figure_sweep.draw(shape(runs), paper, frameworks))
    assert "PyTorch: not measured here" in entries(axes["Torch7"])


def test_a_line_breaks_where_a_network_was_not_run(runs, paper, frameworks):
    lost = runs["network"].isin(["tanh-2x100", "tanh-3x100"])
    figure = figure_sweep.draw(shape(runs[~lost]), paper, frameworks)
    means, _ = bars(panels(figure)["Torch7"], "pytorch shared means")
    others = line(panels(figure)["Torch7"], "numpy for comparison")
    for drawn in (means, others):
        assert np.isnan(np.asarray(drawn.get_ydata(), float)).tolist() == [False, True, True, False]


def test_accuracies_of_training_images_are_named_and_not_compared(
    runs, paper, descriptions, tmp_path
):
    """Nor are those of a successor, which may have a recipe that was not published."""
    frameworks = read_frameworks([*descriptions, describe(tmp_path, "caffe")], paper)
    own = {"torch7": "torch7-2016-later", "caffe": "caffe-2016", "pytorch": "torch7-2016"}
    accuracies = {"torch7": 0.9, "caffe": 0.672, "pytorch": 0.1}
    pytorch = runs[runs.framework == "pytorch"]
    table = pd.concat(
        [runs]
        + [
            pytorch.assign(framework=name, recipe=recipe, accuracy=accuracies[name])
            for name, recipe in own.items()
        ]
    )
    options = {"own": {name: [recipe] for name, recipe in own.items()}}
    labels = {"torch7-2016-later": "Later"}
    figure = figure_sweep.draw(shape(table, "accuracy", **options), paper, frameworks, labels)
    # 90 less 67.2.
    assert first_words(figure).endswith("; with recipes of 2016, the paper's frameworks by 22.8")
    later = table["recipe"] == "torch7-2016-later"
    table.loc[later, "accuracy_of"] = "train"
    figure = figure_sweep.draw(shape(table, "accuracy", **options), paper, frameworks, labels)
    assert "paper's" not in first_words(figure)
    words = figure.texts[-1].get_text().splitlines()
    assert "Accuracy on training images, so not in the title: Later." in words


def test_two_recipes_of_2016_in_one_panel_are_named(both, paper, frameworks):
    torch = both[both.framework == "pytorch"].assign(framework="torch7")
    torch = torch[torch.recipe != "torch7-2016"]
    table = pd.concat([both[both.recipe != "torch7-2016-later"], torch])
    own = {"pytorch": ["torch7-2016"], "torch7": ["torch7-2016-later"]}
    labels = {"torch7-2016": "Torch7 2016", "torch7-2016-later": "Later"}
    figure = figure_sweep.draw(shape(table, "accuracy", own=own), paper, frameworks, labels)
    assert entries(panels(figure)["Torch7"]) == [
        "Torch7, shared, n=3", "Torch7, Later, n=3",
        "PyTorch, shared, n=3", "PyTorch, Torch7 2016, n=3",
    ]  # fmt: skip


def test_the_footer_explains_only_what_is_drawn(runs, paper, frameworks):
    def notes(runs, metric="train_seconds"):
        figure = figure_sweep.draw(shape(runs, metric), paper, frameworks)
        return figure.texts[-1].get_text().splitlines()

    assert notes(runs)[0] == (
        "Large marks: geometric mean of n timed blocks. Bars: 95 % intervals, if n is 3 or more. "
        "Small dots: single runs. Grey bars: the published standard deviations."
    )
    assert notes(runs[runs.seed == 1], "accuracy")[0] == (
        "Large marks: mean of n seeds. Grey bars: the published standard deviations."
    )
    assert notes(runs)[2] == (
        "Derived from short runs: 4 epochs of 16,000 images. The table ten-epochs compares them "
        "with whole trainings."
    )
    assert not any("Derived" in each for each in notes(runs, "predict_seconds"))


def test_whole_trainings_are_not_among_the_times(runs):
    runs.loc[runs.framework == "pytorch", "length"] = "whole"
    assert set(shape(runs).runs.framework) == {"numpy"}


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


def test_faulty_input_ends_in_one_sentence(paper, tmp_path):
    describe(tmp_path, "old")
    with pytest.raises(InputError, match=r"successor_of is 'old'.*one of theano-keras"):
        read_frameworks([describe(tmp_path, "new", successor_of="old")], paper)
    with pytest.raises(InputError, match=r"the column seed is missing; add it\."):
        read_table(LINES, ["framework", "seed"])
    (tmp_path / "empty.csv").touch()
    with pytest.raises(InputError, match=r"empty\.csv is not a CSV table with a header line"):
        read_table(tmp_path / "empty.csv", [])
    with pytest.raises(InputError, match="'relu-x5' names no network"):
        figure_architecture.parse_networks(["relu-x5"])


def test_a_variant_takes_no_other_frameworks_marker(tmp_path, paper):
    names = ["candle", "jax", "numpy"]
    paths = [describe(tmp_path, name) for name in names]
    alone = {each.name: each.marker for each in read_frameworks(paths, paper)}
    variant = describe(tmp_path, "again", variant_of="numpy")
    together = {each.name: each.marker for each in read_frameworks([variant, *paths], paper)}
    assert {name: together[name] for name in names} == alone


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
            ["2 epochs of 6,000 images. Not comparable with the published values."],
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


def test_lines_of_code_stand_beside_those_of_the_paper(paper, frameworks):
    table = pd.DataFrame(
        {"framework": ["pytorch", "numpy"], "physical_lines": [90, 50], "code_lines": [70, 40]}
    )
    bars = figure_lines_of_code.shape_bars(table, paper, frameworks)
    shown = {bar.words: (bar.physical, bar.code) for bar in bars if bar.lineage in ("torch7", None)}
    assert shown == {
        "Torch7, Lua": (165, None),
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
            "own": {"numpy": [], "pytorch": []},
            "repetitions": {"harmonised": {"numpy": {"relu-1x64": 3}, "pytorch": {"relu-1x64": 3}}},
            "dependent": [],
            "labels": {},
            "mode": "default",
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
            "params": {"image_size": 28, "mode": "default", **size},
        },
        figure_architecture: {
            "params": {
                "number": 2,
                "networks": ["tanh-1x100", "tanh-2x100"],
                "image_size": 28,
                "mode": "default",
            }
        },
        figure_lines_of_code: {
            "input": {"table": tmp_path / "counts.csv", "lines": LINES, "frameworks": descriptions},
            "params": {"mode": "default"},
        },
    }
    for script, told in scripts.items():
        written = {"svg": tmp_path / "f.svg", "png": tmp_path / "f.png"}
        script.main(job(output=written, **told))
        for path in written.values():
            assert path.stat().st_size > 1000
            path.unlink()


def test_a_figure_of_an_installation_check_says_so_above_itself(tmp_path):
    sizes = {}
    for mode in ("default", "installation check"):
        figure = Figure(figsize=(WIDTH, 2))
        save(figure, tmp_path / "f.svg", tmp_path / "f.png", mode)
        sizes[mode] = plt.imread(tmp_path / "f.png").shape[:2]
        words = {text.get_text(): text.get_size() for text in figure.texts}
        assert words == ({} if mode == "default" else {CHECK: 17})
    assert sizes["default"] == (400, 2000)
    assert sizes["installation check"] == (490, 2000)
