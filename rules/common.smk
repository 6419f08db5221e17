"""What every stage shares: the checked configuration, its runs, and where things stand."""

import json
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import build_environment
import check_configuration
import closing
import configuration
import descriptions
import psutil
import stale_lock
from common import InputError
from environments.files import read_environment_file, read_parts
from snakemake.exceptions import WorkflowError
from snakemake.logging import logger
from snakemake.settings.types import DeploymentMethod

# Paths count from the folder that Snakemake works in, so that a finished one can be moved. Where that is not
# the workflow's own, it gets links to what the rules read. A dry run makes them as well: it reads the
# descriptions, schemas and scripts behind them to find out what is due.
for name in ("envs", "reference", "report", "schemas", "scripts"):
    if not Path(name).exists():
        Path(name).symlink_to(os.path.relpath(HOME / name))
    elif not Path(name).samefile(HOME / name):
        raise WorkflowError(
            f"{Path(name).absolute()} is not the {name} of the workflow in {HOME}; run it in a folder "
            "without one (snakemake --directory)."
        )

# After one that was killed the plain command goes on, without --unlock. Only locks that nobody holds are
# cleared, so a call that runs nothing (--summary, --lint) may do it too.
if workflow.is_main_process and not workflow.output_settings.dryrun:
    RUNNING = stale_lock.clear(Path(".snakemake"))

# A cluster's jobs are queued for its nodes; the others are started here.
ON_CLUSTER = workflow.resource_settings.nodes is not None
PROCESSORS = len(os.sched_getaffinity(0))
# More jobs at a time than processors only slow each other, so `--cores 8` also does for a machine with two.
# The name of the resource is Snakemake's own: one that has another keeps the cores that it was given.
if (
    workflow.is_main_process
    and not ON_CLUSTER
    and workflow.resource_settings.cores
    and "_cores" in getattr(workflow, "global_resources", {})
):
    workflow.global_resources["_cores"] = min(workflow.resource_settings.cores, PROCESSORS)

# Where all jobs run: a cluster's nodes, or where this is a job of one, may be other machines.
MACHINE = (
    check_configuration.Machine(psutil.virtual_memory().total, PROCESSORS)
    if workflow.is_main_process and not ON_CLUSTER
    else None
)

DEPLOYED_BY_CONDA = (
    workflow.deployment_settings is not None
    and DeploymentMethod.CONDA in workflow.deployment_settings.deployment_method
)
ENVIRONMENT = "resources/environments/{environment}/environment.json"
# The framework that the others are held against.
REFERENCE = "numpy"
TEST_IMAGES = 10000


def missing_of(environment):
    """Return what this machine lacks for an environment, and the mend; None where nothing."""
    if DEPLOYED_BY_CONDA or Path(ENVIRONMENT.format(environment=environment)).exists():
        return None
    path = Path("envs") / f"{environment}.yaml"
    # A mistake in these files is no reason to leave a framework out: it is the error that it is.
    file, parts = read_environment_file(path), read_parts(path)
    try:
        folders = [Path(folder).expanduser() for folder in config["program_folders"]]
        build_environment.find_needs(file, parts, folders)
    except InputError as error:
        return str(error)


try:
    FRAMEWORKS = descriptions.read_all()
    check_configuration.check(config, FRAMEWORKS, CONFIGURATION_FILES, MACHINE)
    RECIPES = configuration.all_recipes(config)
    RUNS = configuration.runs(config, FRAMEWORKS)
    LEFT_OUT = {
        framework: missing
        for framework in dict.fromkeys(run.framework for run in RUNS)
        if (missing := missing_of(FRAMEWORKS[framework]["environment"]))
    }
    RUNS = configuration.without(RUNS, LEFT_OUT, strict=config["strict"])
    FIGURE_RECIPE = config["figures"]["recipe"]
except InputError as error:
    sys.exit(f"error: {error}")

for framework, missing in LEFT_OUT.items():
    logger.warning(f"Leaving out {framework}: {missing}")

