"""Analysis: which framework, or which recipe; what the clocks of 2016 and their times tell.

Needs the runs table. Leaves results/tables/variance, opening-sentence, ablation and timed-in-2016,
and results/figures/variance, recipes, learning-curves, and ablation-RECIPE for each recipe that
an ablation starts from.

Every experiment whose name begins with `cross`, `ablation` or `learning-curves` belongs to that part.
"""

CROSS = {
    factor: of_experiments("cross", factor) for factor in ("frameworks", "recipes", "networks")
}
ABLATIONS = configuration.ablations(config)
LEARNING_CURVES = configuration.learning_curves(config)
# The waterfall and the curves are drawn for one framework: the first one of the experiment.
ABLATION_FRAMEWORKS = of_experiments("ablation", "frameworks")
CURVE_FRAMEWORKS = of_experiments("learning-curves", "frameworks")
# The recipe and the networks that clocks are compared on: the figures' own, a small and a large one.
CLOCK_NETWORKS = [
    network
    for network in ("tanh-1x100", "relu-1x100", "relu-1x1024")
    if network in {run.network for run in RUNS if run.recipe == FIGURE_RECIPE}
]
ANALYSIS = expand("<results>/tables/timed-in-2016.{ending}", ending=["csv", "md"])
if CROSS["frameworks"]:
    ANALYSIS += [
        *expand("<results>/tables/variance.{ending}", ending=["csv", "md"]),
        "<results>/tables/opening-sentence.txt",
        *expand(
            "<results>/figures/{figure}.{ending}",
            figure=["variance", "recipes"],
            ending=["svg", "png"],
        ),
    ]
if ABLATION_FRAMEWORKS:
    ANALYSIS += [
        *expand("<results>/tables/ablation.{ending}", ending=["csv", "md"]),
        *expand(
            "<results>/figures/ablation-{start}.{ending}", start=ABLATIONS, ending=["svg", "png"]
        ),
    ]
if CURVE_FRAMEWORKS:
    ANALYSIS += expand("<results>/figures/learning-curves.{ending}", ending=["svg", "png"])


rule variance:
    input:
        runs="<results>/tables/runs.csv",
        script="scripts/analysis/variance.py",
        modules=modules_of("scripts/analysis/variance.py"),
        workflow_environment=WORKFLOW_ENVIRONMENT,
    output:
        csv=report(
            "<results>/tables/variance.csv",
            caption="../report/variance.rst",
            category="Analysis",
            labels={"table": "Variance of accuracy"},
        ),
        markdown="<results>/tables/variance.md",
    log:
        "<logs>/tables/variance.log",
    conda:
        "../envs/workflow.yaml"
    params:
        **CROSS,
    message:
        "Share the variance of accuracy out to recipe, framework and seed"
    shell:
        "python {input.script:q} --runs {input.runs:q} --frameworks {params.frameworks:q} "
        "--recipes {params.recipes:q} --networks {params.networks:q} "
        "--csv {output.csv:q} --markdown {output.markdown:q} > {log:q} 2>&1"


rule opening_sentence:
    input:
        runs="<results>/tables/runs.csv",
        variance="<results>/tables/variance.csv",
        script="scripts/analysis/opening_sentence.py",
        modules=modules_of("scripts/analysis/opening_sentence.py"),
        workflow_environment=WORKFLOW_ENVIRONMENT,
    output:
        "<results>/tables/opening-sentence.txt",
    log:
        "<logs>/tables/opening-sentence.log",
    conda:
        "../envs/workflow.yaml"
    params:
        **CROSS,
    message:
        "Write what the report opens with"
    shell:
        "python {input.script:q} --variance {input.variance:q} --runs {input.runs:q} "
        "--frameworks {params.frameworks:q} --recipes {params.recipes:q} "
        "--networks {params.networks:q} --output {output:q} > {log:q} 2>&1"


rule figure_variance:
    input:
        table="<results>/tables/variance.csv",
        script="scripts/analysis/figure_variance.py",
        modules=modules_of("scripts/analysis/figure_variance.py"),
        workflow_environment=WORKFLOW_ENVIRONMENT,
    output:
        svg="<results>/figures/variance.svg",
        png=report(
            "<results>/figures/variance.png",
            caption="../report/variance.rst",
            category="Analysis",
            labels={"figure": "Variance of accuracy"},
        ),
    log:
        "<logs>/figures/variance.log",
    conda:
        "../envs/workflow.yaml"
    message:
        "Draw the shares of the variance"
    shell:
        "python {input.script:q} --table {input.table:q} "
        "--svg {output.svg:q} --png {output.png:q} > {log:q} 2>&1"


rule figure_recipes:
    input:
        runs="<results>/tables/runs.csv",
        lines="reference/lines_of_code.csv",
        frameworks=[descriptions.path_of(name) for name in CROSS["frameworks"]],
        script="scripts/analysis/figure_recipes.py",
        modules=modules_of("scripts/analysis/figure_recipes.py"),
        workflow_environment=WORKFLOW_ENVIRONMENT,
    output:
        svg="<results>/figures/recipes.svg",
        png=report(
            "<results>/figures/recipes.png",
            caption="../report/recipes.rst",
            category="Analysis",
            labels={"figure": "Every framework with every recipe"},
        ),
    log:
        "<logs>/figures/recipes.log",
    conda:
        "../envs/workflow.yaml"
    params:
        recipes=CROSS["recipes"],
        networks=CROSS["networks"],
        own=json.dumps(OWN_RECIPES),
    message:
        "Draw every framework with every recipe"
    shell:
        "python {input.script:q} --runs {input.runs:q} --lines {input.lines:q} "
        "--frameworks {input.frameworks:q} --recipes {params.recipes:q} "
        "--networks {params.networks:q} --own {params.own:q} "
        "--svg {output.svg:q} --png {output.png:q} > {log:q} 2>&1"


