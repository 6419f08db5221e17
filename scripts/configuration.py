"""The configuration as the rules use it: checked, and turned into runs and command-line flags.

Snakemake itself imports this module, so it needs nothing but Snakemake's own dependencies.
"""

import difflib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema
import yaml
from common import InputError

SCHEMAS = Path(__file__).parents[1] / "schemas"
NETWORK = r"(?P<activation>[a-z]+)-(?P<hidden_layers>\d+)x(?P<hidden_units>\d+)"


@dataclass(frozen=True)
class Run:
    """The unit of measurement: one training and one prediction of one network."""

    framework: str
    recipe: str
    network: str
    seed: int


def read_yaml(path: Path) -> Any:
    """Read a YAML file; raise `InputError` where it is missing or is no YAML."""
    try:
        return yaml.safe_load(path.read_text())
    except FileNotFoundError:
        raise InputError(f"{path} does not exist.") from None
    except yaml.YAMLError as error:
        raise InputError(f"{path} is not valid YAML: {' '.join(str(error).split())}.") from None


def validate(document: Any, schema: Any, name: str) -> None:
    """Hold a document against a JSON schema; raise `InputError` with the first fault's place.

    ``name`` is the file that the sentence names.
    """
    validator = jsonschema.Draft202012Validator(schema)
    faults = sorted(validator.iter_errors(document), key=lambda fault: list(map(str, fault.path)))
    if faults:
        fault = faults[0]
        if fault.validator == "oneOf" and fault.context:
            # Of the alternatives, the fault of the one that came nearest is the one that helps.
            fault = max(fault.context, key=lambda inner: len(inner.absolute_path))
        raise InputError(f"{name}: {_sentence(fault)}")


def _sentence(fault: jsonschema.ValidationError) -> str:
    place = ".".join(map(str, fault.absolute_path))
    prefix = f"{place}: " if place else ""
    if fault.validator == "additionalProperties":
        known = list(fault.schema.get("properties", {}))
        unknown = next(key for key in fault.instance if key not in known)
        return f"{prefix}unknown key '{unknown}'{_suggestion(unknown, known)}."
    if fault.validator == "required":
        missing = next(key for key in fault.validator_value if key not in fault.instance)
        return f"{prefix}the key {missing} is missing; add it."
    return f"{prefix}{fault.message}."


