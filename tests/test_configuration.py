"""The configuration: what a user can get wrong ends in one sentence that names the key."""

import copy
import json
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml
from configuration import check as check_configuration
from configuration import declared, settings
from configuration import experiments as configuration
from configuration.experiments import Run
from configuration.inputs import Inputs
from configuration.plan import Plan
from configuration.timings import Timing, timings
from shared import descriptions
from shared.dataset import dataset
from shared.script import InputError
from shared.strict_yaml import read_yaml
from snakemake.utils import update_config

ROOT = Path(__file__).parent.parent
ORIGINALS = {"theano-keras", "torch7", "caffe", "tensorflow-0.12", "deeplearning4j-0.4"}
DATA_FILES = [
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
]
FRAMEWORKS = descriptions.read_all((ROOT / descriptions.FRAMEWORKS).glob("*/framework.yaml"))


@pytest.fixture
def config():
    # JSON makes copies of the parts that YAML's aliases share, because a test may change one of
    # them.
    return json.loads(json.dumps(yaml.safe_load((ROOT / "config.yaml").read_text())))


@pytest.fixture
def one_experiment(config):
    """The configuration with one experiment only."""
    config["experiments"] = {"harmonised": config["experiments"]["harmonised"]}
    config["experiments"]["harmonised"]["fewer"] = None
    return config


def check(config):
    check_configuration.check(config, FRAMEWORKS)


def runs_of(config):
    return configuration.runs(config, FRAMEWORKS)


def use(config, profile):
    """Change the configuration as a profile does; the profile names its files, in their order."""
    named = yaml.safe_load((ROOT / "profiles" / profile / "config.yaml").read_text())
    for file in named["configfile"]:
        update_config(config, yaml.safe_load((ROOT / file).read_text()))


# The networks of the paper: its figures 4 to 12.
PAPER_NETWORKS = {
    *(f"{activation}-{layers}x100" for activation in ("tanh", "relu") for layers in (1, 2, 3, 4)),
    *(f"relu-1x{units}" for units in (64, 128, 512, 1024)),
}
CORNERS = {"tanh-1x100", "tanh-4x100", "relu-1x100", "relu-4x100"}


def trained(config):
    """Return the networks of each framework's accuracy runs with the shared recipe."""
    return {
        name: {
            run.network
            for run in runs_of(config)
            if (run.framework, run.recipe) == (name, "harmonised")
        }
        for name in config["frameworks"]
    }


def timed(config):
    """Return how often each framework is timed with the shared recipe, by its networks."""
    blocks = {name: Counter() for name in config["frameworks"]}
    for timing in timings(config, FRAMEWORKS):
        if (timing.recipe, timing.length) == ("harmonised", "short") and timing.framework in blocks:
            blocks[timing.framework][timing.network] += 1
    return blocks


def test_the_default_runs_four_networks_and_the_papers_systems_all(config):
    check(config)
    # Those of the paper, their successors, and the reference, and whatever else is named.
    assert {*ORIGINALS, "keras", "pytorch", "tensorflow", "deeplearning4j", "numpy"} <= set(
        config["frameworks"]
    )
    networks = trained(config)
    # Conclusion 5 is also read on tanh: four widths, in NumPy alone.
    tanh = {"tanh-1x64", "tanh-1x128", "tanh-1x512", "tanh-1x1024"}
    assert networks.pop("numpy") == PAPER_NETWORKS | tanh
    assert networks.pop("deeplearning4j-0.4") == {"tanh-1x100"}
    assert networks.pop("deeplearning4j") == {"tanh-1x100", "relu-4x100"}
    assert set(map(frozenset, networks.values())) == {frozenset(CORNERS)}
    # Times: four of a small and a large network, and two elsewhere.
    for name, blocks in timed(config).items():
        slow = name.startswith("deeplearning4j")
        for network, n in blocks.items():
            assert n == (4 if network in {"tanh-1x100", "relu-1x1024"} else 2) or slow
        assert blocks["tanh-1x100"] == 4 and blocks["relu-1x1024"] == (2 if slow else 4)
        if name in ORIGINALS:
            assert set(blocks) == PAPER_NETWORKS
        elif not slow:
            assert set(blocks) == CORNERS | {"relu-1x1024"}
    # The paper's systems, with their own recipes, or NumPy for them, run every published cell.
    for recipe in ("theano-keras-2016", "torch7-2016-later", "caffe-2016", "tensorflow-0.12-2016"):
        assert {run.network for run in runs_of(config) if run.recipe == recipe} >= PAPER_NETWORKS


