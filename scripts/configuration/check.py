"""Check the configuration before anything starts: its files, its keys, and what they mean together.

Every mistake ends in one sentence that names the file and the key. Snakemake itself imports this
module, so it needs nothing but Snakemake's own dependencies.
"""

import functools
import math
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from configuration import experiments, memory_needs
from shared.dataset import (
    DATA_FILES,
    MNIST_CHECKSUMS,
    MNIST_LABEL,
    checksums_of,
    dataset,
    read_mnist,
)
from shared.script import InputError
from shared.strict_yaml import read_yaml
from shared.validation import SCHEMAS, Mistake, hold_against, suggestion

CONFIGURATION = "config.yaml"
# Where results and logs go by Snakemake's own defaults.
FOLDERS = {"results": "results", "logs": "logs"}
# Folders of the workflow, or that it fills under this name, where neither results nor logs may go.
TAKEN = (
    "config",
    "docs",
    "envs",
    "examples",
    "profiles",
    "reference",
    "report",
    "resources",
    "rules",
    "schemas",
    "scripts",
    "tests",
    "workflow",
)
# What draws an experiment goes by the first words of its name (rules/analysis.smk).
ABLATION, LEARNING_CURVES, CROSS = "ablation", "learning-curves", "cross"


@dataclass(frozen=True)
class Machine:
    """What a program may use: its ``memory`` in bytes and the number of its ``processors``."""

    memory: float
    processors: int


def read_files(
    own: Path | None, others: Iterable[str | Path], overriding: Iterable[Path]
) -> dict[str, dict]:
    """Read configuration files strictly; return what each says, by its name in messages.

    In the order in which they override each other: ``own``, which Snakemake reads after this;
    ``others``, of a workflow that uses this one as a module, which may be put anywhere; and
    ``overriding``, of the command line. The ``pathvars`` of the first are checked here, as
    Snakemake uses them at once.

    Raises `InputError` where a file cannot be read, has a key twice, or is no mapping.
    """
    paths = [Path(path) for path in others if Path(path).exists()]
    paths += overriding
    if own and (own.exists() or not overriding):
        paths.insert(0, own)
    documents = {}
    for path in paths:
        path = path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
        documents[str(path)] = document = read_yaml(path)
        if not isinstance(document, dict):
            what = "is empty" if document is None else f"is a {type(document).__name__}"
            raise InputError(f"{path} {what}; write keys and their values, such as strict: false.")
    if "pathvars" in documents.get(str(own), {}):
        part = {"pathvars": documents[str(own)]["pathvars"]}
        try:
            _check_values(part)
            hold_against(part, {**_schema(), "required": []})
        except Mistake as mistake:
            raise InputError(f"{own}: {mistake}") from None
    return documents


def check(
    config: dict,
    frameworks: dict[str, dict],
    files: dict[str, dict] | None = None,
    machine: Machine | None = None,
) -> None:
    """Check the whole configuration; raise `InputError` with one sentence for the first mistake.

    ``frameworks`` are those that there are (`descriptions.read_all`); ``files`` what each
    configuration file says, the last one with the last word. ``machine`` is the one that everything
    runs on; None where that is another one, as on a cluster.
    """
    try:
        _check_values(config)
        hold_against(config, _schema())
        _check_pathvars(config.get("pathvars", {}))
        _check_program_folders(config["program_folders"])
        _check_recipes(config, frameworks)
        _check_datasets(config)
        for name, experiment in config["experiments"].items():
            _check_experiment(config, frameworks, name, experiment)
        _check_derived_recipes(config)
        _check_batches(config)
        if not _enabled(config):
            raise Mistake(["experiments"], "none is enabled; set enabled: true in one.")
        _check_figures(config, frameworks)
        _check_speedup(config, frameworks)
        _check_threads(config, machine)
        memory_needs.check(config, frameworks, machine.memory if machine else None)
    except Mistake as mistake:
        raise InputError(f"{_file_of(mistake.place, files or {})}: {mistake}") from None


@functools.cache
def _schema() -> Any:
    return read_yaml(SCHEMAS / "config.schema.yaml")


