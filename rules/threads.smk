"""Threads: how much faster each framework trains with more of them. Other timed runs have `compute_threads`."""

SPEEDUP = config["speedup"]
THREADS_RUN = "<results>/threads/{compute_threads}/{framework}/{recipe}/{network}/{seed}"


use rule train as train_with_threads with:
    output:
        model=temp(directory(f"{THREADS_RUN}/model")),
        metrics=f"{THREADS_RUN}/train.json",
    log:
        "<logs>/threads/{compute_threads}/{framework}/{recipe}/{network}/{seed}/train.log",
        train_settings=f"{THREADS_RUN}/train-settings.json",
    threads: workflow.cores
    params:
        launch=PLAN.launch("train", timed=True),


rule threads:
    input:
        metrics=expand(
            f"{THREADS_RUN}/train.json",
            compute_threads=THREAD_COUNTS,
            framework=SPEEDUP_FRAMEWORKS,
            recipe=SPEEDUP["recipe"],
            network=SPEEDUP["network"],
            seed=1,
        ),
    output:
        shown("<results>/tables/threads.csv", "Tables", when=SPEEDUP_FRAMEWORKS, table="Threads"),
    # It runs where the cores were counted, and so does what reads it. A job on a cluster would count the cores of its node.
    localrule: True
    params:
        one_processor=not config["measurement"]["mixed_processors"],
    script:
        "../scripts/threads/table.py"


rule figure_threads:
    input:
        table="<results>/tables/threads.csv",
        lines="reference/lines-of-code.csv",
        frameworks=[descriptions.path_of(name) for name in SPEEDUP_FRAMEWORKS],
    output:
        **drawn("<results>/figures/threads", "Figures", when=SPEEDUP_FRAMEWORKS, figure="threads", shows="speed-up"),
    localrule: True
    params:
        network=SPEEDUP["network"],
    script:
        "../scripts/threads/figure.py"