def test_the_reference_profile_runs_all_networks_with_all_frameworks(config):
    use(config, "reference")
    check(config)
    networks = trained(config)
    assert {name: len(each) for name, each in networks.items() if len(each) != 12} == {
        "tensorflow-0.12": 10,
        "deeplearning4j-0.4": 1,
        "deeplearning4j": 6,
        "candle": 10,
        "numpy": 16,
    }
    # Times: each framework twice on each of the twelve, and four times on three of them.
    for blocks in timed(config).values():
        assert set(blocks) == PAPER_NETWORKS
        assert {network for network, n in blocks.items() if n == 4} == {
            "tanh-1x100", "relu-4x100", "relu-1x1024",
        }  # fmt: skip
        assert sorted(blocks.values()) == [2] * 9 + [4] * 3
    found = runs_of(config)
    # Each original with its own recipe, and each successor with its ancestor's.
    own = {(run.framework, run.recipe) for run in found if run.network == "relu-4x100"}
    assert {
        ("theano-keras", "theano-keras-2016"),
        ("torch7", "torch7-2016-later"),
        ("caffe", "caffe-2016"),
        ("tensorflow-0.12", "tensorflow-0.12-2016"),
        ("keras", "theano-keras-2016"),
        ("pytorch", "torch7-2016"),
        ("tensorflow", "tensorflow-0.12-2016"),
    } <= own


@pytest.mark.parametrize("profile", ["quick", "reference", "full"])
def test_what_a_profile_changes_leaves_a_valid_configuration(config, profile):
    use(config, profile)
    check(config)
    networks = {run.network for run in runs_of(config)}
    assert len(networks) == {"quick": 6, "reference": 16, "full": 16}[profile]


@pytest.mark.parametrize(
    ("place", "value", "sentence"),
    [
        (
            "experiments.harmonised.recipes",
            ["harmonized"],
            "config.yaml: experiments.harmonised.recipes: unknown recipe 'harmonized'; "
            "did you mean 'harmonised'?",
        ),
        (
            "experiments.harmonised.recipes",
            ["harmonised", "own"],
            "config.yaml: experiments.harmonised.recipes: 'own' stands for a whole list; write "
            "`recipes: own`, and another experiment for other recipes.",
        ),
        ("experiments.harmonised.networks", ["elu-1x100"], "harmonised.networks.0: 'elu-1x100'"),
        (
            "experiments.harmonised.recipes",
            "own",
            "experiments.harmonised.frameworks: numpy has no recipe of its own; leave it out, or",
        ),
        (
            "experiments.harmonised",
            {"purpose": "ablation", "recipes": ["harmonised"], "to": "brief-2016"},
            "config.yaml: experiments.harmonised.to: unknown recipe 'brief-2016'",
        ),
        (
            "experiments.harmonised",
            {"purpose": "learning-curves", "recipes": ["caffe"], "epochs": [1]},
            "config.yaml: experiments.harmonised.recipes: unknown recipe 'caffe'; did you mean",
        ),
        (
            "speedup.skip_frameworks",
            ["kears"],
            "config.yaml: speedup.skip_frameworks: unknown framework 'kears'; did you mean 'keras'",
        ),
        ("recipes.caffe-2016.of", "cafe", "recipes.caffe-2016.of: unknown framework 'cafe'; did"),
        ("recipes.harmonised.data", "unitt", "recipes.harmonised.data: unknown variant 'unitt'"),
        (
            "data_variants.unit.skip",
            1,
            "config.yaml: data_variants.unit: skip and train_images add up to more than the "
            "60,000 training images of MNIST.",
        ),
        ("data_variants.unit.image_size", 27, "data_variants.unit.image_size: 27"),
        (
            "dataset",
            "mnits",
            "config.yaml: dataset: unknown data set 'mnits'; did you mean 'mnist'?",
        ),
        ("datasets.mnist.sources", [{"ftp": "x"}], "config.yaml: datasets.mnist.sources.0"),
        ("datasets.mnist.sources", [], "config.yaml: datasets.mnist.sources: the list is empty"),
        (
            "datasets.mnist.checksums",
            "my.csv",
            "config.yaml: datasets.mnist.checksums: 'my.csv' does not fit; write "
            "reference/mnist.csv.",
        ),
        (
            "datasets.mnist.checksums",
            {"train-images-idx3-ubyte": "a" * 64},
            "datasets.mnist.checksums: the key train-labels-idx1-ubyte is missing; add it.",
        ),
        (
            "datasets.mnist.checksums",
            {**dict.fromkeys(DATA_FILES, "a" * 64), "t10k-labels-idx1-ubyte": "a" * 63},
            "config.yaml: datasets.mnist.checksums.t10k-labels-idx1-ubyte: 'aaa",
        ),
        (
            "datasets.mnist.checksums",
            dict.fromkeys(DATA_FILES, "a" * 64),
            "config.yaml: datasets.mnist: the checksums are not those of MNIST "
            "(reference/mnist.csv); correct them, or give the data set another label.",
        ),
        (
            "datasets.mnist.label",
            "Digits",
            "config.yaml: datasets.mnist: the checksums are those of MNIST (reference/mnist.csv); "
            "correct them, or write label: MNIST.",
        ),
        (
            "datasets.environments",
            {
                "label": "x",
                "checksums": dict.fromkeys(DATA_FILES, "a" * 64),
                "sources": [{"folder": "x"}],
            },
            "config.yaml: datasets.environments: the folder resources/environments holds the "
            "environments; give the data set another name.",
        ),
        ("measurment", {}, "config.yaml: unknown key 'measurment'; did you mean 'measurement'?"),
    ],
)
def test_a_mistake_is_one_sentence(one_experiment, place, value, sentence):
    *folders, key = place.split(".")
    part = config = one_experiment
    for folder in folders:
        part = part[folder]
    part[key] = value
    with pytest.raises(InputError) as error:
        check(config)
    assert sentence in str(error.value)
    assert str(error.value).startswith("config.yaml: ")
    assert "\n" not in str(error.value)


