"""The audit: which kernels each framework's matrix products run with, and how fast they are. The images are made up."""


rule audit:
    input:
        **INPUTS.programs("prepare", "train", warm_up=False),
        lanes=LANES,
        schema="schemas/audit.schema.yaml",
    output:
        "<results>/audit/{framework}.json",
    # This job is timed. It runs last, and side by side only if timed runs do.
    priority: -1
    threads: timed_cores
    params:
        **PLAN.start("prepare", "train"),
        compute_threads=config["compute_threads"],
    script:
        "../scripts/audit/kernels.py"


rule audit_table:
    input:
        audits=expand("<results>/audit/{framework}.json", framework=USED_FRAMEWORKS),
        frameworks=USED_DESCRIPTIONS,
    output:
        **written("<results>/tables/environments", "Tables", table="Environments and kernels"),
    params:
        one_processor=not config["measurement"]["mixed_processors"],
    script:
        "../scripts/audit/table.py"
