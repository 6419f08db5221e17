"""Broken configurations: each is refused before anything starts, by one sentence with its key."""

import copy
import json
import os
import shutil
from pathlib import Path

import pytest
import yaml
from configuration import check as check_configuration
from configuration import memory_needs
from launcher import program
from shared import descriptions
from shared.script import InputError
from snakemake.utils import update_config
from tiny import ROOT, copy_workflow, snakemake, workflow_files

FRAMEWORKS = descriptions.read_all((ROOT / descriptions.FRAMEWORKS).glob("*/framework.yaml"))
MACHINE = check_configuration.Machine(memory=16 * 2**30, processors=4)
DEFAULT = json.loads(json.dumps(yaml.safe_load((ROOT / "config.yaml").read_text())))
# The profile `reference` has experiments of more kinds.
update_config(
    DEFAULT, yaml.safe_load((ROOT / "profiles" / "reference" / "reference.yaml").read_text())
)
# The generated mistakes are made in this configuration: small, but with every key.
SMALL = copy.deepcopy(DEFAULT)
SMALL["experiments"] = {
    name: DEFAULT["experiments"][name]
    for name in ("harmonised", "cross", "ablation", "times-whole")
} | {"learning-curves": DEFAULT["experiments"]["learning-curves"]}
SMALL["experiments"]["harmonised"] |= {
    "enabled": True,
    "fewer": {
        "keras": {
            "networks": ["tanh-1x100"],
            "skip_networks": ["tanh-2x100"],
            "recipes": ["harmonised"],
            "seeds": [1],
        }
    },
}
SMALL["experiments"]["ablation"]["seeds"] = [1]
SMALL["speedup"]["frameworks"] = ["keras", "numpy"]
SMALL["pathvars"] = {"results": "results/mine", "logs": "logs/mine"}
SMALL["program_folders"] = ["/opt"]


def check(config, files=None):
    """Do what the Snakefile does when the files have been read and merged."""
    check_configuration.check(config, FRAMEWORKS, files, MACHINE)


def sentence_of(config, files=None):
    """Return the one sentence that refuses a configuration."""
    with pytest.raises(InputError) as error:
        check(config, files)
    sentence = str(error.value)
    assert "\n" not in sentence
    assert sentence.endswith((".", "?"))
    return sentence


def changed(place, value, config=SMALL):
    """Return a copy of a configuration with another value at a place."""
    config = copy.deepcopy(config)
    part = config
    for key in place[:-1]:
        part = part[key]
    part[place[-1]] = value
    return config


def dotted(place):
    return ".".join(map(str, place))


# Similar places are among the others.
LIKE_OTHERS = {
    "cross", "brief", "theano-keras-2016", "torch7-2016-later",
    "deeplearning4j-0.4-2016", "unit-55000", "bytes-32", "by-256",
}  # fmt: skip


def places(part=SMALL, place=()):
    """Yield every place of the configuration and what is there; of a list the first value."""
    if place:
        yield place, part
    if isinstance(part, dict | list):
        for key in part if isinstance(part, dict) else [0]:
            if key not in LIKE_OTHERS:
                yield from places(part[key], (*place, key))


OPTIONAL = {
    "of", "activations", "repetitions", "fewer", "pathvars", "results", "logs", "program_folders",
    "enabled", "whole", "skip_frameworks",
    "momentum", "dampening", "nesterov", "weight_decay", "beta1", "beta2", "epsilon",
    "learning_rate_gamma", "learning_rate_power",
}  # fmt: skip
# The keys of these are names that the user chooses.
NAMED = {("experiments",), ("recipes",), ("data_variants",), ("datasets",)}
NULL = {"order_seed", "memory_limit_gib", "disturbed_share", "fewer", "keras"}
# An experiment takes these from the top of the configuration where it has none.
FROM_TOP = {"frameworks", "networks", "seeds"}
# These lists may be empty.
MAY_BE_EMPTY = {"program_folders", "skip_networks", "skip_frameworks"}


def is_from_top(place):
    """Return whether a key may be missing or null because the top of the configuration has it."""
    of_experiment = place[0] == "experiments" and len(place) == 3 and place[-1] in FROM_TOP
    return of_experiment or place == ("speedup", "frameworks")