FASHION = {
    "label": "Fashion-MNIST",
    "checksums": {name: digit * 64 for name, digit in zip(DATA_FILES, "ABCD", strict=True)},
    "sources": [{"folder": "fashion"}],
}


def test_a_data_set_is_a_few_lines_of_configuration(config):
    config["datasets"]["fashion"] = FASHION
    check(config)
    assert dataset(config)["name"] == "mnist"
    config["dataset"] = "fashion"
    # How many images it has is not known yet.
    config["data_variants"]["unit"]["train_images"] = 100000
    check(config)
    assert dataset(config) == {
        "name": "fashion",
        "label": "Fashion-MNIST",
        "checksums": {name: digit * 64 for name, digit in zip(DATA_FILES, "abcd", strict=True)},
        "sources": [{"folder": "fashion"}],
    }


def test_mnist_has_the_checksums_of_the_reference(config):
    text = (ROOT / "reference" / "mnist.csv").read_text()
    checksums = dataset(config)["checksums"]
    assert list(checksums) == DATA_FILES
    for name, digest in checksums.items():
        assert f"{name},{digest}," in text


@pytest.mark.parametrize(
    ("recipe", "sentence"),
    [
        (
            "harmonized",
            "config.yaml: figures.recipe: unknown recipe 'harmonized'; did you mean 'harmonised'?",
        ),
        (
            "caffe-2016",
            "config.yaml: figures.recipe: no run has the recipe caffe-2016; enable an experiment "
            "with it, or name one of harmonised.",
        ),
    ],
)
def test_a_recipe_of_the_figures_that_no_run_has_is_one_sentence(one_experiment, recipe, sentence):
    one_experiment["figures"]["recipe"] = recipe
    with pytest.raises(InputError) as caught:
        check(one_experiment)
    assert str(caught.value) == sentence


def test_the_order_of_keys_decides_nothing_about_own_recipes(config):
    for reverse in (False, True):
        config["recipes"] = dict(sorted(config["recipes"].items(), reverse=reverse))
        own = configuration.own_recipes(config, FRAMEWORKS, "torch7")
        assert own == ["torch7-2016", "torch7-2016-later"]


@pytest.mark.parametrize("frameworks", [["numpy", "pytorch"], ["pytorch", "deeplearning4j-0.4"]])
def test_a_list_of_frameworks_is_one_edit(config, frameworks):
    """What the configuration says of other frameworks has no effect, and is not a mistake."""
    use(config, "reference")
    everything, times = runs_of(config), timings(config, FRAMEWORKS)
    config["frameworks"] = frameworks
    check(config)
    found = runs_of(config)
    assert {run.framework for run in found} == set(frameworks)
    assert set(found) == {run for run in everything if run.framework in frameworks}
    # A variant of one of them is timed with it.
    variants = {"deeplearning4j-0.4": "deeplearning4j-0.4-f2j", "numpy": "numpy-again"}
    kept = {*frameworks, *(variants[name] for name in frameworks if name in variants)}
    timed = timings(config, FRAMEWORKS)
    assert {timing.framework for timing in timed} == kept
    assert set(timed) == {timing for timing in times if timing.framework in kept}
    measured = configuration.speedup_frameworks(config, FRAMEWORKS)
    assert measured == [name for name in frameworks if name != "deeplearning4j-0.4"]


@pytest.mark.parametrize("profile", ["quick", "reference", "full"])
def test_a_list_of_frameworks_is_one_edit_in_a_profile(config, profile):
    use(config, profile)
    update_config(config, {"frameworks": ["numpy", "torch7"]})
    check(config)
    assert {run.framework for run in runs_of(config)} == {"numpy", "torch7"}


