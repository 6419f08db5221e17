"""Builds: the programs of frameworks in compiled languages, and what they were built with. They are not timed."""


rule build:
    input:
        files=PLAN.files("prepare", "train", "predict"),
        environment=INPUTS.environment,
    output:
        descriptions.BUILT,
    log:
        "logs/builds/{framework}.log",
    # Never on a cluster's nodes: a package manager downloads what it compiles.
    localrule: True
    # Compilers use many processes, so nothing is timed beside them.
    threads: workflow.cores
    params:
        **PLAN.start(),
        build=lambda wildcards: FRAMEWORKS[wildcards.framework]["build"],
        sources=lambda wildcards: descriptions.source_folder(wildcards.framework, FRAMEWORKS[wildcards.framework]),
    script:
        "../scripts/builds/build.py"
