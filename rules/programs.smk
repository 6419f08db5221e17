"""Framework programs: what all rules that start one share.

A program gets one settings file (docs/contract.md). Its rule says what is in it as `settings`; the script adds the
paths. `program` says how the program is started, and `limits` when it is stopped.
"""

from launcher.machine import machine, same_processor


def environment_of(wildcards):
    return ENVIRONMENT.format(environment=FRAMEWORKS[wildcards.framework]["environment"])


def builds(framework):
    """Return the file that a framework's build leaves, in a list; it is empty if nothing is compiled."""
    return [BUILD.format(framework=framework)] if "build" in FRAMEWORKS[framework] else []


def build_of(wildcards):
    return builds(wildcards.framework)


def data_of(wildcards, file):
    """Return the path of a file of the data variant that a recipe asks for."""
    return f"<results>/data/{PLAN.recipe(wildcards)['data']}/{file}"


def scored_part(wildcards):
    """Return the part of the data on which a recipe computes its accuracy."""
    return {"test": "test", "train": "train-sample"}[PLAN.accuracy_of(wildcards)]


def images_read(wildcards, purpose, part):
    """Return what a program reads from a part of the data: the images and, for a training, the labels.

    Some frameworks read them from a store of their own.
    """
    if "prepare" in FRAMEWORKS[wildcards.framework]:
        variant = PLAN.recipe(wildcards)["data"]
        return {f"{purpose}_store": f"<results>/stores/{wildcards.framework}/{variant}/{part}"}
    images = {f"{purpose}_images": data_of(wildcards, f"{part}-images.f32")}
    labels = {"train_labels": data_of(wildcards, f"{part}-labels.u8")}
    return images | labels if purpose == "train" else images


def train_images_of(wildcards):
    return images_read(wildcards, "train", "train")


def test_images_of(wildcards):
    return images_read(wildcards, "test", scored_part(wildcards))


def timed_images_of(wildcards):
    """Return the images that the programs of a timed run read: the start of the training images, and all to predict."""
    train = images_read(wildcards, "train", PLAN.timed_part(wildcards))
    return train | test_images_of(wildcards)


def network_of(wildcards):
    """Return the network of a run, or that of all gates."""
    return getattr(wildcards, "network", config["equivalence"]["network"])


def warm_up_of(wildcards):
    """Return the record of a framework's warm-up with a network, if the framework needs a warm-up."""
    if not FRAMEWORKS[wildcards.framework].get("warm_up"):
        return []
    network = network_of(wildcards)
    return f"<results>/warm-up/{wildcards.framework}/{wildcards.recipe}/{network}.json"


def equivalence_of(file):
    """Return an input function: a file of the equivalence gate of a framework with a recipe."""

    def path(wildcards):
        recipe = PLAN.gates[wildcards.recipe]
        name = file.format(precision=PLAN.recipe(wildcards)["precision"])
        return f"<results>/equivalence/{wildcards.framework}/{recipe}/{name}"

    return path


def single_scores(wildcards):
    """Return the reference's scores in float32, where the recipe has that precision."""
    if PLAN.recipe(wildcards)["precision"] != "float32":
        return []
    return f"<results>/equivalence/{REFERENCE}/{wildcards.recipe}/float32/scores.npz"


def weights_of(wildcards):
    """Return the initial weights of a run or of a gate; recipes that draw the same share them."""
    recipe, seed = PLAN.draws[wildcards.recipe], getattr(wildcards, "seed", 1)
    return f"<results>/initial-weights/{recipe}/{network_of(wildcards)}/{seed}.f32"


def lanes_of(input):
    """Return how many timed programs run side by side: as the configuration says, or as this machine allows."""
    measurement, threads = config["measurement"], config["compute_threads"]
    possible = max(1, CORES // threads)
    if measurement["lanes"] != "auto":
        return min(measurement["lanes"], possible)
    # If this file does not exist yet, Snakemake calls this function again later.
    measured = read_json(input.lanes, "machine", "threads", "lanes", "cost")
    # We assume that all nodes of a cluster are alike.
    of_another = not ON_CLUSTER and not same_processor(measured["machine"], machine())
    if of_another or measured["threads"] != threads or measured["cost"] is None:
        return 1
    cheap = measured["cost"] <= measurement["side_by_side"]["limit"]
    return min(measured["lanes"], possible) if cheap else 1


def timed_cores(wildcards, input):
    """Return the cores of a lane as Snakemake counts them: all, if nothing may run beside a timed program."""
    try:
        return CORES // lanes_of(input)
    except FileNotFoundError:
        # Snakemake needs a number before the lanes are known, and asks again later.
        return CORES


def gate_of(wildcards):
    """Return the file that says whether a framework may run with a recipe.

    The file is ancient: if a gate is judged again because the reference has changed, this alone reruns nothing.
    """
    return ancient(equivalence_of("gate.json")(wildcards))


def left_out_by_gate(wildcards):
    """Return why a framework's gate does not let it through, or None.

    The gate is read when it exists. So Snakemake records the reason as a parameter, and reruns the framework's runs if
    it changes. Snakemake would not record a function of the input.
    """
    gate = Path(equivalence_of("gate.json")(wildcards).replace("<results>", str(RESULTS)))
    return read_json(gate)["left_out"] if gate.exists() else None


def reference_runs(wildcards):
    """Return the reference's table of runs with a recipe. The runs of other frameworks are compared with it."""
    if wildcards.framework == REFERENCE or (REFERENCE, wildcards.recipe) not in PLAN.pairs:
        return []
    return f"<results>/runs/{REFERENCE}/{wildcards.recipe}/runs.csv"
