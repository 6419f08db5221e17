"""The environments of the frameworks, and of the workflow's own scripts.

Needs `envs/<environment>.yaml`: exact pins, as a conda environment file. An environment of Java
also has the list of its jars, `envs/<environment>.jars`. Leaves
`resources/environments/<environment>/environment.json`, the handle that a program is started with
(its folders for the PATH, its Python and packages), and `bin/python` beside it. With `--sdm conda`
the environment is the one that Snakemake has deployed; without, uv builds it from the same file, and what
pip does not carry is taken from the release of Debian that a framework's description names.
"""

import sys

from snakemake.settings.types import DeploymentMethod

# The interpreter that Snakemake itself runs with: there before any environment is.
SNAKEMAKE_PYTHON = sys.executable

DEPLOYED_BY_CONDA = (
    workflow.deployment_settings is not None
    and DeploymentMethod.CONDA in workflow.deployment_settings.deployment_method
)


def debian_of(wildcards):
    """Return the flag with what an environment takes from a release of Debian, for no conda."""
    for description in FRAMEWORKS.values():
        if description["environment"] == wildcards.environment and "debian" in description:
            return ["--debian", json.dumps(description["debian"])]
    return []


rule environment:
    input:
        file="envs/{environment}.yaml",
        jars=lambda wildcards: list(Path("envs").glob(f"{wildcards.environment}.jars")),
        script="scripts/build_environment.py",
        java="scripts/java_environment.py",
    output:
        "resources/environments/{environment}/environment.json",
    log:
        "logs/environments/{environment}.log",
    conda:
        "../envs/{environment}.yaml"
    params:
        # By its path: where conda has activated an environment, `python` is that one's. As a
        # function of the output it is not recorded: where Snakemake stands is no reason to rerun.
        python=lambda wildcards, output: SNAKEMAKE_PYTHON,
        folder=subpath(output[0], parent=True),
        python_folders=config["python_folders"],
        debian=debian_of,
        # Parts of the command, expanded by the shell. As a parameter, so that the environment is
        # made anew when the way of deployment changes.
        conda='--conda-prefix "$CONDA_PREFIX"' if DEPLOYED_BY_CONDA else "",
    message:
        "Making the environment {wildcards.environment}"
    shell:
        "{params.python:q} {input.script:q} --file {input.file:q} --folder {params.folder:q}"
        " {params.conda} {params.debian:q} --python-folders {params.python_folders:q} > {log:q} 2>&1"