def test_a_list_of_networks_and_of_seeds_is_one_edit(config):
    update_config(config, {"networks": ["relu-1x64", "relu-2x256"], "seeds": [4, 5]})
    check(config)
    found = {(run.network, run.seed) for run in runs_of(config) if run.framework == "caffe"}
    both = {("relu-1x64", 4), ("relu-1x64", 5), ("relu-2x256", 4), ("relu-2x256", 5)}
    assert both <= found
    # Experiments that name their own keep them.
    found = {(run.network, run.seed) for run in runs_of(config) if run.framework == "numpy"}
    assert {("tanh-2x100", 2), ("tanh-4x100", 4)} <= found


def test_a_framework_that_is_not_listed_runs_nowhere(one_experiment):
    config = one_experiment
    config["frameworks"] = ["numpy"]
    config["experiments"]["harmonised"] |= {
        "frameworks": ["caffe", "numpy"],
        "fewer": {"caffe": {"seeds": [7]}, "keras": {"networks": ["tanh-1x1"]}},
    }
    config["speedup"]["frameworks"] = ["caffe", "numpy"]
    check(config)
    assert {run.framework for run in runs_of(config)} == {"numpy"}
    assert configuration.speedup_frameworks(config, FRAMEWORKS) == ["numpy"]
    config["experiments"]["harmonised"]["frameworks"] = ["caffe"]
    with pytest.raises(InputError) as error:
        check(config)
    assert str(error.value) == (
        "config.yaml: frameworks: no enabled experiment runs any of these; name others, or enable "
        "an experiment with one of them."
    )


def test_null_takes_the_lists_of_the_top(one_experiment):
    config = one_experiment
    expected = runs_of(config)
    nothing = {"frameworks": None, "networks": None, "seeds": None}
    config["experiments"]["harmonised"] |= nothing
    config["speedup"]["frameworks"] = None
    check(config)
    assert list(runs_of(config)) == list(expected)


def test_the_name_of_an_experiment_means_nothing(config):
    def drawn():
        return {
            purpose: [
                configuration.with_purpose(config, FRAMEWORKS, purpose, key)
                for key in ("frameworks", "networks", "recipes")
            ]
            for purpose in ("cross", "ablation", "learning-curves")
        }

    before = drawn(), runs_of(config)
    assert before[0]["cross"][1] == ["tanh-1x100", "tanh-4x100"]
    assert before[0]["ablation"][0] == ["numpy"]
    config["experiments"] = {
        f"cross-{number}": experiment
        for number, experiment in enumerate(config["experiments"].values())
    }
    check(config)
    assert (drawn(), runs_of(config)) == before


def test_a_slow_framework_skips_networks(one_experiment):
    experiment = one_experiment["experiments"]["harmonised"]
    experiment |= {"frameworks": ["numpy", "keras"], "networks": ["tanh-1x100", "relu-1x64"]}
    # The experiment does not have the second one.
    experiment["fewer"] = {"keras": {"skip_networks": ["relu-1x64", "relu-1x512"]}}
    check(one_experiment)
    assert {(run.framework, run.network) for run in runs_of(one_experiment)} == {
        ("numpy", "tanh-1x100"),
        ("numpy", "relu-1x64"),
        ("keras", "tanh-1x100"),
    }


def test_experiments_share_their_common_runs(one_experiment):
    config = one_experiment
    experiment = config["experiments"]["harmonised"]
    experiment |= {"frameworks": ["numpy"], "networks": ["tanh-1x100"], "seeds": [1, 2]}
    other = copy.deepcopy(experiment) | {"seeds": [2, 3]}
    config["experiments"]["other"] = other
    run = {"framework": "numpy", "recipe": "harmonised", "network": "tanh-1x100"}
    assert runs_of(config) == [Run(**run, seed=seed) for seed in (1, 2, 3)]
    other["enabled"] = False
    assert len(runs_of(config)) == 2


@pytest.fixture
def two_frameworks(one_experiment):
    """The configuration of one network of two frameworks."""
    experiment = one_experiment["experiments"]["harmonised"]
    experiment |= {"frameworks": ["caffe", "numpy"], "networks": ["tanh-1x100"], "seeds": [1]}
    one_experiment["experiments"]["times"] = {
        **experiment, "purpose": "times", "blocks": 1, "seeds": None,
    }  # fmt: skip
    return one_experiment


def test_a_framework_that_cannot_be_run_is_left_out(two_frameworks):
    plan = Plan(two_frameworks, FRAMEWORKS).without({"caffe": "its mmdebstrap is missing."})
    assert plan.runs == [Run("numpy", "harmonised", "tanh-1x100", 1)]
    assert plan.timings == [Timing("short", "numpy", "harmonised", "tanh-1x100", 1)]
    assert Plan(two_frameworks, FRAMEWORKS).used_frameworks == ["caffe", "numpy"]