def _file_of(place: list[str | int], files: dict[str, dict]) -> str:
    """Return the file that has most of the keys of a place; of several, the last one."""
    found, most = CONFIGURATION, 0
    for name, document in files.items():
        part: Any = document
        depth = 0
        for key in place:
            try:
                part = part[key]
            except (KeyError, IndexError, TypeError):
                break
            depth += 1
        if depth and depth >= most:
            found, most = name, depth
    return found


def _check_values(part: Any, place: tuple[str | int, ...] = ()) -> None:
    """Check what a schema cannot: keys are text, numbers are finite, texts have one line."""
    if isinstance(part, dict):
        for key, value in part.items():
            if not isinstance(key, str):
                raise Mistake(
                    place, f"the key {key!r} is not text; write it in quotes, or another one."
                )
            _check_text(key, place)
            _check_values(value, (*place, key))
    elif isinstance(part, list):
        for number, value in enumerate(part):
            _check_values(value, (*place, number))
    elif isinstance(part, str):
        _check_text(part, place)
    elif isinstance(part, int | float) and not _is_finite(part):
        raise Mistake(place, "this number is infinite, too large or none at all; write another.")


def _is_finite(number: float) -> bool:
    try:
        return math.isfinite(number)
    except OverflowError:
        return False


def _check_text(text: str, place: tuple[str | int, ...]) -> None:
    if any(unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") for character in text):
        raise Mistake(place, f"{text[:40]!a} has a line break or a control character; delete it.")


def _check_pathvars(pathvars: dict[str, str]) -> None:
    folders = {name: PurePosixPath(pathvars.get(name, FOLDERS[name])) for name in FOLDERS}
    for name, folder in folders.items():
        if folder.parts[0] in TAKEN:
            raise Mistake(
                ["pathvars", name],
                f"{folder} is in a folder that the workflow needs itself; name another, "
                f"as {FOLDERS[name]}/mine.",
            )
    results, logs = folders.values()
    if results.is_relative_to(logs) or logs.is_relative_to(results):
        name = "results" if "results" in pathvars else "logs"
        raise Mistake(
            ["pathvars", name],
            f"results go to {results} and logs to {logs}; name two folders of which neither "
            "contains the other.",
        )


def _check_program_folders(folders: list[str]) -> None:
    for number, folder in enumerate(folders):
        try:
            Path(folder).expanduser()
        except RuntimeError:
            raise Mistake(
                ["program_folders", number],
                f"this machine has no home folder for {folder}; write the whole path.",
            ) from None


def _check_recipes(config: dict, frameworks: dict[str, dict]) -> None:
    for name, recipe in config["recipes"].items():
        place = ["recipes", name]
        if "of" in recipe:
            _check_name(recipe["of"], frameworks, [*place, "of"], "framework")
        _check_name(recipe["data"], config["data_variants"], [*place, "data"], "variant")


def _check_datasets(config: dict) -> None:
    _check_name(config["dataset"], config["datasets"], ["dataset"], "data set")
    mnist = read_mnist()
    for name, entry in config["datasets"].items():
        place = ["datasets", name]
        if name == "environments":
            raise Mistake(
                place,
                f"the folder resources/{name} holds the environments; give the data set another "
                "name.",
            )
        checksums = {file: facts["sha256"] for file, facts in mnist.items()}
        is_mnist = checksums_of(entry) == checksums
        if is_mnist and entry["label"] != MNIST_LABEL:
            raise Mistake(
                place,
                f"the checksums are those of MNIST ({MNIST_CHECKSUMS}); correct them, or write "
                f"label: {MNIST_LABEL}.",
            )
        if not is_mnist and entry["label"] == MNIST_LABEL:
            raise Mistake(
                place,
                f"the checksums are not those of MNIST ({MNIST_CHECKSUMS}); correct them, or give "
                "the data set another label.",
            )
    if dataset(config)["label"] != MNIST_LABEL:
        # How many images there are is known when the files are there.
        return
    available = mnist[DATA_FILES[0]]["items"]
    for name, variant in config["data_variants"].items():
        if variant["skip"] + variant["train_images"] > available:
            raise Mistake(
                ["data_variants", name],
                f"skip and train_images add up to more than the {available:,} training images of "
                "MNIST.",
            )


def _check_figures(config: dict, frameworks: dict[str, dict]) -> None:
    chosen = config["figures"]["recipe"]
    place: list[str | int] = ["figures", "recipe"]
    _check_name(chosen, experiments.all_recipes(config), place, "recipe")
    found = list(dict.fromkeys(run.recipe for run in experiments.runs(config, frameworks)))
    if chosen not in found:
        raise Mistake(
            place,
            f"no run has the recipe {chosen}; enable an experiment with it, or name one of "
            f"{', '.join(found)}.",
        )


def _check_batches(config: dict) -> None:
    """Check that every recipe takes a step: its batch is no larger than its training images."""
    for name, recipe in config["recipes"].items():
        _check_batch(config, recipe, ["recipes", name, "batch_size"])
    for experiment, settings in _enabled(config).items():
        for name, recipe in experiments.derived_recipes(config, settings).items():
            # Of an ablation's steps: the batches of one of its recipes with the data of the other.
            _check_batch(config, recipe, ["experiments", experiment, "recipes"], f"{name}: ")


def _check_batch(config: dict, recipe: dict, place: list[str | int], prefix: str = "") -> None:
    images = config["data_variants"][recipe["data"]]["train_images"]
    if recipe["batch_size"] > images:
        raise Mistake(
            place,
            f"{prefix}{recipe['batch_size']} images a batch are more than the {images} training "
            f"images of {recipe['data']}; take smaller batches.",
        )


def _check_experiment(
    config: dict, frameworks: dict[str, dict], name: str, experiment: dict
) -> None:
    place: list[str | int] = ["experiments", name]
    for framework in experiment["frameworks"]:
        _check_name(framework, frameworks, [*place, "frameworks"], "framework")
    _check_experiments_recipes(config, frameworks, experiment, place)
    _check_kind(name, experiment)
    # Where an experiment is off, what another file leaves of it need not be consistent.
    if experiment["enabled"]:
        _check_ablation(config, experiment, place)
        for framework in experiment.get("fewer") or {}:
            _check_fewer(config, frameworks, experiment, framework, [*place, "fewer"])


def _check_experiments_recipes(
    config: dict, frameworks: dict[str, dict], experiment: dict, place: list[str | int]
) -> None:
    recipes = experiment["recipes"]
    if recipes == "own":
        for framework in experiment["frameworks"]:
            if not experiments.own_recipes(config, frameworks, framework):
                raise Mistake(
                    [*place, "frameworks"],
                    f"{framework} has no recipe of its own; leave it out, or add a recipe with "
                    "'of:' and its name or its ancestor's.",
                )
        return
    if experiments.is_ablation(experiment):
        recipes = [*recipes["from"], recipes["to"]]
    elif experiments.is_learning_curve(experiment):
        recipes = recipes["of"]
    for recipe in recipes:
        _check_name(recipe, config["recipes"], [*place, "recipes"], "recipe")


def _check_kind(name: str, experiment: dict) -> None:
    """Check that an experiment's name and the form of its recipes belong together."""
    place = ["experiments", name, "recipes"]
    for prefix, fits, form in (
        (ABLATION, experiments.is_ablation(experiment), "{from: [NAMES], to: NAME}"),
        (
            LEARNING_CURVES,
            experiments.is_learning_curve(experiment),
            "{of: [NAMES], epochs: [NUMBERS]}",
        ),
    ):
        if name.startswith(prefix) and not fits:
            raise Mistake(
                place, f"an experiment whose name begins with {prefix} needs recipes: {form}."
            )
        if fits and not name.startswith(prefix):
            raise Mistake(
                place,
                f"recipes: {form} are drawn for an experiment whose name begins with {prefix}; "
                f"call it {prefix}-{name}.",
            )
    if name.startswith(CROSS) and not isinstance(experiment["recipes"], list):
        raise Mistake(
            place,
            f"an experiment whose name begins with {CROSS} compares recipes; list them by name.",
        )


def _check_ablation(config: dict, experiment: dict, place: list[str | int]) -> None:
    if not experiments.is_ablation(experiment):
        return
    end = experiment["recipes"]["to"]
    for start in experiment["recipes"]["from"]:
        if not experiments.ablation_steps(config["recipes"], start, end):
            raise Mistake(
                [*place, "recipes"],
                f"nothing that an ablation changes differs from {start} to {end}; name two recipes "
                "that differ in more than their epochs.",
            )


def _check_fewer(
    config: dict,
    frameworks: dict[str, dict],
    experiment: dict,
    framework: str,
    place: list[str | int],
) -> None:
    """Check that what a framework is run with is of its experiment, and something of it is left."""
    _check_name(framework, frameworks, place, "framework")
    fewer = experiments.fewer_of(experiment, framework)
    if framework not in experiment["frameworks"] and fewer:
        raise Mistake(
            place,
            f"{framework} is not among the experiment's frameworks; delete it here, or write "
            f"`{framework}: null` in a file that changes the frameworks.",
            key=framework,
        )
    known = {key: experiment[key] for key in ("networks", "seeds")}
    known["recipes"] = list(
        dict.fromkeys(
            recipe
            for network in experiment["networks"]
            for recipe in experiments.experiment_recipes(
                config, frameworks, experiment, framework, network
            )
        )
    )
    for key, kept in fewer.items():
        if not set(kept) & set(known[key]):
            raise Mistake(
                [*place, framework, key],
                f"none of the experiment's {key} is left; name some of {known[key]}.",
            )
        for name in kept:
            if name not in known[key]:
                raise Mistake(
                    [*place, framework, key],
                    f"{name} is not among the experiment's {key}; name some of {known[key]}, or "
                    f"write `{framework}: null` in a file that changes the experiment.",
                )


def _check_derived_recipes(config: dict) -> None:
    """Check that a recipe which an enabled experiment derives is no other one by the same name."""

    def without_owner(recipe: dict) -> dict:
        return {key: value for key, value in recipe.items() if key != "of"}

    recipes = dict(config["recipes"])
    for experiment, settings in _enabled(config).items():
        for name, recipe in experiments.derived_recipes(config, settings).items():
            other = recipes.setdefault(name, recipe)
            if without_owner(other) != without_owner(recipe):
                differing = [
                    key
                    for key in {**other, **recipe}
                    if key != "of" and other.get(key) != recipe.get(key)
                ]
                raise Mistake(
                    ["experiments", experiment, "recipes"],
                    f"{name}, which this makes, would differ from the recipe of that name in "
                    f"{', '.join(differing)}; rename or change one of them.",
                )


def _check_speedup(config: dict, frameworks: dict[str, dict]) -> None:
    speedup = config["speedup"]
    for framework in speedup["frameworks"]:
        _check_name(framework, frameworks, ["speedup", "frameworks"], "framework")
    _check_name(speedup["recipe"], config["recipes"], ["speedup", "recipe"], "recipe")
    if not speedup["enabled"]:
        return
    epochs = config["recipes"][speedup["recipe"]]["epochs"]
    if epochs < 2:
        raise Mistake(
            ["speedup", "recipe"],
            f"{speedup['recipe']} has {epochs} epoch, and the first does not count; name a recipe "
            "with two or more.",
        )
    run = {each for settings in _enabled(config).values() for each in settings["frameworks"]}
    for framework in speedup["frameworks"]:
        if framework not in run:
            raise Mistake(
                ["speedup", "frameworks"],
                f"no experiment runs {framework}; delete it here, or enable an experiment with it.",
            )


def _enabled(config: dict) -> dict[str, dict]:
    """Return the experiments that are run, by name."""
    return {
        name: settings for name, settings in config["experiments"].items() if settings["enabled"]
    }


def _check_threads(config: dict, machine: Machine | None) -> None:
    threads = config["measurement"]["compute_threads"]
    timed = any(settings["timed"] for settings in _enabled(config).values())
    if machine and timed and threads > machine.processors:
        raise Mistake(
            ["measurement", "compute_threads"],
            f"{threads} threads are more than the {machine.processors} cores of this machine; "
            "lower it.",
        )


def _check_name(name: str, known: dict[str, Any], place: list[str | int], kind: str) -> None:
    if name not in known:
        raise Mistake(place, f"unknown {kind} '{name}'{suggestion(name, list(known))}.")
