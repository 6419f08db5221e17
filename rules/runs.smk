"""Runs: each framework's programs, started and timed by the launcher, and their scores judged.

Needs the framework's environment, a data variant (for some frameworks in a store of their own, which
they prepare here) and the initial weights. Leaves, in
results/runs/<framework>/<recipe>/<network>/<seed>/, the model, the class scores of the test
images, what the launcher recorded of both programs, and the accuracy; and beside the networks a table of
all runs of a framework with a recipe. Where the framework's gate (rules/equivalence.smk) does not let it
through, nothing is started: these files are there, but say why they are empty, and a second table lists the runs.
"""


rule prepare:
    input:
        program("prepare"),
        environment=environment_of,
        images="<results>/data/{variant}/{part}-images.f32",
        # No program sees the labels of the test images.
        labels=lambda wildcards: (
            "<results>/data/{variant}/train-labels.u8" if wildcards.part == "train" else []
        ),
    output:
        store=directory(STORE),
    log:
        f"{STORE}.log".replace("<results>", "<logs>"),
    conda:
        environment_file_of
    params:
        programs=lambda wildcards: Path(environment_of(wildcards)).parent / "bin",
        command=lambda wildcards: command_of("prepare", wildcards),
        labels=lambda wildcards, input: ["--labels", input.labels] if input.labels else [],
        inputs=lambda wildcards: config["data_variants"][wildcards.variant]["image_size"] ** 2,
    message:
        "Prepare {wildcards.variant}, {wildcards.part}, for {wildcards.framework}"
    shell:
        'PATH="$PWD/{params.programs}:$PATH" {params.command} --images {input.images:q} '
        "{params.labels:q} --inputs {params.inputs} --store {output.store:q} > {log:q} 2>&1"


rule warm_up:
    input:
        program("train"),
        program("predict"),
        environment=environment_of,
        script="scripts/warm_up.py",
        launcher=LAUNCHER,
        workflow_environment=ancient(WORKFLOW_ENVIRONMENT),
    output:
        WARM_UP,
    log:
        WARM_UP.replace("<results>", "<logs>").replace(".json", ".log"),
    conda:
        environment_file_of
    resources:
        # One at a time (profiles/default), beside whatever else runs: they compile into one folder,
        # on which Theano itself has a lock.
        warm_ups=1,
    params:
        description=description_of,
        limits=limits,
        train=lambda wildcards: command_of("train", wildcards),
        predict=lambda wildcards: command_of("predict", wildcards),
        flags=lambda wildcards: json.dumps(
            {
                "train": configuration.train_flags(
                    recipe_of(wildcards), wildcards.network, inputs_of(wildcards), seed=0
                ),
                "predict": configuration.predict_flags(
                    recipe_of(wildcards), wildcards.network, inputs_of(wildcards), repeats=1
                ),
            }
        ),
    message:
        "Let {wildcards.framework} compile {wildcards.network}, {wildcards.recipe}"
    shell:
        "python {input.script:q} --environment {input.environment:q} {params.limits} "
        "--description {params.description:q} --train {params.train:q} --predict {params.predict:q} "
        "--flags {params.flags:q} --output {output:q} > {log:q} 2>&1"


rule train:
    input:
        unpack(images_of("train")),
        program("train"),
        warm_up=warm_up_of,
        environment=environment_of,
        weights="<results>/initial-weights/{recipe}/{network}/{seed}.f32",
        gate=gate_of,
        # As the gate is ancient, this makes a change of the program run its gate first.
        tried=equivalence_of("{precision}/refusal.json"),
        launcher=LAUNCHER,
        schema="schemas/metrics.schema.yaml",
        workflow_environment=ancient(WORKFLOW_ENVIRONMENT),
    output:
        model=directory(f"{RUN}/model"),
        metrics=f"{RUN}/train.json",
    log:
        f"{RUN}/train.log".replace("<results>", "<logs>"),
    conda:
        environment_file_of
    threads: cores_of
    params:
        launch=run_flags(
            "train",
            lambda wildcards: configuration.run_epochs(recipe_of(wildcards), int(wildcards.seed)),
        ),
        limits=limits,
        left_out=left_out_flag,
        description=description_of,
        images=image_flags,
        command=lambda wildcards: command_of("train", wildcards),
        flags=lambda wildcards: configuration.command_line(
            configuration.train_flags(
                recipe_of(wildcards), wildcards.network, inputs_of(wildcards), int(wildcards.seed)
            )
        ),
    message:
        "Train {wildcards.framework}, {wildcards.recipe}, {wildcards.network}, seed {wildcards.seed}"
    shell:
        "python {input.launcher[0]:q} train {params.launch} {params.limits} {params.left_out:q} --model {output.model:q} "
        "--description {params.description:q} "
        "--environment {input.environment:q} --schema {input.schema:q} --metrics {output.metrics:q} "
        "-- {params.command} {params.images:q} "
        "--initial-weights {input.weights:q} --model {output.model:q} {params.flags} > {log:q} 2>&1"