def test_tables_of_times_have_the_frameworks_in_order_though_their_starts_are_shuffled(config):
    plan = Plan(config, FRAMEWORKS)
    started = list(dict.fromkeys(timing.framework for timing in plan.timings))
    shown = [framework for framework, _ in plan.timed_pairs]
    listed = [name for name in shown if name in config["frameworks"]]
    assert started != list(dict.fromkeys(shown))
    assert sorted(listed, key=config["frameworks"].index) == listed
    assert set(plan.timed_pairs) == {(each.framework, each.recipe) for each in plan.timings}
    assert plan.timed_pairs.index(("caffe", "harmonised")) < plan.timed_pairs.index(
        ("caffe", "caffe-2016")
    )


@pytest.mark.parametrize(
    ("left_out", "strict", "sentence"),
    [
        (["caffe"], True, "caffe cannot be run here, and strict is true: caffe's."),
        (["caffe", "numpy"], False, "caffe cannot be run here, nor can any other framework: caffe"),
    ],
)
def test_what_cannot_be_left_out_is_an_error(two_frameworks, left_out, strict, sentence):
    missing = {name: f"{name}'s." for name in left_out}
    plan = Plan({**two_frameworks, "strict": strict}, FRAMEWORKS)
    with pytest.raises(InputError, match=sentence):
        plan.without(missing)


def test_a_slow_framework_has_fewer_runs(one_experiment):
    experiment = one_experiment["experiments"]["harmonised"]
    experiment |= {
        "frameworks": ["numpy", "keras", "torch7"],
        "networks": ["tanh-1x100", "relu-1x64"],
    }
    experiment |= {"seeds": [1, 2, 3], "recipes": ["harmonised", "caffe-2016"]}
    experiment["fewer"] = {
        "keras": {"seeds": [2], "recipes": ["caffe-2016"]},
        "torch7": {"networks": ["relu-1x64"], "recipes": ["harmonised"]},
        # All runs, although another file said otherwise of this framework. It does not have to be
        # listed.
        "numpy": None,
        "caffe": None,
    }
    one_experiment["speedup"]["frameworks"] = ["numpy"]
    check(one_experiment)
    found = {tuple(vars(run).values()) for run in runs_of(one_experiment)}
    assert found == {
        *(
            ("numpy", recipe, network, seed)
            for recipe in experiment["recipes"]
            for network in experiment["networks"]
            for seed in (1, 2, 3)
        ),
        *(("keras", "caffe-2016", network, 2) for network in experiment["networks"]),
        *(("torch7", "harmonised", "relu-1x64", seed) for seed in (1, 2, 3)),
    }


def test_a_successors_own_recipe_is_its_ancestors(config):
    assert configuration.own_recipes(config, FRAMEWORKS, "caffe") == ["caffe-2016"]
    of_torch = ["torch7-2016", "torch7-2016-later"]
    assert configuration.own_recipes(config, FRAMEWORKS, "torch7") == of_torch
    assert configuration.own_recipes(config, FRAMEWORKS, "pytorch") == of_torch
    assert configuration.own_recipes(config, FRAMEWORKS, "numpy") == []


def with_tanh(config):
    """Let the two recipes of Torch differ in nothing but what tanh is."""
    recipes = config["recipes"]
    recipes["torch7-2016-later"] = recipes["torch7-2016"] | {"activations": {"tanh": "tanh"}}


def test_a_variant_of_an_own_recipe_runs_where_it_differs(config):
    with_tanh(config)
    paper = config["experiments"]["paper"] | {"frameworks": ["torch7"], "fewer": None}
    config["experiments"] = {"paper": paper | {"networks": ["tanh-2x100", "relu-2x100"]}}
    # Both are of Torch.
    assert {(run.recipe, run.network) for run in runs_of(config)} == {
        ("torch7-2016", "tanh-2x100"),
        ("torch7-2016-later", "tanh-2x100"),
        ("torch7-2016", "relu-2x100"),
    }


def test_an_ablation_makes_one_change_at_a_time(config):
    recipes = config["recipes"]
    recipes["start"] = recipes["harmonised"] | {"batch_size": 7, "epochs": 10, "of": "torch7"}
    recipes["start"] |= {"precision": "float64", "data": "by-256"}
    steps = configuration.ablation_steps(recipes, "start", "harmonised")
    assert steps == [
        {"change": "data", "alone": "start--data", "cumulated": "start--data"},
        {"change": "batches", "alone": "start--batches", "cumulated": "start--to-batches"},
        {"change": "precision", "alone": "start--precision", "cumulated": "harmonised"},
    ]
    ablation = config["experiments"]["ablation"]
    ablation |= {"recipes": ["start"], "to": "harmonised"}
    config["experiments"] = {"ablation": ablation | {"frameworks": ["numpy"], "seeds": [1]}}
    every = configuration.all_recipes(config)
    assert set(every) - set(recipes) == {
        "start--data",
        "start--batches",
        "start--to-batches",
        "start--precision",
    }
    changed = {key: every["start--to-batches"][key] for key in ("data", "batch_size", "precision")}
    assert changed == {"data": "unit", "batch_size": 125, "precision": "float64"}
    assert every["start--precision"]["batch_size"] == 7
    # No framework's own any more.
    assert "of" not in every["start--data"]
    found = {run.recipe for run in runs_of(config)}
    assert found == {"start", "harmonised", *(set(every) - set(recipes))}


