"""Runs: each framework's programs, started and timed by the launcher, and their scores judged.

Needs the framework's environment, a data variant (for some frameworks in a store of their own, which
they prepare here) and the initial weights. Leaves, in
results/runs/<framework>/<recipe>/<network>/<seed>/, the model, the class scores of the test
images, what each program was told and what the launcher recorded of it, and the accuracy; and beside the networks a
table of all runs of a framework with a recipe. Where the framework's gate (equivalence.smk) does not let it
through, nothing is started: these files are there, but say why they are empty, and a second table lists the runs.
"""


def is_timed(wildcards):
    return RUNS.get(experiments.Run(**{**wildcards, "seed": int(wildcards.seed)}), False)


def all_cores(wildcards):
    """A job that takes them has the machine to itself."""
    return workflow.cores


def cores_of(wildcards):
    return all_cores(wildcards) if is_timed(wildcards) else 1


def launch_of(wildcards, role, *, timed, threads, repeats):
    """Return how the launcher starts a program that repeats its epochs or predictions so often.

    ``operations`` are the floating-point operations of an epoch, or of a prediction of the test images.
    """
    images = train_images_of(wildcards.recipe) if role == "train" else TEST_IMAGES
    layers = layer_sizes(wildcards.network, inputs_of(wildcards))
    work = operations(layers, images, training=role == "train")
    return {
        "timed": timed,
        "threads": threads,
        "repeats": repeats,
        "operations": work,
        "images": TEST_IMAGES if role == "predict" else None,
    }


def launch_run(role):
    """Return a params function: how the launcher starts a program of a run."""

    def how(wildcards):
        timed = is_timed(wildcards)
        threads = config["compute_threads"] if timed else 1
        epochs = experiments.run_epochs(recipe_of(wildcards), int(wildcards.seed))
        repeats = epochs if role == "train" else config["measurement"]["predict_repeats"]
        return launch_of(wildcards, role, timed=timed, threads=threads, repeats=repeats)

    return how


def gate_of(wildcards):
    """Return the file that says whether a framework may run with a recipe.

    Ancient: a gate that is judged again, because the reference has changed, reruns nothing by itself.
    """
    return ancient(equivalence_of("gate.json")(wildcards))


def left_out_by_gate(wildcards):
    """Return why a framework's gate does not let it through, or None.

    Read when the gate is there. What it says is thereby recorded as a parameter, and where that
    changes, the framework's runs are rerun; as a function of the input it would not be recorded.
    """
    gate = Path(equivalence_of("gate.json")(wildcards).replace("<results>", str(RESULTS)))
    return read_json(gate)["left_out"] if gate.exists() else None


def predict_settings_of(wildcards):
    return settings.predict_settings(
        recipe_of(wildcards),
        wildcards.network,
        inputs_of(wildcards),
        config["measurement"]["predict_repeats"],
    )


def folders_of(wildcards):
    """Return the folders of all runs of a framework with a recipe."""
    return RUN_FOLDERS[wildcards.framework, wildcards.recipe]


def reference_runs(wildcards):
    """Return the reference's table of runs with a recipe, which those of others are compared with."""
    if wildcards.framework == REFERENCE or (REFERENCE, wildcards.recipe) not in RUN_FOLDERS:
        return []
    return f"<results>/runs/{REFERENCE}/{wildcards.recipe}/runs.csv"


rule prepare:
    input:
        files=files_of("prepare"),
        environment=environment_of,
        images="<results>/data/{variant}/{part}-images.f32",
        # No program sees the labels of the test images.
        labels=branch(
            lambda wildcards: wildcards.part == "train",
            then="<results>/data/{variant}/train-labels.u8",
            otherwise=[],
        ),
        code=code("runs/prepare.py"),
    output:
        directory(STORE),
    log:
        "<logs>/stores/{framework}/{variant}/{part}.log",
    params:
        program=programs("prepare"),
        limits=limits,
        inputs=lambda wildcards: config["data_variants"][wildcards.variant]["image_size"] ** 2,
    script:
        "../scripts/runs/prepare.py"


