"""Runs: the launcher starts and watches each framework's programs, and a script scores their predictions.

Needs the framework's environment, a data variant and the initial weights. Some frameworks first convert the data to a
store of their own. Leaves, in results/runs/<framework>/<recipe>/<network>/<seed>/, the model, the class scores, the
settings of each program, what the launcher recorded, and the accuracy. The scores are of the test images, or of
training images if the recipe computes its accuracy on these. A table beside the networks has all runs of a framework
with a recipe.

If the gate (equivalence.smk) is closed, no program is started. The files still exist: they are empty, or give the
reason. A second table lists these runs.
"""


rule prepare:
    input:
        files=PLAN.files("prepare"),
        build=build_of,
        environment=environment_of,
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
        program=PLAN.programs("prepare"),
        limits=PLAN.limits,
        inputs=PLAN.inputs,
    script:
        "../scripts/runs/prepare.py"


rule warm_up:
    input:
        files=PLAN.files("train", "predict"),
        build=build_of,
        environment=environment_of,
    output:
        "<results>/warm-up/{framework}/{recipe}/{network}.json",
    resources:
        # One warm-up at a time (profiles/default), because all compile into one folder, which Theano locks. Other jobs
        # may run beside it.
        warm_ups=1,
    params:
        program=PLAN.programs("train", "predict"),
        limits=PLAN.limits,
        settings=PLAN.warm_up_settings,
    script:
        "../scripts/runs/warm_up.py"


rule train:
    input:
        unpack(train_images_of),
        files=PLAN.files("train"),
        build=build_of,
        warm_up=warm_up_of,
        environment=environment_of,
        weights=weights_of,
        gate=gate_of,
        # The gate is ancient. With this input, a changed program goes through its gate first.
        tried=equivalence_of("{precision}/refusal.json"),
        schema="schemas/metrics.schema.yaml",
    output:
        model=directory(f"{RUN}/model"),
        metrics=f"{RUN}/train.json",
    log:
        f"{RUN_LOGS}/train.log",
        # A log for Snakemake, because this file must be kept if the program fails.
        train_settings=f"{RUN}/train-settings.json",
    params:
        program=PLAN.programs("train"),
        settings=PLAN.train_settings,
        launch=PLAN.launch("train"),
        limits=PLAN.limits,
        left_out=left_out_by_gate,
    script:
        "../scripts/runs/train.py"


rule predict:
    input:
        unpack(test_images_of),
        files=PLAN.files("predict"),
        build=build_of,
        warm_up=warm_up_of,
        environment=environment_of,
        model=f"{RUN}/model",
        trained=f"{RUN}/train.json",
        gate=gate_of,
        # As for a training.
        tried=equivalence_of("{precision}/scores.npz"),
        schema="schemas/metrics.schema.yaml",
    output:
        scores=f"{RUN}/scores.f32",
        metrics=f"{RUN}/predict.json",
    log:
        f"{RUN_LOGS}/predict.log",
        predict_settings=f"{RUN}/predict-settings.json",
    params:
        program=PLAN.programs("predict"),
        settings=PLAN.predict_settings,
        launch=PLAN.launch("predict"),
        limits=PLAN.limits,
        left_out=left_out_by_gate,
    script:
        "../scripts/runs/predict.py"


rule score:
    input:
        scores=f"{RUN}/scores.f32",
        metrics=f"{RUN}/predict.json",
        labels=lambda wildcards: data_of(wildcards, f"{scored_part(wildcards)}-labels.u8"),
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
        gate=equivalence_of("gate.json"),
        reference=reference_runs,
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
