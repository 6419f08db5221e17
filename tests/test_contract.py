"""The contract (docs/contract.md): from the same weights, every framework computes the same.

Each framework's own programs run in its own environment on a few hundred made-up images; their
scores are compared with the NumPy program's in double precision. That program's gradients are
compared with finite differences.
"""

import functools
import itertools
import json
import math
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest
from configuration import settings
from environments import build as build_environment
from environments.files import read_environment_file, read_parts
from forked_python import ForkedPython
from launcher.checks import check_scores
from launcher.command import command_with
from launcher.milestones import check_milestones, expected_milestones, milestone_finder
from launcher.program import REFUSAL
from launcher.variables import by_hand, own_variables, program_path
from shared import descriptions
from shared.script import InputError
from tiny import snakemake

ROOT = Path(__file__).parent.parent
FRAMEWORKS = descriptions.read_all((ROOT / descriptions.FRAMEWORKS).glob("*/framework.yaml"))
IMAGES, INPUTS = 330, 49
HARMONISED = {"name": "sgd", "learning_rate": 0.1, "momentum": 0.9, "nesterov": True}
MOMENTUM = {"name": "sgd", "learning_rate": 0.1, "momentum": 0.9}
ADAM = {"name": "adam", "learning_rate": 0.01}
DAMPENED = {"learning_rate": 0.5, "dampening": 0.9}
WEIGHT_DECAY = {"weight_decay": 0.01}
FALLING = {"learning_rate_gamma": 0.1, "learning_rate_power": 0.75}
# Network, epochs, optimiser, the rule for a partial batch (None: there is no partial batch),
# precision, and the largest difference of a log-probability that this precision explains.
CASES = {
    "forward": ("tanh-3x16", 0, HARMONISED, None, "float32", 1e-5),
    "nesterov": ("tanh-3x16", 2, HARMONISED, None, "float32", 1e-4),
    "keep": ("tanh-3x16", 2, HARMONISED, "keep", "float32", 1e-4),
    "dampened": ("sigmoid-2x16", 2, MOMENTUM | DAMPENED | WEIGHT_DECAY, "drop", "float32", 1e-4),
    "falling": ("sigmoid-2x16", 2, MOMENTUM | WEIGHT_DECAY | FALLING, "wrap", "float32", 1e-4),
    "adam": ("relu-1x16", 2, ADAM, "drop", "float32", 1e-4),
    "adam-epsilon": (
        "relu-2x16",
        2,
        ADAM | {"epsilon": 1e-3} | WEIGHT_DECAY | FALLING,
        "wrap",
        "float32",
        1e-4,
    ),
    # With so many steps and so high a rate, float32 ends a hundredth away.
    "float64": (
        "tanh-2x16",
        20,
        HARMONISED | {"learning_rate": 0.2} | FALLING | {"learning_rate_gamma": 0.01},
        "keep",
        "float64",
        2e-6,
    ),
    # Twelve steps each; one activation module for all hidden layers (docs/torch-2016.md).
    "shared-tanh": ("tanh-3x16", 2, MOMENTUM | DAMPENED | WEIGHT_DECAY, None, "float64", 2e-6),
    "shared-relu": ("relu-3x16", 2, MOMENTUM | DAMPENED | WEIGHT_DECAY, None, "float64", 2e-6),
    "shared-sigmoid": ("sigmoid-2x16", 2, MOMENTUM | DAMPENED, "drop", "float64", 2e-6),
}
SHARED = {"activation_module": "shared"}
# What every program must do. It may refuse another case, if it says so.
REQUIRED = ("forward", "nesterov")
# What no program knows.
UNKNOWN = {
    "activation": "gelu",
    "activation_module": "borrowed",
    "optimizer": "lion",
    "partial_batch": "pad",
    "precision": "float8",
}
# The programs that can let hidden layers share one activation module.
WITH_SHARED_MODULES = ("numpy", "torch7")
# Tests that run side by side (pytest-xdist) start their programs on cores of their own.
CORES = sorted(os.sched_getaffinity(0), reverse=True)
WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
CORE = CORES[WORKER % len(CORES)]
SYSTEM_PATH = "/usr/local/bin:/usr/bin:/bin"
# For programs that run only for a second: the compiler and the garbage collector that start
# fastest.
QUICK_JAVA = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"


# What takes seconds to import. These programs are forked from a Python that has imported it.
# Theano's must not, because its precision is set before it is imported.
PRELOADED = {
    "jax": ["jax", "optax"],
    "keras": ["keras", "tensorflow"],
    "paddle": ["paddle"],
    "pytorch": ["torch"],
    "tensorflow": ["tensorflow"],
    "tensorflow-0.12": ["tensorflow"],
}