rule warm_up:
    input:
        files=files_of("train", "predict"),
        environment=environment_of,
        code=code("runs/warm_up.py"),
    output:
        WARM_UP,
    log:
        "<logs>/warm-up/{framework}/{recipe}/{network}.log",
    resources:
        # One at a time (profiles/default), beside whatever else runs: they compile into one folder,
        # on which Theano itself has a lock.
        warm_ups=1,
    params:
        program=programs("train", "predict"),
        limits=limits,
        train=lambda wildcards: settings.train_settings(
            recipe_of(wildcards), wildcards.network, inputs_of(wildcards), seed=0
        ),
        predict=lambda wildcards: settings.predict_settings(
            recipe_of(wildcards), wildcards.network, inputs_of(wildcards), repeats=1
        ),
    script:
        "../scripts/runs/warm_up.py"


rule train:
    input:
        unpack(images_of("train")),
        files=files_of("train"),
        warm_up=warm_up_of,
        environment=environment_of,
        weights="<results>/initial-weights/{recipe}/{network}/{seed}.f32",
        gate=gate_of,
        # As the gate is ancient, this makes a change of the program run its gate first.
        tried=equivalence_of("{precision}/refusal.json"),
        code=code("runs/train.py"),
        schema="schemas/metrics.schema.yaml",
    output:
        model=directory(f"{RUN}/model"),
        metrics=f"{RUN}/train.json",
    log:
        f"{RUN_LOGS}/train.log",
        # A log to Snakemake, as it must stay where the program fails.
        settings=f"{RUN}/train-settings.json",
    threads: cores_of
    params:
        program=programs("train"),
        settings=train_settings_of,
        launch=launch_run("train"),
        limits=limits,
        left_out=left_out_by_gate,
    script:
        "../scripts/runs/train.py"


rule predict:
    input:
        unpack(images_of("test")),
        files=files_of("predict"),
        warm_up=warm_up_of,
        environment=environment_of,
        model=f"{RUN}/model",
        trained=f"{RUN}/train.json",
        gate=gate_of,
        # As for a training.
        tried=equivalence_of("{precision}/scores.npz"),
        code=code("runs/predict.py"),
        schema="schemas/metrics.schema.yaml",
    output:
        scores=f"{RUN}/scores.f32",
        metrics=f"{RUN}/predict.json",
    log:
        f"{RUN_LOGS}/predict.log",
        settings=f"{RUN}/predict-settings.json",
    threads: cores_of
    params:
        program=programs("predict"),
        settings=predict_settings_of,
        launch=launch_run("predict"),
        limits=limits,
        left_out=left_out_by_gate,
    script:
        "../scripts/runs/predict.py"


rule score:
    input:
        scores=f"{RUN}/scores.f32",
        metrics=f"{RUN}/predict.json",
        labels=lambda wildcards: data_of(wildcards, "test-labels.u8"),
        code=code("runs/score.py"),
    output:
        f"{RUN}/score.json",
    log:
        f"{RUN_LOGS}/score.log",
    params:
        accuracy=lambda wildcards: recipe_of(wildcards)["accuracy"],
    script:
        "../scripts/runs/score.py"


rule collect_runs:
    input:
        lambda wildcards: expand(
            "{folder}/{step}.json",
            folder=folders_of(wildcards),
            step=["train", "predict", "score"],
        ),
        gate=equivalence_of("gate.json"),
        reference=reference_runs,
        code=code("runs/collect.py"),
        schema="schemas/runs.schema.yaml",
    output:
        runs="<results>/runs/{framework}/{recipe}/runs.csv",
        left_out="<results>/runs/{framework}/{recipe}/left-out.csv",
    log:
        "<logs>/runs/{framework}/{recipe}/runs.log",
    params:
        # The table lies beside the networks' folders.
        runs=lambda wildcards: [
            "/".join(Path(folder).parts[-2:]) for folder in folders_of(wildcards)
        ],
        dataset=DATASET["label"],
        train_images=lambda wildcards: train_images_of(wildcards.recipe),
        accuracy=lambda wildcards: recipe_of(wildcards)["accuracy"],
    script:
        "../scripts/runs/collect.py"
