"""Verdicts: our runs judge the published values and statements. Are the repetitions independent?"""

from configuration import declared

BASIS = declared.basis(PLAN, REFERENCE)


rule verdicts_numbers:
    input:
        runs="<results>/tables/runs.csv",
        times="<results>/tables/times.csv",
        published="reference/published.csv",
        logged="reference/logged-2016.csv",
        recipes_2016="reference/recipes-2016.yaml",
        timed="reference/timed-2016.yaml",
    output:
        **written("<results>/tables/verdicts-numbers", "Verdicts", table="Published numbers"),
    params:
        basis=BASIS,
        predict_repeats=config["measurement"]["predict_repeats"],
    script:
        "../scripts/verdicts/numbers.py"


rule verdicts_order:
    input:
        times="<results>/tables/times.csv",
        published="reference/published.csv",
        recipes_2016="reference/recipes-2016.yaml",
        timed="reference/timed-2016.yaml",
    output:
        **written("<results>/tables/verdicts-order", "Verdicts", table="Order of the frameworks"),
    params:
        basis=BASIS,
        predict_repeats=config["measurement"]["predict_repeats"],
    script:
        "../scripts/verdicts/order.py"


rule figure_verdicts:
    input:
        verdicts="<results>/tables/verdicts-numbers.csv",
        lines="reference/lines-of-code.csv",
    output:
        **drawn(
            "<results>/figures/verdicts", "Verdicts", caption="figure-verdicts", figure="Published numbers at a glance"
        ),
    script:
        "../scripts/verdicts/figure.py"


rule predicted:
    input:
        runs="<results>/tables/runs.csv",
        logged="reference/logged-2016.csv",
        recipes_2016="reference/recipes-2016.yaml",
    output:
        **written("<results>/tables/predicted", "Verdicts", table="Predicted and logged accuracies"),
    params:
        basis=BASIS,
    script:
        "../scripts/verdicts/predicted.py"


rule figure_predicted:
    input:
        table="<results>/tables/predicted.csv",
        lines="reference/lines-of-code.csv",
        frameworks=[descriptions.path_of(name) for name in PLAN.own_recipes()],
    output:
        **drawn("<results>/figures/predicted", "Verdicts", figure="Predicted and logged accuracies"),
    params:
        own=PLAN.own_recipes(),
        labels=NAMES,
    script:
        "../scripts/verdicts/figure_predicted.py"


rule verdicts_statements:
    input:
        runs="<results>/tables/runs.csv",
        times="<results>/tables/times.csv",
        statements="reference/statements.yaml",
        published="reference/published.csv",
        logged="reference/logged-2016.csv",
        recipes_2016="reference/recipes-2016.yaml",
        timed="reference/timed-2016.yaml",
        published_lines="reference/lines-of-code.csv",
        lines="<results>/tables/lines-of-code.csv",
    output:
        **written("<results>/tables/verdicts-statements", "Verdicts", caption="verdicts", table="Statements"),
    params:
        basis=BASIS,
        predict_repeats=config["measurement"]["predict_repeats"],
        initialisation_only=declared.changed_alone(PLAN, "initialisation"),
        right_gradients=declared.right_gradients(PLAN),
    script:
        "../scripts/verdicts/statements.py"


rule independence_audit:
    input:
        runs="<results>/tables/runs.csv",
        published="reference/published.csv",
        recipes_2016="reference/recipes-2016.yaml",
        weights=sorted(
            {f"<results>/initial-weights/{PLAN.draws[run.recipe]}/{run.network}/{run.seed}.f32" for run in PLAN.runs}
        ),
    output:
        **written("<results>/tables/independence", "Verdicts", table="Independence"),
    params:
        basis=BASIS,
        draws={run.recipe: PLAN.draws[run.recipe] for run in PLAN.runs},
    script:
        "../scripts/verdicts/independence.py"
