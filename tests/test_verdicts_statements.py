"""Each statement has each of its verdicts on made-up runs, and one on the paper's own numbers."""

from pathlib import Path

import pandas as pd
import pytest
import yaml
from rule_scripts import job
from shared.script import InputError
from verdicts import statements as verdicts_statements
from verdicts.basis import NotDecidable
from verdicts.checks import STATEMENTS as DECIDED_BY
from verdicts.checks import decide
from verdicts.setting import ALL_NETWORKS, ORIGINALS, Setting, of_published

ROOT = Path(__file__).parents[1]
STATEMENTS = ROOT / "reference" / "statements.yaml"
PUBLISHED = ROOT / "reference" / "published.csv"
LINES = ROOT / "reference" / "lines-of-code.csv"

THEANO, TORCH, CAFFE, TENSORFLOW, DL4J = FIVE = ORIGINALS
NEW_DL4J = "deeplearning4j"

# The paper's sentences on its own numbers, read from its figures' values by hand.
BY_ITS_OWN_NUMBERS = {
    "tanh-training-four-fast": "holds",
    "tanh-training-deeplearning4j-grows": "holds",
    "tanh-prediction-four-fast": "holds",
    "tanh-prediction-deeplearning4j-grows": "holds",
    "tanh-accuracy-incoherent": "holds",
    "tanh-accuracy-three-high": "holds",
    "tanh-accuracy-two-drop": "holds",
    # Caffe: 1.82 times with tanh, 1.22 with ReLU.
    "relu-training-same-shape": "does not hold",
    # From 0.92 (TensorFlow) to 1.48 (Caffe).
    "relu-training-nearly-twice-as-fast": "does not hold",
    "relu-prediction-similar": "holds",
    "relu-accuracy-torch-turns": "holds",
    "relu-accuracy-others-unchanged": "holds",
    # TensorFlow is slower with ReLU.
    "relu-better": "does not hold",
    "width-training-deeplearning4j-slow": "holds",
    "width-training-deeplearning4j-grows": "holds",
    # Theano: 4.8 to 44.8 s.
    "width-training-others-constant": "does not hold",
    "width-prediction-linear": "holds",
    "width-prediction-differs": "holds",
    # Caffe: 0.946 to 0.957.
    "width-accuracy-four-high": "does not hold",
    "width-accuracy-torch-grows": "holds",
    "depth-costs-training-time": "holds",
    "width-costs-training-time": "holds",
    "depth-two-drop": "holds",
    "drop-by-gradients": "ambiguous",
    "drop-by-initialisation": "ambiguous",
    # Caffe 0.946 to 0.957, Deeplearning4j 0.967 to 0.973.
    "width-caffe-deeplearning4j-drop": "does not hold",
    "width-tensorflow-torch-grow": "holds",
    "width-theano-stable": "holds",
    "deeplearning4j-slowest": "holds",
    "deeplearning4j-may-change": "ambiguous",
    # Ranks of Torch: 4, 4, 5, 5; of Deeplearning4j: 5, 5, 2, 4.
    "ranking": "does not hold",
}

# Made-up means of networks with 1 to 4 layers and of those with 64 to 1024 units.
DEPTH, WIDTH = [1.0, 1.2, 1.4, 1.6], [1.0, 1.1, 1.4, 1.8]
FOUR = (THEANO, TORCH, CAFFE, TENSORFLOW)
T, P, A = "train_seconds", "predict_seconds", "accuracy"
GOOD = [0.96] * 12
# Falls with depth with tanh, grows with ReLU and with width.
TURNING = [0.95, 0.94, 0.92, 0.89, 0.92, 0.93, 0.94, 0.95, 0.9, 0.92, 0.94, 0.96]


