"""Figures 1-13 of the paper, from our runs, with its published values beside them."""

from figures.measures import METRICS

FIGURE_VARIANT = PLAN.recipes[FIGURE_RECIPE]["data"]
IMAGE_SIZE = config["data_variants"][FIGURE_VARIANT]["image_size"]
# One figure for each measure: the number of the first, the activation, and what grows.
SWEEPS = [(4, "tanh", "depth"), (7, "relu", "depth"), (10, "relu", "width")]


rule figure_digits:
    input:
        images=f"<results>/data/{FIGURE_VARIANT}/test-images.f32",
        labels=f"<results>/data/{FIGURE_VARIANT}/test-labels.u8",
        recipes_2016="reference/recipes-2016.yaml",
    output:
        **drawn("<results>/figures/figure-01", "Figures", figure="01", shows="digits"),
    params:
        image_size=IMAGE_SIZE,
        dataset=DATASET["label"],
        train_images=config["data_variants"][FIGURE_VARIANT]["train_images"],
        epochs=PLAN.recipes[FIGURE_RECIPE]["epochs"],
    script:
        "../scripts/figures/digits.py"


for number in (2, 3):

    rule:
        name:
            f"figure_{number:02d}"
        output:
            **drawn(f"<results>/figures/figure-{number:02d}", "Figures", figure=f"{number:02d}", shows="networks"),
        params:
            number=number,
            networks=FIGURE_NETWORKS,
            image_size=IMAGE_SIZE,
        script:
            "../scripts/figures/architecture.py"


for first, activation, sweep in SWEEPS:
    for number, metric in enumerate(METRICS.values(), first):

        rule:
            name:
                f"figure_{number:02d}"
            input:
                runs=f"<results>/tables/{'runs' if metric.column == 'accuracy' else 'times'}.csv",
                published="reference/published.csv",
                recipes_2016="reference/recipes-2016.yaml",
                lines="reference/lines-of-code.csv",
                frameworks=DESCRIPTIONS,
            output:
                **drawn(
                    f"<results>/figures/figure-{number:02d}",
                    "Figures",
                    caption=f"figure-{metric.column}".replace("_", "-"),
                    figure=f"{number:02d}",
                    shows=f"{metric.title.lower()}, {activation}, {sweep}",
                ),
            params:
                metric=metric.column,
                activation=activation,
                sweep=sweep,
                recipe=FIGURE_RECIPE,
                own=PLAN.recipes_of_2016(SHOWN_FRAMEWORKS),
                repetitions=PLAN.repetitions(metric.column, SHOWN_FRAMEWORKS),
                dependent=PLAN.dependent,
                labels=NAMES,
            script:
                "../scripts/figures/sweep.py"


rule figure_lines_of_code:
    input:
        table="<results>/tables/lines-of-code.csv",
        lines="reference/lines-of-code.csv",
        frameworks=DESCRIPTIONS,
    output:
        **drawn("<results>/figures/figure-13", "Figures", figure="13", shows="lines of code"),
    script:
        "../scripts/figures/lines_of_code.py"
