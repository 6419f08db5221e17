"""Check the configuration before anything starts: its files, its keys, and what they mean together.

Every mistake ends in one sentence that names the file and the key. Snakemake itself imports this
module, so it needs nothing but Snakemake's own dependencies.
"""

import functools
import sys
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path, PurePosixPath
from typing import Any

from configuration import check_experiments, experiments, memory_needs
from configuration.check_experiments import check_name
from configuration.plan import TEST_IMAGES
from configuration.timings import WHOLE, timings
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
from shared.validation import SCHEMAS, Mistake, hold_against

CONFIGURATION = "config.yaml"
# A published run needs these tables to be judged again. They cannot be computed from others.
MEASURED = (
    "runs.csv", "times.csv", "left-out-runs.csv", "left-out-times.csv", "lines-of-code.csv",
    "environments.csv", "environments.md", "equivalence.csv", "equivalence.md", "independence.csv",
    "independence.md",
)  # fmt: skip
# Where results and logs go by Snakemake's own defaults.
FOLDERS = {"results": "results", "logs": "logs"}
# Results and logs must not go to these folders, which the workflow has or fills itself.
TAKEN = (
    "config", "docs", "envs", "examples", "profiles", "reference", "reference-run", "report",
    "resources", "rules", "schemas", "scripts", "tests", "workflow",
)  # fmt: skip


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


def check_profile(arguments: list[str], files: Iterable[str | Path]) -> None:
    """Check that a profile's configuration files are among the ``files`` that Snakemake uses.

    Snakemake drops them if the command line has --configfile. Raises `InputError` then.

    Args:
        arguments: those of the command line.
    """
    used = {Path(file).resolve() for file in files}
    for argument, following in pairwise([*arguments, ""]):
        option, _, value = argument.partition("=")
        path = Path(value or following, "config.yaml")
        if option != "--profile" or not path.is_file():
            continue
        for file in (read_yaml(path) or {}).get("configfile", []):
            if Path(file).resolve() not in used:
                raise InputError(
                    f"--configfile replaces {file} of this profile; write both: "
                    f"--configfile {file} {' '.join(map(str, files))}."
                )


def check(
    config: dict,
    frameworks: dict[str, dict],
    files: dict[str, dict] | None = None,
    machine: Machine | None = None,
) -> None:
    """Check the whole configuration; raise `InputError` with one sentence for the first mistake.

    ``frameworks`` are those that there are (`descriptions.read_all`); ``files`` is the content of
    each configuration file. The last one overrides the others. ``machine`` is the one that
    everything runs on. It is None if jobs run on others, as on a cluster.
    """
    try:
        _check_values(config)
        hold_against(config, _schema())
        _check_pathvars(config.get("pathvars", {}))
        _check_run("rejudge", config.get("rejudge"), MEASURED)
        _check_run("with", config.get("with"), ("runs.csv",))
        _check_recipes(config, frameworks)
        _check_datasets(config)
        for framework in config["frameworks"]:
            check_name(framework, frameworks, ["frameworks"], "framework")
        for name, experiment in config["experiments"].items():
            check_experiments.check(config, frameworks, name, experiment)
        check_experiments.check_derived_recipes(config)
        _check_batches(config)
        check_experiments.check_some_run(config, frameworks)
        _check_figures(config, frameworks)
        _check_speedup(config, frameworks)
        _check_measurement(config, frameworks)
        _check_threads(config, machine)
        memory_needs.check(config, frameworks, machine.memory if machine else None)
    except Mistake as mistake:
        raise InputError(f"{_file_of(mistake.place, files or {})}: {mistake}") from None


@functools.cache
def _schema() -> Any:
    return read_yaml(SCHEMAS / "config.schema.yaml")


def _file_of(place: list[str | int], files: dict[str, dict]) -> str:
    """Return the file with most of the keys of a place; if there are several, the last one."""
    if not place:
        return next(reversed(files), CONFIGURATION)
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
    # NaN is refused here too, because all comparisons with it are false.
    elif isinstance(part, int | float) and not abs(part) <= sys.float_info.max:
        raise Mistake(place, "this is not a finite number; write another.")


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


def _check_run(key: str, folder: str | None, needed: Iterable[str]) -> None:
    if folder is None:
        return
    for name in needed:
        if not Path(folder, "tables", name).is_file():
            raise Mistake(
                [key], f"{folder} has no tables/{name}; name the folder of a finished run."
            )


def _check_recipes(config: dict, frameworks: dict[str, dict]) -> None:
    for name, recipe in config["recipes"].items():
        place = ["recipes", name]
        if "of" in recipe:
            check_name(recipe["of"], frameworks, [*place, "of"], "framework")
        check_name(recipe["data"], config["data_variants"], [*place, "data"], "variant")


def _check_datasets(config: dict) -> None:
    check_name(config["dataset"], config["datasets"], ["dataset"], "data set")
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
        # The number of images is not known before the files are there.
        return
    available = mnist[DATA_FILES[0]]["items"]
    for name, variant in config["data_variants"].items():
        if variant["skip"] + variant["train_images"] > available:
            raise Mistake(
                ["data_variants", name],
                f"skip and train_images add up to more than the {available:,} training images of "
                "MNIST.",
            )
    for name, recipe in config["recipes"].items():
        skipped = config["data_variants"][recipe["data"]]["skip"]
        if experiments.accuracy_of(recipe) == "train" and skipped + TEST_IMAGES > available:
            raise Mistake(
                ["recipes", name, "accuracy", "of"],
                f"train needs {TEST_IMAGES:,} training images after the {skipped:,} that "
                f"{recipe['data']} skips, and MNIST has {available:,}; write of: test.",
            )