rule ablation:
    input:
        runs="<results>/tables/runs.csv",
        script="scripts/analysis/ablation.py",
        modules=modules_of("scripts/analysis/ablation.py"),
        workflow_environment=WORKFLOW_ENVIRONMENT,
    output:
        csv=report(
            "<results>/tables/ablation.csv",
            caption="../report/ablation.rst",
            category="Analysis",
            labels={"table": "Ablation"},
        ),
        markdown="<results>/tables/ablation.md",
    log:
        "<logs>/tables/ablation.log",
    conda:
        "../envs/workflow.yaml"
    params:
        steps=json.dumps(ABLATIONS),
    message:
        "Hold each change of a recipe against what was before it"
    shell:
        "python {input.script:q} --runs {input.runs:q} --steps {params.steps:q} "
        "--csv {output.csv:q} --markdown {output.markdown:q} > {log:q} 2>&1"


rule figure_ablation:
    input:
        runs="<results>/tables/runs.csv",
        table="<results>/tables/ablation.csv",
        script="scripts/analysis/figure_ablation.py",
        modules=modules_of("scripts/analysis/figure_ablation.py"),
        workflow_environment=WORKFLOW_ENVIRONMENT,
    output:
        svg="<results>/figures/ablation-{recipe}.svg",
        png=report(
            "<results>/figures/ablation-{recipe}.png",
            caption="../report/ablation.rst",
            category="Analysis",
            labels={"figure": "Ablation from {recipe}"},
        ),
    log:
        "<logs>/figures/ablation-{recipe}.log",
    conda:
        "../envs/workflow.yaml"
    params:
        framework=ABLATION_FRAMEWORKS[:1],
    message:
        "Draw the ablation from {wildcards.recipe}"
    shell:
        "python {input.script:q} --table {input.table:q} --runs {input.runs:q} "
        "--start {wildcards.recipe:q} --framework {params.framework:q} "
        "--svg {output.svg:q} --png {output.png:q} > {log:q} 2>&1"


rule figure_learning_curves:
    input:
        runs="<results>/tables/runs.csv",
        recipes_2016="reference/recipes-2016.yaml",
        lines="reference/lines_of_code.csv",
        # For the colours of those whose recipes they are.
        frameworks=[
            descriptions.path_of(name)
            for name in dict.fromkeys(RECIPES[recipe].get("of") for recipe in LEARNING_CURVES)
            if name
        ],
        script="scripts/analysis/figure_learning_curves.py",
        modules=modules_of("scripts/analysis/figure_learning_curves.py"),
        workflow_environment=WORKFLOW_ENVIRONMENT,
    output:
        svg="<results>/figures/learning-curves.svg",
        png=report(
            "<results>/figures/learning-curves.png",
            caption="../report/learning-curves.rst",
            category="Analysis",
            labels={"figure": "Learning curves"},
        ),
    log:
        "<logs>/figures/learning-curves.log",
    conda:
        "../envs/workflow.yaml"
    params:
        framework=CURVE_FRAMEWORKS[:1],
        networks=of_experiments("learning-curves", "networks"),
        curves=json.dumps(
            [
                {"recipe": name, "of": RECIPES[name].get("of"), "points": points}
                for name, points in LEARNING_CURVES.items()
            ]
        ),
    message:
        "Draw the learning curves"
    shell:
        "python {input.script:q} --runs {input.runs:q} --lines {input.lines:q} "
        "--frameworks {input.frameworks:q} --framework {params.framework:q} "
        "--networks {params.networks:q} --curves {params.curves:q} "
        "--recipes-2016 {input.recipes_2016:q} "
        "--svg {output.svg:q} --png {output.png:q} > {log:q} 2>&1"


rule timed_2016:
    input:
        runs="<results>/tables/runs.csv",
        timed="reference/timed-2016.yaml",
        recipes_2016="reference/recipes-2016.yaml",
        lines="reference/lines_of_code.csv",
        frameworks=DESCRIPTIONS,
        script="scripts/analysis/timed_2016.py",
        modules=modules_of("scripts/analysis/timed_2016.py"),
        workflow_environment=WORKFLOW_ENVIRONMENT,
    output:
        csv=report(
            "<results>/tables/timed-in-2016.csv",
            caption="../report/timed-in-2016.rst",
            category="Analysis",
            labels={"table": "What was timed in 2016"},
        ),
        markdown="<results>/tables/timed-in-2016.md",
    log:
        "<logs>/tables/timed-in-2016.log",
    conda:
        "../envs/workflow.yaml"
    params:
        recipe=FIGURE_RECIPE,
        networks=CLOCK_NETWORKS or NETWORKS,
        repeats=config["measurement"]["predict_repeats"],
    message:
        "Put our times together as each clock of 2016 would have shown them"
    shell:
        "python {input.script:q} --runs {input.runs:q} --timed {input.timed:q} "
        "--recipes-2016 {input.recipes_2016:q} "
        "--lines {input.lines:q} --frameworks {input.frameworks:q} --recipe {params.recipe:q} "
        "--networks {params.networks:q} --predict-repeats {params.repeats} "
        "--csv {output.csv:q} --markdown {output.markdown:q} > {log:q} 2>&1"
