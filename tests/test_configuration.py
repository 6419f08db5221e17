"""The configuration: what a user can get wrong ends in one sentence that names the key."""

import copy
import json
from pathlib import Path

import configuration
import descriptions
import pytest
import yaml
from common import InputError
from configuration import Run

ROOT = Path(__file__).parent.parent
FRAMEWORKS = descriptions.read_all((ROOT / descriptions.FRAMEWORKS).glob("*/framework.yaml"))


@pytest.fixture
def config():
    # By way of JSON: parts that YAML's aliases share become copies, as a test changes one of them.
    return json.loads(json.dumps(yaml.safe_load((ROOT / "config.yaml").read_text())))


@pytest.fixture
def one_experiment(config):
    """The configuration with one experiment only."""
    config["experiments"] = {"harmonised": config["experiments"]["harmonised"]}
    return config


def check(config):
    configuration.check(config, FRAMEWORKS)


def test_the_default_configuration_is_valid_and_is_the_papers(config):
    check(config)
    runs = [run for run in configuration.runs(config) if run.recipe == "harmonised"]
    # Ten distinct networks of 1-4 x 100 and two more activations of width: the paper's twelve.
    assert len({run.network for run in runs}) == 12
    # Those of the paper, their successors, and the reference.
    assert len({run.framework for run in runs}) == 10
    # Three frameworks are too slow for three repetitions.
    assert len(runs) == 12 * (7 * 3 + 3 * 1)
    assert all(configuration.runs(config).values())


