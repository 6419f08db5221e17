"""What the verdicts are told of the recipes: which are of 2016, and what they declare."""

from typing import Any

from configuration import experiments
from configuration.plan import Plan


def alike(plan: Plan) -> dict[str, list[str]]:
    """Return for each framework's own recipes those that do the same, itself first.

    They may train for other numbers of epochs, and a seed may stand for something else.
    """

    def does(recipe: dict) -> dict:
        ignored = (*experiments.ABOUT_2016, "epochs", "repetitions")
        return {key: value for key, value in recipe.items() if key not in ignored}

    done = {name: does(recipe) for name, recipe in plan.recipes.items()}
    return {
        name: [name, *(other for other in done if other != name and done[other] == done[name])]
        for own in plan.own_recipes().values()
        for name in own
    }


def changed_alone(plan: Plan, change: str) -> dict[str, str]:
    """Return the recipe of an ablation that makes only this change, by the start."""
    return {
        start: step["alone"]
        for start, steps in experiments.ablations(plan.config).items()
        for step in steps
        if step["change"] == change
    }


def right_gradients(plan: Plan) -> dict[str, str | None]:
    """Return the recipe that differs only in separate activation modules, or None.

    It is by recipe with a shared module. That makes the gradients of the reference wrong too.
    """
    separate = changed_alone(plan, "activation module")
    return {
        name: separate.get(name)
        for name, recipe in plan.recipes.items()
        if experiments.value_of(recipe, "activation_module") == "shared"
    }


def basis(plan: Plan, reference: str) -> dict[str, Any]:
    """Return what recipes declare about their repetitions, their accuracy and their logs.

    ``reference`` is the framework that the others are compared with.
    """
    declared = {
        name: experiments.value_of(recipe, "repetitions") for name, recipe in plan.recipes.items()
    }
    rules = {name: recipe["accuracy"]["rule"] for name, recipe in plan.recipes.items()}
    logs = {name: recipe["logs"] for name, recipe in plan.recipes.items() if "logs" in recipe}
    return {
        "own": plan.own_recipes(),
        "same_seed": [name for name, how in declared.items() if how == "same-seed"],
        "carried_over": [name for name, how in declared.items() if how == "carried-over"],
        "rounded": [name for name, rule in rules.items() if "decimals" in rule],
        "alike": alike(plan),
        "logs": logs,
        "reference": reference,
    }