def _check_figures(config: dict, frameworks: dict[str, dict]) -> None:
    chosen = config["figures"]["recipe"]
    place: list[str | int] = ["figures", "recipe"]
    check_name(chosen, experiments.all_recipes(config), place, "recipe")
    found = list(dict.fromkeys(run.recipe for run in experiments.runs(config, frameworks)))
    if chosen not in found:
        raise Mistake(
            place,
            f"no run has the recipe {chosen}; enable an experiment with it, or name one of "
            f"{', '.join(found)}.",
        )
    if experiments.accuracy_of(experiments.all_recipes(config)[chosen]) != "test":
        raise Mistake(
            place,
            f"{chosen} has the accuracy of training images, and the figures show that of test "
            "images; name another recipe.",
        )


def _check_measurement(config: dict, frameworks: dict[str, dict]) -> None:
    """Check what is tried side by side, and that short timed runs take a step in each epoch."""
    place: list[str | int] = ["measurement", "side_by_side", "frameworks"]
    for framework in config["measurement"]["side_by_side"]["frameworks"]:
        check_name(framework, frameworks, place, "framework")
        for program in ("prepare", "build"):
            if program in frameworks[framework]:
                raise Mistake(
                    place,
                    f"{framework} has a program {program}, which is not run for this measurement; "
                    "name frameworks without one.",
                )
    for name, experiment in experiments.enabled(config).items():
        alone = {**config, "experiments": {name: experiment}}
        for timing in timings(alone, frameworks) if experiment.get("whole") else []:
            if config["recipes"][timing.recipe]["epochs"] < 2:
                raise Mistake(
                    ["experiments", name, "whole"],
                    f"{timing.recipe} has 1 epoch, and a time needs one after the first; name "
                    "recipes with two or more.",
                )
    for timing in timings(config, frameworks):
        if timing.length == WHOLE:
            continue
        own = frameworks[timing.framework].get("timed")
        images = (own or config["measurement"]["timed"])["images"]
        batch = config["recipes"][timing.recipe]["batch_size"]
        if batch > images and own:
            raise Mistake(
                ["recipes", timing.recipe, "batch_size"],
                f"{batch} is more than the {images} images that {timing.framework} is timed with; "
                "take smaller batches.",
            )
        if batch > images:
            raise Mistake(
                ["measurement", "timed", "images"],
                f"{images} images are fewer than a batch of {timing.recipe}, {batch}; take more "
                "images.",
            )


def _check_batches(config: dict) -> None:
    """Check that every recipe takes a step: its batch is no larger than its training images."""
    for name, recipe in config["recipes"].items():
        _check_batch(config, recipe, ["recipes", name, "batch_size"])
    for experiment, settings in experiments.enabled(config).items():
        for name, recipe in experiments.derived_recipes(config, settings).items():
            # Of an ablation's steps: the batches of one of its recipes with the data of the other.
            _check_batch(config, recipe, ["experiments", experiment, "recipes"], f"{name}: ")


def _check_batch(config: dict, recipe: dict, place: list[str | int], prefix: str = "") -> None:
    images = config["data_variants"][recipe["data"]]["train_images"]
    if recipe["batch_size"] > images:
        raise Mistake(
            place,
            f"{prefix}the batch size {recipe['batch_size']} is larger than the {images} training "
            f"images of {recipe['data']}; take smaller batches.",
        )


def _check_speedup(config: dict, frameworks: dict[str, dict]) -> None:
    speedup = config["speedup"]
    named = speedup.get("frameworks") or []
    for key in ("frameworks", "skip_frameworks"):
        for framework in speedup.get(key) or []:
            check_name(framework, frameworks, ["speedup", key], "framework")
    check_name(speedup["recipe"], config["recipes"], ["speedup", "recipe"], "recipe")
    if not speedup["enabled"]:
        return
    epochs = config["recipes"][speedup["recipe"]]["epochs"]
    if epochs < 2:
        raise Mistake(
            ["speedup", "recipe"],
            f"{speedup['recipe']} has {epochs} epoch, and the first does not count; name a recipe "
            "with two or more.",
        )
    run = {each.framework for each in experiments.runs(config, frameworks)}
    for framework in named:
        if framework not in run and experiments.is_listed(config, frameworks, framework):
            raise Mistake(
                ["speedup", "frameworks"],
                f"no experiment runs {framework}; delete it here, or enable an experiment with it.",
            )


def _check_threads(config: dict, machine: Machine | None) -> None:
    threads = config["compute_threads"]
    timed = any(
        settings["purpose"] == experiments.TIMES
        for settings in experiments.enabled(config).values()
    )
    if machine and timed and threads > machine.processors:
        raise Mistake(
            ["compute_threads"],
            f"{threads} threads are more than the {machine.processors} cores of this machine; "
            "lower it.",
        )