class Refusal(Exception):
    """A program cannot do what a setting asks for; the message is its own."""


class BuiltWhenAsked(dict):
    """The records of environments by name; one that is missing is built when it is asked for."""

    def __init__(self, records, once):
        super().__init__(records)
        self.once = once

    def __missing__(self, name):
        self[name] = build(name, self.once)
        return self[name]


@pytest.fixture(scope="module")
def environments(environments, once):
    """The environments of all frameworks, also of those that no enabled experiment needs."""
    return BuiltWhenAsked(environments, once)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """Made-up images with a label that can be learnt from them."""
    folder = tmp_path_factory.mktemp("data")
    rng = np.random.default_rng(1)
    images = rng.random((IMAGES, INPUTS), dtype=np.float32)
    labels = (images @ rng.standard_normal((INPUTS, 10))).argmax(axis=1).astype(np.uint8)
    images.astype("<f4").tofile(folder / "images.f32")
    labels.tofile(folder / "labels.u8")
    return folder


def initial_weights(network, path):
    """Draw weights of a spread that leaves no unit saturated; biases differ from zero."""
    size = settings.hidden_size(network)
    sizes = [INPUTS] + [size["hidden_units"]] * size["hidden_layers"] + [10]
    rng = np.random.default_rng(2)
    arrays = []
    for fan_in, fan_out in itertools.pairwise(sizes):
        arrays.append(rng.standard_normal(fan_in * fan_out) / np.sqrt(fan_in))
        arrays.append(rng.standard_normal(fan_out) / 10)
    np.concatenate(arrays).astype("<f4").tofile(path)


def build(name, once):
    """Build an environment that no enabled experiment needs; return its record.

    Skips the test, with the reason, where this machine lacks what the environment needs.
    """
    file = ROOT / "envs" / f"{name}.yaml"
    try:
        build_environment.find_needs(read_environment_file(file), read_parts(file), [])
    except InputError as error:
        pytest.skip(str(error))
    path = ROOT / "resources" / "environments" / name / "environment.json"
    once(
        f"environment-{name}",
        lambda _: snakemake("--cores", "2", "--", path.relative_to(ROOT)),
        lock="checkout",
    )
    return json.loads(path.read_text())


@functools.cache
def forking_python(framework, path, variables):
    """Return the Python of a framework's environment, which has imported the framework.

    ``path`` is the start of its PATH, and ``variables`` are pairs.
    """
    command = ["taskset", "--cpu-list", str(CORE), f"{path.split(os.pathsep)[0]}/python"]
    return ForkedPython(command, PRELOADED[framework], dict(variables))


def start(framework, role, told, written, environments, as_user=False):
    """Run a framework's program; return its milestones.

    It is started by the line that a log begins with, in a shell that has nothing but that line and
    the system's programs. If the test does not need this, the program may be forked (`PRELOADED`),
    and Java starts with a faster compiler. ``told`` are the program's settings, and ``written`` is
    what it writes. Raises `Refusal` if it cannot do what a setting asks for.
    """
    description = FRAMEWORKS[framework]
    name = description["environment"]
    folder = ROOT / "resources" / "environments" / name
    built = descriptions.BUILDS / framework
    if "build" in description and not (ROOT / built / "versions.json").exists():
        snakemake("--cores", "2", "--", built / "versions.json")
    command = description[role]["command"].format(
        folder=ROOT / descriptions.FRAMEWORKS / framework, environment=folder, build=ROOT / built
    )
    told = {key: str(value) if isinstance(value, Path) else value for key, value in told.items()}
    words = command_with(command, told, written.with_suffix(f".{role}.json"))
    path = program_path(environments[name], folder)
    own = own_variables(environments[name], folder, 1, description)
    # A program that is started by hand writes into the folder for temporary files.
    of_user = {"HOME": os.environ["HOME"], "PATH": SYSTEM_PATH, "TMPDIR": str(written.parent)}
    output = written.with_suffix(f".{role}.txt")
    if not as_user:
        of_user["JAVA_TOOL_OPTIONS"] = QUICK_JAVA
    if framework in PRELOADED and not as_user:
        variables = {**of_user, "PATH": f"{path}{os.pathsep}{SYSTEM_PATH}", **own}
        of_all = tuple({**variables, "TMPDIR": tempfile.gettempdir()}.items())
        python = forking_python(framework, path, of_all)
        status = python.run(words[1:], ROOT, variables, output)
    else:
        line = by_hand(words, path, own, cores=[CORE], written=written)
        with output.open("wb") as file:
            status = subprocess.run(
                ["bash", "-c", line], env=of_user, stdout=file, stderr=file, timeout=300
            ).returncode
    printed = output.read_text()
    lines = printed.splitlines()
    if status != 0 and lines and REFUSAL.match(lines[-1]):
        assert "Traceback" not in printed
        raise Refusal(lines[-1])
    assert status == 0, printed[-3000:]
    milestone_of = milestone_finder(description.get("milestones", {}))
    return [name for name in map(milestone_of, lines) if name]


