"""What all stages share: the checked configuration, its runs, and the paths of files."""

import json
import os
import re
import shlex
from pathlib import Path

import psutil
from common import forked_scripts, lacking, links, progress, rate_limit, shared_environments, stale_lock
from configuration import check, experiments
from configuration.plan import TEST_IMAGES, Plan
from shared import descriptions, efficiency
from shared.dataset import dataset
from shared.labels import recipe_label
from shared.script import one_sentence, write_json
from shared.strict_yaml import read_yaml
from snakemake.logging import logger
from snakemake.settings.types import DeploymentMethod

# A dry run needs these links too.
with one_sentence():
    links.make(HOME)

# If Snakemake was killed, the plain command continues without --unlock. Snakemake takes its lock before it calls any
# hook of the workflow, so a stale lock must be cleared here. A lock that a running Snakemake holds is kept.
if workflow.is_main_process and not workflow.output_settings.dryrun:
    RUNNING = stale_lock.clear(Path(".snakemake"))

# A cluster's jobs are queued for its nodes; the others are started here. `remote_exec`: this process is such a job.
ON_CLUSTER = workflow.resource_settings.nodes is not None or workflow.remote_exec
PROCESSORS = len(os.sched_getaffinity(0))
# More jobs than processors only slow each other down. `--cores 8` is therefore fine on a machine with two.
if workflow.is_main_process and not ON_CLUSTER:
    workflow.global_resources["_cores"] = min(workflow.cores, PROCESSORS)

# The cores that one job can have: those of this machine or, on a cluster, of a whole node.
CORES = workflow.cores if ON_CLUSTER else min(workflow.cores, PROCESSORS)

# The machine that runs all jobs. It is unknown on a cluster, and in the process of a job, which may be a cluster's.
MACHINE = (
    check.Machine(psutil.virtual_memory().total, PROCESSORS) if workflow.is_main_process and not ON_CLUSTER else None
)

DEPLOYED_BY_CONDA = (
    workflow.deployment_settings is not None
    and DeploymentMethod.CONDA in workflow.deployment_settings.deployment_method
)

ENVIRONMENT = descriptions.HANDLE
# What timing side by side costs on this machine. Do not mark it `ancient`: while Snakemake remakes an ancient input,
# it ignores all other reasons to rerun what depends on it.
LANES = "<results>/lanes.json"
# The framework that the others are compared with.
REFERENCE = "numpy"

with one_sentence():
    if not DEPLOYED_BY_CONDA:
        lacking.check_packages(HOME / "requirements.txt")
    FRAMEWORKS = descriptions.read_all()
    check.check(config, FRAMEWORKS, CONFIGURATION_FILES, MACHINE)
    PLAN = Plan(config, FRAMEWORKS)
    # With conda nothing is lacking, and no framework runs if a published run is judged again.
    SKIPPED = {} if DEPLOYED_BY_CONDA or "rejudge" in config else lacking.by_framework(PLAN)
    PLAN = PLAN.without(SKIPPED)

LABELS = {name: description["label"] for name, description in FRAMEWORKS.items()}
for framework, missing in SKIPPED.items() if workflow.is_main_process else ():
    logger.warning(f"Skipping {LABELS[framework]}: {missing}")
