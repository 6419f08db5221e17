"""The experiments of the configuration: which recipes they derive, and which runs they ask for.

The configuration has been checked before (configuration/check.py).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from shared.networks import activation_of

# The changes of an ablation, in the order in which they are made: what they change of a recipe.
ABLATION_CHANGES = {
    "activation": ("activations",),
    "activation module": ("activation_module",),
    "initialisation": ("initialisation",),
    "optimiser": ("optimizer",),
    "data": ("data",),
    "batches": ("batch_size", "partial_batch", "shuffle"),
    "precision": ("precision",),
    "repetitions": ("repetitions",),
    "accuracy rule": ("accuracy",),
}

# The keys of a recipe that decide how a framework computes, or whether it refuses. The number of
# epochs and the scoring of predictions do not belong to them.
COMPUTED = (
    "data", "initialisation", "optimizer", "batch_size", "partial_batch", "shuffle", "precision",
    "activations", "activation_module",
)  # fmt: skip
# The values for a recipe that lacks such a key.
DEFAULTS = {"activation_module": "separate", "repetitions": "independent"}

# What a recipe says of the study of 2016: it decides nothing about a training.
ABOUT_2016 = ("of", "logs")

# What an experiment takes from the top of the configuration unless it names its own.
SHARED = ("frameworks", "networks", "seeds")
# The purposes of experiments that get figures and tables of their own (rules/analysis.smk).
CROSS, ABLATION, LEARNING_CURVES = "cross", "ablation", "learning-curves"
# The purpose of experiments that train for the numbers of epochs in the authors' logs
# (rules/verdicts.smk).
LOGGED = "logged"


# The purpose of experiments that train for the sake of times (configuration/timings.py).
TIMES = "times"


@dataclass(frozen=True)
class Run:
    """The unit of accuracy: one training and one prediction of one network. No time is taken."""

    framework: str
    recipe: str
    network: str
    seed: int


def own_recipes(config: dict, frameworks: dict[str, dict], framework: str) -> list[str]:
    """Return the recipes of 2016 that are a framework's own; a successor's are its ancestor's."""
    original = frameworks[framework]["successor_of"] or framework
    # Sorted by name, because the order of the keys of a configuration has no meaning.
    return sorted(
        name for name, recipe in config["recipes"].items() if recipe.get("of") == original
    )


def ablation_steps(recipes: dict[str, dict], start: str, end: str) -> list[dict[str, str]]:
    """Return the changes that lead from one recipe to another, in the order in which they are made.

    Each has the ``change``'s name, the recipe with that change ``alone``, and the one with all
    changes up to it ``cumulated``. For the first change, both are the same. The last cumulated one
    is ``end``.
    """
    differing = [
        change
        for change, keys in ABLATION_CHANGES.items()
        if any(value_of(recipes[start], key) != value_of(recipes[end], key) for key in keys)
    ]
    steps = []
    for number, change in enumerate(differing, start=1):
        name = change.replace(" ", "-")
        alone = end if len(differing) == 1 else f"{start}--{name}"
        cumulated = alone if number == 1 else f"{start}--to-{name}"
        cumulated = end if number == len(differing) else cumulated
        steps.append({"change": change, "alone": alone, "cumulated": cumulated})
    return steps


def named(config: dict, part: dict, key: str) -> list:
    """Return what a part of the configuration names under a key, or the configuration itself."""
    own = part.get(key)
    return config[key] if own is None else own


def is_listed(config: dict, frameworks: dict[str, dict], framework: str) -> bool:
    """Return whether a framework, or the one that it is a variant of, is in ``frameworks``."""
    original = frameworks[framework].get("variant_of")
    return framework in config["frameworks"] or original in config["frameworks"]


def enabled(config: dict) -> dict[str, dict]:
    """Return the experiments that are run, by name."""
    return {
        name: experiment
        for name, experiment in config["experiments"].items()
        if experiment.get("enabled", True)
    }


def completed(config: dict, frameworks: dict[str, dict], experiment: dict) -> dict:
    """Return an experiment with the frameworks, networks and seeds that it is run with.

    They are its own in its own order, or those of the configuration; without frameworks that the
    configuration does not list.
    """
    complete = experiment | {key: named(config, experiment, key) for key in SHARED}
    complete["frameworks"] = [
        name for name in complete["frameworks"] if is_listed(config, frameworks, name)
    ]
    return complete