def test_an_ablation_takes_the_shared_module_away(config):
    recipes = config["recipes"]
    steps = configuration.ablation_steps(recipes, "torch7-2016-later", "harmonised")
    assert [step["change"] for step in steps] == [
        "activation module",
        "initialisation",
        "optimiser",
        "data",
        "batches",
        "precision",
        "accuracy rule",
    ]
    alone = configuration.all_recipes(config)["torch7-2016-later--activation-module"]
    later = dict(recipes["torch7-2016-later"])
    assert later.pop("activation_module") == "shared"
    assert alone == {key: value for key, value in later.items() if key not in ("of", "logs")}
    # Written out, the defaults are no change.
    recipes["harmonised"] |= {"activation_module": "separate", "repetitions": "independent"}
    assert configuration.ablation_steps(recipes, "harmonised", "brief") == []


def test_a_disabled_experiment_derives_no_recipe_that_an_enabled_one_does(config):
    ablation = config["experiments"]["ablation"]
    other = {"recipes": ["tensorflow-0.12-2016"], "to": "torch7-2016"}
    # The disabled one comes first in the file.
    config["experiments"] = {"ablation": ablation | {"enabled": False}, "mine": ablation | other}
    name = "tensorflow-0.12-2016--to-optimiser"
    found = configuration.all_recipes(config)[name]["optimizer"]
    assert found == config["recipes"]["torch7-2016"]["optimizer"]


def test_two_learning_curves_of_a_recipe_are_one(config):
    curve = config["experiments"]["learning-curves"]
    config["experiments"] = {
        "one": curve | {"recipes": ["harmonised"], "epochs": [1, 10]},
        "other": curve | {"recipes": ["harmonised"], "epochs": [2]},
    }
    assert configuration.learning_curves(config) == {
        "harmonised": ["harmonised--1-epochs", "harmonised", "harmonised--2-epochs"]
    }


def test_a_learning_curve_changes_nothing_but_the_epochs(config):
    curves = config["experiments"]["learning-curves"]
    curves |= {"recipes": ["torch7-2016", "brief"], "epochs": [1, 2, 10]}
    config["experiments"] = {"curves": curves}
    # A recipe with its own epochs is the recipe itself.
    assert configuration.learning_curves(config) == {
        "torch7-2016": ["torch7-2016--1-epochs", "torch7-2016--2-epochs", "torch7-2016"],
        "brief": ["brief--1-epochs", "brief", "brief--10-epochs"],
    }
    every = configuration.all_recipes(config)
    torch = dict(config["recipes"]["torch7-2016"])
    # What it says about 2016 is not part of a training.
    del torch["of"], torch["logs"]
    assert every["torch7-2016--2-epochs"] == torch | {"epochs": 2}
    assert every["torch7-2016"] == config["recipes"]["torch7-2016"]
    runs = runs_of(config)
    assert {(run.recipe, run.network, run.seed) for run in runs} == {
        (name, "tanh-4x100", 1)
        for name in (
            "torch7-2016--1-epochs",
            "torch7-2016--2-epochs",
            "torch7-2016",
            "brief--1-epochs",
            "brief",
            "brief--10-epochs",
        )
    }


def test_logged_recipes_that_do_the_same_with_a_network_run_it_once(config):
    with_tanh(config)
    logged = config["experiments"]["logged-epochs"]
    logged |= {"epochs": [1, 10], "networks": ["tanh-1x64", "relu-1x64"]}
    logged["recipes"] = ["torch7-2016", "torch7-2016-later"]
    config["experiments"] = {"any": logged}
    assert {(run.recipe, run.network) for run in runs_of(config)} == {
        ("torch7-2016", "tanh-1x64"),
        ("torch7-2016--1-epochs", "tanh-1x64"),
        ("torch7-2016-later", "tanh-1x64"),
        ("torch7-2016-later--1-epochs", "tanh-1x64"),
        ("torch7-2016", "relu-1x64"),
        ("torch7-2016--1-epochs", "relu-1x64"),
    }