def made_up(times=None, accuracies=None, name="2016", missing=(), lines=None, **options):
    """A setting in which all frameworks are alike but for ``times`` and ``accuracies``.

    ``accuracies`` are {framework: values of the four tanh, four ReLU and four wide networks},
    ``times`` are {measure: such a mapping}.
    """
    times = {T: {}, P: {}, **(times or {})}

    def mean(framework, network, measure):
        if framework in missing or (framework, network) in missing:
            raise NotDecidable(f"{framework} has no runs here")
        index = ALL_NETWORKS.index(network)
        if measure == A:
            return (accuracies or {}).get(framework, GOOD)[index]
        return times[measure].get(framework, [*DEPTH, *DEPTH, *WIDTH])[index]

    lines = dict(zip(FIVE, (60, 160, 110, 80, 130), strict=True)) if lines is None else lines
    return Setting(name, mean, lines, **options)


def verdict(name, setting):
    return decide(DECIDED_BY[name](setting))[0]


def times_of(values, frameworks=(DL4J,), measures=(T, P)):
    return {measure: dict.fromkeys(frameworks, values) for measure in measures}


def scaled(factor, values=(*DEPTH, *DEPTH, *WIDTH)):
    return [factor * value for value in values]


SLOW = times_of(scaled(10))
FLAT = [1.0] * 12
# Half of the time with ReLU.
HALF = [*scaled(2, DEPTH), *DEPTH, *WIDTH]
NARROWER = [*[0.96] * 8, 0.96, 0.95, 0.93, 0.92]
BETTER_WITH_RELU = [*[0.95] * 4, *[0.97] * 4, *[0.96] * 4]
PAPERS_ORDER = {
    measure: {
        name: scaled(i, [1.0] * 12)
        for i, name in enumerate((THEANO, TENSORFLOW, CAFFE, TORCH, DL4J), start=1)
    }
    for measure in (T, P)
}


def turned_off(network, measure):
    """Accuracies that do not fall, of the runs with other initial weights."""
    return 0.96


