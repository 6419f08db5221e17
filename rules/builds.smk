"""Builds: the programs of frameworks in compiled languages.

Needs a framework's environment and sources. Leaves resources/builds/<framework>/, a folder with its compiled programs
and versions.json, which says what they were built with. Builds are not timed.
"""


rule build:
    input:
        files=PLAN.files("prepare", "train", "predict"),
        environment=environment_of,
    output:
        BUILD,
    log:
        "logs/builds/{framework}.log",
    # Never on a cluster's nodes: a package manager downloads what it compiles.
    localrule: True
    # Compilers use many processes, so nothing is timed beside them.
    threads: workflow.cores
    params:
        build=lambda wildcards: FRAMEWORKS[wildcards.framework]["build"],
        program=PLAN.programs(),
        sources=lambda wildcards: descriptions.source_folder(wildcards.framework, FRAMEWORKS[wildcards.framework]),
        limits=PLAN.limits,
    script:
        "../scripts/builds/build.py"
