"""Threads: how much faster each framework trains a large network with more of them.

Needs what a training needs. Leaves results/threads/<threads>/<framework>/..., the table results/tables/threads.csv
and the figure results/figures/threads. The other timed runs compute with the number of threads that the configuration's
measurement says.
"""

SPEEDUP = config["speedup"]
# A program cannot be pinned to more cores than there are: here, or on a cluster on a node, of which a
# timed job takes all.
CORES = workflow.cores if ON_CLUSTER else PROCESSORS
THREAD_COUNTS = [n for n in SPEEDUP["compute_threads"] if n <= CORES]
SPEEDUP_FRAMEWORKS = [name for name in SPEEDUP["frameworks"] if name in USED_FRAMEWORKS]
THREADS_RUN = RUN.replace("<results>/runs", "<results>/threads/{compute_threads}")
THREADS_RUNS = expand(
    THREADS_RUN,
    compute_threads=THREAD_COUNTS,
    framework=SPEEDUP_FRAMEWORKS,
    recipe=SPEEDUP["recipe"],
    network=SPEEDUP["network"],
    seed=1,
)
if SPEEDUP["enabled"] and SPEEDUP_FRAMEWORKS and len(THREAD_COUNTS) > 1:
    TABLES.append("<results>/tables/threads.csv")
    FIGURES += ["<results>/figures/threads.svg", "<results>/figures/threads.png"]


use rule train as train_with_threads with:
    output:
        model=temp(directory(f"{THREADS_RUN}/model")),
        metrics=f"{THREADS_RUN}/train.json",
    log:
        f"{THREADS_RUN}/train.log".replace("<results>", "<logs>"),
    threads: all_cores
    params:
        launch=lambda wildcards: launch_flags(
            wildcards,
            "train",
            timed=True,
            threads=wildcards.compute_threads,
            repeats=recipe_of(wildcards)["epochs"],
        ),
    message:
        "Train {wildcards.framework} with {wildcards.compute_threads} threads"


# Where the cores were counted: a job of a cluster would count its own.
localrules:
    threads,


rule threads:
    input:
        metrics=expand("{run}/train.json", run=THREADS_RUNS),
        script="scripts/threads/table.py",
        modules=modules_of("scripts/threads/table.py"),
        workflow_environment=WORKFLOW_ENVIRONMENT,
    output:
        report("<results>/tables/threads.csv", category="Tables", labels={"table": "Threads"}),
    log:
        "<logs>/tables/threads.log",
    conda:
        "../envs/workflow.yaml"
    params:
        one_processor=ONE_PROCESSOR,
    message:
        "Compare the numbers of threads"
    shell:
        "python {input.script:q} --metrics {input.metrics:q} {params.one_processor} "
        "--output {output:q} > {log:q} 2>&1"


rule figure_threads:
    input:
        table="<results>/tables/threads.csv",
        lines="reference/lines_of_code.csv",
        frameworks=[descriptions.path_of(name) for name in SPEEDUP_FRAMEWORKS],
        script="scripts/threads/figure.py",
        modules=modules_of("scripts/threads/figure.py"),
        workflow_environment=WORKFLOW_ENVIRONMENT,
    output:
        svg="<results>/figures/threads.svg",
        png=report(
            "<results>/figures/threads.png",
            caption="../report/threads.rst",
            category="Figures",
            labels={"figure": "threads", "shows": "speed-up"},
        ),
    log:
        "<logs>/figures/threads.log",
    conda:
        "../envs/workflow.yaml"
    params:
        network=SPEEDUP["network"],
    message:
        "Draw the figure of the threads"
    shell:
        "python {input.script:q} --table {input.table:q} --network {params.network} "
        "--lines {input.lines:q} --frameworks {input.frameworks:q} "
        "--svg {output.svg:q} --png {output.png:q} > {log:q} 2>&1"