# Of each statement: a setting in which it holds, one in which it does not, and a framework without
# which the first does not decide it.
CASES = {
    "tanh-training-four-fast": (made_up(SLOW), made_up(), THEANO),
    "tanh-training-deeplearning4j-grows": (made_up(), made_up(times_of(FLAT)), DL4J),
    "tanh-prediction-four-fast": (made_up(SLOW), made_up(), DL4J),
    "tanh-prediction-deeplearning4j-grows": (
        made_up(),
        # As long in the end, but shorter with two layers than with one.
        made_up(times_of([1.0, 0.9, 1.4, 1.5, *[1.0] * 8])),
        DL4J,
    ),
    "tanh-accuracy-incoherent": (
        made_up(accuracies={TORCH: TURNING, CAFFE: [0.94, 0.95, 0.96, 0.96, *[0.96] * 8]}),
        made_up(times_of(FLAT, [THEANO])),
        CAFFE,
    ),
    "tanh-accuracy-three-high": (made_up(), made_up(accuracies={CAFFE: [0.93] * 12}), DL4J),
    "tanh-accuracy-two-drop": (
        made_up(accuracies={TORCH: TURNING, TENSORFLOW: TURNING}),
        made_up(accuracies={TORCH: TURNING}),
        TORCH,
    ),
    "relu-training-same-shape": (
        made_up(),
        made_up(times_of([*DEPTH, *[1.0] * 8], [CAFFE])),
        CAFFE,
    ),
    "relu-training-nearly-twice-as-fast": (made_up(times_of(HALF, FIVE)), made_up(), TORCH),
    "relu-prediction-similar": (made_up(), made_up(times_of(HALF, FIVE)), TORCH),
    "relu-accuracy-torch-turns": (made_up(accuracies={TORCH: TURNING}), made_up(), TORCH),
    "relu-accuracy-others-unchanged": (
        made_up(accuracies={TORCH: TURNING}),
        made_up(accuracies={CAFFE: [*[0.9] * 4, *[0.96] * 8]}),
        TENSORFLOW,
    ),
    "relu-better": (
        made_up(times_of(HALF, FIVE), dict.fromkeys(FIVE, BETTER_WITH_RELU)),
        # Faster, but no more accurate.
        made_up(times_of(HALF, FIVE)),
        TENSORFLOW,
    ),
    "width-training-deeplearning4j-slow": (made_up(SLOW), made_up(), CAFFE),
    "width-training-deeplearning4j-grows": (
        made_up(times_of([*DEPTH, *DEPTH, 1.0, 2.0, 4.0, 8.0])),
        made_up(),
        DL4J,
    ),
    "width-training-others-constant": (made_up(times_of(FLAT, FOUR)), made_up(), TORCH),
    "width-prediction-linear": (
        made_up(times_of([*DEPTH, *DEPTH, 64.0, 128.0, 512.0, 1024.0], FIVE)),
        # A logarithm.
        made_up(times_of([*DEPTH, *DEPTH, 6.0, 7.0, 9.0, 10.0], FIVE)),
        DL4J,
    ),
    "width-prediction-differs": (made_up(SLOW), made_up(), CAFFE),
    "width-accuracy-four-high": (made_up(), made_up(accuracies={CAFFE: TURNING}), CAFFE),
    "width-accuracy-torch-grows": (made_up(accuracies={TORCH: TURNING}), made_up(), TORCH),
    "depth-costs-training-time": (made_up(), made_up(times_of(FLAT, [TORCH])), CAFFE),
    "width-costs-training-time": (made_up(), made_up(times_of(FLAT, [TORCH])), CAFFE),
    "depth-two-drop": (
        made_up(accuracies={TORCH: TURNING, TENSORFLOW: TURNING}),
        made_up(),
        TENSORFLOW,
    ),
    "drop-by-gradients": (
        made_up(accuracies={TORCH: TURNING, TENSORFLOW: TURNING}, name="harmonised"),
        made_up(name="harmonised"),
        TORCH,
    ),
    "drop-by-initialisation": (
        made_up(initialisation_only={TORCH: turned_off, TENSORFLOW: turned_off}),
        made_up(
            initialisation_only={
                TORCH: turned_off,
                TENSORFLOW: lambda network, _: TURNING[ALL_NETWORKS.index(network)],
            }
        ),
        None,
    ),
    "width-caffe-deeplearning4j-drop": (
        made_up(accuracies=dict.fromkeys((CAFFE, DL4J), NARROWER)),
        made_up(),
        DL4J,
    ),
    "width-tensorflow-torch-grow": (
        made_up(accuracies=dict.fromkeys((TENSORFLOW, TORCH), TURNING)),
        made_up(),
        TORCH,
    ),
    "width-theano-stable": (made_up(), made_up(accuracies={THEANO: TURNING}), THEANO),
    "deeplearning4j-slowest": (
        made_up(SLOW),
        # Slowest in training only.
        made_up({T: SLOW[T]}),
        THEANO,
    ),
    "deeplearning4j-may-change": (made_up(SLOW), made_up(), NEW_DL4J),
    "ranking": (
        made_up(PAPERS_ORDER, lines=dict(zip(FIVE, (60, 160, 110, 80, 165), strict=True))),
        made_up(times_of(scaled(10), [THEANO])),
        CAFFE,
    ),
}


def without(setting, framework):
    """The same setting, but this framework has no runs, nor is there one of other weights."""

    def mean(name, network, measure):
        if name == framework:
            raise NotDecidable(f"{name} has no runs here")
        return setting.mean(name, network, measure)

    return Setting(setting.name, mean, setting.lines)


@pytest.mark.parametrize("name", CASES)
def test_each_statement_has_each_verdict(name):
    holds, does_not, needed = CASES[name]
    assert verdict(name, holds) == "holds"
    assert verdict(name, does_not) == "does not hold"
    assert verdict(name, without(holds, needed)) == "ambiguous"


@pytest.mark.parametrize("name", ["deeplearning4j-slowest", "deeplearning4j-may-change", "ranking"])
def test_conclusions_on_the_frameworks_at_large_need_nine_of_the_networks(name):
    times = {measure: {**PAPERS_ORDER[measure], NEW_DL4J: FLAT} for measure in (T, P)}
    accuracies = dict(
        zip((THEANO, TENSORFLOW, CAFFE, TORCH, DL4J), ([0.97] * 12,) * 5, strict=True)
    )

    def lacking(count):
        missing = [(DL4J, network) for network in ALL_NETWORKS[-count:]]
        return verdict(name, made_up(times, accuracies, missing=missing))

    assert lacking(3) == "holds"
    assert lacking(4) == "ambiguous"


