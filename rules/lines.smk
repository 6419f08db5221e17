"""Lines of code: what each framework's programs consist of, counted.

Needs only the framework folders. Leaves results/tables/lines_of_code.csv.
"""


rule lines_of_code:
    input:
        [
            file
            for name in SHOWN_FRAMEWORKS
            for file in descriptions.source_files(descriptions.path_of(name), FRAMEWORKS[name])
        ],
        frameworks=DESCRIPTIONS,
        script="scripts/lines/count.py",
        modules=modules_of("scripts/lines/count.py"),
        workflow_environment=WORKFLOW_ENVIRONMENT,
    output:
        report(
            "<results>/tables/lines_of_code.csv",
            category="Tables",
            labels={"table": "Lines of code"},
        ),
    log:
        "<logs>/tables/lines_of_code.log",
    conda:
        "../envs/workflow.yaml"
    message:
        "Count the lines of code"
    shell:
        "python {input.script:q} --frameworks {input.frameworks:q} --output {output:q} > {log:q} 2>&1"
