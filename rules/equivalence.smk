"""Equivalence: no framework runs with a recipe before it has computed with it what the reference computes.

Needs the framework's environment, the recipe's data variant and initial weights. Leaves, in
results/equivalence/<framework>/<recipe>/, the models and scores of a few short trainings, by precision;
`gate.json`, which says why the framework may not run with the recipe, if so; and `differences.json` with
the numbers. Recipes that compute alike, and differ in epochs or scoring alone, share a gate. The
reference is the NumPy program in float64 (docs/equivalence.md). Nothing is timed here.
"""

TRIED = "<results>/equivalence/{framework}/{recipe}/{precision}"
TRIED_LOGS = "<logs>/equivalence/{framework}/{recipe}/{precision}"
GATE_NETWORK = config["equivalence"]["network"]
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


def warm_up_of_gate(wildcards):
    return warm_up_of(wildcards, GATE_NETWORK)


def gate_recipe_of(wildcards):
    """Return a recipe as its gate has it; the cases decide the epochs."""
    return {**recipe_of(wildcards), "epochs": 0, "precision": wildcards.precision}


rule equivalence_train:
    input:
        files=files_of("prepare", "train"),
        warm_up=warm_up_of_gate,
        environment=environment_of,
        images=lambda wildcards: data_of(wildcards, "train-images.f32"),
        labels=lambda wildcards: data_of(wildcards, "train-labels.u8"),
        weights=f"<results>/initial-weights/{{recipe}}/{GATE_NETWORK}/1.f32",
        code=code("equivalence/train.py"),
    output:
        models=directory(f"{TRIED}/models"),
        refusal=f"{TRIED}/refusal.json",
    log:
        f"{TRIED_LOGS}/train.log",
    params:
        program=programs("prepare", "train"),
        settings=lambda wildcards: settings.train_settings(
            gate_recipe_of(wildcards), GATE_NETWORK, inputs_of(wildcards), seed=1
        ),
        limits=limits,
    script:
        "../scripts/equivalence/train.py"


rule equivalence_predict:
    input:
        files=files_of("prepare", "predict"),
        warm_up=warm_up_of_gate,
        environment=environment_of,
        images=lambda wildcards: data_of(wildcards, "test-images.f32"),
        models=f"{TRIED}/models",
        refusal=f"{TRIED}/refusal.json",
        code=code("equivalence/predict.py"),
    output:
        f"{TRIED}/scores.npz",
    log:
        f"{TRIED_LOGS}/predict.log",
    params:
        program=programs("prepare", "predict"),
        settings=lambda wildcards: settings.predict_settings(
            gate_recipe_of(wildcards), GATE_NETWORK, inputs_of(wildcards), repeats=1
        ),
        limits=limits,
    script:
        "../scripts/equivalence/predict.py"


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