def image_settings(framework, data, environments):
    """Return the settings that name the images and labels, by role.

    The files that a framework prepares from them are the same in all cases. The first case prepares
    them.
    """
    images, labels = data / "images.f32", data / "labels.u8"
    if "prepare" not in FRAMEWORKS[framework]:
        train = {"train_images": images, "train_labels": labels}
        return {"train": train, "predict": {"test_images": images}}
    folder = data / framework
    told = {"images": images, "inputs": INPUTS}
    stores = {"train": {"store": folder / "train"}, "predict": {"store": folder / "test"}}
    if not folder.exists():
        folder.mkdir()
        for role, labelled in (("train", {"labels": labels}), ("predict", {})):
            store = stores[role]
            start(framework, "prepare", {**told, **labelled, **store}, store["store"], environments)
    return stores


def case_settings(framework, case, data, folder, environments, precision):
    """Return all settings of a framework's programs in a case, by role; write what they read."""
    network, epochs, optimizer, partial_batch, *_ = CASES[case]
    weights, model = folder / "weights.f32", folder / f"{framework}-{precision}"
    initial_weights(network, weights)
    recipe = {
        "optimizer": optimizer,
        "batch_size": 50 if partial_batch else 55,
        "partial_batch": partial_batch or "keep",
        "epochs": epochs,
        "shuffle": False,
        "precision": precision,
        **(SHARED if case.startswith("shared") else {}),
    }
    images = image_settings(framework, data, environments)
    return {
        "train": {
            **images["train"],
            "initial_weights": weights,
            "model": model,
            **settings.train_settings(recipe, network, INPUTS, seed=3),
        },
        "predict": {
            **images["predict"],
            "model": model,
            "scores": folder / f"{framework}-{precision}.f32",
            **settings.predict_settings(recipe, network, INPUTS, repeats=2),
        },
    }


def log_probabilities(framework, case, data, folder, environments, precision, trained=None):
    """Train and predict with a framework's programs; return float64 [images, 10].

    In ``trained`` the model is left by the framework and the case.
    """
    told = case_settings(framework, case, data, folder, environments, precision)
    train, predict = told["train"], told["predict"]
    # Cases that every program must compute are also started as a user does it.
    as_user = case in REQUIRED
    milestones = start(framework, "train", train, train["model"], environments, as_user)
    check_milestones(milestones, expected_milestones("train", train["epochs"]))
    if trained is not None:
        trained[framework, case] = train["model"]
    milestones = start(framework, "predict", predict, predict["scores"], environments, as_user)
    check_milestones(milestones, expected_milestones("predict", 2))
    check_scores(predict["scores"], IMAGES)
    logits = np.fromfile(predict["scores"], dtype="<f4").reshape(IMAGES, 10).astype(np.float64)
    shifted = logits - logits.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


@pytest.fixture(scope="module")
def reference(data, environments, once):
    """Return a function: the NumPy program's log-probabilities of a case, in double precision."""
    # Built here if it is missing: `once` cannot be called from within itself.
    assert environments["numpy"]

    def of(case):
        def fill(folder):
            found = log_probabilities("numpy", case, data, folder, environments, "float64")
            np.save(folder / "found.npy", found)

        return np.load(once(f"reference-{case}", fill) / "found.npy")

    return of


@pytest.fixture(scope="module")
def trained():
    """The models that a worker's tests have trained, by the framework and the case."""
    return {}


def cases_of(framework):
    """Return the cases that a framework's programs are to compute, or to refuse.

    A variant has the programs of its original, so the cases that every program must compute are
    enough. A separate test checks the programs that refuse the shared module.
    """
    if "variant_of" in FRAMEWORKS[framework]:
        return REQUIRED
    if framework in WITH_SHARED_MODULES:
        return CASES
    return [case for case in CASES if not case.startswith("shared")]


