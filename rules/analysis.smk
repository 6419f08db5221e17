"""Analysis: which framework, or which recipe; what the clocks of 2016 and their times tell.

Needs the tables of runs and of times. Leaves results/tables/variance, differences, recipes, opening-sentence,
ablation and timed-in-2016, and results/figures/variance, recipes, learning-curves, and ablation-RECIPE for each
recipe that an ablation starts from.

An experiment belongs to one of these parts by its `purpose`: cross, ablation or learning-curves.
"""

CROSS = {
    factor: of_experiments("cross", factor) for factor in ("frameworks", "recipes", "networks")
}
ABLATIONS = experiments.ablations(config)
LEARNING_CURVES = experiments.learning_curves(config)
# The waterfall and the curves are drawn for one framework: the first one of the experiment.
ABLATION_FRAMEWORK = next(iter(of_experiments("ablation", "frameworks")), None)
CURVE_FRAMEWORK = next(iter(of_experiments("learning-curves", "frameworks")), None)
# The networks that clocks are compared on: of the figures', a small and a large one.
CLOCK_NETWORKS = [
    network for network in ("tanh-1x100", "relu-1x100", "relu-1x1024") if network in FIGURE_NETWORKS
]
ANALYSIS = expand("<results>/tables/timed-in-2016.{ending}", ending=["csv", "md"])
if CROSS["frameworks"]:
    ANALYSIS += [
        *expand("<results>/tables/variance.{ending}", ending=["csv", "md"]),
        "<results>/tables/differences.csv",
        "<results>/tables/recipes.csv",
        "<results>/tables/opening-sentence.txt",
        *expand("<results>/figures/variance.{ending}", ending=["svg", "png"]),
        *expand("<results>/figures/recipes.{ending}", ending=["svg", "png"]),
    ]
if ABLATION_FRAMEWORK:
    ANALYSIS += [
        *expand("<results>/tables/ablation.{ending}", ending=["csv", "md"]),
        *expand(
            "<results>/figures/ablation-{start}.{ending}", start=ABLATIONS, ending=["svg", "png"]
        ),
    ]
if CURVE_FRAMEWORK:
    ANALYSIS += expand("<results>/figures/learning-curves.{ending}", ending=["svg", "png"])


rule variance:
    input:
        runs="<results>/tables/runs.csv",
        code=code("analysis/variance.py", PACKAGES),
    output:
        differences=shown(
            "<results>/tables/differences.csv", "Analysis", table="Differences of accuracy"
        ),
        variance=shown("<results>/tables/variance.csv", "Analysis", table="Variance of accuracy"),
        recipes=shown(
            "<results>/tables/recipes.csv",
            "Analysis",
            caption="recipes-table",
            table="Recipes and their scoring rules",
        ),
        markdown="<results>/tables/variance.md",
    log:
        "<logs>/tables/variance.log",
    conda:
        "../envs/workflow.yaml"
    params:
        **CROSS,
        labels=NAMES,
    script:
        "../scripts/analysis/variance.py"


rule opening_sentence:
    input:
        differences="<results>/tables/differences.csv",
        variance="<results>/tables/variance.csv",
        recipes="<results>/tables/recipes.csv",
        code=code("analysis/opening_sentence.py", PACKAGES),
    output:
        "<results>/tables/opening-sentence.txt",
    log:
        "<logs>/tables/opening-sentence.log",
    conda:
        "../envs/workflow.yaml"
    params:
        labels=NAMES,
    script:
        "../scripts/analysis/opening_sentence.py"


rule figure_variance:
    input:
        differences="<results>/tables/differences.csv",
        variance="<results>/tables/variance.csv",
        recipes="<results>/tables/recipes.csv",
        code=code("analysis/figure_variance.py", PACKAGES),
    output:
        **drawn(
            "<results>/figures/variance",
            "Analysis",
            caption="differences",
            figure="Framework or recipe",
        ),
    log:
        "<logs>/figures/variance.log",
    conda:
        "../envs/workflow.yaml"
    params:
        labels=NAMES,
        reference={"framework": REFERENCE, "recipe": FIGURE_RECIPE},
        mode=config["mode"],
    script:
        "../scripts/analysis/figure_variance.py"


rule figure_recipes:
    input:
        runs="<results>/tables/runs.csv",
        lines="reference/lines-of-code.csv",
        frameworks=[descriptions.path_of(name) for name in CROSS["frameworks"]],
        code=code("analysis/figure_recipes.py", PACKAGES),
    output:
        **drawn("<results>/figures/recipes", "Analysis", figure="Every framework with every recipe"),
    log:
        "<logs>/figures/recipes.log",
    conda:
        "../envs/workflow.yaml"
    params:
        recipes=CROSS["recipes"],
        networks=CROSS["networks"],
        own=PLAN.own_recipes(),
        labels=NAMES,
        mode=config["mode"],
    script:
        "../scripts/analysis/figure_recipes.py"


rule ablation:
    input:
        runs="<results>/tables/runs.csv",
        code=code("analysis/ablation.py", PACKAGES),
    output:
        **written("<results>/tables/ablation", "Analysis", table="Ablation"),
    log:
        "<logs>/tables/ablation.log",
    conda:
        "../envs/workflow.yaml"
    params:
        steps=ABLATIONS,
    script:
        "../scripts/analysis/ablation.py"


rule figure_ablation:
    input:
        runs="<results>/tables/runs.csv",
        table="<results>/tables/ablation.csv",
        code=code("analysis/figure_ablation.py", PACKAGES),
    output:
        **drawn(
            "<results>/figures/ablation-{recipe}",
            "Analysis",
            caption="ablation",
            figure="Ablation from {recipe}",
        ),
    log:
        "<logs>/figures/ablation-{recipe}.log",
    conda:
        "../envs/workflow.yaml"
    params:
        framework=ABLATION_FRAMEWORK,
        labels=NAMES,
        mode=config["mode"],
    script:
        "../scripts/analysis/figure_ablation.py"


rule figure_learning_curves:
    input:
        runs="<results>/tables/runs.csv",
        recipes_2016="reference/recipes-2016.yaml",
        code=code("analysis/figure_learning_curves.py", PACKAGES),
    output:
        **drawn("<results>/figures/learning-curves", "Analysis", figure="Learning curves"),
    log:
        "<logs>/figures/learning-curves.log",
    conda:
        "../envs/workflow.yaml"
    params:
        framework=CURVE_FRAMEWORK,
        networks=of_experiments("learning-curves", "networks"),
        curves=[{"recipe": name, "points": points} for name, points in LEARNING_CURVES.items()],
        labels=NAMES,
        mode=config["mode"],
    script:
        "../scripts/analysis/figure_learning_curves.py"


rule timed_2016:
    input:
        times="<results>/tables/times.csv",
        timed="reference/timed-2016.yaml",
        recipes_2016="reference/recipes-2016.yaml",
        lines="reference/lines-of-code.csv",
        frameworks=DESCRIPTIONS,
        code=code("analysis/timed_2016.py", PACKAGES),
    output:
        **written("<results>/tables/timed-in-2016", "Analysis", table="What was timed in 2016"),
    log:
        "<logs>/tables/timed-in-2016.log",
    conda:
        "../envs/workflow.yaml"
    params:
        recipe=FIGURE_RECIPE,
        networks=CLOCK_NETWORKS or FIGURE_NETWORKS,
        predict_repeats=config["measurement"]["predict_repeats"],
    script:
        "../scripts/analysis/timed_2016.py"
