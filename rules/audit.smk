"""The audit: which kernels each framework's matrix products run with, and how fast they are.

Needs the frameworks' environments and the measured cost of timing side by side. The images are made up. Leaves
results/audit/<framework>.json and the table of all, results/tables/environments.csv and .md.
"""


rule audit:
    input:
        files=PLAN.files("prepare", "train"),
        build=build_of,
        environment=environment_of,
        lanes=LANES,
        schema="schemas/audit.schema.yaml",
    output:
        "<results>/audit/{framework}.json",
    # This job is timed. It runs last, and side by side only if timed runs do.
    priority: -1
    threads: timed_cores
    params:
        program=PLAN.programs("prepare", "train"),
        compute_threads=config["compute_threads"],
        limits=PLAN.limits,
    script:
        "../scripts/audit/kernels.py"


rule audit_table:
    input:
        audits=expand("<results>/audit/{framework}.json", framework=USED_FRAMEWORKS),
        frameworks=USED_DESCRIPTIONS,
    output:
        **written("<results>/tables/environments", "Tables", table="Environments and kernels"),
    params:
        one_processor=ONE_PROCESSOR,
    script:
        "../scripts/audit/table.py"