@pytest.mark.parametrize(
    ("place", "value", "sentence"),
    [
        (
            "experiments.harmonised.frameworks",
            ["pytoch"],
            "config.yaml: experiments.harmonised.frameworks: unknown framework 'pytoch'; "
            "did you mean 'pytorch'?",
        ),
        (
            "experiments.harmonised.recipes",
            ["harmonized"],
            "config.yaml: experiments.harmonised.recipes: unknown recipe 'harmonized'; "
            "did you mean 'harmonised'?",
        ),
        ("experiments.harmonised.networks", ["elu-1x100"], "harmonised.networks.0: 'elu-1x100'"),
        ("experiments.harmonised.networks", ["tanh-0x100"], "networks.0: 'tanh-0x100' does not"),
        ("experiments.harmonised.networks", [], "experiments.harmonised.networks: []"),
        ("experiments.harmonised.seeds", [1, 1], "experiments.harmonised.seeds: [1, 1]"),
        ("experiments.harmonised.seeds", [-1], "seeds.0: -1 is less than the minimum of 0."),
        (
            "experiments.harmonised.fewer_seeds",
            {"kears": [1]},
            "config.yaml: experiments.harmonised.fewer_seeds: unknown framework 'kears'; "
            "did you mean 'keras'?",
        ),
        (
            "experiments.harmonised.fewer_seeds",
            {"keras": [1, 4]},
            "config.yaml: experiments.harmonised.fewer_seeds.keras: 4 is none of the experiment's "
            "seeds; use some of [1, 2, 3].",
        ),
        ("experiments.harmonised.fewer_seeds", {"keras": []}, "harmonised.fewer_seeds.keras: []"),
        (
            "experiments.harmonised.enabled",
            False,
            "config.yaml: experiments: none is enabled; set enabled: true in one.",
        ),
        ("experiments.harmonised.enable", True, "experiments.harmonised: unknown key 'enable'"),
        ("recipes.harmonised.data", "unitt", "recipes.harmonised.data: unknown variant 'unitt'"),
        (
            "recipes.harmonised.epochs",
            "ten",
            "config.yaml: recipes.harmonised.epochs: 'ten' is not of type 'integer'.",
        ),
        ("recipes.harmonised.epoch", 3, "unknown key 'epoch'; did you mean 'epochs'?"),
        ("recipes.harmonised.optimizer.name", "rmsprop", "recipes.harmonised.optimizer"),
        ("recipes.harmonised.optimizer.momentum", 1, "optimizer.momentum: 1 is greater than"),
        ("recipes.harmonised.batch_size", 0, "batch_size: 0 is less than the minimum of 1."),
        (
            "data_variants.unit.skip",
            1,
            "config.yaml: data_variants.unit: skip and train_images add up to more than the "
            "60,000 training images of MNIST.",
        ),
        ("data_variants.unit.image_size", 27, "data_variants.unit.image_size: 27"),
        ("mnist_sources", [{"ftp": "x"}], "config.yaml: mnist_sources.0"),
        ("measurement.compute_threads", 0, "compute_threads: 0 is less than the minimum of 1."),
        ("program_folders", "/opt", "config.yaml: program_folders: '/opt' is not of type 'array'."),
        ("program_folder", [], "unknown key 'program_folder'; did you mean 'program_folders'?"),
        ("strict", "yes", "config.yaml: strict: 'yes' is not of type 'boolean'."),
        (
            "recipes.harmonised.accuracy",
            {"images": 10000},
            "config.yaml: recipes.harmonised.accuracy: the key rule is missing; add it.",
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


def test_experiments_share_their_common_runs(one_experiment):
    config = one_experiment
    experiment = config["experiments"]["harmonised"]
    experiment |= {"frameworks": ["numpy"], "networks": ["tanh-1x100"], "seeds": [1, 2]}
    other = copy.deepcopy(experiment) | {"seeds": [2, 3], "timed": False}
    config["experiments"]["other"] = other
    run = {"framework": "numpy", "recipe": "harmonised", "network": "tanh-1x100"}
    # A run is timed where any of its experiments times it.
    assert configuration.runs(config) == {
        Run(**run, seed=1): True,
        Run(**run, seed=2): True,
        Run(**run, seed=3): False,
    }
    other["enabled"] = False
    assert len(configuration.runs(config)) == 2


@pytest.fixture
def two_runs(one_experiment):
    """The runs of one network of two frameworks."""
    experiment = one_experiment["experiments"]["harmonised"]
    experiment |= {"frameworks": ["caffe", "numpy"], "networks": ["tanh-1x100"], "seeds": [1]}
    return configuration.runs(one_experiment)


def test_a_framework_that_cannot_be_run_is_left_out(two_runs):
    left_out = {"caffe": "its mmdebstrap is missing."}
    kept = configuration.without(two_runs, left_out, strict=False)
    assert kept == {Run("numpy", "harmonised", "tanh-1x100", 1): True}
    assert configuration.without(two_runs, {}, strict=True) == two_runs


@pytest.mark.parametrize(
    ("left_out", "strict", "sentence"),
    [
        (["caffe"], True, "caffe cannot be run here, and strict is true in config.yaml: caffe's."),
        (["caffe", "numpy"], False, "caffe cannot be run here, nor can any other framework: caffe"),
    ],
)
def test_what_cannot_be_left_out_is_an_error(two_runs, left_out, strict, sentence):
    missing = {name: f"{name}'s." for name in left_out}
    with pytest.raises(InputError, match=sentence):
        configuration.without(two_runs, missing, strict=strict)


def test_a_slow_framework_has_fewer_seeds(one_experiment):
    experiment = one_experiment["experiments"]["harmonised"]
    experiment |= {"frameworks": ["numpy", "keras"], "networks": ["tanh-1x100", "relu-1x64"]}
    experiment |= {"seeds": [1, 2, 3], "fewer_seeds": {"keras": [2]}}
    check(one_experiment)
    found = {(run.framework, run.network, run.seed) for run in configuration.runs(one_experiment)}
    assert found == {
        *(("numpy", network, seed) for network in experiment["networks"] for seed in (1, 2, 3)),
        *(("keras", network, 2) for network in experiment["networks"]),
    }


def test_flags_are_the_contracts(config):
    recipe = config["recipes"]["harmonised"]
    line = configuration.command_line(configuration.train_flags(recipe, "tanh-3x100", 784, 7))
    assert line == (
        "--inputs 784 --hidden-layers 3 --hidden-units 100 --activation tanh --optimizer sgd "
        "--learning-rate 0.01 --momentum 0.9 --nesterov --batch-size 125 --partial-batch keep "
        "--epochs 10 --shuffle --seed 7 --precision float32"
    )
    recipe["shuffle"] = False
    recipe["optimizer"]["nesterov"] = False
    line = configuration.command_line(configuration.train_flags(recipe, "relu-1x64", 1024, 7))
    assert "--shuffle" not in line and "--nesterov" not in line
    assert "--inputs 1024 --hidden-layers 1 --hidden-units 64 --activation relu" in line


def test_every_flag_stands_in_the_contract():
    """The contract's page and the flags that the workflow passes must not drift apart."""
    contract = (ROOT / "docs" / "contract.md").read_text()
    schema = configuration.read_yaml(ROOT / "schemas" / "config.schema.yaml")
    recipe = schema["properties"]["recipes"]["additionalProperties"]["properties"]
    kinds = recipe["optimizer"]["oneOf"]
    optimizer = {key: 1 for kind in kinds for key in kind["properties"]}
    full = {"optimizer": optimizer, "batch_size": 1, "partial_batch": "keep", "epochs": 1}
    full |= {"shuffle": True, "precision": "float32"}
    flags = configuration.train_flags(full, "tanh-1x1", 784, 1)
    flags |= configuration.predict_flags(full, "tanh-1x1", 784, 1)
    for flag in flags:
        assert f"`--{flag}" in contract, flag


def test_a_configuration_that_is_no_yaml(tmp_path):
    path = tmp_path / "config.yaml"
    path.write_text("experiments: [")
    with pytest.raises(InputError, match=r"config\.yaml is not valid YAML: .*"):
        configuration.read_yaml(path)
