"""Publish: a finished run in one archive, and what describes it for others' programs.

Needs all tables and figures and the report, and a Git checkout without uncommitted changes. Leaves
results/archive.zip (docs/publishing.md); no other rule needs it.
"""

import importlib.metadata

ARCHIVE = "<results>/archive.zip"


rule publish:
    input:
        results=[TABLES, FIGURES, GATES, ANALYSIS, VERDICTS, REPORT],
        script="scripts/publish/archive.py",
        shared="scripts/publish/ro_crate.py",
        workflow_environment=WORKFLOW_ENVIRONMENT,
    output:
        ARCHIVE,
    log:
        "<logs>/publish.log",
    conda:
        "../envs/workflow.yaml"
    params:
        # Another commit is another archive.
        commit=lambda wildcards: checked_out_commit(),
        # In its own order, which the order of frameworks in tables and figures follows.
        configuration=lambda wildcards: json.dumps(config),
        folder=subpath(output[0], parent=True),
        # As a function of the output it is not recorded.
        snakemake=lambda wildcards, output: importlib.metadata.version("snakemake"),
    message:
        "Pack what is published"
    shell:
        "python {input.script:q} --results {params.folder:q} --files {input.results:q} "
        "--configuration {params.configuration:q} --environment {input.workflow_environment:q} "
        "--snakemake {params.snakemake} --output {output:q} > {log:q} 2>&1"
