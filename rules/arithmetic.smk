"""Arithmetic: the speed of each framework's arithmetic, from the width sweep, in 2016 and here."""


rule arithmetic:
    input:
        times="<results>/tables/times.csv",
        published="reference/published.csv",
        timed="reference/timed-2016.yaml",
        recipes_2016="reference/recipes-2016.yaml",
    output:
        **written("<results>/tables/arithmetic", "Tables", table="Speed of the arithmetic"),
    params:
        configuration={"recipes": PLAN.recipes, "data_variants": config["data_variants"]},
    script:
        "../scripts/arithmetic/table.py"


rule figure_arithmetic:
    input:
        table="<results>/tables/arithmetic.csv",
        lines="reference/lines-of-code.csv",
        frameworks=USED_DESCRIPTIONS,
    output:
        **drawn("<results>/figures/arithmetic", "Figures", figure="arithmetic", shows="speed of the arithmetic"),
    params:
        labels=NAMES,
    script:
        "../scripts/arithmetic/figure.py"