LABELS = {name: description["label"] for name, description in FRAMEWORKS.items()}
USED_FRAMEWORKS = list(dict.fromkeys(run.framework for run in RUNS))
# What line counts, table 1 and the paper's figures show: a variant is the same programs as its
# original.
SHOWN_FRAMEWORKS = list(
    dict.fromkeys(FRAMEWORKS[name].get("variant_of", name) for name in USED_FRAMEWORKS)
)
DESCRIPTIONS = [descriptions.path_of(name) for name in SHOWN_FRAMEWORKS]
USED_DESCRIPTIONS = [descriptions.path_of(name) for name in USED_FRAMEWORKS]
WORKFLOW_ENVIRONMENT = ENVIRONMENT.format(environment="workflow")
# `python` in a rule is the one of the workflow's own environment, whatever Snakemake itself was
# installed with. The launcher ends its program when this Snakemake is no more.
shell.prefix(
    'PATH="$PWD/resources/environments/workflow/bin:$PATH"; '
    f"export SNAKEMAKE_PROCESS={os.getpid()}; "
)

USED_ENVIRONMENTS = list(
    dict.fromkeys(FRAMEWORKS[name]["environment"] for name in [*USED_FRAMEWORKS, REFERENCE])
)

# Where `<results>` is, for what is read before a rule runs.
RESULTS = Path(config.get("pathvars", {}).get("results", "results"))
# What a framework's prepare program makes of the train or test part of a data variant.
STORE = "<results>/stores/{framework}/{variant}/{part}"
# Says that a framework has compiled a network.
WARM_UP = "<results>/warm-up/{framework}/{recipe}/{network}.json"
RUN = "<results>/runs/{framework}/{recipe}/{network}/{seed}"
# The folders of all runs of a framework with a recipe. Whatever is asked for each job is looked up
# in tables like this one: a search through all runs would make the DAG quadratic.
RUN_FOLDERS = {}
for run in RUNS:
    folder = RUN.format(
        framework=run.framework, recipe=run.recipe, network=run.network, seed=run.seed
    )
    RUN_FOLDERS.setdefault((run.framework, run.recipe), []).append(folder)
# The recipe whose gate of equivalence a recipe shares.
GATE_RECIPES = {recipe: configuration.gate_recipe(RECIPES, recipe) for recipe in RECIPES}
# What a framework's equivalence with the reference is told from.
EQUIVALENCE = "<results>/equivalence/{framework}/{recipe}"


# The recipes of 2016 of each framework of the paper: a successor has its ancestor's.
OWN_RECIPES = {
    name: own
    for name in FRAMEWORKS
    if FRAMEWORKS[name]["successor_of"] is None
    and (own := configuration.own_recipes(config, FRAMEWORKS, name))
}

# A flag of what compares times, unless the configuration lets those of different processors be mixed.
ONE_PROCESSOR = "" if config["measurement"]["mixed_processors"] else "--one-processor"


wildcard_constraints:
    framework="|".join(map(re.escape, FRAMEWORKS)),
    recipe="|".join(map(re.escape, RECIPES)),
    variant="|".join(map(re.escape, config["data_variants"])),
    network=r"[a-z]+-\d+x\d+",
    seed=r"\d+",
    part="train|test",
    precision="float32|float64",
    environment=r"[A-Za-z0-9._-]+",


def of_experiments(prefix, factor):
    """Return what the enabled experiments whose names begin so ask for: frameworks, recipes or networks.

    Without the frameworks that this machine does not have.
    """
    return list(
        dict.fromkeys(
            name
            for experiment, settings in config["experiments"].items()
            if experiment.startswith(prefix) and settings["enabled"]
            for name in settings[factor]
            if factor != "frameworks" or name in USED_FRAMEWORKS
        )
    )


def recipe_of(wildcards):
    return RECIPES[wildcards.recipe]


def data_of(wildcards, file):
    """Return the path of a file of the data variant that a recipe asks for."""
    return f"<results>/data/{recipe_of(wildcards)['data']}/{file}"