# The names of frameworks and recipes in figures and sentences.
NAMES = LABELS | {name: recipe_label(name, recipe.get("of"), LABELS) for name, recipe in PLAN.recipes.items()}
USED_FRAMEWORKS = PLAN.used_frameworks
# The frameworks in line counts, table 1 and the paper's figures. A variant has the programs of its original.
SHOWN_FRAMEWORKS = list(dict.fromkeys(FRAMEWORKS[name].get("variant_of", name) for name in USED_FRAMEWORKS))
DESCRIPTIONS = [descriptions.path_of(name) for name in SHOWN_FRAMEWORKS]
USED_DESCRIPTIONS = [descriptions.path_of(name) for name in USED_FRAMEWORKS]
USED_ENVIRONMENTS = list(dict.fromkeys(FRAMEWORKS[name]["environment"] for name in [*USED_FRAMEWORKS, REFERENCE]))
DATASET = dataset(config)
# Without the types of Snakemake, which differ between what it has read from YAML and from JSON.
PLAIN_CONFIG = json.loads(json.dumps(config))
# The recipe and the networks of the paper's figures.
FIGURE_RECIPE = config["figures"]["recipe"]
FIGURE_NETWORKS = list(dict.fromkeys(run.network for run in PLAN.runs if run.recipe == FIGURE_RECIPE))
# The speed-up is measured with these numbers of threads and these frameworks. It needs two numbers or more.
THREAD_COUNTS = [n for n in config["speedup"]["compute_threads"] if n <= CORES]
SPEEDUP_FRAMEWORKS = PLAN.sped_up(THREAD_COUNTS)

# The paths of `<results>` and `<logs>`, where no rule expands them.
RESULTS = Path(workflow.pathvars.apply("<results>"))
LOGS = Path(workflow.pathvars.apply("<logs>"))
RUN = "<results>/runs/{framework}/{recipe}/{network}/{seed}"
RUN_LOGS = "<logs>/runs/{framework}/{recipe}/{network}/{seed}"

# Scripts import each other by their paths below scripts/, and Snakemake starts them with its own Python.
SCRIPT_VARIABLES = {"PYTHONPATH": os.path.abspath("scripts"), "SNAKEMAKE_PROCESS": str(os.getpid())}
EXPORTED = " ".join(f"{name}={shlex.quote(value)}" for name, value in SCRIPT_VARIABLES.items())
# With a prefix, Snakemake leaves out its own `set -euo pipefail`.
shell.prefix(f"set -euo pipefail; export {EXPORTED}; ")


wildcard_constraints:
    framework="|".join(map(re.escape, FRAMEWORKS)),
    recipe="|".join(map(re.escape, PLAN.recipes)),
    variant="|".join(map(re.escape, config["data_variants"])),
    network=r"[a-z]+-\d+x\d+",
    seed=r"\d+",
    part=r"train|train-sample|train-\d+|test",
    precision="float32|float64",
    environment=r"[A-Za-z0-9._-]+",


# The results that the page and the report are made of, and that an archive holds.
SHOWN = []


def kept(path, when=True, **wildcards):
    """Add a result to `SHOWN`, for all values of its wildcards, unless ``when`` is false or empty."""
    if when:
        SHOWN.extend(expand(path, **wildcards))
    return path


def shown(path, category, caption=None, when=True, each=None, **labels):
    """Add a result to `SHOWN` (see `kept`) and to the report.

    Its caption is the file in report/ with its name, or with the name `caption`. `each` has the values of its
    wildcards.
    """
    caption = f"report/{caption or Path(path).stem}.rst"
    known = (HOME / caption).exists()
    return report(
        kept(path, when, **(each or {})),
        caption=f"../{caption}" if known else None,
        category=category,
        labels=labels,
    )


def drawn(path, category, when=True, each=None, **labels):
    """Return the two files of a figure, SVG and PNG; the report shows the PNG (see `shown`)."""
    return {
        "svg": kept(f"{path}.svg", when, **(each or {})),
        "png": shown(f"{path}.png", category, when=when, each=each, **labels),
    }


def written(path, category, when=True, **labels):
    """Return the two files of a table, CSV and Markdown; the report shows the CSV (see `shown`)."""
    return {"csv": shown(f"{path}.csv", category, when=when, **labels), "markdown": kept(f"{path}.md", when)}


def unrecorded(value):
    """Return a parameter that reruns nothing: Snakemake does not record what functions of the output return."""
    return lambda wildcards, output: value


def columns_of(table):
    """Return the columns of a table that has a schema."""
    return list(read_yaml(HOME / f"schemas/{table}.schema.yaml")["properties"])