def of_framework(framework, *values):
    """Return a test's parameters. One worker runs all that starts programs of an environment.

    Some write into their environment or lock it, so two would wait for each other.
    """
    group = pytest.mark.xdist_group(FRAMEWORKS[framework]["environment"])
    return pytest.param(framework, *values, marks=group)


PAIRS = [of_framework(name, case) for name in FRAMEWORKS for case in cases_of(name)]


@pytest.mark.parametrize(("framework", "case"), PAIRS)
def test_computes_what_the_reference_computes(
    framework, case, data, reference, environments, trained, tmp_path
):
    *_, precision, tolerance = CASES[case]
    try:
        found = log_probabilities(framework, case, data, tmp_path, environments, precision, trained)
    except Refusal as refusal:
        if case in REQUIRED:
            raise
        pytest.skip(str(refusal))
    np.testing.assert_allclose(found, reference(case), rtol=0, atol=tolerance)


# A variant has no programs of its own.
ORIGINALS = [
    of_framework(name)
    for name, description in FRAMEWORKS.items()
    if "variant_of" not in description
]


@pytest.mark.parametrize("role", ["train", "predict"])
@pytest.mark.parametrize("framework", ORIGINALS)
def test_refuses_a_setting_that_it_does_not_know(
    framework, role, data, environments, trained, tmp_path
):
    told = case_settings(framework, "forward", data, tmp_path, environments, "float32")
    if role == "predict" and (framework, "forward") in trained:
        told["predict"]["model"] = trained[framework, "forward"]
    elif role == "predict":
        start(framework, "train", told["train"], told["train"]["model"], environments)
    written = told[role]["model" if role == "train" else "scores"]
    with pytest.raises(Refusal, match="colour_map"):
        start(framework, role, {**told[role], "colour_map": "viridis"}, written, environments)
    assert not written.exists()


@pytest.mark.parametrize("setting", UNKNOWN)
@pytest.mark.parametrize("framework", ORIGINALS)
def test_refuses_a_value_that_it_does_not_know(framework, setting, data, environments, tmp_path):
    told = case_settings(framework, "forward", data, tmp_path, environments, "float32")["train"]
    value = UNKNOWN[setting]
    with pytest.raises(Refusal, match=f"{setting}|{value}"):
        start(framework, "train", {**told, setting: value}, told["model"], environments)
    assert not told["model"].exists()


@pytest.mark.parametrize("framework", ORIGINALS)
def test_only_these_share_an_activation_module(framework, data, environments, tmp_path):
    told = case_settings(framework, "forward", data, tmp_path, environments, "float32")["train"]
    if framework in WITH_SHARED_MODULES:
        start(framework, "train", told | SHARED, told["model"], environments)
        return
    with pytest.raises(Refusal, match=r"cannot .*activation_module"):
        start(framework, "train", told | SHARED, told["model"], environments)
    assert not told["model"].exists()


def test_a_shared_module_changes_the_training(data, environments, reference, tmp_path):
    """The cases above would hold for programs that ignore the setting."""
    for case in ("shared-tanh", "shared-relu", "shared-sigmoid"):
        told = case_settings("numpy", case, data, tmp_path, environments, "float64")
        del told["train"]["activation_module"]
        start("numpy", "train", told["train"], told["train"]["model"], environments)
        start("numpy", "predict", told["predict"], told["predict"]["scores"], environments)
        scores = np.fromfile(told["predict"]["scores"], dtype="<f4").reshape(IMAGES, 10)
        scores = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
        assert np.abs(scores - reference(case)).max() > 0.01, case


def test_training_changes_the_scores(reference):
    """The comparison above would hold for programs that do nothing: they do something."""
    untrained, trained = reference("forward"), reference("nesterov")
    assert np.abs(untrained - trained).max() > 0.1


