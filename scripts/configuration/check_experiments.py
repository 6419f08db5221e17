"""Check the experiments of the configuration: names, purposes, and what slow frameworks run.

The schema has been checked before. Every mistake is a `Mistake` with the keys that lead to it.
"""

from collections.abc import Iterable
from itertools import chain
from typing import Any

from configuration import experiments
from configuration.experiments import ABLATION, CROSS, LEARNING_CURVES, LOGGED, TIMES
from configuration.timings import timings
from shared.validation import Mistake, suggestion

# The keys that only experiments with one of these purposes have, and that these need.
KEY_OF_PURPOSES = {
    (ABLATION,): ("to", "the recipe that the ablation leads to"),
    (LEARNING_CURVES, LOGGED): ("epochs", "the numbers of epochs to train for"),
    (TIMES,): ("blocks", "how often each run is timed"),
}

Place = list[str | int]


def check(config: dict, frameworks: dict[str, dict], name: str, experiment: dict) -> None:
    """Check one experiment."""
    place: Place = ["experiments", name]
    for framework in experiment.get("frameworks") or []:
        check_name(framework, frameworks, [*place, "frameworks"], "framework")
    _check_purpose(experiment, place)
    _check_recipes(config, frameworks, experiment, place)
    # Another file may disable an experiment and leave inconsistent keys in it.
    if experiment.get("enabled", True):
        _check_ablation(config, experiment, place)
        for framework in experiment.get("fewer") or {}:
            _check_fewer(config, frameworks, experiment, framework, [*place, "fewer"])


def check_derived_recipes(config: dict) -> None:
    """Check that no two different recipes have one name, where enabled experiments derive some."""
    recipes = dict(config["recipes"])
    ends: dict[str, str] = {}
    for experiment, settings in experiments.enabled(config).items():
        for start in settings["recipes"] if settings["purpose"] == experiments.ABLATION else []:
            if ends.setdefault(start, settings["to"]) != settings["to"]:
                raise Mistake(
                    ["experiments", experiment, "to"],
                    f"another ablation goes from {start} to {ends[start]}; disable one of them.",
                )
        for name, recipe in experiments.derived_recipes(config, settings).items():
            other = recipes.setdefault(name, recipe)
            differing = [
                key
                for key in {**other, **recipe}
                if key not in experiments.ABOUT_2016 and other.get(key) != recipe.get(key)
            ]
            if differing:
                raise Mistake(
                    ["experiments", experiment, "recipes"],
                    f"{name}, which this makes, would differ from the recipe of that name in "
                    f"{', '.join(differing)}; change one of them, or write enabled: false in this "
                    "experiment.",
                )


def check_some_run(config: dict, frameworks: dict[str, dict]) -> None:
    """Check that the enabled experiments ask for at least one run."""
    if not experiments.enabled(config):
        raise Mistake(["experiments"], "none is enabled; set enabled: true in one.")
    if not experiments.runs(config, frameworks) and not timings(config, frameworks):
        raise Mistake(
            ["frameworks"],
            "no enabled experiment runs any of these; name others, or enable an experiment with "
            "one of them.",
        )


def check_name(name: str, known: Iterable[str], place: Place, kind: str) -> None:
    """Check that a name is known; the mistake suggests the one that was meant."""
    if name not in known:
        raise Mistake(place, f"unknown {kind} '{name}'{suggestion(name, list(known))}")


def _check_purpose(experiment: dict, place: Place) -> None:
    """Check that an experiment has the keys that its purpose needs, and no other purpose's."""
    purpose = experiment["purpose"]
    for owners, (key, meaning) in KEY_OF_PURPOSES.items():
        if purpose in owners and key not in experiment:
            raise Mistake(
                place, f"the key {key} is missing; purpose: {purpose} needs it: {meaning}."
            )
        if purpose not in owners and key in experiment:
            raise Mistake(
                [*place, key],
                f"only an experiment with purpose: {' or '.join(owners)} has this key; delete it, "
                f"or change purpose: {purpose}.",
            )
    if "whole" in experiment and purpose != TIMES:
        raise Mistake(
            [*place, "whole"], f"only an experiment with purpose: {TIMES} has this key; delete it."
        )
    if purpose == TIMES and experiment.get("seeds"):
        raise Mistake(
            [*place, "seeds"], f"an experiment with purpose: {TIMES} has blocks instead; delete it."
        )
    needs_list = {CROSS, *chain(*KEY_OF_PURPOSES)} - {TIMES}
    if purpose in needs_list and not isinstance(experiment["recipes"], list):
        raise Mistake(
            [*place, "recipes"],
            f"an experiment with purpose: {purpose} needs a list of recipes; list them by name.",
        )


def _check_recipes(
    config: dict, frameworks: dict[str, dict], experiment: dict, place: Place
) -> None:
    if experiment["recipes"] == "own":
        for framework in experiments.named(config, experiment, "frameworks"):
            if not experiments.own_recipes(config, frameworks, framework):
                raise Mistake(
                    [*place, "frameworks"],
                    f"{framework} has no recipe of its own; leave it out, or add a recipe with "
                    "'of:' and its name or its ancestor's.",
                )
        return
    if "own" in experiment["recipes"]:
        raise Mistake(
            [*place, "recipes"],
            "'own' stands for a whole list; write `recipes: own`, and another experiment for other "
            "recipes.",
        )
    for recipe in experiment["recipes"]:
        check_name(recipe, config["recipes"], [*place, "recipes"], "recipe")
        of = experiments.accuracy_of(config["recipes"][recipe])
        if experiment["purpose"] == CROSS and of != "test":
            raise Mistake(
                [*place, "recipes"],
                f"{recipe} has the accuracy of training images, and purpose: {CROSS} compares "
                "accuracies on test images; leave it out.",
            )
    if "to" in experiment:
        check_name(experiment["to"], config["recipes"], [*place, "to"], "recipe")


def _check_ablation(config: dict, experiment: dict, place: Place) -> None:
    if experiment["purpose"] != ABLATION:
        return
    end = experiment["to"]
    for start in experiment["recipes"]:
        if not experiments.ablation_steps(config["recipes"], start, end):
            raise Mistake(
                [*place, "recipes"],
                f"nothing that an ablation changes differs from {start} to {end}; name two recipes "
                "that differ in more than their epochs.",
            )


def _check_fewer(
    config: dict, frameworks: dict[str, dict], experiment: dict, framework: str, place: Place
) -> None:
    """Check that ``fewer`` names only parts of its experiment, and leaves something to run."""
    check_name(framework, frameworks, place, "framework")
    fewer = experiments.fewer_of(experiment, framework)
    complete = experiments.completed(config, frameworks, experiment)
    if not fewer or not experiments.is_listed(config, frameworks, framework):
        return
    if framework not in complete["frameworks"]:
        raise Mistake(
            place,
            f"{framework} is not among the experiment's frameworks; delete it here, or write "
            f"`{framework}: null` in a file that changes the frameworks.",
            key=framework,
        )
    known: dict[str, list[Any]] = {key: complete[key] for key in ("networks", "seeds")}
    known["recipes"] = list(
        dict.fromkeys(
            recipe
            for network in complete["networks"]
            for recipe in experiments.experiment_recipes(
                config, frameworks, experiment, framework, network
            )
        )
    )
    for key, kept in fewer.items():
        # The experiment may lack a network to skip, because it is not run in either case.
        if key == "skip_networks":
            continue
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