rule predict:
    input:
        unpack(images_of("test")),
        program("predict"),
        warm_up=warm_up_of,
        environment=environment_of,
        model=f"{RUN}/model",
        trained=f"{RUN}/train.json",
        gate=gate_of,
        # As for a training.
        tried=equivalence_of("{precision}/scores.npz"),
        launcher=LAUNCHER,
        schema="schemas/metrics.schema.yaml",
        workflow_environment=ancient(WORKFLOW_ENVIRONMENT),
    output:
        scores=f"{RUN}/scores.f32",
        metrics=f"{RUN}/predict.json",
    log:
        f"{RUN}/predict.log".replace("<results>", "<logs>"),
    conda:
        environment_file_of
    threads: cores_of
    params:
        launch=run_flags("predict", lambda wildcards: config["measurement"]["predict_repeats"]),
        limits=limits,
        left_out=left_out_flag,
        description=description_of,
        images=image_flags,
        command=lambda wildcards: command_of("predict", wildcards),
        flags=lambda wildcards: configuration.command_line(
            configuration.predict_flags(
                recipe_of(wildcards),
                wildcards.network,
                inputs_of(wildcards),
                config["measurement"]["predict_repeats"],
            )
        ),
    message:
        "Predict {wildcards.framework}, {wildcards.recipe}, {wildcards.network}, seed {wildcards.seed}"
    shell:
        "python {input.launcher[0]:q} predict {params.launch} {params.limits} {params.left_out:q} "
        "--description {params.description:q} "
        "--environment {input.environment:q} --schema {input.schema:q} --metrics {output.metrics:q} "
        "--model {input.model:q} --trained {input.trained:q} --scores {output.scores:q} "
        "-- {params.command} {params.images:q} --model {input.model:q} "
        "--scores {output.scores:q} {params.flags} > {log:q} 2>&1"


rule score:
    input:
        scores=f"{RUN}/scores.f32",
        metrics=f"{RUN}/predict.json",
        labels=lambda wildcards: data_of(wildcards, "test-labels.u8"),
        script="scripts/score.py",
        modules=modules_of("scripts/score.py"),
        workflow_environment=ancient(WORKFLOW_ENVIRONMENT),
    output:
        f"{RUN}/score.json",
    log:
        f"{RUN}/score.log".replace("<results>", "<logs>"),
    conda:
        "../envs/workflow.yaml"
    params:
        flags=lambda wildcards: configuration.command_line(recipe_of(wildcards)["accuracy"]),
    message:
        "Score {wildcards.framework}, {wildcards.recipe}, {wildcards.network}, seed {wildcards.seed}"
    shell:
        "python {input.script:q} --scores {input.scores:q} --metrics {input.metrics:q} "
        "--test-labels {input.labels:q} {params.flags} --output {output:q} > {log:q} 2>&1"


rule collect_runs:
    input:
        lambda wildcards: expand(
            "{folder}/{file}",
            folder=folders_of(wildcards),
            file=["train.json", "predict.json", "score.json"],
        ),
        gate=equivalence_of("gate.json"),
        reference=reference_runs,
        script="scripts/collect_runs.py",
        modules=modules_of("scripts/collect_runs.py"),
        schema="schemas/runs.schema.yaml",
        workflow_environment=ancient(WORKFLOW_ENVIRONMENT),
    output:
        runs="<results>/runs/{framework}/{recipe}/runs.csv",
        left_out="<results>/runs/{framework}/{recipe}/left-out.csv",
    log:
        "<logs>/runs/{framework}/{recipe}/runs.log",
    conda:
        "../envs/workflow.yaml"
    params:
        reference=lambda wildcards, input: input.reference and ["--reference", input.reference],
        # The table lies beside the networks' folders.
        folder=lambda wildcards, output: Path(output[0]).parent,
        runs=lambda wildcards: [
            "/".join(Path(folder).parts[-2:]) for folder in folders_of(wildcards)
        ],
        dataset=DATASET["label"],
        train_images=lambda wildcards: train_images_of(wildcards.recipe),
        accuracy=lambda wildcards: recipe_of(wildcards)["accuracy"],
    message:
        "Collect the runs of {wildcards.framework} with {wildcards.recipe}"
    shell:
        "python {input.script:q} --folder {params.folder:q} --runs {params.runs:q} "
        "--framework {wildcards.framework:q} --recipe {wildcards.recipe:q} "
        "--dataset {params.dataset:q} --train-images {params.train_images} "
        "--accuracy-rule {params.accuracy[rule]} --accuracy-images {params.accuracy[images]} "
        "--gate {input.gate:q} {params.reference:q} --schema {input.schema:q} --output {output.runs:q} "
        "--left-out {output.left_out:q} > {log:q} 2>&1"
