"""Verdicts: what was published, judged by our runs, and whether our repetitions are any.

Needs the runs table, the line counts and the initial weights. Leaves results/tables/verdicts-numbers,
verdicts and independence as CSV and Markdown, and results/figures/verdicts as SVG and PNG.
"""

VERDICTS = [
    *expand(
        "<results>/tables/{table}.{ending}",
        table=["verdicts-numbers", "verdicts", "independence"],
        ending=["csv", "md"],
    ),
    *expand("<results>/figures/verdicts.{ending}", ending=["svg", "png"]),
]


# What recipes declare of their repetitions: the same for all three judges.
DECLARATIONS = {
    "--same-seed": lambda recipe: recipe.get("repetitions") == "same-seed",
    "--carried-over": lambda recipe: recipe.get("repetitions") == "carried-over",
    "--rounded": lambda recipe: "decimals" in recipe["accuracy"]["rule"],
}
BASIS_FLAGS = [
    word
    for flag, declares in DECLARATIONS.items()
    for word in (flag, *(name for name, recipe in RECIPES.items() if declares(recipe)))
]
BASIS_FLAGS += ["--own", json.dumps(OWN_RECIPES)]

# Where an ablation changes nothing but the initial weights of an original's recipe.
INITIALISATION_ONLY = [
    f"{RECIPES[start]['of']}={ABLATION_FRAMEWORKS[0]}/{step['alone']}"
    for start, steps in ABLATIONS.items()
    for step in steps
    if ABLATION_FRAMEWORKS and "of" in RECIPES[start] and step["change"] == "initialisation"
]


rule verdicts_numbers:
    input:
        runs="<results>/tables/runs.csv",
        published="reference/published.csv",
        recipes_2016="reference/recipes-2016.yaml",
        frameworks=DESCRIPTIONS,
        script="scripts/verdicts/numbers.py",
        modules=modules_of("scripts/verdicts/numbers.py"),
        workflow_environment=WORKFLOW_ENVIRONMENT,
    output:
        csv=report(
            "<results>/tables/verdicts-numbers.csv",
            caption="../report/verdicts-numbers.rst",
            category="Verdicts",
            labels={"table": "Published numbers"},
        ),
        markdown="<results>/tables/verdicts-numbers.md",
    log:
        "<logs>/tables/verdicts-numbers.log",
    conda:
        "../envs/workflow.yaml"
    params:
        basis=BASIS_FLAGS,
    message:
        "Judge the published numbers"
    shell:
        "python {input.script:q} --runs {input.runs:q} --published {input.published:q} "
        "--recipes-2016 {input.recipes_2016:q} --frameworks {input.frameworks:q} {params.basis:q} "
        "--csv {output.csv:q} --markdown {output.markdown:q} > {log:q} 2>&1"


rule figure_verdicts:
    input:
        verdicts="<results>/tables/verdicts-numbers.csv",
        lines="reference/lines_of_code.csv",
        script="scripts/verdicts/figure.py",
        modules=modules_of("scripts/verdicts/figure.py"),
        workflow_environment=WORKFLOW_ENVIRONMENT,
    output:
        svg="<results>/figures/verdicts.svg",
        png=report(
            "<results>/figures/verdicts.png",
            caption="../report/figure-verdicts.rst",
            category="Verdicts",
            labels={"figure": "Published numbers at a glance"},
        ),
    log:
        "<logs>/figures/verdicts.log",
    conda:
        "../envs/workflow.yaml"
    message:
        "Draw the verdicts on the published numbers"
    shell:
        "python {input.script:q} --verdicts {input.verdicts:q} --lines {input.lines:q} "
        "--svg {output.svg:q} --png {output.png:q} > {log:q} 2>&1"


rule verdicts_statements:
    input:
        runs="<results>/tables/runs.csv",
        statements="reference/statements.yaml",
        published="reference/published.csv",
        recipes_2016="reference/recipes-2016.yaml",
        published_lines="reference/lines_of_code.csv",
        lines="<results>/tables/lines_of_code.csv",
        script="scripts/verdicts/statements.py",
        modules=modules_of("scripts/verdicts/statements.py"),
        workflow_environment=WORKFLOW_ENVIRONMENT,
    output:
        csv=report(
            "<results>/tables/verdicts.csv",
            caption="../report/verdicts.rst",
            category="Verdicts",
            labels={"table": "Statements"},
        ),
        markdown="<results>/tables/verdicts.md",
    log:
        "<logs>/tables/verdicts.log",
    conda:
        "../envs/workflow.yaml"
    params:
        basis=BASIS_FLAGS,
        initialisation_only=INITIALISATION_ONLY,
        as_tanh=[
            name
            for name, recipe in RECIPES.items()
            if recipe.get("activations", {}).get("tanh", "tanh") == "tanh"
        ],
    message:
        "Judge the paper's statements"
    shell:
        "python {input.script:q} --runs {input.runs:q} --statements {input.statements:q} "
        "--published {input.published:q} --published-lines {input.published_lines:q} "
        "--lines {input.lines:q} --recipes-2016 {input.recipes_2016:q} {params.basis:q} "
        "--initialisation-only {params.initialisation_only:q} --as-tanh {params.as_tanh:q} "
        "--csv {output.csv:q} --markdown {output.markdown:q} > {log:q} 2>&1"


rule independence_audit:
    input:
        runs="<results>/tables/runs.csv",
        published="reference/published.csv",
        recipes_2016="reference/recipes-2016.yaml",
        # A function is not asked where another job is run, as in every job of a cluster.
        weights=lambda wildcards: list(
            dict.fromkeys(
                f"<results>/initial-weights/{run.recipe}/{run.network}/{run.seed}.f32"
                for run in RUNS
            )
        ),
        script="scripts/verdicts/independence.py",
        modules=modules_of("scripts/verdicts/independence.py"),
        workflow_environment=WORKFLOW_ENVIRONMENT,
    output:
        csv=report(
            "<results>/tables/independence.csv",
            caption="../report/independence.rst",
            category="Verdicts",
            labels={"table": "Independence"},
        ),
        markdown="<results>/tables/independence.md",
    log:
        "<logs>/tables/independence.log",
    conda:
        "../envs/workflow.yaml"
    params:
        # The files themselves would be too many for a command line.
        weights=lambda wildcards, input: Path(input.weights[0]).parents[2],
        basis=BASIS_FLAGS,
    message:
        "Look for repetitions that are none"
    shell:
        "python {input.script:q} --runs {input.runs:q} --published {input.published:q} "
        "--recipes-2016 {input.recipes_2016:q} "
        "--initial-weights {params.weights:q} {params.basis:q} "
        "--csv {output.csv:q} --markdown {output.markdown:q} > {log:q} 2>&1"
