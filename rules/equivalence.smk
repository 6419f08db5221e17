"""Equivalence: a framework runs with a recipe only if its results match those of the reference.

`gate.json` says whether it may run, and if not, why. Recipes that differ only in epochs or scoring share a gate. The
reference is the NumPy program in float64 (docs/equivalence.md). Nothing is timed here.
"""

TRIED = "<results>/equivalence/{framework}/{recipe}/{precision}"


rule equivalence_train:
    input:
        **INPUTS.programs("prepare", "train"),
        images=INPUTS.data("train-images.f32"),
        labels=INPUTS.data("train-labels.u8"),
        weights=INPUTS.weights,
    output:
        models=directory(f"{TRIED}/models"),
        refusal=f"{TRIED}/refusal.json",
    params:
        **PLAN.start("prepare", "train"),
        settings=PLAN.gate_settings,
    script:
        "../scripts/equivalence/train.py"


rule equivalence_predict:
    input:
        **INPUTS.programs("prepare", "predict"),
        images=INPUTS.data("test-images.f32"),
        models=f"{TRIED}/models",
        refusal=f"{TRIED}/refusal.json",
    output:
        f"{TRIED}/scores.npz",
    params:
        **PLAN.start("prepare", "predict"),
        settings=PLAN.gate_settings,
    script:
        "../scripts/equivalence/predict.py"


rule equivalence:
    input:
        scores=INPUTS.equivalence("{precision}/scores.npz"),
        reference=f"<results>/equivalence/{REFERENCE}/{{recipe}}/float64/scores.npz",
        single=INPUTS.single_scores,
    output:
        gate="<results>/equivalence/{framework}/{recipe}/gate.json",
        differences="<results>/equivalence/{framework}/{recipe}/differences.json",
    script:
        "../scripts/equivalence/gate.py"


rule equivalence_table:
    input:
        differences=[
            f"<results>/equivalence/{framework}/{recipe}/differences.json"
            for framework, recipe in PLAN.gated(SPEEDUP_FRAMEWORKS)
        ],
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
    script:
        "../scripts/equivalence/figure.py"
