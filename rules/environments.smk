"""The environments of the frameworks. Each leaves a handle, environment.json, which its programs are started with.

With `--sdm conda`, Snakemake deploys `envs/<environment>.yaml`. Without it, the workflow builds the same from this file
and those beside it, `.jars` and `.parts` (scripts/environments/ says how). An environment that lies behind a link is
shared with other checkouts: it is used as it is, or refused.
"""

# A part of the command, which the shell expands, and the folder of conda's environments, which cannot be moved. They
# are parameters, so that an environment is built again if this folder or the way of deployment changes.
CONDA = (
    {
        "conda": '--conda-prefix "$CONDA_PREFIX"',
        "conda_folder": os.path.abspath(workflow.deployment_settings.conda_prefix or ".snakemake/conda"),
    }
    if DEPLOYED_BY_CONDA
    else {"conda": ""}
)

# No rule makes the handles of these environments. Otherwise Snakemake would delete a handle before it starts the job.
SHARED_ENVIRONMENTS = shared_environments.names()
# The Snakemake that writes the report is started by one that has already checked this, perhaps with conda.
if "SNAKEMAKE_PROCESS" not in os.environ:
    with one_sentence():
        used = [name for name in USED_ENVIRONMENTS if name in SHARED_ENVIRONMENTS]
        shared_environments.check(used, CONDA.get("conda_folder"))


# A shell command, because conda activates this environment for the job and would run a script with its Python.
rule environment:
    input:
        file="envs/{environment}.yaml",
        beside=lambda wildcards: [
            path for ending in ("jars", "parts") if (path := Path(f"envs/{wildcards.environment}.{ending}")).exists()
        ],
        code=sorted(Path("scripts/environments").glob("*.py")),
    output:
        ENVIRONMENT,
    log:
        "logs/environments/{environment}.log",
    wildcard_constraints:
        environment=rf"(?!(?:{'|'.join(map(re.escape, SHARED_ENVIRONMENTS))})/)[A-Za-z0-9._-]+",
    # Never on a cluster's nodes, which have no network.
    localrule: True
    conda:
        "../envs/{environment}.yaml"
    params:
        **CONDA,
        # Snakemake's Python by its path, because `python` may be conda's.
        python=unrecorded(sys.executable),
        program_folders=unrecorded(config["program_folders"]),
        folder=subpath(output[0], parent=True),
    shell:
        "{params.python:q} scripts/environments/build.py --file {input.file:q} --folder {params.folder:q}"
        " {params.conda} --program-folders {params.program_folders:q} > {log:q} 2>&1"