def images_of(part):
    """Return an input function: a part of the data, as a framework's programs read it.

    ``part`` is train or test. The keys are the names of the programs' flags.
    """

    def files(wildcards):
        if "prepare" in FRAMEWORKS[wildcards.framework]:
            variant = recipe_of(wildcards)["data"]
            return {
                "store": STORE.format(framework=wildcards.framework, variant=variant, part=part)
            }
        images = {f"{part}_images": data_of(wildcards, f"{part}-images.f32")}
        labels = {"train_labels": data_of(wildcards, "train-labels.u8")}
        return images | labels if part == "train" else images

    return files


def image_flags(wildcards, input):
    """Return the flags for what `images_of` has named."""
    named = ["store", "train_images", "train_labels", "test_images"]
    return [
        word
        for name in named
        if name in input.keys()
        for word in (f"--{name.replace('_', '-')}", input[name])
    ]


def train_images_of(recipe):
    """Return how many training images a recipe uses."""
    return config["data_variants"][RECIPES[recipe]["data"]]["train_images"]


def inputs_of(wildcards):
    """Return how many numbers a network of this recipe sees: the pixels of its data variant."""
    return config["data_variants"][recipe_of(wildcards)["data"]]["image_size"] ** 2


def program(role):
    """Return an input function: the files of a framework's program, which a change of runs again."""

    def files(wildcards):
        framework = wildcards.framework
        return descriptions.source_files(
            descriptions.path_of(framework), FRAMEWORKS[framework], [role]
        )

    return files


def modules_of(script):
    """Return the modules of scripts/ that a script imports, and those that these import.

    Without the two that every script shares: how one fails and writes (common.py) is no part of a
    result, and what configuration.py makes of the configuration reaches a job as its parameters.
    """
    found, left = [], [Path(script)]
    while left:
        # Anywhere: some are imported where they are needed.
        imports = r"^ *(?:from|import) (\w+)(?: import .*)?$"
        names = re.findall(imports, left.pop().read_text(), re.MULTILINE)
        for path in (Path("scripts", f"{name}.py") for name in names):
            if path.exists() and path.stem not in ("common", "configuration") and path not in found:
                found.append(path)
                left.append(path)
    return sorted(found)


# How a framework's program is started and timed, and the modules of that.
LAUNCHER = [Path("scripts/launch.py"), *modules_of("scripts/launch.py")]


def environment_of(wildcards):
    return ENVIRONMENT.format(environment=FRAMEWORKS[wildcards.framework]["environment"])


def environment_file_of(wildcards):
    return f"../envs/{FRAMEWORKS[wildcards.framework]['environment']}.yaml"


def is_timed(wildcards):
    return RUNS.get(configuration.Run(**{**wildcards, "seed": int(wildcards.seed)}), False)


def all_cores(wildcards):
    """A job that takes them has the machine to itself."""
    return workflow.cores


def cores_of(wildcards):
    return all_cores(wildcards) if is_timed(wildcards) else 1


def operations_of(wildcards, role):
    """Return the floating-point operations of an epoch, or of a prediction of the test images."""
    training = role == "train"
    return configuration.operations(
        configuration.layer_sizes(wildcards.network, inputs_of(wildcards)),
        train_images_of(wildcards.recipe) if training else TEST_IMAGES,
        training=training,
    )


def launch_flags(wildcards, role, timed, threads, repeats):
    """Return the launcher's flags for a program that repeats its epochs or predictions so often."""
    return configuration.command_line(
        {
            "timed": timed,
            "compute-threads": threads,
            "repeats": repeats,
            "operations": operations_of(wildcards, role),
            "images": TEST_IMAGES if role == "predict" else None,
        }
    )


def limits(wildcards, output):
    """Return the flags that stop a program which hangs, or eats the machine's memory.

    As a function of the output they are not recorded: other limits are no reason to run again.
    """
    measurement = config["measurement"]
    return configuration.command_line(
        {
            "time-limit": measurement["time_limit_minutes"] * 60,
            "memory-limit": measurement["memory_limit_gib"],
        }
    )


def run_flags(role, repeats):
    """Return a params function: the launcher's flags for a program of a run."""

    def flags(wildcards):
        timed = is_timed(wildcards)
        threads = config["measurement"]["compute_threads"] if timed else 1
        return launch_flags(wildcards, role, timed, threads, repeats(wildcards))

    return flags


