"""Runs: the launcher starts and watches each framework's programs, and a script scores their predictions.

Some frameworks first convert the data to a store of their own. The scores are of the test images, or of training images
if the recipe computes its accuracy on these. If the gate (equivalence.smk) is closed, no program is started. The files
still exist: they are empty, or give the reason, and a second table lists these runs.
"""


rule prepare:
    input:
        **INPUTS.programs("prepare", warm_up=False),
        images="<results>/data/{variant}/{part}-images.f32",
        # No program sees the labels of the images that it predicts.
        labels=branch(
            lambda wildcards: wildcards.part not in ("test", "train-sample"),
            then="<results>/data/{variant}/{part}-labels.u8",
            otherwise=[],
        ),
    output:
        directory("<results>/stores/{framework}/{variant}/{part}"),
    params:
        **PLAN.start("prepare"),
        inputs=PLAN.inputs,
    script:
        "../scripts/runs/prepare.py"


rule warm_up:
    input:
        **INPUTS.programs("train", "predict", warm_up=False),
    output:
        "<results>/warm-up/{framework}/{recipe}/{network}.json",
    resources:
        # One warm-up at a time (profiles/default), because all compile into one folder, which Theano locks. Other jobs
        # may run beside it.
        warm_ups=1,
    params:
        **PLAN.start("train", "predict"),
        settings=PLAN.warm_up_settings,
    script:
        "../scripts/runs/warm_up.py"


rule train:
    input:
        unpack(INPUTS.train_images),
        **INPUTS.programs("train"),
        weights=INPUTS.weights,
        gate=INPUTS.gate,
        # The gate is ancient. With this input, a changed program goes through its gate first.
        tried=INPUTS.equivalence("{precision}/refusal.json"),
        schema="schemas/metrics.schema.yaml",
    output:
        model=directory(f"{RUN}/model"),
        metrics=f"{RUN}/train.json",
    log:
        f"{RUN_LOGS}/train.log",
        # A log for Snakemake, because this file must be kept if the program fails.
        train_settings=f"{RUN}/train-settings.json",
    params:
        **PLAN.start("train"),
        settings=PLAN.train_settings,
        launch=PLAN.launch("train"),
        left_out=INPUTS.left_out,
    script:
        "../scripts/runs/train.py"


rule predict:
    input:
        unpack(INPUTS.test_images),
        **INPUTS.programs("predict"),
        model=f"{RUN}/model",
        trained=f"{RUN}/train.json",
        gate=INPUTS.gate,
        # As for a training.
        tried=INPUTS.equivalence("{precision}/scores.npz"),
        schema="schemas/metrics.schema.yaml",
    output:
        scores=f"{RUN}/scores.f32",
        metrics=f"{RUN}/predict.json",
    log:
        f"{RUN_LOGS}/predict.log",
        predict_settings=f"{RUN}/predict-settings.json",
    params:
        **PLAN.start("predict"),
        settings=PLAN.predict_settings,
        launch=PLAN.launch("predict"),
        left_out=INPUTS.left_out,
    script:
        "../scripts/runs/predict.py"


rule score:
    input:
        scores=f"{RUN}/scores.f32",
        metrics=f"{RUN}/predict.json",
        labels=INPUTS.scored_labels,
    output:
        f"{RUN}/score.json",
    params:
        accuracy=PLAN.accuracy,
    script:
        "../scripts/runs/score.py"


rule collect_runs:
    input:
        lambda wildcards: expand(
            "<results>/runs/{framework}/{recipe}/{folder}/{step}.json",
            framework=wildcards.framework,
            recipe=wildcards.recipe,
            folder=PLAN.folders(wildcards),
            step=["train", "predict", "score"],
        ),
        gate=INPUTS.equivalence("gate.json"),
        reference=INPUTS.reference_runs,
        schema="schemas/runs.schema.yaml",
    output:
        runs="<results>/runs/{framework}/{recipe}/runs.csv",
        left_out="<results>/runs/{framework}/{recipe}/left-out.csv",
    params:
        runs=PLAN.folders,
        dataset=DATASET["label"],
        train_images=PLAN.train_images,
        accuracy=PLAN.accuracy,
        accuracy_of=PLAN.accuracy_of,
    script:
        "../scripts/runs/collect.py"