def test_no_statement_is_left_out_here():
    ids = [entry["id"] for entry in verdicts_statements.read_statements(STATEMENTS)]
    assert set(ids) == set(CASES) == set(BY_ITS_OWN_NUMBERS)


def test_the_papers_own_numbers_have_their_verdicts():
    lines = pd.read_csv(LINES).set_index("framework")["lines"].to_dict()
    setting = of_published(pd.read_csv(PUBLISHED), lines)
    assert {name: verdict(name, setting) for name in CASES} == BY_ITS_OWN_NUMBERS


def test_a_counterexample_decides_although_another_framework_is_missing():
    setting = made_up(times_of(FLAT, [TORCH]), missing=[CAFFE])
    outcome, numbers, sentence = decide(DECIDED_BY["width-costs-training-time"](setting))
    assert outcome == "does not hold"
    assert numbers == (
        "the growth of the time of ten epochs from 64 to 1024 units: theano-keras 1.8, torch7 1, "
        "tensorflow-0.12 1.8, deeplearning4j-0.4 1.8"
    )
    assert sentence == (
        "The growth of the time of ten epochs from 64 to 1024 units is at least 1.05 in "
        "theano-keras (1.8), tensorflow-0.12 (1.8), deeplearning4j-0.4 (1.8), but not in torch7 "
        "(1)."
    )


def test_gradients_are_not_judged_where_recipes_differ():
    setting = made_up(accuracies={TORCH: TURNING, TENSORFLOW: TURNING})
    assert verdict("drop-by-gradients", setting) == "ambiguous"


def test_lines_that_are_not_counted_leave_the_ranking_open():
    assert verdict("ranking", made_up(PAPERS_ORDER, lines={THEANO: 60})) == "ambiguous"


DATA_COLUMNS = ("dataset", "train_images", "accuracy_rule", "accuracy_images")


def data_of(recipe):
    """What the runs of a recipe are trained and tested with."""
    if recipe.startswith("torch7"):
        return "MNIST", 60000, "mean-recall", 10000
    if recipe.startswith("tensorflow-0.12"):
        return "MNIST", 55000, "overall-two-decimals", 10000
    return "MNIST", 60000, "overall", 10000


def judged(folder, table):
    """Run the script on a runs table; return its table by statement and setting."""
    table.to_csv(folder / "runs.csv", index=False)
    (folder / "lines.csv").write_text("framework,physical_lines\n")
    own = {name: [f"{name}-2016"] for name in FIVE}
    own[TORCH].append("torch7-2016-curve")
    verdicts_statements.main(
        job(
            input={
                "runs": folder / "runs.csv",
                "statements": STATEMENTS,
                "published": PUBLISHED,
                "published_lines": LINES,
                "lines": folder / "lines.csv",
                "recipes_2016": ROOT / "reference" / "recipes-2016.yaml",
            },
            output={"csv": folder / "v.csv", "markdown": folder / "v.md"},
            params={
                "basis": {"own": own, "same_seed": [], "carried_over": [], "rounded": []},
                "as_tanh": ["torch7-2016-curve", "tensorflow-0.12-2016", "harmonised"],
                "initialisation_only": {
                    TORCH: ["pytorch", "torch7-2016-curve--initialisation"],
                    TENSORFLOW: ["pytorch", "tensorflow-0.12-2016--initialisation"],
                },
            },
        )
    )
    return pd.read_csv(folder / "v.csv").set_index(["id", "setting"])


def runs(sets):
    """A runs table; a set is framework, recipe, network, accuracy, seconds."""
    return pd.DataFrame(
        [
            {
                **dict(framework=framework, recipe=recipe, network=network, seed=seed, epochs=10),
                **dict(zip(DATA_COLUMNS, data_of(recipe), strict=True)),
                **dict(timed=True, accuracy=accuracy + seed / 1000, scores_sha256=f"{i} {seed}"),
                **dict(train_seconds=seconds, predict_seconds=seconds),
            }
            for i, (framework, recipe, network, accuracy, seconds) in enumerate(sets)
            for seed in (1, 2, 3)
        ]
    )