def description_of(wildcards):
    """Return, as JSON, what the launcher must know of a framework's description."""
    keys = ("variables", "openblas_kernels", "milestones")
    description = FRAMEWORKS[wildcards.framework]
    return json.dumps({key: description[key] for key in keys if key in description})


def warm_up_of(wildcards, network=None):
    """Return what says that a framework has compiled a network, if it does so and keeps it.

    Without ``network``, the one of the wildcards.
    """
    if FRAMEWORKS[wildcards.framework].get("warm_up"):
        return WARM_UP.format(**{**wildcards, "network": network or wildcards.network})
    return []


def warm_up_of_gate(wildcards):
    return warm_up_of(wildcards, config["equivalence"]["network"])


def equivalence_of(file):
    """Return an input function: a file of the equivalence gate of a framework with a recipe."""

    def path(wildcards):
        recipe = GATE_RECIPES[wildcards.recipe]
        folder = EQUIVALENCE.format(framework=wildcards.framework, recipe=recipe)
        return f"{folder}/{file.format(precision=recipe_of(wildcards)['precision'])}"

    return path


def gate_of(wildcards):
    """Return the file that says whether a framework may run with a recipe.

    Ancient: a gate that is judged anew, because the reference has changed, runs nothing again by itself.
    """
    return ancient(equivalence_of("gate.json")(wildcards))


def left_out_flag(wildcards):
    """Return the launcher's flag for a framework that its gate does not let through.

    Read when the gate is there. What it says is thereby recorded as a parameter, and where that
    changes, the framework's runs are run again; as a function of the input it would not be recorded.
    """
    gate = Path(equivalence_of("gate.json")(wildcards).replace("<results>", str(RESULTS)))
    reason = json.loads(gate.read_text())["left_out"] if gate.exists() else None
    return ["--left-out", reason] if reason else []


def command_of(role, wildcards):
    """Return how a framework's program is started, with paths relative to the workflow's folder."""
    return FRAMEWORKS[wildcards.framework][role]["command"].format(
        folder=descriptions.FRAMEWORKS / wildcards.framework,
        environment=Path(environment_of(wildcards)).parent,
    )


def folders_of(wildcards):
    """Return the folders of all runs of a framework with a recipe."""
    return RUN_FOLDERS[wildcards.framework, wildcards.recipe]


def reference_runs(wildcards):
    """Return the reference's table of runs with a recipe, which those of others are flagged by."""
    if wildcards.framework == REFERENCE or (REFERENCE, wildcards.recipe) not in RUN_FOLDERS:
        return []
    return f"<results>/runs/{REFERENCE}/{wildcards.recipe}/runs.csv"


def repetitions(metric, recipe, frameworks):
    """Return by framework and network how many runs a figure has; those of times are timed."""
    counts = {framework: Counter() for framework in frameworks}
    for run, timed in RUNS.items():
        if run.recipe == recipe and run.framework in counts and (timed or metric == "accuracy"):
            counts[run.framework][run.network] += 1
    return counts


def prepare_flag(wildcards):
    """Return the audit's flag for a framework that must prepare its data."""
    if "prepare" not in FRAMEWORKS[wildcards.framework]:
        return []
    return ["--prepare", command_of("prepare", wildcards)]


def gate_programs(role):
    """Return a params function: how a program, and the one that it needs before, are started."""

    def commands(wildcards):
        roles = [each for each in ("prepare", role) if each in FRAMEWORKS[wildcards.framework]]
        return json.dumps({each: command_of(each, wildcards) for each in roles})

    return commands


def prepare_program(wildcards):
    """Return the files of the program that makes a framework's own store, if it has one."""
    has_one = "prepare" in FRAMEWORKS[wildcards.framework]
    return program("prepare")(wildcards) if has_one else []


def gate_settings(wildcards):
    """Return a recipe as its gate has it; the cases decide the epochs."""
    return {**recipe_of(wildcards), "epochs": 0, "precision": wildcards.precision}


def checked_out_commit():
    """Return the commit that is checked out, or nothing; the script says what is missing."""
    try:
        command = ["git", "rev-parse", "HEAD"]
        return subprocess.run(command, capture_output=True, text=True).stdout.strip()
    except OSError:
        return ""