def test_recipes_that_differ_in_epochs_and_seeds_alone_are_alike(config):
    plan = Plan(config, FRAMEWORKS, runs_of(config))
    alike = declared.alike(plan)
    assert set(alike) == {name for own in plan.own_recipes().values() for name in own}
    assert alike["theano-keras-2016"][:2] == ["theano-keras-2016", "theano-keras-2016-fresh"]
    assert "deeplearning4j-0.4-2016-fresh" in alike["deeplearning4j-0.4-2016"]
    assert "torch7-2016--1-epochs" in alike["torch7-2016"]
    assert not set(alike["torch7-2016"]) & set(alike["torch7-2016-later"])
    assert declared.basis(plan, "numpy")["logs"]["torch7-2016"] == "earlier"


def test_recipes_that_compute_alike_share_a_gate(config):
    recipes = configuration.all_recipes(config)
    assert configuration.gate_recipe(recipes, "torch7-2016--20-epochs") == "torch7-2016"
    assert configuration.gate_recipe(recipes, "brief") == "harmonised"
    assert configuration.gate_recipe(recipes, "caffe-2016") == "caffe-2016"
    # The two recipes of Torch differ in an activation and in its module.
    assert configuration.gate_recipe(recipes, "torch7-2016") == "torch7-2016"
    later = recipes["torch7-2016-later"]
    assert configuration.gate_recipe(recipes, "torch7-2016-later") == "torch7-2016-later"
    recipes["own-modules"] = {**later, "activation_module": "separate"}
    assert configuration.gate_recipe(recipes, "own-modules") != "torch7-2016-later"
    # The default may be left out.
    del recipes["own-modules"]
    recipes["harmonised-too"] = {**recipes["harmonised"], "activation_module": "separate"}
    assert configuration.gate_recipe(recipes, "harmonised-too") == "harmonised"
    # Which a program may refuse.
    recipes["in-order"] = {**recipes["harmonised"], "shuffle": False}
    assert configuration.gate_recipe(recipes, "in-order") == "in-order"


def test_the_faults_of_2016_are_settings_like_any_other(config):
    def told(recipe, network, seed):
        every = settings.train_settings(config["recipes"][recipe], network, 784, seed)
        return {key: every[key] for key in ("activation", "epochs", "seed")}

    # One network is carried over: its third repetition has seen thirty epochs.
    assert told("theano-keras-2016", "relu-1x64", 3) == {
        "activation": "relu",
        "epochs": 30,
        "seed": 1,
    }
    assert told("deeplearning4j-0.4-2016", "relu-1x64", 3) == {
        "activation": "relu",
        "epochs": 10,
        "seed": 1,
    }
    assert told("torch7-2016", "tanh-1x100", 3)["activation"] == "sigmoid"
    assert told("torch7-2016-later", "tanh-1x100", 3)["activation"] == "tanh"
    # A program is told of a shared module only; its prediction does not depend on it.
    for recipe, module in (("torch7-2016-later", "shared"), ("torch7-2016", None)):
        known = (config["recipes"][recipe], "tanh-4x100", 1024, 1)
        assert settings.train_settings(*known).get("activation_module") == module
        assert "activation_module" not in settings.predict_settings(*known)
    for recipe, seed in (("torch7-2016", 3), ("deeplearning4j-0.4-2016", 1)):
        weights = settings.weights_settings(config["recipes"][recipe], "relu-1x64", 784, 3)
        assert weights["seed"] == seed


def test_settings_are_the_contracts(config):
    recipe = config["recipes"]["harmonised"]
    assert settings.train_settings(recipe, "tanh-3x100", 784, 7) == {
        "inputs": 784,
        "hidden_layers": 3,
        "hidden_units": 100,
        "activation": "tanh",
        "optimizer": "sgd",
        "learning_rate": 0.01,
        "momentum": 0.9,
        "nesterov": True,
        "batch_size": 125,
        "partial_batch": "keep",
        "epochs": 10,
        "shuffle": True,
        "seed": 7,
        "precision": "float32",
    }
    recipe["shuffle"] = False
    recipe["optimizer"]["nesterov"] = False
    found = settings.train_settings(recipe, "relu-1x64", 1024, 7)
    assert found["shuffle"] is False and found["nesterov"] is False
    network = {"inputs": 1024, "hidden_layers": 1, "hidden_units": 64, "activation": "relu"}
    assert network.items() <= found.items()


def test_every_setting_stands_in_the_contract():
    """The contract's page and the settings that programs get must not drift apart."""
    contract = (ROOT / "docs" / "contract.md").read_text()
    schema = read_yaml(ROOT / "schemas" / "config.schema.yaml")
    recipe = schema["properties"]["recipes"]["additionalProperties"]["properties"]
    kinds = [kind["then"] for kind in recipe["optimizer"]["allOf"]]
    optimizer = {key: 1 for kind in kinds for key in kind["properties"]}
    full = {"optimizer": optimizer, "batch_size": 1, "partial_batch": "keep", "epochs": 1}
    full |= {"shuffle": True, "precision": "float32"}
    every = settings.train_settings(full, "tanh-1x1", 784, 1)
    every |= settings.predict_settings(full, "tanh-1x1", 784, 1)
    for name in every:
        assert f"`{name}`" in contract, name


