"""Times: how long programs take, in short trainings that are repeated in blocks.

Timed runs have the lowest priority, in the order of their blocks.
"""

TIMED = "<results>/times/{framework}/{recipe}/{length}/{network}/{seed}"
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
        environments=ancient(PLAN.handles(TRIED_SIDE_BY_SIDE)) if ON_CLUSTER else [],
    output:
        LANES,
    priority: -1
    threads: workflow.cores
    params:
        threads=config["compute_threads"],
        programs=unrecorded(PLAN.side_by_side(TRIED_SIDE_BY_SIDE)),
        settings=unrecorded(PLAN.side_by_side_settings(FIGURE_RECIPE)),
        limit=unrecorded(SIDE_BY_SIDE["limit"] if config["measurement"]["lanes"] == "auto" else None),
        reference=REFERENCE,
        limits=PLAN.limits,
    script:
        "../scripts/times/lanes.py"


rule time_run:
    input:
        unpack(INPUTS.timed_images),
        **INPUTS.programs("train", "predict"),
        weights=INPUTS.weights,
        gate=INPUTS.gate,
        tried=INPUTS.equivalence("{precision}/scores.npz"),
        lanes=LANES,
        schema="schemas/metrics.schema.yaml",
    output:
        model=directory(f"{TIMED}/model"),
        scores=temp(f"{TIMED}/scores.f32"),
        metrics=f"{TIMED}/times.json",
    log:
        "<logs>/times/{framework}/{recipe}/{length}/{network}/{seed}.log",
        train_settings=f"{TIMED}/train-settings.json",
        predict_settings=f"{TIMED}/predict-settings.json",
    priority: PLAN.start_order
    threads: timed_cores
    params:
        **PLAN.start("train", "predict"),
        settings=PLAN.timed_settings,
        launch=PLAN.launch("train", "predict", timed=True),
        lanes_asked=config["measurement"]["lanes"],
        # Not recorded either: times that were measured elsewhere are kept.
        lanes=lambda wildcards, input, output: lane_count(
            config, input.lanes, None if workflow.remote_exec else CORES, alike=ON_CLUSTER
        ),
        disturbed_share=unrecorded(config["measurement"]["disturbed_share"]),
        left_out=INPUTS.left_out,
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
        gate=INPUTS.equivalence("gate.json"),
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
        one_processor=not config["measurement"]["mixed_processors"],
        columns=columns_of("times"),


use rule merge_runs as merge_left_out_times with:
    input:
        tables=expand("{folder}/left-out.csv", folder=TIMED_FOLDERS),
    output:
        shown("<results>/tables/left-out-times.csv", "Tables", table="Timed runs left out"),
    params:
        columns=left_out.TIME_COLUMNS,
