"""Equivalence: a framework runs with a recipe only if its results match those of the reference.

Needs the framework's environment, the recipe's data variant and initial weights. Leaves, in
results/equivalence/<framework>/<recipe>/, the models and scores of a few short trainings, by precision;
`gate.json`, which says whether the framework may run with the recipe, and if not, why; and `differences.json` with
the numbers. Recipes that differ only in epochs or scoring share a gate. The reference is the NumPy program in float64
(docs/equivalence.md). Nothing is timed here.
"""

TRIED = "<results>/equivalence/{framework}/{recipe}/{precision}"
# Framework and recipe of every gate.
GATED = list(
    dict.fromkeys(
        (framework, PLAN.gates[recipe])
        for framework, recipe in [
            *PLAN.pairs,
            *PLAN.timed_pairs,
            *((framework, config["speedup"]["recipe"]) for framework in SPEEDUP_FRAMEWORKS),
        ]
    )
)


rule equivalence_train:
    input:
        files=PLAN.files("prepare", "train"),
        build=build_of,
        warm_up=warm_up_of,
        environment=environment_of,
        images=lambda wildcards: data_of(wildcards, "train-images.f32"),
        labels=lambda wildcards: data_of(wildcards, "train-labels.u8"),
        weights=weights_of,
    output:
        models=directory(f"{TRIED}/models"),
        refusal=f"{TRIED}/refusal.json",
    params:
        program=PLAN.programs("prepare", "train"),
        settings=PLAN.gate_settings,
        limits=PLAN.limits,
    script:
        "../scripts/equivalence/train.py"


rule equivalence_predict:
    input:
        files=PLAN.files("prepare", "predict"),
        build=build_of,
        warm_up=warm_up_of,
        environment=environment_of,
        images=lambda wildcards: data_of(wildcards, "test-images.f32"),
        models=f"{TRIED}/models",
        refusal=f"{TRIED}/refusal.json",
    output:
        f"{TRIED}/scores.npz",
    params:
        program=PLAN.programs("prepare", "predict"),
        settings=PLAN.gate_settings,
        limits=PLAN.limits,
    script:
        "../scripts/equivalence/predict.py"


rule equivalence:
    input:
        scores=equivalence_of("{precision}/scores.npz"),
        reference=f"<results>/equivalence/{REFERENCE}/{{recipe}}/float64/scores.npz",
        single=single_scores,
    output:
        gate="<results>/equivalence/{framework}/{recipe}/gate.json",
        differences="<results>/equivalence/{framework}/{recipe}/differences.json",
    script:
        "../scripts/equivalence/gate.py"


rule equivalence_table:
    input:
        differences=[f"<results>/equivalence/{framework}/{recipe}/differences.json" for framework, recipe in GATED],
    output:
        **written("<results>/tables/equivalence", "Equivalence", table="Equivalence"),
    script:
        "../scripts/equivalence/table.py"


rule figure_equivalence:
    input:
        table="<results>/tables/equivalence.csv",
        lines="reference/lines-of-code.csv",
        frameworks=DESCRIPTIONS,
    output:
        **drawn("<results>/figures/equivalence", "Equivalence", figure="Equivalence"),
    params:
        labels=NAMES,
        mode=config["mode"],
    script:
        "../scripts/equivalence/figure.py"