def _suggestion(name: str, known: list[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    return f"; did you mean '{near[0]}'?" if near else f"; known are {', '.join(known)}"


def check(config: dict, frameworks: dict[str, dict]) -> None:
    """Check the whole configuration; raise `InputError` with one sentence for the first fault.

    ``frameworks`` are those that there are (`descriptions.read_all`).
    """
    validate(config, read_yaml(SCHEMAS / "config.schema.yaml"), "config.yaml")
    for name, recipe in config["recipes"].items():
        _check_name(
            recipe["data"], config["data_variants"], f"recipes.{name}.data: unknown variant"
        )
    for name, variant in config["data_variants"].items():
        if variant["skip"] + variant["train_images"] > 60000:
            raise InputError(
                f"config.yaml: data_variants.{name}: skip and train_images add up to more than "
                "the 60,000 training images of MNIST."
            )
    for name, experiment in config["experiments"].items():
        place = f"experiments.{name}"
        for framework in experiment["frameworks"]:
            _check_name(framework, frameworks, f"{place}.frameworks: unknown framework")
        for recipe in experiment["recipes"]:
            _check_name(recipe, config["recipes"], f"{place}.recipes: unknown recipe")
        for framework, seeds in experiment.get("fewer_seeds", {}).items():
            _check_name(framework, frameworks, f"{place}.fewer_seeds: unknown framework")
            for seed in seeds:
                if seed not in experiment["seeds"]:
                    raise InputError(
                        f"config.yaml: {place}.fewer_seeds.{framework}: {seed} is none of the "
                        f"experiment's seeds; use some of {experiment['seeds']}."
                    )
    _check_name(config["speedup"]["recipe"], config["recipes"], "speedup.recipe: unknown recipe")
    if not any(experiment["enabled"] for experiment in config["experiments"].values()):
        raise InputError("config.yaml: experiments: none is enabled; set enabled: true in one.")


def _check_name(name: str, known: dict[str, Any], place: str) -> None:
    if name not in known:
        raise InputError(f"config.yaml: {place} '{name}'{_suggestion(name, list(known))}.")


def runs(config: dict) -> dict[Run, bool]:
    """Expand the enabled experiments into runs, each with whether any of them times it."""
    timed: dict[Run, bool] = {}
    enabled = [experiment for experiment in config["experiments"].values() if experiment["enabled"]]
    for experiment in enabled:
        fewer_seeds = experiment.get("fewer_seeds", {})
        for seed in experiment["seeds"]:
            for network in experiment["networks"]:
                for recipe in experiment["recipes"]:
                    for framework in experiment["frameworks"]:
                        if seed not in fewer_seeds.get(framework, experiment["seeds"]):
                            continue
                        run = Run(framework, recipe, network, seed)
                        timed[run] = timed.get(run, False) or experiment["timed"]
    return timed


def without(runs: dict[Run, bool], left_out: dict[str, str], *, strict: bool) -> dict[Run, bool]:
    """Return the runs of all frameworks but those in ``left_out``, each with what it lacks.

    Raises `InputError` with ``strict``, or where no run is left.
    """
    kept = {run: timed for run, timed in runs.items() if run.framework not in left_out}
    if left_out and (strict or not kept):
        framework, missing = next(iter(left_out.items()))
        reason = "and strict is true in config.yaml" if strict else "nor can any other framework"
        raise InputError(f"{framework} cannot be run here, {reason}: {missing}")
    return kept


def inputs(config: dict, recipe: str) -> int:
    """Return how many numbers a network of a recipe sees: the pixels of its data variant."""
    return config["data_variants"][config["recipes"][recipe]["data"]]["image_size"] ** 2


def network_flags(network: str, inputs: int) -> dict[str, Any]:
    """Return the flags that describe a network, e.g. of ``tanh-3x100``."""
    match = re.fullmatch(NETWORK, network)
    assert match, network
    return {
        "inputs": inputs,
        "hidden-layers": int(match["hidden_layers"]),
        "hidden-units": int(match["hidden_units"]),
        "activation": match["activation"],
    }


def train_flags(recipe: dict, network: str, inputs: int, seed: int) -> dict[str, Any]:
    """Return the flags of a training program, without its paths (docs/contract.md)."""
    optimizer = {key.replace("_", "-"): value for key, value in recipe["optimizer"].items()}
    return {
        **network_flags(network, inputs),
        "optimizer": optimizer.pop("name"),
        **optimizer,
        "batch-size": recipe["batch_size"],
        "partial-batch": recipe["partial_batch"],
        "epochs": recipe["epochs"],
        "shuffle": recipe["shuffle"],
        "seed": seed,
        "precision": recipe["precision"],
    }


def predict_flags(recipe: dict, network: str, inputs: int, repeats: int) -> dict[str, Any]:
    """Return the flags of a prediction program, without its paths (docs/contract.md)."""
    return {
        **network_flags(network, inputs),
        "batch-size": recipe["batch_size"],
        "repeats": repeats,
        "precision": recipe["precision"],
    }


def command_line(flags: dict[str, Any]) -> str:
    """Write flags as a command line: true is the bare flag, false and None leave it out."""
    words = []
    for name, value in flags.items():
        if value is True:
            words.append(f"--{name}")
        elif value is not False and value is not None:
            words.append(f"--{name} {value}")
    return " ".join(words)


def data_flags(variant: dict) -> dict[str, Any]:
    """Return the flags of scripts/prepare_data.py for a data variant."""
    return {
        "divide-by": variant["divide_by"],
        "image-size": variant["image_size"],
        "skip": variant["skip"],
        "train-images-count": variant["train_images"],
        "order-seed": variant["order_seed"],
    }


def weights_flags(recipe: dict, network: str, inputs: int, seed: int) -> dict[str, Any]:
    """Return the flags of scripts/initial_weights.py."""
    flags = network_flags(network, inputs)
    # The draw does not depend on the activation, so that tanh and ReLU start alike.
    del flags["activation"]
    return {**recipe["initialisation"], **flags, "seed": seed}
