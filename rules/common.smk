"""What every stage shares: the checked configuration, its runs, and where things stand."""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(workflow.basedir) / "scripts"))

import configuration
from common import InputError
from snakemake.exceptions import WorkflowError

try:
    FRAMEWORKS = configuration.read_frameworks()
    configuration.check(config, FRAMEWORKS)
except InputError as error:
    raise WorkflowError(str(error)) from None

RUNS = configuration.runs(config)
USED_FRAMEWORKS = list(dict.fromkeys(run.framework for run in RUNS))
USED_ENVIRONMENTS = list(dict.fromkeys(FRAMEWORKS[name]["environment"] for name in USED_FRAMEWORKS))

ENVIRONMENT = "resources/environments/{environment}/environment.json"
# The interpreter of the workflow's own scripts, whatever Snakemake itself was installed with.
PYTHON = "resources/environments/workflow/bin/python"
WORKFLOW_ENVIRONMENT = ENVIRONMENT.format(environment="workflow")
RUN = "<results>/runs/{framework}/{recipe}/{network}/{seed}"


wildcard_constraints:
    framework="|".join(map(re.escape, FRAMEWORKS)),
    recipe="|".join(map(re.escape, config["recipes"])),
    variant="|".join(map(re.escape, config["data_variants"])),
    network=r"[a-z]+-\d+x\d+",
    seed=r"\d+",
    environment=r"[A-Za-z0-9._-]+",
    number=r"\d\d",


def recipe_of(wildcards):
    return config["recipes"][wildcards.recipe]


def data_of(wildcards, file):
    """Return the path of a file of the data variant that a recipe asks for."""
    return f"<results>/data/{recipe_of(wildcards)['data']}/{file}"


def inputs_of(wildcards):
    """Return how many numbers a network of this recipe sees: the pixels of its data variant."""
    return config["data_variants"][recipe_of(wildcards)["data"]]["image_size"] ** 2
