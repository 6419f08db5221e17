"""The speed of each framework's arithmetic, told from the width sweep: in 2016 and here.

Needs the runs table. Leaves results/tables/arithmetic and results/figures/arithmetic.
"""

TABLES += expand("<results>/tables/arithmetic.{ending}", ending=["csv", "md"])
FIGURES += expand("<results>/figures/arithmetic.{ending}", ending=["svg", "png"])


rule arithmetic:
    input:
        runs="<results>/tables/runs.csv",
        published="reference/published.csv",
        timed="reference/timed-2016.yaml",
        recipes_2016="reference/recipes-2016.yaml",
        script="scripts/arithmetic/table.py",
        modules=modules_of("scripts/arithmetic/table.py"),
        workflow_environment=WORKFLOW_ENVIRONMENT,
    output:
        csv=report(
            "<results>/tables/arithmetic.csv",
            caption="../report/arithmetic.rst",
            category="Tables",
            labels={"table": "Speed of the arithmetic"},
        ),
        markdown="<results>/tables/arithmetic.md",
    log:
        "<logs>/tables/arithmetic.log",
    conda:
        "../envs/workflow.yaml"
    params:
        configuration=json.dumps(
            {"recipes": RECIPES, "data_variants": config["data_variants"]}, sort_keys=True
        ),
    message:
        "Tell the speed of the arithmetic from the width sweep"
    shell:
        "python {input.script:q} --runs {input.runs:q} --published {input.published:q} "
        "--timed {input.timed:q} --recipes-2016 {input.recipes_2016:q} "
        "--configuration {params.configuration:q} "
        "--csv {output.csv:q} --markdown {output.markdown:q} > {log:q} 2>&1"


rule figure_arithmetic:
    input:
        table="<results>/tables/arithmetic.csv",
        lines="reference/lines_of_code.csv",
        frameworks=USED_DESCRIPTIONS,
        script="scripts/arithmetic/figure.py",
        modules=modules_of("scripts/arithmetic/figure.py"),
        workflow_environment=WORKFLOW_ENVIRONMENT,
    output:
        svg="<results>/figures/arithmetic.svg",
        png=report(
            "<results>/figures/arithmetic.png",
            caption="../report/arithmetic.rst",
            category="Figures",
            labels={"figure": "arithmetic", "shows": "speed of the arithmetic"},
        ),
    log:
        "<logs>/figures/arithmetic.log",
    conda:
        "../envs/workflow.yaml"
    message:
        "Draw the speed of the arithmetic"
    shell:
        "python {input.script:q} --table {input.table:q} --lines {input.lines:q} "
        "--frameworks {input.frameworks:q} --svg {output.svg:q} --png {output.png:q} > {log:q} 2>&1"
