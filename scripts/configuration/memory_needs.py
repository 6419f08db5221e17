"""How much memory the runs of a configuration need at least, told before anything starts.

No training program can hold less than

    the weights, and one number more for each of them with momentum, two with Adam;
    the values of all hidden units for one batch, which the backward pass needs;
    the training images, as float32 (where a framework has a store of its own, this or the above).

A program holds more than that: gradients, copies, its libraries. A training that is refused here
cannot fit in memory; one that is accepted may still not fit, and the launcher then stops it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from configuration import experiments
from configuration.timings import Timing, timings
from shared.networks import hidden_size, layer_sizes
from shared.validation import Mistake

GIB = 2**30
# How much of the machine's memory a program may hold where no limit is set (launcher/program.py).
MEMORY_SHARE = 0.9
NUMBER_BYTES = {"float32": 4, "float64": 8}
IMAGE_NUMBER_BYTES = 4


@dataclass(frozen=True)
class Need:
    """The bytes that a training holds at least, by part."""

    network: int
    batch: int
    images: int


def need(recipe: dict, variant: dict, network: str) -> Need:
    """Return what a training of a network with a recipe and its data variant holds at least."""
    inputs = variant["image_size"] ** 2
    sizes = layer_sizes(inputs, **hidden_size(network))
    parameters = sum((a + 1) * b for a, b in pairwise(sizes))
    optimizer = recipe["optimizer"]
    state = 2 if optimizer["name"] == "adam" else int(optimizer.get("momentum", 0) > 0)
    size = NUMBER_BYTES[recipe["precision"]]
    return Need(
        network=parameters * (1 + state) * size,
        batch=recipe["batch_size"] * sum(sizes[1:-1]) * size,
        images=variant["train_images"] * inputs * IMAGE_NUMBER_BYTES,
    )


def check(config: dict, frameworks: dict[str, dict], machine: float | None) -> None:
    """Raise a `Mistake` for the first training that cannot fit in memory.

    ``machine`` is its memory in bytes; None where it is unknown, and only the limit that the
    configuration sets counts.
    """
    gib = config["measurement"]["memory_limit_gib"]
    if gib is not None:
        limit, source = gib * GIB, "as measurement.memory_limit_gib says"
    elif machine is not None:
        limit, source = MEMORY_SHARE * machine, "nine tenths of this machine's memory"
    else:
        return
    recipes = experiments.all_recipes(config)
    for place, framework, name, network in trainings(config, frameworks):
        recipe = recipes[name]
        least = need(recipe, config["data_variants"][recipe["data"]], network)
        if place[0] == "equivalence":
            # A gate trains with a few images only (scripts/equivalence/trial.py).
            least = Need(least.network, batch=0, images=0)
        model = least.network + least.batch
        has_store = "prepare" in frameworks[framework]
        total = max(model, least.images) if has_store else model + least.images
        if total <= limit:
            continue
        largest = max(least.network, least.batch, least.images)
        if largest == least.images:
            place, advice = ["data_variants", recipe["data"], "image_size"], "take smaller images"
        elif largest == least.network:
            advice = "take a smaller network"
        else:
            advice = "take smaller batches"
            if name in config["recipes"]:
                place = ["recipes", name, "batch_size"]
        raise Mistake(
            place,
            f"{network} with the recipe {name} needs {total / GIB:,.2f} GiB of memory or more, and "
            f"a program may hold {limit / GIB:,.2f} GiB, {source}; {advice}.",
        )


def trainings(
    config: dict, frameworks: dict[str, dict]
) -> Iterator[tuple[list[str | int], str, str, str]]:
    """Yield each training but for its seed: the key of its network, framework, recipe, network.

    The last ones are those of the equivalence gates.
    """
    gated: dict[tuple[str, str], None] = {}
    for name, experiment in config["experiments"].items():
        place: list[str | int] = ["networks"]
        if experiment.get("networks"):
            place = ["experiments", name, "networks"]
        alone = {**config, "experiments": {name: experiment}}
        each: list[experiments.Run | Timing] = [
            *experiments.runs(alone, frameworks),
            *timings(alone, frameworks),
        ]
        for run in each:
            yield place, run.framework, run.recipe, run.network
            gated[run.framework, run.recipe] = None
    speedup = config["speedup"]
    if speedup["enabled"]:
        for framework in experiments.speedup_frameworks(config, frameworks):
            yield ["speedup", "network"], framework, speedup["recipe"], speedup["network"]
            gated[framework, speedup["recipe"]] = None
    for framework, recipe in gated:
        yield ["equivalence", "network"], framework, recipe, config["equivalence"]["network"]
