"""Figures 1-13 of the paper, from our runs, with its published values beside them.

Needs the tables. Leaves results/figures/figure-01 ... figure-13 as SVG and PNG.
"""

# What figures 4-12 of the paper show: measure, activation, and what is varied.
SWEEPS = {
    "04": ("train_seconds", "tanh", "depth"),
    "05": ("predict_seconds", "tanh", "depth"),
    "06": ("accuracy", "tanh", "depth"),
    "07": ("train_seconds", "relu", "depth"),
    "08": ("predict_seconds", "relu", "depth"),
    "09": ("accuracy", "relu", "depth"),
    "10": ("train_seconds", "relu", "width"),
    "11": ("predict_seconds", "relu", "width"),
    "12": ("accuracy", "relu", "width"),
}
MEASURES = {
    "train_seconds": "training time",
    "predict_seconds": "prediction time",
    "accuracy": "accuracy",
}
FIGURE_VARIANT = RECIPES[FIGURE_RECIPE]["data"]
NETWORKS = list(dict.fromkeys(run.network for run in RUNS if run.recipe == FIGURE_RECIPE))
FIGURES = expand(
    "<results>/figures/figure-{number:02d}.{ending}", number=range(1, 14), ending=["svg", "png"]
)


rule figure_digits:
    input:
        images=f"<results>/data/{FIGURE_VARIANT}/test-images.f32",
        labels=f"<results>/data/{FIGURE_VARIANT}/test-labels.u8",
        recipes_2016="reference/recipes-2016.yaml",
        script="scripts/figures/digits.py",
        modules=modules_of("scripts/figures/digits.py"),
        workflow_environment=WORKFLOW_ENVIRONMENT,
    output:
        svg="<results>/figures/figure-01.svg",
        png=report(
            "<results>/figures/figure-01.png",
            caption="../report/figure-01.rst",
            category="Figures",
            labels={"figure": "01", "shows": "digits"},
        ),
    log:
        "<logs>/figures/figure-01.log",
    conda:
        "../envs/workflow.yaml"
    params:
        image_size=config["data_variants"][FIGURE_VARIANT]["image_size"],
        dataset=DATASET["label"],
        train_images=train_images_of(FIGURE_RECIPE),
        epochs=RECIPES[FIGURE_RECIPE]["epochs"],
    message:
        "Draw figure 1, the digits"
    shell:
        "python {input.script:q} --images {input.images:q} --image-size {params.image_size} "
        "--labels {input.labels:q} --dataset {params.dataset:q} --train-images {params.train_images} "
        "--epochs {params.epochs} --recipes-2016 {input.recipes_2016:q} "
        "--svg {output.svg:q} --png {output.png:q} > {log:q} 2>&1"


for number in ("02", "03"):

    rule:
        name:
            f"figure_{number}"
        input:
            script="scripts/figures/architecture.py",
            modules=modules_of("scripts/figures/architecture.py"),
            workflow_environment=WORKFLOW_ENVIRONMENT,
        output:
            svg=f"<results>/figures/figure-{number}.svg",
            png=report(
                f"<results>/figures/figure-{number}.png",
                caption=f"../report/figure-{number}.rst",
                category="Figures",
                labels={"figure": number, "shows": "networks"},
            ),
        log:
            f"<logs>/figures/figure-{number}.log",
        conda:
            "../envs/workflow.yaml"
        params:
            number=number,
            networks=NETWORKS,
        message:
            f"Draw figure {number}, the networks"
        shell:
            "python {input.script:q} --figure {params.number} --networks {params.networks:q} "
            "--svg {output.svg:q} --png {output.png:q} > {log:q} 2>&1"


for number, (metric, activation, sweep) in SWEEPS.items():

    rule:
        name:
            f"figure_{number}"
        input:
            runs="<results>/tables/runs.csv",
            published="reference/published.csv",
            recipes_2016="reference/recipes-2016.yaml",
            lines="reference/lines_of_code.csv",
            frameworks=DESCRIPTIONS,
            script="scripts/figures/sweep.py",
            modules=modules_of("scripts/figures/sweep.py"),
            workflow_environment=WORKFLOW_ENVIRONMENT,
        output:
            svg=f"<results>/figures/figure-{number}.svg",
            png=report(
                f"<results>/figures/figure-{number}.png",
                caption=f"../report/figure-{number}.rst",
                category="Figures",
                labels={
                    "figure": number,
                    "shows": f"{MEASURES[metric]}, {activation}, {sweep}",
                },
            ),
        log:
            f"<logs>/figures/figure-{number}.log",
        conda:
            "../envs/workflow.yaml"
        params:
            metric=metric,
            activation=activation,
            sweep=sweep,
            recipe=FIGURE_RECIPE,
            repetitions=json.dumps(repetitions(metric, FIGURE_RECIPE, SHOWN_FRAMEWORKS)),
        message:
            f"Draw figure {number}"
        shell:
            "python {input.script:q} --runs {input.runs:q} --published {input.published:q} "
            "--recipes-2016 {input.recipes_2016:q} "
            "--lines {input.lines:q} --frameworks {input.frameworks:q} "
            "--metric {params.metric} --activation {params.activation} --sweep {params.sweep} "
            "--recipe {params.recipe:q} --repetitions {params.repetitions:q} "
            "--svg {output.svg:q} --png {output.png:q} > {log:q} 2>&1"


rule figure_lines_of_code:
    input:
        table="<results>/tables/lines_of_code.csv",
        lines="reference/lines_of_code.csv",
        frameworks=DESCRIPTIONS,
        script="scripts/figures/lines_of_code.py",
        modules=modules_of("scripts/figures/lines_of_code.py"),
        workflow_environment=WORKFLOW_ENVIRONMENT,
    output:
        svg="<results>/figures/figure-13.svg",
        png=report(
            "<results>/figures/figure-13.png",
            caption="../report/figure-13.rst",
            category="Figures",
            labels={"figure": "13", "shows": "lines of code"},
        ),
    log:
        "<logs>/figures/figure-13.log",
    conda:
        "../envs/workflow.yaml"
    message:
        "Draw figure 13, the lines of code"
    shell:
        "python {input.script:q} --table {input.table:q} --lines {input.lines:q} "
        "--frameworks {input.frameworks:q} --svg {output.svg:q} --png {output.png:q} > {log:q} 2>&1"