def with_purpose(config: dict, frameworks: dict[str, dict], purpose: str, key: str) -> list:
    """Return what all enabled experiments with a purpose have under a key, each value once."""
    return list(
        dict.fromkeys(
            value
            for experiment in enabled(config).values()
            if experiment["purpose"] == purpose
            for value in completed(config, frameworks, experiment)[key]
        )
    )


def speedup_frameworks(config: dict, frameworks: dict[str, dict]) -> list[str]:
    """Return the frameworks whose speed-up by more threads is measured; some experiment runs them.

    They are those that ``speedup`` names, or all of the configuration, but those that it skips.
    """
    speedup = config["speedup"]
    run = {each.framework for each in runs(config, frameworks)}
    return [
        name
        for name in named(config, speedup, "frameworks")
        if name in run and name not in speedup.get("skip_frameworks", [])
    ]


def ablations(config: dict) -> dict[str, list[dict[str, str]]]:
    """Return the steps of every ablation that an enabled experiment asks for, by its start."""
    return {
        start: ablation_steps(config["recipes"], start, experiment["to"])
        for experiment in enabled(config).values()
        if experiment["purpose"] == ABLATION
        for start in experiment["recipes"]
    }


def learning_curve(recipes: dict[str, dict], name: str, epochs: list[int]) -> dict[str, dict]:
    """Return a recipe with each of these numbers of epochs and nothing else changed, by name."""
    own = recipes[name]["epochs"]
    kept = {key: value for key, value in recipes[name].items() if key not in ABOUT_2016}
    return {
        name if number == own else f"{name}--{number}-epochs": {**kept, "epochs": number}
        for number in epochs
    }


def learning_curves(config: dict) -> dict[str, list[str]]:
    """Return the recipes of every learning curve that an enabled experiment asks for.

    By the recipe that the curve is of.
    """
    curves: dict[str, dict[str, dict]] = {}
    for experiment in enabled(config).values():
        for name in experiment["recipes"] if experiment["purpose"] == LEARNING_CURVES else []:
            curve = learning_curve(config["recipes"], name, experiment["epochs"])
            curves.setdefault(name, {}).update(curve)
    return {name: list(curve) for name, curve in curves.items()}


def derived_recipes(config: dict, experiment: dict) -> dict[str, dict]:
    """Return the recipes of an ablation or of numbers of epochs, by name. Others have none.

    Those that are the configuration's own are among them.
    """
    recipes = config["recipes"]
    derived: dict[str, dict] = {}
    if experiment["purpose"] in (LEARNING_CURVES, LOGGED):
        for name in experiment["recipes"]:
            derived |= learning_curve(recipes, name, experiment["epochs"])
    elif experiment["purpose"] == ABLATION:
        end = recipes[experiment["to"]]
        for start in experiment["recipes"]:
            derived[start] = so_far = recipes[start]
            for step in ablation_steps(recipes, start, experiment["to"]):
                keys = ABLATION_CHANGES[step["change"]]
                so_far = _changed(so_far, end, keys)
                derived[step["alone"]] = _changed(recipes[start], end, keys)
                derived[step["cumulated"]] = so_far
    return derived


def all_recipes(config: dict) -> dict[str, dict]:
    """Return the recipes of the configuration, and those that its experiments derive from them."""
    # The configuration's own are first: `gate_recipe` takes the first of those that share a gate.
    recipes = dict(config["recipes"])
    # Enabled ones first: a disabled one may derive another recipe of the same name.
    experiments = config["experiments"].values()
    for experiment in sorted(experiments, key=lambda each: not each.get("enabled", True)):
        for name, recipe in derived_recipes(config, experiment).items():
            recipes.setdefault(name, recipe)
    return recipes


def _changed(recipe: dict, other: dict, keys: tuple[str, ...]) -> dict:
    """Return a recipe with ``keys`` as in another one. It no longer belongs to a framework."""
    kept = {key: value for key, value in recipe.items() if key not in (*keys, *ABOUT_2016)}
    return {**kept, **{key: other[key] for key in keys if key in other}}


def experiment_recipes(
    config: dict, frameworks: dict[str, dict], experiment: dict, framework: str, network: str
) -> list[str]:
    """Return the recipes that an experiment runs a framework's network with."""
    if experiment["recipes"] == "own":
        own = {name: config["recipes"][name] for name in own_recipes(config, frameworks, framework)}
        return _distinct(own, network)
    derived = derived_recipes(config, experiment)
    if experiment["purpose"] == LOGGED:
        return _distinct(derived, network)
    return list(derived) or experiment["recipes"]