def test_a_shared_module_sees_the_last_hidden_output_everywhere(monkeypatch):
    """Two hidden layers of two and one input: the sums are written out, unit by unit."""
    monkeypatch.syspath_prepend(str(ROOT / descriptions.FRAMEWORKS / "numpy"))
    monkeypatch.delitem(sys.modules, "network", raising=False)
    import network

    x, label = 0.7, 3
    first, first_biases = [0.3, -0.8], [0.1, 0.2]
    second, second_biases = [[0.5, -0.4], [0.9, 0.6]], [0.05, -0.3]
    last = [[math.sin(10 * unit + digit) for digit in range(10)] for unit in range(2)]
    last_biases = [math.cos(digit) for digit in range(10)]

    def by_hand(activate, first_slope, second_slope):
        """Return the biases' and the weights' gradients of the layers, each a list."""
        g = [activate(x * first[i] + first_biases[i]) for i in range(2)]
        h = [
            activate(g[0] * second[0][j] + g[1] * second[1][j] + second_biases[j]) for j in range(2)
        ]
        scores = [h[0] * last[0][k] + h[1] * last[1][k] + last_biases[k] for k in range(10)]
        total = sum(math.exp(score) for score in scores)
        wrong = [math.exp(scores[k]) / total - (k == label) for k in range(10)]
        at_second = [
            sum(last[j][k] * wrong[k] for k in range(10)) * second_slope(h[j]) for j in range(2)
        ]
        at_first = [
            (second[i][0] * at_second[0] + second[i][1] * at_second[1]) * first_slope(g[i], h[i])
            for i in range(2)
        ]
        return [
            *(x * at_first[i] for i in range(2)),
            *at_first,
            # The input of the second layer should be g; the shared module holds h.
            *(h[i] * at_second[j] for i in range(2) for j in range(2)),
            *at_second,
            *(h[j] * wrong[k] for j in range(2) for k in range(10)),
            *wrong,
        ]

    expected = {
        "tanh": by_hand(math.tanh, lambda g, h: 1 - h * h, lambda h: 1 - h * h),
        "sigmoid": by_hand(
            lambda z: 1 / (1 + math.exp(-z)), lambda g, h: h * (1 - h), lambda h: h * (1 - h)
        ),
        "relu": by_hand(lambda z: max(z, 0.0), lambda g, h: g > 0, lambda h: h > 0),
    }
    sizes = [1, 2, 2, 10]
    arrays = [first, first_biases, second, second_biases, last, last_biases]
    parameters = np.concatenate([np.ravel(array) for array in arrays])
    arrays_of_one = [first, first_biases, np.ravel(last), last_biases]
    for activation, numbers in expected.items():
        gradient = np.empty_like(parameters)
        layers = network.layers_of(parameters, sizes)
        outputs = network.forward(layers, np.array([[x]]), activation)
        gradients = network.layers_of(gradient, sizes)
        network.backward(layers, gradients, outputs, np.array([label]), activation, "shared")
        np.testing.assert_allclose(gradient, numbers, rtol=1e-12, atol=1e-15, err_msg=activation)
        # With one hidden layer there is nothing to share.
        one = network.layers_of(np.concatenate(arrays_of_one), [1, 2, 10])
        found = []
        for module in ("separate", "shared"):
            single = np.empty(34)
            outputs = network.forward(one, np.array([[x]]), activation)
            gradients = network.layers_of(single, [1, 2, 10])
            network.backward(one, gradients, outputs, np.array([label]), activation, module)
            found.append(single)
        assert np.array_equal(*found)


@pytest.mark.parametrize("activation", ["tanh", "relu", "sigmoid"])
def test_gradients_of_the_reference_are_the_slopes_of_its_loss(activation, monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / descriptions.FRAMEWORKS / "numpy"))
    monkeypatch.delitem(sys.modules, "network", raising=False)
    import network

    rng = np.random.default_rng(4)
    sizes = [5, 4, 3, 10]
    parameters = rng.standard_normal(5 * 4 + 4 + 4 * 3 + 3 + 3 * 10 + 10)
    images, labels = rng.standard_normal((6, 5)), rng.integers(0, 10, 6)
    gradient = np.empty_like(parameters)
    layers = network.layers_of(parameters, sizes)
    outputs = network.forward(layers, images, activation)
    network.backward(layers, network.layers_of(gradient, sizes), outputs, labels, activation)

    def loss(values):
        logits = network.forward(network.layers_of(values, sizes), images, activation)[-1]
        return np.mean(np.log(np.exp(logits).sum(axis=1)) - logits[np.arange(6), labels])

    step = 1e-6
    slopes = [
        (loss(parameters + step * unit) - loss(parameters - step * unit)) / (2 * step)
        for unit in np.eye(len(parameters))
    ]
    np.testing.assert_allclose(gradient, slopes, atol=1e-7)


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_every_source_is_counted(framework):
    """A file in no list would not be counted, and its changes would rerun nothing."""
    description = FRAMEWORKS[framework]
    # A variant has no files of its own. It names those of its original.
    original = ROOT / descriptions.FRAMEWORKS / description.get("variant_of", framework)
    path = ROOT / descriptions.path_of(framework)
    named = set(descriptions.source_files(path, description))
    folders = {path.parent, original}
    there = {file for folder in folders for file in folder.iterdir()}
    assert named == {file for file in there if file.name not in ("framework.yaml", "__pycache__")}