def wrong_values(place, value):
    """Yield values of a wrong type or out of range, by what is wrong with them."""
    key = place[-1]
    if key not in NULL and not is_from_top(place):
        yield "null", None
    if not isinstance(value, dict):
        yield "mapping", {"a": 1}
    if isinstance(value, bool):
        yield "text", "yes"
        yield "number", 1
    elif value is None or isinstance(value, int | float):
        yield "text", "many"
        yield "list", [value]
        yield "boolean", True
        yield "not a number", float("nan")
        yield "infinite", float("inf")
        yield "as good as infinite", 10**400
        yield "negative", -1
        if type(value) is int and key not in ("divide_by", "time_limit_minutes"):
            yield "with a decimal point", float(value)
            yield "huge", 10**12
    elif isinstance(value, str):
        # The only text that may also be a number.
        yield "number", -7 if key == "lanes" else 7
        yield "list", [value]
        yield "empty", ""
        yield "two lines", f"{value}\n"
    elif isinstance(value, list):
        yield "text", "text"
        yield "number", 2.5
        if key not in MAY_BE_EMPTY:
            yield "empty", []
        if key not in ("program_folders", "sources"):
            yield "twice", [*value, value[0]]
    else:
        yield "list", []
        yield "text", "text"
        if place not in NAMED and key != "fewer":
            yield "unknown key", {**value, "nonsense": 1}
        for name, wrong in (("number", 2016), ("boolean", True), ("null", None), ("float", 0.5)):
            yield f"key that is a {name}", {**value, wrong: next(iter(value.values()), 1)}
        yield "key of two lines", {**value, "a\n": next(iter(value.values()), 1)}


GENERATED = {
    f"{dotted(place)}: {what}": (place, wrong)
    for place, value in places()
    for what, wrong in wrong_values(place, value)
    # Recipes are text or a list or a mapping: what is inside of them is generated too.
    if not (place[-1] == "recipes" and len(place) == 3 and isinstance(wrong, list) and wrong)
}
MISSING = {
    dotted(place): place
    for place, _ in places()
    if not isinstance(place[-1], int)
    and place[-1] not in OPTIONAL
    and not is_from_top(place)
    and place[:-1] not in NAMED
    and "fewer" not in place
    and "sources" not in place
    and "activations" not in place
}


def test_what_the_mistakes_are_made_in_is_valid():
    check(SMALL)
    check(DEFAULT)


@pytest.mark.parametrize("name", ["recipes", "experiments", "data_variants", "measurement"])
def test_there_are_enough_generated_mistakes(name):
    assert len(GENERATED) > 500
    assert sum(key.startswith(name) for key in GENERATED) >= 30


@pytest.mark.parametrize("section", SMALL)
def test_a_wrong_value_is_one_sentence_with_its_key(section):
    for name, (place, wrong) in GENERATED.items():
        if place[0] == section:
            sentence = sentence_of(changed(place, wrong))
            # If a part is wrong as a whole, the sentence may name what does not fit in it. The
            # sentence about what is not in the experiment names the list.
            key = place[:-1] if "fewer" in place and isinstance(place[-1], int) else place
            assert sentence.startswith(f"config.yaml: {dotted(key)}"), (name, sentence)


@pytest.mark.parametrize("section", SMALL)
def test_a_missing_key_is_one_sentence_with_that_key(section):
    for place in MISSING.values():
        if place[0] == section:
            config = copy.deepcopy(SMALL)
            part = config
            for key in place[:-1]:
                part = part[key]
            del part[place[-1]]
            sentence = sentence_of(config)
            prefix = f"config.yaml: {dotted(place[:-1])}".removesuffix(": ")
            assert sentence.startswith(prefix), sentence
            assert place[-1] in sentence.removeprefix(prefix), sentence


