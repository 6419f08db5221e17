"""The audit: which kernels each framework's matrix products run with, and how fast they are.

Needs the frameworks' environments and nothing else: the images are made up. Leaves results/audit/<framework>.json
and the table of all, results/tables/environments.csv and .md.
"""


rule audit:
    input:
        prepare_program,
        program("train"),
        environment=environment_of,
        script="scripts/audit/kernels.py",
        modules=modules_of("scripts/audit/kernels.py"),
        schema="schemas/audit.schema.yaml",
        workflow_environment=ancient(WORKFLOW_ENVIRONMENT),
    output:
        "<results>/audit/{framework}.json",
    log:
        "<logs>/audit/{framework}.log",
    conda:
        environment_file_of
    # Timed, so that nothing runs beside it.
    threads: all_cores
    params:
        compute_threads=config["measurement"]["compute_threads"],
        limits=limits,
        description=description_of,
        prepare=prepare_flag,
        command=lambda wildcards: command_of("train", wildcards),
    message:
        "Audit {wildcards.framework}"
    shell:
        "python {input.script:q} --compute-threads {params.compute_threads} "
        "{params.limits} --description {params.description:q} "
        "--environment {input.environment:q} {params.prepare:q} --schema {input.schema:q} "
        "--output {output:q} -- {params.command} > {log:q} 2>&1"


rule audit_table:
    input:
        audits=expand("<results>/audit/{framework}.json", framework=USED_FRAMEWORKS),
        frameworks=USED_DESCRIPTIONS,
        script="scripts/audit/table.py",
        modules=modules_of("scripts/audit/table.py"),
        workflow_environment=WORKFLOW_ENVIRONMENT,
    output:
        csv=report(
            "<results>/tables/environments.csv",
            category="Tables",
            labels={"table": "Environments and kernels"},
        ),
        markdown="<results>/tables/environments.md",
    log:
        "<logs>/tables/environments.log",
    conda:
        "../envs/workflow.yaml"
    params:
        one_processor=ONE_PROCESSOR,
    message:
        "Put the audits into one table"
    shell:
        "python {input.script:q} --audits {input.audits:q} --frameworks {input.frameworks:q} "
        "{params.one_processor} "
        "--csv {output.csv:q} --markdown {output.markdown:q} > {log:q} 2>&1"
