"""Equivalence: no framework runs with a recipe before it has computed with it what the reference computes.

Needs the framework's environment, the recipe's data variant and initial weights. Leaves, in
results/equivalence/<framework>/<recipe>/, the models and scores of a few short trainings, by precision;
`gate.json`, which says why the framework may not run with the recipe, if so; and `differences.json` with
the numbers. Recipes that compute alike, and differ in epochs or scoring alone, share a gate. The
reference is the NumPy program in float64 (docs/equivalence.md). Nothing is timed here.
"""

TRIED = f"{EQUIVALENCE}/{{precision}}"
# Framework and recipe of every gate.
GATED = list(
    dict.fromkeys(
        (framework, GATE_RECIPES[recipe])
        for framework, recipe in [
            *RUN_FOLDERS,
            *(
                (framework, config["speedup"]["recipe"])
                for framework in config["speedup"]["frameworks"]
                if config["speedup"]["enabled"] and framework in USED_FRAMEWORKS
            ),
        ]
    )
)
GATES = [
    *expand("<results>/tables/equivalence.{ending}", ending=["csv", "md"]),
    *expand("<results>/figures/equivalence.{ending}", ending=["svg", "png"]),
]


rule equivalence_train:
    input:
        prepare_program,
        program("train"),
        warm_up=warm_up_of_gate,
        environment=environment_of,
        images=lambda wildcards: data_of(wildcards, "train-images.f32"),
        labels=lambda wildcards: data_of(wildcards, "train-labels.u8"),
        weights=f"<results>/initial-weights/{{recipe}}/{config['equivalence']['network']}/1.f32",
        script="scripts/equivalence/trial.py",
        launcher=LAUNCHER,
        workflow_environment=ancient(WORKFLOW_ENVIRONMENT),
    output:
        models=directory(f"{TRIED}/models"),
        refusal=f"{TRIED}/refusal.json",
    log:
        f"{TRIED}/train.log".replace("<results>", "<logs>"),
    conda:
        environment_file_of
    params:
        description=description_of,
        limits=limits,
        commands=gate_programs("train"),
        flags=lambda wildcards: json.dumps(
            configuration.train_flags(
                gate_settings(wildcards),
                config["equivalence"]["network"],
                inputs_of(wildcards),
                seed=1,
            )
        ),
    message:
        "Try {wildcards.framework}, {wildcards.recipe}, {wildcards.precision}"
    shell:
        "python {input.script:q} train --environment {input.environment:q} {params.limits} "
        "--description {params.description:q} --commands {params.commands:q} "
        "--flags {params.flags:q} --images {input.images:q} --labels {input.labels:q} "
        "--initial-weights {input.weights:q} --models {output.models:q} "
        "--refusal {output.refusal:q} > {log:q} 2>&1"


rule equivalence_predict:
    input:
        prepare_program,
        program("predict"),
        warm_up=warm_up_of_gate,
        environment=environment_of,
        images=lambda wildcards: data_of(wildcards, "test-images.f32"),
        models=f"{TRIED}/models",
        refusal=f"{TRIED}/refusal.json",
        script="scripts/equivalence/trial.py",
        launcher=LAUNCHER,
        workflow_environment=ancient(WORKFLOW_ENVIRONMENT),
    output:
        f"{TRIED}/scores.npz",
    log:
        f"{TRIED}/predict.log".replace("<results>", "<logs>"),
    conda:
        environment_file_of
    params:
        description=description_of,
        limits=limits,
        commands=gate_programs("predict"),
        flags=lambda wildcards: json.dumps(
            configuration.predict_flags(
                gate_settings(wildcards),
                config["equivalence"]["network"],
                inputs_of(wildcards),
                repeats=1,
            )
        ),
    message:
        "Try to predict, {wildcards.framework}, {wildcards.recipe}, {wildcards.precision}"
    shell:
        "python {input.script:q} predict --environment {input.environment:q} {params.limits} "
        "--description {params.description:q} --commands {params.commands:q} "
        "--flags {params.flags:q} --images {input.images:q} --models {input.models:q} "
        "--refusal {input.refusal:q} --scores {output:q} > {log:q} 2>&1"


rule equivalence:
    input:
        scores=equivalence_of("{precision}/scores.npz"),
        reference=f"<results>/equivalence/{REFERENCE}/{{recipe}}/float64/scores.npz",
        single=lambda wildcards: (
            f"<results>/equivalence/{REFERENCE}/{wildcards.recipe}/float32/scores.npz"
            if recipe_of(wildcards)["precision"] == "float32"
            else []
        ),
        script="scripts/equivalence/gate.py",
        workflow_environment=ancient(WORKFLOW_ENVIRONMENT),
    output:
        gate=f"{EQUIVALENCE}/gate.json",
        differences=f"{EQUIVALENCE}/differences.json",
    log:
        f"{EQUIVALENCE}/gate.log".replace("<results>", "<logs>"),
    conda:
        "../envs/workflow.yaml"
    params:
        single=lambda wildcards, input: ["--single", input.single] if input.single else [],
    message:
        "Hold {wildcards.framework}, {wildcards.recipe}, against the reference"
    shell:
        "python {input.script:q} --scores {input.scores:q} --reference {input.reference:q} "
        "{params.single:q} --framework {wildcards.framework:q} --recipe {wildcards.recipe:q} "
        "--gate {output.gate:q} --differences {output.differences:q} > {log:q} 2>&1"


rule equivalence_table:
    input:
        differences=expand(
            f"{EQUIVALENCE}/differences.json",
            zip,
            framework=[framework for framework, recipe in GATED],
            recipe=[recipe for framework, recipe in GATED],
        ),
        script="scripts/equivalence/table.py",
        modules=modules_of("scripts/equivalence/table.py"),
        workflow_environment=WORKFLOW_ENVIRONMENT,
    output:
        csv=report(
            "<results>/tables/equivalence.csv",
            caption="../report/equivalence.rst",
            category="Equivalence",
            labels={"table": "Equivalence"},
        ),
        markdown="<results>/tables/equivalence.md",
    log:
        "<logs>/tables/equivalence.log",
    conda:
        "../envs/workflow.yaml"
    message:
        "Put the differences from the reference into a table"
    shell:
        "python {input.script:q} --differences {input.differences:q} --csv {output.csv:q} "
        "--markdown {output.markdown:q} > {log:q} 2>&1"


rule figure_equivalence:
    input:
        table="<results>/tables/equivalence.csv",
        lines="reference/lines_of_code.csv",
        frameworks=DESCRIPTIONS,
        script="scripts/equivalence/figure.py",
        modules=modules_of("scripts/equivalence/figure.py"),
        workflow_environment=WORKFLOW_ENVIRONMENT,
    output:
        svg="<results>/figures/equivalence.svg",
        png=report(
            "<results>/figures/equivalence.png",
            caption="../report/equivalence.rst",
            category="Equivalence",
            labels={"figure": "Equivalence"},
        ),
    log:
        "<logs>/figures/equivalence.log",
    conda:
        "../envs/workflow.yaml"
    message:
        "Draw the differences from the reference"
    shell:
        "python {input.script:q} --table {input.table:q} --lines {input.lines:q} "
        "--frameworks {input.frameworks:q} --svg {output.svg:q} --png {output.png:q} > {log:q} 2>&1"