def trained_activation(recipe: dict, network: str) -> str:
    """Return a network's activation as a recipe has it, which may swap activations."""
    activation = activation_of(network)
    return recipe.get("activations", {}).get(activation, activation)


def _distinct(recipes: dict[str, dict], network: str) -> list[str]:
    """Return the names of recipes without duplicates: two that train this network alike are one.

    For a ReLU network, a recipe that only replaces tanh is such a duplicate.
    """
    kept: dict[str, dict] = {}
    for name, recipe in recipes.items():
        does = {key: value for key, value in recipe.items() if key not in ABOUT_2016}
        does["activations"] = trained_activation(recipe, network)
        if does not in kept.values():
            kept[name] = does
    return list(kept)


def fewer_of(experiment: dict, framework: str) -> dict[str, list]:
    """Return what an experiment's ``fewer`` says of a framework: what it runs alone, or skips."""
    return (experiment.get("fewer") or {}).get(framework) or {}


def expanded(
    config: dict, frameworks: dict[str, dict], *, timed: bool
) -> Iterator[tuple[dict, str, str, str, int]]:
    """Yield each run of the enabled experiments: experiment, framework, recipe, network, seed.

    With ``timed``, these are the runs of the experiments for times, with a block in place of the
    seed. Without it, they are those of all others. A run can occur more than once.
    """
    for each in enabled(config).values():
        if (each["purpose"] == TIMES) is not timed:
            continue
        experiment = completed(config, frameworks, each)
        numbers = range(1, each["blocks"] + 1) if timed else experiment["seeds"]
        for number, network, framework in product(
            numbers, experiment["networks"], experiment["frameworks"]
        ):
            fewer = fewer_of(experiment, framework)
            for recipe in experiment_recipes(config, frameworks, experiment, framework, network):
                if (
                    network not in fewer.get("skip_networks", [])
                    and network in fewer.get("networks", [network])
                    and recipe in fewer.get("recipes", [recipe])
                    and (timed or number in fewer.get("seeds", [number]))
                ):
                    yield experiment, framework, recipe, network, number


def runs(config: dict, frameworks: dict[str, dict]) -> list[Run]:
    """Expand the enabled experiments into runs, each once; those for times have none."""
    found = (
        Run(framework, recipe, network, seed)
        for _, framework, recipe, network, seed in expanded(config, frameworks, timed=False)
    )
    return list(dict.fromkeys(found))


def gate_recipe(recipes: dict[str, dict], name: str) -> str:
    """Return the first recipe that computes as this one does: they share an equivalence gate."""
    computed = [value_of(recipes[name], key) for key in COMPUTED]
    return next(
        other
        for other in recipes
        if [value_of(recipes[other], key) for key in COMPUTED] == computed
    )


def draw_recipe(config: dict, recipes: dict[str, dict], name: str) -> str:
    """Return the first recipe that draws the same initial weights: they share the files."""

    def drawn(recipe: dict) -> tuple:
        variant = config["data_variants"][recipe["data"]]
        # What decides which repetitions have a draw of their own (`drawn_seed`).
        kind = value_of(recipe, "repetitions") == "independent"
        return recipe["initialisation"], variant["image_size"], kind

    return next(other for other in recipes if drawn(recipes[other]) == drawn(recipes[name]))


def value_of(recipe: dict, key: str) -> object:
    """Return what a recipe says of a key, or means by leaving it out."""
    return recipe.get(key, DEFAULTS.get(key))


def accuracy_of(recipe: dict) -> str:
    """Return which images a recipe's accuracy is computed on: ``test`` or ``train``."""
    return recipe["accuracy"].get("of", "test")


def drawn_seed(recipe: dict, seed: int) -> int:
    """Return the seed that the weights and the order of a repetition are drawn with."""
    return seed if value_of(recipe, "repetitions") == "independent" else 1


def run_epochs(recipe: dict, seed: int) -> int:
    """Return how many epochs the network of a repetition has seen at its end."""
    carried_over = value_of(recipe, "repetitions") == "carried-over"
    return recipe["epochs"] * (seed if carried_over else 1)