def test_a_recipe_of_training_images_has_no_place_in_a_cross(config):
    config["experiments"]["cross"]["recipes"].append("torch7-2016-later")
    with pytest.raises(InputError) as caught:
        check(config)
    assert str(caught.value) == (
        "config.yaml: experiments.cross.recipes: torch7-2016-later has the accuracy of training "
        "images, and purpose: cross compares accuracies on test images; leave it out."
    )


def test_an_accuracy_of_training_images_needs_ten_thousand_of_them(config):
    config["recipes"]["theano-keras-2016"]["accuracy"]["of"] = "train"
    config["data_variants"]["unit-55000"] |= {"skip": 50000, "train_images": 1000}
    config["experiments"]["cross"]["enabled"] = False
    config["experiments"]["cross"]["recipes"] = ["harmonised"]
    config["experiments"]["cross"]["fewer"] = None
    check(config)
    config["data_variants"]["unit-55000"]["skip"] = 50001
    with pytest.raises(InputError) as caught:
        check(config)
    assert str(caught.value) == (
        "config.yaml: recipes.theano-keras-2016.accuracy.of: train needs 10,000 training images "
        "after the 50,001 that unit-55000 skips, and MNIST has 60,000; write of: test."
    )


def test_the_figures_show_accuracies_of_test_images(config):
    config["figures"]["recipe"] = "torch7-2016-later"
    with pytest.raises(InputError) as caught:
        check(config)
    assert str(caught.value) == (
        "config.yaml: figures.recipe: torch7-2016-later has the accuracy of training images, and "
        "the figures show that of test images; name another recipe."
    )


def test_a_profiles_own_file_must_not_be_replaced(tmp_path):
    profile = tmp_path / "quick"
    profile.mkdir()
    own, mine = profile / "quick.yaml", tmp_path / "mine.yaml"
    (profile / "config.yaml").write_text(f"configfile: [{own}]\n")
    for arguments in (["--profile", str(profile)], ["-n", f"--profile={profile}", "--cores"]):
        with pytest.raises(InputError) as error:
            check_configuration.check_profile(arguments, [mine])
        assert str(error.value) == (
            f"--configfile replaces {own} of this profile; write both: --configfile {own} {mine}."
        )
        check_configuration.check_profile(arguments, [own, mine])
    check_configuration.check_profile(["--profile", str(tmp_path / "none")], [])


def test_a_run_that_lacks_a_table_is_not_judged_again(config, tmp_path):
    tables = tmp_path / "tables"
    tables.mkdir()
    for name in check_configuration.MEASURED:
        (tables / name).touch()
    config["rejudge"] = str(tmp_path)
    check_configuration.check(config, FRAMEWORKS)
    (tables / "times.csv").unlink()
    with pytest.raises(
        InputError, match=r"has no tables/times\.csv; name the folder of a finished"
    ):
        check_configuration.check(config, FRAMEWORKS)


def test_what_a_program_reads(config):
    inputs = Inputs(Plan(config, FRAMEWORKS), "numpy", Path("results"))

    def job(framework, recipe):
        return SimpleNamespace(framework=framework, recipe=recipe, network="tanh-1x100", seed=2)

    numpy, torch = job("numpy", "harmonised"), job("numpy", "torch7-2016-later")
    assert inputs.train_images(numpy) == {
        "train_images": "<results>/data/unit/train-images.f32",
        "train_labels": "<results>/data/unit/train-labels.u8",
    }
    # This recipe scores training images. No program sees the labels of what it predicts.
    sample = {"test_images": "<results>/data/bytes-32/train-sample-images.f32"}
    assert inputs.test_images(torch) == sample
    assert inputs.scored_labels(torch) == "<results>/data/bytes-32/train-sample-labels.u8"
    # Caffe reads a store of its own.
    store = {"train_store": "<results>/stores/caffe/by-256/train"}
    assert inputs.train_images(job("caffe", "caffe-2016")) == store
    # Only Theano keeps what it has compiled.
    warm = "<results>/warm-up/theano-keras/harmonised/tanh-1x100.json"
    assert inputs.warm_up(job("theano-keras", "harmonised")) == warm
    assert inputs.warm_up(numpy) == []
    # Recipes that differ in epochs alone have the same initial weights.
    weights = "<results>/initial-weights/harmonised/tanh-1x100/2.f32"
    assert inputs.weights(job("numpy", "harmonised--5-epochs")) == weights
