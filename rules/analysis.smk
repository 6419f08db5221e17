"""Analysis: does the framework or the recipe decide the accuracy, and what did the clocks of 2016 measure?

The `purpose` of an experiment says which part uses it: cross, ablation or learning-curves.
"""

# The sentence that the page and the report begin with.
OPENING_SENTENCE = "<results>/tables/opening-sentence.txt"
FACTORS = {factor: PLAN.of_experiments("cross", factor) for factor in ("frameworks", "recipes", "networks")}
CROSS = FACTORS["frameworks"]
ABLATIONS = experiments.ablations(config)
# The waterfall and the curves are drawn for one framework: the first one of the experiment.
ABLATION_FRAMEWORK = next(iter(PLAN.of_experiments("ablation", "frameworks")), None)
CURVE_FRAMEWORK = next(iter(PLAN.of_experiments("learning-curves", "frameworks")), None)
# The clocks are compared on small networks and a large one, as far as the figures have them.
CLOCK_NETWORKS = [network for network in ("tanh-1x100", "relu-1x100", "relu-1x1024") if network in FIGURE_NETWORKS]


rule variance:
    input:
        runs="<results>/tables/runs.csv",
    output:
        variance=shown("<results>/tables/variance.csv", "Analysis", when=CROSS, table="Variance of accuracy"),
        differences=shown("<results>/tables/differences.csv", "Analysis", when=CROSS, table="Differences of accuracy"),
        recipes=shown(
            "<results>/tables/recipes.csv",
            "Analysis",
            caption="recipes-table",
            when=CROSS,
            table="Recipes and their scoring rules",
        ),
        markdown=kept("<results>/tables/variance.md", when=CROSS),
    params:
        **FACTORS,
        labels=NAMES,
    script:
        "../scripts/analysis/variance.py"


rule opening_sentence:
    input:
        differences="<results>/tables/differences.csv",
        variance="<results>/tables/variance.csv",
        recipes="<results>/tables/recipes.csv",
    output:
        kept(OPENING_SENTENCE, when=CROSS),
    params:
        labels=NAMES,
    script:
        "../scripts/analysis/opening_sentence.py"


rule figure_variance:
    input:
        differences="<results>/tables/differences.csv",
        variance="<results>/tables/variance.csv",
        recipes="<results>/tables/recipes.csv",
    output:
        **drawn(
            "<results>/figures/variance", "Analysis", caption="differences", when=CROSS, figure="Framework or recipe"
        ),
    params:
        labels=NAMES,
        reference={"framework": REFERENCE, "recipe": FIGURE_RECIPE},
    script:
        "../scripts/analysis/figure_variance.py"


rule figure_recipes:
    input:
        runs="<results>/tables/runs.csv",
        lines="reference/lines-of-code.csv",
        frameworks=[descriptions.path_of(name) for name in CROSS],
    output:
        **drawn("<results>/figures/recipes", "Analysis", when=CROSS, figure="Every framework with every recipe"),
    params:
        recipes=FACTORS["recipes"],
        networks=FACTORS["networks"],
        own=PLAN.own_recipes(),
        labels=NAMES,
    script:
        "../scripts/analysis/figure_recipes.py"


rule ablation:
    input:
        runs="<results>/tables/runs.csv",
    output:
        **written("<results>/tables/ablation", "Analysis", when=ABLATION_FRAMEWORK, table="Ablation"),
    params:
        steps=ABLATIONS,
    script:
        "../scripts/analysis/ablation.py"


rule figure_ablation:
    input:
        runs="<results>/tables/runs.csv",
        table="<results>/tables/ablation.csv",
    output:
        **drawn(
            "<results>/figures/ablation-{recipe}",
            "Analysis",
            caption="ablation",
            when=ABLATION_FRAMEWORK,
            each={"recipe": list(ABLATIONS)},
            figure="Ablation from {recipe}",
        ),
    params:
        framework=ABLATION_FRAMEWORK,
        labels=NAMES,
    script:
        "../scripts/analysis/figure_ablation.py"


rule figure_learning_curves:
    input:
        runs="<results>/tables/runs.csv",
        recipes_2016="reference/recipes-2016.yaml",
    output:
        **drawn("<results>/figures/learning-curves", "Analysis", when=CURVE_FRAMEWORK, figure="Learning curves"),
    params:
        framework=CURVE_FRAMEWORK,
        networks=PLAN.of_experiments("learning-curves", "networks"),
        curves=[{"recipe": name, "points": points} for name, points in experiments.learning_curves(config).items()],
        labels=NAMES,
    script:
        "../scripts/analysis/figure_learning_curves.py"


rule timed_2016:
    input:
        times="<results>/tables/times.csv",
        timed="reference/timed-2016.yaml",
        recipes_2016="reference/recipes-2016.yaml",
        lines="reference/lines-of-code.csv",
        frameworks=DESCRIPTIONS,
    output:
        **written("<results>/tables/timed-in-2016", "Analysis", table="What was timed in 2016"),
    params:
        recipe=FIGURE_RECIPE,
        networks=CLOCK_NETWORKS or FIGURE_NETWORKS,
        predict_repeats=config["measurement"]["predict_repeats"],
    script:
        "../scripts/analysis/timed_2016.py"
