"""Times: how long programs take, in short trainings that are repeated in blocks.

Needs what a run needs. Measures once what timing side by side costs on this machine (results/lanes.json). Leaves, in
results/times/<framework>/<recipe>/<length>/<network>/<block>/, what the launcher recorded of a timed run; a table of
the runs of each framework with each recipe; and the table of all of them, results/tables/times.csv. Timed runs have the
lowest priority, in the order of their blocks.
"""

TIMED = "<results>/times/{framework}/{recipe}/{length}/{network}/{seed}"
TIMED_LOGS = "<logs>/times/{framework}/{recipe}/{length}/{network}/{seed}"
TIMED_FOLDERS = [f"<results>/times/{framework}/{recipe}" for framework, recipe in PLAN.timed_pairs]
SIDE_BY_SIDE = config["measurement"]["side_by_side"]
# The programs that are tried side by side: the reference, and those of the configuration that run here.
TRIED_SIDE_BY_SIDE = [
    REFERENCE,
    *(name for name in SIDE_BY_SIDE["frameworks"] if name in USED_FRAMEWORKS and name != REFERENCE),
]


wildcard_constraints:
    length="short|whole",


rule lanes:
    input:
        # A cluster may start a job of low priority at once. On one machine, the environments exist by then. Ancient: a
        # new environment is not a reason to measure again.
        environments=(
            ancient(expand(ENVIRONMENT, environment=[FRAMEWORKS[name]["environment"] for name in TRIED_SIDE_BY_SIDE]))
            if ON_CLUSTER
            else []
        ),
    output:
        LANES,
    priority: -1
    threads: workflow.cores
    params:
        threads=config["compute_threads"],
        # Snakemake does not record functions of the output.
        programs=lambda wildcards, output: PLAN.side_by_side(TRIED_SIDE_BY_SIDE),
        settings=lambda wildcards, output: PLAN.side_by_side_settings(FIGURE_RECIPE),
        limit=lambda wildcards, output: (SIDE_BY_SIDE["limit"] if config["measurement"]["lanes"] == "auto" else None),
        reference=REFERENCE,
        limits=PLAN.limits,
    script:
        "../scripts/times/lanes.py"


rule time_run:
    input:
        unpack(timed_images_of),
        files=PLAN.files("train", "predict"),
        build=build_of,
        warm_up=warm_up_of,
        environment=environment_of,
        weights=weights_of,
        gate=gate_of,
        tried=equivalence_of("{precision}/scores.npz"),
        lanes=LANES,
        schema="schemas/metrics.schema.yaml",
    output:
        model=directory(f"{TIMED}/model"),
        scores=temp(f"{TIMED}/scores.f32"),
        metrics=f"{TIMED}/times.json",
    log:
        f"{TIMED_LOGS}.log",
        train_settings=f"{TIMED}/train-settings.json",
        predict_settings=f"{TIMED}/predict-settings.json",
    priority: PLAN.start_order
    threads: timed_cores
    params:
        program=PLAN.programs("train", "predict"),
        settings=PLAN.timed_settings,
        launch=PLAN.launch("train", "predict", timed=True),
        limits=PLAN.limits,
        lanes_asked=config["measurement"]["lanes"],
        # Snakemake does not record functions of the output, so times that were measured elsewhere are kept.
        lanes=lambda wildcards, input, output: lanes_of(input),
        disturbed_share=lambda wildcards, output: config["measurement"]["disturbed_share"],
        left_out=left_out_by_gate,
    script:
        "../scripts/times/run.py"


rule collect_times:
    input:
        runs=lambda wildcards: expand(
            "<results>/times/{framework}/{recipe}/{folder}/times.json",
            framework=wildcards.framework,
            recipe=wildcards.recipe,
            folder=PLAN.timed_folders(wildcards),
        ),
        gate=equivalence_of("gate.json"),
        schema="schemas/times.schema.yaml",
    output:
        times="<results>/times/{framework}/{recipe}/times.csv",
        left_out="<results>/times/{framework}/{recipe}/left-out.csv",
    params:
        runs=PLAN.timed_folders,
        dataset=DATASET["label"],
        steps=PLAN.epoch_steps,
        timed_images=PLAN.timed_images,
    script:
        "../scripts/times/collect.py"


use rule merge_runs as merge_times with:
    input:
        tables=expand("{folder}/times.csv", folder=TIMED_FOLDERS),
    output:
        shown("<results>/tables/times.csv", "Tables", table="Timed runs"),
    params:
        one_processor=ONE_PROCESSOR,
        columns=columns_of("times"),


use rule merge_runs as merge_left_out_times with:
    input:
        tables=expand("{folder}/left-out.csv", folder=TIMED_FOLDERS),
    output:
        shown("<results>/tables/left-out-times.csv", "Tables", table="Timed runs left out"),
    params:
        columns=left_out.TIME_COLUMNS,