HARMONISED = ("experiments", "harmonised")
CROSS = ("experiments", "cross")
CURVES = ("experiments", "learning-curves")
RECIPE = ("recipes", "harmonised")
TOO_LONG = "n" * 101
MEANINGLESS = {
    # Numbers.
    "text for a number": (
        ("recipes", "harmonised", "optimizer", "learning_rate"),
        "1e-3",
        "recipes.harmonised.optimizer.learning_rate: '1e-3' must be a number; write 0.001, "
        "without quotes.",
    ),
    "a whole number with a point": (
        (*RECIPE, "epochs"),
        2.0,
        "recipes.harmonised.epochs: 2.0 must be a whole number; write 2 instead of 2.0.",
    ),
    "a seed with a point": (
        (*HARMONISED, "seeds"),
        [1, 3.0],
        "experiments.harmonised.seeds.1: 3.0 must be a whole number; write 3 instead of 3.0.",
    ),
    "a divisor that float32 does not hold": (
        ("data_variants", "unit", "divide_by"),
        1e-300,
        "data_variants.unit.divide_by: 1e-300 is too small",
    ),
    "momentum of 1": ((*RECIPE, "optimizer", "momentum"), 1, "momentum: 1 is too large"),
    "no epoch": ((*RECIPE, "epochs"), 0, "recipes.harmonised.epochs: 0 is too small"),
    # Names.
    "a recipe of two lines": (("recipes", "mine\n"), DEFAULT["recipes"]["brief"], "'mine\\n' has"),
    "a network of two lines": (
        (*HARMONISED, "networks"),
        ["tanh-1x100\n"],
        "experiments.harmonised.networks.0: 'tanh-1x100\\n' has a line break",
    ),
    "a long recipe": (("recipes", TOO_LONG), DEFAULT["recipes"]["brief"], "recipes: 'nnn"),
    "a long variant": (
        ("data_variants", TOO_LONG),
        DEFAULT["data_variants"]["unit"],
        "does not fit; write at most 100 letters, digits",
    ),
    "a long experiment": (
        ("experiments", TOO_LONG),
        DEFAULT["experiments"]["harmonised"],
        "experiments: 'nnn",
    ),
    "an experiment with a slash": (
        ("experiments", "a/b"),
        DEFAULT["experiments"]["harmonised"],
        "experiments: 'a/b' does not fit",
    ),
    "a recipe with a space": (("recipes", "a b"), DEFAULT["recipes"]["brief"], "'a b' does not"),
    "a recipe that begins with a dot": (("recipes", ".."), DEFAULT["recipes"]["brief"], "'..' do"),
    "a recipe that begins with a hyphen": (("recipes", "-n"), DEFAULT["recipes"]["brief"], "'-n'"),
    "another optimiser's key": (
        ("recipes", "tensorflow-0.12-2016", "optimizer", "momentum"),
        0.9,
        "recipes.tensorflow-0.12-2016.optimizer: unknown key 'momentum'; known are name, ",
    ),
    "an unknown optimiser": (
        (*RECIPE, "optimizer", "name"),
        "rmsprop",
        "recipes.harmonised.optimizer.name: 'rmsprop' is unknown; known are sgd, adam.",
    ),
    "recipes of no form": (
        (*HARMONISED, "recipes"),
        "theirs",
        "experiments.harmonised.recipes: 'theirs' does not fit; write: Entries of recipes; or own",
    ),
    # Folders.
    "results in logs": (
        ("pathvars",),
        {"results": "logs/mine"},
        "pathvars.results: results go to logs/mine and logs to logs; name two folders",
    ),
    "logs in results": (
        ("pathvars",),
        {"logs": "results/mine"},
        "pathvars.logs: results go to results and logs to results/mine; name two folders",
    ),
    "one folder for both": (
        ("pathvars",),
        {"results": "a", "logs": "a"},
        "pathvars.results: results go to a and logs to a; name two folders",
    ),
    **{
        f"results in {folder!r}": (
            ("pathvars",),
            {"results": folder},
            f"pathvars.results: {folder!r} does not fit",
        )
        for folder in (
            "..", "../elsewhere", "a/../../b", "/tmp/elsewhere", ".", ".snakemake", "~/results",
            "a b", "a'b", 'a"b', "a;b", "$HOME", "{seed}", "<logs>", "a//b", "a/", "./a", "-a",
        )
    },
    **{
        f"results in {folder}": (
            ("pathvars",),
            {"results": folder},
            f"pathvars.results: {folder} is in a folder that the workflow needs itself; name anot",
        )
        for folder in ("scripts", "resources", "resources/results", "rules/a/b", "envs")
    },
    "logs in scripts": (("pathvars",), {"logs": "scripts"}, "pathvars.logs: scripts is in a"),
    "an unknown path": (
        ("pathvars",),
        {"result": "a"},
        "pathvars: unknown key 'result'; did you mean 'results'?",
    ),
    "resources elsewhere": (("pathvars",), {"resources": "a"}, "pathvars: unknown key 'resources'"),
    # Batches.
    "a batch of more than all images": (
        (*RECIPE, "batch_size"),
        60001,
        "recipes.harmonised.batch_size: the batch size 60001 is larger than the 60000 training "
        "images of unit; take smaller batches.",
    ),
    "a batch of more than the variant's images": (
        ("data_variants", "unit-55000", "train_images"),
        100,
        "recipes.theano-keras-2016.batch_size: the batch size 128 is larger than the 100 training",
    ),
    "a batch of 10^9": (
        (*RECIPE, "batch_size"),
        10**9,
        "harmonised.batch_size: the batch size 1000000000 is larger",
    ),
    # Experiments.
    "fewer of another framework": (
        (*HARMONISED, "fewer"),
        {"caffe": {"seeds": [1]}, "deeplearning4j-0.4-f2j": {"seeds": [1]}},
        "experiments.harmonised.fewer: deeplearning4j-0.4-f2j is not among the experiment's "
        "frameworks; delete it here, or write `deeplearning4j-0.4-f2j: null`",
    ),
    "fewer of an unknown framework": (
        (*HARMONISED, "fewer"),
        {"kears": {"seeds": [1]}},
        "experiments.harmonised.fewer: unknown framework 'kears'; did you mean 'keras'?",
    ),
    "fewer of another network": (
        (*HARMONISED, "fewer"),
        {"keras": {"networks": ["tanh-1x100", "tanh-1x10"]}},
        "experiments.harmonised.fewer.keras.networks: tanh-1x10 is not among the experiment's",
    ),
    "fewer of another seed": (
        (*HARMONISED, "fewer"),
        {"keras": {"seeds": [1, 2]}},
        "experiments.harmonised.fewer.keras.seeds: 2 is not among the experiment's seeds; name so",
    ),
    "fewer of another recipe": (
        (*HARMONISED, "fewer"),
        {"keras": {"recipes": ["harmonised", "brief"]}},
        "experiments.harmonised.fewer.keras.recipes: brief is not among the experiment's recipes",
    ),
    "fewer of another's own recipe": (
        ("experiments", "own"),
        DEFAULT["experiments"]["paper"] | {"fewer": {"caffe": {"recipes": ["torch7-2016"]}}},
        "experiments.own.fewer.caffe.recipes: none of the experiment's recipes is left; name some "
        "of ['caffe-2016'].",
    ),
    "fewer of no such step of an ablation": (
        ("experiments", "ablation", "fewer"),
        {"numpy": {"recipes": ["torch7-2016-later", "torch7-2016-later--speed"]}},
        "experiments.ablation.fewer.numpy.recipes: torch7-2016-later--speed is not among",
    ),
    # Frameworks, networks and seeds of the top.
    "no framework": (("frameworks",), [], "config.yaml: frameworks: the list is empty; write one"),
    "an unknown framework": (
        ("frameworks",),
        ["numpy", "kears"],
        "frameworks: unknown framework 'kears'; did you mean 'keras'?",
    ),
    "an unknown framework of an experiment": (
        (*CROSS, "frameworks"),
        ["numpy", "kears"],
        "experiments.cross.frameworks: unknown framework 'kears'; did you mean 'keras'?",
    ),
    "no network": (("networks",), [], "config.yaml: networks: the list is empty; write one"),
    "no seed": (("seeds",), [], "config.yaml: seeds: the list is empty; write one"),
    "a network of the top of 10^9 units": (
        ("networks",),
        ["tanh-1x100", "relu-1x1000000000"],
        "config.yaml: networks: relu-1x1000000000 with the recipe harmonised needs ",
    ),
    # Purposes.
    "an unknown purpose": (
        (*CROSS, "purpose"),
        "across",
        "experiments.cross.purpose: 'across' is unknown; did you mean 'cross'?",
    ),
    "learning curves without epochs": (
        (*CROSS, "purpose"),
        "learning-curves",
        "experiments.cross: the key epochs is missing; purpose: learning-curves needs it: the num",
    ),
    "an ablation that leads nowhere": (
        (*CROSS, "purpose"),
        "ablation",
        "experiments.cross: the key to is missing; purpose: ablation needs it: the recipe that",
    ),
    "cross with own recipes": (
        ("experiments", "own"),
        DEFAULT["experiments"]["paper"] | {"purpose": "cross"},
        "experiments.own.recipes: an experiment with purpose: cross needs a list of recipes; list",
    ),
    "an ablation from own recipes": (
        ("experiments", "ablation", "recipes"),
        "own",
        "experiments.ablation.recipes: an experiment with purpose: ablation needs a list of",
    ),
    "cross with an ablation": (
        (*CROSS, "to"),
        "harmonised",
        "experiments.cross.to: only an experiment with purpose: ablation has this key; delete it, "
        "or change purpose: cross.",
    ),
    "a comparison with numbers of epochs": (
        (*HARMONISED, "epochs"),
        [1, 2],
        "experiments.harmonised.epochs: only an experiment with purpose: learning-curves or logged "
        "has this key; delete it, or change purpose: comparison.",
    ),
    "an ablation to an unknown recipe": (
        ("experiments", "ablation", "to"),
        "harmonized",
        "experiments.ablation.to: unknown recipe 'harmonized'; did you mean 'harmonised'?",
    ),
    "an ablation from a recipe to itself": (
        ("experiments", "ablation", "recipes"),
        ["harmonised"],
        "experiments.ablation.recipes: nothing that an ablation changes differs from harmonised to "
        "harmonised; name two recipes that differ",
    ),
    "an ablation between recipes that differ in epochs alone": (
        ("experiments", "ablation", "recipes"),
        ["torch7-2016", "brief"],
        "experiments.ablation.recipes: nothing that an ablation changes differs from brief to harm",
    ),
    "an ablation to a recipe of other epochs": (
        ("experiments", "ablation", "to"),
        "brief",
        "experiments.ablation.recipes: brief, which this makes, would differ from the recipe of "
        "that name in epochs; change one of them, or write enabled: false in this",
    ),
    "two ablations from one recipe": (
        ("experiments", "ablation-2"),
        DEFAULT["experiments"]["ablation"] | {"recipes": ["torch7-2016-later"], "to": "caffe-2016"},
        "experiments.ablation-2.to: another ablation goes from torch7-2016-later to harmonised;",
    ),
    "a recipe by the name of a derived one": (
        ("recipes", "harmonised--20-epochs"),
        DEFAULT["recipes"]["brief"],
        "experiments.learning-curves.recipes: harmonised--20-epochs, which this makes, would "
        "differ from the recipe of that name in epochs",
    ),
    "none enabled": (
        ("experiments",),
        {"a": DEFAULT["experiments"]["harmonised"] | {"enabled": False}},
        "experiments: none is enabled; set enabled: true in one.",
    ),
    # The speed-up.
    "a speed-up of one epoch": (
        ("recipes", "brief", "epochs"),
        1,
        "speedup.recipe: brief has 1 epoch, and the first does not count; name a recipe with",
    ),
    "a speed-up of a framework that is not run": (
        ("speedup", "frameworks"),
        ["numpy", "deeplearning4j-0.4-f2j"],
        "speedup.frameworks: no experiment runs deeplearning4j-0.4-f2j; delete it here, or",
    ),
    "a framework side by side that reads a store": (
        ("measurement", "side_by_side", "frameworks"),
        ["caffe"],
        "config.yaml: measurement.side_by_side.frameworks: caffe has a program prepare, which",
    ),
    "more threads than cores": (
        ("compute_threads",),
        5,
        "config.yaml: compute_threads: 5 threads are more than the 4 cores of this machine; lower",
    ),
    # Memory.
    "a network of 10^9 units": (
        (*HARMONISED, "networks"),
        ["tanh-1x100", "relu-1x1000000000"],
        "experiments.harmonised.networks: relu-1x1000000000 with the recipe harmonised needs ",
    ),
    "a network of 10^4 layers": (
        (*HARMONISED, "networks"),
        ["tanh-10000x100"],
        "experiments.harmonised.networks.0: 'tanh-10000x100' does not fit",
    ),
    "a network of 10^20 units": (
        (*HARMONISED, "networks"),
        [f"tanh-1x{10**20}"],
        "experiments.harmonised.networks.0: 'tanh-1x100000000000000000000' does not fit",
    ),
    "a network of 999 layers of 10^5": (
        ("equivalence", "network"),
        "tanh-999x100000",
        "equivalence.network: tanh-999x100000 with the recipe harmonised needs ",
    ),
    "a speed-up of 10^8 units": (
        ("speedup", "network"),
        "relu-1x100000000",
        "speedup.network: relu-1x100000000 with the recipe brief needs ",
    ),
    # 60,000 x 10^10 x 4 bytes, and weights of 10^10 x 100 x 2 x 4 bytes.
    "images of 10^5 pixels a side": (
        ("data_variants", "unit", "image_size"),
        10**5,
        "data_variants.unit.image_size: tanh-1x100 with the recipe harmonised needs 2,242,624.",
    ),
    "images of 2^31 pixels a side": (
        ("data_variants", "unit", "image_size"),
        2**31 - 2,
        "data_variants.unit.image_size: tanh-1x100 with the recipe harmonised needs ",
    ),
    "a limit that the images alone exceed": (
        ("measurement", "memory_limit_gib"),
        0.1,
        "data_variants.unit.image_size: tanh-1x100 with the recipe harmonised needs 0.18 GiB of "
        "memory or more, and a program may hold 0.10 GiB, as measurement.memory_limit_gib says; "
        "take smaller images.",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("place", "value", "phrase"), MEANINGLESS.values(), ids=MEANINGLESS)
def test_what_means_nothing_is_one_sentence(place, value, phrase):
    sentence = sentence_of(changed(place, value))
    assert phrase in sentence
    assert sentence.startswith("config.yaml: ")


@pytest.mark.parametrize(
    ("place", "value", "sentence"),
    [
        (
            ("measurement", "timed", "images"),
            100,
            "measurement.timed.images: 100 images are fewer than a batch of harmonised, 125; take "
            "more images.",
        ),
        # Its description says how many.
        (
            ("recipes", "harmonised", "batch_size"),
            3000,
            "recipes.harmonised.batch_size: 3000 is more than the 2000 images that "
            "deeplearning4j-0.4-f2j is timed with; take smaller batches.",
        ),
    ],
)
def test_a_timed_run_takes_a_step(place, value, sentence):
    config = changed(place, value, DEFAULT)
    kept = ("harmonised", "times", "times-java-blas")
    config["experiments"] = {name: DEFAULT["experiments"][name] for name in kept}
    assert sentence_of(config) == f"config.yaml: {sentence}"


def test_large_batches_are_the_recipes_mistake():
    config = changed((*RECIPE, "batch_size"), 60000)
    config["experiments"] = {"one": {**DEFAULT["experiments"]["harmonised"], "fewer": None}}
    config["experiments"]["one"] |= {"networks": ["relu-100x1000"], "seeds": [1]}
    config["speedup"]["enabled"] = False
    # 60,000 x 100 layers x 1,000 units x 4 bytes are 22.35 GiB; 99.9 million weights, twice, .74.
    sentence = sentence_of(config)
    assert sentence.startswith("config.yaml: recipes.harmonised.batch_size: relu-100x1000 with the")
    assert "needs 23.27 GiB" in sentence and "may hold 14.40 GiB, nine tenths of this" in sentence


def test_what_a_disabled_part_says_is_no_mistake():
    config = copy.deepcopy(SMALL)
    config["experiments"]["ablation"] |= {"enabled": False, "fewer": {"caffe": {"seeds": [7]}}}
    config["speedup"]["enabled"] = False
    config["recipes"]["brief"]["epochs"] = 1
    config["speedup"]["frameworks"] = ["deeplearning4j-0.4-f2j"]
    check(config)


def test_a_whole_timed_run_has_a_second_epoch():
    config = changed(("recipes", "single"), {**SMALL["recipes"]["brief"], "epochs": 1})
    config["experiments"]["times-whole"]["recipes"] = ["single"]
    assert sentence_of(config) == (
        "config.yaml: experiments.times-whole.whole: single has 1 epoch, and a time needs one "
        "after the first; name recipes with two or more."
    )


def test_null_lifts_what_another_file_says():
    config = changed((*HARMONISED, "fewer"), {"keras": None, "deeplearning4j-0.4-f2j": None})
    check(config)


def test_the_memory_of_another_machine_is_not_asked():
    config = changed((*HARMONISED, "networks"), ["relu-1x1000000000"])
    config["experiments"]["harmonised"]["fewer"] = None
    check_configuration.check(config, FRAMEWORKS, None, None)
    config["measurement"]["memory_limit_gib"] = 100
    with pytest.raises(InputError, match=r"may hold 100\.00 GiB, as measurement"):
        check_configuration.check(config, FRAMEWORKS, None, None)


@pytest.mark.parametrize(
    ("recipe", "network", "expected"),
    [
        # 784 x 100 + 100 weights and biases, 100 x 10 + 10; twice with momentum. 125 x 100 units.
        ("harmonised", "tanh-1x100", (79510 * 2 * 4, 125 * 100 * 4, 60000 * 784 * 4)),
        # 784 x 64 + 64, 64 x 64 + 64, 64 x 10 + 10; three times with Adam. Two layers of 64.
        ("tensorflow-0.12-2016", "relu-2x64", (55050 * 3 * 4, 128 * 128 * 4, 55000 * 784 * 4)),
        # 1024 x 10 + 10, 10 x 10 + 10; float64. Its images are float32 in their file.
        ("torch7-2016", "tanh-1x10", (10360 * 2 * 8, 128 * 10 * 8, 60000 * 1024 * 4)),
    ],
)
def test_what_a_training_needs_by_hand(recipe, network, expected):
    settings = DEFAULT["recipes"][recipe]
    variant = DEFAULT["data_variants"][settings["data"]]
    found = memory_needs.need(settings, variant, network)
    assert (found.network, found.batch, found.images) == expected


def test_the_launcher_has_the_same_share_of_the_memory():
    assert memory_needs.MEMORY_SHARE == program.MEMORY_SHARE


def test_the_folders_that_are_taken_are_those_of_the_workflow():
    own = {name.split("/")[0] for name in workflow_files() if "/" in name and name[0] != "."}
    # "results" and "logs" are where these go by default; "resources" is written, and always there.
    assert {*check_configuration.TAKEN} == own | {"resources"}


def test_the_sentence_names_the_file_that_has_the_key():
    config = changed((*RECIPE, "epochs"), "many")
    files = {
        "config.yaml": SMALL,
        "mine.yaml": {"recipes": {"harmonised": {"epochs": "many"}}},
        "other.yaml": {"recipes": {"harmonised": {"shuffle": True}}},
        "--config": {},
    }
    assert sentence_of(config, files).startswith(
        "mine.yaml: recipes.harmonised.epochs: 'many' must be"
    )


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty folder, in which the test works."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


FILES = {
    "empty": (b"", "config.yaml is empty; write keys and their values"),
    "comments": (b"# nothing\n", "config.yaml is empty; write keys and their values"),
    "a list": (b"- a\n", "config.yaml is a list; write keys and their values"),
    "text": (b"strict\n", "config.yaml is a str; write keys and their values"),
    "a number": (b"5\n", "config.yaml is a int; write keys and their values"),
    "a tab": (b"a:\n\tb: 1\n", "config.yaml is not valid YAML: line 2: "),
    "an open bracket": (b"a: [1\n", "config.yaml is not valid YAML: line 2: "),
    "an open quote": (b"a: 'b\n", "config.yaml is not valid YAML: line 2: "),
    "an unknown alias": (b"a: *b\n", "line 1: found undefined alias 'b'"),
    "two documents": (b"a: 1\n---\nb: 2\n", "expected a single document in the stream but found"),
    "a key twice": (b"a: 1\nb: 2\na: 1\n", "line 3: the key 'a' is there twice; delete one of th"),
    "a key twice inside": (b"a:\n  b: {c: 1, d: 2, c: 3}\n", "line 2: the key 'c' is there twice"),
    "a key twice, quoted": (b"a: 1\n'a': 1\n", "line 2: the key 'a' is there twice"),
    "two merges": (b"a: &a {x: 1}\nb: {<<: *a, <<: *a}\n", "line 2: the key '<<' is there twice"),
    "a key twice in JSON": (b'{"a": 1,\n\t"a": 2}', "config.yaml: the key 'a' is there twice"),
    "itself": (b"a: &a {b: *a}\n", "config.yaml is not valid YAML: Circular reference detected."),
    "deep": (b"[" * 100000, "config.yaml is not valid YAML: it is nested too deeply."),
    "Latin-1": ("a: ü".encode("latin-1"), "config.yaml is not UTF-8 text (its byte 4); save it as"),
    "UTF-16": ("a: 1".encode("utf-16"), "config.yaml is not UTF-8 text (its byte 1); save it as"),
    "UTF-16 without a mark": ("a: 1".encode("utf-16-le"), "special characters are not allowed"),
    "a NUL": (b"a: \x00\n", "special characters are not allowed"),
    "no date": (b"a: 2016-13-45\n", "config.yaml is not valid YAML: month must be in 1..12."),
    "a list as a key": (b"[a]: 1\n", "found unhashable key"),
    "an object of Python": (b"a: !!python/object:os.system {}\n", "could not determine a constru"),
    "paths in a list": (
        b"pathvars: [a]\n",
        "config.yaml: pathvars: ['a'] must be a mapping of keys to values.",
    ),
    "paths by number": (b"pathvars: {1: a}\n", "config.yaml: pathvars: the key 1 is not text; wr"),
    "a path that is a number": (
        b"pathvars: {results: 5}\n",
        "config.yaml: pathvars.results: 5 must be text.",
    ),
    "paths in a circle": (
        b"pathvars: {results: <logs>, logs: <results>}\n",
        "config.yaml: pathvars.logs: '<results>' does not fit",
    ),
}


@pytest.mark.parametrize(("content", "phrase"), FILES.values(), ids=FILES)
def test_a_file_that_cannot_be_read_is_one_sentence(folder, content, phrase):
    (folder / "config.yaml").write_bytes(content)
    with pytest.raises(InputError) as error:
        check_configuration.read_files(Path("config.yaml"), [], [])
    assert phrase in str(error.value)
    assert str(error.value).startswith("config.yaml")
    assert "\n" not in str(error.value)


def test_no_file_is_one_sentence(folder):
    with pytest.raises(InputError, match=r"config\.yaml does not exist\."):
        check_configuration.read_files(Path("config.yaml"), [], [])
    (folder / "config.yaml").mkdir()
    with pytest.raises(InputError, match=r"config\.yaml is a folder; put a file of YAML in its"):
        check_configuration.read_files(Path("config.yaml"), [], [])
    (folder / "config.yaml").rmdir()
    # If the command line names a file, it is enough.
    (folder / "mine.json").write_text('{\n\t"strict": true\n}\n')
    found = check_configuration.read_files(Path("config.yaml"), [], [folder / "mine.json"])
    assert found == {"mine.json": {"strict": True}}


def test_what_overrides_a_merged_key_is_not_there_twice(folder):
    (folder / "config.yaml").write_text(
        "a: &a {x: 1, y: 2}\nb: &b {<<: *a, x: 3}\nc: {<<: [*b, *a], y: 4}\n"
    )
    found = check_configuration.read_files(Path("config.yaml"), [], [])["config.yaml"]
    assert found == {"a": {"x": 1, "y": 2}, "b": {"x": 3, "y": 2}, "c": {"x": 3, "y": 4}}


@pytest.fixture(scope="module")
def workflow(tmp_path_factory):
    return copy_workflow(tmp_path_factory.mktemp("workflow") / "workflow")


def edited(old, new):
    return lambda text: text.replace(old, new, 1)


BOUNDARY = {
    "a key that is a number": (edited("\n  brief:", "\n  2016:"), "recipes: the key 2016 is"),
    "an empty file": (lambda text: "", "config.yaml is empty; write keys"),
    "an open bracket": (lambda text: text + "a: [", "config.yaml is not valid YAML: line "),
    "paths in a list": (lambda text: text + "pathvars: [a]\n", "pathvars: ['a'] must be"),
    "not a number": (
        edited("learning_rate: 0.01", "learning_rate: .nan"),
        "config.yaml: recipes.harmonised.optimizer.learning_rate: this is not a finite number",
    ),
    "a network of 10^9 units": (
        edited("  - tanh-1x100\n", "  - tanh-1x1000000000\n"),
        "config.yaml: networks: tanh-1x1000000000 with the recipe ",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("change", "phrase"), BOUNDARY.values(), ids=BOUNDARY)
def test_snakemake_ends_in_that_sentence(workflow, change, phrase):
    default = (ROOT / "config.yaml").read_text()
    assert change(default) != default
    (workflow / "config.yaml").write_text(change(default))
    ends_in_a_sentence(workflow, phrase)


def ends_in_a_sentence(workflow, phrase, *flags):
    process = snakemake("--dry-run", "--cores", "2", *flags, folder=workflow, check=False)
    assert process.returncode != 0
    assert process.stdout.count("error: ") == 1
    assert f"error: {phrase}" in process.stdout or phrase in process.stdout.split("error: ")[1]
    for word in ("Traceback", "WorkflowError", "in file", "line 12"):
        assert word not in process.stdout
    # The sentence is the last line.
    assert process.stdout.splitlines()[-1].startswith("error: ")


def test_snakemake_ends_in_a_sentence_for_bytes_and_folders(workflow):
    path = workflow / "config.yaml"
    path.unlink()
    path.mkdir()
    ends_in_a_sentence(workflow, "config.yaml is a folder")
    path.rmdir()
    path.write_bytes("strict: false".encode("utf-16"))
    ends_in_a_sentence(workflow, "config.yaml is not UTF-8 text (its byte 1); save it as UTF-8.")


def test_a_file_of_the_command_line_is_read_as_strictly(workflow):
    shutil.copy(ROOT / "config.yaml", workflow)
    path = workflow / "mine.yaml"
    path.write_text("strict: false\nrecipes:\n  brief: {epochs: 3, epochs: 4}\n")
    flags = ["--configfile", "mine.yaml"]
    ends_in_a_sentence(workflow, "mine.yaml is not valid YAML: line 3: the key 'epochs'", *flags)
    path.write_text("recipes:\n  brief: {epochs: 3.0}\n")
    ends_in_a_sentence(
        workflow, "mine.yaml: recipes.brief.epochs: 3.0 must be a whole number", *flags
    )
    path.write_text("recipes:\n  brief: {epochs: 3}\n")
    ends_in_a_sentence(
        workflow, "--config: strict: 'maybe' must be", *flags, "--config", "strict=maybe"
    )


def test_a_module_is_checked_as_well(workflow, tmp_path):
    shutil.copy(ROOT / "config.yaml", workflow)
    folder = tmp_path / "user"
    folder.mkdir()
    source = os.path.relpath(workflow, folder)
    (folder / "mine.yaml").write_text("recipes: {brief: {epochs: 3, epochs: 4}}\n")
    (folder / "Snakefile").write_text(
        f'configfile: "{source}/config.yaml"\nconfigfile: "mine.yaml"\n'
        f'module study:\n    snakefile: "{source}/Snakefile"\n    config: config\n'
        "use rule * from study\n"
    )
    ends_in_a_sentence(folder, "mine.yaml is not valid YAML: line 1: the key 'epochs' is there")
    (folder / "mine.yaml").write_text("recipes: {brief: {epochs: 0}}\n")
    ends_in_a_sentence(folder, "mine.yaml: recipes.brief.epochs: 0 is too small; write 1 or more.")
