"""Tables: all runs, their summary, the data dictionary, and the paper's table 1.

Needs the table of each framework with each recipe, and the line counts. Leaves results/tables/.
"""

TABLES = expand(
    "<results>/tables/{table}",
    table=[
        "runs.csv",
        "left-out-runs.csv",
        "runs-columns.md",
        "summary.csv",
        "lines_of_code.csv",
        "table-1.csv",
        "table-1.md",
        "environments.csv",
        "environments.md",
    ],
)


PAIR_FOLDERS = [f"<results>/runs/{framework}/{recipe}" for framework, recipe in RUN_FOLDERS]


rule merge_runs:
    input:
        tables=expand("{pair}/runs.csv", pair=PAIR_FOLDERS),
        script="scripts/merge_tables.py",
        modules=modules_of("scripts/merge_tables.py"),
        workflow_environment=WORKFLOW_ENVIRONMENT,
    output:
        report("<results>/tables/runs.csv", category="Tables", labels={"table": "All runs"}),
    log:
        "<logs>/tables/runs.log",
    conda:
        "../envs/workflow.yaml"
    params:
        one_processor=ONE_PROCESSOR,
    message:
        "Put all runs into one table"
    shell:
        "python {input.script:q} {input.tables:q} {params.one_processor} --output {output:q} "
        "> {log:q} 2>&1"


rule merge_left_out:
    input:
        tables=expand("{pair}/left-out.csv", pair=PAIR_FOLDERS),
        script="scripts/merge_tables.py",
        modules=modules_of("scripts/merge_tables.py"),
        workflow_environment=WORKFLOW_ENVIRONMENT,
    output:
        report(
            "<results>/tables/left-out-runs.csv",
            caption="../report/equivalence.rst",
            category="Equivalence",
            labels={"table": "Runs left out"},
        ),
    log:
        "<logs>/tables/left-out-runs.log",
    conda:
        "../envs/workflow.yaml"
    message:
        "List the runs that were left out"
    shell:
        "python {input.script:q} {input.tables:q} --output {output:q} > {log:q} 2>&1"


rule data_dictionary:
    input:
        schema="schemas/runs.schema.yaml",
        script="scripts/data_dictionary.py",
        workflow_environment=WORKFLOW_ENVIRONMENT,
    output:
        "<results>/tables/runs-columns.md",
    log:
        "<logs>/tables/runs-columns.log",
    conda:
        "../envs/workflow.yaml"
    message:
        "Say what each column means"
    shell:
        "python {input.script:q} --schema {input.schema:q} --output {output:q} > {log:q} 2>&1"


rule summary:
    input:
        runs="<results>/tables/runs.csv",
        script="scripts/summary.py",
        workflow_environment=WORKFLOW_ENVIRONMENT,
    output:
        report("<results>/tables/summary.csv", category="Tables", labels={"table": "Summary"}),
    log:
        "<logs>/tables/summary.log",
    conda:
        "../envs/workflow.yaml"
    message:
        "Summarise the repetitions"
    shell:
        "python {input.script:q} --runs {input.runs:q} --output {output:q} > {log:q} 2>&1"


rule table_1:
    input:
        lines="<results>/tables/lines_of_code.csv",
        published="reference/lines_of_code.csv",
        frameworks=DESCRIPTIONS,
        script="scripts/table_1.py",
        modules=modules_of("scripts/table_1.py"),
        workflow_environment=WORKFLOW_ENVIRONMENT,
    output:
        csv=report("<results>/tables/table-1.csv", category="Tables", labels={"table": "Table 1"}),
        markdown="<results>/tables/table-1.md",
    log:
        "<logs>/tables/table-1.log",
    conda:
        "../envs/workflow.yaml"
    message:
        "Write table 1"
    shell:
        "python {input.script:q} --lines {input.lines:q} --published {input.published:q} "
        "--frameworks {input.frameworks:q} --csv {output.csv:q} --markdown {output.markdown:q} "
        "> {log:q} 2>&1"