def test_the_script_judges_both_settings_from_one_runs_table(tmp_path):
    sets = []
    for framework, recipe in ((TORCH, "torch7-2016-curve"), (TENSORFLOW, "tensorflow-0.12-2016")):
        for layers, (own, equal) in enumerate([(0.95, 0.96), (0.85, 0.97)]):
            network = f"tanh-{1 + 3 * layers}x100"
            sets.append((framework, recipe, network, own, 1.0))
            sets.append((framework, "harmonised", network, equal, 1.0))
            sets.append(("pytorch", f"{recipe}--initialisation", network, equal, 1.0))
    # The public script's variant must not be taken for tanh.
    sets.append((TORCH, "torch7-2016", "tanh-4x100", 0.99, 1.0))
    table = judged(tmp_path, runs(sets))
    assert len(table) == 3 * len(CASES)
    # Means of three seeds: errors 0.048 and 0.148, 3.083 times.
    row = table.loc["tanh-accuracy-two-drop", "2016"]
    assert row.verdict == "holds"
    assert row.numbers.endswith("torch7 3.08, tensorflow-0.12 3.08")
    assert table.loc["tanh-accuracy-two-drop", "harmonised"].verdict == "does not hold"
    assert table.loc["drop-by-gradients", "harmonised"].verdict == "does not hold"
    assert table.loc["drop-by-initialisation", "2016"].verdict == "holds"
    row = table.loc["width-theano-stable", "2016"]
    assert row.verdict == "not run"
    assert row.explanation == "Theano-keras has no runs here."
    assert table.loc["width-tensorflow-torch-grow", "2016"].verdict == "not run"
    # Its runs are here, but with these recipes they cannot decide it.
    assert table.loc["drop-by-gradients", "2016"].verdict == "ambiguous"
    text = (tmp_path / "v.md").read_text()
    assert "- **2016: holds.** The error with 4 layers" in text


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        (
            {"train_images": 6000, "epochs": 2},
            "The runs are 2 epochs of 6,000 images of MNIST, the paper's 10 epochs of 60,000 "
            "images of MNIST.",
        ),
        (
            {"dataset": "Fashion-MNIST"},
            "The runs are 10 epochs of 55,000 to 60,000 images of Fashion-MNIST, the paper's 10 "
            "epochs of 60,000 images of MNIST.",
        ),
    ],
)
def test_runs_unlike_those_of_2016_judge_no_statement(tmp_path, changes, reason):
    sets = [
        (framework, recipe, network, 0.95, 1.0)
        for framework, own in ((TORCH, "torch7-2016-curve"), (TENSORFLOW, "tensorflow-0.12-2016"))
        for recipe in (own, "harmonised")
        for network in ALL_NETWORKS
    ]
    table = judged(tmp_path, runs(sets).assign(**changes)).reset_index()
    of_runs = table[table["setting"] != "published"]
    assert set(of_runs["verdict"]) == {"not run"}
    assert set(of_runs["explanation"]) == {reason}
    # The paper's own numbers need no runs.
    published = table[table["setting"] == "published"].set_index("id")["verdict"]
    assert published.to_dict() == BY_ITS_OWN_NUMBERS


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda entries: entries[1:], "tanh-training-four-fast is missing"),
        (
            lambda entries: [*entries, {"id": "x", "place": "p", "statement": "s"}],
            r"no function of scripts/verdicts/statements_\*.py has x",
        ),
        (lambda entries: [*entries, entries[0]], "stands in it twice"),
        (lambda entries: [{"id": "x"}], "each entry must have id, place and statement"),
    ],
)
def test_statements_and_functions_must_agree(tmp_path, change, sentence):
    path = tmp_path / "statements.yaml"
    path.write_text(yaml.safe_dump(change(yaml.safe_load(STATEMENTS.read_text()))))
    with pytest.raises(InputError, match=sentence):
        verdicts_statements.read_statements(path)
